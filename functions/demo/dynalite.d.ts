/** The embedded DynamoDB has no types of its own. These are the parts we use. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  // biome-ignore lint/style/noDefaultExport: it is the package's own.
  export default function dynalite(options: {
    /** The data folder. Without one, data is in memory. */
    readonly path?: string
    readonly createTableMs?: number
    readonly deleteTableMs?: number
    readonly updateTableMs?: number
  }): Server
}

/** Its access to LevelDB (classic-level), which it does not export. */
declare module 'dynalite/db/index.js' {
  export type Iterator = {
    next(): Promise<unknown>
    close(): Promise<void>
    return?(): Promise<void>
  }
  export type Level = {
    /** Rejects with an error whose `cause` has LevelDB's code. */
    open(): Promise<void>
    keys(options?: object): Iterator
    values(options?: object): Iterator
    batch(
      operations: readonly { readonly type: 'put'; readonly key: string; readonly value: string }[],
    ): Promise<void>
    compactRange(start: string, end: string): Promise<void>
    /** What every write comes to (abstract-level); `sync` has it wait for the disk (classic-level). */
    _put(key: unknown, value: unknown, options: object): Promise<void>
    _del(key: unknown, options: object): Promise<void>
    _batch(operations: readonly unknown[], options: object): Promise<void>
  }
  const internals: { create(options: object): { readonly db: Level } }
  // biome-ignore lint/style/noDefaultExport: it is the package's own.
  export default internals
}
