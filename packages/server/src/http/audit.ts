import type { AnswerOf } from '@chatelaine/api'
import { entryJson, readAudit, type AuditKey } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { auditExport } from './audit-export.ts'
import { logFilters } from './audit-filters.ts'
import { cursorOf, pageStart } from './cursor.ts'
import type { Handlers } from './handler.ts'

/** `/api/v1/audit`, and the keys that vouch for it. */
export function audit(service: Service): Handlers<'listAuditEntries' | 'exportAudit' | 'getAuditKeys'> {
  const { ports } = service
  return {
    async listAuditEntries({ caller, query }) {
      const list = { name: 'audit', caller, query }
      const page = await readAudit(ports, caller, {
        ...logFilters(query),
        limit: query.limit,
        ...pageStart(ports.keys, list),
      })
      const data = page.items.map(entryJson)
      return { status: 200, body: { data, next_cursor: cursorOf(ports.keys, list, page.next) } }
    },
    exportAudit: auditExport(service),
    async getAuditKeys() {
      return { status: 200, body: { keys: (await ports.log.auditKeys()).map(keyJson) } }
    },
  }
}

function keyJson({ keyId, publicKey }: AuditKey): AnswerOf<'getAuditKeys', 200>['keys'][number] {
  const x = Buffer.from(publicKey, 'base64').toString('base64url')
  return {
    key_id: keyId,
    algorithm: 'Ed25519',
    public_key: publicKey,
    jwk: { kty: 'OKP', crv: 'Ed25519', x, kid: keyId, alg: 'Ed25519', use: 'sig' },
  }
}
