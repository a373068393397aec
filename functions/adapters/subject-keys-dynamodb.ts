/** The keys of subjects in DynamoDB, each wrapped under its jurisdiction's key. */

import { randomBytes } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ComityError } from '../failure.ts'
import { type Beside, type Kek, quarterOf } from '../ledger/entry.ts'
import type { EarlierKeys, Generation, SubjectKey, SubjectKeys } from '../ports.ts'
import { seal, unseal } from './aes-gcm.ts'
import {
  bytesOf,
  itemKey,
  keptKey,
  keyOfItem,
  newestOf,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/** How often we retry after another call made the same generation. Each time, one more is there. */
const racesMax = 5

/**
 * Subjects' keys, each wrapped under its jurisdiction's `wrapKey`. The row of an erased key stays, without the
 * key, so that no generation is ever made twice.
 */
export const dynamodbSubjectKeys = (
  client: DynamoDBClient,
  table: string,
  wrapKey: (jurisdiction: string) => Uint8Array,
): SubjectKeys => {
  const rows = rowsIn(client, table)
  const look: SubjectKeys['look'] = async (jurisdiction, pseudonym) => {
    const pk = pkOf(jurisdiction, pseudonym)
    const seen = await newestOf(client, table, pk)
    return async (at, discloses = false) => {
      const made = { jurisdiction, quarter: quarterOf(at), discloses }
      for (let race = 0; race < racesMax; race++) {
        const item = race === 0 ? seen : await newestOf(client, table, pk)
        const next = 1 + (item === undefined ? 0 : generationOf(item))
        const key: SubjectKey | undefined =
          item !== undefined && isFit(item, made)
            ? { kid: textOf(item, 'kid'), kek: kekIn(item, wrapKey(jurisdiction)) }
            : await make(rows, wrapKey(jurisdiction), itemKey(pk, sortKey(next)), made)
        if (key !== undefined) return key
      }
      throw new ComityError('couldn’t make a subject’s key: others kept making and erasing it')
    }
  }
  return {
    look,

    async keyFor(jurisdiction, pseudonym, ...of) {
      const keyOf = await look(jurisdiction, pseudonym)
      return keyOf(...of)
    },

    async forFile(jurisdiction, pseudonym) {
      const pk = pkOf(jurisdiction, pseudonym)
      for (let race = 0; race < racesMax; race++) {
        const item = await newestOf(client, table, pk)
        const place = itemKey(pk, sortKey(1 + (item === undefined ? 0 : generationOf(item))))
        const key = await make(rows, wrapKey(jurisdiction), place, { jurisdiction })
        if (key !== undefined) return key
      }
      throw new ComityError('couldn’t make a key for a file: others kept making such')
    },

    async open(kid) {
      const key = await keyOf(rows, kid)
      return key && opening(rows, key.item, wrapKey(key.jurisdiction))
    },

    async openEach(kids) {
      const opened = (await keysOf(rows, [...new Set(kids)])).map(
        async ({ kid, item, jurisdiction }) =>
          [kid, await opening(rows, item, wrapKey(jurisdiction))] as const,
      )
      return new Map(await Promise.all(opened))
    },

    async openToAct(kid) {
      const key = await keyOf(rows, kid)
      return key && !isRestricted(key.item)
        ? opening(rows, key.item, wrapKey(key.jurisdiction))
        : undefined
    },

    async generations(jurisdiction, pseudonym) {
      return (await rows.all(pkOf(jurisdiction, pseudonym))).filter(isActive).map(generationIn)
    },

    shred: (kid, keptFrom) => shred(rows, kid, keptFrom),

    replace: (kid, left) => replace(rows, kid, left, wrapKey),
    forget: (jurisdiction, pseudonym) => forget(rows, pkOf(jurisdiction, pseudonym)),
    hold: (kid, act) => add(rows, 'heldBy', kid, act),
    restrict: (kid, act, findings) =>
      add(rows, findings ? 'findingsRestrictedBy' : 'restrictedBy', kid, act),

    async lift(kid, act) {
      await change(rows, kid, `ADD lifted :acts DELETE ${ofActs.join(' :acts, ')} :acts`, {
        if: 'attribute_exists(pk)',
        values: { ':acts': { SS: [act] } },
      })
    },

    async isRestricted(kid, findings) {
      const key = await keyOf(rows, kid)
      const isFindings = findings !== undefined && key?.item.findingsRestrictedBy !== undefined
      return key !== undefined && (isRestricted(key.item) || isFindings)
    },
  }
}

/** What a key is for, by which we tell whether an existing key will do. */
type Use = {
  readonly jurisdiction: string
  readonly quarter: string
  readonly discloses: boolean
}

const isFit = (item: TableItem, { quarter, discloses }: Use): boolean =>
  isActive(item) &&
  !isRestricted(item) &&
  (item.quarter?.S ?? '') >= quarter &&
  (!discloses || item.disclosed?.BOOL === true)

/** Makes a key. Writes the way to it first, since a way to a key that was never made does no harm. */
async function make(
  rows: Rows,
  wrapKey: Uint8Array,
  place: ReturnType<typeof itemKey>,
  { jurisdiction, quarter, discloses = false }: Pick<Use, 'jurisdiction'> & Partial<Use>,
): Promise<SubjectKey | undefined> {
  const kid = randomBytes(16).toString('base64url')
  const kek = randomBytes(32)
  const { pk, sk } = place
  await rows.putNew({ ...wayTo(kid), of: pk, generation: sk, hj: { S: jurisdiction } })
  const isMade = await rows.putNew({
    ...place,
    kid: { S: kid },
    ...(quarter === undefined ? {} : { quarter: { S: quarter } }),
    ...(discloses ? { disclosed: { BOOL: true } } : {}),
    state: { S: 'active' },
    wrapped: { B: seal(wrapKey, kek, contextOf(pk.S, sk.S)) },
  })
  return isMade ? { kid, kek } : undefined
}

/** The rows of the keys that ids name; those of keys that are gone are left out. */
async function keysOf(rows: Rows, kids: readonly string[]) {
  const ways = await rows.getEach(kids.map(wayTo))
  const places = ways.map((way) => keptKey(textOf(way, 'of'), textOf(way, 'generation')))
  const jurisdictions = new Map(
    ways.map((way) => [textOf(way, 'pk').slice(wayTo('').pk.S.length), textOf(way, 'hj')]),
  )
  const items = await rows.getEach(places)
  return items.filter(isActive).flatMap((item) => {
    const kid = item.kid?.S ?? ''
    const jurisdiction = jurisdictions.get(kid)
    return jurisdiction === undefined ? [] : [{ kid, item, jurisdiction }]
  })
}

/** The row of the key that an id names; undefined if the key is gone. */
async function keyOf(rows: Rows, kid: string) {
  const way = await rows.get(wayTo(kid))
  const item = way && (await rows.get(keptKey(textOf(way, 'of'), textOf(way, 'generation'))))
  if (way === undefined || item === undefined || !isActive(item) || item.kid?.S !== kid)
    return undefined
  return { item, jurisdiction: textOf(way, 'hj') }
}

/** Changes the row of a key that still opens, if `terms.if` holds too; false if not. */
async function change(
  rows: Rows,
  kid: string,
  update: string,
  terms: {
    readonly if: string
    readonly names?: Readonly<Record<string, string>>
    readonly values: TableItem
  },
): Promise<boolean> {
  const key = await keyOf(rows, kid)
  if (key === undefined) return false
  return rows.update(keyOfItem(key.item), update, {
    if: `kid = :kid AND attribute_exists(#wrapped) AND ${terms.if}`,
    names: { '#wrapped': 'wrapped', ...terms.names },
    values: { ':kid': { S: kid }, ...terms.values },
  })
}

/** What acts hold or restrict of a key. */
const ofActs = ['heldBy', 'restrictedBy', 'findingsRestrictedBy'] as const

/** Adds an act to those that hold or restrict a key, unless the act was lifted. */
const add = (rows: Rows, to: (typeof ofActs)[number], kid: string, act: string): Promise<boolean> =>
  change(rows, kid, 'ADD #to :acts', {
    if: 'NOT contains(lifted, :act)',
    names: { '#to': to },
    values: { ':act': { S: act }, ':acts': { SS: [act] } },
  })

async function shred(
  rows: Rows,
  kid: string,
  keptFrom: string | undefined,
): Promise<'shredded' | 'held' | 'kept'> {
  const isOld = ' AND (attribute_not_exists(disclosed) OR quarter < :keptFrom)'
  const gone =
    'SET #state = :shredded REMOVE #wrapped, heldBy, restrictedBy, findingsRestrictedBy, lifted, disclosed'
  const isShredded = await change(rows, kid, gone, {
    if: `attribute_not_exists(heldBy)${keptFrom === undefined ? '' : isOld}`,
    names: { '#state': 'state' },
    values: {
      ':shredded': { S: 'shredded' },
      ...(keptFrom === undefined ? {} : { ':keptFrom': { S: keptFrom } }),
    },
  })
  if (isShredded) return 'shredded'
  // The key is also gone if our answer was lost, or another call came first.
  const key = await keyOf(rows, kid)
  if (key === undefined) return 'shredded'
  return keptFrom === undefined || key.item.heldBy !== undefined ? 'held' : 'kept'
}

async function replace(
  rows: Rows,
  kid: string,
  left: ReadonlyMap<string, Beside>,
  wrapKey: (jurisdiction: string) => Uint8Array,
): Promise<boolean> {
  const key = await keyOf(rows, kid)
  if (key === undefined) return false
  const { item, jurisdiction } = key
  const kek = randomBytes(32)
  // First what opens by the new key: nothing leads to it until that is there.
  for (const [eid, beside] of left) {
    const text = Buffer.from(JSON.stringify(beside), 'utf8')
    await rows.put({ ...leftOf(kid, eid), left: { B: seal(kek, text, eid) } })
  }
  const place = contextOf(textOf(item, 'pk'), textOf(item, 'sk'))
  return change(rows, kid, 'SET #wrapped = :wrapped, #left = :left', {
    if: 'attribute_not_exists(heldBy) AND #wrapped = :before',
    names: { '#left': 'left' },
    values: {
      ':wrapped': { B: seal(wrapKey(jurisdiction), kek, place) },
      ':before': { B: bytesOf(item, 'wrapped') },
      ':left': { S: [...left.keys()].join() },
    },
  })
}

async function forget(rows: Rows, pk: string): Promise<void> {
  for (const item of await rows.all(pk)) {
    const kid = item.kid?.S
    if (kid === undefined || isActive(item)) continue
    // The key's row comes last, since it leads to the way, and to what was left.
    for (const eid of leftIn(item)) await rows.remove(leftOf(kid, eid))
    await rows.remove(wayTo(kid))
    await rows.update(keyOfItem(item), 'REMOVE kid, #left', { names: { '#left': 'left' } })
  }
}

/** The keys that retention may expire, by a scan of the whole table, a few times a year. */
export const dynamodbEarlierKeys = (client: DynamoDBClient, table: string): EarlierKeys =>
  async function* (jurisdiction, quarter) {
    const ofBefore = {
      FilterExpression:
        'begins_with(pk, :of) AND quarter < :quarter AND attribute_exists(kid) AND attribute_not_exists(heldBy)',
      ExpressionAttributeValues: {
        ':of': { S: pkOf(jurisdiction, '') },
        ':quarter': { S: quarter },
      },
    }
    for await (const items of rowsIn(client, table).scan(ofBefore)) yield* items.map(generationIn)
  }

/**
 * The key of the row that leads from an entry to its key. The id is random, so that once this row and the key
 * are gone, the entry, which stays, says nothing about whom it was about.
 */
const wayTo = (kid: string) => itemKey(rowKey(kinds.wayToKey, kid), 'way')

const pkOf = (jurisdiction: string, pseudonym: string) =>
  rowKey(kinds.subjectKey, jurisdiction, pseudonym)

const generationIn = (item: TableItem): Generation => ({
  kid: textOf(item, 'kid'),
  subject: textOf(item, 'pk').split('#')[2] ?? '',
  isHeld: item.heldBy !== undefined,
})

const isActive = (item: TableItem): boolean =>
  item.state?.S === 'active' && item.wrapped?.B !== undefined

const isRestricted = (item: TableItem): boolean => item.restrictedBy !== undefined

/** The key of the row with what was left of an entry, and the entries of which a key’s row says that there is one. */
const leftOf = (kid: string, eid: string) => itemKey(rowKey(kinds.left, kid), eid)
const leftIn = ({ left }: TableItem): readonly string[] => left?.S?.split(',') ?? []

/** A key, with what was left of entries. */
async function opening(rows: Rows, item: TableItem, wrapKey: Uint8Array): Promise<Kek> {
  const kek: Kek = kekIn(item, wrapKey)
  const eids = new Set(leftIn(item))
  if (eids.size === 0) return kek
  // By one query, since some functions may read keys no other way, many at a time.
  const all = await rows.all(rowKey(kinds.left, textOf(item, 'kid')))
  const found = all.filter((row) => eids.has(textOf(row, 'sk')))
  const left = found.map((row) => {
    const eid = textOf(row, 'sk')
    const text = Buffer.from(unseal(kek, bytesOf(row, 'left'), eid)).toString('utf8')
    // A cast: the key has just shown that we wrote this.
    return [eid, JSON.parse(text) as Beside] as const
  })
  return Object.assign(kek, { left: new Map(left) })
}

/** Unwraps a key. The row's place is authenticated too, so a row copied to another subject opens nothing. */
const kekIn = (item: TableItem, key: Uint8Array): Uint8Array =>
  unseal(key, bytesOf(item, 'wrapped'), contextOf(textOf(item, 'pk'), textOf(item, 'sk')))

const contextOf = (pk: string, sk: string): string => `${pk}\u001f${sk}`

/** Zero padded, so that generations sort by number. */
const sortKey = (generation: number): string => String(generation).padStart(6, '0')
const generationOf = (item: TableItem): number => Number(textOf(item, 'sk'))
