import { html, type Html } from './html.ts'

/** Why somebody was not let in, and the name that was given, so that it need not be typed again. */
export interface SignInRefusal {
  readonly username: string
  readonly detail: string
}

/**
 * What a form asks of whoever is to sign in by it. After a refusal both fields are told to be wrong, since nobody says
 * which of them is.
 */
export function passwordFields(usernameLabel: string, refusal?: SignInRefusal): Html {
  const told = refusal && html`aria-invalid="true" aria-describedby="refusal"`
  const [usernameFocus, passwordFocus] = refusal ? [undefined, 'autofocus'] : ['autofocus', undefined]
  return html`<div class="field">
      <label for="username">${usernameLabel}</label>
      <input
        class="input"
        id="username"
        name="username"
        value="${refusal?.username}"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        required
        ${told}
        ${usernameFocus}
      />
    </div>
    <div class="field">
      <label for="password">Password</label>
      <input
        class="input"
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        ${told}
        ${passwordFocus}
      />
      ${refusal && html`<p class="field-fault" id="refusal" role="alert">${refusal.detail}</p>`}
    </div>`
}

/** What was typed there: nothing, where a field is missing, which is nobody's name and nobody's password. */
export function readPasswordFields(form: URLSearchParams): readonly [username: string, password: string] {
  return [form.get('username') ?? '', form.get('password') ?? '']
}
