/** The rules of every archive: which paths it can have, and which checkpoint stands. */

import { ComityError, hasFailed } from '../failure.ts'
import { parseCheckpoint } from '../ledger/checkpoint.ts'
import { parseNote } from '../ledger/note.ts'
import { bundlePath, partsOf, tileWidth } from '../ledger/tiles.ts'
import type { Archive } from '../log-ports.ts'

/** Parts of letters, digits, `.`, `_` and `-`. No part begins with a dot. */
const path = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/
const pathMax = 512

/** Returns the path if it can lead to no place but its own. Throws otherwise. */
export function archivePath(written: string): string {
  if (written.length > pathMax || !path.test(written))
    throw new ComityError('couldn’t use a path of the archive: it has other parts than names')
  return written
}

/** Throws unless the bytes already there are the same: otherwise the log was tampered with or has forked. */
export function mustEqual(path: string, there: Uint8Array | undefined, bytes: Uint8Array): void {
  if (there === undefined || !Buffer.from(there).equals(bytes))
    throw new ComityError(`couldn’t write ${path}: other bytes are there`, 'conflict')
}

/** The path of the bundle, once it is full, that holds the entry after the first `size`. */
export const bundleAfter = (log: string, size: number): string =>
  `${log}/${bundlePath(Math.floor(size / tileWidth), tileWidth)}`

/**
 * The size of the smallest tree above `size` that has the next entry, from the paths of its bundle, of its
 * partial ones and of what these gained, as far as they are there; undefined if there is none.
 */
export function grownTo(log: string, size: number, paths: readonly string[]): number | undefined {
  const index = Math.floor(size / tileWidth)
  const full = bundleAfter(log, size)
  return paths
    .map((each) => (each === full ? tileWidth : Number(/\.(?:p\/|d\/\d+-)(\d+)$/.exec(each)?.[1])))
    .map((width) => index * tileWidth + width)
    .filter((each) => each > size)
    .sort((a, b) => a - b)[0]
}

/**
 * A partial bundle, put together from what is there of it; undefined if `path` is of anything else, or its parts
 * are not all there. `list` gives the paths of all that a bundle has, full, partial or gained.
 */
export async function partialBundle(
  path: string,
  list: (bundle: string) => Promise<readonly string[]>,
  get: Archive['get'],
): Promise<Uint8Array | undefined> {
  const [, bundle, width] = /^(.+\/tile\/entries\/[x\d/]+)\.p\/(\d{1,3})$/.exec(path) ?? []
  if (bundle === undefined) return undefined
  const parts = partsOf(bundle, Number(width), await list(bundle))
  const read = await Promise.all((parts ?? []).map(get))
  const bytes = read.filter((each) => each !== undefined)
  return parts === undefined || bytes.length < read.length ? undefined : Buffer.concat(bytes)
}

/**
 * Keeps a checkpoint under its size for ever, and returns the note that stands there. After a crash, witnesses
 * cosign the same tree again, at other times; then the first note stands. Throws for another tree.
 */
export async function keepCheckpoint(
  { put, get }: Pick<Archive, 'put' | 'get'>,
  log: string,
  size: number,
  note: string,
): Promise<string> {
  const path = `${log}/checkpoints/${size}`
  const text = textOf(note)
  const { checkpoint } = readText(text, 'the note')
  if (checkpoint.origin !== log || checkpoint.size !== size)
    throw new ComityError(`couldn’t publish ${path}: the note is of another log or size`)
  try {
    await put(path, Buffer.from(note))
    return note
  } catch (error) {
    const there = hasFailed(error, 'conflict') ? await get(path) : undefined
    const standing = there === undefined ? '' : Buffer.from(there).toString()
    if (textOf(standing) !== text) throw error
    return standing
  }
}

/** Whether a checkpoint of `size` may replace the published one. A smaller one never may. */
export const mayReplace = (published: Uint8Array | undefined, log: string, size: number): boolean =>
  published === undefined ||
  readText(textOf(Buffer.from(published).toString()), `${log}/checkpoint`).checkpoint.size <= size

function textOf(note: string): string {
  const read = parseNote(note)
  return 'wrong' in read ? '' : read.note.text
}

function readText(text: string, what: string) {
  const read = parseCheckpoint(text)
  if ('wrong' in read)
    throw new ComityError(`couldn’t publish: ${what} is no checkpoint: ${read.wrong}`)
  return read
}
