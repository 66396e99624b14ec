import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verificationCodes as promised } from '@chatelaine/api'
import { verificationCodes } from '@chatelaine/core'

test('the API promises the codes that a verification can say, in their order and with their meaning', () => {
  assert.deepEqual(Object.entries(promised), Object.entries(verificationCodes))
})
