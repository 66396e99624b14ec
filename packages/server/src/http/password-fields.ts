import { html, type Html } from './html.ts'

/** What a form asks of whoever is to sign in by it. */
export function passwordFields(usernameLabel: string): Html {
  return html`<label for="username">${usernameLabel}</label>
    <input
      id="username"
      name="username"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      required
      autofocus
    />
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required />`
}

/** What was typed there: nothing, where a field is missing, which is nobody's name and nobody's password. */
export function readPasswordFields(form: URLSearchParams): readonly [username: string, password: string] {
  return [form.get('username') ?? '', form.get('password') ?? '']
}
