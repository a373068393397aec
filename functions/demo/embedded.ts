/**
 * The embedded DynamoDB of one machine, dynalite over LevelDB, in a folder.
 *
 * LevelDB writes a change beside the old value, and keeps both in its files until it compacts them. Until then,
 * anyone with the folder could read a key that an erasure destroyed. A write is on disk once it is answered.
 */

import { hash, randomBytes } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import dynalite from 'dynalite'
import internals, { type Iterator, type Level } from 'dynalite/db/index.js'
import { ComityError, faultOf } from '../failure.ts'

/** An embedded store, with what only its opener may do. */
export type Embedded = {
  /** Where it listens, with the secret that opens it as a user name: only whoever may read the data may know it. */
  readonly endpoint: string
  /** Once it returns, no file of the folder has anything that was removed or replaced before. */
  purge(): Promise<void>
  /** Once it returns, everything written is on disk, and each write waits for it. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** How long a purge waits for reads to end, ms. After that it ends them, so that they fail and are retried. */
const readingMsMax = 5000

/** Keys before and after all of dynalite’s own. None of its ranges reach them. */
const [first, last] = [' ', '~']

/**
 * Opens a folder. Throws a sentence if another process has it, or if its files cannot be read. While it is filled for
 * the first time no write waits for the disk: nobody is answered before `settle`, and what a lost power leaves is filled
 * anew.
 */
export async function openEmbedded(folder: string, isFilling = false): Promise<Embedded> {
  const { server, level } = start(folder)
  const secret = keepToItself(server)
  await level.open().catch((error: Error) => {
    throw notOpened(folder, error.cause ?? error)
  })
  const disk = { isAwaited: !isFilling }
  waitForDisk(level, disk)
  const reading = mendIterators(level)
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  // A cast: it listens on a port.
  const { port } = server.address() as AddressInfo
  let purging = Promise.resolve()
  return {
    endpoint: `http://${secret}@127.0.0.1:${port}`,
    purge() {
      // One after another: each purge covers everything removed before it was asked for.
      const purged = purging.then(() => purge(level, reading))
      purging = purged.catch(() => undefined)
      return purged
    },
    async settle() {
      disk.isAwaited = true
      // Writes what is in memory into files that are on disk; a write that waits covers its own log alone.
      await level.compactRange(first, first)
    },
    close: () => new Promise((closed) => server.close(() => closed())),
  }
}

/** Says why LevelDB did not open a folder. */
const notOpened = (folder: string, cause: unknown): ComityError =>
  new ComityError(
    faultOf(cause) === 'LEVEL_LOCKED'
      ? `couldn’t open the store: the data in \`${folder}\` is in use by another gateway`
      : `couldn’t open the store: the files in \`${folder}\` can’t be used (${faultOf(cause)}); restore them from a copy`,
  )

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
 * INVARIANT (the store keeps to itself): dynalite answers every caller of this machine, and lets pages of every origin
 * read. Only a call that names the secret of this start as its key, at the address where the store listens, gets
 * through: a page of another origin says its own, and one whose name was bound to this address anew says that name.
 * Returns the secret.
 */
function keepToItself(server: Server): string {
  const secret = randomBytes(32).toString('base64url')
  const answers = server.listeners('request')
  const isOwn = ({ headers, socket }: IncomingMessage) =>
    headers.origin === undefined &&
    headers.host === `127.0.0.1:${socket.localPort}` &&
    // Digests, so that the time it takes says nothing of the secret.
    digestOf(headers.authorization?.match(/ Credential=([\w-]{43})\//)?.[1] ?? '') ===
      digestOf(secret)
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    if (isOwn(request)) for (const answer of answers) answer.call(server, request, response)
    else response.writeHead(403, { connection: 'close' }).end()
  })
  return secret
}

const digestOf = (text: string) => hash('sha256', text)

/**
 * INVARIANT (an answer outlives the power): LevelDB answers a write once the system has it, which a machine that loses
 * power forgets; the archive, which is on disk, would then have more than the store, and the log would halt. dynalite
 * passes no options, so each write waits here.
 */
function waitForDisk(level: Level, disk: { readonly isAwaited: boolean }): void {
  const [put, del, batch] = [level._put, level._del, level._batch]
  const waiting = (options: object) => ({ ...options, sync: disk.isAwaited })
  level._put = (key, value, options) => put.call(level, key, value, waiting(options))
  level._del = (key, options) => del.call(level, key, waiting(options))
  level._batch = (operations, options) => batch.call(level, operations, waiting(options))
}

/**
 * Makes iterators close once they are read to the end or given up, and returns the open ones. dynalite 4.0.0
 * calls `return`, which iterators of abstract-level 3 lack, and an open iterator keeps every file that existed
 * when it was opened.
 */
function mendIterators(level: Level): ReadonlySet<Iterator> {
  const reading = new Set<Iterator>()
  const mended = (make: (options?: object) => Iterator) => (options?: object) => {
    const iterator = make.call(level, options)
    reading.add(iterator)
    iterator.return = async () => {
      // It closes only once a read of it that is under way has ended.
      await iterator.close()
      reading.delete(iterator)
    }
    return iterator
  }
  level.keys = mended(level.keys)
  level.values = mended(level.values)
  return reading
}

/**
 * Rewrites every file. LevelDB does not rewrite its lowest level, and fresh data may land there at once, with
 * replaced values. So the first compaction moves everything there; then two keys that span the whole range make
 * the second compaction rewrite all of it. The third removes files that were still being read.
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

/** Waits until the reads that are open now have ended, and ends those that take too long. */
async function done(reading: ReadonlySet<Iterator>): Promise<void> {
  const now = [...reading]
  for (const end = Date.now() + readingMsMax; now.some((each) => reading.has(each)); ) {
    if (Date.now() >= end) break
    await pause(1)
  }
  await Promise.all(now.filter((each) => reading.has(each)).map((each) => each.return?.()))
}
