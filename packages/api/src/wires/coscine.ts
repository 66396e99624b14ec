import { z } from 'zod'
import { labelLengthMax } from '../bounds.ts'
import { text } from '../fields.ts'

/** Coscine ignores fields that it does not know, and so do we where its clients are answered. */
export const CreateToken = z.object({
  name: text({ lengthMin: 1, lengthMax: labelLengthMax }),
  /** Whole days. */
  expiresInDays: z.int().min(1).max(370),
})

export const ListTokens = z.object({
  PageNumber: z.coerce.number().int().min(1).max(1_000_000).default(1),
  /** More than 50 are answered as 50. */
  PageSize: z.coerce
    .number()
    .int()
    .min(1)
    .default(10)
    .transform((size) => Math.min(size, 50)),
  OrderBy: z
    .string()
    .max(200)
    .transform((text, context) => {
      const orders = text.split(',').map(parseOrder)
      if (orders.every((order) => order !== undefined)) return orders
      context.addIssue({
        code: 'custom',
        message: `must be fields out of ${orderFields.join(', ')}, each with asc or desc`,
      })
      return z.NEVER
    })
    .default([{ field: 'creationDate', descending: true }]),
})

const orderFields = ['name', 'creationDate', 'expiryDate'] as const

interface Order {
  readonly field: (typeof orderFields)[number]
  readonly descending: boolean
}

function parseOrder(text: string): Order | undefined {
  const [, name = '', direction = 'asc'] = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(text) ?? []
  const field = orderFields.find((known) => known.toLowerCase() === name.toLowerCase())
  return field && { field, descending: direction.toLowerCase() === 'desc' }
}

export const TokenParams = z.object({ id: z.uuid() })

const envelope = { isSuccess: z.boolean(), statusCode: z.int(), traceId: z.string() }

export const Token = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  creationDate: z.iso.datetime(),
  expiryDate: z.iso.datetime().nullable(),
  /** Whole in the answer that made it, absent from every other. */
  token: z.string().nullable(),
  owner: z.strictObject({ id: z.uuid() }),
})

export const OneToken = z.strictObject({ data: Token, ...envelope })

export const Tokens = z.strictObject({
  data: z.array(Token),
  pagination: z.strictObject({
    currentPage: z.int(),
    totalPages: z.int(),
    pageSize: z.int(),
    totalCount: z.int(),
    hasPrevious: z.boolean(),
    hasNext: z.boolean(),
  }),
  ...envelope,
})

export const Self = z.strictObject({
  data: z.strictObject({
    id: z.uuid(),
    displayName: z.string(),
    emails: z.array(z.strictObject({ email: z.string(), isConfirmed: z.boolean() })),
  }),
  ...envelope,
})

export const Refused = z.strictObject({ data: z.null(), ...envelope })
