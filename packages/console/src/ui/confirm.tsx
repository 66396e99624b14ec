import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState, type ReactNode } from 'react'
import { words } from '../words/words.ts'
import { Button, type ButtonLook } from './button.tsx'
import './dialog.css'
import { useSurroundings } from './surroundings.tsx'
import { Problem } from './waiting.tsx'

interface Asked {
  /** On the button that confirms. */
  readonly name: string
  readonly look?: ButtonLook
  readonly title: string
  readonly text: ReactNode
  /** On the button that closes the question. */
  readonly cancel?: string
  /** The signal says that the question was closed meanwhile; what takes long then does no more. */
  readonly doIt: (signal: AbortSignal) => Promise<unknown>
}

/**
 * A button that asks before it does something. The question closes when it is done, and says what went wrong when it
 * is not.
 */
export function Confirm({
  label,
  ...asked
}: Asked & {
  /** The button's name for a screen reader, where the one that is seen says too little. */
  label?: string
}) {
  const [isOpen, setOpen] = useState(false)
  const [opened, setOpened] = useState<Asked>(asked)
  // Until it has gone, a question does not turn into another, such as into its opposite once what was asked has been done:
  // the second press of a double click would answer that one. What draws itself goes on doing so.
  const question = typeof opened.text === 'string' ? opened : asked
  const show = (isShown: boolean) => {
    if (isShown) setOpened(asked)
    setOpen(isShown)
  }
  return (
    <Question
      {...question}
      isOpen={isOpen}
      onOpenChange={show}
      trigger={
        <AlertDialog.Trigger render={<Button look={asked.look ?? 'plain'} aria-label={label} />}>
          {asked.name}
        </AlertDialog.Trigger>
      }
    />
  )
}

/** The question alone, for what is asked without a button. */
export function Question({
  name,
  look = 'plain',
  title,
  text,
  doIt,
  cancel = words.app.cancel,
  isOpen,
  onOpenChange,
  trigger,
}: Asked & {
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  trigger?: ReactNode
}) {
  const { layers } = useSurroundings()
  const running = useRef<AbortController>(undefined)
  const act = useMutation({
    mutationFn: () => {
      running.current = new AbortController()
      return doIt(running.current.signal)
    },
    onSuccess: () => onOpenChange(false),
  })
  const show = (isShown: boolean) => {
    if (isShown) act.reset()
    else running.current?.abort()
    onOpenChange(isShown)
  }
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={show}>
      {trigger}
      <AlertDialog.Portal container={layers} className="dialog-layer" popover="manual" ref={showAbove}>
        <AlertDialog.Backdrop className="dialog-backdrop" />
        <AlertDialog.Popup className="dialog" aria-modal>
          <AlertDialog.Title render={<h2 />}>{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div className="dialog-text" />}>{text}</AlertDialog.Description>
          {act.isError && <Problem error={act.error} />}
          <div className="row dialog-actions">
            <AlertDialog.Close render={<Button />}>{cancel}</AlertDialog.Close>
            <Button
              look={look === 'danger' ? 'danger-now' : 'primary'}
              isBusy={act.isPending}
              onClick={() => act.mutate()}
            >
              {name}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

/** Into the top layer, which no other part of the page covers, clips or moves, whoever owns that page. */
function showAbove(layer: HTMLElement | null): void {
  if (layer?.isConnected === true && !layer.matches(':popover-open')) layer.showPopover()
}
