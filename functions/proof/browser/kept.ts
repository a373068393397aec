/**
 * What a browser keeps for its reader, in its storage for this address alone (`localStorage`): a trust file, and the
 * newest tree of each log that was found to hold. Nothing of it is sent, and none of it is about a person. Whoever
 * serves the pages could read it and change it, as any script of theirs could: a copy elsewhere is the stronger memory.
 */

import type * as z from 'zod'
import type { Checkpoint } from '../../ledger/checkpoint.ts'
import { seenFile } from '../verify-memory.ts'
import { type TrustFile, trustFile } from '../verify-trust.ts'
import { readAsJson } from './shown.ts'

type Storage = {
  readonly length: number
  key(at: number): string | null
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}

/** The browser's storage; undefined where a reader has turned it off, which throws. */
function storage(): Storage | undefined {
  try {
    return (globalThis as unknown as { readonly localStorage?: Storage }).localStorage
  } catch {
    return undefined
  }
}

const trustName = 'comity trust'
const seenName = (log: string): string => `comity seen ${log}`

/** The trust file that this browser keeps. */
export const keptTrust = (): TrustFile | undefined => readKept(trustName, trustFile)

/** Keeps the text of a trust file, which was read before; false where the browser keeps nothing. */
export const keepTrust = (text: string): boolean => keep(trustName, text)

/** Forgets it. */
export const forgetTrust = (): void => storage()?.removeItem(trustName)

/** The logs of which this browser keeps a tree. */
export function keptLogs(): readonly string[] {
  const kept = storage()
  const names = Array.from({ length: kept?.length ?? 0 }, (_, at) => kept?.key(at) ?? '')
  const logs = names.flatMap((name) =>
    name.startsWith(seenName('')) ? [name.slice(seenName('').length)] : [],
  )
  return logs.filter((log) => keptTree(log) !== undefined).sort()
}

/** The tree of a log that this browser saw last, and when. */
export function keptTree(
  log: string,
): (Pick<Checkpoint, 'size' | 'root'> & { readonly at: string }) | undefined {
  const seen = readKept(seenName(log), seenFile)
  const [tree] = seen?.logs ?? []
  return seen === undefined || tree?.log !== log ? undefined : { ...tree, at: seen.at }
}

/** Keeps the tree of a log that was found to hold, as `comity log verify --since` would; false if it cannot. */
export function keepTree({ origin: log, size, root }: Checkpoint, at: string): boolean {
  const logs = [{ log, size, root: Buffer.from(root).toString('base64url') }]
  return keep(seenName(log), JSON.stringify({ v: 1, at, logs }))
}

/** Forgets the tree of a log. */
export const forgetTree = (log: string): void => storage()?.removeItem(seenName(log))

function readKept<T>(name: string, schema: z.ZodType<T>): T | undefined {
  const text = storage()?.getItem(name)
  const read = text == null ? undefined : readAsJson(text, schema)
  return read !== undefined && 'data' in read ? read.data : undefined
}

function keep(name: string, text: string): boolean {
  try {
    const kept = storage()
    kept?.setItem(name, text)
    return kept !== undefined
  } catch {
    // It is full, or refused.
    return false
  }
}
