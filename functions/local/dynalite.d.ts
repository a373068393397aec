/** The embedded DynamoDB has no types of its own; this is what we use of it. */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  // biome-ignore lint/style/noDefaultExport: it is the package's own.
  export default function dynalite(options: {
    /** Folder of the data; in memory without one. */
    readonly path?: string
    readonly createTableMs?: number
    readonly deleteTableMs?: number
    readonly updateTableMs?: number
  }): Server
}

/** Its way to LevelDB (classic-level), which it shows to nobody. */
declare module 'dynalite/db/index.js' {
  export type Iterator = {
    next(): Promise<unknown>
    close(): Promise<void>
    return?(): Promise<void>
  }
  export type Level = {
    keys(options?: object): Iterator
    values(options?: object): Iterator
    batch(
      operations: readonly { readonly type: 'put'; readonly key: string; readonly value: string }[],
    ): Promise<void>
    compactRange(start: string, end: string): Promise<void>
  }
  const internals: { create(options: object): { readonly db: Level } }
  // biome-ignore lint/style/noDefaultExport: it is the package's own.
  export default internals
}
