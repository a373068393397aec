/** The script that checks in a browser, as it was built and shipped beside a door. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VerifyScript } from '../console-ports.ts'

/** The name of its file. */
export const scriptFile = 'verify.js'

/** A script with its digest. */
export const verifyScriptOf = (text: string): VerifyScript => ({
  text,
  sha256: createHash('sha256').update(text).digest('hex'),
})

/** The script in a folder, read when it is first asked for; undefined if none was shipped. */
export function shippedScript(folder: string): (() => VerifyScript) | undefined {
  const file = join(folder, scriptFile)
  if (!existsSync(file)) return undefined
  let read: VerifyScript | undefined
  return () => {
    read ??= verifyScriptOf(readFileSync(file, 'utf8'))
    return read
  }
}
