/** Quarters of a year: by them the keys of subjects change, so that retention can end by quarter. */

/** The quarter of a moment in UTC, such as `2026-Q4`; later quarters sort after earlier ones. */
export const quarterOf = (ts: string): string =>
  `${ts.slice(0, 4)}-Q${Math.ceil(Number(ts.slice(5, 7)) / 3)}`
