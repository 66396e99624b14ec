import { hash } from 'node:crypto'
import { deviceGrantType, type AnswerOf, type BodyOf } from '@chatelaine/api'
import {
  fitHandoff,
  handoffLifetimeMs,
  pollDevice,
  pollIntervalSeconds,
  redeemCode,
  revokePresented,
  secondMs,
  startDevice,
  type Peer,
  type Token,
} from '@chatelaine/core'
import type { Secret } from '@chatelaine/token'
import type { Service } from '../service.ts'
import { wishOf } from './authorize.ts'
import type { Handlers } from './handler.ts'
import { introspectFor, introspectionJson } from './introspect.ts'
import { OAuthRefusal } from './oauth-error.ts'
import { originFor } from './origin.ts'

type OAuthRoutes = 'introspectToken' | 'revokePresentedToken' | 'exchangeGrant' | 'authorizeDevice' | 'getOAuthMetadata'

/**
 * `/oauth` but for its page: exchanging codes, devices, revocation, and introspection for what does not look like the one
 * request that `introspect.ts` answers before any router.
 */
export function oauth(service: Service): Handlers<OAuthRoutes> {
  const { ports, settings } = service
  return {
    async introspectToken({ caller, body }) {
      const verdict = await introspectFor(service, caller, body)
      return { status: 200, body: introspectionJson(service.settings, verdict) }
    },

    async revokePresentedToken({ caller, body }) {
      // RFC 7009 §2.2: an unknown token is a success, because what the caller wanted is already so.
      await revokePresented(service.ports, caller, body.token)
      return { status: 200, body: null }
    },

    async exchangeGrant({ caller: { peer }, body }) {
      switch (body.grant_type) {
        case 'authorization_code':
          return { status: 200, body: await exchangeCode(service, peer, body) }
        case deviceGrantType:
          return { status: 200, body: await exchangeDeviceCode(service, peer, body) }
        default:
          throw new OAuthRefusal('unsupported_grant_type', `grant_type is authorization_code or ${deviceGrantType}.`)
      }
    },

    async authorizeDevice({ caller: { peer }, body, incoming }) {
      const { client_id: client, scope = null, label = client, lifetime_seconds: lifetimeSeconds = 0 } = body
      const target = { kind: 'device', device: '', ip: null, userAgent: null } as const
      const ask = await fitHandoff(ports, { ...wishOf({ client, label, scope, lifetimeSeconds }), target })
      if (ask === undefined) {
        throw new OAuthRefusal('invalid_scope', 'A scope is misspelled, or nobody may hold any of them.')
      }
      const { deviceCode, userCode } = await startDevice(ports, peer, ask)
      const uri = `${originFor(settings, incoming)}/device`
      return {
        status: 200,
        body: {
          device_code: deviceCode.reveal(),
          user_code: userCode,
          verification_uri: uri,
          verification_uri_complete: `${uri}?user_code=${userCode}`,
          expires_in: handoffLifetimeMs / secondMs,
          interval: pollIntervalSeconds,
        },
      }
    },

    getOAuthMetadata: ({ incoming }) => ({ status: 200, body: metadata(originFor(settings, incoming)) }),
  }
}

type Granted = AnswerOf<'exchangeGrant', 200>

async function exchangeCode({ ports }: Service, peer: Peer, body: BodyOf<'exchangeGrant'>): Promise<Granted> {
  const { client_id: client, code, redirect_uri: redirectUri, code_verifier: verifier } = body
  if (code === undefined || redirectUri === undefined || verifier === undefined) {
    throw new OAuthRefusal('invalid_request', 'code, redirect_uri and code_verifier must be given.')
  }
  const codeChallenge = hash('sha256', verifier, 'base64url')
  const handed = await redeemCode(ports, peer, { code, client, redirectUri, codeChallenge })
  if (!handed.handed) throw new OAuthRefusal('invalid_grant', handed.because)
  return grantedJson(handed)
}

async function exchangeDeviceCode({ ports }: Service, peer: Peer, body: BodyOf<'exchangeGrant'>): Promise<Granted> {
  if (body.device_code === undefined) throw new OAuthRefusal('invalid_request', 'device_code must be given.')
  const answer = await pollDevice(ports, peer, body.device_code, body.client_id)
  if (!answer.handed) throw new OAuthRefusal(answer.error, answer.because)
  return grantedJson(answer)
}

function grantedJson({ token, secret }: { readonly token: Token; readonly secret: Secret }): Granted {
  const { createdAt, expiresAt, scopes } = token
  return {
    access_token: secret.reveal(),
    token_type: 'Bearer',
    ...(expiresAt === null ? {} : { expires_in: Math.floor((expiresAt - createdAt) / secondMs) }),
    scope: scopes.join(' '),
  }
}

function metadata(issuer: string): AnswerOf<'getOAuthMetadata', 200> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    device_authorization_endpoint: `${issuer}/oauth/device_authorization`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    service_documentation: `${issuer}/docs/reference/oauth`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', deviceGrantType],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    introspection_endpoint_auth_methods_supported: ['Bearer', 'client_secret_basic'],
    revocation_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
  }
}
