/**
 * One record of CSV (RFC 4180), with its end. Every cell is quoted. A cell that a spreadsheet would take for a formula
 * gets an apostrophe in front: what others chose, such as a label, must not be carried out by whoever opens the file.
 */
export function csvRecord(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${harmless(cell).replaceAll('"', '""')}"`).join(',')}\r\n`
}

/** What formulas begin with, also in full width, and the white space that spreadsheets skip (OWASP, "CSV Injection"). */
const formulaStart = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

function harmless(cell: string): string {
  return formulaStart.test(cell) ? `'${cell}` : cell
}
