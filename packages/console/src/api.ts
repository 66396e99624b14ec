import { createClient } from '@chatelaine/sdk'

/** The API of the server that this page came from, with the session of whoever is signed in there. */
export const api = createClient({ url: '' })
