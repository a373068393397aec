/**
 * The wrapper through the real SDK. KMS itself cannot be had here: a server on loopback speaks its
 * protocol and keeps to what its documentation says of Encrypt and Decrypt.
 */

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { KMSClient } from '@aws-sdk/client-kms'
import { afterAll, describe, expect, test } from 'vitest'
import { kmsWrapper } from '../../functions/adapters/kms.ts'
import { listen } from '../dynalite.ts'

type Call = {
  readonly KeyId?: string
  readonly Plaintext?: string
  readonly CiphertextBlob?: string
  readonly EncryptionContext?: Readonly<Record<string, string>>
}

const calls: { operation: string; call: Call }[] = []
const server = createServer(async (request, response) => {
  const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
  const call = JSON.parse(await text(request)) as Call
  calls.push({ operation, call })
  const bound = JSON.stringify([call.KeyId, call.EncryptionContext])
  if (operation === 'Encrypt') {
    const blob = Buffer.from(JSON.stringify({ bound, plain: call.Plaintext }))
    response.end(JSON.stringify({ CiphertextBlob: blob.toString('base64') }))
    return
  }
  const blob = Buffer.from(call.CiphertextBlob ?? '', 'base64').toString()
  const stored = JSON.parse(blob) as { bound: string; plain: string }
  if (stored.bound === bound) response.end(JSON.stringify({ Plaintext: stored.plain }))
  else response.writeHead(400).end(JSON.stringify({ __type: 'InvalidCiphertextException' }))
})
const endpoint = await listen(server)
const client = new KMSClient({
  endpoint,
  region: 'local',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
})
afterAll(() => {
  client.destroy()
  server.close()
})

describe('Secrets wrapped by KMS', () => {
  // Kills: no encryption context, which the policy of the key asks for.
  test('come back as they were, bound to their purpose', async () => {
    const wrapper = kmsWrapper('alias/comity', client)
    const secret = Buffer.from('a secret of nobody')
    expect(Buffer.from(await wrapper.unwrap(await wrapper.wrap(secret)))).toEqual(secret)
    expect(calls.map(({ operation }) => operation)).toEqual(['Encrypt', 'Decrypt'])
    for (const { call } of calls) {
      expect(call.KeyId).toBe('alias/comity')
      expect(call.EncryptionContext).toEqual({ purpose: 'comity secrets' })
    }
  })

  // Kills: a decryption that names no key, so that KMS would take any.
  test('do not open under another key', async () => {
    const wrapped = await kmsWrapper('alias/comity', client).wrap(Buffer.from('a secret'))
    await expect(kmsWrapper('alias/other', client).unwrap(wrapped)).rejects.toThrow()
  })
})
