/**
 * Internet addresses and blocks. An IPv4 address and its IPv6 form (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) are the
 * same address, so everything is held as 128 bits.
 */
export interface Block {
  readonly base: bigint
  /** How many of the 128 leading bits count. */
  readonly prefixLength: number
}

const mapped = 0xffffn << 32n

/** The 128 bits of an address as written, or `undefined` when it is none. Never throws. */
export function parseAddress(text: string): bigint | undefined {
  const four = parseIpv4(text)
  if (four !== undefined) return mapped | four
  return parseIpv6(text)
}

/** The one spelling of an address, IPv4 dotted also where it came as IPv6; `undefined` for what is no address. */
export function normaliseAddress(text: string): string | undefined {
  const base = parseAddress(text)
  return base === undefined ? undefined : formatBlock({ base, prefixLength: 128 })
}

/** A single address or a CIDR block (RFC 4632 §3.1); bits of the host are dropped. `undefined` when it is neither. */
export function parseBlock(text: string): Block | undefined {
  const slash = text.indexOf('/')
  const addressText = slash < 0 ? text : text.slice(0, slash)
  const address = parseAddress(addressText)
  if (address === undefined) return undefined
  const leading = addressText.includes(':') ? 0 : 96
  const length = slash < 0 ? 128 - leading : parseDecimal(text.slice(slash + 1), 128 - leading)
  if (length === undefined) return undefined
  const prefixLength = leading + length
  const hostBits = BigInt(128 - prefixLength)
  return { base: (address >> hostBits) << hostBits, prefixLength }
}

export function contains(block: Block, address: bigint): boolean {
  const hostBits = BigInt(128 - block.prefixLength)
  return address >> hostBits === block.base >> hostBits
}

/** Whether every address of `inner` is in `outer`. */
export function encloses(outer: Block, inner: Block): boolean {
  return inner.prefixLength >= outer.prefixLength && contains(outer, inner.base)
}

/**
 * What whoever has this address has at the least: the address alone for IPv4, the 64 bits of its network for IPv6
 * (RFC 4291 §2.5.4). `undefined` when it is no address.
 */
export function networkOf(text: string): string | undefined {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  const prefixLength = address >> 32n === 0xffffn ? 128 : 64
  const hostBits = BigInt(128 - prefixLength)
  return formatBlock({ base: (address >> hostBits) << hostBits, prefixLength })
}

/** The one spelling of a block: a single address bare, IPv4 dotted, IPv6 as RFC 5952 §4 recommends. */
export function formatBlock(block: Block): string {
  const isIpv4 = block.prefixLength >= 96 && block.base >> 32n === 0xffffn
  const address = isIpv4 ? formatIpv4(block.base & 0xffff_ffffn) : formatIpv6(block.base)
  if (block.prefixLength === 128) return address
  return `${address}/${isIpv4 ? block.prefixLength - 96 : block.prefixLength}`
}

/** The blocks that an allow-list names. The list was checked when it was accepted. */
export function parseBlocks(texts: readonly string[]): Block[] {
  return texts.map((text) => {
    const block = parseBlock(text)
    if (block === undefined) throw new Error(`not an address or a block: ${text}`)
    return block
  })
}

function parseDecimal(text: string, max: number): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(text)) return undefined
  const value = Number(text)
  return value <= max ? value : undefined
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let bits = 0n
  for (const part of parts) {
    const byte = parseDecimal(part, 255)
    if (byte === undefined) return undefined
    bits = (bits << 8n) | BigInt(byte)
  }
  return bits
}

function parseIpv6(text: string): bigint | undefined {
  if (text.length > 45 || !text.includes(':')) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const before = parseGroups(halves[0]!, halves.length === 1)
  const after = halves.length === 2 ? parseGroups(halves[1]!, true) : []
  if (before === undefined || after === undefined) return undefined
  const missing = 8 - before.length - after.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...Array<bigint>(missing).fill(0n), ...after]
  return groups.reduce((bits, group) => (bits << 16n) | group, 0n)
}

function parseGroups(text: string, mayEndInIpv4: boolean): bigint[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: bigint[] = []
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes('.')) {
      const four = parseIpv4(part)
      if (four === undefined) return undefined
      groups.push(four >> 16n, four & 0xffffn)
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined
      groups.push(BigInt(`0x${part}`))
    }
  }
  return groups
}

function formatIpv4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join('.')
}

function formatIpv6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => Number((bits >> BigInt(112 - 16 * index)) & 0xffffn))
  const run = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (let end = 0; end <= groups.length; end += 1) {
    if (end < groups.length && groups[end] === 0) continue
    if (end - start > best.length) best = { start, length: end - start }
    start = end + 1
  }
  return best
}
