/** Files that a person hands to a command. */

import { readFileSync } from 'node:fs'
import type * as z from 'zod'
import { faultOf } from '../failure.ts'
import { parseJson, placeOf } from '../policy/json.ts'
import { exitCodes, Failure } from './exit.ts'

/** The text of a file; `-` is standard input. */
export const readText = (path: string): string => readBytes(path).toString('utf8')

/** The bytes of a file; `-` is standard input. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path)
  } catch (error) {
    throw new Failure(`couldn’t read \`${path}\`: ${faultOf(error)}`, exitCodes.usage)
  }
}

/** A JSON file as a schema wants it; every fault with its place. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  const text = readText(path)
  const parsed = parseJson(text)
  if ('fault' in parsed) {
    const { line, column } = placeOf(text, parsed.fault.offset)
    throw new Failure(`${path}:${line}:${column}: ${parsed.fault.message}`, exitCodes.usage)
  }
  const result = schema.safeParse(parsed.value)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : ['']
    return keys.map(
      (key) => `${path}: /${[...issue.path, key].filter(String).join('/')}: ${issue.message}`,
    )
  })
  throw new Failure(faults.flat().join('\n'), exitCodes.usage)
}
