import { z } from 'zod'
import { faultsMax } from '../bounds.ts'

export const Problem = z
  .strictObject({
    type: z.string().describe('Which problem it is: the path of the page about it, /docs/errors/<key>.'),
    title: z.string().describe('The same for every answer of this type.'),
    status: z.int().min(400).max(599).describe('The HTTP status.'),
    detail: z.string().describe('What was wrong with this request, and what to do next.'),
    instance: z
      .string()
      .describe('Names this one occurrence; of a mistake of the server, its log has more under this name.'),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().describe('A JSON pointer to the field (RFC 6901), or `/` and the query parameter.'),
          detail: z.string().describe('What is wrong with it, and what to do.'),
        }),
      )
      .max(faultsMax)
      .exactOptional()
      .describe('The fields that are wrong.'),
  })
  .describe('Why the request was not carried out (RFC 9457).')
