import { Component, type ReactNode } from 'react'
import { words } from '../words/words.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'
import { useSurroundings } from './surroundings.tsx'

interface Props {
  /** Where this is. Whoever goes elsewhere sees what is there. */
  readonly at: string
  readonly children: ReactNode
}

interface State {
  readonly brokenAt: string | undefined
}

/** Says so where a page cannot be drawn, with the way on, so that the rest of the window goes on. */
export class ErrorBoundary extends Component<Props, State> {
  override readonly state: State = { brokenAt: undefined }

  static getDerivedStateFromError(): Partial<State> {
    return { brokenAt: '' }
  }

  static getDerivedStateFromProps({ at }: Props, { brokenAt }: State): State {
    if (brokenAt === '') return { brokenAt: at }
    return { brokenAt: brokenAt === at ? at : undefined }
  }

  override render(): ReactNode {
    return this.state.brokenAt === undefined ? this.props.children : <Broken />
  }
}

function Broken() {
  const Whole = useSurroundings().ownsWindow ? 'main' : 'section'
  return (
    <Whole className="page page-narrow" id="main">
      <Notice kind="fault" action={<Button onClick={() => location.reload()}>{words.app.reload}</Button>}>
        {words.app.broken}
      </Notice>
    </Whole>
  )
}
