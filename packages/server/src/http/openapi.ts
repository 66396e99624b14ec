import { openApiDocument, type OpenApiDocument } from '@chatelaine/api'
import type { Service } from '../service.ts'
import packageJson from '../../package.json' with { type: 'json' }
import type { Handlers } from './handler.ts'

/** `/openapi.json`. */
export function openapi({ settings }: Service): Handlers<'getOpenApi'> {
  let document: OpenApiDocument | undefined
  return {
    getOpenApi() {
      document ??= openApiDocument({
        title: settings.platformName,
        version: packageJson.version,
        // Where nobody has said what people's browsers see, the document is about the server that it came from.
        serverUrl: settings.publicUrl ?? '/',
      })
      return { status: 200, body: document }
    },
  }
}
