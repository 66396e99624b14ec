import { createContext, useContext } from 'react'

/** Hears what happened to tokens here, by their ids. */
export interface TokenNews {
  readonly created: (id: string) => void
  readonly deleted: (id: string) => void
}

/** Nobody hears it, unless said otherwise. */
export const TokenNewsContext = createContext<TokenNews>({ created: () => {}, deleted: () => {} })

/** Whom to tell. */
export function useTokenNews(): TokenNews {
  return useContext(TokenNewsContext)
}
