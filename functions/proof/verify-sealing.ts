/** Checks a rebuilt log against what was signed, its entries, its head and its seals. */

import { type Frontier, rootOf } from '../ledger/merkle.ts'
import {
  type ExportFiles,
  type HeadFile,
  headFile,
  lineOf,
  millisecondsOf,
  readExactly,
  sealLine,
} from '../ledger/verify-files.ts'
import { type Checkpoints, type SignedCheckpoint, seenAt } from './verify-checkpoints.ts'
import type { KeptEntry } from './verify-entries.ts'
import { type Report, sealWithinMs } from './verify-findings.ts'
import type { Tree } from './verify-tree.ts'

/** A log with everything that was read of it. */
export type Rebuilt = {
  readonly files: ExportFiles
  readonly log: string
  readonly entries: ReadonlyMap<string, KeptEntry>
  readonly tree: Tree
  readonly frontiers: ReadonlyMap<number, Frontier>
  readonly checkpoints: readonly SignedCheckpoint[]
  /** The size of the largest checkpoint. */
  readonly signedSize: number
  readonly head: HeadFile | undefined
  /** The time of the export, and the time of verifying, milliseconds since the epoch. */
  readonly at: number
  readonly now: number
  readonly report: Report
}

/** Checks each checkpoint against the leaves; then any two checkpoints are consistent. */
export function checkRoots({ tree, frontiers, checkpoints, report }: Rebuilt): void {
  let agreed = 0
  for (const { file, size, root } of checkpoints) {
    const frontier = frontiers.get(size)
    const { length } = tree.hashes
    if (size > length)
      report('truncated', { file, index: length }, `it is of ${size} entries; there are ${length}`)
    else if (frontier && Buffer.compare(rootOf(frontier), root) !== 0)
      report(
        'root-differs',
        { file, index: Math.min(agreed, size) },
        `the leaves give another root than was signed; the first ${Math.min(agreed, size)} are as signed`,
      )
    else if (frontier) agreed = Math.max(agreed, size)
  }
}

/**
 * Checks that every entry is there, is what was sealed, and was sealed in time. Gives the index of each, and
 * how many still have time to be sealed and signed.
 */
export function checkEntries(rebuilt: Rebuilt): {
  readonly indexOf: ReadonlyMap<string, number>
  readonly pending: number
} {
  const { log, entries, tree, signedSize, at, report } = rebuilt
  const file = `${log}/entries.ndjson`
  const indexOf = new Map<string, number>()
  let unsigned: number | undefined
  for (const [index, entry] of tree.eids.entries()) {
    if (entry === undefined) continue
    if (indexOf.has(entry)) {
      const where = { file: `${log}/manifests.ndjson`, entry, index }
      report('entry-twice', where, 'the entry has two places')
      continue
    }
    indexOf.set(entry, index)
    const kept = entries.get(entry)
    if (kept === undefined)
      report('entry-missing', { file, entry, index }, 'it is in the tree, and its entry is gone')
    if (index >= signedSize) unsigned = Math.min(unsigned ?? at, kept?.ms ?? at)
  }
  let pending = 0
  for (const [entry, kept] of entries) {
    const { line, hash, ms, wrong } = kept
    const index = indexOf.get(entry)
    const where = { file, line, entry, ...(index === undefined ? {} : { index }) }
    const sealed = index === undefined ? undefined : tree.hashes[index]
    const isAnother = sealed !== undefined && Buffer.from(sealed).toString('hex') !== hash
    const wrongs = isAnother ? [...wrong, 'its leaf is not the one in the tree'] : wrong
    if (wrongs.length > 0) report('entry-changed', where, wrongs.join('; '))
    if (index !== undefined) continue
    if (ms === undefined || ms + sealWithinMs < at)
      report('unsealed', where, 'it has no place in the log')
    else pending += 1
  }
  if (unsigned === undefined) return { indexOf, pending }
  if (unsigned + sealWithinMs >= at)
    return { indexOf, pending: pending + tree.hashes.length - signedSize }
  const where = { file: `${log}/checkpoint`, index: signedSize }
  report('unsigned', where, `${tree.hashes.length - signedSize} entries are in no signed tree`)
  return { indexOf, pending }
}

/**
 * Reports a checkpoint that is kept and should be published by now: a growing log publishes it a little after
 * keeping it. Witnesses say since when it is kept. Where none does, nobody knows; then what it covers is overdue
 * once one of its entries says that it has waited for too long to be published.
 */
export function checkNewest(rebuilt: Rebuilt, published: Checkpoints['published']): void {
  const { log, checkpoints, tree, at, report } = rebuilt
  if (published === undefined) return
  const from = published ?? 0
  const due = tree.eids.findIndex((entry, index) => index >= from && isDue(entry, rebuilt))
  const isOverdue = (each: SignedCheckpoint): boolean => {
    const seen = seenAt(each)
    return seen === undefined ? due >= 0 && due < each.size : seen + sealWithinMs < at
  }
  const overdue = checkpoints.find((each) => each.size > from && isOverdue(each))
  if (overdue === undefined) return
  const file = `${log}/checkpoint`
  const since =
    seenAt(overdue) === undefined
      ? `no witness says since when, but its entry ${due} is older than ${sealWithinMs / 1000} s`
      : `witnesses saw it more than ${sealWithinMs / 1000} s ago`
  if (published === null)
    report(
      'missing',
      { file },
      `none is published, and one of ${overdue.size} entries is kept: ${since}`,
    )
  else
    report(
      'checkpoint-differs',
      { file },
      `a larger one is kept, of ${overdue.size} entries: ${since}`,
    )
}

/** The head of a log; undefined if there is none, or it cannot be read. */
export async function readHead(
  files: ExportFiles,
  log: string,
  report: Report,
): Promise<HeadFile | undefined> {
  const file = `${log}/head.json`
  const bytes = await files.get(file)
  const head = bytes && readExactly(lineOf(bytes), headFile)
  if (bytes !== undefined && head === undefined) report('form', { file }, 'it is not a head')
  return head
}

/** Checks that the head fits the tree, and that every entry is marked with its place. */
export async function checkHead(
  rebuilt: Rebuilt,
  indexOf: ReadonlyMap<string, number>,
): Promise<void> {
  const { files, log, tree, head, signedSize, report } = rebuilt
  const file = `${log}/head.json`
  const isBegun = signedSize > 0 || isDue(tree.eids[0], rebuilt)
  if (head === undefined && isBegun && (await files.get(file)) === undefined)
    report('missing', { file }, 'the log has no head')
  const wrong = head === undefined ? [] : wrongIn(head, rebuilt, indexOf)
  if (wrong.length > 0) report('head-differs', { file }, wrong.join('; '))
  await checkSeals(rebuilt, head?.marked ?? 0)
}

function wrongIn(
  { size, root, frontier, marked, sweptUntil }: HeadFile,
  rebuilt: Rebuilt,
  indexOf: ReadonlyMap<string, number>,
): readonly string[] {
  const { entries, tree, frontiers, signedSize, at } = rebuilt
  const grown = frontiers.get(size)
  const swept = sweptUntil === '' ? 0 : (millisecondsOf(sweptUntil) ?? 0)
  const isWaiting = ([eid, { ms }]: [string, KeptEntry]) =>
    (indexOf.get(eid) ?? marked) >= marked && (ms ?? at) < swept
  const waiting = swept > 0 && [...entries].some(isWaiting)
  const isOld = isDue(tree.eids[size - 1], rebuilt)
  return [
    ...(size < signedSize ? [`it counts ${size} entries, and ${signedSize} are signed`] : []),
    ...(size > tree.hashes.length ? [`it counts ${size} entries`] : []),
    ...(grown && Buffer.compare(rootOf(grown), root) !== 0
      ? ['it has another root than the leaves give']
      : []),
    ...(grown && !Buffer.concat(grown.hashes).equals(frontier) ? ['it has another frontier'] : []),
    ...(marked > size || (marked < size && isOld) ? [`it has marked ${marked} of ${size}`] : []),
    ...(swept > at || waiting ? ['it has swept past an entry that is not in the tree'] : []),
  ]
}

async function checkSeals(rebuilt: Rebuilt, marked: number): Promise<void> {
  const { files, log, tree, report } = rebuilt
  const file = `${log}/seals.ndjson`
  const sealed = new Set<number>()
  let line = 0
  for await (const text of files.lines(file)) {
    line += 1
    const seal = readExactly(text, sealLine)
    if (seal === undefined) report('form', { file, line }, 'the line is not a seal')
    else if (tree.eids[seal.index] === seal.eid) sealed.add(seal.index)
    else
      report(
        'seal-differs',
        { file, line, entry: seal.eid, index: seal.index },
        'this entry is not at this index',
      )
  }
  for (const [index, entry] of tree.eids.entries())
    if (entry !== undefined && !sealed.has(index) && (index < marked || isDue(entry, rebuilt)))
      report('seal-missing', { file, entry, index }, 'no line says that the entry is in the tree')
}

/** Whether an entry is older than the time that sealing may take. */
const isDue = (entry: string | undefined, { entries, at }: Rebuilt): boolean =>
  entry !== undefined && (entries.get(entry)?.ms ?? at) + sealWithinMs < at
