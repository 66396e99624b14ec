import { problems } from '@chatelaine/api'
import type { Service } from '../service.ts'
import { authorize } from './authorize.ts'
import { device } from './device.ts'
import type { PageRequest } from './visit.ts'
import { formPage, html } from './html.ts'
import { explain } from './problem.ts'
import { app, appPath } from '../wire/cocalc-app.ts'
import { cliAuth, cliAuthPath } from '../wire/cogniac/cli-auth.ts'

/** The pages with forms, by path. Each answers GET and POST. */
export function formPages(service: Service): ReadonlyMap<string, (asked: PageRequest) => Promise<Response>> {
  const answering = (page: typeof authorize) => (asked: PageRequest) =>
    page(service, asked).catch((error: unknown) => faultPage(service, error, asked.requestId))
  const { wires } = service.settings
  return new Map([
    ['/oauth/authorize', answering(authorize)],
    ['/device', answering(device)],
    ...(wires.includes('cocalc') ? [[appPath, answering(app)] as const] : []),
    ...(wires.includes('cogniac') ? [[cliAuthPath, answering(cliAuth)] as const] : []),
  ])
}

/** Whatever went wrong, in words for the person in front of the browser. */
function faultPage(service: Service, error: unknown, requestId: string): Response {
  const { key, detail, headers } = explain(service, error, requestId)
  const { status } = problems[key]
  // Whoever sits in front of a browser has nothing to do with what a proper request is.
  const title = key === 'bad-request' ? 'This did not work' : problems[key].title
  const body = html`<h1>${title}</h1>
    <p>${detail}</p>`
  const { platformName } = service.settings
  return formPage({ platformName, title: `${title} · ${platformName}`, body, status, headers })
}
