import type { Fate } from './fate.ts'
import type { Finding } from './scan-file.ts'

/** What was found as SARIF 2.1.0, which code hosts show beside the lines. The secret is not in it. */
export function formatSarif(findings: readonly Finding[], fates: ReadonlyMap<string, Fate>): string {
  const results = findings.map(({ id, start, place, line, column }) => {
    const status = fates.get(id)?.status
    return {
      ruleId,
      level: status === 'revoked' || status === 'expired' ? 'note' : 'error',
      message: {
        text: `The API token ${id} (${start}…) stands here${status === undefined ? '' : `; it is ${status}`}.`,
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: place.split('/').map(encodeURIComponent).join('/') },
            region: { startLine: line, startColumn: column },
          },
        },
      ],
      // The same token at the same place is the same finding, wherever its line has moved.
      partialFingerprints: { 'chatelaineToken/v1': id },
    }
  })
  const driver = {
    name: 'chatelaine scan',
    rules: [
      {
        id: ruleId,
        shortDescription: { text: 'An API token stands in a file' },
        help: {
          text: 'Revoke the token (chatelaine scan --revoke), make a new one, and keep that outside of the repository.',
        },
      },
    ],
  }
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  }
  return `${JSON.stringify(log, undefined, 2)}\n`
}

const ruleId = 'chatelaine-token'
