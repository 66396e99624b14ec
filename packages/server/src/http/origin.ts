import type { Settings } from '../config.ts'
import type { Incoming } from './peer.ts'

/** Where people's browsers find us: what the operator says, or else what this request says. */
export function originFor({ publicUrl }: Pick<Settings, 'publicUrl'>, { headers }: Incoming): string {
  return publicUrl ?? `http://${headers.host}`
}
