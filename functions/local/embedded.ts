/**
 * The embedded DynamoDB of one machine, dynalite over LevelDB, in a folder.
 *
 * LevelDB writes a change beside what it changes, and keeps both in its files until these are compacted:
 * the key that an erasure destroyed would be read from them, by whoever has the folder.
 */

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import dynalite from 'dynalite'
import internals, { type Iterator, type Level } from 'dynalite/db/index.js'
import { ComityError } from '../failure.ts'

/** An embedded store, with what only whoever opened it may do. */
export type Embedded = {
  readonly endpoint: string
  /** What was removed or replaced before is in none of the folder’s files once it returns. */
  purge(): Promise<void>
  close(): Promise<void>
}

/** Longest that a purge waits for what is still being read, ms; then that fails, and is asked for again. */
const readingMsMax = 5000

/** Keys before and after all of dynalite’s, none of which its own ranges reach. */
const [first, last] = [' ', '~']

/** Opens a folder. One that another process has fails with the first call. */
export async function openEmbedded(folder: string): Promise<Embedded> {
  const { server, level } = start(folder)
  const reading = mendIterators(level)
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  // A cast: it listens on a port.
  const { port } = server.address() as AddressInfo
  let purging = Promise.resolve()
  return {
    endpoint: `http://127.0.0.1:${port}`,
    purge() {
      // One after another: each answers for what was removed before it was asked for.
      const purged = purging.then(() => purge(level, reading))
      purging = purged.catch(() => undefined)
      return purged
    },
    close: () => new Promise((closed) => server.close(() => closed())),
  }
}

/** Starts dynalite, and takes hold of its database on the way. */
function start(path: string): { readonly server: Server; readonly level: Level } {
  const { create } = internals
  let level: Level | undefined
  internals.create = (options) => {
    const store = create(options)
    level = store.db
    return store
  }
  try {
    const server = dynalite({ path, createTableMs: 0 })
    if (level === undefined)
      throw new ComityError('couldn’t open the store: dynalite has another form')
    return { server, level }
  } finally {
    internals.create = create
  }
}

/**
 * Closes iterators that were read to their end or given up, and gives those that are open. dynalite
 * 4.0.0 calls `return`, which those of abstract-level 3 do not have; and each that is open keeps every
 * file that there was when it was opened.
 */
function mendIterators(level: Level): ReadonlySet<Iterator> {
  const reading = new Set<Iterator>()
  const mended = (make: (options?: object) => Iterator) => (options?: object) => {
    const iterator = make.call(level, options)
    reading.add(iterator)
    iterator.return = async () => {
      reading.delete(iterator)
      await iterator.close()
    }
    return iterator
  }
  level.keys = mended(level.keys)
  level.values = mended(level.values)
  return reading
}

/**
 * Rewrites every file. LevelDB rewrites none of its lowest level, where what is fresh may land at once,
 * replaced values and all; so the first compaction puts all of it there, and what spans the whole range
 * then makes the second rewrite all of that. The third removes the files that were still being read.
 */
async function purge(level: Level, reading: ReadonlySet<Iterator>): Promise<void> {
  await done(reading)
  await level.compactRange(first, last)
  const value = new Date().toISOString()
  await level.batch([first, last].map((key) => ({ type: 'put', key, value })))
  await level.compactRange(first, last)
  await done(reading)
  await level.compactRange(first, first)
}

/** Waits for the end of what is being read now. */
async function done(reading: ReadonlySet<Iterator>): Promise<void> {
  const now = [...reading]
  for (const end = Date.now() + readingMsMax; now.some((each) => reading.has(each)); ) {
    if (Date.now() >= end) break
    await pause(1)
  }
  await Promise.all(now.filter((each) => reading.has(each)).map((each) => each.return?.()))
}
