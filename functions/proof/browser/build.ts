/**
 * Builds the script that checks in a browser, and `verify.html`, which has the same script within itself. The same code
 * gives the same bytes. Only what packs, deploys or demonstrates builds; what runs has the bytes beside it.
 */

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type BuildOptions, buildSync } from 'esbuild'
import { verifyPage } from './shell.ts'

const root = join(import.meta.dirname, '../../..')
const own = (file: string) => join(import.meta.dirname, file)

const options: BuildOptions = {
  absWorkingDir: root,
  entryPoints: ['functions/proof/browser/page.ts'],
  bundle: true,
  write: false,
  minify: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  mainFields: ['module', 'main'],
  // What Node brings, a browser has not.
  alias: { 'node:crypto': own('crypto.ts'), 'node:zlib': own('zlib.ts') },
  inject: [own('buffer.ts')],
  legalComments: 'none',
  logLevel: 'warning',
}

/** The script as text. */
export function buildVerifyScript(): string {
  const { outputFiles } = buildSync(options)
  // Within a page, this would end the script.
  return (outputFiles?.[0]?.text ?? '').replaceAll('</script', '<\\/script')
}

/** `verify.html` as text. */
export const buildVerifyPage = (): string => verifyPage(buildVerifyScript())

/** The SHA-256 of a text, in hex, as `sha256sum` prints it. */
export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')
