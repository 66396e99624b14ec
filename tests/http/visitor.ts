import assert from 'node:assert/strict'

/** A page as a browser without scripts has it. */
export interface VisitedPage {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Where the answer leads instead of being a page. */
  readonly location: string | null
  /** The path that its form posts to. */
  readonly action: string
  readonly formToken: string
}

/** A browser as far as the pages with forms need one: it keeps cookies and sends forms, and follows nothing by itself. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<VisitedPage> {
    return this.#send(path, { headers })
  }

  /** Presses a button of a page's form. */
  press(
    page: Pick<VisitedPage, 'action' | 'formToken'>,
    decision: string,
    { fields = {}, headers = {} }: { fields?: Record<string, string>; headers?: Record<string, string> } = {},
  ): Promise<VisitedPage> {
    return this.#send(page.action, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams({ form_token: page.formToken, decision, ...fields }),
    })
  }

  /** Signs in on the way to a page, and comes to that page. */
  async signIn(path: string, username: string, password: string): Promise<VisitedPage> {
    const done = await this.press(await this.get(path), 'sign-in', { fields: { username, password } })
    assert.equal(done.status, 303, done.text)
    return this.get(done.location!)
  }

  async #send(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers: Readonly<Record<string, string>> },
  ): Promise<VisitedPage> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...init.headers, ...(cookie === '' ? {} : { cookie }) }
    const response = await fetch(this.#origin + path, { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      const [name = '', value = ''] = set.split(';', 1)[0]!.split('=')
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      location: response.headers.get('location'),
      action: unescaped(/<form method="post" action="([^"]*)"/.exec(text)?.[1] ?? ''),
      formToken: unescaped(/name="form_token" value="([^"]*)"/.exec(text)?.[1] ?? ''),
    }
  }
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
