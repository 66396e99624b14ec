// A token that is good for everything, and a way to make others from it.

import {
  initialSettings,
  standingFrom,
  unused,
  type AccountId,
  type Owner,
  type Standing,
  type Token,
} from '@chatelaine/core'
import { startAt } from './world.ts'

export const exampleOwner: Owner = {
  accountId: 'acc_0000000000000001',
  username: 'ada',
  status: 'active',
  externalId: null,
}

export const exampleToken: Token = {
  id: 'tok_7Yp2mQx9Kd4RtV1b',
  serial: 1,
  uuid: '00000000-0000-4000-8000-000000000000',
  kind: 'account',
  accountId: exampleOwner.accountId,
  projectId: null,
  label: 'laptop',
  start: 'chl_acc_7Yp2mQx9',
  isActive: true,
  scopes: ['*'],
  scopesVersion: 0,
  allowedIps: [],
  metadata: {},
  createdAt: startAt,
  createdBy: exampleOwner.accountId,
  parentTokenId: null,
  origin: 'api',
  notBefore: null,
  expiresAt: null,
  revokedAt: null,
  revokedReason: null,
  digest: 'key:digest',
  rateLimit: null,
  usesGranted: null,
  renewableUntil: null,
  firstLifetimeMs: null,
  rotation: null,
  changedSeq: 1,
  use: unused,
}

export function tokenLike(fields: Partial<Token>): Token {
  return { ...exampleToken, ...fields }
}

export function standingOf(token: Token, owner: Owner | null = ownerFor(token.accountId)): Standing {
  const { accountId } = token
  const stored = { token, memberOf: null, ancestors: [], settings: initialSettings, projectPolicy: undefined }
  return standingFrom({ ...stored, owner: accountId === null ? null : owner }, 'newest')
}

function ownerFor(accountId: AccountId | null): Owner | null {
  return accountId === null ? null : { ...exampleOwner, accountId }
}
