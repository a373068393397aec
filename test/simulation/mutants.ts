/**
 * Faults that somebody might build in, each as ports that break one promise: the simulation must find
 * every one of them but those that are harmless by design, which it must not find.
 */

import { isPersonal } from '../../functions/adapters/lookup-lists.ts'
import type { LookupRow, Lookups, Memory, Placed, Sealing } from '../../functions/log-ports.ts'
import type { Durable } from '../../functions/ports.ts'
import { acts } from './cast.ts'
import type { Mutate, Ports, Stage } from './ports.ts'
import type { Process } from './scheduler.ts'
import { standingEntries } from './standing.ts'
import { rowKey } from './stores.ts'

/** A fault, and what it comes to. */
export type Mutant = Mutate & {
  /** What is wrong, as a sentence about the gateway. */
  readonly says: string
  /** Why nothing can come of it. */
  readonly harmless?: string
}

type Change = NonNullable<Mutate['ports']>

/** Changes some functions of the sealing state. */
const sealing =
  (change: (own: Sealing, process: Process, stage: Stage) => Partial<Sealing>): Change =>
  (ports, process, stage) => ({
    ...ports,
    sealing: { ...ports.sealing, ...change(ports.sealing, process, stage) },
  })

/** Changes how an entry is appended. */
const appending =
  (
    append: (stage: Stage, process: Process, own: Ports['ledger']) => Ports['ledger']['append'],
  ): Change =>
  (ports, process, stage) => ({
    ...ports,
    ledger: { ...ports.ledger, append: append(stage, process, ports.ledger) },
  })

/** Changes how rows of auditors are kept. */
const lookups =
  (change: (own: Lookups, process: Process, stage: Stage) => Partial<Lookups>): Change =>
  (ports, process, stage) => ({
    ...ports,
    lookups: { ...ports.lookups, ...change(ports.lookups, process, stage) },
  })

/** Changes the keys of subjects. */
const keys =
  (
    change: (
      own: Ports['subjectKeys'],
      process: Process,
      stage: Stage,
    ) => Partial<Ports['subjectKeys']>,
  ): Change =>
  (ports, process, stage) => ({
    ...ports,
    subjectKeys: { ...ports.subjectKeys, ...change(ports.subjectKeys, process, stage) },
  })

/** Changes how the key of a subject is looked for, and given from what was seen. */
const looks = (change: (...of: Parameters<Parameters<typeof keys>[0]>) => Look): Change =>
  keys((...of) => {
    const look = change(...of)
    return { look, keyFor: async (who, subject, ...at) => (await look(who, subject))(...at) }
  })
type Look = Ports['subjectKeys']['look']

// A cast: the point is that these claim what nothing proves.
const claimed = (entry: object): Durable => entry as Durable

/** A memory that is written without looking at what it is. */
const blindly =
  (who: string, { scheduler, stores }: Stage, process: Process): Memory['advance'] =>
  (log, _from, to) =>
    scheduler.operate(process, 'memory.advance', () => {
      stores.memories.set(`${who} ${log}`, to)
      return true
    })

/** A memory that is written only once the signature is there. */
function afterSigning<W extends { readonly memory: Memory }>(
  world: W,
  sign: (bytes: Uint8Array) => Promise<Uint8Array>,
) {
  let remember: () => Promise<unknown> = async () => undefined
  const memory: Memory = {
    last: world.memory.last,
    async advance(...of) {
      remember = () => world.memory.advance(...of)
      return true
    },
  }
  return {
    memory,
    sign: async (bytes: Uint8Array) => {
      const signature = await sign(bytes)
      await remember()
      return signature
    },
  }
}

const hourMs = 3_600_000

export const mutants = {
  // What the prototype of this design was tried with.
  'marks-nothing': {
    says: 'A sealer counts entries as marked that it did not mark.',
    ports: sealing(() => ({ mark: async () => undefined })),
  },
  'writes-manifests-over': {
    says: 'A manifest replaces the one that stands.',
    ports: sealing((_own, process, { scheduler, stores }) => ({
      propose: (log, start, placed) =>
        scheduler.operate(process, 'sealing.propose', () => {
          stores.manifests.set(`${log} ${start}`, placed)
          return placed
        }),
    })),
  },
  'looks-at-an-old-view': {
    says: 'A sealer takes what is sealed from a view as old as itself.',
    ports: sealing((_own, _process, { stores }) => {
      const view = new Map(stores.places.rows)
      return {
        placesOf: async (eids) =>
          new Map(
            eids.flatMap((eid) => {
              const place = view.get(eid)
              return place === undefined ? [] : [[eid, place] as const]
            }),
          ),
      }
    }),
  },
  'writes-entries-over': {
    says: 'An entry replaces the one that stands under its id.',
    ports: appending(
      ({ scheduler, stores }, process) =>
        (entry) =>
          scheduler.operate(process, 'ledger.put', () => {
            stores.entries.set(entry.leaf.eid, entry)
            return { kind: 'durable', entry: claimed(entry) }
          }),
    ),
  },
  'loser-answers-its-own': {
    says: 'An attempt that came second answers with what it decided itself.',
    ports: appending((_stage, _process, own) => async (entry) => {
      const appended = await own.append(entry)
      return appended.kind === 'already' ? { kind: 'durable', entry: claimed(entry) } : appended
    }),
  },
  'sends-before-it-is-durable': {
    says: 'The answer leaves while the entry is still being written.',
    ports: appending((_stage, _process, own) => async (entry) => {
      own.append(entry)
      return { kind: 'durable', entry: claimed(entry) }
    }),
  },
  'signs-only-after-sealing': {
    says: 'A sealer that sealed nothing itself asks for no signature.',
    ports: (ports) => {
      let hasSealed = false
      return {
        ...ports,
        sealing: {
          ...ports.sealing,
          async advance(log, from, to) {
            hasSealed ||= to.size > from.size
            return ports.sealing.advance(log, from, to)
          },
        },
        signer: {
          sign: async (extension) =>
            hasSealed ? ports.signer.sign(extension) : { kind: 'stale', size: extension.size + 1 },
        },
      }
    },
  },
  'replaces-any-head': {
    says: 'A head replaces another without looking at it.',
    harmless: 'A head says what the manifests and marks say, too; one put back finds them again.',
    ports: sealing((_own, process, { scheduler, stores }) => ({
      advance: (log, _from, to) =>
        scheduler.operate(process, 'sealing.advance', () => {
          stores.heads.set(log, to)
          return true
        }),
    })),
  },

  // The request.
  'takes-a-timeout-for-a-yes': {
    says: 'A write that gave no answer is taken for done.',
    ports: appending((_stage, _process, own) => async (entry) => {
      const appended = await own.append(entry)
      return appended.kind === 'unavailable' ? { kind: 'durable', entry: claimed(entry) } : appended
    }),
  },
  'takes-any-attempt-for-its-own': {
    says: 'An entry that stands is taken for one’s own without comparing attempts.',
    ports: appending((_stage, _process, own) => async (entry) => {
      const appended = await own.append(entry)
      return appended.kind === 'already' ? { ...appended, kind: 'durable' } : appended
    }),
  },

  // Sealing.
  'counts-marks-early': {
    says: 'A head counts entries as marked from the moment that they are in the tree.',
    ports: sealing((own) => ({
      advance: (log, from, to) => own.advance(log, from, { ...to, marked: to.size }),
    })),
  },
  'forgets-its-place': {
    says: 'A sealer that has to stop begins a manifest again from its first entry.',
    ports: sealing((own) => ({
      advance: (log, from, to) => own.advance(log, from, { ...to, filed: 0 }),
    })),
  },
  'counts-a-step-early': {
    says: 'A head counts the entries of a step as marked that are being marked.',
    ports: sealing((own) => ({
      async mark(log, start, eids) {
        const head = await own.head(log)
        const filed = start + eids.length - head.marked
        if (head.marked + filed < head.size) await own.advance(log, head, { ...head, filed })
        return own.mark(log, start, eids)
      },
    })),
  },
  'waits-for-ever': {
    says: 'What a sealer has taken is its own until it gives it back.',
    ports: sealing((own, process, { scheduler, stores }) => ({
      async take(log, start, by, now, until) {
        const is = await scheduler.operate(process, 'sealing.take', () => stores.taken.get(log))
        if (is?.start === start && is.by !== by) return false
        return own.take(log, start, by, now, until)
      },
    })),
  },
  'believes-any-clock': {
    says: 'What was taken by a clock that is ahead is another’s until that time has come.',
    ports: sealing((own, process, { scheduler, stores }) => ({
      async take(log, start, by, now, until) {
        const is = await scheduler.operate(process, 'sealing.take', () => stores.taken.get(log))
        if (is?.start === start && is.by !== by && is.until >= now.toISOString()) return false
        return own.take(log, start, by, now, until)
      },
    })),
  },
  'keeps-its-own-manifest': {
    says: 'A sealer goes on with the manifest that it proposed, though another’s stands.',
    ports: sealing((own) => ({
      async propose(log, start, placed) {
        await own.propose(log, start, placed)
        return placed
      },
    })),
  },
  'believes-in-hints': {
    says: 'A sealer believes whoever brought a hint that there is such an entry.',
    ports: sealing((own) => ({
      propose: (log, start, placed) =>
        own.propose(log, start, [...placed, { eid: 'A'.repeat(43), leafHash: new Uint8Array(32) }]),
    })),
  },
  'takes-other-logs-entries': {
    says: 'A sealer takes an entry by the hint’s log, not by its leaf’s.',
    ports: (ports) => {
      let sealed = ''
      return {
        ...ports,
        sealing: {
          ...ports.sealing,
          manifest(log, start) {
            sealed = log
            return ports.sealing.manifest(log, start)
          },
        },
        ledger: {
          ...ports.ledger,
          async readAll(eids) {
            const found = await ports.ledger.readAll(eids)
            if (standingEntries(eids) !== undefined) return found
            return new Map(
              [...found].map(([eid, entry]) => [
                eid,
                claimed({ ...entry, leaf: { ...entry.leaf, log: sealed } }),
              ]),
            )
          },
        },
      }
    },
  },
  'begins-anywhere': {
    says: 'A sealer whose manifest was another’s puts its own further on.',
    ports: sealing((own) => ({
      async propose(log, start, placed): Promise<readonly Placed[]> {
        const stands = await own.propose(log, start, placed)
        const eids = new Set(stands.map(({ eid }) => eid))
        const left = placed.filter(({ eid }) => !eids.has(eid))
        if (left.length > 0) await own.propose(log, start + stands.length, left)
        return stands
      },
    })),
  },
  'files-after-marking': {
    says: 'Entries count as sealed before auditors find them.',
    ports: (ports) => {
      let waiting: LookupRow[] = []
      return {
        ...ports,
        lookups: {
          ...ports.lookups,
          async put(rows) {
            waiting.push(...rows)
          },
        },
        sealing: {
          ...ports.sealing,
          async mark(log, start, eids) {
            await ports.sealing.mark(log, start, eids)
            await ports.lookups.put(waiting)
            waiting = []
          },
        },
      }
    },
  },
  'moves-the-head-before-the-tiles': {
    says: 'The archive confirms what it is still writing.',
    ports: (ports) => {
      const cache = new Map<string, Uint8Array>()
      return {
        ...ports,
        archive: {
          ...ports.archive,
          async put(path, bytes) {
            cache.set(path, bytes)
            ports.archive.put(path, bytes).catch(() => undefined)
          },
          get: async (path) => cache.get(path) ?? ports.archive.get(path),
        },
      }
    },
  },
  'sweeps-without-a-margin': {
    says: 'A sweep looks for nothing older than the last one, however late it shows in the index.',
    ports: (ports) => ({
      ...ports,
      sweep: {
        since: (log, from, limit) =>
          ports.sweep.since(
            log,
            from === '0' ? from : new Date(Date.parse(from) + hourMs).toISOString(),
            limit,
          ),
      },
      sealing: {
        ...ports.sealing,
        advance: (log, from, to) =>
          ports.sealing.advance(log, from, { ...to, sweptUntil: ports.now().toISOString() }),
      },
    }),
  },
  'reads-old-heads': {
    says: 'A sealer sees the head as it was when it looked before.',
    harmless: 'What an old head leads to is refused, or is there already.',
    ports: sealing((own) => {
      const last = new Map<string, Awaited<ReturnType<Sealing['head']>>>()
      return {
        async head(log) {
          const now = await own.head(log)
          const old = last.get(log) ?? now
          last.set(log, now)
          return old
        },
      }
    }),
  },

  // Signing, witnessing, publishing.
  'signs-before-it-remembers': {
    says: 'The signer remembers a tree head after it signed it.',
    signer: (world) => {
      const { memory, sign } = afterSigning(world, world.key.sign)
      return { memory, key: { ...world.key, sign } }
    },
  },
  'signer-remembers-blindly': {
    says: 'The signer’s memory is replaced without looking at it.',
    signer: (world, process, stage) => ({
      ...world,
      memory: { ...world.memory, advance: blindly('signer', stage, process) },
    }),
  },
  'cosigns-before-it-remembers': {
    says: 'A witness remembers a tree head after it cosigned it.',
    witness: (world) => {
      const { memory, sign } = afterSigning(world, world.signing.sign)
      return { ...world, memory, signing: { ...world.signing, sign } }
    },
  },
  'witness-remembers-blindly': {
    says: 'A witness’s memory is replaced without looking at it.',
    witness: (world, process, stage) => ({
      ...world,
      memory: { ...world.memory, advance: blindly(world.key.name, stage, process) },
    }),
  },
  'publishes-without-its-quorum': {
    says: 'A checkpoint is published however few witnesses cosigned it.',
    ports: (ports) => ({ ...ports, quorum: 0 }),
  },
  'publishes-backwards': {
    says: 'A checkpoint replaces a larger one.',
    ports: (ports, process, { scheduler, stores }) => ({
      ...ports,
      archive: {
        ...ports.archive,
        publish: (log, _size, note) =>
          scheduler.operate(process, 'archive.replace', () =>
            stores.files.set(`${log}/checkpoint`, Buffer.from(note)),
          ),
      },
    }),
  },

  // The keys of people.
  'erases-what-is-held': {
    says: 'A key is erased without looking whether it is held.',
    ports: keys((own, process, { scheduler, stores }) => ({
      async shred(kid, keptFrom) {
        await scheduler.operate(process, 'keys.shred', () => {
          const place = stores.ways.get(kid) ?? ''
          const row = stores.keys.get(place)
          if (row !== undefined) stores.keys.set(place, { ...row, kek: undefined })
        })
        return own.shred(kid, keptFrom)
      },
    })),
  },
  'holds-what-it-read-before': {
    says: 'A hold is written over the key as it was when it was read.',
    ports: keys((_own, process, { scheduler, stores }) => ({
      async hold(kid, act) {
        const place = stores.ways.get(kid) ?? ''
        const row = await scheduler.operate(process, 'keys.look', () => stores.keys.get(place))
        if (row?.kek === undefined || row.lifted.has(act)) return false
        const held = { ...row, heldBy: new Set([...row.heldBy, act]) }
        await scheduler.operate(process, 'keys.hold', () => stores.keys.set(place, held))
        return true
      },
    })),
  },
  'forgets-what-was-lifted': {
    says: 'A hold that comes late holds again, though it was lifted.',
    ports: keys((own, process, { scheduler, stores }) => ({
      async lift(kid, act) {
        await own.lift(kid, act)
        await scheduler.operate(process, 'keys.lift', () => {
          const place = stores.ways.get(kid) ?? ''
          const row = stores.keys.get(place)
          if (row !== undefined) stores.keys.set(place, { ...row, lifted: new Set() })
        })
      },
    })),
  },
  'writes-keys-over': {
    says: 'A subject’s key replaces one that another made at the same time.',
    ports: looks((own, process, { scheduler, stores }) => async (...of) => {
      const keyOf = await own.look(...of)
      return async (...at) => {
        const made = await keyOf(...at)
        const place = stores.ways.get(made.kid) ?? ''
        const row = stores.keys.get(place)
        await scheduler.operate(process, 'keys.make', () => {
          if (row !== undefined) stores.keys.set(place, row)
        })
        return made
      }
    }),
  },
  'brings-keys-back': {
    says: 'Whoever asks for an erased person again gets the erased key.',
    ports: looks((own, process, { scheduler, stores }) => async (jurisdiction, subject) => {
      await scheduler.operate(process, 'keys.newest', () => {
        const place = `${jurisdiction} ${subject} 1`
        const row = stores.keys.get(place)
        if (row !== undefined && row.kek === undefined)
          stores.keys.set(place, { ...row, kek: new Uint8Array(32) })
      })
      return own.look(jurisdiction, subject)
    }),
  },
  'leaves-rows': {
    says: 'An erasure leaves the rows by which the person is found.',
    ports: lookups((own) => ({ unfile: (eids, at) => own.unfile(eids.slice(0, 0), at) })),
  },
  'leaves-tags': {
    says: 'An erasure leaves the tags by which it is known that an entry is about the person.',
    ports: lookups((own, process, { scheduler, stores }) => {
      const leaving = async <T>(eids: readonly string[], work: () => Promise<T>): Promise<T> => {
        const kept = eids.map((eid) => [eid, stores.tags.get(eid)] as const)
        const done = await work()
        await scheduler.operate(process, 'lookups.untag', () => {
          for (const [eid, tags] of kept) if (tags !== undefined) stores.tags.set(eid, tags)
        })
        return done
      }
      return {
        unfile: (eids, at) => leaving(eids, () => own.unfile(eids, at)),
        clear: (before) => leaving([...stores.tags.rows.keys()], () => own.clear(before)),
      }
    }),
  },
  'files-before-it-notes': {
    says: 'Where rows are is noted once they are there.',
    ports: lookups((own, process, { scheduler, stores }) => ({
      async file(rows) {
        await scheduler.operate(process, 'lookups.put', () => {
          for (const row of rows.filter(isPersonal)) stores.rows.set(rowKey(row), row)
        })
        await own.file(rows)
      },
    })),
  },
  'forgets-rows-at-once': {
    says: 'The note of a person’s rows goes with them, though somebody may be writing some still.',
    ports: lookups((own, process, { scheduler, stores }) => ({
      async unfile(eids, at) {
        await own.unfile(eids, at)
        for (const eid of eids)
          await scheduler.operate(process, 'lookups.forget', () => stores.notes.delete(eid))
      },
    })),
  },
  'clears-at-once': {
    says: 'What was left of the erased is cleared while somebody may be writing it still.',
    ports: lookups((own) => ({ clear: () => own.clear('9') })),
  },
  'never-clears': {
    says: 'Nobody comes again to clear what was written late.',
    ports: lookups(() => ({ clear: async () => true })),
  },
  'keeps-the-way': {
    says: 'From an erased entry something leads to its person still.',
    ports: keys(() => ({ forget: async () => undefined })),
  },
  'forgets-keys-at-once': {
    says: 'A key that is destroyed is forgotten before the rows are gone, so that nobody comes again.',
    ports: keys((own, process, { scheduler, stores }) => ({
      async shred(kid, keptFrom) {
        const place = stores.ways.get(kid) ?? ''
        const shredded = await own.shred(kid, keptFrom)
        if (shredded !== 'shredded') return shredded
        await scheduler.operate(process, 'keys.forget', () => {
          const row = stores.keys.get(place)
          if (row !== undefined) stores.keys.set(place, { ...row, isForgotten: true })
          stores.ways.delete(kid)
        })
        return shredded
      },
    })),
  },
  'erases-before-it-is-an-entry': {
    says: 'An erasure takes effect while its entry is still being written.',
    ports: appending((_stage, process, own) => async (entry) => {
      const isErasure = process.name.startsWith('act-erase')
      if (!isErasure || entry.leaf.eid === acts.hold.id) return own.append(entry)
      own.append(entry)
      return { kind: 'durable', entry: claimed(entry) }
    }),
  },
  'files-for-anybody': {
    says: 'Rows are filed for auditors of another jurisdiction as well.',
    ports: (ports) => ({
      ...ports,
      lookups: {
        ...ports.lookups,
        put: (rows) =>
          ports.lookups.put([
            ...rows,
            ...rows.map((row) => ({ ...row, key: { ...row.key, jurisdiction: 'US' } })),
          ]),
      },
    }),
  },
} as const satisfies Readonly<Record<string, Mutant>>

export type MutantName = keyof typeof mutants
