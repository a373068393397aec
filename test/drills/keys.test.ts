/** Drill: keys are replaced, or lost (`infra/DRILLS.md`). */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seal, unseal } from '../../functions/adapters/aes-gcm.ts'
import { createTables } from '../../functions/adapters/create-tables.ts'
import { rowsIn } from '../../functions/adapters/dynamodb.ts'
import {
  type OpenSecrets,
  openSecrets,
  renewReceiptKey,
  type Wrapper,
} from '../../functions/adapters/secrets.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { enrol } from '../../functions/demo/enrol.ts'
import type { AgencyKeyFile } from '../../functions/demo/keys.ts'
import { registeredAgencies } from '../../functions/demo/seed.ts'
import type { Agency, AgencyKey } from '../../functions/identity/register.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { readReceipt } from '../../functions/ledger/receipt.ts'
import { checkSeals, judge } from '../../functions/policy/check-seals.ts'
import type { Seal, Sealer } from '../../functions/policy/sealers.ts'
import { payload } from '../adapters/receipt.ts'
import { requestOfMember } from '../answer/people.ts'
import { type Evidencing, startEvidencing } from '../audit/evidencing.ts'
import { fileOf, permit } from '../decision/write.ts'
import { lawOf, releaseKeys, setIn } from '../policy/sealing.ts'
import { answered, freshJti, type Gateway, origin, problemOf, startGateway } from '../world.ts'
import { worldLaw } from '../world-law.ts'
import { copyOf, putBack } from './tables.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

describe('A key that an agency signs with', () => {
  async function freshKey(): Promise<{
    registered: AgencyKey
    key: AgencyKeyFile
  }> {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const { x = '', y = '', d = '' } = await exportJWK(privateKey)
    const jwk = { kty: 'EC', crv: 'P-256', x, y } as const
    const kid = await calculateJwkThumbprint(jwk)
    const from = gateway.clock.now.toISOString()
    return {
      registered: { kid, alg: 'ES256', status: 'active', from, channel: 'siena', jwk },
      key: { kid, alg: 'ES256', privateJwk: { ...jwk, d } },
    }
  }
  /** A request of FR-SPOC, signed with this key or with its first. */
  async function ask(key = gateway.keys.get('FR-SPOC'), jti = freshJti()): Promise<Response> {
    if (key === undefined) throw new Error('FR-SPOC has no key')
    const body = new TextEncoder().encode(JSON.stringify(requestOfMember()))
    const url = `${origin}/v1/access-requests`
    const iat = Math.floor(gateway.clock.now.getTime() / 1000)
    const claims = { agency: 'FR-SPOC', officer: 'officer-7', audience: origin, iat, jti }
    const authorization = await signCall({ method: 'POST', url, body }, key, claims)
    const headers = { authorization, 'content-type': 'application/json' }
    return gateway.app.request(url, { method: 'POST', headers, body })
  }
  const pass = (seconds: number) => gateway.clock.pass(seconds * 1000)

  // Kills: one key for each agency; a register that is remembered for longer than a minute; entries that
  // go with the key that signed them.
  test('is replaced while both work; the old one is refused a minute after, and what it signed stays', async () => {
    const all = registeredAgencies(gateway.keys, '2000-01-01T00:00:00Z')
    const agency = all.find(({ id }) => id === 'FR-SPOC')
    const old = agency?.keys[0]
    if (agency === undefined || old === undefined) throw new Error('FR-SPOC has no key')
    const signedByOld = freshJti()
    const before = await answered(await ask(undefined, signedByOld))
    // By another instance than the one that is asked.
    const { client, tables } = gateway.store
    const change = (keys: Agency['keys']) =>
      enrol(client, tables.register, [{ ...agency, keys }], gateway.clock.now)
    const { registered, key } = await freshKey()
    expect((await ask(key)).status).toBe(401)

    await change([old, registered])
    pass(61)
    for (const each of [undefined, key]) expect((await ask(each)).status).toBe(201)

    await change([{ ...old, status: 'revoked' }, registered])
    pass(61)
    expect((await ask()).status).toBe(401)
    expect(gateway.events.at(-1)).toMatchObject({ why: 'key-revoked' })
    // What the old key asked is given to no other, even in the same words: it stays to be looked up.
    const again = await ask(key, signedByOld)
    expect([again.status, (await problemOf(again)).code]).toEqual([422, 'jti-reused'])
    const after = await gateway.world.ledger.read(before.id)
    expect(after?.leaf.ts).toBe(before.decidedAt)
  })
})

describe('Evidence of what a replaced key signed', () => {
  let evidencing: Evidencing
  beforeAll(async () => {
    evidencing = await startEvidencing()
  })
  afterAll(() => evidencing.stop())

  // Kills: evidence that counts the keys of today alone; a key that is missed by nobody.
  test('is good after the key was revoked, and is not once somebody removed it', async () => {
    await evidencing.keepPerson('R-1')
    const id = await evidencing.askFor({ recordId: 'R-1' })
    await evidencing.sealLogs()
    const agency = await evidencing.world.register.agency('FR-SPOC')
    const [old] = agency?.keys ?? []
    if (old === undefined) throw new Error('FR-SPOC has no key')
    const until = evidencing.clock.now.toISOString()
    const checked = async () => evidencing.check(await evidencing.evidence({ entries: [id] }))
    await evidencing.change('FR-SPOC', { keys: [{ ...old, status: 'revoked', until }] })
    expect(await checked()).toMatchObject({ findings: [] })
    await evidencing.change('FR-SPOC', { keys: [] })
    expect((await checked()).findings.map(({ says }) => says)).toEqual([
      'the manifest has no such key of FR-SPOC',
    ])
  })
})

describe('A key that seals policies', () => {
  const sealed = lawOf(worldLaw, '2026-01-01T00:00:00Z')
  // A cast: two folders' seals and who made them, as tests sign them.
  const [seals, sealers] = [sealed.seals.de, sealed.sealers] as [readonly Seal[], readonly Sealer[]]
  const [leaving, ...others] = sealers
  const x = randomBytes(32).toString('base64url')
  const successor = { ...leaving, kid: 'successor', jwk: { ...leaving?.jwk, x } }

  // Kills: seals that hold only as long as whoever made them is the one who seals now.
  test('is succeeded by another; what it sealed holds as long as its public half is there', () => {
    const moments = (by: unknown) => {
      const { faults, folders } = checkSeals({ de: seals }, by)
      const each = seals.map(({ body }) => folders.get('de')?.sealed.get(body.path)?.sealedAt)
      return { faults: faults.length, each }
    }
    const before = moments(sealers)
    expect(before).toMatchObject({ faults: 0 })
    expect(moments([...sealers, successor])).toEqual(before)
    const without = moments([...others, successor])
    expect([without.faults, new Set(without.each)]).toEqual([seals.length, new Set([undefined])])
  })
})

describe('A key that signs sets of the law', () => {
  const file = fileOf({ id: 'de/own', kind: 'ground', rules: [permit('a', true)] })
  const law = lawOf([file], '2026-01-01T00:00:00Z')
  const [leaving, staying] = releaseKeys
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const
  const successor = { kid: 'successor', jwk: { ...jwk, d } }
  const trusted = [
    { kid: 'successor', name: 'Who follows', jwk },
    ...(law.releaseKeys as object[]).slice(1),
  ]
  const after = { ...law, releaseKeys: trusted }

  // Kills: a set that holds as long as anybody signed it who ever could (set.ts, `judgeSet`).
  test('is succeeded in the next set; who left signs none', () => {
    if (leaving === undefined || staying === undefined) throw new Error('there are no keys')
    expect(judge(law).faults).toEqual([])
    const refused = [expect.objectContaining({ path: 'set.json', code: 'set' })]
    expect(judge(after).faults).toEqual(refused)
    expect(judge({ ...after, set: setIn(law, [leaving, successor]) }).faults).toEqual(refused)
    expect(judge({ ...after, set: setIn(law, [staying, successor]) }).faults).toEqual([])
  })
})

/** A wrapper as KMS is one: another with the same key opens what this one wrapped, one of its own does not. */
const wrapperOf = (key: Uint8Array): Wrapper => ({
  wrap: async (bytes) => seal(key, bytes, 'drill'),
  unwrap: async (bytes) => unseal(key, bytes, 'drill'),
})

describe('The secrets of the gateway', () => {
  const key = randomBytes(32)
  const wrapper = wrapperOf(key)
  const { keys, attestations } = localTableNames()
  const { keys: own, ...others } = localTableNames()
  // Tables that nothing else of this file uses.
  const names = { ...others, keys: `${own}-drill`, attestations: `${attestations}-drill` }
  const open = (copies: string | undefined = names.attestations, by = wrapper) =>
    openSecrets(gateway.store.client, names.keys, by, copies)
  const same = (secrets: OpenSecrets) => [secrets.pseudonym('DE', 'x'), secrets.jwks]
  const removeAll = () => putBack(gateway.store, names.keys, [])
  beforeAll(() => createTables(gateway.store.client, names))

  // Kills: secrets that are made a second time, which would leave every entry closed without a word.
  test('come back from their copy if the table of keys is lost, and what was wrapped opens again', async () => {
    expect(keys).not.toBe(names.keys)
    const before = await open()
    const made = await copyOf(gateway.store, names.keys)
    expect(await copyOf(gateway.store, names.attestations)).toEqual(made)
    const subjects = dynamodbSubjectKeys(gateway.store.client, names.keys, before.wrapKey)
    const { kid, kek } = await subjects.keyFor('DE', 'someone', '2026-11-25T09:00:00.000Z')
    const [secretsRow] = made
    const { pk, sk } = secretsRow ?? {}
    if (pk === undefined || sk === undefined) throw new Error('there are no secrets')
    await rowsIn(gateway.store.client, names.keys).remove({ pk, sk })

    const after = await open()
    expect(same(after)).toEqual(same(before))
    const again = dynamodbSubjectKeys(gateway.store.client, names.keys, after.wrapKey)
    expect(Buffer.from((await again.open(kid)) ?? [])).toEqual(Buffer.from(kek))
    // Without their keys, the people of all entries are erased; the gateway itself is who it was.
    await removeAll()
    const alone = await open()
    expect(same(alone)).toEqual(same(before))
    expect(await again.open(kid)).toBeUndefined()
  })

  // Kills: a renewal that drops the old key, or the master key; one that a lost table takes back.
  test('get a new key for receipts; old receipts still verify, and its copy has it, too', async () => {
    const before = await open()
    const old = await before.receipt(payload)
    const { kid } = await renewReceiptKey(gateway.store.client, names.keys, wrapper)
    const after = await open()
    expect(after.jwks.keys.map((each) => each.kid)).toEqual([
      kid,
      ...before.jwks.keys.map((each) => each.kid),
    ])
    const published = async (at: number) =>
      (await importJWK(after.jwks.keys[at] ?? {}, 'ES256')) as CryptoKey
    expect(await readReceipt(old, await published(1))).toEqual(payload)
    expect(await readReceipt(await after.receipt(payload), await published(0))).toEqual(payload)
    expect(after.pseudonym('DE', 'x')).toBe(before.pseudonym('DE', 'x'))
    await removeAll()
    expect(same(await open())).toEqual(same(after))
  })

  // Kills: two that renew at once, of whom one’s key signs and is published nowhere.
  test('are renewed by one at a time', async () => {
    const before = await open()
    const both = [1, 2].map(() => renewReceiptKey(gateway.store.client, names.keys, wrapper))
    const ended = await Promise.allSettled(both)
    const renewed = ended.filter(({ status }) => status === 'fulfilled').length
    expect((await open()).jwks.keys).toHaveLength(before.jwks.keys.length + renewed)
  })

  test('are opened in another region by the same key of KMS, and by no other', async () => {
    const before = await open()
    expect(same(await open(undefined, wrapperOf(Uint8Array.from(key))))).toEqual(same(before))
    await expect(open(undefined, wrapperOf(randomBytes(32)))).rejects.toThrow(
      'couldn’t open the secrets',
    )
  })
})
