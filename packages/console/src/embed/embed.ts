// The entry of a host page: it names the element, and loads the rest once there is one.

import { embedEn } from '../words/embed-en.ts'
import type { Mounted } from './mount.tsx'

const elementName = 'chatelaine-tokens'

/**
 * The tokens of one person, as a part of somebody else's page.
 *
 * `server` is the address of the server, `session` the portal session that the page's backend has minted; set anew, it
 * goes on where it was, and `null` takes it back. `theme` is `light` or `dark`, else what the browser prefers.
 */
class ChatelaineTokens extends HTMLElement {
  static readonly observedAttributes = ['server', 'session']
  #session: string | undefined
  #mounted: Promise<Mounted> | undefined

  constructor() {
    super()
    this.attachShadow({ mode: 'open' })
  }

  /** It can be set and not read: whoever reads the page finds no credential in it. */
  set session(session: string | null | undefined) {
    this.#session = session ?? undefined
    void this.#draw()
  }

  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    if (name !== 'session') return void this.#draw()
    if (value === null) return
    this.session = value
    this.removeAttribute('session')
  }

  connectedCallback(): void {
    // Set by a framework before this module had come, the property hides the one that the class has.
    const early = Object.getOwnPropertyDescriptor(this, 'session')
    if (early !== undefined) {
      delete (this as { session?: unknown }).session
      this.session = early.value as string | null | undefined
    }
    this.#mounted ??= this.#load()
    void this.#draw()
  }

  disconnectedCallback(): void {
    // Whatever is moved within the page is taken out and put in again at once.
    queueMicrotask(() => {
      if (this.isConnected) return
      const mounted = this.#mounted
      this.#session = undefined
      this.#mounted = undefined
      void mounted?.then(({ unmount }) => unmount())
    })
  }

  async #load(): Promise<Mounted> {
    try {
      const { mount } = await import('./mount.tsx')
      return mount(this, this.shadowRoot!)
    } catch (error) {
      console.error(`<${elementName}>`, error)
      this.shadowRoot!.textContent = embedEn.notLoaded
      return { draw: () => {}, unmount: () => this.shadowRoot!.replaceChildren() }
    }
  }

  async #draw(): Promise<void> {
    const mounted = this.#mounted
    const loaded = await mounted
    // By then it may have been taken out, or be another one.
    if (mounted === this.#mounted) loaded?.draw({ server: this.getAttribute('server'), session: this.#session })
  }
}

if (customElements.get(elementName) === undefined) customElements.define(elementName, ChatelaineTokens)
