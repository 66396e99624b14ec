import type { Member, Project } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useParams } from 'wouter'
import { useApi } from '../server.tsx'
import { usePerson } from '../session/person.tsx'
import { ButtonLink } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { LoadedPage } from '../ui/loaded-page.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { words } from '../words/words.ts'
import { Members } from './members.tsx'

const text = words.projects

/** One project: its tokens, its members, and its end. The list of tokens is passed in, since it is the same everywhere. */
export function ProjectPage({ tokensOf }: { tokensOf: (project: Project) => ReactNode }) {
  const api = useApi()
  const { id = '' } = useParams()
  const project = useQuery({
    queryKey: ['projects', 'one', id],
    queryFn: ({ signal }) => api.projects.get(id, { signal }),
  })
  const members = useQuery({
    queryKey: ['projects', 'members', id],
    queryFn: ({ signal }) => api.projects.listMembers(id, { signal }),
  })
  return (
    <LoadedPage query={project} title={text.one}>
      {(found) => (
        <LoadedPage query={members} title={found.name}>
          {(list) => (
            <ProjectView project={found} members={list}>
              {tokensOf(found)}
            </ProjectView>
          )}
        </LoadedPage>
      )}
    </LoadedPage>
  )
}

function ProjectView({
  project,
  members,
  children,
}: {
  project: Project
  members: readonly Member[]
  children: ReactNode
}) {
  const api = useApi()
  const person = usePerson()
  const queries = useQueryClient()
  const role = members.find(({ account_id: id }) => id === person.id)?.role
  const mayManage = person.role === 'admin' || role === 'owner' || role === 'manager'
  const isArchived = project.status === 'archived'
  return (
    <Page
      title={project.name}
      actions={
        !isArchived && (
          <>
            <ButtonLink look="primary" href={`/tokens/new?project=${project.id}`}>
              {words.tokens.create}
            </ButtonLink>
            {mayManage && (
              <Confirm
                name={text.archive}
                look="danger"
                title={text.archiveTitle}
                text={text.archiveText(project.name)}
                doIt={async () => {
                  await api.projects.archive(project.id)
                  await queries.invalidateQueries()
                }}
              />
            )}
          </>
        )
      }
    >
      {isArchived && <Notice kind="warning">{text.isArchived}</Notice>}
      {project.description !== '' && <p>{project.description}</p>}
      {children}
      <Sheet title={text.members}>
        <Members project={project} members={members} mayManage={mayManage && !isArchived} />
      </Sheet>
    </Page>
  )
}
