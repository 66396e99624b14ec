import { z } from 'zod'
import { clientIpLengthMax, userAgentLengthMax } from '../bounds.ts'
import { oauthErrors, type OAuthErrorCode } from '../oauth-errors.ts'
import { tokenKinds } from './token.ts'

// Requests leave out what they do not know: RFC 6749 §3.1 has unrecognised parameters ignored.

const token = z.string().describe('The whole token. What is no token of this deployment is not an error.')
const tokenTypeHint = z
  .string()
  .exactOptional()
  .describe('What the caller takes the token for. All tokens here are of one type, so it changes nothing.')

const kindList = z
  .string()
  .regex(new RegExp(`^(?:${tokenKinds.join('|')})(?: (?:${tokenKinds.join('|')}))*$`), {
    error: `must be one or several of ${tokenKinds.join(', ')}, separated by spaces`,
  })
  .transform((value) => [...new Set(value.split(' ') as (typeof tokenKinds)[number][])])

export const IntrospectionRequest = z
  .object({
    token,
    token_type_hint: tokenTypeHint,
    client_ip: z
      .string()
      .max(clientIpLengthMax)
      .exactOptional()
      .describe('The address of whoever presented the token; needed for tokens that are restricted to addresses.'),
    user_agent: z
      .string()
      .max(userAgentLengthMax)
      .exactOptional()
      .describe('What the client of whoever presented the token calls itself.'),
    kinds: kindList
      .exactOptional()
      .describe('Which kinds are welcome, separated by spaces; `account project` unless said otherwise.'),
  })
  .describe('Which token (RFC 7662 §2.1), and who presented it.')

const epochSeconds = z.int().nonnegative()

export const ActiveToken = z
  .strictObject({
    active: z.literal(true).describe('The token is good, here and now.'),
    scope: z.string().describe('What it may do, separated by spaces.'),
    username: z.string().exactOptional().describe('The user name of the account that it speaks for.'),
    token_type: z.literal('Bearer').describe('Whoever holds it may use it (RFC 6750).'),
    exp: epochSeconds.exactOptional().describe('When it ends, in seconds since 1970; absent when it is permanent.'),
    iat: epochSeconds.describe('When it was made, in seconds since 1970.'),
    nbf: epochSeconds.exactOptional().describe('Before when it is refused, in seconds since 1970.'),
    sub: z
      .string()
      .exactOptional()
      .describe('The id of the account or the project that it speaks for; absent for manager tokens.'),
    iss: z.string().exactOptional().describe('The public URL of the deployment that issued it.'),
    jti: z.string().describe('The id of the token.'),
  })
  .describe('The token is good (RFC 7662 §2.2).')

export const InactiveToken = z
  .strictObject({ active: z.literal(false).describe('It is not good here, or not for this caller to know about.') })
  .describe('Nothing more is said about a token that is not good.')

export const Introspection = z
  .discriminatedUnion('active', [ActiveToken, InactiveToken])
  .describe('Whether the token is good, and if so, what it is (RFC 7662 §2.2).')

export const RevocationRequest = z
  .object({ token, token_type_hint: tokenTypeHint })
  .describe('Which token to revoke (RFC 7009 §2.1).')

export const OAuthError = z
  .strictObject({
    error: z.enum(Object.keys(oauthErrors) as [OAuthErrorCode, ...OAuthErrorCode[]]).describe(
      Object.entries(oauthErrors)
        .map(([code, { meaning }]) => `\`${code}\`: ${meaning}`)
        .join(' '),
    ),
    error_description: z.string().describe('What was wrong with this request, and what to do next; in ASCII.'),
  })
  .describe('Why the request was not carried out (RFC 6749 §5.2).')
