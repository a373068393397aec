/** Makes what is deployed: one file of code, and the policies beside it. */

import { cpSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { buildSync, type Metafile } from 'esbuild'
import { buildDigest } from '../functions/adapters/build-digest.ts'
import { versionFiles } from '../functions/adapters/policies-files.ts'

/** The doors in the cloud, and whether the policies go with them: the law they decide by or hand out. */
const doors = { access: true, audit: true, seal: false, sign: false } as const
export type Door = keyof typeof doors

/** What was made. */
export type Bundle = {
  readonly folder: string
  /** What entries name as the build that decided; `build-digest.ts` says how to check it. */
  readonly digest: string
  /** Size of the code that is read at the start and later, if ever, and of the policies. */
  readonly bytes: { readonly start: number; readonly later: number; readonly policies: number }
}

const root = join(import.meta.dirname, '..')
const policies = join(root, 'policies')

/** Bundles every door, each into a folder of its name. */
export const bundles = (folder: string): Readonly<Record<Door, Bundle>> => ({
  access: bundle('access', join(folder, 'access')),
  audit: bundle('audit', join(folder, 'audit')),
  seal: bundle('seal', join(folder, 'seal')),
  sign: bundle('sign', join(folder, 'sign')),
})

/**
 * Bundles a door into `<folder>/index.mjs` and what that loads later, with `<folder>/policies` if it
 * needs them, in place of what was there. The same source gives the same bytes, wherever and whenever
 * it is built.
 */
export function bundle(door: Door, folder: string): Bundle {
  rmSync(folder, { force: true, recursive: true })
  const { metafile } = buildSync({
    // Paths in the output, if there are any, are those of the repository.
    absWorkingDir: root,
    entryPoints: { index: `functions/${door}.ts` },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported once it is needed is a file of its own, which no start reads.
    splitting: true,
    chunkNames: '[hash]',
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // 1,545 KB become 652 KB.
    minify: true,
    // Of two builds in a package, the ES module, of which unused parts can go: 841 KB become 652 KB.
    mainFields: ['module', 'main'],
    // Nothing is left to the SDK in Lambda, which changes under us and takes longer to load.
    external: [],
    // No single sign-on, profiles or metadata services in a function: 652 KB become 515 KB.
    alias: {
      '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts'),
    },
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: false,
    logLevel: 'warning',
  })
  const carried = doors[door] ? copyPolicies(join(folder, 'policies')) : 0
  return {
    folder,
    bytes: { ...bytesOf(metafile), policies: carried },
    digest: buildDigest(folder),
  }
}

/** Bytes that `index.mjs` imports before it runs, with its own, and all the others. */
function bytesOf({ outputs }: Metafile) {
  const files = new Map(Object.entries(outputs).map(([path, each]) => [basename(path), each]))
  const start = new Set(['index.mjs'])
  for (const file of start)
    for (const { path, kind, external } of files.get(file)?.imports ?? [])
      if (kind === 'import-statement' && !external) start.add(basename(path))
  const sum = (wanted: (file: string) => boolean) =>
    [...files].reduce((bytes, [file, each]) => bytes + (wanted(file) ? each.bytes : 0), 0)
  return { start: sum((file) => start.has(file)), later: sum((file) => !start.has(file)) }
}

/** What a gateway reads, and nothing else: no tests, pages or keys. Returns the size in bytes. */
function copyPolicies(folder: string): number {
  const beside = ['seals.json', 'suspensions.json', 'sealers.json', 'retention.json']
  const paths = [...versionFiles(policies).map(({ path }) => path), ...beside]
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(policies, path), join(folder, path))
  }
  return paths.reduce((bytes, path) => bytes + statSync(join(folder, path)).size, 0)
}
