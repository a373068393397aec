/**
 * Makes `dist/verify.html`, with which anybody checks evidence in a browser, and `dist/verify.js`, the same script as
 * the console serves it; prints the SHA-256 of each. The same code gives the same bytes, so that whoever builds it can
 * compare.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { scriptFile } from '../functions/adapters/verify-script.ts'
import { buildVerifyScript, sha256Of } from '../functions/proof/browser/build.ts'
import { verifyPage } from '../functions/proof/browser/shell.ts'

const root = join(import.meta.dirname, '..')
const dist = resolve(process.argv[2] ?? join(root, 'dist'))
const script = buildVerifyScript()
mkdirSync(dist, { recursive: true })
for (const [name, text] of [
  ['verify.html', verifyPage(script)],
  [scriptFile, script],
] as const) {
  writeFileSync(join(dist, name), text)
  writeFileSync(join(dist, `${name}.sha256`), `${sha256Of(text)}  ${name}\n`)
  console.log(`${sha256Of(text)}  ${join(dist, name)}`)
}
