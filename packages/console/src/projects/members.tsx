import type { Member, Project } from '@chatelaine/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { useLocation } from 'wouter'
import { useApi } from '../server.tsx'
import { usePerson } from '../session/person.tsx'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { textIn } from '../ui/form.tsx'
import { Instant } from '../ui/time.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import './members.css'

const text = words.projects

type Role = Member['role']

const roles = Object.keys(text.roles) as Role[]

/** Who belongs to a project, and, for those who manage it, the ways to change that. */
export function Members({
  project,
  members,
  mayManage,
}: {
  project: Project
  members: readonly Member[]
  mayManage: boolean
}) {
  const api = useApi()
  const person = usePerson()
  const [, go] = useLocation()
  const queries = useQueryClient()
  // A member who leaves takes the tokens along that he or she made.
  const changed = async () => {
    await queries.invalidateQueries({ queryKey: ['projects'] })
    await queries.invalidateQueries({ queryKey: ['tokens'] })
  }
  const setRole = useMutation({
    mutationFn: ({ accountId, role }: { accountId: string; role: Role }) =>
      api.projects.updateMember(project.id, accountId, { role }),
    onSettled: changed,
  })
  return (
    <>
      {setRole.isError && <Problem error={setRole.error} />}
      <ul className="plain-list">
        {members.map((member) => (
          <li className="member" key={member.account_id}>
            <span>
              <strong>{nameOf(member)}</strong>{' '}
              <span className="muted">
                {text.since} <Instant at={member.since} />
              </span>
            </span>
            {mayManage ? (
              <select
                className="input"
                aria-label={text.roleOf(nameOf(member))}
                value={member.role}
                disabled={setRole.isPending}
                onChange={({ target }) => setRole.mutate({ accountId: member.account_id, role: target.value as Role })}
              >
                {roles.map((role) => (
                  <option key={role} value={role}>
                    {text.roles[role]}
                  </option>
                ))}
              </select>
            ) : (
              <span>{text.roles[member.role]}</span>
            )}
            {(mayManage || member.account_id === person.id) && (
              <Confirm
                name={member.account_id === person.id ? text.leave : text.remove}
                look="danger"
                {...(member.account_id === person.id ? {} : { label: text.removeNamed(nameOf(member)) })}
                title={text.removeTitle(nameOf(member))}
                text={text.removeText}
                doIt={async () => {
                  await api.projects.removeMember(project.id, member.account_id)
                  // Whoever has left sees nothing of the project any more.
                  if (member.account_id === person.id && person.role !== 'admin') go('/projects', { replace: true })
                  await changed()
                }}
              />
            )}
          </li>
        ))}
      </ul>
      {mayManage && <NewMember projectId={project.id} onAdded={changed} />}
    </>
  )
}

function nameOf({ username, name }: Member): string {
  return name === '' ? username : `${name} (${username})`
}

function NewMember({ projectId, onAdded }: { projectId: string; onAdded: () => Promise<void> }) {
  const api = useApi()
  const form = useRef<HTMLFormElement>(null)
  const add = useMutation({
    mutationFn: (filled: FormData) =>
      api.projects.addMember(projectId, {
        username: textIn(filled, 'username').trim(),
        role: textIn(filled, 'role') as Role,
      }),
    onSuccess: async () => {
      form.current?.reset()
      await onAdded()
    },
  })
  return (
    <form
      ref={form}
      className="member-new"
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate(new FormData(event.currentTarget))
      }}
    >
      <TextField label={text.addWhom} name="username" autoCapitalize="none" required />
      <SelectField label={text.role} name="role" defaultValue="member">
        {roles.map((role) => (
          <option key={role} value={role}>
            {text.roles[role]}
          </option>
        ))}
      </SelectField>
      <Button type="submit" isBusy={add.isPending}>
        {text.add}
      </Button>
      {add.isError && <Problem error={add.error} />}
    </form>
  )
}
