import { z } from 'zod'
import { instantMax, labelLengthMax } from '../bounds.ts'
import { instant, text } from '../fields.ts'

/** CoCalc ignores fields that it does not know, and so do we where its clients are answered. */

/** An instant as RFC 3339 or as milliseconds; `null`: never. */
const expire = z.union([instant, z.int().min(0).max(instantMax)], {
  error: 'must be an instant such as 2030-01-31T12:00:00Z, or milliseconds since 1970',
})

const keyId = z.int().min(1)

/** A UUID, which may turn out to be nobody's. */
const projectId = text({ lengthMin: 1, lengthMax: 64 })

const where = { project_id: projectId.nullish() }

export const ManageKeys = z.discriminatedUnion(
  'action',
  [
    z.object({ action: z.literal('get'), ...where }),
    z.object({
      action: z.literal('create'),
      ...where,
      name: text({ lengthMax: labelLengthMax }).nullish(),
      /** Absent: never. */
      expire: expire.nullish(),
    }),
    z.object({
      action: z.literal('edit'),
      ...where,
      id: keyId,
      name: text({ lengthMax: labelLengthMax }).nullish(),
      /** Absent: as it was. */
      expire: expire.nullable().optional(),
    }),
    z.object({ action: z.literal('delete'), ...where, id: keyId }),
  ],
  { error: 'must be get, create, edit or delete' },
)

/** A call through one of the bridges. */
export const Call = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, { error: 'must be the name of a call, such as system.ping' }),
  args: z.array(z.unknown()).max(16).optional(),
  ...where,
})

export const Key = z.strictObject({
  id: z.int().min(1),
  /** Who made it; `null` where no account did. */
  account_id: z.uuid().nullable(),
  created: z.iso.datetime(),
  name: z.string(),
  trunc: z.string(),
  project_id: z.uuid().exactOptional(),
  expire: z.iso.datetime().exactOptional(),
  last_active: z.iso.datetime().exactOptional(),
})

export const Keys = z.strictObject({ response: z.array(Key) })

export const NewKey = z.strictObject({ response: z.tuple([Key.extend({ secret: z.string() })]) })

export const Done = z.strictObject({})

export const Pong = z.strictObject({ now: z.int() })

export const HubTest = z.strictObject({ account_id: z.uuid(), server_time: z.int() })

export const ProjectTest = z.strictObject({ project_id: z.uuid(), server_time: z.int() })

export const Refused = z.strictObject({ error: z.string() })
