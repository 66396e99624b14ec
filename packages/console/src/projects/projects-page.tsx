import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { TextAreaField, TextField } from '../ui/field.tsx'
import { Form, textIn } from '../ui/form.tsx'
import { Mark } from '../ui/mark.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Paged, usePages } from '../ui/paged.tsx'
import { Instant } from '../ui/time.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'

const text = words.projects

/** The projects that a person belongs to; for an administrator all of them. */
export function ProjectsPage() {
  const api = useApi()
  const [isNew, setNew] = useState(false)
  const list = usePages(['projects', 'list'], (cursor, options) =>
    api.projects.page({ limit: 100, ...cursor }, options),
  )
  return (
    <Page
      title={words.nav.projects}
      actions={
        <Button look="primary" aria-expanded={isNew} onClick={() => setNew(!isNew)}>
          {text.create}
        </Button>
      }
    >
      <p className="muted">{text.about}</p>
      {isNew && <NewProject />}
      <Paged list={list} empty={text.none}>
        {(projects) => (
          <ul className="lines">
            {projects.map((project) => (
              <li key={project.id}>
                <span className="lines-name">
                  <Link href={`/projects/${project.id}`}>{project.name}</Link>
                  {project.status === 'archived' && <Mark>{text.archived}</Mark>}
                  {project.description !== '' && <span className="muted">{project.description.slice(0, 120)}</span>}
                </span>
                <span className="muted">
                  {text.since} <Instant at={project.created_at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Paged>
    </Page>
  )
}

function NewProject() {
  const api = useApi()
  const [, go] = useLocation()
  const queries = useQueryClient()
  const create = useMutation({
    mutationFn: (form: FormData) =>
      api.projects.create({ name: textIn(form, 'name').trim(), description: textIn(form, 'description') }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['projects'] })
      go(`/projects/${id}`)
    },
  })
  return (
    <Sheet title={text.create}>
      <Form onSubmit={(filled) => create.mutate(filled)}>
        <TextField label={text.name} name="name" maxLength={256} required />
        <TextAreaField label={text.description} name="description" maxLength={4_096} />
        {create.isError && <Problem error={create.error} />}
        <Button type="submit" look="primary" isBusy={create.isPending}>
          {text.submit}
        </Button>
      </Form>
    </Sheet>
  )
}
