/**
 * Logs as somebody would forge them who may write everywhere: every file fits every other one. Only
 * what was signed, and what people hold, is out of reach.
 */

import { checkpointText } from '../../functions/ledger/checkpoint.ts'
import { leafHash } from '../../functions/ledger/entry.ts'
import { frontierOf, rootOf } from '../../functions/ledger/merkle.ts'
import {
  cosignText,
  signText,
  type VerifierKey,
  verifierKey,
  writeNote,
} from '../../functions/ledger/note.ts'
import { grownBundles, grownTiles } from '../../functions/ledger/tiles.ts'
import type { SigningKey } from '../../functions/ports.ts'
import { withPartials } from '../ledger/partials.ts'
import type { Changes, Exported, Files } from './exported.ts'

/** An item of the table of decisions, as exported. */
export type Item = Readonly<
  Record<'eid' | 'leaf' | 'lh' | 'ev' | 'log' | 'logShard' | 'ts', string>
>

/** The items of a log in the order of its manifests. */
export function itemsOf(files: Files, log: string): readonly Item[] {
  const byEid = new Map(
    linesOf<Item>(files, `${log}/entries.ndjson`).map((each) => [each.eid, each]),
  )
  return linesOf<{ placed: string }>(files, `${log}/manifests.ndjson`).flatMap(({ placed }) => {
    const bytes = bytesOf(placed)
    return Array.from({ length: bytes.length / 64 }, (_, at) => {
      const item = byEid.get(bytes.toString('base64url', at * 64, at * 64 + 32))
      if (item === undefined) throw new Error('a manifest names no entry')
      return item
    })
  })
}

/** An item whose leaf says something else, and fits it; with spaces, if it is not to be canonical. */
export function withLeaf(
  item: Item,
  change: Readonly<Record<string, unknown>>,
  spaces?: number,
): Item {
  const said = { ...JSON.parse(bytesOf(item.leaf).toString()), ...change }
  const sorted = Object.fromEntries(
    Object.keys(said)
      .sort()
      .map((name) => [name, said[name]]),
  )
  const leaf = Buffer.from(JSON.stringify(sorted, undefined, spaces))
  const { eid, ts, log } = said
  const logShard = `${log}#${bytesOf(eid).readUInt8() % 4}`
  return { ...item, eid, ts, log, logShard, leaf: b64(leaf), lh: b64(leafHash(leaf)) }
}

/**
 * All files of a log of these items, sealed in batches that end at these sizes, but its checkpoints.
 * `beside` are items that were never sealed.
 */
export async function forge(
  files: Files,
  log: string,
  items: readonly Item[],
  ends: readonly number[],
  beside: readonly Item[] = [],
): Promise<Changes> {
  const made = new Map<string, Uint8Array | string>()
  const manifests: object[] = []
  let start = 0
  for (const end of ends) {
    const batch = items.slice(start, end)
    const leaves = batch.map(({ leaf }) => bytesOf(leaf))
    const get = async (path: string) => {
      const bytes = made.get(`${log}/${path}`)
      return bytes === undefined ? undefined : Buffer.from(bytes)
    }
    const grown = [
      ...(await grownTiles(start, leaves.map(leafHash), get)),
      ...(await withPartials(await grownBundles(start, leaves, get), get)),
    ]
    for (const { path, bytes } of grown) made.set(`${log}/${path}`, bytes)
    const placed = batch.flatMap(({ eid }, at) => [
      bytesOf(eid),
      leafHash(leaves[at] ?? Buffer.alloc(0)),
    ])
    manifests.push({ start, placed: b64(Buffer.concat(placed)) })
    start = end
  }
  const sealed = items.slice(0, start)
  const frontier = frontierOf(sealed.map(({ leaf }) => leafHash(bytesOf(leaf))))
  const head = {
    size: start,
    root: b64(rootOf(frontier)),
    frontier: b64(Buffer.concat(frontier.hashes)),
    marked: start,
    sweptUntil: '',
  }
  const seals = sealed.map(({ eid }, index) => ({ eid, index }))
  const gone = [...files.keys()].filter((path) => path.startsWith(`${log}/tile/`))
  return {
    ...Object.fromEntries(gone.map((path) => [path, undefined])),
    ...Object.fromEntries(made),
    [`${log}/entries.ndjson`]: linesIn([...sealed, ...beside]),
    [`${log}/manifests.ndjson`]: linesIn(manifests),
    [`${log}/seals.ndjson`]: linesIn(seals),
    [`${log}/head.json`]: linesIn([head]),
  }
}

/** A checkpoint of these items as the log signs it, with a witness at each of these times. */
export async function noteOf(
  log: string,
  items: readonly Item[],
  by: SigningKey,
  witnesses: readonly (readonly [Cosigning, seconds: number])[],
): Promise<string> {
  const root = rootOf(frontierOf(items.map(({ leaf }) => leafHash(bytesOf(leaf)))))
  const text = checkpointText({ origin: log, size: items.length, root })
  const signatures = [await signText(text, verifierKey(log, 1, by.publicKey), by.sign)]
  for (const [{ key, signing }, seconds] of witnesses)
    signatures.push(await cosignText(text, key, seconds, signing.sign))
  return writeNote({ text, signatures })
}

/** What is sealed anew, what lies beside it, and how. */
export type Resealing = readonly [
  sealed: readonly Item[],
  beside?: readonly Item[],
  how?: {
    readonly witnesses?: readonly Cosigning[]
    readonly seconds?: readonly number[]
    readonly to?: readonly number[]
  },
]

/** An operator who has the log’s key: everything fits, and is signed, by these witnesses. */
export async function resealedBy(
  exported: Pick<Exported, 'files' | 'logKey' | 'witnesses'>,
  log: string,
  ends: readonly number[],
  ...[sealed, beside = [], how = {}]: Resealing
): Promise<Changes> {
  const { witnesses = exported.witnesses, seconds = [2, 604, 1206], to = ends } = how
  const notes: Record<string, string> = {}
  for (const [at, end] of to.entries()) {
    const seen = Date.parse('2026-11-25T09:00:00Z') / 1000 + (seconds[at] ?? 0)
    const by = witnesses.map((witness) => [witness, seen] as const)
    const note = await noteOf(log, sealed.slice(0, end), await exported.logKey, by)
    notes[`${log}/checkpoints/${end}`] = note
    notes[`${log}/checkpoint`] = note
  }
  const old = ends.map((end) => [`${log}/checkpoints/${end}`, undefined])
  return {
    ...Object.fromEntries(old),
    ...(await forge(exported.files, log, sealed, to, beside)),
    ...notes,
  }
}

/** The items with one and the next in each other's place. */
export function swappedAt(items: readonly Item[], at: number): readonly Item[] {
  const [one, two] = [items[at], items[at + 1]]
  if (one === undefined || two === undefined) throw new Error('no such items')
  return [...items.slice(0, at), two, one, ...items.slice(at + 2)]
}

/** A witness's key. */
export type Cosigning = { readonly key: VerifierKey; readonly signing: SigningKey }

/** Values of a file, a line each. */
export const linesOf = <T>(files: Files, path: string): readonly T[] =>
  Buffer.from(files.get(path) ?? '')
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

/** A line for each value. */
export const linesIn = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url')
const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
