/** Checks each entry by itself: its leaf, and everything kept beside it. */

import canonicalize from 'canonicalize'
import * as z from 'zod'
import { isUncalled, keptDigest, type Leaf, leafHash, logOf, newerIn } from '../ledger/entry.ts'
import { looksLogOf } from '../ledger/looks-log.ts'
import { type ReceiptPayload, receiptPayload } from '../ledger/receipt.ts'
import {
  type EntryLine,
  type ExportFiles,
  entryLine,
  millisecondsOf,
  readExactly,
  textOf,
} from '../ledger/verify-files.ts'
import { tipSchema } from '../policy/chain.ts'
import type { Report } from './verify-findings.ts'

/** What verifying the log needs of an entry. */
export type KeptEntry = {
  readonly line: number
  /** Hash of its leaf, in hex: a log may have a million of them. */
  readonly hash: string
  /** Milliseconds since the epoch; absent if the leaf could not be read. */
  readonly ms?: number
  /** How its parts contradict each other, in words. */
  readonly wrong: readonly string[]
  /** What a receipt of it must say, if there is one. */
  readonly payload?: ReceiptPayload
  /** Whether no agency's call made it: the gateway's own, and looks on pages. */
  readonly own?: true
  /** What its leaf says of its call, if somebody holds the call. */
  readonly called?: Pick<Leaf, 't' | 'req'>
}

/** Reads the entries of a log, by id. `receipted` and `called` are the ids with a receipt or a call. */
export async function readEntries(
  files: ExportFiles,
  log: string,
  receipted: ReadonlySet<string>,
  called: { has(eid: string): boolean },
  report: Report,
  progress: (entries: number) => void,
): Promise<ReadonlyMap<string, KeptEntry>> {
  const file = `${log}/entries.ndjson`
  const entries = new Map<string, KeptEntry>()
  let line = 0
  for await (const text of files.lines(file)) {
    line += 1
    if (line % 10_000 === 0) progress(line)
    const item = readExactly(text, entryLine)
    if (item === undefined) report('form', { file, line }, 'the line is not an entry')
    else if (entries.has(item.eid))
      report('entry-twice', { file, line, entry: item.eid }, 'the entry is there twice')
    else entries.set(item.eid, check(item, line))
  }
  return entries

  function check(item: EntryLine, line: number): KeptEntry {
    const where = { file, line, entry: item.eid }
    const hash = leafHash(item.leaf)
    const leaf = leafIn(item.leaf)
    if (leaf === undefined) report('leaf-form', where, newerIn(item.leaf) ?? notALeaf)
    else if (leaf.log !== log) report('entry-elsewhere', where, `its leaf belongs to ${leaf.log}`)
    else if (!belongs(leaf))
      report(
        'entry-elsewhere',
        where,
        'its leaf is of another jurisdiction, year or kind than its log',
      )
    const wrong = [
      ...(hash.equals(item.lh) ? [] : ['its leaf has another hash than `lh`']),
      ...(leaf === undefined ? [] : unlike(item, leaf)),
    ]
    const ms = leaf && millisecondsOf(leaf.ts)
    return {
      line,
      hash: hash.toString('hex'),
      wrong: wrong.length === 0 ? nothing : wrong,
      ...(ms === undefined ? {} : { ms }),
      ...(leaf && isUncalled(leaf) ? { own: true as const } : {}),
      ...(leaf && called.has(item.eid) ? { called: { t: leaf.t, req: leaf.req } } : {}),
      ...(leaf && receipted.has(item.eid) ? { payload: receiptPayload(leaf, hash) } : {}),
    }
  }
}

const notALeaf = 'its leaf is not canonical, or of no form or version that is known'
/** Shared by all: a log may have a million sound entries. */
const nothing: readonly string[] = []

/** Which attributes of the item differ from its leaf. */
function unlike(item: EntryLine, leaf: Leaf): readonly string[] {
  // FORMAT.md: the first of the id's 32 bytes, mod 4.
  const shard = Buffer.from(leaf.eid, 'base64url').readUInt8() % 4
  const said = { eid: leaf.eid, ts: leaf.ts, log: leaf.log, logShard: `${leaf.log}#${shard}` }
  const named = (['eid', 'ts', 'log', 'logShard'] as const)
    .filter((name) => item[name] !== said[name])
    .map((name) => `its \`${name}\` is not what its leaf says`)
  const beside = { attempt: item.att, kid: item.kid, ciphertext: item.ev }
  return leaf.kept === undefined || leaf.kept === keptDigest(beside)
    ? named
    : [...named, 'what is kept beside its leaf was changed']
}

/**
 * Whether a leaf names a log that it may stand in: of its own jurisdiction and year, and of looks only with a look of that
 * jurisdiction's own people, or a statement that one rests on. Older looks stand in the other log.
 */
export function belongs({ log, t, hj, aj, ts }: Leaf): boolean {
  const own = logOf(log.slice(0, log.indexOf('/')), hj, ts)
  const isOfLooks = hj === aj && (t === 'consultation' || t === 'statement')
  return log === own || (isOfLooks && log === looksLogOf(own))
}

const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const hex = z.string().regex(/^[0-9a-f]{64}$/)
const policies = z.array(
  z.strictObject({ id: z.string(), version: z.string(), digest: z.string() }),
)
/** What every version has. */
const leafShape = z.strictObject({
  t: z.string(),
  log: z.string(),
  eid: digest,
  ts: z.string().refine((ts) => millisecondsOf(ts) !== undefined),
  hj: z.string(),
  aj: z.string(),
  out: z.string().optional(),
  standing: z.string().optional(),
  dryRun: z.literal(true).optional(),
  previous: digest.optional(),
  law: z.strictObject({ set: hex, tip: tipSchema, broken: z.literal(true).optional() }).optional(),
  stated: tipSchema.extend({ chain: z.string() }).optional(),
  eng: z.string(),
  req: digest,
  pay: digest.optional(),
  d: z.record(z.string(), digest),
})
const older = { pol: policies, lists: policies }
const leafSchema = z.discriminatedUnion('v', [
  leafShape.extend({ v: z.literal(1), ...older }),
  leafShape.extend({ v: z.literal(2), ...older, kept: digest }),
  leafShape
    .extend({
      v: z.literal([3, 4, 5]),
      pol: z.array(z.string()).optional(),
      refs: digest.optional(),
      kept: digest,
    })
    .refine(({ pol, refs }) => (pol === undefined) === (refs === undefined)),
])

/** The leaf in these bytes, if it is canonical JSON of a known form and version; else undefined. */
export function leafIn(bytes: Uint8Array): Leaf | undefined {
  try {
    const value: unknown = JSON.parse(textOf(bytes))
    // Compares bytes, not text: decoding invalid UTF-8 would put other characters in its place.
    if (!Buffer.from(canonicalize(value) ?? '').equals(bytes)) return undefined
    const { success } = leafSchema.safeParse(value)
    // A cast: the schema has said so.
    return success ? (value as Leaf) : undefined
  } catch {
    return undefined
  }
}
