/** Refusals in DynamoDB, by the case in which an agency asked: what is remembered of its descriptions. */

import { createHash } from 'node:crypto'
import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { CaseName } from '../decision/attestation.ts'
import { foldCase } from '../decision/request.ts'
import type { Refusal, Refusals } from '../ports.ts'
import { jsonOf } from './dynamodb.ts'

/** Most that are looked through of one case: with more, a person decides. */
const refusalsMax = 1000

const refusalSchema = z.strictObject({
  id: z.string(),
  ts: z.string(),
  asked: z.string(),
  found: z.array(z.string()),
  described: z.string(),
  stage: z.string(),
  classes: z.array(z.string()).optional(),
})

/**
 * Refusals: one row for each person, description and outcome, however often the same was refused. Who was
 * found is part of it, so that a record that is called otherwise since is not lost from it.
 */
export const dynamodbRefusals = (client: DynamoDBClient, table: string): Refusals => ({
  async of(holder, of) {
    const command = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: placeOf(holder, of) } },
      Limit: refusalsMax,
      ConsistentRead: true,
    })
    const { Items = [], LastEvaluatedKey } = await client.send(command)
    if (LastEvaluatedKey !== undefined) return undefined
    return Items.map((item) => refusalSchema.parse(jsonOf(item, 'refusal')) as Refusal)
  },

  async put(holder, of, refusal) {
    const { asked, found, described, stage, classes } = refusal
    const what = JSON.stringify([described, stage, classes ?? null, found])
    const Item = {
      pk: { S: placeOf(holder, of) },
      sk: { S: `${asked}#${hash(what).slice(0, 22)}` },
      refusal: { S: JSON.stringify(refusal) },
    }
    await client.send(new PutItemCommand({ TableName: table, Item }))
  },
})

/** A case is hashed, since agencies name cases freely. */
const placeOf = (holder: string, { requester, caseReference }: CaseName): string =>
  `D#${holder}#${requester}#${hash(foldCase(caseReference))}`

const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('base64url')
