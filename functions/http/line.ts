/** The line of an entry, as lists and samples show it. */

import * as z from 'zod'
import type { AuditLine } from '../log-ports.ts'

/** A line. `hj` and `aj` are named as in the entry itself. */
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
  rules: z.array(z.string()).describe('Rules that led to it, by policy and id.'),
  policies: z.array(z.string()).describe('Policies that applied, as `<id>@<version>`.'),
} satisfies Readonly<Record<keyof AuditLine, z.ZodType>>)
