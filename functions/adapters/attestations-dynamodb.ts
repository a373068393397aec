/** Attestations and open denials in DynamoDB, by the holder that they are about. */

import { createHash } from 'node:crypto'
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { type Attestation, attestationSchema, type Scope } from '../decision/attestation.ts'
import type { Attestations, Inbox } from '../ports.ts'
import { type Item, jsonOf, queryAll, textOf, tookEffect } from './dynamodb.ts'

const enteredSchema = z.strictObject({
  id: z.string(),
  attester: z.string(),
  enteredBy: z.string(),
  enteredAt: z.string(),
})

/**
 * Attestations. Each is in two rows: by its id, to be withdrawn, and by its scope, to count. The row
 * by id is written first, so that what counts can be withdrawn; a withdrawal marks the row by scope,
 * there or not, so that no late retry of `put` brings it back.
 */
export const dynamodbAttestations = (client: DynamoDBClient, table: string): Attestations => {
  const putOnce = async (key: Item, attestation: Attestation): Promise<void> => {
    const command = new PutItemCommand({
      TableName: table,
      Item: { ...key, attestation: { S: JSON.stringify(attestation) } },
      ConditionExpression: 'attribute_not_exists(pk)',
    })
    await tookEffect(client.send(command))
  }

  return {
    async about(holder, matter) {
      const scopes: readonly Scope[] = [
        { kind: 'standing', requester: matter.requesterJurisdiction },
        {
          kind: 'case',
          requester: matter.requester,
          caseReference: matter.caseReference,
        },
        ...matter.request.map((request) => ({ kind: 'request' as const, request })),
      ]
      const found = await Promise.all(
        scopes.map((scope) =>
          queryAll(client, {
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            FilterExpression: 'attribute_not_exists(withdrawn)',
            ExpressionAttributeValues: { ':pk': { S: placeOf(holder, scope) } },
          }),
        ),
      )
      return found.flat().map(attestationIn)
    },

    async put(attestation) {
      await putOnce(byId(attestation.id), attestation)
      await putOnce(byScope(attestation), attestation)
    },

    async get(id) {
      const command = new GetItemCommand({ TableName: table, Key: byId(id), ConsistentRead: true })
      const { Item: item } = await client.send(command)
      return item === undefined ? undefined : attestationIn(item)
    },

    async withdraw(attestation) {
      const command = new UpdateItemCommand({
        TableName: table,
        Key: byScope(attestation),
        UpdateExpression: 'SET withdrawn = :yes',
        ExpressionAttributeValues: { ':yes': { BOOL: true } },
      })
      await client.send(command)
    },
  }
}

/** Open denials, to be cured by those who may attest for the holder. */
export const dynamodbInbox = (client: DynamoDBClient, table: string): Inbox => ({
  async put(holder, eid, ts) {
    const item = { pk: { S: `O#${holder}` }, sk: { S: `${ts}#${eid}` } }
    await client.send(new PutItemCommand({ TableName: table, Item: item }))
  },

  async list(holder, limit) {
    const command = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `O#${holder}` } },
      ScanIndexForward: false,
      Limit: limit,
      ConsistentRead: true,
    })
    return ((await client.send(command)).Items ?? []).map((item) => {
      const [ts = '', eid = ''] = textOf(item, 'sk').split('#')
      return { eid, ts }
    })
  },
})

/** Where the attestations of one scope are; a case is hashed, since agencies name cases freely. */
function placeOf(holder: string, scope: Scope): string {
  switch (scope.kind) {
    case 'request':
      return `A#${holder}#request#${scope.request}`
    case 'case': {
      const hash = createHash('sha256').update(scope.caseReference, 'utf8').digest('base64url')
      return `A#${holder}#case#${scope.requester}#${hash}`
    }
    case 'standing':
      return `A#${holder}#standing#${scope.requester}`
  }
}

const byId = (id: string) => ({ pk: { S: `A#${id}` }, sk: { S: 'attestation' } })
const byScope = ({ holder, scope, id }: Attestation) => ({
  pk: { S: placeOf(holder, scope) },
  sk: { S: id },
})

/** No fault of the content is told: it may name an officer or a case. */
function attestationIn(item: Item): Attestation {
  const { id, attester, enteredBy, enteredAt, ...body } = z
    .looseObject({})
    .parse(jsonOf(item, 'attestation'))
  const entered = enteredSchema.safeParse({ id, attester, enteredBy, enteredAt })
  const said = attestationSchema.safeParse(body)
  if (!entered.success || !said.success)
    throw new Error('couldn’t read an attestation: it has another form')
  return { ...said.data, ...entered.data }
}
