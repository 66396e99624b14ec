import { answerDevice, findDeviceAsk, normaliseUserCode } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { serveHandOff, type HandOff } from './hand-off.ts'
import { formPage, html } from './html.ts'
import type { PageRequest } from './visit.ts'

const path = '/device'

/** `/device`: a person types the code that a device without a browser shows, and answers it (RFC 8628 §3.3). */
export async function device(service: Service, asked: PageRequest): Promise<Response> {
  const typed = new URL(asked.request.url).searchParams.get('user_code') ?? ''
  const userCode = normaliseUserCode(typed)
  const handOff: HandOff = {
    here: userCode === undefined ? path : `${path}?user_code=${userCode}`,
    purpose: html`<p>Then a device may have a token of yours, if you want it to.</p>`,
    caution: html`<p>Go on only if your device shows this code:</p>
      <p class="code">${userCode}</p>`,
    async ask(person) {
      if (typed === '') return codePage(service)
      const ask = userCode === undefined ? undefined : await findDeviceAsk(service.ports, person, userCode)
      return ask ?? codePage(service, typed)
    },
    async answer(consent, ask) {
      await answerDevice(service.ports, ask, consent)
      return donePage(service, consent.agreed)
    },
  }
  return serveHandOff(service, asked, handOff)
}

/** It changes nothing, so that it is a plain GET, and the code may as well come in a link. */
function codePage({ settings: { platformName } }: Service, wrong?: string): Response {
  const fault = html`<p class="field-fault" id="fault" role="alert">
    No device waits with this code. Compare it with what the device shows; after ten minutes it shows a new one.
  </p>`
  const body = html`<h1>Sign in on a device</h1>
    <p>Type the code that the device shows.</p>
    <form method="get" action="${path}" class="sheet-form">
      <div class="field">
        <label for="user_code">Code</label>
        <input
          class="input"
          id="user_code"
          name="user_code"
          value="${wrong?.slice(0, 64)}"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          required
          autofocus${wrong === undefined ? undefined : html` aria-invalid="true" aria-describedby="fault"`}
        />
        ${wrong === undefined ? undefined : fault}
      </div>
      <button class="button button-primary">Go on</button>
    </form>`
  return formPage({ platformName, title: `Device · ${platformName}`, body, status: wrong === undefined ? 200 : 404 })
}

function donePage({ settings: { platformName } }: Service, isAgreed: boolean): Response {
  const body = isAgreed
    ? html`<h1>Done</h1>
        <p>The device has its token within a few seconds. You can close this page.</p>`
    : html`<h1>Refused</h1>
        <p>The device gets nothing. You can close this page.</p>`
  return formPage({ platformName, title: `Device · ${platformName}`, body })
}
