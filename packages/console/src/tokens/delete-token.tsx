import { AlertDialog } from '@base-ui/react/alert-dialog'
import type { Token } from '@chatelaine/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { Button } from '../ui/button.tsx'
import '../ui/dialog.css'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'

/** Ends a token for good, after a question that says what it will break. */
export function DeleteToken({ token }: { token: Token }) {
  const [isOpen, setOpen] = useState(false)
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => api.tokens.revoke(token.id),
    onSuccess: async () => {
      setOpen(false)
      await queries.invalidateQueries({ queryKey: ['tokens'] })
    },
  })
  const name = token.label === '' ? `${token.start}…` : token.label
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={setOpen}>
      <AlertDialog.Trigger render={<Button look="danger" aria-label={words.tokens.deleteNamed(name)} />}>
        {words.tokens.delete}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="dialog-backdrop" />
        <AlertDialog.Popup className="dialog">
          <AlertDialog.Title render={<h2 />}>{words.tokens.deleteTitle}</AlertDialog.Title>
          <AlertDialog.Description>{words.tokens.deleteText(name)}</AlertDialog.Description>
          {revoke.isError && <Problem error={revoke.error} />}
          <div className="row dialog-actions">
            <AlertDialog.Close render={<Button />}>{words.app.cancel}</AlertDialog.Close>
            <Button look="danger" isBusy={revoke.isPending} onClick={() => revoke.mutate()}>
              {words.tokens.delete}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
