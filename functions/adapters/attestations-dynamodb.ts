/** Attestations and objections in DynamoDB, by the holder for whom they were made. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { KeyUse } from '../decision/attestation.ts'
import { leftOf } from '../decision/attested.ts'
import { ComityError } from '../failure.ts'
import type { Attestations, KeptAttestation, KeptVouching, SignedBy } from '../ports.ts'
import {
  type ActMark,
  type ActMarks,
  isAgainst,
  markSaid,
  markUse,
  usesBy,
  withoutRow,
} from './attestation-marks.ts'
import {
  awayFrom,
  byEnd,
  byId,
  byScope,
  markPlacesOf,
  overBy,
  placesOf,
  saysAway,
  scopeKeyIn,
} from './attestation-places.ts'
import { attestationIn, objectionIn, useName } from './attestation-rows.ts'
import {
  type ItemKey,
  itemKey,
  jsonOf,
  keptKey,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { kinds, type RowKey, rowKey } from './rows.ts'

/**
 * Attestations. Each has a row by its id, to take it back, and a row by its scope, by which it counts. A
 * general one and a decision on a release have a third, by when it ends. An attestation of a matter is under its case, so that one read
 * finds all that was said there. The row by id is written first and says where the row by scope is, so that
 * whatever counts can be taken back. A withdrawal marks the row by scope, even before it is there, so that no
 * late retry of `put` brings it back. Rows stay where they were written: that by scope is sorted by when it ends,
 * and a request reads from its own time on. Signatures and persons are attributes of the row by scope, one for
 * each, so that a person can be taken out. Each person also has rows that lead to what names them, until they
 * are erased.
 */
export const dynamodbAttestations = (
  client: DynamoDBClient,
  table: string,
  acts: ActMarks,
): Attestations => {
  const rows = rowsIn(client, table)
  const marked = async (kept: KeptVouching, by: SignedBy): Promise<void> => {
    const use = { did: 'withdraw', ...by } as const
    await markUse(acts, kept, use)
    await mark(rows, kept, 'withdrawn', { BOOL: true }, use)
  }

  return {
    async about(holder, matter, at, isNew) {
      const [read, marks] = await Promise.all([
        actsOf(rows, placesOf(holder, matter, isNew), at),
        acts.of(markPlacesOf(holder, matter, isNew)),
      ])
      return foundIn(rows, read, marks, at)
    },

    async put(attestation) {
      await markSaid(acts, attestation)
      await putBoth(rows, 'attestation', attestation)
      const end = byEnd(attestation)
      // A decision by its id alone: nothing of the person is here, so that erasing them need not look.
      const text = attestation.scope.kind === 'general' && { attestation: textOn(attestation) }
      if (end !== undefined) await rows.putNew({ ...end, ...text })
    },

    async get(id) {
      const own = await rows.get(byId(id))
      // The id may be an objection's.
      if (own?.attestation === undefined) return undefined
      const row = await rows.get(scopeKeyIn(own))
      return attestationIn(row?.attestation === undefined ? own : row)
    },

    async takeBack(attestation, by) {
      await marked(attestation, by)
      const end = byEnd(attestation)
      // Else what is listed by its end would be pushed out by what is not.
      if (end !== undefined) await rows.remove(end)
    },

    async sign(attestation, signature, { kid, at, entry }) {
      const { agency, as } = signature
      const by: KeyUse = { did: 'sign', agency, kid, at, of: as, entry }
      const value = { S: JSON.stringify(signature) }
      await mark(rows, attestation, `signature#${as}#${agency}`, value, by)
      await markUse(acts, attestation, by)
    },

    async addPerson(attestation, person, request, by) {
      const use: KeyUse = { did: 'add-person', ...by, of: request }
      await lead(rows, person, attestation, await byScope(rows, attestation))
      // The request first, so that no person is named without the request that says who they are.
      await mark(rows, attestation, `request#${request}`, { S: request }, use)
      await mark(rows, attestation, personName(person), { S: person }, use)
      await markUse(acts, attestation, use)
    },

    forget: (person, at) => forget(rows, person, at),

    async object(objection) {
      await markSaid(acts, objection)
      await putBoth(rows, 'objection', objection)
    },

    async objection(id) {
      const item = await rows.get(byId(id))
      return item?.objection === undefined ? undefined : objectionIn(item)
    },

    endObjection: marked,

    async ending(holder, from, until) {
      const { Items = [] } = await rows.page(rowKey(kinds.ending, holder), betweenEnds(from, until))
      return standingOf(rows, Items.map(attestationIn))
    },

    decisions: (...asked) => decisionsFor(rows, ...asked),
  }
}

type KeptAs = 'attestation' | 'objection'

/** Most attestations to list by when they end; most decisions that are looked at for it. */
const [endingMax, lookedMax] = [200, 2000]

/** Rows by when they end, between two moments, the first to end first. */
const betweenEnds = (from: string, until: string) => ({
  KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
  values: { ':from': { S: from }, ':until': { S: until } },
  Limit: endingMax,
})

/** Decisions of a holder that end after a moment, page after page: what is not wanted hides none that is. */
async function decisionsFor(
  rows: Rows,
  ...[holder, after, isWanted]: Parameters<Attestations['decisions']>
): ReturnType<Attestations['decisions']> {
  const decisions: KeptAttestation[] = []
  let looked = 0
  const ending = rows.pages(rowKey(kinds.decisionEnding, holder), betweenEnds(after, '~'))
  for await (const page of ending) {
    const ids = page.map((item) => textOf(item, 'sk').split('#')[1] ?? '')
    const all = await Promise.all(ids.map((id) => rows.get(byId(id))))
    // Of those that were erased, the row by end stays.
    const wanted = all
      .flatMap((item) => (item?.attestation === undefined ? [] : [attestationIn(item)]))
      .filter(isWanted)
    decisions.push(...(await standingOf(rows, wanted)))
    looked += page.length
    if (decisions.length > endingMax || looked >= lookedMax)
      return { decisions: decisions.slice(0, endingMax), complete: false }
  }
  return { decisions, complete: true }
}

/** These attestations as they stand, without those that were taken back. */
async function standingOf(
  rows: Rows,
  all: readonly KeptAttestation[],
): Promise<readonly KeptAttestation[]> {
  const standing = await Promise.all(all.map((each) => byScope(rows, each).then(rows.get)))
  return standing.flatMap((item) =>
    item === undefined || item.withdrawn !== undefined ? [] : [attestationIn(item)],
  )
}

/**
 * Everything attested or objected in these places that had not ended at an instant, with what has and was objected
 * to: whom it named, the objection still reaches.
 */
async function foundIn(
  rows: Rows,
  read: readonly TableItem[],
  marks: readonly ActMark[],
  at: string,
): ReturnType<Attestations['about']> {
  // An earlier build that runs beside this one marks what was said under its id alone.
  const [bySort, uses] = [new Map(read.map((row) => [row.sk?.S, row])), usesBy(marks)]
  const found = read.map((row) => {
    const id = row.sk?.S?.split('#').at(-1)
    return { ...uses.get(id ?? ''), ...bySort.get(id), ...row }
  })
  const [objections, ended] = apart(found, 'objection', objectionIn)
  const [standing, back] = apart(found, 'attestation', attestationIn)
  const known = new Set([...standing, ...back].map(({ id }) => id))
  const against = new Set([...objections, ...ended].map((each) => each.against))
  const others = [...against].filter((id) => !known.has(id))
  const owns = await Promise.all(others.map((id) => rows.get(byId(id))))
  const over = await Promise.all(owns.map((own) => own && rows.get(scopeKeyIn(own))))
  const [reaching, backToo] = apart(over, 'attestation', attestationIn)
  return {
    attestations: [...standing, ...reaching],
    takenBack: [...back, ...backToo],
    ...{ objections, ended },
    missing: withoutRow(
      marks,
      new Set([...known, ...[...objections, ...ended].map(({ id }) => id)]),
      at,
    ),
  }
}

const actsOf = async (rows: Rows, places: readonly string[], at: string) =>
  (await Promise.all(places.map((pk) => actsIn(rows, pk, at)))).flat()

/** Most acts of one place to look through. */
const actsMax = 10_000

/**
 * The rows of a place that had not ended at an instant, as last written.
 *
 * INVARIANT (not knowing is stricter): if there are more than we look through, the request fails: one that is not read
 * may hold data back.
 */
async function actsIn(rows: Rows, pk: string, at: string): Promise<readonly TableItem[]> {
  const found: TableItem[] = []
  const since = {
    KeyConditionExpression: 'pk = :pk AND sk > :over',
    values: { ':over': { S: overBy(at) } },
  }
  for await (const page of rows.pages(pk, since)) {
    found.push(...page)
    if (found.length > actsMax)
      throw new ComityError(
        `couldn’t read what was attested: more than ${actsMax} acts in one place`,
      )
  }
  return found.some(saysAway) ? [...found, ...(await actsIn(rows, awayFrom(pk), at))] : found
}

/** What the rows of a kind say: those that stand, and those that were taken back. */
function apart<T>(
  all: readonly (TableItem | undefined)[],
  kind: KeptAs,
  read: (row: TableItem) => T,
): readonly [readonly T[], readonly T[]] {
  const own = all.filter((row) => row !== undefined).filter((row) => row[kind] !== undefined)
  const isBack = ({ withdrawn }: TableItem) => withdrawn !== undefined
  return [own.filter((row) => !isBack(row)).map(read), own.filter(isBack).map(read)]
}

/**
 * Puts the row by id, which says where that by scope is, then that one. That one names the persons before
 * anything leads to it from them, and is filled only if it is then still there: an erasure meanwhile takes them along.
 */
async function putBoth(rows: Rows, kind: KeptAs, kept: KeptVouching): Promise<void> {
  const { persons = [] } = kept
  const key = await byScope(rows, kept)
  const named = Object.fromEntries(persons.map((each) => [personName(each), { S: each }]))
  const [text, isNew] = [{ [kind]: textOn(kept) }, `attribute_not_exists(${kind})`]
  if (persons.length > 0) {
    // Already put: a retry must write no lead for a person who was erased since.
    if ((await rows.get(key))?.[kind] !== undefined) return
    await set(rows, key, named)
    for (const person of persons) await lead(rows, person, kept, key)
  }
  await set(rows, byId(kept.id), { ...text, at: key.pk, sortKey: key.sk }, isNew)
  // What holds data back stays through an erasure, also one that came while it was put.
  if (isAgainst(kept)) await set(rows, key, { ...text, ...named }, isNew)
  else await set(rows, key, text, persons.length > 0 ? `${isNew} AND attribute_exists(pk)` : isNew)
}

/** Sets attributes of a row, under a condition if there is one. */
const set = (rows: Rows, key: ItemKey, attributes: TableItem, condition?: string) => {
  const all = Object.entries(attributes)
  return rows.update(key, `SET ${all.map((_, i) => `#n${i} = :v${i}`).join()}`, {
    ...(condition === undefined ? {} : { if: condition }),
    names: Object.fromEntries(all.map(([name], i) => [`#n${i}`, name])),
    values: Object.fromEntries(all.map(([, value], i) => [`:v${i}`, value])),
  })
}

/** What a row says, without the persons: each has an attribute of its own in the row by scope. */
const textOn = ({ persons, ...said }: KeptVouching) => ({
  S: JSON.stringify(persons === undefined ? said : { ...said, persons: [] }),
})

/** Writes the row that leads from a person to what names them, before that counts for them. */
const lead = (rows: Rows, person: string, { id, scope }: KeptVouching, { pk, sk }: ItemKey) =>
  rows.put({
    ...leadOf(person, id),
    at: pk,
    sortKey: sk,
    isAlone: { BOOL: scope.kind === 'matter' },
  })

/** Says in the row by scope, in one write, what was done and by which key. */
async function mark(
  rows: Rows,
  kept: KeptVouching,
  name: string,
  value: TableItem[string],
  by: KeyUse,
): Promise<void> {
  await set(rows, await byScope(rows, kept), {
    [name]: value,
    [useName(by)]: { S: JSON.stringify(by) },
  })
}

/** Takes a person out of everything that names them, except what holds data back. */
async function forget(rows: Rows, person: string, at: string): Promise<void> {
  for (const each of await rows.all(leadsOf(person))) {
    const [id, place] = [textOf(each, 'sk'), textOf(each, 'at')]
    const isAlone = each.isAlone?.BOOL === true
    // An earlier build may have put the row away since the lead was written.
    const old = () => [place, awayFrom(place)].map((pk) => keptKey(pk, id))
    const keys = each.sortKey?.S === undefined ? old() : [keptKey(place, each.sortKey.S)]
    const stays: boolean[] = []
    for (const key of keys) stays.push(await forgetIn(rows, key, { id, person, isAlone, at }))
    if (stays.includes(true)) continue
    if (isAlone) await rows.remove(byId(id))
    await rows.remove(leadOf(person, id))
  }
}

/** Takes a person out of one row; true if it holds data back, and so stays. */
async function forgetIn(
  rows: Rows,
  key: ItemKey,
  of: { id: string; person: string; isAlone: boolean; at: string },
): Promise<boolean> {
  // A query, since the function that erases has no right to get items of this table.
  const exactly = { KeyConditionExpression: 'pk = :pk AND sk = :sk', values: { ':sk': key.sk } }
  const [row = {}] = (await rows.page(key.pk.S, exactly)).Items ?? []
  const left = row.attestation === undefined ? undefined : leftOf(attestationIn(row), of.at)
  // INVARIANT (not knowing is stricter): what holds data back stays; what lets it leave goes.
  const isHolding = row.objection !== undefined || left !== undefined
  if (isHolding && row.withdrawn === undefined) {
    if (left !== undefined) for (const one of [key, byId(of.id)]) await reduce(rows, one, row, left)
    return true
  }
  if (of.isAlone) await rows.remove(key)
  else
    await rows.update(key, 'REMOVE #person', {
      if: 'attribute_exists(pk)',
      names: { '#person': personName(of.person) },
    })
  return false
}

/** Reduces an attestation to `left`. Its persons and its signatures stay as they are. */
async function reduce(
  rows: Rows,
  key: ItemKey,
  row: TableItem,
  left: KeptAttestation,
): Promise<void> {
  const { persons: _, signatures: __, ...rest } = left
  const { persons } = Object(jsonOf(row, 'attestation'))
  await rows.update(key, 'SET attestation = :left', {
    if: 'attribute_exists(attestation)',
    values: { ':left': { S: JSON.stringify({ ...rest, persons }) } },
  })
}

const leadsOf = (person: string): RowKey => rowKey(kinds.namedIn, person)
const leadOf = (person: string, id: string) => itemKey(leadsOf(person), id)
const personName = (person: string): string => `person#${person}`
