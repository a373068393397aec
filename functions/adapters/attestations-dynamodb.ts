/** Attestations and objections in DynamoDB, by the holder for whom they were made. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Countersignature, KeyUse } from '../decision/attestation.ts'
import { leftOf } from '../decision/attested.ts'
import type { Attestations, KeptAttestation, KeptObjection, SignedBy } from '../ports.ts'
import {
  apartMs,
  awayFrom,
  byEnd,
  byId,
  byScope,
  clear,
  decisionsOf,
  fillByScope,
  hereOf,
  isAway,
  isClaim,
  isEmpty,
  type KeptVouching,
  placesOf,
  rowByScope,
  withdrawalsIn,
} from './attestation-places.ts'
import { attestationIn, objectionIn, useName } from './attestation-rows.ts'
import {
  type ItemKey,
  itemKey,
  jsonOf,
  keyOfItem,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'

/**
 * Attestations. Each has a row by its id, to withdraw it, and a row by its scope, by which it counts. A
 * general one and a decision on a release have a third, by when it ends. An attestation of a matter is under its case, so that one read
 * finds all that was said there. The row by id is written first and says where the row by scope is, so that
 * whatever counts can be withdrawn. A withdrawal marks the row by scope, even before it is there, so that no
 * late retry of `put` brings it back, and the row then leaves the place that requests read. Signatures and persons are attributes of the row by scope, one for
 * each, so that a person can be taken out. Each person also has rows that lead to what names them, until they
 * are erased.
 */
export const dynamodbAttestations = (client: DynamoDBClient, table: string): Attestations => {
  const rows = rowsIn(client, table)
  const withdrawn = async (kept: KeptVouching, by: SignedBy): Promise<void> => {
    const { pk } = await mark(rows, kept, 'withdrawn', { BOOL: true }, { did: 'withdraw', ...by })
    await clear(rows, pk.S, by.at)
  }

  return {
    about: (holder, matter, isNew) => foundIn(rows, placesOf(holder, matter, isNew)),
    gone: (holder, matter) => foundIn(rows, placesOf(holder, matter).map(awayFrom)),

    async put(attestation) {
      const key = await putBoth(rows, 'attestation', attestation)
      const end = isAway(key) ? undefined : byEnd(attestation)
      if (end !== undefined && attestation.scope.kind === 'general')
        await putOnce(rows, end, 'attestation', attestation)
      else if (end !== undefined) {
        // By its id alone: nothing of the person is here, so that erasing them need not look.
        await rows.putNew(end)
        await clearEnded(rows, end.pk.S, attestation.enteredAt)
      }
      await clear(rows, key.pk.S, attestation.enteredAt)
    },

    async get(id) {
      const item = await rows.get(byId(id))
      // The id may be an objection's.
      if (item?.attestation === undefined) return undefined
      const attestation = attestationIn(item)
      const standing = await rowByScope(rows, attestation)
      return standing?.attestation === undefined ? attestation : attestationIn(standing)
    },

    withdraw: withdrawn,

    async sign(attestation, signature, { kid, at }) {
      const { agency, as } = signature
      const by: KeyUse = { did: 'sign', agency, kid, at, of: as }
      const value = { S: JSON.stringify(signature) }
      await mark(rows, attestation, signatureName(signature), value, by)
    },

    async addPerson(attestation, person, request, by) {
      const use: KeyUse = { did: 'add-person', ...by, of: request }
      await lead(rows, person, attestation, await byScope(rows, attestation))
      // The request first, so that no person is named without the request that says who they are.
      await mark(rows, attestation, `request#${request}`, { S: request }, use)
      await mark(rows, attestation, personName(person), { S: person }, use)
    },

    forget: (person, at) => forget(rows, person, at),

    async object(objection) {
      const { pk } = await putBoth(rows, 'objection', objection)
      await clear(rows, pk.S, objection.enteredAt)
    },

    async objection(id) {
      const item = await rows.get(byId(id))
      return item?.objection === undefined ? undefined : objectionIn(item)
    },

    endObjection: withdrawn,

    async ending(holder, from, until) {
      const { Items = [] } = await rows.page(`E#${holder}`, betweenEnds(from, until))
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
  for await (const page of rows.pages(decisionsOf(holder), betweenEnds(after, '~'))) {
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

/** These attestations as they stand, without those that were withdrawn. */
async function standingOf(
  rows: Rows,
  all: readonly KeptAttestation[],
): Promise<readonly KeptAttestation[]> {
  const standing = await Promise.all(all.map((each) => rowByScope(rows, each)))
  return standing.flatMap((item) =>
    item === undefined || item.withdrawn !== undefined ? [] : [attestationIn(item)],
  )
}

/** Removes rows by end of what ended long before an instant: nobody asks for them any more. Bounded, as `clear` is. */
async function clearEnded(rows: Rows, pk: string, at: string): Promise<void> {
  const past = new Date(Date.parse(at) - apartMs).toISOString()
  const { Items = [] } = await rows.page(pk, {
    KeyConditionExpression: 'pk = :pk AND sk < :past',
    values: { ':past': { S: past } },
    Limit: 25,
  })
  await Promise.all(Items.map((item) => rows.remove(keyOfItem(item))))
}

/** Everything attested or objected in these places. */
async function foundIn(rows: Rows, places: readonly string[]): ReturnType<Attestations['about']> {
  const found = (await Promise.all(places.map((pk) => rows.all(pk)))).flat()
  const gone = found.filter(({ withdrawn }) => withdrawn !== undefined)
  const standing = found.filter(({ withdrawn }) => withdrawn === undefined)
  return {
    attestations: standing.filter(({ attestation }) => attestation).map(attestationIn),
    takenBack: gone.filter(({ attestation }) => attestation).map(attestationIn),
    objections: standing.filter(({ objection }) => objection).map(objectionIn),
    ended: gone.filter(({ objection }) => objection).map(objectionIn),
    withdrawals: withdrawalsIn(found),
  }
}

/** Puts the row by id, then that by scope, and says where that one is. */
async function putBoth(rows: Rows, name: KeptAs, kept: KeptVouching): Promise<ItemKey> {
  const { persons = [] } = kept
  const key = await byScope(rows, kept)
  // Already put: a retry must write no lead for a person who was erased since.
  if (isAway(key)) return key
  if (persons.length > 0 && (await rows.get(key))?.[name] !== undefined) return key
  for (const person of persons) await lead(rows, person, kept, key)
  await putOnce(rows, byId(kept.id), name, kept, { at: key.pk.S })
  const named = persons.map((each) => [personName(each), { S: each }])
  await fillByScope(rows, key, kept, { [name]: textOn(kept), ...Object.fromEntries(named) })
  return key
}

/** Puts a row only once, so that a late retry brings back no person who was erased since. */
async function putOnce(
  rows: Rows,
  key: ItemKey,
  name: KeptAs,
  kept: KeptVouching,
  { at }: { readonly at?: string } = {},
): Promise<void> {
  await rows.update(key, `SET #kept = :kept${at === undefined ? '' : ', #at = :at'}`, {
    if: 'attribute_not_exists(#kept)',
    names: { '#kept': name, ...(at !== undefined && { '#at': 'at' }) },
    values: { ':kept': textOn(kept), ...(at !== undefined && { ':at': { S: at } }) },
  })
}

/** What a row says, without the persons: each has an attribute of its own in the row by scope. */
const textOn = ({ persons, ...said }: KeptVouching) => ({
  S: JSON.stringify(persons === undefined ? said : { ...said, persons: [] }),
})

/** Writes the row that leads from a person to what names them, before that names them. */
async function lead(
  rows: Rows,
  person: string,
  of: KeptVouching,
  { pk, sk }: ItemKey,
): Promise<void> {
  const isAlone = { BOOL: of.scope.kind === 'matter' }
  await rows.put({ ...leadOf(person, sk.S), at: pk, isAlone })
}

/**
 * Says in the row by scope, in one write, what was done and by which key; says it again if the row moved
 * meanwhile. Returns where it is said.
 */
async function mark(
  rows: Rows,
  kept: KeptVouching,
  name: string,
  value: TableItem[string],
  by: KeyUse,
): Promise<ItemKey> {
  let marked: ItemKey | undefined
  for (;;) {
    const key = await byScope(rows, kept)
    if (key.pk.S === marked?.pk.S) return key
    // The row has left: what we wrote is not part of it.
    if (marked !== undefined) await rows.remove(marked, { if: isEmpty })
    await rows.update(key, 'SET #name = :value, #use = :use', {
      names: { '#name': name, '#use': useName(by) },
      values: { ':value': value, ':use': { S: JSON.stringify(by) } },
    })
    marked = key
  }
}

/** Takes a person out of everything that names them, except what holds data back. */
async function forget(rows: Rows, person: string, at: string): Promise<void> {
  for (const each of await rows.all(leadsOf(person))) {
    const [id, place] = [textOf(each, 'sk'), hereOf(textOf(each, 'at'))]
    const isAlone = each.isAlone?.BOOL === true
    // In this order, since a row moves this way: a copy from before is filled no more.
    const stays: boolean[] = []
    for (const pk of [place, awayFrom(place)])
      stays.push(await forgetIn(rows, itemKey(pk, id), { person, isAlone, at }))
    if (stays.includes(true)) continue
    if (isAlone) await rows.remove(byId(id))
    await rows.remove(leadOf(person, id))
  }
}

/** Takes a person out of one row; true if it holds data back, and so stays. */
async function forgetIn(
  rows: Rows,
  key: ItemKey,
  { person, isAlone, at }: { person: string; isAlone: boolean; at: string },
): Promise<boolean> {
  // A query, since the function that erases has no right to get items of this table.
  const exactly = { KeyConditionExpression: 'pk = :pk AND sk = :sk', values: { ':sk': key.sk } }
  const [row = {}] = (await rows.page(key.pk.S, exactly)).Items ?? []
  const left = row.attestation === undefined ? undefined : leftOf(attestationIn(row), at)
  // INVARIANT (not knowing is stricter): what holds data back stays; what lets it leave goes.
  const isAgainst = row.objection !== undefined || left !== undefined
  if (isAgainst && row.withdrawn === undefined) {
    if (left !== undefined)
      for (const one of [key, byId(key.sk.S)]) await reduce(rows, one, row, left)
    return true
  }
  if (isAlone) await rows.remove(key)
  else {
    // Whoever claimed the row would fill it from one that named the person.
    const names = [personName(person), ...Object.keys(row).filter(isClaim)]
    await rows.update(key, `REMOVE ${names.map((_, i) => `#n${i}`).join()}`, {
      if: 'attribute_exists(pk)',
      names: Object.fromEntries(names.map((name, i) => [`#n${i}`, name])),
    })
  }
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

/** An attestation or an objection, and whether it was withdrawn. */
export type AnyVouched = {
  readonly attestation?: KeptAttestation
  readonly objection?: KeptObjection
  readonly isWithdrawn: boolean
}

/**
 * Every attestation and objection of a table, by a scan, for an operator's command; undefined for a row that
 * cannot be read. Requests never scan.
 */
export async function* allVouched(
  client: DynamoDBClient,
  table: string,
): AsyncIterable<AnyVouched | undefined> {
  const vouched = {
    FilterExpression:
      'begins_with(pk, :a) AND sk <> :byId AND (attribute_exists(attestation) OR attribute_exists(objection))',
    ExpressionAttributeValues: { ':a': { S: 'A#' }, ':byId': { S: 'attestation' } },
  }
  for await (const items of rowsIn(client, table).scan(vouched))
    for (const item of items) {
      let read: AnyVouched | undefined
      try {
        const isWithdrawn = item.withdrawn !== undefined
        read =
          item.attestation === undefined
            ? { objection: objectionIn(item), isWithdrawn }
            : { attestation: attestationIn(item), isWithdrawn }
      } catch {}
      yield read
    }
}

const leadsOf = (person: string): string => `P#${person}`
const leadOf = (person: string, id: string) => itemKey(leadsOf(person), id)
const personName = (person: string): string => `person#${person}`
const signatureName = ({ as, agency }: Countersignature): string => `signature#${as}#${agency}`
