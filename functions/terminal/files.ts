/** Files that somebody hands to a command, and those that it keeps; and the person in one. */

import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { type Subject, subjectSchema } from '../decision/record.ts'
import { faultOf } from '../failure.ts'
import { parseJson, placeOf } from '../policy/json-fault.ts'
import { misuse } from './exit.ts'

/**
 * The text of a file; `-` is standard input. A byte order mark at its beginning is no part of it (RFC 8259 §8.1). Throws
 * a Failure for what is not UTF-8: `Jörg` of another encoding would be read as somebody else, of whom nothing is held.
 */
export function readText(path: string): string {
  const bytes = readBytes(path)
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\ufeff/, '')
  throw misuse(
    `couldn’t read \`${path}\`: it is not UTF-8, so its letters would be read as others; save it as UTF-8`,
  )
}

/** The bytes of a file; `-` is standard input. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path)
  } catch (error) {
    throw misuse(`couldn’t read \`${path}\`: ${faultOf(error)}`)
  }
}

/** Reads a JSON file by a schema; names every fault with its place. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  const text = readText(path)
  const parsed = parseJson(text)
  if ('fault' in parsed) {
    const { line, column } = placeOf(text, parsed.fault.offset)
    throw misuse(`${path}:${line}:${column}: ${parsed.fault.message}`)
  }
  const result = schema.safeParse(parsed.value)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : ['']
    return keys.map(
      (key) => `${path}: /${[...issue.path, key].filter(String).join('/')}: ${issue.message}`,
    )
  })
  throw misuse(faults.flat().join('\n'))
}

/**
 * Writes a file whole or not at all, for its owner alone unless `mode` says more. Durable once it returns. Takes the place
 * of one that is there, unless `put` is `linkSync`: then it throws.
 */
export function writeWhole(file: string, text: string, mode = 0o600, put = renameSync): void {
  const folder = dirname(file)
  // INVARIANT (nobody's but ours): a file of its own each time, or whoever put one there before would read a key.
  const part = join(folder, `.${basename(file)}.${randomUUID()}.part`)
  writeFileSync(part, text, { mode, flush: true, flag: 'wx' })
  try {
    put(part, file)
  } finally {
    rmSync(part, { force: true })
  }
  // Windows does not open folders.
  if (process.platform === 'win32') return
  const opened = openSync(folder, 'r')
  fsyncSync(opened)
  closeSync(opened)
}

/** The person in a file of that person or of a request. Throws a Failure that says how a person is written. */
export function personIn(file: string): Subject {
  const value = readJson(file, z.unknown())
  const parsed = z
    .union([subjectSchema, z.looseObject({ subject: subjectSchema })])
    .safeParse(value)
  if (parsed.success) return 'subject' in parsed.data ? parsed.data.subject : parsed.data
  throw misuse(`couldn’t read a person in \`${file}\`; write one of these, or a whole request:
  {"recordId": "DE-POL-0001"}
  {"document": {"number": "DEC04X00T47", "country": "DE"}}
  {"name": {"given": "Anton", "family": "Beispiel"}, "birthDate": "1979-03-14"}`)
}
