/**
 * The checkpoint key through the real SDK. KMS itself cannot be had here: a server on loopback speaks
 * its protocol and keeps to what its documentation says of GetPublicKey and Sign.
 */

import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { KMSClient } from '@aws-sdk/client-kms'
import { afterAll, describe, expect, test } from 'vitest'
import { kmsCheckpointKey } from '../../functions/adapters/kms.ts'
import { openCheckpoint } from '../../functions/ledger/checkpoint.ts'
import { verifierKey } from '../../functions/ledger/note.ts'
import { listen } from '../dynalite.ts'
import { leavesOf, noteOf, rootAt } from './signed-log.ts'

const edwards = generateKeyPairSync('ed25519')
const keys: Readonly<Record<string, ReturnType<typeof generateKeyPairSync>>> = {
  'alias/log': edwards,
  'alias/p256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'alias/x25519': generateKeyPairSync('x25519'),
}
const calls: Readonly<Record<string, unknown>>[] = []

const server = createServer(async (request, response) => {
  const operation = String(request.headers['x-amz-target']).split('.')[1]
  const call = JSON.parse(await text(request))
  calls.push({ operation, ...call })
  const refuse = (type: string) => response.writeHead(400).end(JSON.stringify({ __type: type }))
  const key = keys[call.KeyId]
  if (key === undefined) return refuse('NotFoundException')
  if (operation === 'GetPublicKey') {
    const der = key.publicKey.export({ type: 'spki', format: 'der' })
    return response.end(JSON.stringify({ KeyId: call.KeyId, PublicKey: der.toString('base64') }))
  }
  // With DIGEST, KMS makes Ed25519ph, which is another signature.
  if (call.SigningAlgorithm !== 'ED25519_SHA_512' || call.MessageType !== 'RAW')
    return refuse('ValidationException')
  const signature = sign(null, Buffer.from(call.Message, 'base64'), key.privateKey)
  return response.end(JSON.stringify({ Signature: signature.toString('base64') }))
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

describe('A checkpoint key in KMS', () => {
  // Kills: the digest signed instead of the message; the wrong 32 bytes of the public key.
  test('signs a checkpoint that its public key opens', async () => {
    const signing = await kmsCheckpointKey('alias/log', client)
    const { x = '' } = edwards.publicKey.export({ format: 'jwk' })
    expect(Buffer.from(signing.publicKey).toString('base64url')).toBe(x)
    const key = verifierKey('comity.test/de/2026', 1, signing.publicKey)
    const leaves = leavesOf(5)
    expect(openCheckpoint(await noteOf({ key, signing }, leaves), key)).toEqual({
      checkpoint: { origin: 'comity.test/de/2026', size: 5, root: rootAt(leaves) },
    })
    expect(calls.map(({ operation }) => operation)).toEqual(['GetPublicKey', 'Sign'])
  })

  // Kills: any key whose bytes are long enough.
  test.each(['alias/p256', 'alias/x25519'])('is no other kind of key: %s', async (id) => {
    await expect(kmsCheckpointKey(id, client)).rejects.toThrow(
      'couldn’t use the checkpoint key: KMS has no Ed25519 key of this id',
    )
  })

  test('is not there if KMS knows none', async () => {
    await expect(kmsCheckpointKey('alias/none', client)).rejects.toMatchObject({
      name: 'NotFoundException',
    })
  })
})
