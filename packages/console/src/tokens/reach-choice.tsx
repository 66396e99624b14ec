import type { Project } from '@chatelaine/sdk'
import { useId } from 'react'
import { SelectField } from '../ui/field.tsx'
import { Chip } from '../ui/chip.tsx'
import { words } from '../words/words.ts'

const text = words.create.reach

/** The account, or one project. */
export function ReachChoice({
  projectId,
  projects,
  onChange,
}: {
  projectId: string
  projects: readonly Project[]
  onChange: (projectId: string) => void
}) {
  const name = useId()
  const isProject = projectId !== ''
  return (
    <fieldset className="choice">
      <legend>{text.legend}</legend>
      <div className="chips">
        <Chip name={name} isChosen={!isProject} onChoose={() => onChange('')}>
          {text.account}
        </Chip>
        {projects.length > 0 && (
          <Chip name={name} isChosen={isProject} onChoose={() => onChange(projects[0]!.id)}>
            {text.project}
          </Chip>
        )}
      </div>
      {projects.length > 0 && <p className="muted">{text.safer}</p>}
      {isProject && (
        <SelectField label={text.which} value={projectId} onChange={({ target }) => onChange(target.value)}>
          {projects.map(({ id, name: called }) => (
            <option key={id} value={id}>
              {called}
            </option>
          ))}
        </SelectField>
      )}
    </fieldset>
  )
}
