/** The archive in a folder. Each object is written once, and is whole or not there. */

import { link, mkdir, open, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Archive } from '../log-ports.ts'
import {
  archivePath,
  bundleAfter,
  grownTo,
  keepCheckpoint,
  mayReplace,
  mustEqual,
  partialBundle,
} from './archive-rules.ts'

/** The folder where objects are written before they get their names. No path of an archive leads there. */
const unfinished = '.unfinished'
const nothingThere = ['ENOENT', 'ENOTDIR', 'EISDIR']

/**
 * An archive in a folder. `unique` gives a name that no other write uses. Several processes may write to it: each
 * object is still written once. Of two checkpoints that two of them publish at once, the smaller may be the last
 * written; whoever publishes next puts the larger one in its place.
 * Files that a crash leaves in `.unfinished` are useless, and may be removed while nothing writes.
 */
export const fileArchive = (within: string, unique: () => string): Archive => {
  const folder = resolve(within)
  const madeFolders = new Map<string, Promise<void>>()

  /** Makes a folder, and makes it and all folders above it durable, whoever made them. */
  const makeFolder = (path: string): Promise<void> => {
    const known = madeFolders.get(path)
    if (known !== undefined) return known
    const made = makeDurable(path, folder)
    madeFolders.set(path, made)
    made.catch(() => madeFolders.delete(path))
    return made
  }

  const read = (path: string): Promise<Uint8Array | undefined> =>
    readFile(join(folder, archivePath(path))).catch(orNothing(undefined))
  const get = async (path: string) => (await read(path)) ?? partialBundle(path, list, read)

  /** All that there is of a bundle. */
  const list = async (bundle: string): Promise<readonly string[]> => {
    const parts = ['p', 'd'].map(async (kind) => {
      const names = await readdir(join(folder, `${bundle}.${kind}`)).catch(orNothing([]))
      return names.map((name) => `${bundle}.${kind}/${name}`)
    })
    const full = (await read(bundle)) === undefined ? [] : [bundle]
    return [...full, ...(await Promise.all(parts)).flat()]
  }

  /** Writes durably in `.unfinished`, then names the file. The name is durable before it returns. */
  const write = async (path: string, bytes: Uint8Array, name: typeof rename): Promise<void> => {
    const target = join(folder, archivePath(path))
    const beside = join(folder, unfinished, unique())
    await makeFolder(dirname(beside))
    await makeFolder(dirname(target))
    try {
      await writeFile(beside, bytes, { flag: 'wx', flush: true })
      await name(beside, target)
    } finally {
      await unlink(beside).catch(() => undefined)
    }
    await syncFolder(dirname(target))
  }

  const put = (path: string, bytes: Uint8Array): Promise<void> =>
    write(path, bytes, (beside, target) =>
      link(beside, target).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
        mustEqual(path, await get(path), bytes)
      }),
    )

  const replace = async (log: string, size: number, note: string): Promise<void> => {
    const path = `${log}/checkpoint`
    if (mayReplace(await get(path), log, size)) await write(path, Buffer.from(note), rename)
  }

  let last: Promise<unknown> = Promise.resolve()
  return {
    put,
    get,
    async grownFrom(log, size) {
      return grownTo(log, size, await list(bundleAfter(archivePath(log), size)))
    },
    async publish(log, size, note) {
      const standing = await keepCheckpoint({ put, get }, log, size, note)
      // One after another, so that a slow write of a smaller size replaces nothing.
      const turn = last.then(() => replace(log, size, standing))
      last = turn.catch(() => undefined)
      await turn
    },
  }
}

/** Catches the error of a file or folder that is not there, and gives `instead`. */
const orNothing =
  <T>(instead: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (nothingThere.includes(String(error.code))) return instead
    throw error
  }

async function makeDurable(path: string, top: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  for (let each = path; each.length >= top.length; each = dirname(each))
    await syncFolder(dirname(each))
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; there NTFS decides when a rename is durable.
  if (process.platform === 'win32') return
  const opened = await open(folder, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}
