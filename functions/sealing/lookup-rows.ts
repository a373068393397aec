/** Under which rows auditors find an entry: the sealer writes them, erasure removes those of a person. */

import { decisionIn, type Opened, type OpenedEntry } from '../answer/opened.ts'
import type { Decision } from '../decision/decide.ts'
import { identifierOf } from '../decision/record.ts'
import { foldCase, storedRequestSchema } from '../decision/request.ts'
import type { AuditLine, Dimension, LookupRow } from '../log-ports.ts'
import type { Stored } from '../ports.ts'

/** A pseudonym under the key of a jurisdiction (`Secrets.pseudonym`). */
type Pseudonym = (jurisdiction: string, identifier: string) => string

/** By what a case is filed: the agency that leads it, and its own reference. */
export const caseIdentifier = (agency: string, caseReference: string): string =>
  ['case', agency, caseReference].join('\u001f')

/**
 * The rows of an entry: the holder's side, and the requester's if it is of another jurisdiction. The
 * same entry gives the same rows each time. Of an entry whose key was erased (`opened` undefined) only
 * what its leaf says is left.
 */
export function lookupRows(
  entry: Stored,
  opened: OpenedEntry | undefined,
  pseudonym: Pseudonym,
): readonly LookupRow[] {
  const { hj, aj } = entry.leaf
  const sides = hj === aj ? (['holder'] as const) : (['holder', 'requester'] as const)
  const own = sides.flatMap((side) => {
    const jurisdiction = side === 'holder' ? hj : aj
    const line = lineOf(entry, opened, side)
    const row = (by: Dimension, value: string): LookupRow => ({
      key: { jurisdiction, by, value },
      line,
    })
    const inJurisdiction = (identifier: string) => pseudonym(jurisdiction, identifier)
    return [
      row('all', ''),
      ...(line.outcome === undefined ? [] : [row('outcome', line.outcome)]),
      ...distinct(line.policies.map((each) => each.split('@')[0] ?? '')).map((id) =>
        row('policy', id),
      ),
      ...distinct([line.holder, line.agency]).map((id) => row('agency', id)),
      ...(line.agency === undefined || line.officer === undefined
        ? []
        : [row('officer', `${line.agency}/${line.officer}`)]),
      ...personalRows(entry, opened, side, inJurisdiction, line),
    ]
  })
  return [...own, ...noticeRows(entry, opened)]
}

/**
 * The rows by which auditors of those who asked learn of an erasure: how many entries of their own side
 * it was about, and neither whom nor by whom.
 */
function noticeRows(entry: Stored, opened: OpenedEntry | undefined): readonly LookupRow[] {
  const about = opened?.kind === 'erasure' ? opened.values.about : undefined
  return Object.entries(about?.requesters ?? {}).map(([jurisdiction, erasedEntries]) => ({
    key: { jurisdiction, by: 'all', value: '' },
    line: { ...lineOf(entry, undefined, 'requester'), aj: jurisdiction, erasedEntries },
  }))
}

/** Those of an entry's rows that are filed under a person or a case: what an erasure removes. */
export const rowsOfPerson = (rows: readonly LookupRow[]): readonly LookupRow[] =>
  rows.filter(({ key: { by } }) => by === 'subject' || by === 'case')

function personalRows(
  entry: Stored,
  opened: OpenedEntry | undefined,
  side: AuditLine['side'],
  inJurisdiction: (identifier: string) => string,
  line: AuditLine,
): readonly LookupRow[] {
  if (opened === undefined) return []
  const jurisdiction = side === 'holder' ? entry.leaf.hj : entry.leaf.aj
  const subjects =
    side === 'holder' ? subjectsOf(opened) : askedBy(entry, opened).map(inJurisdiction)
  const cases = casesOf(opened).map(inJurisdiction)
  return [
    ...distinct(subjects).map((value) => ({
      key: { jurisdiction, by: 'subject' as const, value },
      line,
    })),
    ...distinct(cases).map((value) => ({
      key: { jurisdiction, by: 'case' as const, value },
      line,
    })),
  ]
}

/** Pseudonyms of everybody whom the holder's side of an entry is about: asked for, and found. */
export function subjectsOf({ values }: OpenedEntry): readonly string[] {
  if (!('subject' in values)) return []
  const { asked, found = [] } = values.subject as Partial<Opened['subject']>
  return distinct([asked, ...found.flat()])
}

/** Whom the requester asked for, as it said itself: what its own side may know. */
function askedBy(entry: Stored, { evidence }: OpenedEntry): readonly string[] {
  if (entry.leaf.t !== 'decision') return []
  const { success, data } = storedRequestSchema.safeParse(JSON.parse(evidence.body))
  return success ? [identifierOf(data.subject)] : []
}

function casesOf(opened: OpenedEntry): readonly string[] {
  if (opened.kind === 'decision')
    return namesOf(opened.values.call.agency, opened.values.matter.caseReference)
  const scope = attestationIn(opened)?.scope
  return scope !== undefined && 'caseReference' in scope
    ? namesOf(scope.requester, scope.caseReference)
    : []
}

const attestationIn = (opened: OpenedEntry | undefined) =>
  opened?.kind === 'attestation' && 'attestation' in opened.values
    ? opened.values.attestation
    : undefined

/** A case as it was written, and as it is compared: by the latter, whatever was written otherwise is found. */
const namesOf = (agency: string, reference: string): readonly string[] =>
  [reference, foldCase(reference)].map((each) => caseIdentifier(agency, each))

/** What a list shows of an entry to one side. */
export function lineOf(
  { leaf }: Stored,
  opened: OpenedEntry | undefined,
  side: AuditLine['side'],
): AuditLine {
  const { matter, decision, told } = decisionIn(opened) ?? {}
  const call = opened !== undefined && 'call' in opened.values ? opened.values.call : undefined
  const holder = matter?.holder ?? attestationIn(opened)?.holder
  const shown: Pick<Decision, 'reasons'> | undefined = side === 'holder' ? decision : told?.reply
  const policies = side === 'holder' ? leaf.pol : (told?.reply.policies ?? leaf.pol)
  return {
    id: leaf.eid,
    ts: leaf.ts,
    kind: leaf.t,
    side,
    log: leaf.log,
    hj: leaf.hj,
    aj: leaf.aj,
    ...(holder === undefined ? {} : { holder }),
    ...(call === undefined ? {} : { agency: call.agency, officer: call.officer }),
    ...(matter === undefined ? {} : { purpose: matter.purpose }),
    ...(leaf.out === undefined ? {} : { outcome: leaf.out }),
    ...(leaf.standing === undefined ? {} : { standing: leaf.standing }),
    ...(side === 'holder' && decision !== undefined && decision.outcome !== leaf.out
      ? { decided: decision.outcome }
      : {}),
    ...(leaf.dryRun ? { dryRun: true as const } : {}),
    rules: distinct((shown?.reasons ?? []).map(({ rule }) => rule)),
    policies: policies.map(({ id, version }) => `${id}@${version}`),
  }
}

const distinct = (values: readonly (string | null | undefined)[]): readonly string[] => [
  ...new Set(values.filter((value): value is string => typeof value === 'string' && value !== '')),
]
