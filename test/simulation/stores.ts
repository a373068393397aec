/** What is stored, and what was said: all that a run is judged by. Plain tables, written by ports alone. */

import type { AnswerBody } from '../../functions/answer/reply/reply-schema.ts'
import type { KeptTags } from '../../functions/ledger/tags.ts'
import type { Head, LookupRow, Placed } from '../../functions/log-ports.ts'
import type { Stored } from '../../functions/ports.ts'

/** A table, and which of its rows changed. */
export type Table<V> = {
  readonly rows: ReadonlyMap<string, V>
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
}

/** A subject's key as its row is; `kek` is gone once it was erased. */
export type KeyRow = {
  readonly kid: string
  readonly jurisdiction: string
  readonly subject: string
  readonly generation: number
  readonly quarter: string
  readonly kek: Uint8Array | undefined
  /** Whether its id is gone, too. */
  readonly isForgotten: boolean
  /** Whether it was made for what leaves. */
  readonly isDisclosed: boolean
  readonly heldBy: ReadonlySet<string>
  readonly restrictedBy: ReadonlySet<string>
  readonly lifted: ReadonlySet<string>
}

/** Something that left: a signature, an answer, a certificate. It cannot be taken back. */
export type Said =
  | { readonly kind: 'signed'; readonly by: string; readonly message: string }
  | { readonly kind: 'answered'; readonly client: number; readonly body: AnswerBody }
  | { readonly kind: 'told'; readonly client: number; readonly outcome: string; receipt: string }
  | { readonly kind: 'certified'; readonly act: string; readonly receipt: string }

export type TableName = (typeof tableNames)[number]
const tableNames = [
  'entries',
  'manifests',
  'heads',
  'places',
  'taken',
  'looks',
  'files',
  'keys',
  'ways',
  'rows',
  'notes',
  'unfiled',
  'tags',
  'memories',
] as const
export type Stores = ReturnType<typeof freshStores>

/** Empty stores. */
export function freshStores() {
  const changes: { readonly table: TableName; readonly key: string }[] = []
  const table = <V>(name: TableName): Table<V> => {
    const rows = new Map<string, V>()
    return {
      rows,
      get: (key) => rows.get(key),
      set(key, value) {
        rows.set(key, value)
        changes.push({ table: name, key })
      },
      delete(key) {
        if (rows.delete(key)) changes.push({ table: name, key })
      },
    }
  }
  const said: Said[] = []
  return {
    /** What changed since the last look. */
    changes,
    said,
    /** By entry id. */
    entries: table<Stored>('entries'),
    /** By log and start. */
    manifests: table<readonly Placed[]>('manifests'),
    /** By log. */
    heads: table<Head>('heads'),
    /** By entry id. */
    places: table<{ readonly log: string; readonly index: number }>('places'),
    /** By log: who marks its manifest at a start, and until when. */
    taken: table<{ readonly start: number; readonly by: string; readonly until: string }>('taken'),
    /** By log: when the last sweep began that left nothing. */
    looks: table<string>('looks'),
    /** By path. */
    files: table<Uint8Array>('files'),
    /** By jurisdiction, subject and generation. */
    keys: table<KeyRow>('keys'),
    /** By key's id: where its row is. */
    ways: table<string>('ways'),
    /** By jurisdiction, dimension, value, time and entry id. */
    rows: table<LookupRow>('rows'),
    /** By entry id: which rows of a person it has, and which note of them this is. */
    notes: table<{ readonly places: readonly string[] }>('notes'),
    /** By entry id. */
    tags: table<KeptTags>('tags'),
    /** By time and entry id. */
    unfiled: table<true>('unfiled'),
    /** By who remembers, and log. */
    memories: table<{ readonly size: number; readonly root: Uint8Array }>('memories'),
  }
}

/** The key of a row of auditors. */
export const rowKey = ({ key, line }: LookupRow): string =>
  `${key.jurisdiction}#${key.by}#${key.value} ${line.ts}#${line.id}`
