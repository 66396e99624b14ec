import { z } from 'zod'
import {
  passwordLengthMax,
  passwordLengthMin,
  projectNameLengthMax,
  searchLengthMax,
  usernameLengthMax,
} from '../bounds.ts'
import { characters, count, text } from '../fields.ts'

/** NeuroIO ignores fields that it does not know, and so do we where its clients are answered. */

/** In JSON a boolean, in forms and queries its word; Python's spelling of it is read too. */
const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], {
  error: 'must be true or false',
})

export const LogIn = z.object({
  username: characters({ lengthMin: 1, lengthMax: usernameLengthMax }),
  password: characters({ lengthMin: 1, lengthMax: passwordLengthMax }),
})

export const CreateToken = z.object({
  /** Absent: temporary. */
  permanent: flag.nullish(),
})

export const UpdateToken = z.object({ is_active: flag })

const page = {
  limit: count({ min: 1, max: 1_000 }).default(20),
  offset: count({ min: 0, max: 1_000_000 }).default(0),
}

export const ListTokens = z.object({ ...page, permanent: flag.optional() })

export const DeleteTokens = z.object({ permanent: flag.optional() })

export const NameSpace = z.object({ name: text({ lengthMin: 1, lengthMax: projectNameLengthMax }) })

export const ListSpaces = z.object({ ...page, q: text({ lengthMax: searchLengthMax }).optional() })

const newPassword = characters({ lengthMin: passwordLengthMin, lengthMax: passwordLengthMax })

export const ChangePassword = z
  .object({
    old_password: characters({ lengthMin: 1, lengthMax: passwordLengthMax }),
    password: newPassword,
    password2: newPassword,
    /** Whether all tokens of the account end with the old password, the one that asks too. */
    reset_tokens: flag.nullish(),
  })
  .refine(({ password, password2 }) => password === password2, {
    path: ['password2'],
    error: 'must be the same as password',
  })

/** Exactly these: clients make objects of whatever stands there. */
export const Token = z.strictObject({
  id: z.int().min(1),
  /** Whole in the answer that made it, masked in every other. */
  key: z.string(),
  is_active: z.boolean(),
  created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/),
  expires: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/)
    .nullable(),
})

export const Tokens = z.array(Token)

export const LoggedIn = z.strictObject({ user: z.strictObject({ username: z.string() }), token: Token })

export const Space = z.strictObject({ id: z.int().min(0), name: z.string() })

export const Spaces = z.array(Space)

export const WhoAmI = z.strictObject({ username: z.string(), space: Space.nullable() })

export const Refused = z.strictObject({
  error_codes: z.array(z.int()).length(1),
  message: z.string(),
  fields: z.array(z.strictObject({ name: z.string(), message: z.string(), error_code: z.int() })),
})
