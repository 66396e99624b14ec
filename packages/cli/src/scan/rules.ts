// The format as other scanners want to be told it. They know no checksum, so that they take more for a token than there is.

import { checksumLength, idLength, secretLength, tokenKinds } from '@chatelaine/token'

export const scanners = { gitleaks, trufflehog } as const

const kinds = Object.values(tokenKinds)

function patternOf(prefix: string): string {
  return `\\b${prefix}_(?:${kinds.join('|')})_[0-9A-Za-z]{${idLength + secretLength + checksumLength}}\\b`
}

/** To be put into `.gitleaks.toml`. */
function gitleaks(prefix: string): string {
  return `[[rules]]
id = "${prefix}-token"
description = "API token of Chatelaine"
regex = '''${patternOf(prefix)}'''
keywords = [${kinds.map((kind) => `"${prefix}_${kind}_"`).join(', ')}]
`
}

/** A file for `trufflehog --config`. */
function trufflehog(prefix: string): string {
  return `detectors:
  - name: ${prefix}-token
    keywords: [${kinds.map((kind) => `${prefix}_${kind}_`).join(', ')}]
    regex:
      token: '${patternOf(prefix)}'
`
}
