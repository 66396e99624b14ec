// What needs files and processes: Node, Bun and Deno.

export { autoRenew, type AutoRenewSettings, type Renewal } from './credentials/auto-renew.ts'
export { CredentialError, type CredentialErrorKey } from './credentials/credential-error.ts'
export { checkGit, ignoreLine } from './credentials/git.ts'
export { keyringService, openKeyring, type KeyringEntry } from './credentials/keyring.ts'
export {
  LoadedToken,
  loadToken,
  tokenVariable,
  type LoadTokenOptions,
  type TokenOrigin,
} from './credentials/load-token.ts'
export { storedNameDefault, storedTokenFile } from './credentials/store.ts'
export { readTokenFile, tokenFileEnding, writeTokenFile } from './credentials/token-file.ts'
