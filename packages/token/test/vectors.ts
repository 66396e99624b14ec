// The published vectors as data. Other implementations read the same files.

import { readFileSync } from 'node:fs'

import type { KeyPurpose, MacPurpose } from '@chatelaine/token/keys'
import type { ParsedToken } from '@chatelaine/token'

export const accepted = read('accepted.json') as {
  key_ring: string
  tokens: (ParsedToken & { about: string; text: string; digest: string })[]
}

export const rejected = read('rejected.json') as { tokens: { reason: string; text: string }[] }

export const keys = read('keys.json') as {
  key_ring: string
  current: string
  keys: {
    key_id: string
    id_if_unnamed: string
    master_key: string
    derived: Record<KeyPurpose, string>
    check_value: string
    macs: { purpose: MacPurpose; text: string; mac: string }[]
    public_key_base64: string
    signatures: { bytes: string; signature_base64: string }[]
  }[]
  key_rings_accepted: { about: string; text: string; ids: string[] }[]
  key_rings_rejected: { reason: string; text: string }[]
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../spec/vectors/${name}`, import.meta.url), 'utf8'))
}
