/**
 * Makes `dist/verify.html`, with which anybody checks evidence in a browser, and prints its SHA-256. The same code gives
 * the same bytes, so that whoever builds it can compare.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import { verifyPage } from '../functions/verify-page/shell.ts'

const root = join(import.meta.dirname, '..')
const own = (file: string) => join(root, 'functions/verify-page', file)

/** The page as text. */
export function buildVerifyPage(): string {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['functions/verify-page/page.ts'],
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
  })
  // Within a page, this would end the script.
  return verifyPage((outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script'))
}

/** The SHA-256 of a text, in hex, as `sha256sum` prints it. */
export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')

if (import.meta.main) {
  const dist = resolve(process.argv[2] ?? join(root, 'dist'))
  const page = buildVerifyPage()
  mkdirSync(dist, { recursive: true })
  writeFileSync(join(dist, 'verify.html'), page)
  writeFileSync(join(dist, 'verify.html.sha256'), `${sha256Of(page)}  verify.html\n`)
  console.log(`${sha256Of(page)}  ${join(dist, 'verify.html')}`)
}
