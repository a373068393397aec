/** A table as CSV (RFC 4180) that no spreadsheet takes for a formula. */

/** A cell. */
export type Cell = string | number | boolean | undefined

/** The header, then the rows, each line ended by CR LF. */
export const csvOf = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [header, ...rows].map((cells) => `${cells.map(written).join(',')}\r\n`).join('')

/** What a spreadsheet would run begins with one of these; an apostrophe before it makes it a text. */
const formula = /^[=+\-@\t\r]/

function written(cell: Cell): string {
  const text = String(cell ?? '')
  const safe = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
