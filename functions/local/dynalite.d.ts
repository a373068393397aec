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
