/**
 * A sealer's outside in memory, with small entries of no person: for what needs thousands of them.
 * Nothing here fails, waits or races; that is for the real store.
 */

import { generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { keepCheckpoint, partialBundle } from '../../functions/adapters/archive-rules.ts'
import { entryId, keptDigest, type Leaf, leafHash } from '../../functions/ledger/entry.ts'
import { emptyRoot } from '../../functions/ledger/merkle.ts'
import { verifierKey, writeVkey } from '../../functions/ledger/note.ts'
import type { Head, Memory, Placed, Sealing, SealWorld } from '../../functions/log-ports.ts'
import type { Durable, Stored } from '../../functions/ports.ts'
import { sign } from '../../functions/sealing/sign.ts'

/** The world of a sealer that forgets everything when it ends. */
export function memoryLog(entries: ReadonlyMap<string, Durable>) {
  const sealing = memorySealing()
  const files = new Map<string, Uint8Array>()
  const parts = new Map<string, string[]>()
  const list = async (bundle: string) => parts.get(bundle) ?? []
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const key = {
    publicKey: Uint8Array.from(Buffer.from(x, 'base64url')),
    sign: async (bytes: Uint8Array) => signBytes(null, bytes, privateKey),
  }
  const memory = memoryOfSigner()
  const put = async (path: string, bytes: Uint8Array) => {
    const bundle = path.replace(/\.[dp]\/.*/, '')
    if (!files.has(path)) parts.set(bundle, [...(parts.get(bundle) ?? []), path])
    files.set(path, bytes)
  }
  const world: SealWorld = {
    gateway: 'comity.test',
    now: () => new Date('2026-11-25T09:00:00.000Z'),
    isStoreAway: () => false,
    ledger: {
      append: async () => ({ kind: 'unavailable', why: 'nothing is written here' }),
      read: async (eid) => entries.get(eid),
      readAll: async (eids) =>
        new Map(
          eids.flatMap((eid) => {
            const entry = entries.get(eid)
            return entry === undefined ? [] : [[eid, entry] as const]
          }),
        ),
    },
    subjectKeys: {
      keyFor: async () => ({ kid: 'erased', kek: new Uint8Array(32) }),
      look: async () => async () => ({ kid: 'erased', kek: new Uint8Array(32) }),
      forFile: async () => ({ kid: 'erased', kek: new Uint8Array(32) }),
      open: async () => undefined,
      openEach: async () => new Map(),
      openToAct: async () => undefined,
      generations: async () => [],
      shred: async () => 'shredded',
      replace: async () => false,
      forget: async () => {},
      hold: async () => false,
      restrict: async () => false,
      lift: async () => {},
      isRestricted: async () => false,
    },
    secrets: {
      pseudonym: () => 'nobody',
      receipt: async () => 'none',
      evidence: { publicKey: new Uint8Array(32), sign: async () => new Uint8Array(64) },
      jwks: { keys: [] },
    },
    inbox: { put: async () => {}, watch: async () => {}, decidedAgain: async () => {} },
    events: { file: async () => {} },
    messages: { put: async () => {}, sign: async () => {}, collect: async () => {} },
    refusals: { put: async () => {} },
    register: { agency: async () => undefined, all: async () => [] },
    sweep: { since: async () => [] },
    sealing,
    archive: {
      put,
      get: async (path) =>
        files.get(path) ?? partialBundle(path, list, async (each) => files.get(each)),
      grownFrom: async () => undefined,
      async publish(of, size, note) {
        const get = async (path: string) => files.get(path)
        const kept = await keepCheckpoint({ put, get }, of, size, note)
        files.set(`${of}/checkpoint`, Buffer.from(kept))
      },
    },
    lookups: {
      put: async () => {},
      file: async () => {},
      unfile: async () => {},
      replace: async () => {},
      clear: async () => true,
      note: async () => {},
      count: async () => undefined,
      tally: async () => {},
      recount: async () => {},
      list: async () => [],
      tags: async () => [],
    },
    signer: { sign: (extension) => sign(extension, { memory, key }) },
    vkey: (of) => writeVkey(verifierKey(of, 1, key.publicKey)),
    witnesses: [],
    quorum: 0,
  }
  return { world, files }
}

/** Entries of no person, their leaves as long as a decision's. */
export function smallEntries(
  log: string,
  count: number,
  ts: string | ((i: number) => string) = '2026-11-25T09:00:00.000Z',
): ReadonlyMap<string, Durable> {
  const beside = { attempt: 'one', kid: 'erased', ciphertext: new Uint8Array(32) }
  return new Map(
    Array.from({ length: count }, (_, i) => {
      const eid = entryId('FR-SPOC', String(i))
      const leaf: Leaf = {
        v: 2,
        t: 'decision',
        log,
        eid,
        ts: typeof ts === 'string' ? ts : ts(i),
        hj: 'DE',
        aj: 'FR',
        eng: 'x'.repeat(900),
        req: eid,
        d: {},
        kept: keptDigest(beside),
      }
      const leafBytes = Buffer.from(JSON.stringify(leaf))
      const stored: Stored = { leaf, leafBytes, leafHash: leafHash(leafBytes), ...beside }
      // A cast: nothing leaves by it.
      return [eid, stored as Durable] as const
    }),
  )
}

function memorySealing(): Sealing {
  const manifests = new Map<number, readonly Placed[]>()
  const places = new Map<string, { readonly log: string; readonly index: number }>()
  let head: Head = { size: 0, root: emptyRoot, frontier: [], marked: 0, filed: 0, sweptUntil: '' }
  return {
    head: async () => head,
    async advance(_log, from, to) {
      const isSame = head.size === from.size && head.marked === from.marked
      if (isSame) head = to
      return isSame
    },
    manifest: async (_log, start) => manifests.get(start),
    async propose(_log, start, placed) {
      const stands = manifests.get(start) ?? placed
      manifests.set(start, stands)
      return stands
    },
    placeOf: async (eid) => places.get(eid),
    placesOf: async (eids) =>
      new Map(
        eids.flatMap((eid) => {
          const place = places.get(eid)
          return place === undefined ? [] : [[eid, place] as const]
        }),
      ),
    take: async () => true,
    looked: async () => '',
    look: async () => {},
    async mark(of, start, eids) {
      for (const [i, eid] of eids.entries()) places.set(eid, { log: of, index: start + i })
    },
  }
}

function memoryOfSigner(): Memory {
  let last: Awaited<ReturnType<Memory['last']>>
  return {
    last: async () => last,
    async advance(_log, from, to) {
      const isSame = (last?.size ?? 0) === from
      if (isSame) last = to
      return isSame
    },
  }
}
