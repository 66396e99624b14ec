import { z } from 'zod'
import { labelLengthMax } from '../bounds.ts'
import { text } from '../fields.ts'

/** Cogniac ignores fields that it does not know, and so do we where its clients are answered. */

export const CreateKey = z.object({ description: text({ lengthMax: labelLengthMax }).nullish() })

/** `otp` is for accounts with a second factor, and none has one here. */
export const Trade = z.object({ tenant_id: z.string().max(64).optional() })

const tenantType = z.enum(['usertenant', 'orgtenant'])

export const SecondFactor = z.strictObject({ totp: z.literal('inactive') })

export const Bearer = z.strictObject({
  access_token: z.string().regex(/^[^.]+\.[^.]+\.[^.]+$/),
  token_type: z.literal('Bearer'),
  expires_in: z.int().min(0).max(43_200),
  user_email: z.string(),
  user_id: z.string(),
  tenant_id: z.string(),
  tenant_name: z.string(),
  tenant_type: tenantType,
})

export const Tenants = z.strictObject({
  tenants: z.array(z.strictObject({ tenant_id: z.string(), type: tenantType, name: z.string() })),
})

/** `region` must be there. */
export const Tenant = z.strictObject({ tenant_id: z.string(), name: z.string(), region: z.null() })

export const User = z.strictObject({
  user_id: z.string(),
  email: z.string(),
  given_name: z.string(),
  surname: z.string(),
})

export const Key = z.strictObject({
  user_id: z.string(),
  description: z.string(),
  /** In seconds. */
  created_at: z.int(),
  key_id: z.string().regex(/^[0-9A-Za-z]{16}$/),
  /** `KEY_ID:SECRET` in the answer that made it, `null` in every other. */
  api_key: z.string().nullable(),
  last_auth: z.int().nullable(),
  email: z.string(),
})

export const Keys = z.strictObject({ data: z.array(Key) })

export const Refused = z.strictObject({ message: z.string() })
