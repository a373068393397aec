/** Attestations and objections in DynamoDB, by the holder that they are about. */

import { createHash } from 'node:crypto'
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Countersignature, KeyUse, Scope } from '../decision/attestation.ts'
import { leftOf } from '../decision/attested.ts'
import { foldCase } from '../decision/request.ts'
import type { Attestations, KeptAttestation, KeptObjection, SignedBy } from '../ports.ts'
import { attestationIn, objectionIn, useName } from './attestation-rows.ts'
import { type Item, jsonOf, queryAll, textOf, tookEffect } from './dynamodb.ts'

/**
 * Attestations. Each is in two rows: by its id, to be withdrawn, and by its scope, to count; a general
 * one in a third, by when it ends. One of a matter is under its case, so that one look finds all that was
 * said there. The row by id is written first, and says where the other is, so that what counts can be
 * withdrawn; a withdrawal marks the row by scope, there or not, so that no late retry of `put` brings
 * it back. Signatures and persons are attributes of the row by scope, one for each, so that a person can
 * be taken out; by a row of its own each person leads to what names them, until they are erased.
 */
export const dynamodbAttestations = (client: DynamoDBClient, table: string): Attestations => {
  const get = async (key: Item): Promise<Item | undefined> => {
    const command = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true })
    return (await client.send(command)).Item
  }
  /** The row by scope, where the row by id says; in rows of before that did not. */
  const byScope = async (kept: Kept): Promise<Key> => {
    const own = await get(byId(kept.id))
    const at = own === undefined ? placeOf(kept) : (own.at?.S ?? placeBefore(kept))
    return { pk: { S: at }, sk: { S: kept.id } }
  }
  /** Once and for all: a late retry brings no person back that was erased since. */
  const putOnce = async (
    key: Item,
    name: 'attestation' | 'objection',
    { persons, ...said }: Kept,
    beside: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    const kept = persons === undefined ? said : { ...said, persons: [] }
    const all = Object.entries({ [name]: JSON.stringify(kept), ...beside })
    const command = new UpdateItemCommand({
      TableName: table,
      Key: key,
      UpdateExpression: `SET ${all.map((_, i) => `#a${i} = :a${i}`).join()}`,
      ConditionExpression: 'attribute_not_exists(#a0)',
      ExpressionAttributeNames: Object.fromEntries(all.map(([each], i) => [`#a${i}`, each])),
      ExpressionAttributeValues: Object.fromEntries(all.map(([, S], i) => [`:a${i}`, { S }])),
    })
    await tookEffect(client.send(command))
  }
  /** Leads from a person to what names them, before it does. */
  const lead = async (person: string, of: Kept, { pk, sk }: Key): Promise<void> => {
    const isAlone = { BOOL: of.scope.kind === 'matter' }
    const Item = { pk: leadsOf(person), sk, at: pk, isAlone }
    await client.send(new PutItemCommand({ TableName: table, Item }))
  }
  const putBoth = async (name: 'attestation' | 'objection', kept: Kept): Promise<void> => {
    const { persons = [] } = kept
    const key = await byScope(kept)
    // Whoever was erased since is not led from again.
    if (persons.length > 0 && (await get(key))?.[name] !== undefined) return
    for (const person of persons) await lead(person, kept, key)
    await putOnce(byId(kept.id), name, kept, { at: key.pk.S })
    const named = persons.map((each) => [personName(each), each])
    await putOnce(key, name, kept, Object.fromEntries(named))
  }
  /** What stands under a key, or under the first half of one. */
  const rowsAt = ({ pk, sk }: Partial<Key> & Pick<Key, 'pk'>): Promise<readonly Item[]> =>
    queryAll(client, {
      TableName: table,
      KeyConditionExpression: sk === undefined ? 'pk = :pk' : 'pk = :pk AND sk = :sk',
      ExpressionAttributeValues: { ':pk': pk, ...(sk && { ':sk': sk }) },
    })
  /** Leaves of an attestation this much; whom it is about, and who signed it, stays as it stands. */
  const reduce = async (key: Key, row: Item, left: KeptAttestation): Promise<void> => {
    const { persons: _, signatures: __, ...rest } = left
    const { persons } = Object(jsonOf(row, 'attestation'))
    const command = new UpdateItemCommand({
      TableName: table,
      Key: key,
      UpdateExpression: 'SET attestation = :left',
      ConditionExpression: 'attribute_exists(attestation)',
      ExpressionAttributeValues: { ':left': { S: JSON.stringify({ ...rest, persons }) } },
    })
    await tookEffect(client.send(command))
  }
  const remove = async (key: Item): Promise<void> => {
    await client.send(new DeleteItemCommand({ TableName: table, Key: key }))
  }
  const unmark = async (key: Item, name: string): Promise<void> => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: key,
      UpdateExpression: 'REMOVE #name',
      ConditionExpression: 'attribute_exists(#name)',
      ExpressionAttributeNames: { '#name': name },
    })
    await tookEffect(client.send(command))
  }
  /** Says in a row what was done, and by which key, at once. */
  const mark = async (key: Item, name: string, value: Item[string], by: KeyUse): Promise<void> => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: key,
      UpdateExpression: 'SET #name = :value, #use = :use',
      ExpressionAttributeNames: { '#name': name, '#use': useName(by) },
      ExpressionAttributeValues: { ':value': value, ':use': { S: JSON.stringify(by) } },
    })
    await client.send(command)
  }
  const withdrawn = (key: Item, by: SignedBy): Promise<void> =>
    mark(key, 'withdrawn', { BOOL: true }, { did: 'withdraw', ...by })

  return {
    async about(holder, matter) {
      const { requester, requesterJurisdiction, caseReference, id } = matter
      const country: Scope = { kind: 'general', requester: requesterJurisdiction }
      const ofCase: Scope = { kind: 'case', requester, caseReference }
      const before: Scope = { kind: 'matter', matter: id }
      const places = new Set([
        placeOf({ holder, scope: country }),
        placeOf({ holder, scope: ofCase }),
        ...[ofCase, before].map((scope) => placeBefore({ holder, scope })),
      ])
      const found = await Promise.all(
        [...places].map((pk) =>
          queryAll(client, {
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: pk } },
          }),
        ),
      )
      const isGone = ({ withdrawn }: Item) => withdrawn !== undefined
      const gone = found.flat().filter(isGone)
      const rows = found.flat().filter((row) => !isGone(row))
      return {
        attestations: rows.filter(({ attestation }) => attestation).map(attestationIn),
        takenBack: gone.filter(({ attestation }) => attestation).map(attestationIn),
        objections: rows.filter(({ objection }) => objection).map(objectionIn),
        ended: gone.filter(({ objection }) => objection).map(objectionIn),
      }
    },

    async put(attestation) {
      await putBoth('attestation', attestation)
      if (attestation.scope.kind === 'general')
        await putOnce(byEnd(attestation), 'attestation', attestation)
    },

    async get(id) {
      const item = await get(byId(id))
      // An objection has an id, too.
      if (item?.attestation === undefined) return undefined
      const attestation = attestationIn(item)
      const standing = await get(await byScope(attestation))
      return standing?.attestation === undefined ? attestation : attestationIn(standing)
    },

    withdraw: async (attestation, by) => withdrawn(await byScope(attestation), by),

    async sign(attestation, signature, { kid, at }) {
      const { agency, as } = signature
      const by: KeyUse = { did: 'sign', agency, kid, at, of: as }
      const value = { S: JSON.stringify(signature) }
      await mark(await byScope(attestation), signatureName(signature), value, by)
    },

    async addPerson(attestation, person, request, by) {
      const key = await byScope(attestation)
      const use: KeyUse = { did: 'add-person', ...by, of: request }
      await lead(person, attestation, key)
      // First, so that nobody is named of whom it is not known who that is.
      await mark(key, `request#${request}`, { S: request }, use)
      await mark(key, personName(person), { S: person }, use)
    },

    async forget(person, at) {
      const leads = await rowsAt({ pk: leadsOf(person) })
      for (const lead of leads) {
        const [id, place] = [textOf(lead, 'sk'), textOf(lead, 'at')]
        const key = { pk: { S: place }, sk: { S: id } }
        const [row = {}] = await rowsAt(key)
        const left = row.attestation === undefined ? undefined : leftOf(attestationIn(row), at)
        // INVARIANT (not knowing is stricter): what keeps data stays, and what lets it go goes.
        const isAgainst = row.objection !== undefined || left !== undefined
        if (isAgainst && row.withdrawn === undefined) {
          if (left !== undefined) for (const each of [key, byId(id)]) await reduce(each, row, left)
          continue
        }
        if (lead.isAlone?.BOOL === true) await Promise.all([remove(key), remove(byId(id))])
        else await unmark(key, personName(person))
        await remove({ pk: leadsOf(person), sk: { S: id } })
      }
    },

    object: (objection) => putBoth('objection', objection),

    async objection(id) {
      const item = await get(byId(id))
      return item?.objection === undefined ? undefined : objectionIn(item)
    },

    endObjection: async (objection, by) => withdrawn(await byScope(objection), by),

    async ending(holder, from, until) {
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
        ExpressionAttributeValues: {
          ':pk': { S: `E#${holder}` },
          ':from': { S: from },
          ':until': { S: until },
        },
        Limit: endingMax,
        ConsistentRead: true,
      })
      const { Items = [] } = await client.send(command)
      const all = Items.map(attestationIn)
      const standing = await Promise.all(all.map(async (each) => get(await byScope(each))))
      return standing.flatMap((item) =>
        item === undefined || item.withdrawn !== undefined ? [] : [attestationIn(item)],
      )
    },
  }
}

/** An attestation or an objection, and whether it was taken back. */
export type AnyVouched = {
  readonly attestation?: KeptAttestation
  readonly objection?: KeptObjection
  readonly isWithdrawn: boolean
}

/**
 * Every attestation and objection of a table, by a scan, for an operator's command; of a row that cannot be
 * read, undefined. Requests never look this way.
 */
export async function* allVouched(
  client: DynamoDBClient,
  table: string,
): AsyncIterable<AnyVouched | undefined> {
  const scan = {
    TableName: table,
    FilterExpression:
      'begins_with(pk, :a) AND sk <> :byId AND (attribute_exists(attestation) OR attribute_exists(objection))',
    ExpressionAttributeValues: { ':a': { S: 'A#' }, ':byId': { S: 'attestation' } },
    ConsistentRead: true,
  }
  for await (const { Items = [] } of paginateScan({ client }, scan))
    for (const item of Items) {
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

/** Most that are listed of those which end soon. */
const endingMax = 200

const leadsOf = (person: string) => ({ S: `P#${person}` })
const personName = (person: string): string => `person#${person}`
const signatureName = ({ as, agency }: Countersignature): string => `signature#${as}#${agency}`

type Kept = KeptAttestation | KeptObjection
type Key = { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } }
type Placed = Pick<Kept, 'holder' | 'scope' | 'inCase'>

/** Where the attestations of one case or country are; of a case that is not known, those of a matter. */
function placeOf({ holder, scope, inCase }: Placed): string {
  const of = scope.kind === 'case' ? scope : inCase
  return of === undefined
    ? placeBefore({ holder, scope })
    : placeBefore({
        holder,
        scope: { ...of, kind: 'case', caseReference: foldCase(of.caseReference) },
      })
}

/** Where they were before a matter was under its case, and a case was one however it is written. */
function placeBefore({ holder, scope }: Placed): string {
  switch (scope.kind) {
    case 'matter':
      // As the rows of attestations of one request were named.
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

const byId = (id: string) => ({ pk: { S: `A#${id}` }, sk: { S: 'attestation' } })
const byEnd = ({ holder, until, id }: KeptAttestation) => ({
  pk: { S: `E#${holder}` },
  sk: { S: `${new Date(until).toISOString()}#${id}` },
})
