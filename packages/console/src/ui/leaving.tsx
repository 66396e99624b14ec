import { useLayoutEffect, useRef, useState, type RefObject } from 'react'
import { useLocation, useSearch } from 'wouter'
import { Question } from './confirm.tsx'
import { useSurroundings } from './surroundings.tsx'

/**
 * Nobody leaves what stands in `within` by a link, by the way back or by closing the window without having been asked.
 * Only what belongs to the same document or shadow root is held up.
 */
export function AskBeforeLeaving({
  within,
  title,
  text,
  stay,
  leave,
}: {
  within: RefObject<HTMLElement | null>
  title: string
  text: string
  stay: string
  leave: string
}) {
  const { ownsWindow } = useSurroundings()
  const [here, go] = useLocation()
  const search = useSearch()
  const place = useRef(search === '' ? here : `${here}?${search}`)
  const isLeaving = useRef(false)
  const [wanted, setWanted] = useState<() => void>()
  // Of layout, since those end with the page that is left, also while the next one is still being fetched.
  useLayoutEffect(() => {
    const root = within.current?.getRootNode() ?? document
    // One entry more of the same place, so that the way back leads here, where the question can be asked.
    const holdBack = () => go(place.current)
    const onBack = () => {
      if (isLeaving.current) return
      holdBack()
      setWanted(() => () => history.go(-2))
    }
    const onClick = (event: Event) => {
      const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement)
      if (isLeaving.current || !(event instanceof MouseEvent) || link === undefined || !leads(link, event)) return
      event.preventDefault()
      event.stopPropagation()
      setWanted(() => () => link.click())
    }
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!isLeaving.current) event.preventDefault()
    }
    // Where the way back is that of somebody else's page, it is not held up.
    if (ownsWindow) {
      holdBack()
      addEventListener('popstate', onBack)
    }
    root.addEventListener('click', onClick, true)
    addEventListener('beforeunload', onUnload)
    return () => {
      root.removeEventListener('click', onClick, true)
      removeEventListener('popstate', onBack)
      removeEventListener('beforeunload', onUnload)
    }
  }, [within, go, ownsWindow])
  return (
    <Question
      name={leave}
      look="danger"
      title={title}
      text={text}
      cancel={stay}
      isOpen={wanted !== undefined}
      onOpenChange={(isOpen) => {
        if (!isOpen) setWanted(undefined)
      }}
      doIt={() => {
        isLeaving.current = true
        wanted?.()
        return Promise.resolve()
      }}
    />
  )
}

/** Whether a click on this link replaces the page that is there. */
function leads(link: HTMLAnchorElement, { button, ctrlKey, metaKey, altKey, shiftKey }: MouseEvent): boolean {
  const isElsewhere = link.target !== '' && link.target !== '_self'
  const isHere = link.getAttribute('href')?.startsWith('#') ?? true
  return button === 0 && !(ctrlKey || metaKey || altKey || shiftKey || isElsewhere || isHere || link.download !== '')
}
