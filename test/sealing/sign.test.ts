/** The signer: it signs nothing but what grew out of the last, and remembers before it signs. */

import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  verify,
} from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { type Hash, proveConsistency, type ReadHash } from '../../functions/ledger/merkle.ts'
import type { Extension, Memory } from '../../functions/log-ports.ts'
import { sign } from '../../functions/sealing/sign.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { rootOver } from './sealed-log.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
const key = {
  publicKey: Uint8Array.from(raw),
  sign: async (bytes: Uint8Array) => signBytes(null, bytes, privateKey),
}

const leavesOf = (word: string) =>
  Array.from({ length: 40 }, (_, i) => createHash('sha256').update(`${word} ${i}`).digest())
const [leaves, others] = [leavesOf('leaf'), leavesOf('other')]
const reader =
  (of: readonly Buffer[]): ReadHash =>
  async (level, index) =>
    rootOver(of.slice(index * 2 ** level, (index + 1) * 2 ** level))

/** What an honest sealer asks for, of one tree or of another. */
async function extension(log: string, from: number, size: number, of = leaves): Promise<Extension> {
  const proof = await proveConsistency(from, size, reader(of))
  return { log, size, root: rootOver(of.slice(0, size)), from, proof }
}

let logs = 0
const started = () => {
  const log = `comity.test/sg/${++logs}`
  const memory = dynamodbMemory(store.client, store.tables.signatures, 'signer')
  const ask = (asked: Extension, by: Memory = memory) => sign(asked, { memory: by, key })
  return { log, memory, ask }
}
const noteOf = (answer: Awaited<ReturnType<typeof sign>>): string => {
  if (answer.kind !== 'signed') throw new Error(`it is not signed: ${JSON.stringify(answer)}`)
  return answer.note
}

describe('A signer', () => {
  // Kills: a note of another form, a signature by another key or over other bytes.
  test('signs the first tree head, as a checkpoint of C2SP', async () => {
    const { log, ask } = started()
    const note = noteOf(await ask(await extension(log, 0, 7)))
    const text = `${log}\n7\n${rootOver(leaves.slice(0, 7)).toString('base64')}\n`
    const [, name, base64 = ''] = /^— (\S+) (\S+)\n$/.exec(note.slice(text.length + 1)) ?? []
    expect([note.startsWith(`${text}\n`), name]).toEqual([true, log])
    const line = Buffer.from(base64, 'base64')
    const id = createHash('sha256').update(`${log}\n`).update(Buffer.of(1)).update(raw).digest()
    expect(line.subarray(0, 4)).toEqual(id.subarray(0, 4))
    const object = createPublicKey(privateKey)
    expect(verify(null, Buffer.from(text), object, line.subarray(4))).toBe(true)
  })

  test('signs what grew, from any size to any other', async () => {
    for (let from = 1; from < 12; from++)
      for (let size = from; size < 24; size += 3) {
        const { log, ask } = started()
        await ask(await extension(log, 0, from))
        expect((await ask(await extension(log, from, size))).kind).toBe('signed')
      }
  })

  // Kills: a second signature of the same that differs; a proof asked where there is nothing to prove.
  test('gives the same bytes for the same tree head, whatever the proof starts from', async () => {
    const { log, ask } = started()
    const first = noteOf(await ask(await extension(log, 0, 9)))
    for (const from of [0, 4, 9])
      expect(noteOf(await ask(await extension(log, from, 9)))).toBe(first)
  })

  // Kills: a proof that is checked from where the caller says.
  test('says where the proof must start', async () => {
    const { log, ask } = started()
    await ask(await extension(log, 0, 9))
    expect(await ask(await extension(log, 4, 12))).toEqual({ kind: 'stale', size: 9 })
    expect(await ask(await extension(log, 0, 12))).toEqual({ kind: 'stale', size: 9 })
    expect((await ask(await extension(log, 9, 12))).kind).toBe('signed')
  })

  // Kills: memory of one log for all; a memory without its name.
  test('keeps logs apart, and itself from another that signs', async () => {
    const [one, two] = [started(), started()]
    await one.ask(await extension(one.log, 0, 9))
    expect((await two.ask(await extension(two.log, 0, 3, others))).kind).toBe('signed')
    const witness = dynamodbMemory(store.client, store.tables.signatures, 'witness')
    expect((await one.ask(await extension(one.log, 0, 3, others), witness)).kind).toBe('signed')
    expect(await one.memory.last(one.log)).toMatchObject({ size: 9 })
  })
})

describe('A signer refuses (F20)', () => {
  const refusals = {
    'a smaller tree, though it is true': {
      asked: (log: string) => extension(log, 4, 8),
      why: /was signed with 9 entries, and now is to have 8/,
    },
    'no tree at all': {
      asked: (log: string) => extension(log, 0, 0),
      why: /was signed with 9 entries, and now is to have 0/,
    },
    'another root of the same size': {
      asked: (log: string) => extension(log, 9, 9, others),
      why: /another root of the same 9 entries/,
    },
    'a fork': {
      asked: (log: string) => extension(log, 9, 12, others),
      why: /the proof does not show that the 12 entries of comity\S+ begin with the 9 signed/,
    },
    'a proof that is missing': {
      asked: async (log: string) => ({ ...(await extension(log, 9, 12)), proof: [] }),
      why: /the proof does not show/,
    },
    'a proof of a smaller step': {
      asked: async (log: string) => ({
        ...(await extension(log, 9, 12)),
        proof: (await extension(log, 9, 11)).proof,
      }),
      why: /the proof does not show/,
    },
    'a root that is not a hash': {
      asked: async (log: string) => ({
        ...(await extension(log, 9, 12)),
        root: new Uint8Array(31),
      }),
      why: /root of the checkpoint is not 32 bytes/,
    },
    'a size that is not a number': {
      asked: async (log: string) => ({ ...(await extension(log, 9, 12)), size: Number.NaN }),
      why: /size of the checkpoint/,
    },
    'a log whose name could be two lines': {
      asked: async (log: string) => extension(`${log}\nx`, 9, 12),
      why: /couldn’t write the checkpoint|couldn’t make a key/,
    },
  }

  // Kills: each of the checks; remembering what is then refused.
  test.each(Object.entries(refusals))('%s', async (_, { asked, why }) => {
    const { log, memory, ask } = started()
    const first = noteOf(await ask(await extension(log, 0, 9)))
    const answer = await ask(await asked(log)).catch((error: Error) => ({
      kind: 'refused',
      why: error.message,
    }))
    expect(answer).toEqual({ kind: 'refused', why: expect.stringMatching(why) })
    expect(await memory.last(log)).toMatchObject({ size: 9 })
    expect(noteOf(await ask(await extension(log, 9, 9)))).toBe(first)
  })

  // Kills: a proof of which not every byte counts.
  test('a proof with any one bit changed', async () => {
    const { log, ask } = started()
    await ask(await extension(log, 0, 9))
    const good = await extension(log, 9, 12)
    for (const [at, hash] of good.proof.entries())
      for (let byte = 0; byte < 32; byte += 5) {
        const changed = Buffer.from(hash)
        changed.writeUInt8(changed.readUInt8(byte) ^ (1 << (byte % 8)), byte)
        const proof: readonly Hash[] = good.proof.map((each, i) => (i === at ? changed : each))
        expect((await ask({ ...good, proof })).kind).toBe('refused')
      }
    expect((await ask(good)).kind).toBe('signed')
  })
})

describe('A signer that fails half way (F19)', () => {
  // Kills: signing before it remembers.
  test('has remembered what it was about to sign, and signs the same later', async () => {
    const { log, memory, ask } = started()
    const dies = { ...key, sign: () => Promise.reject(new Error('the process ended')) }
    await expect(sign(await extension(log, 0, 9), { memory, key: dies })).rejects.toThrow('ended')
    expect(await memory.last(log)).toMatchObject({ size: 9 })
    expect((await ask(await extension(log, 0, 9, others))).kind).toBe('refused')
    expect((await ask(await extension(log, 0, 9))).kind).toBe('signed')
  })

  // Kills: a signature that is given on the word of a write that did not take effect.
  test('signs nothing that it could not remember', async () => {
    const { log, memory } = started()
    const signed: Uint8Array[] = []
    const counted = {
      ...key,
      async sign(bytes: Uint8Array) {
        signed.push(bytes)
        return key.sign(bytes)
      },
    }
    const full: Memory = { last: memory.last, advance: async () => false }
    await expect(sign(await extension(log, 0, 9), { memory: full, key: counted })).rejects.toThrow(
      /couldn’t sign comity\S+: others kept changing/,
    )
    expect(signed).toHaveLength(0)
  })

  // Kills: memory that is replaced without a condition.
  test('signs one of two forks that come at once, and never both', async () => {
    for (let i = 0; i < 20; i++) {
      const { log, ask } = started()
      await ask(await extension(log, 0, 4))
      const fork = [...leaves.slice(0, 4), ...others.slice(4)]
      const all = await Promise.all([
        ask(await extension(log, 4, 9)),
        ask(await extension(log, 4, 9, fork)),
        ask(await extension(log, 4, 9)),
      ])
      const notes = all.flatMap((each) => (each.kind === 'signed' ? [each.note] : []))
      expect(new Set(notes).size).toBe(1)
      expect(all.filter(({ kind }) => kind === 'refused').length).toBeGreaterThan(0)
    }
  })
})
