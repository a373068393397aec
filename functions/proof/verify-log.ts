/**
 * Verifies exported logs with only the export, pinned keys and what people hold against it: every byte that
 * the gateway keeps of a log is compared with all others and with what was signed.
 * Pure: the caller supplies the files.
 */

import { rootOf } from '../ledger/merkle.ts'
import {
  type ExportFiles,
  keysFile,
  lineOf,
  logKeyOf,
  logsFile,
  millisecondsOf,
  readExactly,
  readJsonFile,
  type Trust,
} from '../ledger/verify-files.ts'
import { readCheckpoints, seenAt } from './verify-checkpoints.ts'
import { readEntries } from './verify-entries.ts'
import { findingList, type LogFinding, type Report } from './verify-findings.ts'
import type { VerifiedLog } from './verify-memory.ts'
import {
  checkProof,
  checkReceipt,
  checkTree,
  type HeldFile,
  type HeldProof,
  type HeldReceipt,
  type HeldTree,
  readProofs,
  readReceipts,
  readTrees,
  type SeenLogs,
} from './verify-memory.ts'
import { checkEntries, checkHead, checkNewest, checkRoots, readHead } from './verify-sealing.ts'
import { checkStamps } from './verify-stamps.ts'
import { type Calls, checkTimes, readCalls } from './verify-times.ts'
import { frontiersAt, readTree } from './verify-tree.ts'
import { keysOf, type TrustFile, type Word, weakest, wordOf } from './verify-trust.ts'

/** What to verify, and against what. */
export type ToVerify = {
  readonly files: ExportFiles
  /** The pinned keys; without them, the keys that the export itself publishes. */
  readonly trust?: Trust & Pick<TrustFile, 'agencies' | 'authorities' | 'sources'>
  /** Milliseconds since the epoch. The export states its own time, which may not be later. */
  readonly now: number
  readonly receipts?: readonly HeldFile[]
  readonly proofs?: readonly HeldFile[]
  /** Checkpoints that people kept. */
  readonly checkpoints?: readonly HeldFile[]
  /** Signed calls, one a line: see `callLine`. */
  readonly calls?: readonly HeldFile[]
  /** What was seen of the logs before, and the file that states it. */
  readonly since?: { readonly name: string; readonly seen: SeenLogs }
  /** Called now and then with the number read so far. */
  readonly progress?: (log: string, what: 'entries' | 'leaves', count: number) => void
}

/** The verdict. Programs may rely on these names. */
export type Verdict = {
  /** Whether nothing was found, except late entries or stamps. */
  readonly whole: boolean
  /** How many entries, and how many stamps, are late. */
  readonly late: number
  readonly stampsLate: number
  /** The time of the export. */
  readonly at: string | null
  readonly witnesses: number
  readonly quorum: number
  readonly logs: readonly VerifiedLog[]
  readonly findings: readonly LogFinding[]
  /** How many findings are not listed. */
  readonly unlisted: number
  readonly warnings: readonly string[]
  /** Who vouches for the keys: the weakest of those used. */
  readonly word: Word
}

/** Verifies every log of an export. Rejects only if a file cannot be read. */
export async function verifyLogs(question: ToVerify): Promise<Verdict> {
  const { files, receipts = [], proofs = [], checkpoints = [], since } = question
  const list = findingList()
  const report = list.reportOf(null)
  const published = await readJsonFile(files, 'keys.json', keysFile)
  const trust = question.trust ?? published
  const bytes = await files.get('logs.json')
  const found = bytes && readExactly(lineOf(bytes), logsFile)
  const at = found && millisecondsOf(found.at)
  if (published === undefined) report('form', { file: 'keys.json' }, 'it is not a list of keys')
  if (found === undefined || at === undefined)
    report('form', { file: 'logs.json' }, 'it is not a list of logs')
  else if (at > question.now) report('form', { file: 'logs.json' }, 'its time has not come yet')
  if (trust === undefined || found === undefined || at === undefined)
    return verdict([], null, { witnesses: [], quorum: 0 })
  if (published !== undefined) comparePublished(published, trust, report)
  const held = {
    receipts: await readReceipts(receipts, trust, list),
    proofs: readProofs(proofs, list),
    trees: readTrees(since, checkpoints, list),
    calls: question.calls && readCalls(question.calls, list),
  }
  nameMissing(found.logs, trust, held, report)
  const logs: VerifiedLog[] = []
  for (const log of found.logs) {
    const word = (key: string) => (question.trust ? wordOf(key, question.trust) : 'file')
    const pinned = question.trust ?? {}
    const context = { ...question, word, pinned, trust, published: published ?? trust, held, at }
    logs.push(await verifyLog(log, context, list.reportOf(log)))
  }
  // Emptying a log leaves nothing in it that could contradict that.
  if (logs.every(({ entries, size, signed }) => entries + size + signed === 0))
    report('empty', { file: 'logs.json' }, 'no log has an entry')
  return verdict(logs, found.at, trust)

  function verdict(
    logs: readonly VerifiedLog[],
    at: string | null,
    { witnesses, quorum }: Pick<Trust, 'witnesses' | 'quorum'>,
  ): Verdict {
    const warning =
      'no keys were pinned: the keys that the export itself publishes were trusted, which whoever made it chose'
    return {
      whole: list.faults() === 0,
      late: list.late(),
      stampsLate: list.stampsLate(),
      at,
      witnesses: witnesses.length,
      quorum,
      logs,
      findings: list.findings,
      unlisted: list.unlisted(),
      warnings: question.trust === undefined ? [warning] : [],
      word: weakest(logs.flatMap(({ keys }) => keys)),
    }
  }
}

type Held = {
  readonly receipts: readonly HeldReceipt[]
  readonly proofs: readonly HeldProof[]
  readonly trees: readonly HeldTree[]
  readonly calls: Calls | undefined
}

/** Reports pinned keys that are no longer published, so that verifiers would miss them. */
function comparePublished(published: Trust, trust: Trust, report: Report): void {
  const idsOf = ({ logs, witnesses, receipts }: Trust): readonly string[] => [
    ...[...logs, ...witnesses].map(({ name, keyId }) => `${name}+${keyId}`),
    ...receipts.keys.map(({ kid, x, y }) => `${kid} ${x} ${y}`),
  ]
  const there = new Set(idsOf(published))
  const gone = idsOf(trust).filter((each) => !there.has(each))
  if (gone.length > 0)
    report('keys-differ', { file: 'keys.json' }, `it lacks pinned keys: ${gone.join(', ')}`)
}

/** Reports missing logs of which somebody pinned the key, or holds something. */
function nameMissing(logs: readonly string[], trust: Trust, held: Held, report: Report): void {
  for (const { name } of trust.logs)
    if (!logs.includes(name)) report('log-missing', { file: 'logs.json' }, `${name} is not there`)
  for (const { name, payload } of held.receipts)
    if (!logs.includes(payload.log))
      report('log-missing', { file: name, entry: payload.eid }, `${payload.log} is not there`)
  for (const { name, checkpoint, proof } of held.proofs)
    if (!logs.includes(checkpoint.origin))
      report('log-missing', { file: name, index: proof.index }, `${checkpoint.origin} is not there`)
  for (const { name, origin, size } of held.trees)
    if (size > 0 && !logs.includes(origin))
      report('log-missing', { file: name }, `${origin} is not there`)
}

type Context = ToVerify & {
  readonly trust: Trust
  readonly published: Trust
  readonly held: Held
  readonly at: number
  readonly word: (key: string) => Word
  /** The pinned agencies and authorities. What the export says of them is not trusted. */
  readonly pinned: Pick<TrustFile, 'agencies' | 'authorities' | 'sources'>
}

async function verifyLog(
  log: string,
  { files, trust, pinned, published, held, at, now, progress, word }: Context,
  report: Report,
): Promise<VerifiedLog> {
  const key = logKeyOf(log, trust)
  if (key === undefined) report('unknown-key', { file: 'logs.json' }, `no pinned key is of ${log}`)
  const others = [...published.logs, ...published.witnesses]
  const { all: checkpoints, published: newestSize } =
    key === undefined
      ? { all: [], published: undefined }
      : await readCheckpoints(files, log, key, trust, others, report)
  const signed = checkpoints.map(({ size }) => size)
  const receipts = held.receipts.filter(({ payload }) => payload.log === log)
  const proofs = held.proofs.filter(({ checkpoint }) => checkpoint.origin === log)
  const trees = held.trees.filter(({ origin }) => origin === log)
  const receipted = new Set(receipts.map(({ payload }) => payload.eid))
  const called = held.calls ?? new Map<string, string>()
  const entries = await readEntries(files, log, receipted, called, report, (count) =>
    progress?.(log, 'entries', count),
  )
  const tree = await readTree({
    files,
    log,
    entries,
    signed,
    report,
    progress: (count) => progress?.(log, 'leaves', count),
  })
  const head = await readHead(files, log, report)
  const { length } = tree.hashes
  const claimed = [...proofs.map((each) => each.checkpoint), ...trees].map(({ size }) => size)
  const sizes = [...signed, head?.size ?? 0, length, ...claimed]
  const frontiers = frontiersAt(sizes, tree)
  const signedSize = Math.max(0, ...signed)
  const context = {
    files,
    log,
    entries,
    tree,
    frontiers,
    checkpoints,
    signedSize,
    head,
    at,
    now,
    report,
  }
  checkRoots(context)
  const { indexOf, pending } = checkEntries(context)
  checkNewest(context, newestSize)
  const { calls } = held
  const agencies = await checkTimes(context, indexOf, { calls, trust: pinned })
  const stamps = await checkStamps(context, indexOf, pinned)
  await checkHead(context, indexOf)
  for (const receipt of receipts) checkReceipt(receipt, context, indexOf)
  if (key !== undefined) for (const proof of proofs) checkProof(proof, context, key, trust)
  for (const each of trees) checkTree(each, context, key)

  const newest = checkpoints.findLast(({ size }) => size === signedSize)
  const keys = newest && key ? keysOf(key, newest.cosigners, trust, word) : []
  const seen = newest && seenAt(newest)
  const whole = frontiers.get(length)
  return {
    log,
    entries: entries.size,
    size: length,
    root: whole === undefined ? null : Buffer.from(rootOf(whole)).toString('base64'),
    signed: signedSize,
    signedRoot: newest === undefined ? null : Buffer.from(newest.root).toString('base64url'),
    cosigned: newest?.cosigners.length ?? 0,
    seen: seen === undefined ? null : new Date(seen).toISOString(),
    pending,
    keys: [...keys, ...agencies],
    stamps,
  }
}
