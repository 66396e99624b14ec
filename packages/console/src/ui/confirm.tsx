import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useState, type ReactNode } from 'react'
import { words } from '../words/words.ts'
import { Button, type ButtonLook } from './button.tsx'
import './dialog.css'
import { Problem } from './waiting.tsx'

/**
 * A button that asks before it does something. The question closes when it is done, and says what went wrong when it
 * is not.
 */
export function Confirm({
  name,
  look = 'plain',
  label,
  title,
  text,
  doIt,
}: {
  /** On the button, and on the one that confirms. */
  name: string
  look?: ButtonLook
  /** The button's name for a screen reader, where the one that is seen says too little. */
  label?: string
  title: string
  text: ReactNode
  doIt: () => Promise<unknown>
}) {
  const [isOpen, setOpen] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const run = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await doIt()
      setOpen(false)
    } catch (caught) {
      setError(caught instanceof Error ? caught : new Error(String(caught)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={setOpen}>
      <AlertDialog.Trigger render={<Button look={look} aria-label={label} />}>{name}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="dialog-backdrop" />
        <AlertDialog.Popup className="dialog">
          <AlertDialog.Title render={<h2 />}>{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div />}>{text}</AlertDialog.Description>
          {error !== undefined && <Problem error={error} />}
          <div className="row dialog-actions">
            <AlertDialog.Close render={<Button />}>{words.app.cancel}</AlertDialog.Close>
            <Button look={look === 'plain' ? 'primary' : look} isBusy={isBusy} onClick={() => void run()}>
              {name}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
