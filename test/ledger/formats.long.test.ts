/**
 * A store in which every format of entries is that there ever was, as after upgrades: today's gateway goes on in the same
 * logs, and both verifiers find them whole.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seal } from '../../functions/adapters/aes-gcm.ts'
import { keptKey, rowsIn } from '../../functions/adapters/dynamodb.ts'
import type { OpenSecrets } from '../../functions/adapters/secrets.ts'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { type Entry, readLeaf } from '../../functions/ledger/entry.ts'
import type { World } from '../../functions/ports.ts'
import { requestOf } from '../answer/people.ts'
import { eidOf, filesIn, startSealed, startVerifiers } from '../proof/exported.ts'
import { problemOf } from '../world.ts'

const folder = join(import.meta.dirname, 'corpus')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))

let sealed: Awaited<ReturnType<typeof startSealed>>
let verifiers: ReturnType<typeof startVerifiers>
/** Where the keys of entries of before are, by key. */
const places = new Map<string, ReturnType<typeof keptKey>>()
/** Entries of before, with what each says. */
const before: { readonly entry: Entry; readonly person: string; readonly jws: string }[] = []
beforeAll(async () => {
  verifiers = startVerifiers()
  // After the day of the newest.
  sealed = await startSealed({ now: '2026-12-01T12:00:00.000Z' })
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
  for (const line of lines) await keepAsThen(JSON.parse(line))
}, 120_000)
afterAll(async () => {
  await verifiers.stop()
  await sealed.close()
})

/** Puts an entry into the store as it was stored then, and the key that opens it. */
async function keepAsThen({ leaf, lh, ev, att, kid, kek }: Readonly<Record<string, string>>) {
  const { world, store } = sealed.gateway
  const leafBytes = bytes(leaf ?? '')
  const read = readLeaf(leafBytes)
  if (typeof read === 'string') throw new Error(read)
  const beside = { attempt: att ?? '', ciphertext: bytes(ev ?? ''), kid: kid ?? '' }
  // A cast: an entry is made of a leaf of today's format alone.
  const entry = { leaf: read, leafBytes, leafHash: bytes(lh ?? ''), ...beside } as Entry
  const opening = { open: async () => bytes(kek ?? '') }
  // A cast: opening it asks for its key alone.
  const opened = await openAny(entry as never, { subjectKeys: opening } as unknown as World)
  if (opened === undefined || !('subject' in opened.values)) throw new Error('it does not open')
  const person = opened.values.subject.asked
  before.push({ entry, person, jws: opened.evidence.jws })
  const known = places.get(beside.kid)
  const generation = String(places.size + 1).padStart(6, '0')
  const place = known ?? keptKey(`K#${read.hj}#${person}`, generation)
  places.set(beside.kid, place)
  const wrapKey = (world.secrets as OpenSecrets).wrapKey(read.hj ?? '')
  const context = `${place.pk.S}\u001f${place.sk.S}`
  const rows = rowsIn(store.client, store.tables.keys)
  const way = { of: place.pk, generation: place.sk, hj: { S: read.hj ?? '' } }
  await rows.putNew({ ...keptKey(`KID#${kid}`, 'way'), ...way })
  await rows.putNew({
    ...{ ...place, kid: { S: kid ?? '' }, quarter: { S: '2026-Q4' }, state: { S: 'active' } },
    wrapped: { B: seal(wrapKey, bytes(kek ?? ''), context) },
  })
  expect(await world.ledger.append(entry)).toMatchObject({ kind: 'durable' })
}

/** The first entry of each format. */
const firstOfEach = (isOf: (entry: Entry) => boolean = () => true) =>
  [1, 2, 3, 4].map((v) => {
    const found = before.find(({ entry }) => entry.leaf.v === v && isOf(entry))
    if (found === undefined) throw new Error(`there is none of format ${v}`)
    return found
  })

async function verdict() {
  const exportFolder = await sealed.export()
  const now = sealed.gateway.clock.now.getTime()
  const judged = { ...sealed, exportFolder, files: filesIn(exportFolder), now }
  return verifiers.of(judged)({})
}
const log = 'comity.test/de/2026'

// Kills: a format that the ledger reads and the sealer, an export or a verifier does not; a log that begins anew.
test('one log has entries of formats 1 to 4, and goes on with those of today', async () => {
  expect(new Set(before.map(({ entry }) => entry.leaf.v))).toEqual(new Set([1, 2, 3, 4]))
  await sealed.seal()
  const today = [eidOf(await sealed.ask('DE-POL')), eidOf(await sealed.ask('GB-POL'))]
  await sealed.seal()
  const { findings, whole, logs } = await verdict()
  expect([findings, whole]).toEqual([[], true])
  const inGerman = before.filter(({ entry }) => entry.leaf.log === log).length
  const german = logs.find((each) => each.log === log)
  // The law is an entry, too.
  expect(german?.size).toBeGreaterThan(inGerman)
  for (const eid of [...before.map(({ entry }) => entry.leaf.eid), ...today])
    expect(await sealed.world.sealing.placeOf(eid), eid).toBeDefined()
})

// Kills: a call decided a second time since its first answer is of another format.
test('a call that was answered then is answered no second time', async () => {
  for (const { entry, jws } of firstOfEach(({ leaf }) => leaf.t === 'decision')) {
    const { jti, iss } = decodeJwt(jws)
    const asked = await sealed.gateway.call(String(iss), {
      ...{ method: 'POST', path: '/v1/access-requests', body: requestOf({ holder: 'DE-POL' }) },
      ...{ jti: String(jti), officer: 'officer-7' },
    })
    // Whoever signs with another key than then is told no answer of then.
    expect(await problemOf(asked)).toMatchObject({ status: 422, code: 'jti-reused' })
    const stands = await sealed.gateway.world.ledger.read(entry.leaf.eid)
    expect(Buffer.from(stands?.leafHash ?? []).equals(entry.leafHash)).toBe(true)
  }
})

// Kills: an entry of an earlier format that still opens once its person was erased, or whose proof goes with it.
test('a person is erased from entries of every format, and the log stays whole', async () => {
  const { subjectKeys } = sealed.gateway.world
  const { ledger, secrets: _, ...world } = sealed.gateway.world
  for (const { entry, person } of firstOfEach()) {
    const { eid, hj = '', v } = entry.leaf
    const open = async () => {
      const stored = await ledger.read(eid)
      return stored && openAny(stored, world)
    }
    expect(await open()).toHaveProperty('values.call')
    const kids = (await subjectKeys.generations(hj, person)).map(({ kid }) => kid)
    expect(kids).toContain(entry.kid)
    for (const kid of kids) await subjectKeys.shred(kid)
    expect(await open(), `format ${v}`).toBeUndefined()
  }
  const { findings, whole } = await verdict()
  expect([findings, whole]).toEqual([[], true])
})
