import type { Account } from '@chatelaine/sdk'
import { createContext, useContext } from 'react'

/** Says to all that stands below who looks on. */
export const PersonContext = createContext<Account | undefined>(undefined)

/** Whoever looks on. */
export function usePerson(): Account {
  const person = useContext(PersonContext)
  if (person === undefined) throw new Error('nobody is signed in here')
  return person
}
