/**
 * A gateway that seals: real entries in a real store, an archive in a folder, a signer and witnesses.
 *
 *     const sealing = await startSealing()
 *     const eids = await sealing.append(log, 3)
 *     await seal(log, eids, sealing.world())
 *     await sealing.check(log)
 *     await sealing.close()                          // in `afterAll`
 *
 * `check` works the whole log out again from its manifests, by the definitions of RFC 6962 and C2SP
 * tlog-tiles and with none of the gateway's own code for trees, tiles and notes.
 */

import { createHash, createPublicKey, randomBytes, randomUUID, verify } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fileArchive } from '../../functions/adapters/archive-files.ts'
import { fileCheckpointKey } from '../../functions/adapters/key-files.ts'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { dynamodbSealing, dynamodbSweep } from '../../functions/adapters/sealing-dynamodb.ts'
import { entryId, makeEntry } from '../../functions/ledger/entry.ts'
import { verifierKey, writeVkey } from '../../functions/ledger/note.ts'
import type { SealWorld } from '../../functions/log-ports.ts'
import { sign } from '../../functions/sealing/sign.ts'
import { type Options, startGateway } from '../world.ts'

/** Something that happens at a step: whatever a store, a key or the signer is asked for. */
export type Step = (name: string, act: () => Promise<unknown>) => Promise<unknown>

/** A gateway that seals. */
export type TestSealing = Awaited<ReturnType<typeof startSealing>>

let logs = 0
/** A log that no other test of the file uses, of a jurisdiction of its own that is nowhere. */
export function freshLog(): string {
  const [first, second] = [Math.floor(logs / 26), logs % 26]
  logs += 1
  return `comity.test/${'jklmnopqrstuvwxyz'.charAt(first)}${String.fromCharCode(97 + second)}/2026`
}
const jurisdictionOf = (log: string): string => log.split('/')[1]?.toUpperCase() ?? ''

/** Starts a gateway in memory, with an archive in a folder of its own. */
export async function startSealing(options: Options = {}) {
  const gateway = await startGateway(options)
  const { client, tables } = gateway.store
  const folder = mkdtempSync(join(tmpdir(), 'comity-sealing-'))
  const key = fileCheckpointKey(join(folder, 'checkpoint.pem'))
  const memory = dynamodbMemory(client, tables.signatures, 'signer')
  const sealing = dynamodbSealing(client, tables.sealing)
  const archive = fileArchive(join(folder, 'log'), randomUUID)
  const lookups = dynamodbLookups(client, tables.lookups)
  const { secrets, subjectKeys, ledger } = gateway.world
  const vkey = (log: string) => writeVkey(verifierKey(log, 1, key.publicKey))
  const signer = (by: typeof memory, signing: typeof key): SealWorld['signer'] => ({
    sign: (extension) => sign(extension, { memory: by, key: signing }),
  })
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key.publicKey).toString('base64url') },
    format: 'jwk',
  })
  const appended = new Map<string, string[]>()
  const subject = { asked: secrets.pseudonym('DE', randomUUID()) }
  const subjectKey = await subjectKeys.keyFor('DE', subject.asked, '2026-11-25T09:00:00.000Z')

  /** Entries of a log, all of one person; in no order of their ids. */
  const append = async (log: string, count: number, ts = '2026-11-25T09:00:00.000Z') => {
    const entries = Array.from({ length: count }, () =>
      makeEntry(
        {
          t: 'record',
          log,
          eid: entryId('DE-POL', randomUUID()),
          ts,
          hj: jurisdictionOf(log),
          aj: jurisdictionOf(log),
          eng: 'test',
          req: 'test',
        },
        {
          call: { agency: 'DE-POL', officer: 'officer-1' },
          subject,
          act: { what: 'put', recordId: 'r-1' },
        },
        { jws: 'a.b.c', body: '{}' },
        subjectKey,
        randomUUID(),
        randomBytes,
      ),
    )
    await Promise.all(entries.map((entry) => ledger.append(entry)))
    const eids = entries.map(({ leaf }) => leaf.eid)
    appended.set(log, [...(appended.get(log) ?? []), ...eids])
    return eids
  }

  /** Everything signed of any log; and, in order, how far each was remembered to be. */
  const signed: string[] = []
  const remembered: { readonly log: string; readonly size: number }[] = []
  const remembering: typeof memory = {
    last: memory.last,
    async advance(log, from, to) {
      const took = await memory.advance(log, from, to)
      if (took) remembered.push({ log, size: to.size })
      return took
    },
  }
  const seen = (made: SealWorld['signer']): SealWorld['signer'] => ({
    async sign(extension) {
      const answer = await made.sign(extension)
      if (answer.kind === 'signed') signed.push(answer.note)
      return answer
    },
  })

  /** A sealer’s view; every step of it goes through `step`. */
  const world = (step: Step = (_, act) => act(), more: Partial<SealWorld> = {}): SealWorld => {
    const through = stepped(step)
    return {
      ...gateway.world,
      ledger: through('ledger', ledger),
      subjectKeys: through('subjectKeys', subjectKeys),
      sweep: through('sweep', dynamodbSweep(client, tables.decisions)),
      sealing: through('sealing', sealing),
      archive: through('archive', archive),
      lookups: through('lookups', lookups),
      signer: through(
        'signer',
        seen(
          signer(through('memory', remembering), { ...key, ...through('key', { sign: key.sign }) }),
        ),
      ),
      vkey,
      witnesses: [],
      quorum: 0,
      ...more,
    }
  }

  /** Holds a log to every invariant, and to being sealed and published to its end unless said. */
  const check = async (log: string, { published = true } = {}) => {
    const leaves: { readonly eid: string; readonly hash: Buffer }[] = []
    for (;;) {
      const manifest = await sealing.manifest(log, leaves.length)
      if (manifest === undefined) break
      expect(manifest.length).toBeGreaterThan(0)
      leaves.push(...manifest.map((each) => ({ eid: each.eid, hash: Buffer.from(each.leafHash) })))
    }
    const eids = leaves.map(({ eid }) => eid)
    expect(new Set(eids).size, 'no entry has two places').toBe(eids.length)
    expect([...eids].sort(), 'every entry is sealed').toEqual([...(appended.get(log) ?? [])].sort())
    const bytes: Uint8Array[] = []
    for (const [index, { eid, hash }] of leaves.entries()) {
      const entry = await ledger.read(eid)
      expect(entry?.leaf.log).toBe(log)
      bytes.push(entry?.leafBytes ?? new Uint8Array())
      expect(hash).toEqual(sha256(Buffer.of(0), bytes[index] ?? ''))
      expect(await sealing.placeOf(eid)).toEqual({ log, index })
    }
    const hashes = leaves.map(({ hash }) => hash)
    const head = await sealing.head(log)
    expect([head.size, head.marked]).toEqual([leaves.length, leaves.length])
    expect(hex(head.root)).toBe(hex(rootOver(hashes)))
    await checkFiles(hashes, bytes, async (path) => archive.get(`${log}/${path}`))
    const { lines } = await rowsOf(log)
    expect(lines).toEqual([...eids].sort())

    const kept = signed.filter((note) => note.startsWith(`${log}\n`)).map(headIn)
    const sizes = remembered.flatMap((each) => (each.log === log ? [each.size] : []))
    expect(sizes, 'what is signed never shrinks').toEqual([...sizes].sort((a, b) => a - b))
    for (const { size } of kept) expect(sizes).toContain(size)
    for (const each of kept)
      expect(each.root, `the root signed at ${each.size}`).toBe(
        rootOver(hashes.slice(0, each.size)).toString('base64'),
      )
    if (!published) return
    const note = Buffer.from((await archive.get(`${log}/checkpoint`)) ?? []).toString('utf8')
    const text = `${log}\n${leaves.length}\n${rootOver(hashes).toString('base64')}\n`
    expect(note.slice(0, note.indexOf('\n\n') + 1)).toBe(text)
    const line = note.split('\n').find((each) => each.startsWith(`— ${log} `)) ?? ''
    const signature = Buffer.from(line.split(' ')[2] ?? '', 'base64').subarray(4)
    expect(verify(null, Buffer.from(text), publicKey, signature)).toBe(true)
  }

  /** Under which rows the log’s entries are found: all of them, and those of the person. */
  const rowsOf = async (log: string) => {
    const under = async (by: 'all' | 'subject', value: string) =>
      (await lookups.list({ jurisdiction: jurisdictionOf(log), by, value }, {}, 10_000))
        .filter((line) => line.log === log)
        .map(({ id }) => id)
        .sort()
    return { lines: await under('all', ''), person: await under('subject', subject.asked) }
  }

  return {
    ...{ gateway, folder, key, memory, sealing, archive, lookups, subject, subjectKey, vkey },
    ...{ append, world, check, rowsOf, signed },
    filesOf: (log: string) =>
      readdirSync(join(folder, 'log', log), { recursive: true, encoding: 'utf8' }),
    async close() {
      await gateway.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Puts a step in front of every function of a port. */
const stepped =
  (step: Step) =>
  <T extends object>(name: string, port: T): T =>
    Object.fromEntries(
      Object.entries(port).map(([member, value]) => [
        member,
        typeof value === 'function'
          ? (...args: readonly unknown[]) => step(`${name}.${member}`, async () => value(...args))
          : value,
      ]),
      // A cast: the same members, all of whose functions give promises.
    ) as T

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** MTH of RFC 6962 §2.1, as it is written there. */
export function rootOver(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256('')
  if (hashes.length === 1) return hashes[0] ?? sha256('')
  let k = 1
  while (k * 2 < hashes.length) k *= 2
  return sha256(Buffer.of(1), rootOver(hashes.slice(0, k)), rootOver(hashes.slice(k)))
}

const headIn = (note: string) => {
  const [, size = '', root = ''] = note.split('\n')
  return { size: Number(size), root }
}

/** The files that a tree of this size must have (c2sp.org/tlog-tiles). Below 65,536 leaves. */
async function checkFiles(
  hashes: readonly Buffer[],
  leaves: readonly Uint8Array[],
  get: (path: string) => Promise<Uint8Array | undefined>,
): Promise<void> {
  const fulls = Array.from({ length: Math.floor(hashes.length / 256) }, (_, i) =>
    rootOver(hashes.slice(i * 256, (i + 1) * 256)),
  )
  for (const [level, all] of [hashes, fulls].entries())
    for (let i = 0; i * 256 < all.length; i++) {
      const tile = all.slice(i * 256, (i + 1) * 256)
      const place = `${String(i).padStart(3, '0')}${tile.length < 256 ? `.p/${tile.length}` : ''}`
      const stands = await get(`tile/${level}/${place}`)
      expect(stands && hex(stands), `tile/${level}/${place}`).toBe(hex(Buffer.concat(tile)))
      if (level > 0) continue
      const bundle = leaves.slice(i * 256, (i + 1) * 256).flatMap((leaf) => {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(leaf.length)
        return [length, leaf]
      })
      const entries = await get(`tile/entries/${place}`)
      expect(entries && hex(entries), `tile/entries/${place}`).toBe(hex(Buffer.concat(bundle)))
    }
}
