/** The lines of a list in forms for other programs. */

import type { AuditLine } from '../log-ports.ts'
import { csvOf } from './csv.ts'

const columns = [
  'id',
  'ts',
  'kind',
  'side',
  'log',
  'hj',
  'aj',
  'holder',
  'agency',
  'officer',
  'purpose',
  'outcome',
  'standing',
  'decided',
  'dryRun',
  'erasedEntries',
  'rules',
  'policies',
] as const satisfies readonly (keyof AuditLine)[]

/** A table, one entry a row. */
export const linesAsCsv = (lines: readonly AuditLine[]): string =>
  csvOf(
    columns,
    lines.map((line) =>
      columns.map((column) => {
        const value = line[column]
        return typeof value === 'object' ? value.join(' ') : value
      }),
    ),
  )

/** Newline-delimited JSON: a value a line. */
export const asNdjson = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')
