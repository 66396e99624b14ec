import {
  isProblem,
  type Client,
  type IssuedToken,
  type Project,
  type Scope,
  type TokenAllowance,
} from '@chatelaine/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useSearch } from 'wouter'
import { useCatalogue } from '../catalogue.ts'
import { useApi } from '../server.tsx'
import { usePerson } from '../session/person.tsx'
import { Button, ButtonLink } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { faultAt, Form } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { useNow } from '../ui/time.tsx'
import { Loaded, Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { creationOf, lifeFaultOf, type Draft } from './draft.ts'
import { ExpiryChoice } from './expiry-choice.tsx'
import { prefilledBy } from './link.ts'
import { LimitFields } from './limit-fields.tsx'
import { useTokenNews } from './news.ts'
import { ReachChoice } from './reach-choice.tsx'
import { ScopeChoice, withReserved } from './scope-choice.tsx'
import { SecretShown } from './secret-shown.tsx'
import { sentenceOf } from './sentence.ts'

const text = words.create

/** Makes a token, and shows its secret the one time. */
export function CreatePage() {
  const [made, setMade] = useState<IssuedToken>()
  if (made !== undefined) return <SecretShown issued={made} />
  return <CreateForm onMade={setMade} />
}

function CreateForm({ onMade }: { onMade: (issued: IssuedToken) => void }) {
  const api = useApi()
  const link = new URLSearchParams(useSearch())
  const wanted = link.get('project') ?? ''
  const projects = useQuery({
    queryKey: ['projects', 'choice', wanted],
    queryFn: ({ signal }) => projectsWith(api, wanted, signal),
  })
  const catalogue = useCatalogue()
  return (
    <Page title={text.title} isNarrow>
      <Loaded query={projects}>
        {(projectList) => (
          <Loaded query={catalogue}>
            {(scopes) => <DraftForm link={link} projects={projectList} catalogue={scopes} onMade={onMade} />}
          </Loaded>
        )}
      </Loaded>
    </Page>
  )
}

const projectIdShape = /^prj_[0-9A-Za-z]{16}$/

/** The projects to choose from, with the one that is wanted also where there are more than can be shown. */
async function projectsWith(api: Client, wanted: string, signal: AbortSignal): Promise<readonly Project[]> {
  const { data } = await api.projects.page({ limit: 200, status: 'active' }, { signal })
  if (!projectIdShape.test(wanted) || data.some(({ id }) => id === wanted)) return data
  try {
    const project = await api.projects.get(wanted, { signal })
    return project.status === 'active' ? [...data, project] : data
  } catch (error) {
    if (isProblem(error, 'not-found')) return data
    throw error
  }
}

/** The form, as the link has filled it in. */
function DraftForm({
  link,
  projects,
  catalogue,
  onMade,
}: {
  link: URLSearchParams
  projects: readonly Project[]
  catalogue: readonly Scope[]
  onMade: (issued: IssuedToken) => void
}) {
  const api = useApi()
  const [prefilled] = useState(() => prefilledBy(link, { projects, scopes: catalogue }))
  const [draft, setDraft] = useState(prefilled.draft)
  const { projectId } = draft
  const allowance = useQuery({
    queryKey: ['tokens', 'allowance', projectId],
    queryFn: ({ signal }) => api.tokens.allowance(projectId === '' ? {} : { project_id: projectId }, { signal }),
    placeholderData: (before) => before,
  })
  return (
    <>
      {prefilled.notTaken.length > 0 && (
        <Notice kind="warning">{text.notTaken(prefilled.notTaken.map((part) => text.notTakenParts[part]))}</Notice>
      )}
      <Loaded query={allowance}>
        {(allowed) => (
          <Fields
            draft={draft}
            change={(part) => setDraft((before) => ({ ...before, ...part }))}
            given={{ projects, scopes: withReserved(catalogue, prefilled.draft.scopes), allowance: allowed }}
            onMade={onMade}
          />
        )}
      </Loaded>
    </>
  )
}

interface Given {
  readonly projects: readonly Project[]
  readonly scopes: readonly Scope[]
  readonly allowance: TokenAllowance
}

function Fields({
  draft,
  change,
  given: { projects, scopes, allowance },
  onMade,
}: {
  draft: Draft
  change: (part: Partial<Draft>) => void
  given: Given
  onMade: (issued: IssuedToken) => void
}) {
  const api = useApi()
  const person = usePerson()
  const now = useNow()
  const queries = useQueryClient()
  // A second press may come before the button is drawn as busy.
  const isSent = useRef(false)
  const news = useTokenNews()
  const create = useMutation({
    mutationFn: () => api.tokens.create(creationOf(draft, person.id, Date.now())),
    // What it answers is shown once and remembered nowhere.
    gcTime: 0,
    onError: () => {
      isSent.current = false
    },
    onSuccess: async (issued) => {
      onMade(issued)
      news.created(issued.id)
      await queries.invalidateQueries({ queryKey: ['tokens'] })
    },
  })
  const isPossible =
    allowance.refusal === null &&
    lifeFaultOf(draft.life, allowance, now) === undefined &&
    (draft.scopes === 'all' || draft.scopes.length > 0)
  return (
    <Sheet>
      <Form
        onSubmit={() => {
          if (isSent.current) return
          isSent.current = true
          create.mutate()
        }}
      >
        <TextField
          label={text.label}
          hint={text.labelHint}
          maxLength={256}
          autoFocus
          value={draft.label}
          fault={faultAt(create.error, '/label')}
          onChange={({ target }) => change({ label: target.value })}
        />
        <ReachChoice projectId={draft.projectId} projects={projects} onChange={(projectId) => change({ projectId })} />
        {allowance.refusal !== null && <Notice kind="warning">{allowance.refusal}</Notice>}
        <ExpiryChoice life={draft.life} allowance={allowance} onChange={(life) => change({ life })} />
        <ScopeChoice chosen={draft.scopes} catalogue={scopes} onChange={(chosen) => change({ scopes: chosen })} />
        <details onInvalidCapture={({ currentTarget }) => (currentTarget.open = true)}>
          <summary>{text.limits.summary}</summary>
          <div className="sheet-form">
            <LimitFields limits={draft} error={create.error} onChange={change} />
            <TextField
              label={text.limits.uses}
              hint={text.limits.usesHint}
              inputMode="numeric"
              pattern="[1-9][0-9]*"
              value={draft.uses}
              fault={faultAt(create.error, '/uses_remaining')}
              onChange={({ target }) => change({ uses: target.value })}
            />
          </div>
        </details>
        {isPossible && <Notice>{sentenceOf(draft, { projects, scopes, now })}</Notice>}
        {create.isError && <Problem error={create.error} />}
        <div className="row">
          <Button type="submit" look="primary" disabled={!isPossible} isBusy={create.isPending}>
            {text.submit}
          </Button>
          <ButtonLink href="/tokens">{words.app.cancel}</ButtonLink>
        </div>
      </Form>
    </Sheet>
  )
}
