/**
 * Makes the archive for machines without a network: `npm run pack` prints where it is. It has the gateway, the commands,
 * the law, the documents, every package that they run on, and Node for this machine's system. Nothing is downloaded, and
 * nothing in it says from where it could be: it is unpacked and run.
 *
 * `npm run pack -- proof` makes the archive for third parties: the commands that check a log or evidence, and what these
 * import, with `PROOF.md` as its README. Node is theirs.
 *
 * The same folder gives the same bytes.
 */

import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import { scriptFile } from '../functions/adapters/verify-script.ts'
import { buildVerifyScript } from '../functions/proof/browser/build.ts'

/** A package as the lock file has it. */
type Locked = {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
}
type Packages = Readonly<Record<string, Locked>>

/** Files and folders of the project that machines need. */
const carried = ['functions', 'policies', 'README.md', 'LICENSE', 'SECURITY.md']
const documents = [
  'MACHINES.md',
  'RUNBOOK.md',
  'DRILLS.md',
  'README.md',
  'FORMATS.md',
  'SIGNALS.md',
  'prometheus-rules.yml',
]

const root = join(import.meta.dirname, '..')
const isProof = process.argv[2] === 'proof'
const dist = resolve(process.argv[isProof ? 3 : 2] ?? join(root, 'dist'))
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const platform = `${process.platform}-${process.arch}`
const name = `${own.name}-${isProof ? `proof-${own.version}` : `${own.version}-${platform}`}`
const folder = join(dist, name)

const node = `node-${platform}`
if (!isProof && !existsSync(join(root, 'node_modules', node)))
  throw new Error(`couldn’t pack: there is no package of Node for ${platform}; \`npm ci\` on Linux`)

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Packages
}
mkdirSync(join(folder, 'bin'))
if (isProof) packProof()
else packGateway()
writeBill()
const archive = join(dist, `${name}.tar.gz`)
const asOne = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
execFileSync('tar', [...asOne, '-I', 'gzip -n', '-cf', archive, '-C', dist, name])
console.log(archive)
console.log(`sha256 ${hash('sha256', readFileSync(archive), 'hex')}`)

/** The gateway, the commands, and all that they run on. */
function packGateway(): void {
  mkdirSync(join(folder, 'infra'))
  for (const each of carried) copy(each)
  writeFileSync(join(folder, 'functions', scriptFile), buildVerifyScript())
  for (const each of documents) copy(`infra/${each}`)
  writePackage({ ...own.dependencies, [node]: packages[`node_modules/${node}`]?.version })
  writeProgram('comity', 'functions/comity.mjs')
  writeProgram('serve', own.scripts.serve.replace(/^node /, ''))
}

/** What the door of third parties imports: files of ours, and packages. */
function packProof(): void {
  const { inputs } = buildSync({
    absWorkingDir: root,
    entryPoints: ['functions/verify.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  }).metafile
  // The archive has a package file of its own.
  for (const each of Object.keys(inputs)) if (each !== 'package.json') copy(each)
  for (const each of ['functions/runtime.mjs', 'functions/ledger/FORMAT.md', 'LICENSE']) copy(each)
  cpSync(join(import.meta.dirname, 'PROOF.md'), join(folder, 'README.md'))
  const imported = Object.values(inputs)
    .flatMap(({ imports }) => imports.filter(({ external }) => external))
    .map(({ path }) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path)
    .filter((each) => !isBuiltin(each))
  const names = [...new Set(imported)].sort()
  writePackage(Object.fromEntries(names.map((each) => [each, own.dependencies[each]])))
  writeProgram('comity', '--import ./functions/runtime.mjs functions/verify.ts')
}

/** Writes the package file, and copies the packages that it names. */
function writePackage(dependencies: Readonly<Record<string, string | undefined>>): void {
  for (const each of closure(Object.keys(dependencies), packages)) copy(each)
  writeJson('package.json', {
    ...{ name: own.name, version: own.version, description: own.description },
    ...{ license: own.license, private: true, type: own.type },
    dependencies,
  })
}

/** Copies a file or folder of the project to the same place. */
function copy(path: string): void {
  cpSync(join(root, path), join(folder, path), {
    recursive: true,
    dereference: true,
    // Of a package, what is nested in it is listed, and copied, by itself.
    filter: (from) => !from.slice(join(root, path).length).includes('node_modules'),
  })
}

/** The folders of packages and of what these need, found as Node finds them: the nearest first. */
function closure(names: readonly string[], all: Packages): readonly string[] {
  const found = new Set<string>()
  const add = (each: string, from: string, isOptional: boolean): void => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const path = `${at === '' ? '' : `${at}/`}node_modules/${each}`
      const locked = all[path]
      if (locked === undefined && at !== '') continue
      if (locked === undefined || !existsSync(join(root, path))) {
        if (isOptional) return
        throw new Error(`couldn’t pack: ${each} is not installed; run \`npm ci\``)
      }
      if (found.has(path)) return
      found.add(path)
      for (const other of Object.keys(locked.dependencies ?? {})) add(other, path, false)
      for (const other of Object.keys(locked.optionalDependencies ?? {})) add(other, path, true)
      return
    }
  }
  for (const each of names) add(each, '', false)
  return [...found].sort()
}

/** The bill of materials (CycloneDX), of what is in the folder: without its number and moment, which differ each time. */
function writeBill(): void {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application']
  const made = JSON.parse(execFileSync('npm', args, { cwd: folder, encoding: 'utf8' }))
  delete made.serialNumber
  delete made.metadata.timestamp
  writeJson('sbom.cdx.json', made)
}

/** A program of the archive, which takes the Node that is in it, or of third parties theirs. */
function writeProgram(program: string, args: string): void {
  // From any folder: what a caller names is found from theirs.
  const here = args.replaceAll(/(^| )(?:\.\/)?(functions\/\S+)/g, '$1"$here/$2"')
  const lines = [
    '#!/bin/sh',
    `here="$(dirname "$(readlink -f "$0")")/.."`,
    `exec ${isProof ? 'node' : `"$here/node_modules/${node}/bin/node"`} ${here} "$@"`,
  ]
  writeFileSync(join(folder, 'bin', program), `${lines.join('\n')}\n`, { mode: 0o755 })
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(join(folder, path), `${JSON.stringify(value, null, 2)}\n`)
}
