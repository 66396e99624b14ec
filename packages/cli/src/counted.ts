/** One of something, or several: `1 token`, `2 tokens`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
