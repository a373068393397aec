/** Sealing with four real witnesses, each with its own key and memory, over HTTP on this machine. */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { httpWitness } from '../../functions/adapters/witness-http.ts'
import { startWitness } from '../../functions/demo/witness.ts'
import type { WitnessEvent } from '../../functions/http/witness-api.ts'
import { openCheckpoint, openCosigned } from '../../functions/ledger/checkpoint.ts'
import { parseVkey } from '../../functions/ledger/note.ts'
import type { Memory, Witness } from '../../functions/log-ports.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { leavesOf, noteOf } from '../adapters/signed-log.ts'
import { freshLog, startSealing } from './sealed-log.ts'

const sealing = await startSealing()
afterAll(() => sealing.close())

const keyIn = (vkey: string) => {
  const read = parseVkey(vkey)
  if ('wrong' in read) throw new Error(read.wrong)
  return read.key
}
const memoryOf = (name: string) => {
  const { client, tables } = sealing.gateway.store
  return dynamodbMemory(client, tables.signatures, name)
}

const started: { close(): Promise<void> }[] = []
afterAll(async () => {
  await Promise.all(started.map((each) => each.close()))
})

/** Starts a witness that watches every log of the gateway. */
async function start(name: string, keyFile: string, memory: Memory = memoryOf(keyFile)) {
  const events: WitnessEvent[] = []
  const witness = await startWitness({
    name: `witness.test/${name}`,
    keyFile,
    memory,
    logKey: (origin) =>
      origin.startsWith('comity.test/') ? keyIn(sealing.vkey(origin)) : undefined,
    now: () => sealing.gateway.clock.now,
    log: (event) => events.push(event),
  })
  started.push(witness)
  return { ...witness, events, client: httpWitness(witness.vkey, witness.url), memory }
}
const freshFile = () => join(sealing.folder, 'witnesses', `${randomUUID()}.pem`)
const four = () => Promise.all(['w1', 'w2', 'w3', 'w4'].map((name) => start(name, freshFile())))

const worldWith = (witnesses: readonly { readonly client: Witness }[]) =>
  sealing.world(undefined, { witnesses: witnesses.map(({ client }) => client), quorum: 3 })

/** Who cosigned what is published: names, and the size. */
async function published(log: string, witnesses: readonly { readonly vkey: string }[]) {
  const note = Buffer.from((await sealing.archive.get(`${log}/checkpoint`)) ?? []).toString()
  if (note === '') return undefined
  const keys = witnesses.map(({ vkey }) => keyIn(vkey))
  const opened = openCosigned(note, keyIn(sealing.vkey(log)), keys, 3)
  if ('wrong' in opened) throw new Error(opened.wrong)
  const names = opened.cosigners.map(({ name }) => name.replace('witness.test/', ''))
  return { size: opened.checkpoint.size, names: names.toSorted() }
}

describe('A quorum of three of four witnesses', () => {
  test('cosigns each checkpoint that is published', async () => {
    const [log, witnesses] = [freshLog(), await four()]
    for (const count of [3, 2])
      await seal(log, await sealing.append(log, count), worldWith(witnesses))
    expect(await published(log, witnesses)).toEqual({ size: 5, names: ['w1', 'w2', 'w3', 'w4'] })
    await sealing.check(log)
  })

  // Kills: one witness that is down, behind or unwilling stopping the log; its fault counted as its word.
  test('is enough while one is offline, one is behind, or one refuses', async () => {
    const [log, witnesses] = [freshLog(), await four()]
    const [w1, w2, w3, w4] = witnesses
    if (!w1 || !w2 || !w3 || !w4) throw new Error('four were started')
    await seal(log, await sealing.append(log, 3), worldWith(witnesses))
    // Offline: w4 misses a checkpoint.
    await w4.close()
    const more = await seal(log, await sealing.append(log, 4), worldWith(witnesses))
    expect(more).toMatchObject({ size: 7, published: 7 })
    expect(await published(log, witnesses)).toEqual({ size: 7, names: ['w1', 'w2', 'w3'] })
    // Behind: a new witness knows nothing of the log, and is told from its own size on.
    const late = await start('w5', freshFile())
    const withLate = [w1, w2, w3, late]
    await seal(log, await sealing.append(log, 1), worldWith(withLate))
    expect(await published(log, withLate)).toEqual({ size: 8, names: ['w1', 'w2', 'w3', 'w5'] })
    // Refusing: one that has seen another tree of this log.
    const seen = await start('w6', freshFile())
    await seen.memory.advance(log, 0, { size: 8, root: Buffer.alloc(32, 1) })
    const withSeen = [w1, w2, w3, seen]
    await seal(log, await sealing.append(log, 1), worldWith(withSeen))
    expect(await published(log, withSeen)).toEqual({ size: 9, names: ['w1', 'w2', 'w3'] })
    expect(seen.events.map(({ event }) => event)).toEqual(['inconsistent'])
    await sealing.check(log)
  })

  // Kills: a quorum that is not counted; sealing that waits for it; a tail that stays unpublished.
  test('is missing while two are down: nothing is published, sealing goes on, and later all is', async () => {
    const [log, witnesses] = [freshLog(), await four()]
    await seal(log, await sealing.append(log, 3), worldWith(witnesses))
    const [w1, w2, ...rest] = witnesses
    if (!w1 || !w2) throw new Error('four were started')
    for (const each of rest) await each.close()
    const answer = await seal(log, await sealing.append(log, 2), worldWith(witnesses))
    expect(answer).toMatchObject({ sealed: 2, size: 5, published: 3 })
    expect(answer.why).toBe(
      '2 of the witnesses cosigned, not 3; witness.test/w3: it could not be reached;' +
        ' witness.test/w4: it could not be reached',
    )
    expect(await published(log, witnesses)).toMatchObject({ size: 3 })
    expect(await sealing.archive.get(`${log}/checkpoints/5`)).toBeUndefined()
    await sealing.check(log, { published: false })
    // Others take their place: nothing new is sealed, and yet the tail is published.
    const back = [w1, w2, await start('w3', freshFile())]
    expect(await seal(log, [], worldWith(back))).toMatchObject({ sealed: 0, published: 5 })
    expect(await published(log, back)).toEqual({ size: 5, names: ['w1', 'w2', 'w3'] })
  })

  // Kills: a witness that is one for two views of a log.
  test('cannot be had for two views of one log', async () => {
    const [log, witnesses] = [freshLog(), await four()]
    await seal(log, await sealing.append(log, 3), worldWith(witnesses))
    const signed = { key: keyIn(sealing.vkey(log)), signing: sealing.key }
    for (const leaves of [leavesOf(3), leavesOf(9)]) {
      const answers = await Promise.all(
        witnesses.map(async ({ client }) => client.add(3, [], await noteOf(signed, leaves))),
      )
      expect(answers).toEqual(answers.map(() => ({ kind: 'refused', why: 'it answered 422' })))
    }
    for (const { events } of witnesses)
      for (const event of events)
        expect(
          event.event === 'inconsistent' && openCheckpoint(event.evidence, signed.key),
        ).toHaveProperty('checkpoint')
    expect(await published(log, witnesses)).toMatchObject({ size: 3 })
  })
})

describe('A witness that starts again', () => {
  // Kills: a memory that lasts as long as the process.
  test('has its key and what it remembers', async () => {
    const log = freshLog()
    const file = freshFile()
    const before = await start('w1', file)
    const signed = { key: keyIn(sealing.vkey(log)), signing: sealing.key }
    await before.client.add(0, [], await noteOf(signed, leavesOf(3)))
    await before.close()
    const after = await start('w1', file)
    expect(after.vkey).toBe(before.vkey)
    const forked = await after.client.add(0, [], await noteOf(signed, leavesOf(4, 'b')))
    expect(forked).toEqual({ kind: 'stale', size: 3 })
  })

  // Kills: a witness that takes an empty memory for a young one, and cosigns another history.
  test('does not start if its memory was lost, for it has signed what it no longer knows', async () => {
    const file = freshFile()
    await (await start('w1', file)).close()
    await expect(start('w1', file, memoryOf('an empty store'))).rejects.toThrow(
      `couldn’t start the witness witness.test/w1: it has a key, \`${file}\`, but no memory of what it signed`,
    )
    // Nor does the refusal leave anything behind that would let the next start pass.
    await expect(start('w1', file, memoryOf('an empty store'))).rejects.toThrow('no memory')
  })

  // Kills: the key made before the memory says that it began.
  test('starts after a crash between its memory and its key, and may be given a new key', async () => {
    const file = freshFile()
    const memory = memoryOf(randomUUID())
    const crashing: Memory = {
      last: memory.last,
      async advance(...args) {
        await memory.advance(...args)
        throw new Error('crashed')
      },
    }
    await expect(start('w1', file, crashing)).rejects.toThrow('crashed')
    const one = await start('w1', file, memory)
    const other = await start('w1', freshFile(), memory)
    expect(other.vkey).not.toBe(one.vkey)
  })
})
