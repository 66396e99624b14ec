import { z } from 'zod'
import {
  clientIdPattern,
  clientIpLengthMax,
  labelLengthMax,
  lifetimeSecondsMax,
  userAgentLengthMax,
} from '../bounds.ts'
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

export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code'

const clientId = z
  .string()
  .regex(clientIdPattern, { error: 'must be 1 to 64 letters, digits, spaces, dots, underscores or hyphens' })
  .describe('What the program calls itself. Public clients are not registered; people are shown this name.')

const optionalText = (description: string) => z.string().exactOptional().describe(description)

export const GrantRequest = z
  .object({
    grant_type: z.string().describe(`\`authorization_code\`, or \`${deviceGrantType}\`.`),
    client_id: clientId,
    code: optionalText('The authorization code.'),
    redirect_uri: optionalText('Where the code was sent, exactly as it was asked for.'),
    code_verifier: z
      .string()
      .regex(/^[A-Za-z0-9._~-]{43,128}$/, { error: 'must be 43 to 128 unreserved characters (RFC 7636 §4.1)' })
      .exactOptional()
      .describe('What the challenge was made of (RFC 7636 §4.5).'),
    device_code: optionalText('The code that the device was given.'),
  })
  .describe('Which grant to exchange; the code goes with `redirect_uri` and `code_verifier`.')

export const GrantedToken = z
  .strictObject({
    access_token: z.string().describe('The whole token. It is not shown again.'),
    token_type: z.literal('Bearer').describe('Whoever holds it may use it (RFC 6750).'),
    expires_in: z.int().nonnegative().exactOptional().describe('For how many seconds; absent when it is permanent.'),
    scope: z.string().describe('What it may do, separated by spaces; perhaps less than was asked for.'),
  })
  .describe('A token that a person agreed to (RFC 6749 §5.1).')

export const DeviceAuthorizationRequest = z
  .object({
    client_id: clientId,
    scope: optionalText('What the token is to be allowed, separated by spaces; everything when absent.'),
    label: z
      .string()
      .max(labelLengthMax)
      .exactOptional()
      .describe('What the token is to be called in lists; the name of the client when absent.'),
    lifetime_seconds: z
      .string()
      .regex(/^[1-9][0-9]{0,10}$/, { error: 'must be a whole number of seconds' })
      .transform(Number)
      .pipe(z.int().max(lifetimeSecondsMax))
      .exactOptional()
      .describe(
        'How long it is to live; as policy has it for temporary tokens when absent, and never longer than it allows.',
      ),
  })
  .describe('What a device asks a person for (RFC 8628 §3.1).')

export const DeviceAuthorization = z
  .strictObject({
    device_code: z.string().describe('What the device itself presents. Nobody types it.'),
    user_code: z.string().describe('What the person types, in any case, with or without the hyphen.'),
    verification_uri: z.string().describe('Where the person goes.'),
    verification_uri_complete: z.string().describe('The same with the code in it, for a QR code or a link.'),
    expires_in: z.int().positive().describe('For how many seconds both codes are good.'),
    interval: z.int().positive().describe('How many seconds to wait between two questions.'),
  })
  .describe('How a person comes to answer the device (RFC 8628 §3.2).')

const names = (description: string) => z.array(z.string()).describe(description)

export const OAuthMetadata = z
  .strictObject({
    issuer: z.string().describe('The public URL of the deployment.'),
    authorization_endpoint: z.string().describe('Where a program sends the browser.'),
    token_endpoint: z.string().describe('Where it exchanges what the browser brings back.'),
    device_authorization_endpoint: z.string().describe('Where a device without a browser begins.'),
    introspection_endpoint: z.string().describe('Where services ask about tokens (RFC 7662).'),
    revocation_endpoint: z.string().describe('Where whoever holds a token ends it (RFC 7009).'),
    service_documentation: z.string().describe('What people read.'),
    response_types_supported: names('What the browser may be sent for.'),
    response_modes_supported: names('How it brings that back.'),
    grant_types_supported: names('What is exchanged for a token.'),
    code_challenge_methods_supported: names('How a code is bound to who asked for it (RFC 7636).'),
    token_endpoint_auth_methods_supported: names('Clients are public and have no secret.'),
    introspection_endpoint_auth_methods_supported: names('The caller sends a token of its own.'),
    revocation_endpoint_auth_methods_supported: names('Holding the token is enough.'),
    authorization_response_iss_parameter_supported: z
      .literal(true)
      .describe('Whoever is sent a code is told by whom (RFC 9207).'),
  })
  .describe('The metadata of the authorization server (RFC 8414 §2).')

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
