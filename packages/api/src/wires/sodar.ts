import { z } from 'zod'
import { labelLengthMax, lifetimeSecondsMax } from '../bounds.ts'
import { text } from '../fields.ts'

/** Where systems that know only user name and password ask whether the two match. */
export const irodsAuthPath = '/irodsbackend/api/auth'

/** SODAR ignores fields that it does not know, and so do we where its clients are answered. */
export const LogIn = z.object({
  /** Whole hours; 0 or nothing: valid until deleted. */
  expiry: z
    .int()
    .min(0)
    .max(Math.floor(lifetimeSecondsMax / 3_600))
    .nullish(),
  sodar_label: text({ lengthMax: labelLengthMax }).nullish(),
})

export const LoggedIn = z.strictObject({
  delete_count: z.literal(0),
  expiry: z.iso.datetime().nullable(),
  sodar_label: z.string(),
  token: z.string(),
  user_uuid: z.uuid(),
})

export const Refused = z.strictObject({ detail: z.string() })

/** By the name of the field. */
export const Invalid = z.partialRecord(z.enum(['expiry', 'sodar_label']), z.array(z.string()).min(1))
