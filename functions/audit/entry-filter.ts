/** By what auditors choose entries: what may be asked, which rows are read, which lines fit. */

import * as z from 'zod'
import { agencyId } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import type { EntryKind } from '../ledger/entry.ts'
import type { AuditLine, LookupKey } from '../log-ports.ts'
import { purposeSchema } from './consult.ts'

const kinds = [
  'decision',
  'attestation',
  'withdrawal',
  'countersignature',
  'objection',
  'review',
  'record',
  'consultation',
  'erasure',
  'restriction',
  'hold',
  'lift',
  'set',
  'statement',
] as const satisfies readonly EntryKind[]

const party = z
  .string()
  .regex(
    /^([A-Z]{2}|INTERPOL|EUROPOL|[A-Z]{2,8}(-[A-Z0-9]{2,16}){1,2})$/,
    'a jurisdiction such as DE, or an agency such as DE-BKA',
  )

/** A pseudonym as `POST /v1/pseudonyms` gives it: 128 bits, base64url. */
const pseudonym = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/, 'a pseudonym as POST /v1/pseudonyms gives it')

/** A day or a moment in UTC, as the moments of entries are written. */
export const momentSchema = z
  .union([z.iso.date(), z.iso.datetime()], {
    error: 'a day such as 2026-11-24, or a moment such as 2026-11-24T08:00:00Z',
  })
  .transform((text) => new Date(text).toISOString())

/** The parameters of a page: how long it is, and `next` of the page before it. */
export const pageShape = {
  limit: z
    .string()
    .regex(/^([1-9]\d?|1\d\d|200)$/, 'a number from 1 to 200')
    .default('50')
    .transform(Number)
    .describe('Most lines of a page.'),
  cursor: z.string().max(200).optional().describe('`next` of the page before.'),
}

const filterShape = {
  purpose: purposeSchema,
  holder: party.optional().describe('A jurisdiction or an agency, as is `requester`.'),
  requester: party.optional(),
  agency: agencyId.optional().describe('An agency that asked or was asked.'),
  officer: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'the id of an officer: letters, digits, dot, hyphen')
    .optional()
    .describe('Who called.'),
  outcome: z.enum(['release', 'redact', 'deny']).optional().describe('As it was told.'),
  standing: z.enum(['open', 'final']).optional().describe('Of a denial.'),
  rule: z
    .string()
    .regex(/^[a-z0-9/-]{1,120}$/, 'a rule such as de/bkag/member-state')
    .optional()
    .describe('A rule that led to it, such as `de/bkag/member-state`.'),
  policy: z
    .string()
    .regex(
      /^[a-z0-9/-]{1,120}(@[a-z0-9.-]{1,24})?$/,
      'a policy such as de/bkag, or a version such as de/bkag@2026-02-14',
    )
    .optional()
    .describe('A policy that applied, such as `de/bkag` or `de/bkag@2026-02-14`.'),
  case: pseudonym.optional().describe('A pseudonym of `POST /v1/pseudonyms`, as is `subject`.'),
  subject: pseudonym.optional(),
  kind: z.enum(kinds).default('decision'),
  dryRun: z.enum(['true', 'false']).optional().describe('Dry runs alone, or none of them.'),
  from: momentSchema.optional().describe('Inclusive.'),
  until: momentSchema.optional().describe('Exclusive.'),
}

const subjectOrCase = {
  // Lines say nothing of either, so one of them cannot be filtered by the other.
  check: (filter: { readonly case?: unknown; readonly subject?: unknown }) =>
    filter.case === undefined || filter.subject === undefined,
  else: { message: 'ask by subject or by case, not by both', path: ['case'] },
}

/** What a query may ask, by the names of its parameters. All that is given must fit. */
export const filterSchema = z
  .strictObject(filterShape)
  .refine(subjectOrCase.check, subjectOrCase.else)
export type EntryFilter = z.infer<typeof filterSchema>

/** What a query for a page may ask. */
export const filteredPageSchema = z
  .strictObject({ ...filterShape, ...pageShape })
  .refine(subjectOrCase.check, subjectOrCase.else)
export type FilteredPage = z.infer<typeof filteredPageSchema>

const isAgency = (id: string | undefined): id is string => agencyId.safeParse(id).success

/**
 * The rows to read: of the asker's own jurisdiction, whatever was asked, and of the dimension that
 * leaves the fewest.
 */
export function keyOf(filter: EntryFilter, jurisdiction: string): LookupKey {
  const { subject, case: ofCase, officer, agency, requester, holder, policy, outcome } = filter
  const key = (by: LookupKey['by'], value: string): LookupKey => ({ jurisdiction, by, value })
  const either = [agency, requester, holder].find(isAgency)
  if (subject !== undefined) return key('subject', subject)
  if (ofCase !== undefined) return key('case', ofCase)
  if (officer !== undefined && isAgency(requester)) return key('officer', `${requester}/${officer}`)
  if (either !== undefined) return key('agency', either)
  if (policy !== undefined) return key('policy', policy.split('@')[0] ?? '')
  if (outcome !== undefined) return key('outcome', outcome)
  return key('all', '')
}

/**
 * Whether a line fits. That the asker may see it is asked again here, of each line: its rows are those
 * of the asker's jurisdiction, but no list relies on that alone.
 */
export function fits(line: AuditLine, filter: EntryFilter, asker: Agency): boolean {
  const { holder, requester, agency, officer, outcome, standing, rule, policy } = filter
  const isParty = (wanted: string, jurisdiction: string, id: string | undefined) =>
    wanted === (isAgency(wanted) ? id : jurisdiction)
  return (
    isSeen(line, asker) &&
    line.kind === filter.kind &&
    (holder === undefined || isParty(holder, line.hj, line.holder)) &&
    (requester === undefined || isParty(requester, line.aj, line.agency)) &&
    (agency === undefined || agency === line.agency || agency === line.holder) &&
    (officer === undefined || officer === line.officer) &&
    (outcome === undefined || outcome === line.outcome) &&
    (standing === undefined || standing === line.standing) &&
    (rule === undefined || line.rules.includes(rule)) &&
    (policy === undefined ||
      line.policies.some((each) => each === policy || each.startsWith(`${policy}@`))) &&
    (filter.dryRun === undefined || (filter.dryRun === 'true') === (line.dryRun === true))
  )
}

const isSeen = ({ hj, aj, side }: AuditLine, asker: Agency): boolean =>
  authorize(asker, 'list-entries', { holder: hj, requester: aj }) ===
  (side === 'holder' ? 'whole' : 'own-side')
