import type { Client } from '@chatelaine/sdk'
import { createContext, useContext } from 'react'

/** The server whose tokens these are. */
export interface Server {
  /** Asks it, with the credential of whoever looks on. */
  readonly api: Client
  /** Where it is, for links to its documents and for programs, such as `https://tokens.example.org`. */
  readonly origin: string
}

/** Says which server it is to all that stands below. */
export const ServerContext = createContext<Server | undefined>(undefined)

/** The server that was named above. */
export function useServer(): Server {
  const server = useContext(ServerContext)
  if (server === undefined) throw new Error('no server was named here')
  return server
}

/** The client that asks it. */
export function useApi(): Client {
  return useServer().api
}
