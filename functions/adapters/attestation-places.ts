/** Where rows of attestations and objections are: by id, by scope, and by when they end. Each stays where it was written. */

import { createHash } from 'node:crypto'
import { dayMs, releaseHoursMax, statementsOf } from '../decision/attestation.ts'
import type { Matter } from '../decision/attested.ts'
import { foldCase } from '../decision/request.ts'
import type { KeptAttestation, KeptVouching } from '../ports.ts'
import { attestationIn, objectionIn } from './attestation-rows.ts'
import { type ItemKey, itemKey, keptKey, type Rows, type TableItem } from './dynamodb.ts'
import { kinds, type RowKey, rowKey } from './rows.ts'

/** The key of the row by id. */
export const byId = (id: string): ItemKey => itemKey(rowKey(kinds.saidById, id), 'attestation')

/** The key of the row by scope, as the row by id says; of what is not there yet, where it is to be. */
export async function byScope(rows: Rows, kept: KeptVouching): Promise<ItemKey> {
  const own = await rows.get(byId(kept.id))
  return own === undefined ? itemKey(placeOf(kept), sortKeyOf(kept)) : scopeKeyIn(own)
}

/** The key of the row by scope, from the row by id. Older rows by id do not say all of it. */
export function scopeKeyIn(own: TableItem): ItemKey {
  const kept = own.attestation === undefined ? objectionIn(own) : attestationIn(own)
  return keptKey(own.at?.S ?? placeBefore(kept), own.sortKey?.S ?? kept.id)
}

/**
 * An attestation is sorted by when it ends, so that a query leaves out what has. A decision to release replaces
 * those before it for as long as they may last. An objection has no such end; older rows are all sorted by their id, too.
 */
const sortKeyOf = (kept: KeptVouching): string => {
  const over = overOf(kept)
  return over === undefined ? kept.id : `${over}#${kept.id}`
}

/** When what was said is over, as sort keys have it; undefined of an objection. */
export function overOf(kept: KeptVouching): string | undefined {
  if ('against' in kept) return undefined
  const { release, enteredAt, until } = kept
  const replacesUntil =
    release === undefined ? 0 : Date.parse(enteredAt) + releaseHoursMax * 3_600_000
  return overAt(Math.max(Date.parse(until), replacesUntil))
}

/** Below this sort key is what had ended at an instant by every clock, a day apart at most. Ids are above all of it. */
export const overBy = (at: string): string => overAt(Date.parse(at) - dayMs)
const overAt = (ms: number): string => `#${new Date(ms).toISOString()}`

/** Where a matter's attestations and objections may be: of its country, its case, and as older rows have it. */
export const placesOf = (
  holder: string,
  { requester, requesterJurisdiction, caseReference, id }: Matter,
  isNew = false,
): readonly string[] => {
  const country = { kind: 'general', requester: requesterJurisdiction } as const
  const ofCase = { kind: 'case', requester, caseReference } as const
  const before = { kind: 'matter', matter: id } as const
  const places = new Set([
    placeOf({ holder, scope: country }),
    placeOf({ holder, scope: ofCase }),
    ...[ofCase, ...(isNew ? [] : [before])].map((scope) => placeBefore({ holder, scope })),
  ])
  return [...places]
}

/** Where marks of acts that a matter may hang on are. */
export const markPlacesOf = (
  holder: string,
  { requester, requesterJurisdiction, caseReference, id }: Matter,
  isNew = false,
): readonly string[] => [
  placeOf({ holder, scope: { kind: 'general', requester: requesterJurisdiction } }),
  placeOf({ holder, scope: { kind: 'case', requester, caseReference } }),
  ...(isNew ? [] : [placeOf({ holder, scope: { kind: 'matter', matter: id } })]),
]

/** Where an earlier build put what was taken back, or had ended, of a place. Nothing moves any more. */
export const awayFrom = (place: string): string => `${place}#gone`

/** Whether a row says that an earlier build put something taken back away from its place. */
export const saysAway = ({ sk }: TableItem): boolean => sk?.S === 'withdrawn-by'

/** The key of the row by when it ends, of a general attestation and of a decision on a release; others have none. */
export function byEnd(attestation: KeptAttestation): ItemKey | undefined {
  const { holder, until, id, scope } = attestation
  const end = `${new Date(until).toISOString()}#${id}`
  if (scope.kind === 'general') return itemKey(rowKey(kinds.ending, holder), end)
  const decides = statementsOf(attestation).some(({ fact }) => fact === 'release.decision')
  return decides ? itemKey(rowKey(kinds.decisionEnding, holder), end) : undefined
}

type Placed = Pick<KeptVouching, 'holder' | 'scope' | 'inCase'>

/** The partition key for a country or a case; for a matter whose case is not known, that of the matter. */
export function placeOf({ holder, scope, inCase }: Placed): RowKey {
  const of = scope.kind === 'case' ? scope : inCase
  return of === undefined
    ? placeBefore({ holder, scope })
    : placeBefore({
        holder,
        scope: { ...of, kind: 'case', caseReference: foldCase(of.caseReference) },
      })
}

/** The old partition key, from before matters were under their case and spellings of a case were folded. */
function placeBefore({ holder, scope }: Placed): RowKey {
  switch (scope.kind) {
    case 'matter':
      // The name that rows had when an attestation was about one request.
      return rowKey(kinds.saidOfMatter, holder, scope.matter)
    case 'case': {
      // A hash, since agencies name cases freely.
      const hash = createHash('sha256').update(scope.caseReference, 'utf8').digest('base64url')
      return rowKey(kinds.saidOfCase, holder, scope.requester, hash)
    }
    case 'general':
      return rowKey(kinds.saidOfCountry, holder, scope.requester)
  }
}
