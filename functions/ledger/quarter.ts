/** Quarters of a year: by them the keys of subjects change, so that retention can end by quarter. */

/** The quarter of a moment in UTC, such as `2026-Q4`; later quarters sort after earlier ones. */
export const quarterOf = (ts: string): string =>
  `${ts.slice(0, 4)}-Q${Math.ceil(Number(ts.slice(5, 7)) / 3)}`

/** The moment at which a quarter begins: entries before it are of earlier ones. */
export const startOf = (quarter: string): string =>
  `${quarter.slice(0, 4)}-${String(3 * Number(quarter.slice(6)) - 2).padStart(2, '0')}-01T00:00:00.000Z`
