/**
 * The ports of a process, as the promises of `functions/ports.ts` and `functions/log-ports.ts` state
 * them, over the stores of a run. Each step that takes effect alone outside is an operation of its own;
 * what a store's client does by itself after a lost answer is done here, too.
 */

import {
  bundleAfter,
  grownTo,
  keepCheckpoint,
  mayReplace,
  mustEqual,
  partialBundle,
} from '../../functions/adapters/archive-rules.ts'
import type { SubjectWorld } from '../../functions/audit/act-on-subject.ts'
import { identifierOf, identifiersOf } from '../../functions/decision/record.ts'
import type { Agency } from '../../functions/identity/register.ts'
import { quarterOf } from '../../functions/ledger/entry.ts'
import { emptyRoot } from '../../functions/ledger/merkle.ts'
import { verifierKey } from '../../functions/ledger/note.ts'
import type {
  Archive,
  Head,
  Memory,
  Sealing,
  SealWorld,
  Sweep,
  Witness,
} from '../../functions/log-ports.ts'
import type { Book } from '../../functions/policy/book.ts'
import type { Durable, Ledger, Records, SubjectKeys } from '../../functions/ports.ts'
import { type SignWorld, sign } from '../../functions/sealing/sign.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { addCheckpoint, type WitnessWorld } from '../../functions/sealing/witness.ts'
import { fixedLaw } from '../fixed-law.ts'
import { agencies, gateway, logKey, pseudonym, records, vkeyOf, witnesses } from './cast.ts'
import type { Chance } from './chance.ts'
import { lookupsOf } from './lookup-ports.ts'
import { type Process, type Scheduler, StoreAway } from './scheduler.ts'
import { noRisk, standingEntries, standingKey } from './standing.ts'
import type { KeyRow, Stores } from './stores.ts'

/** What the processes of a run have in common. */
export type Stage = {
  readonly scheduler: Scheduler
  readonly stores: Stores
  readonly chance: Chance
  /** The law as a process of now knows it. */
  readonly law: { book: Book }
  /** Which version of each record is kept now. */
  readonly versions: number[]
  readonly witnesses: number
  readonly quorum: number
  readonly agencies: readonly Agency[]
  /** Ids of entries for the sealers of a log, from the store's stream. */
  readonly hinted: (log: string, eid: string) => void
  /** When an entry that is written now shows in the index, ms. */
  readonly shownAt: Map<string, number>
  readonly lagMs: (eid: string) => number
  /** Ports with a fault in them, to see that it is found. */
  readonly mutate: Mutate
  /** Takes note of an error that no journey may end with. */
  readonly unexpected: (process: Process, error: unknown) => void
}

/** Everything that a journey of a process works with. */
export type Ports = SealWorld & SubjectWorld

/** Changes ports; each gets the process that they are of. */
export type Mutate = {
  readonly ports?: (ports: Ports, process: Process, stage: Stage) => Ports
  readonly signer?: (world: SignWorld, process: Process, stage: Stage) => SignWorld
  readonly witness?: (world: WitnessWorld, process: Process, stage: Stage) => WitnessWorld
}

/** Asks for an operation of a process. */
export type Ask = <T>(name: string, act: () => T) => Promise<T>

const nothingVouched = {
  attestations: [],
  takenBack: [],
  objections: [],
  ended: [],
}

const vouchedFor: Ports['attestations']['about'] = async (holder, { requesterJurisdiction }) => ({
  ...nothingVouched,
  attestations: [noRisk(holder, requesterJurisdiction)],
})

/** The ports of a process. */
export function portsOf(process: Process, stage: Stage): Ports {
  const { scheduler, stores, mutate } = stage
  const ask: Ask = (name, act) => scheduler.operate(process, name, act)
  const chance = stage.chance
  const now = () => new Date(scheduler.now + process.ahead)
  const archive = archiveOf(ask, stores)
  const ports: Ports = {
    gateway,
    origin: `https://${gateway}`,
    build: 'simulated',
    now,
    random: (bytes) => chance.bytes(bytes),
    isStoreAway: (error) => error instanceof StoreAway,
    law: fixedLaw(stage.law.book),
    register: {
      agency: async (id) => agencies.find((each) => each.id === id),
      all: async () => stage.agencies,
    },
    holder: recordsOf(ask, stage),
    attestations: {
      about: vouchedFor,
      ...{ put: never, get: never, takeBack: never, sign: never, addPerson: never },
      ...{ forget: async () => {}, object: never, objection: never, endObjection: never },
      ...{ ending: never, decisions: never },
    },
    inbox: {
      ...{ put: async () => {}, decidedAgain: async () => {}, list: async () => [] },
      ...{ end: never, remove: never, lastDecided: async () => undefined, urgent: never },
      ...{ seen: never, unseen: never, seenBy: never },
      ...{ watch: async () => {}, unwatch: never, dueFor: never },
    },
    events: { file: async () => {}, logs: never, list: never, forget: never },
    reviews: { get: never, ask: never, answer: never },
    ...{ handovers: { get: never, put: never }, duties: { of: never, put: never } },
    responses: { of: never, put: never, takeBack: never },
    files: {
      ...{ put: never, has: never, get: never, list: never, take: never, remove: never },
      ...{ begin: never, end: never, begun: never },
    },
    filesGiven: { of: never, put: never },
    messages: {
      ...{ put: async () => {}, of: never, done: never, did: never },
      ...{
        refuse: never,
        retry: never,
        tried: never,
        search: never,
        keepSearch: never,
        sign: never,
        signed: never,
        keepIn: never,
      },
      ...{ isRecalled: async () => false, collect: never, isCollected: never },
    },
    refusals: { of: async () => [], put: async () => {} },
    personsAsked: { isBeyond: async () => false, forget: never },
    subjectKeys: keysOf(ask, stage),
    earlierKeys: async function* (jurisdiction, quarter) {
      yield* await ask('keys.earlier', () =>
        [...stores.keys.rows.values()]
          .filter((row) => row.jurisdiction === jurisdiction && row.quarter < quarter)
          .filter((row) => !row.isForgotten && row.heldBy.size === 0)
          .map(generationIn),
      )
    },
    remains: { purge: async () => {}, backupDays: 0 },
    ledger: ledgerOf(ask, stage),
    sealed: {
      ...{ placeOf: (eid) => ask('sealing.placeOf', () => stores.places.get(eid)) },
      ...{ marked: never, get: never },
    },
    secrets: {
      pseudonym,
      receipt: (payload) => ask('secrets.receipt', () => JSON.stringify(payload)),
      evidence: { publicKey: new Uint8Array(32), sign: never },
      jwks: { keys: [] },
    },
    sweep: sweepOf(ask, stage),
    sealing: sealingOf(ask, stores),
    archive,
    lookups: lookupsOf(ask, stores),
    signer: {
      sign: async (extension) => {
        const answer = await remotely(process, 'signer', stage, (signing) => {
          const key = {
            publicKey: logKey.publicKey,
            sign: (bytes: Uint8Array) => signed(signing, 'signer', bytes, logKey.sign, stage),
          }
          const world = { memory: memoryOf(signing, 'signer', stage), key }
          return sign(extension, mutate.signer?.(world, signing, stage) ?? world)
        })
        // That a sealer came too late is no fault; that it has another tree is.
        if (answer.kind === 'refused' && !answer.why.includes('now is to have'))
          stage.unexpected(process, new Error(answer.why))
        return answer
      },
    },
    vkey: vkeyOf,
    witnesses: witnesses.slice(0, stage.witnesses).map((each) => witnessOf(process, each, stage)),
    quorum: stage.quorum,
    seal: (jurisdiction) => sealAll(mutated, { what: 'act', jurisdiction }),
    // So that six entries are a backlog. Every third process takes no notice of what others have taken.
    atOnce: { manifest: 3, step: 1, page: 2 },
    ...(process.number % 3 === 0 ? {} : { sealer: `sealer-${process.number}` }),
  }
  const mutated = mutate.ports?.(ports, process, stage) ?? ports
  return mutated
}

const never = (): never => {
  throw new Error('this is never asked for')
}

/** The ledger: one conditional write, and one look after an answer that did not come. */
function ledgerOf(ask: Ask, stage: Stage): Ledger {
  const { entries } = stage.stores
  // A cast, as the ledger's adapter makes it: of what the store confirmed or gave back.
  const get = (eid: string) => entries.get(eid) as Durable | undefined
  return {
    async append(entry) {
      const { eid, log } = entry.leaf
      const put = () => {
        if (entries.get(eid) !== undefined) return false
        entries.set(eid, entry)
        stage.shownAt.set(eid, stage.scheduler.now + stage.lagMs(eid))
        stage.hinted(log, eid)
        return true
      }
      // A cast, as above.
      const isPut = await ask('ledger.put', put).catch(() => false)
      if (isPut) return { kind: 'durable', entry: entry as Durable }
      const stands = await ask('ledger.settle', () => get(eid)).catch(() => undefined)
      if (stands === undefined) return { kind: 'unavailable', why: 'it did not answer' }
      return { kind: stands.attempt === entry.attempt ? 'durable' : 'already', entry: stands }
    },
    read: (eid) => ask('ledger.read', () => get(eid)),
    readAll: async (eids) =>
      standingEntries(eids) ??
      ask('ledger.readAll', () => {
        const found = new Map<string, Durable>()
        for (const eid of eids) {
          const entry = get(eid)
          if (entry !== undefined) found.set(eid, entry)
        }
        return found
      }),
  }
}

function sealingOf(ask: Ask, { heads, manifests, places, taken, looks }: Stores): Sealing {
  const empty: Head = {
    size: 0,
    root: emptyRoot,
    frontier: [],
    marked: 0,
    filed: 0,
    sweptUntil: '',
  }
  const headOf = (log: string) => heads.get(log) ?? empty
  return {
    head: (log) => ask('sealing.head', () => headOf(log)),
    advance: (log, from, to) =>
      ask('sealing.advance', () => {
        const { size, marked, sweptUntil } = headOf(log)
        if (size !== from.size || marked !== from.marked || sweptUntil !== from.sweptUntil)
          return false
        heads.set(log, to)
        return true
      }),
    manifest: (log, start) => ask('sealing.manifest', () => manifests.get(`${log} ${start}`)),
    async propose(log, start, placed) {
      const key = `${log} ${start}`
      const isPut = await ask('sealing.propose', () => {
        if (manifests.get(key) !== undefined) return false
        manifests.set(key, placed)
        return true
      })
      const stands = isPut ? placed : await ask('sealing.manifest', () => manifests.get(key))
      if (stands === undefined) throw new Error(`couldn’t read the manifest at ${key}`)
      return stands
    },
    placeOf: (eid) => ask('sealing.placeOf', () => places.get(eid)),
    placesOf: (eids) =>
      ask('sealing.placesOf', () => {
        const found = eids.map((eid) => [eid, places.get(eid)] as const)
        return new Map(found.flatMap(([eid, place]) => (place ? [[eid, place] as const] : [])))
      }),
    take: (log, start, by, now, until) =>
      ask('sealing.take', () => {
        const is = taken.get(log)
        const isOver =
          is === undefined || is.until < now.toISOString() || is.until > until.toISOString()
        if (!isOver && is.start === start && is.by !== by) return false
        taken.set(log, { start, by, until: until.toISOString() })
        return true
      }),
    looked: (log) => ask('sealing.looked', () => looks.get(log) ?? ''),
    look: (log, at) => ask('sealing.look', () => looks.set(log, at)),
    async mark(log, start, eids) {
      // A batch is not one write: it may end in the middle.
      for (const [i, eid] of eids.entries())
        await ask('sealing.mark', () => places.set(eid, { log, index: start + i }))
    },
  }
}

/** The index: each entry shows in it some time after it was written. */
function sweepOf(ask: Ask, { stores, shownAt, scheduler }: Stage): Sweep {
  return {
    since: (log, from, limit) =>
      ask('sweep.since', () =>
        [...stores.entries.rows.values()]
          .map(({ leaf }) => leaf)
          .filter((leaf) => leaf.log === log && leaf.ts >= from)
          .filter(({ eid }) => (shownAt.get(eid) ?? 0) <= scheduler.now)
          .sort((a, b) => (a.ts < b.ts || (a.ts === b.ts && a.eid < b.eid) ? -1 : 1))
          .slice(0, limit)
          .map(({ eid, ts }) => ({ eid, ts })),
      ),
  }
}

function archiveOf(ask: Ask, { files }: Stores): Archive {
  const read = (path: string) => ask('archive.get', () => files.get(path))
  const list = (bundle: string) =>
    ask('archive.list', () => [...files.rows.keys()].filter((path) => path.startsWith(bundle)))
  const get = async (path: string) => (await read(path)) ?? partialBundle(path, list, read)
  const put = (path: string, bytes: Uint8Array) =>
    ask('archive.put', () => {
      const there = files.get(path)
      if (there === undefined) files.set(path, bytes)
      else mustEqual(path, there, bytes)
    })
  return {
    put,
    get,
    grownFrom: async (log, size) => grownTo(log, size, await list(bundleAfter(log, size))),
    async publish(log, size, note) {
      const path = `${log}/checkpoint`
      const standing = Buffer.from(await keepCheckpoint({ put, get }, log, size, note))
      for (let race = 0; race < 5; race++) {
        const there = await get(path)
        if (!mayReplace(there, log, size)) return
        const replace = () => {
          if (files.get(path) !== there) return false
          files.set(path, standing)
          return true
        }
        if (await ask('archive.replace', replace)) return
      }
      throw new StoreAway('others replaced it meanwhile')
    },
  }
}

function keysOf(ask: Ask, { stores, chance }: Stage): SubjectKeys {
  const { keys, ways } = stores
  const rowOf = (kid: string): { readonly at: string; readonly row: KeyRow } | undefined => {
    const at = ways.get(kid)
    const row = at === undefined ? undefined : keys.get(at)
    return at === undefined || row?.kek === undefined || row.kid !== kid ? undefined : { at, row }
  }
  /** Changes the row of a key that still opens; whether it did. */
  const change = (name: string, kid: string, to: (row: KeyRow) => KeyRow | undefined) =>
    ask(name, () => {
      const found = rowOf(kid)
      const changed = found && to(found.row)
      if (found === undefined || changed === undefined) return false
      keys.set(found.at, changed)
      return true
    })
  const generationsOf = (jurisdiction: string, subject: string): readonly KeyRow[] => {
    const found: KeyRow[] = []
    for (let generation = 1; ; generation++) {
      const row = keys.get(`${jurisdiction} ${subject} ${generation}`)
      if (row === undefined) return found
      found.push(row)
    }
  }
  const look: SubjectKeys['look'] = async (jurisdiction, subject) => {
    const newestNow = () => ask('keys.newest', () => generationsOf(jurisdiction, subject).at(-1))
    const seen = await newestNow()
    return async (at, discloses = false) => {
      const quarter = quarterOf(at)
      for (let race = 0; race < 5; race++) {
        const newest = race === 0 ? seen : await newestNow()
        const isFit = newest?.restrictedBy.size === 0 && (newest.isDisclosed || !discloses)
        if (newest?.kek !== undefined && newest.quarter >= quarter && isFit)
          return { kid: newest.kid, kek: newest.kek }
        const generation = 1 + (newest?.generation ?? 0)
        const kid = Buffer.from(chance.bytes(16)).toString('base64url')
        const kek = chance.bytes(32)
        const place = `${jurisdiction} ${subject} ${generation}`
        const none: ReadonlySet<string> = new Set()
        const isDisclosed = discloses
        const marks = {
          heldBy: none,
          restrictedBy: none,
          lifted: none,
          isForgotten: false,
          isDisclosed,
        }
        const isMade = await ask('keys.make', () => {
          ways.set(kid, place)
          if (keys.get(place) !== undefined) return false
          keys.set(place, { kid, jurisdiction, subject, generation, quarter, kek, ...marks })
          return true
        })
        if (isMade) return { kid, kek }
      }
      throw new StoreAway('others kept making and erasing it')
    }
  }
  return {
    forFile: never,
    look,
    keyFor: async (jurisdiction, subject, ...of) => (await look(jurisdiction, subject))(...of),
    open: async (kid) => standingKey(kid) ?? ask('keys.open', () => rowOf(kid)?.row.kek),
    openEach: (kids) =>
      ask('keys.open', () => {
        const opened = kids.map((kid) => [kid, rowOf(kid)?.row.kek] as const)
        return new Map(opened.flatMap(([kid, kek]) => (kek ? [[kid, kek] as const] : [])))
      }),
    openToAct: (kid) =>
      ask('keys.open', () => {
        const row = rowOf(kid)?.row
        return row?.restrictedBy.size === 0 ? row.kek : undefined
      }),
    generations: (jurisdiction, subject) =>
      ask('keys.generations', () =>
        generationsOf(jurisdiction, subject)
          .filter(({ kek }) => kek !== undefined)
          .map(generationIn),
      ),
    async shred(kid, keptFrom = '9999') {
      const isKept = (row: KeyRow) => row.isDisclosed && row.quarter >= keptFrom
      const isShredded = await change('keys.shred', kid, (row) =>
        row.heldBy.size > 0 || isKept(row) ? undefined : { ...row, kek: undefined },
      )
      const left = isShredded ? undefined : await ask('keys.look', () => rowOf(kid))
      if (left === undefined) return 'shredded'
      return left.row.heldBy.size > 0 || !isKept(left.row) ? 'held' : 'kept'
    },
    replace: (kid, left) =>
      change('keys.shred', kid, (row) =>
        row.heldBy.size > 0
          ? undefined
          : { ...row, kek: Object.assign(chance.bytes(32), { left }) },
      ),
    async forget(jurisdiction, subject) {
      const all = await ask('keys.list', () => generationsOf(jurisdiction, subject))
      for (const { kid, kek, isForgotten, generation } of all) {
        if (kek !== undefined || isForgotten) continue
        await ask('keys.forgetWay', () => ways.delete(kid))
        const place = `${jurisdiction} ${subject} ${generation}`
        await ask('keys.forget', () => {
          const row = keys.get(place)
          if (row !== undefined) keys.set(place, { ...row, isForgotten: true })
        })
      }
    },
    hold: (kid, act) =>
      change('keys.hold', kid, (row) =>
        row.lifted.has(act) ? undefined : { ...row, heldBy: new Set([...row.heldBy, act]) },
      ),
    restrict: (kid, act) =>
      change('keys.restrict', kid, (row) =>
        row.lifted.has(act)
          ? undefined
          : { ...row, restrictedBy: new Set([...row.restrictedBy, act]) },
      ),
    async lift(kid, act) {
      const without = (acts: ReadonlySet<string>) =>
        new Set([...acts].filter((each) => each !== act))
      await change('keys.lift', kid, (row) => ({
        ...row,
        heldBy: without(row.heldBy),
        restrictedBy: without(row.restrictedBy),
        lifted: new Set([...row.lifted, act]),
      }))
    },
    isRestricted: (kid) =>
      ask('keys.isRestricted', () => (rowOf(kid)?.row.restrictedBy.size ?? 0) > 0),
  }
}

const generationIn = ({ kid, subject, heldBy }: KeyRow) => ({
  kid,
  subject,
  isHeld: heldBy.size > 0,
})

function recordsOf(ask: Ask, { versions }: Stage): Records {
  const heldBy = (holder: string) =>
    records.flatMap((each, i) => {
      const record = each.versions[versions[i] ?? 0]
      return each.holder === holder && record !== undefined ? [record] : []
    })
  return {
    find: (holder, subject, atLastRead) => {
      atLastRead?.()
      return ask('records.find', () => {
        const wanted = identifierOf(subject)
        const [record] = heldBy(holder.id).filter((each) => identifiersOf(each).includes(wanted))
        return record === undefined ? { kind: 'none' } : { kind: 'one', record }
      })
    },
    get: (holder, id) => ask('records.get', () => heldBy(holder.id).find((each) => each.id === id)),
    last: never,
    put: never,
    correct: never,
    erase: never,
  }
}

/** What one that signs remembers; nobody else writes there. */
function memoryOf(process: Process, who: string, { scheduler, stores }: Stage): Memory {
  const { memories } = stores
  return {
    last: (log) => scheduler.operate(process, 'memory.last', () => memories.get(`${who} ${log}`)),
    advance: (log, from, to) =>
      scheduler.operate(process, 'memory.advance', () => {
        if ((memories.get(`${who} ${log}`)?.size ?? 0) !== from) return false
        memories.set(`${who} ${log}`, to)
        return true
      }),
  }
}

/** A signature, which cannot be taken back whatever becomes of the process. */
const signed = (
  process: Process,
  by: string,
  bytes: Uint8Array,
  key: (bytes: Uint8Array) => Uint8Array,
  { scheduler, stores }: Stage,
): Promise<Uint8Array> =>
  scheduler.operate(process, 'key.sign', () => {
    stores.said.push({ kind: 'signed', by, message: Buffer.from(bytes).toString() })
    return key(bytes)
  })

function witnessOf(caller: Process, who: (typeof witnesses)[number], stage: Stage): Witness {
  return {
    vkey: who.vkey,
    async add(from, proof, note) {
      const hashes = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`)
      const body = `old ${from}\n${hashes.join('')}\n${note}`
      try {
        const answer = await remotely(caller, who.name, stage, (process) => {
          const signing = {
            publicKey: who.key.publicKey,
            sign: (bytes: Uint8Array) => signed(process, who.name, bytes, who.key.sign, stage),
          }
          const memory = memoryOf(process, who.name, stage)
          const logKeyOf = (log: string) => verifierKey(log, 1, logKey.publicKey)
          const world = { key: who.verifier, signing, memory, logKey: logKeyOf }
          const seconds = Math.floor((stage.scheduler.now + process.ahead) / 1000)
          return addCheckpoint(
            body,
            seconds,
            stage.mutate.witness?.(world, process, stage) ?? world,
          )
        })
        if (answer.kind === 'cosigned' || answer.kind === 'stale') return answer
        if (answer.kind === 'inconsistent')
          stage.unexpected(caller, new Error(`${who.name} says: ${answer.why}`))
        return { kind: 'refused', why: answer.why }
      } catch (error) {
        if (!(error instanceof StoreAway)) throw error
        return { kind: 'away', why: 'it did not answer' }
      }
    },
  }
}

/** Has another process do something: the call may be lost, the other may crash, and so may the answer. */
async function remotely<T>(
  caller: Process,
  name: string,
  stage: Stage,
  journey: (process: Process) => Promise<T>,
): Promise<T> {
  const { scheduler } = stage
  const { outcome } = await scheduler.operate(caller, `${name}.ask`, () => {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    // The one who asked may have gone.
    promise.catch(() => undefined)
    scheduler.spawn(name, skew(stage), journey, (ended) => {
      if (ended !== 'crashed' && 'value' in ended) return resolve(ended.value)
      if (ended !== 'crashed' && !(ended.error instanceof StoreAway))
        stage.unexpected(caller, ended.error)
      reject(new StoreAway(`${name} failed`))
    })
    return { outcome: promise }
  })
  const answer = await outcome
  return scheduler.operate(caller, `${name}.answer`, () => answer)
}

/** How far a process's clock is ahead or behind, ms: mostly not at all, ten minutes at most. */
export const skew = ({ chance }: Pick<Stage, 'chance'>): number =>
  chance.oneIn(4) ? chance.below(1_200_001) - 600_000 : 0
