/** Publishing: no checkpoint without a quorum of witnesses, and sealing goes on without one (F21). */

import { generateKeyPairSync, randomUUID, sign as signBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { openCosigned } from '../../functions/ledger/checkpoint.ts'
import { parseVkey, type VerifierKey, verifierKey, writeVkey } from '../../functions/ledger/note.ts'
import type { SealWorld, Witness } from '../../functions/log-ports.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { addCheckpoint } from '../../functions/sealing/witness.ts'
import { freshLog, type Step, startSealing, type TestSealing } from './sealed-log.ts'

let sealing: TestSealing
beforeAll(async () => {
  sealing = await startSealing()
})
afterAll(() => sealing.close())

const asIs: Step = (_, act) => act()
const keyIn = (vkey: string): VerifierKey => {
  const read = parseVkey(vkey)
  if ('wrong' in read) throw new Error(read.wrong)
  return read.key
}

/** What a witness does to a call; `true`: what it should. */
type Manner = true | 'away' | 'throws' | 'forges' | 'babbles'

/** A witness with a key and a memory of its own. */
function startWitness(name: string, manner: { now: Manner }) {
  const { client, tables } = sealing.gateway.store
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const key = verifierKey(name, 4, Uint8Array.from(raw))
  const signing = {
    publicKey: key.publicKey,
    sign: async (bytes: Uint8Array) => signBytes(null, bytes, privateKey),
  }
  const memory = dynamodbMemory(client, tables.signatures, randomUUID())
  const world = { key, signing, memory, logKey: (log: string) => keyIn(sealing.vkey(log)) }
  let seconds = 1_800_000_000
  const witness: Witness = {
    vkey: writeVkey(key),
    async add(from, proof, note) {
      if (manner.now === 'away') return { kind: 'away', why: 'it did not answer in time' }
      if (manner.now === 'throws') throw new TypeError('somebody’s secret')
      if (manner.now === 'babbles') return { kind: 'cosigned', line: '<html>\n' }
      const hashes = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`)
      seconds += 1
      const answer = await addCheckpoint(`old ${from}\n${hashes.join('')}\n${note}`, seconds, world)
      if (answer.kind === 'cosigned' && manner.now === 'forges')
        return { kind: 'cosigned', line: answer.line.replace(/.{8}$/m, 'AAAAAAA=') }
      return answer.kind === 'cosigned' || answer.kind === 'stale'
        ? answer
        : { kind: 'refused', why: answer.why }
    },
  }
  return { witness, memory }
}

/** Three witnesses, of whom two must cosign. */
function withWitnesses() {
  const manners = [{ now: true }, { now: true }, { now: true }] as { now: Manner }[]
  const all = manners.map((manner, i) => startWitness(`witness-${i + 1}.test`, manner))
  const witnesses = all.map(({ witness }) => witness)
  const world = (step = asIs, more: Partial<SealWorld> = {}) =>
    sealing.world(step, { witnesses, quorum: 2, ...more })
  const cosigners = async (log: string) => {
    const note = Buffer.from((await sealing.archive.get(`${log}/checkpoint`)) ?? []).toString()
    const keys = witnesses.map(({ vkey }) => keyIn(vkey))
    const opened = openCosigned(note, keyIn(sealing.vkey(log)), keys, 2)
    return 'wrong' in opened ? opened.wrong : opened.cosigners.map(({ name }) => name)
  }
  return { manners, memories: all.map(({ memory }) => memory), world, cosigners }
}

describe('With two of three witnesses needed', () => {
  test('a checkpoint carries the cosignatures of all three', async () => {
    const { world, cosigners } = withWitnesses()
    const log = freshLog()
    for (const count of [1, 4]) {
      await seal(log, await sealing.append(log, count), world())
      await sealing.check(log)
      expect(await cosigners(log)).toEqual(['witness-1.test', 'witness-2.test', 'witness-3.test'])
    }
  })

  // Kills: a publication that waits for all; one fault that takes the others with it; trust in a line
  // that nobody checked.
  test.each<Manner>(['away', 'throws', 'forges', 'babbles'])(
    'one that %s stops nothing, and its line is not in the checkpoint',
    async (manner) => {
      const { manners, world, cosigners } = withWitnesses()
      const log = freshLog()
      manners[1] = Object.assign(manners[1] ?? {}, { now: manner })
      const done = await seal(log, await sealing.append(log, 2), world())
      expect(done).toEqual({ log, sealed: 2, size: 2, published: 2, left: 0 })
      expect(await cosigners(log)).toEqual(['witness-1.test', 'witness-3.test'])
    },
  )

  // Kills: publishing below the quorum; sealing that waits for witnesses; a text of a fault that is told.
  test('two that fail keep the checkpoint back, sealing goes on, and the reasons are said', async () => {
    const { manners, world, cosigners } = withWitnesses()
    const log = freshLog()
    await seal(log, await sealing.append(log, 2), world())
    Object.assign(manners[0] ?? {}, { now: 'away' })
    Object.assign(manners[2] ?? {}, { now: 'throws' })
    for (const size of [3, 4]) {
      const done = await seal(log, await sealing.append(log, 1), world())
      expect(done).toMatchObject({ sealed: 1, size, published: 2 })
      expect(done.why).toBe(
        '1 of the witnesses cosigned, not 2; witness-1.test: it did not answer in time; witness-3.test: TypeError',
      )
      await sealing.check(log, { published: false })
    }
    expect(await sealing.archive.get(`${log}/checkpoints/4`)).toBeUndefined()
    // Kills: asking again only once something new is sealed.
    for (const manner of manners) manner.now = true
    expect(await seal(log, [], world())).toMatchObject({ sealed: 0, size: 4, published: 4 })
    await sealing.check(log)
    expect(await cosigners(log)).toHaveLength(3)
  })

  // Kills: a stale witness that is never met where it is.
  test('a witness that is behind, or ahead after a crash, is met where it is', async () => {
    const { manners, memories, world, cosigners } = withWitnesses()
    const log = freshLog()
    Object.assign(manners[0] ?? {}, { now: 'away' })
    for (let i = 0; i < 3; i++) await seal(log, await sealing.append(log, 2), world())
    Object.assign(manners[0] ?? {}, { now: true })
    const dies: Step = (name, act) =>
      name === 'archive.publish' ? Promise.reject(new Error('the process ended')) : act()
    await expect(seal(log, await sealing.append(log, 1), world(dies))).rejects.toThrow('ended')
    for (const memory of memories) expect(await memory.last(log)).toMatchObject({ size: 7 })
    expect(await seal(log, [], world())).toMatchObject({ published: 7 })
    await sealing.check(log)
    expect(await cosigners(log)).toHaveLength(3)
  })
})

describe('When the signer will not sign', () => {
  // Kills: a refusal that is lost.
  test('its reason is told, and nothing is published', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    await seal(log, eids, sealing.world())
    const signer: SealWorld['signer'] = {
      sign: async () => ({ kind: 'refused', why: 'this is a fork' }),
    }
    const more = await sealing.append(log, 1)
    expect(await seal(log, more, sealing.world(asIs, { signer }))).toEqual({
      ...{ log, sealed: 1, size: 3, published: 2, left: 0 },
      why: 'the signer refused: this is a fork',
      isForked: true,
    })
    await sealing.check(log, { published: false })
  })

  // Kills: a proof that starts from what is published, whatever the signer has seen.
  test('from where it was asked, it is asked from where it is', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    const dies: Step = (name, act) =>
      name === 'archive.publish' ? Promise.reject(new Error('the process ended')) : act()
    await expect(seal(log, eids, sealing.world(dies))).rejects.toThrow('ended')
    const more = await sealing.append(log, 3)
    expect(await seal(log, more, sealing.world())).toMatchObject({ size: 5, published: 5 })
    await sealing.check(log)
  })

  // Kills: a note that nobody looks at.
  test('what it signs instead is not published', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    await seal(log, eids, sealing.world())
    const old = Buffer.from((await sealing.archive.get(`${log}/checkpoint`)) ?? []).toString()
    const signer: SealWorld['signer'] = { sign: async () => ({ kind: 'signed', note: old }) }
    const more = await sealing.append(log, 1)
    await expect(seal(log, more, sealing.world(asIs, { signer }))).rejects.toThrow(
      /the signer signed another tree/,
    )
  })

  // Kills: a log that lost entries and goes on as if it had not.
  test('for entries are gone that were published, this is said', async () => {
    const log = freshLog()
    await seal(log, await sealing.append(log, 2), sealing.world())
    const lost = {
      ...sealing.sealing,
      head: async () => sealing.sealing.head('comity.test/none/2026'),
      manifest: async () => undefined,
    }
    expect(await seal(log, [], sealing.world(asIs, { sealing: lost }))).toMatchObject({
      size: 0,
      published: 2,
      why: 'a checkpoint of 2 entries is published, and only 0 are in the tree',
    })
  })
})
