/** Reads the lines of the log for auditors, a bounded number at once, page by page; writes them as tables. */

import * as z from 'zod'
import { cursorAt, placeOfCursor } from '../answer/reply/cursor.ts'
import type { AuditLine, AuditWorld, LookupKey, Lookups } from '../log-ports.ts'
import { type Asker, invalid, type NotShown, type Plain } from './look.ts'

/** A line of the log. `hj` and `aj` have the names they have in the entry. */
export const lineSchema = z.strictObject({
  id: z.string(),
  ts: z.string().describe('When it was entered (UTC).'),
  kind: z.string(),
  side: z
    .enum(['holder', 'requester'])
    .describe('`holder`: all of it may be seen; `requester`: what its agency said and was told.'),
  log: z.string(),
  hj: z.string().describe('The jurisdiction of the holder.'),
  aj: z.string().describe('The jurisdiction of the agency that called.'),
  holder: z
    .string()
    .optional()
    .describe('Who answered, as are `agency` and `officer`: absent once erased.'),
  agency: z.string().optional().describe('Who called.'),
  requester: z
    .string()
    .optional()
    .describe('Who asked, by the word of the officer who called: the request came by another way.'),
  officer: z.string().optional(),
  purpose: z.string().optional(),
  outcome: z.string().optional().describe('As it was told.'),
  standing: z.string().optional(),
  decided: z.string().optional().describe('The outcome in full, if it is another than was told.'),
  dryRun: z.literal(true).optional(),
  erasedEntries: z
    .int()
    .optional()
    .describe('Of an erasure elsewhere: how many entries of calls from your jurisdiction it took.'),
  look: z
    .string()
    .optional()
    .describe('Of a look at the log: which; its `purpose` is what it was for.'),
  shown: z.int().optional().describe('Of a look at the log: how many entries it showed.'),
  notice: z.string().optional().describe('Of a notice about an open denial: what was told.'),
  to: z.string().optional().describe('Of a notice: who was told.'),
  rules: z.array(z.string()).describe('Rules that led to it, by policy and id.'),
  policies: z.array(z.string()).describe('Policies that applied, as `<id>@<version>`.'),
} satisfies Readonly<Record<keyof AuditLine, z.ZodType>>)

/** `next` of a page. */
export const nextSchema = z
  .string()
  .optional()
  .describe('There may be more, even after a short page.')

/** Most lines to read for one page. If few of them fit, the page is short. */
export const linesReadMax = 1000

/** What to read: the rows of a key, of which only the `wanted` ones count. */
export type LineReading = {
  readonly key: LookupKey
  readonly range: Parameters<Lookups['list']>[1]
  readonly wanted: (line: AuditLine) => boolean
  readonly limit: number
  readonly readMax: number
}

/** Most lines to ask of the store at once: as many as the longest page has. */
const chunkMax = 200

/**
 * The first `limit` wanted lines, out of at most `readMax` read. `reached` is the place of the last line read;
 * it is absent if there are no more.
 */
export async function readLines(
  lookups: Lookups,
  { key, range, wanted, limit, readMax }: LineReading,
): Promise<{ readonly lines: readonly AuditLine[]; readonly reached?: string }> {
  const lines: AuditLine[] = []
  let { before } = range
  for (let left = readMax; left > 0; ) {
    const chunk = Math.min(left, Math.max(limit, 50), chunkMax)
    const found = await lookups.list(key, { ...range, ...(before && { before }) }, chunk)
    for (const line of found) {
      before = `${line.ts}#${line.id}`
      if (!wanted(line)) continue
      lines.push(line)
      if (lines.length === limit) return { lines, reached: before }
    }
    if (found.length < chunk) return { lines }
    left -= found.length
  }
  return { lines, ...(before === undefined ? {} : { reached: before }) }
}

/** The moments between which to read, and the page to start from. */
type Span = {
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly cursor?: string | undefined
}

/** One page of lines. `next` is a cursor that serves only this question by this office. */
export async function readPage(
  { id: agency, action }: Asker,
  question: Readonly<Record<string, unknown>>,
  { from, until, cursor }: Span,
  reading: Omit<LineReading, 'range'>,
  { lookups, secrets }: Pick<AuditWorld, 'lookups' | 'secrets'>,
): Promise<{ readonly lines: readonly AuditLine[]; readonly next?: string } | NotShown> {
  const bound = { agency, question: { action, ...question } }
  const before = cursor === undefined ? undefined : placeOfCursor(cursor, bound, secrets)
  if (cursor !== undefined && before === undefined)
    return invalid(
      '/cursor',
      'it is not the `next` of a page of this question that your office was given',
    )
  const range = { ...(from && { from }), ...(until && { until }), ...(before && { before }) }
  const { lines, reached } = await readLines(lookups, { ...reading, range })
  return { lines, ...(reached !== undefined && { next: cursorAt(reached, bound, secrets) }) }
}

/** How often each value occurs. Undefined values are not counted. */
export function tally(values: readonly (string | undefined)[]): Record<string, number> {
  const known = values.filter((value) => value !== undefined)
  const groups = Map.groupBy(known, (value) => value)
  return Object.fromEntries([...groups].map(([value, { length }]) => [value, length]))
}

// A cast: an object's own names.
const columns = Object.keys(lineSchema.shape) as (keyof AuditLine)[]

/** Lines as a CSV table, one row for each entry. */
export const linesAsCsv = (lines: readonly Plain<z.infer<typeof lineSchema>>[]): string =>
  csvOf(
    columns,
    lines.map((line) =>
      columns.map((column) => {
        const value = line[column]
        return typeof value === 'object' ? value.join(' ') : value
      }),
    ),
  )

type Cell = string | number | boolean | undefined

/** A table as CSV (RFC 4180) that no spreadsheet takes for a formula. */
export const csvOf = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [header, ...rows].map((cells) => `${cells.map(written).join(',')}\r\n`).join('')

/** A spreadsheet runs cells that begin with one of these. An apostrophe in front makes the cell text. */
const formula = /^[=+\-@\t\r]/

function written(cell: Cell): string {
  const text = String(cell ?? '')
  const safe = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Newline-delimited JSON: one value on each line. */
export const asNdjson = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')

/** The state and the id of who asked: by an officer's word, where the request came by another way. */
export const askerOf = ({
  aj,
  agency,
  requester,
}: AuditLine): readonly [jurisdiction: string, id: string | undefined] =>
  requester === undefined ? [aj, agency] : [requester.slice(0, requester.indexOf('-')), requester]
