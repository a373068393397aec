/** A witness by the rules of C2SP tlog-witness, its memory in a real store. */

import { createPublicKey, randomUUID, verify } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { openCheckpoint } from '../../functions/ledger/checkpoint.ts'
import type { Hash } from '../../functions/ledger/merkle.ts'
import type { Memory } from '../../functions/log-ports.ts'
import { addCheckpoint, type WitnessWorld } from '../../functions/sealing/witness.ts'
import { type Fault, startFaults } from '../adapters/faults.ts'
import { type Key, keyOf, leavesOf, noteOf, proofFrom } from '../adapters/signed-log.ts'
import { startDynalite } from '../dynalite.ts'

const store = await startDynalite()
afterAll(() => store.close())
const witness = keyOf('witness.test/w1', 4)
const at = 1_795_000_000

const memoryOf = (name: string) => dynamodbMemory(store.client, store.tables.signatures, name)

/** A witness that watches one fresh log. */
function watching(memory: Memory = memoryOf(randomUUID())) {
  const log = keyOf(`comity.test/de/${randomUUID()}`, 1)
  const world: WitnessWorld = {
    ...witness,
    memory,
    logKey: (origin) => (origin === log.key.name ? log.key : undefined),
  }
  return { log, world, add: (body: string) => addCheckpoint(body, at, world) }
}

const bodyOf = (from: number, proof: readonly Hash[], note: string) =>
  `old ${from}\n${proof.map((each) => `${Buffer.from(each).toString('base64')}\n`).join('')}\n${note}`

/** What an honest log sends when it has grown from `from` to these leaves. */
const grown = async (log: Key, from: number, leaves: readonly Hash[]) =>
  bodyOf(from, await proofFrom(from, leaves), await noteOf(log, leaves))

/** Whether a line is the witness's cosignature of a note, worked out from the specification alone. */
function isCosignature(line: string, note: string): boolean {
  const [, name, base64 = ''] = /^— (\S+) (\S+)\n$/.exec(line) ?? []
  const bytes = Buffer.from(base64, 'base64')
  const seconds = bytes.readBigUInt64BE(4)
  const text = note.slice(0, note.indexOf('\n\n') + 1)
  const x = Buffer.from(witness.signing.publicKey).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
  return (
    name === 'witness.test/w1' &&
    seconds === BigInt(at) &&
    verify(null, message, key, bytes.subarray(12))
  )
}

describe('A witness', () => {
  // Kills: a proof that is not looked at; a size that is not kept.
  test('cosigns what only grows, as of the time it is asked', async () => {
    const { log, add } = watching()
    let last = 0
    for (const size of [1, 2, 3, 7, 8, 300]) {
      const leaves = leavesOf(size)
      const answer = await add(await grown(log, last, leaves))
      expect(answer.kind).toBe('cosigned')
      if (answer.kind === 'cosigned')
        expect(isCosignature(answer.line, await noteOf(log, leaves))).toBe(true)
      last = size
    }
  })

  test('cosigns the same again for a log that lost the answer', async () => {
    const { log, add } = watching()
    await add(await grown(log, 0, leavesOf(5)))
    expect(await add(await grown(log, 0, leavesOf(5)))).toEqual({ kind: 'stale', size: 5 })
    expect(await add(await grown(log, 5, leavesOf(5)))).toMatchObject({ kind: 'cosigned' })
  })

  // Kills: an old size that is taken from the caller; a smaller tree remembered.
  test('never goes back: a replayed or rolled-back checkpoint meets what it remembers', async () => {
    const { log, add, world } = watching()
    const replayed = await grown(log, 0, leavesOf(4))
    await add(replayed)
    await add(await grown(log, 4, leavesOf(9)))
    expect(await add(replayed)).toEqual({ kind: 'stale', size: 9 })
    expect(await add(await grown(log, 4, leavesOf(6)))).toEqual({ kind: 'stale', size: 9 })
    expect(await add(await grown(log, 4, leavesOf(4)))).toEqual({ kind: 'stale', size: 9 })
    expect(await add(bodyOf(9, [], await noteOf(log, leavesOf(4))))).toEqual({
      kind: 'malformed',
      why: 'the old size is larger than the checkpoint’s',
    })
    expect(await world.memory.last(log.key.name)).toMatchObject({ size: 9 })
  })

  // Kills: another root of the same size cosigned; a fork whose proof fits its own past.
  test('sees a log that shows two faces, and keeps the log’s own signature for evidence', async () => {
    const { log, add } = watching()
    await add(await grown(log, 0, leavesOf(6)))
    const others = [
      leavesOf(6, 'b'),
      leavesOf(6, 'b', 5),
      leavesOf(9, 'b', 5),
      leavesOf(64, 'b', 2),
    ]
    for (const leaves of others) {
      const stranger = `— someone.test ${Buffer.alloc(68, 1).toString('base64')}\n`
      const body = `${await grown(log, 6, leaves)}${stranger}`
      const answer = await add(body)
      expect(answer).toMatchObject({
        kind: 'inconsistent',
        why: 'the proof does not lead from the tree of 6 to this one',
      })
      if (answer.kind !== 'inconsistent') continue
      expect(openCheckpoint(answer.evidence, log.key)).toHaveProperty(
        'checkpoint.size',
        leaves.length,
      )
      expect(answer.evidence).not.toContain('someone.test')
    }
    expect(await add(await grown(log, 6, leavesOf(9)))).toMatchObject({ kind: 'cosigned' })
  })

  // Kills: a proof that may be empty, too long, or of other sizes.
  test('takes no proof but the one from what it cosigned to what it is shown', async () => {
    const { log, add } = watching()
    await add(await grown(log, 0, leavesOf(3)))
    const [leaves, note] = [leavesOf(7), await noteOf(log, leavesOf(7))]
    const proof = await proofFrom(3, leaves)
    const some = proof.slice(0, 1)
    const wrong = [
      [],
      proof.slice(1),
      proof.slice(0, -1),
      proof.toReversed(),
      [...proof, ...some],
      [...some, ...proof],
      await proofFrom(2, leaves),
      await proofFrom(3, leavesOf(8)),
    ]
    for (const each of wrong)
      expect(await add(bodyOf(3, each, note))).toMatchObject({ kind: 'inconsistent' })
    const fresh = watching()
    const first = await noteOf(fresh.log, leaves)
    expect(await fresh.add(bodyOf(0, some, first))).toMatchObject({ kind: 'inconsistent' })
    expect(await add(bodyOf(3, proof, note))).toMatchObject({ kind: 'cosigned' })
  })

  // Kills: an empty tree remembered as a size from which no log can go on.
  test('knows the empty tree, and no other of no leaves', async () => {
    const { log, add } = watching()
    expect(await add(await grown(log, 0, []))).toMatchObject({ kind: 'cosigned' })
    const root = Buffer.alloc(32, 1).toString('base64')
    const text = `${log.key.name}\n0\n${root}\n`
    const bytes = await log.signing.sign(Buffer.from(text))
    const id = Buffer.from(log.key.keyId, 'hex')
    const line = `— ${log.key.name} ${Buffer.concat([id, bytes]).toString('base64')}\n`
    expect(await add(bodyOf(0, [], `${text}\n${line}`))).toMatchObject({
      kind: 'inconsistent',
      why: 'the checkpoint is of no leaves but has another root than the empty tree',
    })
    expect(await add(await grown(log, 0, leavesOf(2)))).toMatchObject({ kind: 'cosigned' })
  })

  // Kills: a checkpoint that needs no signature; one that any log may sign for another.
  test('listens to the log’s own key alone', async () => {
    const { log, add } = watching()
    const leaves = leavesOf(3)
    const good = await noteOf(log, leaves)
    const text = good.slice(0, good.indexOf('\n\n') + 1)
    const lineOf = (note: string) => note.slice(note.indexOf('\n\n') + 2)
    const other = keyOf(log.key.name, 1)
    const refused = { kind: 'not-signed' }
    const unsigned = lineOf(await noteOf(keyOf('someone.test', 1), leaves))
    expect(await add(bodyOf(0, [], `${text}\n${unsigned}`))).toMatchObject(refused)
    expect(await add(bodyOf(0, [], await noteOf(other, leaves)))).toMatchObject(refused)
    const ofFour = lineOf(await noteOf(log, leavesOf(4)))
    expect(await add(bodyOf(0, [], `${text}\n${ofFour}`))).toMatchObject(refused)
    // A known key whose signature fails spoils a note, whatever else is under it.
    expect(await add(bodyOf(0, [], `${good}${ofFour}`))).toMatchObject(refused)
    const stranger = keyOf('comity.test/fr/2026', 1)
    expect(await add(bodyOf(0, [], await noteOf(stranger, leaves)))).toMatchObject({
      kind: 'unknown-log',
    })
    expect(await add(bodyOf(0, [], `${good}${unsigned}`))).toMatchObject({ kind: 'cosigned' })
  })

  // Kills: any one condition left out of the protocol, found by a model of ten lines.
  test('answers every sequence of calls as the specification says', async () => {
    const call = fc.record({
      tale: fc.constantFrom('a', 'b'),
      from: fc.nat(6),
      size: fc.nat(6),
    })
    // Two tales that part after three leaves.
    const leavesIn = (tale: string, size: number) => leavesOf(size, tale, 3)
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 8 }), async (calls) => {
        const { log, add } = watching()
        let last = { tale: 'a', size: 0 }
        for (const { tale, from, size } of calls) {
          const leaves = leavesIn(tale, size)
          const proof = from <= size ? await proofFrom(from, leaves) : []
          const answer = await add(bodyOf(from, proof, await noteOf(log, leaves)))
          const extendsLast = last.size <= 3 || tale === last.tale
          const expected =
            from > size
              ? 'malformed'
              : from !== last.size
                ? 'stale'
                : extendsLast
                  ? 'cosigned'
                  : 'inconsistent'
          expect(answer.kind).toBe(expected)
          if (answer.kind === 'stale') expect(answer.size).toBe(last.size)
          if (answer.kind === 'cosigned') last = { tale, size }
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('A witness whose store is slow or fails', () => {
  // Kills: check and persist as two steps (the rollback race of tlog-witness).
  test('does not go back when a slow call of less comes after a quick one of more', async () => {
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const line = await startFaults(store.endpoint, async ({ index }): Promise<Fault> => {
      // Whatever the slow call asks for once it has read what is remembered.
      if (index === 1) {
        reached.resolve()
        await gate.promise
      }
      return 'none'
    })
    const client = dynamodb(line.endpoint)
    client.config.maxAttempts = async () => 1
    const memory = dynamodbMemory(client, store.tables.signatures, randomUUID())
    const { log, add } = watching(memory)
    const slow = add(await grown(log, 0, leavesOf(4)))
    await reached.promise
    expect(await add(await grown(log, 0, leavesOf(7)))).toMatchObject({ kind: 'cosigned' })
    gate.resolve()
    expect(await slow).toEqual({ kind: 'stale', size: 7 })
    expect(await memory.last(log.key.name)).toMatchObject({ size: 7 })
    client.destroy()
    await line.cut()
  })

  // Kills: signing before remembering.
  test('remembers before it signs', async () => {
    const memory = memoryOf(randomUUID())
    const { log, world } = watching(memory)
    const seen: (number | undefined)[] = []
    const sign: WitnessWorld['signing']['sign'] = async (bytes) => {
      seen.push((await memory.last(log.key.name))?.size)
      return witness.signing.sign(bytes)
    }
    const watched = { ...world, signing: { ...witness.signing, sign } }
    for (const [from, to] of [
      [0, 3],
      [3, 5],
    ] as const)
      await addCheckpoint(await grown(log, from, leavesOf(to)), at, watched)
    expect(seen).toEqual([3, 5])
  })

  // Kills: a failed write that is passed over; a lost answer that blocks the log for ever.
  test.each(['failed', 'dropped', 'answer-lost', 'failed-applied'] as const)(
    'signs nothing that it may forget, and can go on: a write that is %s',
    async (fault) => {
      let isBad = true
      const line = await startFaults(store.endpoint, ({ operation }) =>
        operation === 'PutItem' && isBad ? fault : 'none',
      )
      const client = dynamodb(line.endpoint)
      const name = randomUUID()
      const { log, add } = watching(dynamodbMemory(client, store.tables.signatures, name))
      const body = await grown(log, 0, leavesOf(4))
      await expect(add(body)).rejects.toThrow()
      isBad = false
      const kept = (await memoryOf(name).last(log.key.name))?.size ?? 0
      expect(kept).toBe(fault === 'failed' || fault === 'dropped' ? 0 : 4)
      expect(await add(await grown(log, kept, leavesOf(4)))).toMatchObject({ kind: 'cosigned' })
      client.destroy()
      await line.cut()
    },
  )
})

describe('Whoever sends anything to a witness', () => {
  // Kills: a form that is read otherwise than written.
  test('is refused a body that is not of the form', async () => {
    const { log, add } = watching()
    await add(await grown(log, 0, leavesOf(3)))
    const good = await grown(log, 3, leavesOf(7))
    const hash = Buffer.alloc(32, 1).toString('base64')
    const short = Buffer.alloc(31, 1).toString('base64')
    const bodies = [
      '',
      '\n',
      '\n\n',
      'old 3',
      'old 3\n\n',
      good.slice(0, -1),
      good.replace('old', 'Old'),
      good.replace('old 3', 'old 03'),
      good.replace('old 3', 'old +3'),
      good.replace('old 3', 'old 3 '),
      good.replace('old 3', 'old  3'),
      good.replace('old 3', 'old -0'),
      good.replace('old 3', 'old'),
      good.replace('old 3', 'old 9007199254740993'),
      good.replace('old 3\n', ''),
      `\n${good}`,
      good.replaceAll('\n', '\r\n'),
      good.replace('old 3\n', `old 3\n${short}\n`),
      good.replace('old 3\n', `old 3\n${hash.slice(0, -1)}\n`),
      good.replace('old 3\n', `old 3\n ${hash}\n`),
      good.replace('old 3\n', `old 3\n${`${hash}\n`.repeat(61)}`),
    ]
    for (const body of bodies) expect([body, (await add(body)).kind]).toEqual([body, 'malformed'])
  })

  // Kills: anything in a body that could be other than the log wrote it.
  test('gets no cosignature for a body in which any character is dropped, doubled or another', async () => {
    const { log, add, world } = watching()
    await add(await grown(log, 0, leavesOf(3)))
    const good = [...(await grown(log, 3, leavesOf(7)))]
    for (const [i, character] of good.entries())
      for (const changed of ['', character + character, character === 'A' ? 'B' : 'A', '\n']) {
        if (changed === character) continue
        const answer = await add(good.with(i, changed).join(''))
        expect([i, changed, answer.kind]).not.toEqual([i, changed, 'cosigned'])
      }
    expect(await world.memory.last(log.key.name)).toMatchObject({ size: 3 })
    expect(await add(good.join(''))).toMatchObject({ kind: 'cosigned' })
  })

  // Kills: a body that makes it throw.
  test('gets an answer and no cosignature, whatever it sends', async () => {
    const { log, add, world } = watching()
    const leaves = leavesOf(7)
    const [good, note] = [await grown(log, 0, leaves), await noteOf(log, leaves)]
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'old 0\n',
        'old ',
        '\n',
        '\n\n',
        '— ',
        `${log.key.name}\n`,
        '0\n',
        '7\n',
        note,
      ),
      fc.base64String(),
      fc.string({ minLength: 44, maxLength: 44 }).map((text) => `${text}\n`),
    )
    const body = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))
    let isCosigned = false
    await fc.assert(
      fc.asyncProperty(body, async (any) => {
        const answer = await add(any)
        if (answer.kind !== 'cosigned') return
        // What begins like the log's own body is no forgery, whatever strangers sign below it.
        expect(any.startsWith(good)).toBe(true)
        isCosigned = true
      }),
      { numRuns: 300 },
    )
    const last = await world.memory.last(log.key.name)
    expect(last?.size).toBe(isCosigned ? 7 : undefined)
  })
})
