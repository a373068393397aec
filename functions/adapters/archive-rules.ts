/** The rules of every archive: which paths it can have, and which checkpoint stands. */

import { ComityError, hasFailed } from '../failure.ts'
import { parseCheckpoint } from '../ledger/checkpoint.ts'
import { parseNote } from '../ledger/note.ts'
import { bundlePath, tileWidth } from '../ledger/tiles.ts'
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

/**
 * The paths of the bundles that may hold the entry after the first `size`, full or partial. `smallest` picks,
 * from the paths that are there, the size of the smallest tree that has this entry.
 */
export function bundlesAfter(log: string, size: number) {
  const index = Math.floor(size / tileWidth)
  const full = `${log}/${bundlePath(index, tileWidth)}`
  const partial = `${full}.p/`
  return {
    full,
    partial,
    smallest: (paths: readonly string[]): number | undefined =>
      paths
        .map((each) => (each === full ? tileWidth : Number(each.slice(partial.length))))
        .map((width) => index * tileWidth + width)
        .filter((each) => each > size)
        .sort((a, b) => a - b)[0],
  }
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
