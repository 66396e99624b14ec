import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../ui/base.css'
import { Embedded, type Given } from './embedded.tsx'
import './embed.css'
import { dress } from './sheets.ts'

/** The element's content, as it is drawn and taken away. */
export interface Mounted {
  readonly draw: (given: Given) => void
  /** Ends everything that goes on, and forgets everything that was known. */
  readonly unmount: () => void
}

/** Draws into the shadow root. What happens to tokens, the page is told by events of the element. */
export function mount(element: HTMLElement, shadow: ShadowRoot): Mounted {
  const [frame, content, layers] = [division('embed'), division('embed-content'), division('embed-layers')]
  frame.append(content, layers)
  shadow.replaceChildren(frame)
  const undress = dress(shadow)
  const root = createRoot(content)
  const tell = (event: string, detail?: object) => {
    element.dispatchEvent(new CustomEvent(`chatelaine-${event}`, { bubbles: true, composed: true, detail }))
  }
  return {
    draw: (given) =>
      root.render(
        <StrictMode>
          <Embedded {...given} layers={layers} tell={tell} />
        </StrictMode>,
      ),
    unmount: () => {
      root.unmount()
      undress()
      // And nothing else: the element may have been put in again, and drawn anew, by now.
      frame.remove()
    },
  }
}

function division(className: string): HTMLElement {
  const made = document.createElement('div')
  made.className = className
  return made
}
