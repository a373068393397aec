/**
 * A function of the libraries alone, hono, jose and the clients of DynamoDB and KMS, each used as the
 * access function cannot but use it: a secret opened at the start; of a call the signature checked, an
 * item written and read. Nothing is decided.
 */

import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { importJWK, jwtVerify } from 'jose'

const dynamodb = new DynamoDBClient({})
const { BENCH_CALLER: caller = '', COMITY_KEYS_TABLE: keys, COMITY_KMS_KEY: KeyId } = process.env
const table = process.env.COMITY_ATTESTATIONS_TABLE
const Key = { pk: { S: 'SECRETS' }, sk: { S: '000001' } }
const { Item } = await dynamodb.send(new GetItemCommand({ TableName: keys, Key }))
const wrapped = {
  CiphertextBlob: Item?.wrapped?.B,
  EncryptionContext: { purpose: 'comity secrets' },
}
await new KMSClient({}).send(new DecryptCommand({ KeyId, ...wrapped }))

const app = new Hono().post('*', async (c) => {
  const token = c.req.header('authorization')?.replace('Bearer ', '') ?? ''
  const { payload } = await jwtVerify(token, await importJWK(JSON.parse(caller), 'ES256'))
  const made = { pk: { S: `bench#${payload.jti}` }, sk: { S: 'bench' } }
  await dynamodb.send(new PutItemCommand({ TableName: table, Item: made }))
  await dynamodb.send(new GetItemCommand({ TableName: table, Key: made }))
  return c.json({ id: payload.jti }, 201)
})

export const handler = handle(app)
