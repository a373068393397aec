import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, importJWK } from 'jose'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileWrapper } from '../../functions/adapters/key-files.ts'
import { type OpenSecrets, openSecrets, type Wrapper } from '../../functions/adapters/secrets.ts'
import { readReceipt } from '../../functions/ledger/receipt.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { payload } from './receipt.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-'))
afterAll(() => rmSync(folder, { recursive: true }))

let store: Store
let count = 0
let keyFile = ''
beforeEach(async () => {
  store = await startDynalite()
  keyFile = join(folder, String(++count), 'master.key')
})
afterEach(() => store.close())

const start = (wrapper: Wrapper = fileWrapper(keyFile)) =>
  openSecrets(store.client, store.tables.keys, wrapper)
const rows = () => store.rows.keys.all('SECRETS')
const putRow = (sk: string, wrapped: Uint8Array) =>
  store.rows.keys.put({ pk: { S: 'SECRETS' }, sk: { S: sk }, wrapped: { B: wrapped } })

async function published(secrets: OpenSecrets, index = 0): Promise<CryptoKey> {
  const key = await importJWK(secrets.jwks.keys[index] ?? {}, 'ES256')
  if (key instanceof Uint8Array) throw new Error('not a public key')
  return key
}
const whole = (secrets: OpenSecrets) =>
  JSON.stringify([
    secrets.jwks,
    secrets.pseudonym('DE', 'x'),
    Buffer.from(secrets.wrapKey('DE')).toString('hex'),
  ])

describe('The secrets of a gateway', () => {
  // Kills: made anew at each start.
  test('are the same after a restart', async () => {
    expect(whole(await start())).toBe(whole(await start()))
    expect(await rows()).toHaveLength(1)
  })

  // Kills: no second look after the put; an unconditional put; a key file that two starts write.
  test('are the same for all that start at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => start()))
    expect(new Set(all.map(whole)).size).toBe(1)
    expect(await rows()).toHaveLength(1)
    expect(readdirSync(join(keyFile, '..'))).toEqual(['master.key'])
  })

  // Kills: secrets in clear in the store.
  test('are nowhere in the store as they are', async () => {
    const seen: Uint8Array[] = []
    const file = fileWrapper(keyFile)
    const secrets = await start({
      wrap: (bytes) => {
        seen.push(bytes)
        return file.wrap(bytes)
      },
      unwrap: file.unwrap,
    })
    const { master, receipts } = JSON.parse(Buffer.from(seen[0] ?? []).toString('utf8'))
    const kept = Buffer.from((await rows())[0]?.wrapped?.B ?? []).toString('latin1')
    expect(kept).not.toContain(master)
    expect(kept).not.toContain(receipts[0].d)
    expect(JSON.stringify(secrets.jwks)).not.toContain(receipts[0].d)
  })

  test('are not opened by another’s key, and the error tells none of them', async () => {
    await start()
    await expect(start(fileWrapper(join(folder, 'none', 'master.key')))).rejects.toThrow(
      'couldn’t open the secrets: ENOENT',
    )
    const other = fileWrapper(join(folder, 'other', 'master.key'))
    await other.wrap(new Uint8Array(1))
    await expect(start(other)).rejects.toThrow('couldn’t open the secrets: couldn’t decrypt')
    const plain: Wrapper = { wrap: async (bytes) => bytes, unwrap: async (bytes) => bytes }
    for (const text of ['{"v":1,"master":"c2VjcmV0","receipts":[]}', 'c2VjcmV0 is no JSON']) {
      await putRow('000002', Buffer.from(text, 'utf8'))
      const fault = await start(plain).catch(String)
      expect(fault).toBe('ComityError: couldn’t open the secrets: they have another form')
    }
  })
})

describe('A pseudonym', () => {
  // Kills: another formula than FORMAT.md's. Computed with Python's hmac and hashlib.
  test('is what FORMAT.md says, from a known master key', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const known = {
      v: 1,
      master: Buffer.alloc(32, 1).toString('base64url'),
      receipts: [await exportJWK(privateKey)],
    }
    const file = fileWrapper(keyFile)
    await putRow('000001', await file.wrap(Buffer.from(JSON.stringify(known), 'utf8')))
    const secrets = await start()
    expect(secrets.pseudonym('DE', 'document:DE:C01X00T47')).toBe('2V8UdRgacgruYe-mYEtLiA')
    expect(Buffer.from(secrets.wrapKey('DE')).toString('hex')).toBe(
      '4e2da39ff6c195fea562cb8f1447aed804d8ba98962c5e5e966dca2ae4c9bdb1',
    )
  })

  // Kills: one key for all jurisdictions; a pseudonym that is shorter, or the identifier itself.
  test('is of 128 bits, its jurisdiction’s own, and the same each time', async () => {
    const secrets = await start()
    const one = secrets.pseudonym('DE', 'person:KOWALSKI JAN:1990-01-31')
    expect(one).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(secrets.pseudonym('DE', 'person:KOWALSKI JAN:1990-01-31')).toBe(one)
    expect(secrets.pseudonym('FR', 'person:KOWALSKI JAN:1990-01-31')).not.toBe(one)
    expect(secrets.pseudonym('DE', 'person:KOWALSKI JAN:1990-01-30')).not.toBe(one)
  })
})

describe('The key of evidence', () => {
  // Kills: another derivation. Computed in Python from RFC 5869, RFC 8032 and RFC 7638.
  test('comes out of the master key, so that the same evidence is signed alike for ever', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const known = {
      v: 1,
      master: Buffer.alloc(32, 1).toString('base64url'),
      receipts: [await exportJWK(privateKey)],
    }
    const file = fileWrapper(keyFile)
    await putRow('000001', await file.wrap(Buffer.from(JSON.stringify(known), 'utf8')))
    const secrets = await start()
    const x = '5fVEnTOYuNM_4yD970BB8iNehFs3NvfNjyCDuA6DmdU'
    const kid = 'oSqUwK5eJ6wBQP_xANTA7y_Goidj8eyB5YJe4Tlp7zc'
    const jwk = { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' }
    expect(secrets.jwks.keys[1]).toEqual(jwk)
    expect(Buffer.from(secrets.evidence.publicKey).toString('base64url')).toBe(x)
    const bytes = Buffer.from('evidence')
    const signature = await secrets.evidence.sign(bytes)
    expect(verify(null, bytes, createPublicKey({ key: jwk, format: 'jwk' }), signature)).toBe(true)
    expect(await (await start()).evidence.sign(bytes)).toEqual(signature)
  })
})

describe('A receipt', () => {
  test('verifies with the published key, whose id is its thumbprint', async () => {
    const secrets = await start()
    const receipt = await secrets.receipt(payload)
    expect(await readReceipt(receipt, await published(secrets))).toEqual(payload)
    const [key] = secrets.jwks.keys
    const header = JSON.parse(Buffer.from(receipt.split('.')[0] ?? '', 'base64url').toString())
    expect(header).toEqual({ alg: 'ES256', typ: 'comity-receipt+jwt', kid: key?.kid })
    const canonical = `{"crv":"P-256","kty":"EC","x":"${key?.x}","y":"${key?.y}"}`
    expect(key?.kid).toBe(createHash('sha256').update(canonical).digest('base64url'))
  })

  // Kills: no look at `typ`; a payload of another form.
  test('is refused with another `typ`, another key, a byte changed, or more in it', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const sign = (typ: string, content: object) =>
      new CompactSign(Buffer.from(JSON.stringify(content)))
        .setProtectedHeader({ alg: 'ES256', typ, kid: 'k' })
        .sign(privateKey)
    expect(await readReceipt(await sign('comity-receipt+jwt', payload), publicKey)).toEqual(payload)
    for (const typ of ['JWT', 'comity-request+jwt', 'application/comity-receipt+jwt'])
      await expect(readReceipt(await sign(typ, payload), publicKey)).rejects.toThrow(
        'not a receipt',
      )
    const more = await sign('comity-receipt+jwt', { ...payload, more: 1 })
    await expect(readReceipt(more, publicKey)).rejects.toThrow()
    const secrets = await start()
    const receipt = await secrets.receipt(payload)
    await expect(readReceipt(receipt, publicKey)).rejects.toThrow()
    const [head = '', body = '', signature = ''] = receipt.split('.')
    const changed = Buffer.from(JSON.stringify({ ...payload, out: 'release' })).toString(
      'base64url',
    )
    const key = await published(secrets)
    await expect(readReceipt(`${head}.${changed}.${signature}`, key)).rejects.toThrow()
    await expect(
      readReceipt(`${head}.${body}.${signature.slice(0, -4)}AAAA`, key),
    ).rejects.toThrow()
  })

  // Kills: only the newest key published; the oldest one signing.
  test('still verifies after a new key signs', async () => {
    const plain: Wrapper = { wrap: async (bytes) => bytes, unwrap: async (bytes) => bytes }
    const before = await start(plain)
    const old = await before.receipt(payload)
    const kept = JSON.parse(Buffer.from((await rows())[0]?.wrapped?.B ?? []).toString('utf8'))
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const next = { ...kept, receipts: [await exportJWK(privateKey), ...kept.receipts] }
    await putRow('000002', Buffer.from(JSON.stringify(next), 'utf8'))
    const after = await start(plain)
    expect(after.jwks.keys.map(({ alg }) => alg)).toEqual(['ES256', 'ES256', 'EdDSA'])
    expect(await readReceipt(await after.receipt(payload), await published(after, 0))).toEqual(
      payload,
    )
    expect(await readReceipt(old, await published(after, 1))).toEqual(payload)
    expect(after.pseudonym('DE', 'x')).toBe(before.pseudonym('DE', 'x'))
  })
})

describe('A key file', () => {
  test('is its owner’s alone, and made by the first wrap only', async () => {
    const wrapper = fileWrapper(keyFile)
    await expect(wrapper.unwrap(new Uint8Array(60))).rejects.toThrow('ENOENT')
    expect(existsSync(keyFile)).toBe(false)
    const wrapped = await wrapper.wrap(Buffer.from('secret'))
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    expect(statSync(keyFile).size).toBe(32)
    expect(Buffer.from(await wrapper.unwrap(wrapped)).toString()).toBe('secret')
    const key = readFileSync(keyFile)
    await wrapper.wrap(Buffer.from('another'))
    expect(readFileSync(keyFile).equals(key)).toBe(true)
  })

  // Kills: no look at the mode; no look at the length.
  test('is refused if others may read it, or if it is not a key', async () => {
    const wrapper = fileWrapper(keyFile)
    const wrapped = await wrapper.wrap(Buffer.from('secret'))
    chmodSync(keyFile, 0o640)
    await expect(wrapper.unwrap(wrapped)).rejects.toThrow('others may read it; run `chmod 600`')
    chmodSync(keyFile, 0o600)
    writeFileSync(keyFile, 'short')
    await expect(wrapper.unwrap(wrapped)).rejects.toThrow('not a key of 32 bytes')
  })

  // Kills: a key file that appears before all of its bytes.
  test('is one when many processes start at once', () => {
    const script = `
      const { fileWrapper } = await import(${JSON.stringify(join(import.meta.dirname, '../../functions/adapters/key-files.ts'))})
      await fileWrapper(process.argv[1]).wrap(new Uint8Array(1))`
    const command = `for i in 1 2 3 4 5 6; do "$0" --input-type=module -e "$1" "$2" & done; wait`
    execFileSync('sh', ['-c', command, process.execPath, script, keyFile])
    expect(readdirSync(join(keyFile, '..'))).toEqual(['master.key'])
    expect(statSync(keyFile).size).toBe(32)
  })
})
