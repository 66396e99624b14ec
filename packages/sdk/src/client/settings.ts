import type { Scope, ScopesReplace, Settings, SettingsPreview, SettingsPreviewRequest } from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'

/** What is allowed of tokens, and which scopes there are. */
export class SettingsClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  get(options?: CallOptions): Promise<Settings> {
    return this.#caller.call('getSettings', {}, options)
  }

  /** What the policy has no place for is revoked before this is done. Ask for a preview first. */
  replace(body: Settings, options?: CallOptions): Promise<Settings> {
    return this.#caller.call('replaceSettings', { body }, options)
  }

  /** Which tokens would end. It changes nothing. */
  preview(body: SettingsPreviewRequest, options?: CallOptions): Promise<SettingsPreview> {
    return this.#caller.call('previewSettings', { body }, options)
  }

  async listScopes(options?: CallOptions): Promise<readonly Scope[]> {
    return (await this.#caller.call('listScopes', {}, options)).data
  }

  /** What the catalogue no longer names is granted to nobody once this is done. */
  async replaceScopes(body: ScopesReplace, options?: CallOptions): Promise<readonly Scope[]> {
    return (await this.#caller.call('replaceScopes', { body }, options)).data
  }
}
