/** Attestations and objections in DynamoDB, by the holder for whom they were made. */

import { createHash } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Countersignature, KeyUse, Scope } from '../decision/attestation.ts'
import { leftOf } from '../decision/attested.ts'
import { foldCase } from '../decision/request.ts'
import type { Attestations, KeptAttestation, KeptObjection, SignedBy } from '../ports.ts'
import { attestationIn, objectionIn, useName } from './attestation-rows.ts'
import {
  type ItemKey,
  itemKey,
  jsonOf,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'

/**
 * Attestations. Each has a row by its id, to withdraw it, and a row by its scope, by which it counts. A
 * general one has a third, by when it ends. An attestation of a matter is under its case, so that one read
 * finds all that was said there. The row by id is written first and says where the row by scope is, so that
 * whatever counts can be withdrawn. A withdrawal marks the row by scope, even before it is there, so that no
 * late retry of `put` brings it back. Signatures and persons are attributes of the row by scope, one for
 * each, so that a person can be taken out. Each person also has rows that lead to what names them, until they
 * are erased.
 */
export const dynamodbAttestations = (client: DynamoDBClient, table: string): Attestations => {
  const rows = rowsIn(client, table)
  const withdrawn = async (kept: Kept, by: SignedBy): Promise<void> =>
    mark(rows, await byScope(rows, kept), 'withdrawn', { BOOL: true }, { did: 'withdraw', ...by })

  return {
    about: (holder, matter) => about(rows, holder, matter),

    async put(attestation) {
      await putBoth(rows, 'attestation', attestation)
      if (attestation.scope.kind === 'general')
        await putOnce(rows, byEnd(attestation), 'attestation', attestation)
    },

    async get(id) {
      const item = await rows.get(byId(id))
      // The id may be an objection's.
      if (item?.attestation === undefined) return undefined
      const attestation = attestationIn(item)
      const standing = await rows.get(await byScope(rows, attestation))
      return standing?.attestation === undefined ? attestation : attestationIn(standing)
    },

    withdraw: withdrawn,

    async sign(attestation, signature, { kid, at }) {
      const { agency, as } = signature
      const by: KeyUse = { did: 'sign', agency, kid, at, of: as }
      const value = { S: JSON.stringify(signature) }
      await mark(rows, await byScope(rows, attestation), signatureName(signature), value, by)
    },

    async addPerson(attestation, person, request, by) {
      const key = await byScope(rows, attestation)
      const use: KeyUse = { did: 'add-person', ...by, of: request }
      await lead(rows, person, attestation, key)
      // The request first, so that no person is named without the request that says who they are.
      await mark(rows, key, `request#${request}`, { S: request }, use)
      await mark(rows, key, personName(person), { S: person }, use)
    },

    forget: (person, at) => forget(rows, person, at),

    object: (objection) => putBoth(rows, 'objection', objection),

    async objection(id) {
      const item = await rows.get(byId(id))
      return item?.objection === undefined ? undefined : objectionIn(item)
    },

    endObjection: withdrawn,

    async ending(holder, from, until) {
      const { Items = [] } = await rows.page(`E#${holder}`, {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
        values: { ':from': { S: from }, ':until': { S: until } },
        Limit: endingMax,
      })
      const all = Items.map(attestationIn)
      const standing = await Promise.all(
        all.map(async (each) => rows.get(await byScope(rows, each))),
      )
      return standing.flatMap((item) =>
        item === undefined || item.withdrawn !== undefined ? [] : [attestationIn(item)],
      )
    },
  }
}

type Kept = KeptAttestation | KeptObjection
type KeptAs = 'attestation' | 'objection'
type Placed = Pick<Kept, 'holder' | 'scope' | 'inCase'>

/** Most attestations to list as ending soon. */
const endingMax = 200

/** The key of the row by scope, as the row by id says. Old rows by id do not say; theirs is worked out. */
async function byScope(rows: Rows, kept: Kept): Promise<ItemKey> {
  const own = await rows.get(byId(kept.id))
  const at = own === undefined ? placeOf(kept) : (own.at?.S ?? placeBefore(kept))
  return itemKey(at, kept.id)
}

/** Everything attested or objected about the matter, its case or the requester's country. */
async function about(
  rows: Rows,
  holder: string,
  matter: Parameters<Attestations['about']>[1],
): ReturnType<Attestations['about']> {
  const { requester, requesterJurisdiction, caseReference, id } = matter
  const country: Scope = { kind: 'general', requester: requesterJurisdiction }
  const ofCase: Scope = { kind: 'case', requester, caseReference }
  const before: Scope = { kind: 'matter', matter: id }
  const places = new Set([
    placeOf({ holder, scope: country }),
    placeOf({ holder, scope: ofCase }),
    ...[ofCase, before].map((scope) => placeBefore({ holder, scope })),
  ])
  const found = (await Promise.all([...places].map((pk) => rows.all(pk)))).flat()
  const gone = found.filter(({ withdrawn }) => withdrawn !== undefined)
  const standing = found.filter(({ withdrawn }) => withdrawn === undefined)
  return {
    attestations: standing.filter(({ attestation }) => attestation).map(attestationIn),
    takenBack: gone.filter(({ attestation }) => attestation).map(attestationIn),
    objections: standing.filter(({ objection }) => objection).map(objectionIn),
    ended: gone.filter(({ objection }) => objection).map(objectionIn),
  }
}

async function putBoth(rows: Rows, name: KeptAs, kept: Kept): Promise<void> {
  const { persons = [] } = kept
  const key = await byScope(rows, kept)
  // Already put: a retry must write no lead for a person who was erased since.
  if (persons.length > 0 && (await rows.get(key))?.[name] !== undefined) return
  for (const person of persons) await lead(rows, person, kept, key)
  await putOnce(rows, byId(kept.id), name, kept, { at: key.pk.S })
  const named = persons.map((each) => [personName(each), each])
  await putOnce(rows, key, name, kept, Object.fromEntries(named))
}

/** Puts a row only once, so that a late retry brings back no person who was erased since. */
async function putOnce(
  rows: Rows,
  key: ItemKey,
  name: KeptAs,
  { persons, ...said }: Kept,
  beside: Readonly<Record<string, string>> = {},
): Promise<void> {
  const kept = persons === undefined ? said : { ...said, persons: [] }
  const all = Object.entries({ [name]: JSON.stringify(kept), ...beside })
  await rows.update(key, `SET ${all.map((_, i) => `#a${i} = :a${i}`).join()}`, {
    if: 'attribute_not_exists(#a0)',
    names: Object.fromEntries(all.map(([each], i) => [`#a${i}`, each])),
    values: Object.fromEntries(all.map(([, S], i) => [`:a${i}`, { S }])),
  })
}

/** Writes the row that leads from a person to what names them, before that names them. */
async function lead(rows: Rows, person: string, of: Kept, { pk, sk }: ItemKey): Promise<void> {
  const isAlone = { BOOL: of.scope.kind === 'matter' }
  await rows.put({ ...leadOf(person, sk.S), at: pk, isAlone })
}

/** Says in a row, in one write, what was done and by which key. */
async function mark(
  rows: Rows,
  key: ItemKey,
  name: string,
  value: TableItem[string],
  by: KeyUse,
): Promise<void> {
  await rows.update(key, 'SET #name = :value, #use = :use', {
    names: { '#name': name, '#use': useName(by) },
    values: { ':value': value, ':use': { S: JSON.stringify(by) } },
  })
}

/** Takes a person out of everything that names them, except what holds data back. */
async function forget(rows: Rows, person: string, at: string): Promise<void> {
  for (const each of await rows.all(leadsOf(person))) {
    const [id, place] = [textOf(each, 'sk'), textOf(each, 'at')]
    const key = itemKey(place, id)
    // A query, since the function that erases has no right to get items of this table.
    const exactly = { KeyConditionExpression: 'pk = :pk AND sk = :sk', values: { ':sk': key.sk } }
    const [row = {}] = (await rows.page(place, exactly)).Items ?? []
    const left = row.attestation === undefined ? undefined : leftOf(attestationIn(row), at)
    // INVARIANT (not knowing is stricter): what holds data back stays; what lets it leave goes.
    const isAgainst = row.objection !== undefined || left !== undefined
    if (isAgainst && row.withdrawn === undefined) {
      if (left !== undefined) for (const one of [key, byId(id)]) await reduce(rows, one, row, left)
      continue
    }
    if (each.isAlone?.BOOL === true)
      await Promise.all([key, byId(id)].map((one) => rows.remove(one)))
    else
      await rows.update(key, 'REMOVE #name', {
        if: 'attribute_exists(#name)',
        names: { '#name': personName(person) },
      })
    await rows.remove(leadOf(person, id))
  }
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

const byId = (id: string) => itemKey(`A#${id}`, 'attestation')
const byEnd = ({ holder, until, id }: KeptAttestation) =>
  itemKey(`E#${holder}`, `${new Date(until).toISOString()}#${id}`)
