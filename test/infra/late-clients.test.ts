/** The clients of AWS that a function reads only for what does not go well at once. */

import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { poster } from '../../functions/adapters/aws-post.ts'
import { handlerBy } from '../../functions/adapters/dynamodb-direct.ts'
import { DynamoDBClient } from '../../infra/lambda-dynamodb.ts'
import { KMSClient } from '../../infra/lambda-kms.ts'
import { listen } from '../dynalite.ts'

const sdk = (service: string) => `../../node_modules/@aws-sdk/client-${service}/dist-es/index.js`

// Without a region, every call is for the SDK.
beforeEach(() => vi.stubEnv('AWS_REGION', undefined))
afterEach(() => vi.unstubAllEnvs())

const clients = [
  ['dynamodb', 'DynamoDBClient', DynamoDBClient, 'GetItemCommand'],
  ['kms', 'KMSClient', KMSClient, 'DecryptCommand'],
] as const

// Kills: an SDK that could not be read while a machine was short of files, and then fails every call that a store
// turns away once, for as long as the instance lives.
test.each(clients)(
  'The SDK of %s that could not be read is read with the next call',
  async (service, name, Late, command) => {
    const client = new Late({})
    const call = () => client.send({ name: command, input: {} })
    try {
      vi.doMock(sdk(service), () => Promise.reject(new Error('EMFILE: too many open files')))
      await expect(Promise.all([call(), call()])).rejects.toThrow()
      class Client {
        send = async (each: object) => ({ sent: each.constructor.name })
      }
      class Sent {}
      vi.doMock(sdk(service), () => ({ [name]: Client, [command]: Sent }))
      expect(await call()).toEqual({ sent: 'Sent' })
    } finally {
      vi.doUnmock(sdk(service))
    }
  },
)

// Kills: null, as something in between may answer, read as the base64 that its letters are: secrets kept so never open.
test('KMS did not answer where null stands for bytes', async () => {
  const server = createServer((_, answer) => answer.end('{"CiphertextBlob":null}'))
  vi.stubEnv('AWS_ENDPOINT_URL_KMS', await listen(server))
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local')
  const command = { name: 'EncryptCommand', input: { Plaintext: Buffer.from('a secret') } }
  // As the adapter of KMS makes it.
  const requestHandler = { requestTimeout: 3000, ...handlerBy(poster({})) }
  await expect(new KMSClient({ requestHandler }).send(command)).rejects.toMatchObject({
    code: 'answer-empty',
  })
  server.close()
})
