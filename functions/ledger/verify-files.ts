/** The files of an exported log, read strictly, so that no byte in them can vary. */

import * as z from 'zod'
import { parseVkey, type VerifierKey, verifierKey } from './note.ts'

/** An export: a folder, or something like one. Paths are relative to it, with slashes. */
export type ExportFiles = {
  /** The bytes of a file, or undefined if it is not there. */
  get(path: string): Promise<Uint8Array | undefined>
  /** The lines of a file without line ends; none if the file is missing. */
  lines(path: string): AsyncIterable<string>
  /** The names of the files in a folder; none if the folder is missing. */
  list(folder: string): Promise<readonly string[]>
}

const b64 = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) context.addIssue('not base64url')
  return bytes
})
/** 32 bytes in base64url. */
export const hash = b64.refine(({ length }) => length === 32)
const id = z.string().refine((text) => hash.safeParse(text).success)
/** A whole number, from 0. */
export const count = z.int().nonnegative()
/** A valid UTC time with milliseconds. */
export const instant = z.string().refine((text) => millisecondsOf(text) !== undefined)

/** A line of `entries.ndjson`: an item of the table of decisions. */
export const entryLine = z.strictObject({
  eid: id,
  leaf: b64,
  lh: hash,
  ev: b64,
  kid: z.string(),
  att: z.string(),
  ts: z.string(),
  log: z.string(),
  logShard: z.string(),
})
export type EntryLine = z.infer<typeof entryLine>

/** A line of `manifests.ndjson`: 64 bytes for each entry, its id and its leaf hash. */
export const manifestLine = z.strictObject({
  start: count,
  placed: b64.refine(({ length }) => length > 0 && length % 64 === 0),
})

/** A line of `seals.ndjson`. */
export const sealLine = z.strictObject({ eid: id, index: count })

/** `head.json`. */
export const headFile = z.strictObject({
  size: count,
  root: hash,
  frontier: b64,
  marked: count,
  sweptUntil: z.union([z.literal(''), instant]),
})
export type HeadFile = z.infer<typeof headFile>

/** `logs.json`: the logs, and when they were exported. */
export const logsFile = z.strictObject({
  v: z.literal(1),
  gateway: z.string(),
  at: instant,
  logs: z.array(z.string().refine(isLogName)),
})

const vkey = (type: 1 | 4) =>
  z.string().transform((text, context): VerifierKey => {
    const read = parseVkey(text)
    if ('key' in read && read.key.type === type) return read.key
    context.addIssue('wrong' in read ? read.wrong : `a key of type ${type} is wanted`)
    return z.NEVER
  })

/**
 * `keys.json`, or the keys that a verifier pins: of logs and witnesses (C2SP vkeys), how many witnesses must
 * cosign, and of receipts (RFC 7517). Other members are not used to verify logs.
 */
export const keysFile = z.looseObject({
  v: z.literal(1),
  logs: z.array(vkey(1)),
  witnesses: z.array(vkey(4)),
  quorum: count,
  receipts: z.looseObject({
    keys: z.array(
      z.looseObject({
        kid: z.string(),
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        x: z.string(),
        y: z.string(),
      }),
    ),
  }),
})
/** Keys that somebody trusts. */
export type Trust = z.infer<typeof keysFile>

/**
 * The pinned key of a log: the one with its name, or else the newest one of another log of the same jurisdiction, since a
 * log that begins with a year is signed by the key of the year before, and one of looks by that of the log beside it.
 */
export function logKeyOf(log: string, { logs }: Trust): VerifierKey | undefined {
  const own = logs.find(({ name }) => name === log)
  const family = log.slice(0, log.lastIndexOf('/') + 1)
  const [newest] = logs
    .filter(({ name }) => name.slice(0, name.lastIndexOf('/') + 1) === family)
    .sort((a, b) => (newestFirst(a.name) < newestFirst(b.name) ? 1 : -1))
  return own ?? (newest && verifierKey(log, 1, newest.publicKey))
}

/** A log's name by its year, and of one year that of looks after the other. */
const newestFirst = (name: string): string => name.slice(-4) + name

/** Whether a text is a log's name, and, as a path, stays inside the export. */
export function isLogName(text: string): boolean {
  return /^(?!.*\.\.)[A-Za-z0-9._-]+\/[a-z]+\/(looks-)?[0-9]{4}$/.test(text)
}

/**
 * Reads a line or small file as JSON that fits a schema and is written exactly as `JSON.stringify` writes it,
 * so that no other bytes could say the same; undefined if it is not.
 */
export function readExactly<T>(text: string, schema: z.ZodType<T>): T | undefined {
  const value = jsonOf(text)
  if (value === undefined || writtenAs(value) !== text) return undefined
  const { success, data } = schema.safeParse(value)
  return success ? data : undefined
}

/** As `JSON.stringify` writes a value; undefined if it is nested too deep for that, though it could be read. */
function writtenAs(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** Reads a file as JSON in any layout; undefined if it is missing or the schema refuses it. */
export async function readJsonFile<T>(
  files: ExportFiles,
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const bytes = await files.get(path)
  return bytes && schema.safeParse(jsonOf(textOf(bytes))).data
}

/** Milliseconds since the epoch of a time such as `2026-11-24T22:25:46.123Z`; undefined if it is not one. */
export function millisecondsOf(ts: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(ts) ? Date.parse(ts) : Number.NaN
  return Number.isNaN(ms) || new Date(ms).toISOString() !== ts ? undefined : ms
}

/** The one line of a file, without its end. */
export const lineOf = (bytes: Uint8Array): string => textOf(bytes).replace(/\n$/, '')

/** Bytes as UTF-8. */
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
