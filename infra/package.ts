/**
 * Makes the package: one tarball in `dist/`, whose `comity` runs in any folder and needs nothing else but Node, with
 * a client for programs (`comity/client`), samples and the pages. Node reads no TypeScript under `node_modules`, so the
 * commands are one file of JavaScript, and the client is another.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import { auditOpenApi } from '../functions/http/audit-api.ts'
import { openApi } from '../functions/http/openapi.ts'
import { buildVerifyPage } from '../functions/proof/browser/build.ts'
import { clientTypes } from './client-types.ts'
import { copyPages } from './pages.ts'

const root = join(import.meta.dirname, '..')
const dist = resolve(process.argv[2] ?? join(root, 'dist'))
const folder = join(dist, 'package')

rmSync(folder, { recursive: true, force: true })
mkdirSync(join(folder, 'functions'), { recursive: true })
buildSync({
  absWorkingDir: root,
  entryPoints: { cli: 'functions/cli.ts', client: 'functions/client/client.ts' },
  outdir: join(folder, 'functions'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Of a package that has both, the form that a bundler can follow.
  mainFields: ['module', 'main'],
  legalComments: 'eof',
  logLevel: 'warning',
  logOverride: { 'require-resolve-not-external': 'silent' },
  // Packages of the older kind call `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
})
const start = readFileSync(join(root, 'functions/comity.mjs'), 'utf8')
writeFileSync(join(folder, 'functions/comity.mjs'), start.replace('./cli.ts', './cli.mjs'), {
  mode: 0o755,
})
const origin = 'https://gateway.example'
writeFileSync(
  join(folder, 'functions/client.d.mts'),
  clientTypes([openApi(origin), auditOpenApi(origin)]),
)
cpSync(join(root, 'test/samples'), join(folder, 'samples'), { recursive: true })
writeFileSync(join(folder, 'verify.html'), buildVerifyPage())
for (const file of ['functions/runtime.mjs', 'LICENSE'])
  cpSync(join(root, file), join(folder, file))
cpSync(join(root, 'policies'), join(folder, 'policies'), {
  recursive: true,
  // Private keys, though everybody has them.
  filter: (path) => !path.endsWith('demonstration-keys'),
})
copyPages(root, folder)
const { name, version, description, license, type, bin } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)
const exports = {
  './client': { types: './functions/client.d.mts', default: './functions/client.mjs' },
}
const packed = { name, version, description, license, private: true, type, bin, exports }
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packed, null, 2)}\n`)
const options = { cwd: folder, encoding: 'utf8' } as const
console.log(
  join(dist, execFileSync('npm', ['pack', '--silent', '--pack-destination', dist], options).trim()),
)
