/**
 * Where rows of attestations and objections are: where requests read them, and where they go once they count
 * no longer.
 *
 * INVARIANT (gone for ever): what has left counts nowhere again. Its row by id names the new place before
 * anything is copied, so that whoever writes from then on writes there. A writer of before is too late: it
 * fills no row that it has not claimed, and finds its claim gone, or the row by id pointing elsewhere.
 */

import { createHash, randomUUID } from 'node:crypto'
import { dayMs, releaseHoursMax, statementsOf } from '../decision/attestation.ts'
import { type AgencySignature, withdrawalsOf } from '../decision/compromised.ts'
import { foldCase } from '../decision/request.ts'
import { ComityError } from '../failure.ts'
import type { KeptAttestation, KeptObjection } from '../ports.ts'
import { attestationIn, objectionIn } from './attestation-rows.ts'
import { type ItemKey, itemKey, keyOfItem, type Rows, type TableItem } from './dynamodb.ts'

/** An attestation or an objection, as it is kept. */
export type KeptVouching = KeptAttestation | KeptObjection

/** The key of the row by id. */
export const byId = (id: string): ItemKey => itemKey(`A#${id}`, 'attestation')

/** The key of the row by scope, as the row by id says. Old rows by id do not say; theirs is worked out. */
export async function byScope(rows: Rows, kept: KeptVouching): Promise<ItemKey> {
  const own = await rows.get(byId(kept.id))
  return itemKey(own === undefined ? placeOf(kept) : placeIn(own, kept), kept.id)
}

const placeIn = (own: TableItem, kept: KeptVouching): string => own.at?.S ?? placeBefore(kept)

/** The row by scope, if it is there. While it moves, or after a crash, it may be where it was before. */
export async function rowByScope(rows: Rows, kept: KeptVouching): Promise<TableItem | undefined> {
  const key = await byScope(rows, kept)
  const row = await rows.get(key)
  if (isFilled(row) || !isAway(key)) return row
  return (await rows.get(itemKey(hereOf(key.pk.S), kept.id))) ?? row
}

/** Where a matter's attestations and objections may be: of its country, its case, and as older rows have it. */
export const placesOf = (
  holder: string,
  matter: {
    readonly id: string
    readonly requester: string
    readonly requesterJurisdiction: string
    readonly caseReference: string
  },
  isNew = false,
): readonly string[] => {
  const { requester, requesterJurisdiction, caseReference, id } = matter
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

/** Where rows go that were in a place. */
export const awayFrom = (place: string): string => `${hereOf(place)}${away}`
/** Where rows were that have gone to a place. */
export const hereOf = (place: string): string =>
  place.endsWith(away) ? place.slice(0, -away.length) : place
const away = '#gone'

/** Whether the key is one of a row that has left, or is leaving. */
export const isAway = ({ pk }: ItemKey): boolean => pk.S.endsWith(away)

/**
 * Fills the row by scope of what was just entered, once. Does nothing if it has been withdrawn and has left,
 * or was erased.
 */
export const fillByScope = async (
  rows: Rows,
  key: ItemKey,
  kept: KeptVouching,
  attributes: TableItem,
): Promise<boolean> =>
  fill(rows, key, async () => {
    const own = await rows.get(byId(kept.id))
    return own !== undefined && placeIn(own, kept) === key.pk.S ? attributes : undefined
  })

/**
 * Fills a row with what `read` gives, unless it is filled. The row is claimed before, and filled only while the
 * claim is there: whoever removes the row makes us read again, however late we are. False if `read` gives
 * nothing.
 */
async function fill(
  rows: Rows,
  key: ItemKey,
  read: () => Promise<TableItem | undefined>,
): Promise<boolean> {
  const names = { '#claim': `claim#${randomUUID()}` }
  const isClaimed = 'attribute_exists(#claim)'
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const values = { ':claim': { BOOL: true } }
    const claim = { if: isEmpty, names, values }
    if (!(await rows.update(key, 'SET #claim = :claim', claim))) return true
    const all = Object.entries((await read()) ?? {})
    if (all.length === 0) {
      await rows.remove(key, { if: isEmpty })
      return false
    }
    const set = all.map((_, i) => `#a${i} = :a${i}`).join()
    const isWritten = await rows.update(key, `SET ${set} REMOVE #claim`, {
      if: `${isClaimed} AND ${isEmpty}`,
      names: { ...names, ...Object.fromEntries(all.map(([name], i) => [`#a${i}`, name])) },
      values: Object.fromEntries(all.map(([, value], i) => [`:a${i}`, value])),
    })
    if (isWritten) return true
    await rows.update(key, 'REMOVE #claim', { if: isClaimed, names })
  }
  throw new ComityError('couldn’t write an attestation: its row was removed again and again')
}

/** Whether an attribute is a claim. */
export const isClaim = (name: string): boolean => name.startsWith('claim#')

/** Each further attempt follows a removal, and a row is removed by a move and by an erasure, once each. */
const attemptsMax = 4

/** The condition under which a row says nothing yet: it is only marked or claimed. */
export const isEmpty = 'attribute_not_exists(attestation) AND attribute_not_exists(objection)'
const isFilled = (row: TableItem | undefined): row is TableItem =>
  row?.attestation !== undefined || row?.objection !== undefined

/**
 * Moves what counts no longer at the instant `at` out of a place, so that no request reads it. Bounded: what
 * is left goes when somebody attests or withdraws there the next time.
 */
export async function clear(rows: Rows, place: string, at: string): Promise<void> {
  const here = hereOf(place)
  const found = (await rows.all(here)).filter(isFilled)
  const doubts = found.filter(({ objection, withdrawn }) => objection && withdrawn === undefined)
  const objected = new Set(
    doubts.map(read).flatMap((each) => (each && 'against' in each ? [each.against] : [])),
  )
  const due = found.filter((row) => mayLeave(row, objected, Date.parse(at)))
  await Promise.all(due.slice(0, leavingMax).map((row) => leave(rows, row)))
}

/** Most rows that one act moves. */
const leavingMax = 25

/**
 * Whether a row counts no longer and plays no part in what counts. A decision to release holds back those
 * before it, so it stays until they have ended. An objection that stands reaches whomever its attestation
 * names. If persons were added, it may still be made; if only rows of before are in the place, it is in
 * another: such an attestation stays until it is withdrawn.
 */
function mayLeave(row: TableItem, objected: ReadonlySet<string>, nowMs: number): boolean {
  const said = read(row)
  if (said === undefined) return false
  if ('against' in said) return row.withdrawn !== undefined
  const { release, until, enteredAt, id, added } = said
  const releasedMs = Date.parse(enteredAt) + releaseHoursMax * 3_600_000
  if (release !== undefined && !(releasedMs + apartMs < nowMs)) return false
  if (row.withdrawn !== undefined) return true
  const isReached = objected.has(id) || added !== undefined || placeOf(said) !== row.pk?.S
  return Date.parse(until) + apartMs < nowMs && !isReached
}

/** The farthest that two clocks are apart, ms. */
export const apartMs = dayMs

/** A row, where it can be read. One that cannot stays where it is, and requests say so. */
function read(row: TableItem): KeptVouching | undefined {
  try {
    return row.attestation === undefined ? objectionIn(row) : attestationIn(row)
  } catch {
    return undefined
  }
}

/** Moves one row: written in the new place first, then removed from the old one. */
async function leave(rows: Rows, row: TableItem): Promise<void> {
  const here = keyOfItem(row)
  const there = itemKey(awayFrom(here.pk.S), here.sk.S)
  const isThere = await fill(rows, there, async () => {
    const points = await rows.update(byId(here.sk.S), 'SET #at = :at', {
      if: `NOT (${isEmpty})`,
      names: { '#at': 'at' },
      values: { ':at': there.pk },
    })
    const now = points ? await rows.get(here) : undefined
    if (!isFilled(now)) return undefined
    await noteWithdrawals(rows, here.pk.S, now)
    const { pk: _, sk: __, ...said } = now
    return Object.fromEntries(Object.entries(said).filter(([name]) => !isClaim(name)))
  })
  if (!isThere) return
  await rows.remove(here)
  const end = row.attestation && byEnd(attestationIn(row))
  if (end !== undefined) await rows.remove(end)
}

/** The key of the row by when it ends, of a general attestation and of a decision on a release; others have none. */
export function byEnd(attestation: KeptAttestation): ItemKey | undefined {
  const { holder, until, id, scope } = attestation
  const end = `${new Date(until).toISOString()}#${id}`
  if (scope.kind === 'general') return itemKey(`E#${holder}`, end)
  const decides = statementsOf(attestation).some(({ fact }) => fact === 'release.decision')
  return decides ? itemKey(decisionsOf(holder), end) : undefined
}

/** Where the rows of a holder's decisions on releases are, by when they end. */
export const decisionsOf = (holder: string): string => `E#${holder}#decisions`

/**
 * Notes in a place by which keys something was withdrawn that has left it. If others had such a key, requests
 * read what has left.
 */
async function noteWithdrawals(rows: Rows, place: string, row: TableItem): Promise<void> {
  const said = row.withdrawn === undefined ? undefined : read(row)
  for (const { agency, kid = '', at = '' } of said === undefined ? [] : withdrawalsOf(said))
    await rows.update(itemKey(place, withdrawnBy), 'SET #key = :at', {
      if: 'attribute_not_exists(#key) OR #key < :at',
      names: { '#key': `by#${agency}#${kid}` },
      values: { ':at': { S: at } },
    })
}
const withdrawnBy = 'withdrawn-by'

/** The latest withdrawal by each key of what has left a place, from the rows of that place. */
export const withdrawalsIn = (found: readonly TableItem[]): readonly AgencySignature[] =>
  found
    .filter(({ sk }) => sk?.S === withdrawnBy)
    .flatMap((row) => Object.entries(row))
    .flatMap(([name, { S: at = '' }]): readonly AgencySignature[] => {
      const [by, agency = '', ...kid] = name.split('#')
      if (by !== 'by') return []
      const key = kid.join('#')
      return [
        { did: 'withdraw', agency, ...(key !== '' && { kid: key }), ...(at !== '' && { at }) },
      ]
    })

type Placed = Pick<KeptVouching, 'holder' | 'scope' | 'inCase'>

/** The partition key for a country or a case; for a matter whose case is not known, that of the matter. */
function placeOf({ holder, scope, inCase }: Placed): string {
  const of = scope.kind === 'case' ? scope : inCase
  return of === undefined
    ? placeBefore({ holder, scope })
    : placeBefore({
        holder,
        scope: { ...of, kind: 'case', caseReference: foldCase(of.caseReference) },
      })
}

/** The old partition key, from before matters were under their case and spellings of a case were folded. */
function placeBefore({ holder, scope }: Placed): string {
  switch (scope.kind) {
    case 'matter':
      // The name that rows had when an attestation was about one request.
      return `A#${holder}#request#${scope.matter}`
    case 'case': {
      // A hash, since agencies name cases freely.
      const hash = createHash('sha256').update(scope.caseReference, 'utf8').digest('base64url')
      return `A#${holder}#case#${scope.requester}#${hash}`
    }
    case 'general':
      return `A#${holder}#standing#${scope.requester}`
  }
}
