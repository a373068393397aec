/** Makes what is deployed: one file of code, and the law beside it. */

import { rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { buildSync, type Metafile } from 'esbuild'
import * as z from 'zod'
import { buildDigest } from '../functions/adapters/build-digest.ts'
import { lawFile } from '../functions/adapters/carried-law.ts'
import { lawToRun, writeLaw } from '../functions/adapters/policies-files.ts'
import { scriptFile } from '../functions/adapters/verify-script.ts'
import { run } from '../functions/policy/read-book.ts'
import { releaseKeySchema, sealerSchema } from '../functions/policy/sealers.ts'
import { digestOfKeys } from '../functions/policy/set.ts'
import { buildVerifyScript } from '../functions/proof/browser/build.ts'

/** The doors in the cloud, and whether the law goes with each. */
const doors = { access: true, audit: true, console: true, seal: false, sign: false } as const
export type Door = keyof typeof doors

/** What was made. */
export type Bundle = {
  readonly folder: string
  /** What entries name as the build that decided; `build-digest.ts` says how to check it. */
  readonly digest: string
  /** Whose signatures count in the law that it carries, and what pins them; of a door that carries none, empty. */
  readonly keys: { readonly digest: string; readonly public: readonly string[] }
  /** Size of the code that is read at the start and later, if ever, and of the law. */
  readonly bytes: { readonly start: number; readonly later: number; readonly law: number }
}

const root = join(import.meta.dirname, '..')
const policies = join(root, 'policies')

/** Bundles every door, each into a folder of its name. */
export const bundles = (folder: string): Readonly<Record<Door, Bundle>> => ({
  access: bundle('access', join(folder, 'access')),
  audit: bundle('audit', join(folder, 'audit')),
  console: bundle('console', join(folder, 'console')),
  seal: bundle('seal', join(folder, 'seal')),
  sign: bundle('sign', join(folder, 'sign')),
})

/** Bundles a door, with what it needs of the law: a folder of policies with a fault is not bundled. */
export function bundle(door: Door, folder: string): Bundle {
  const code = bundleCode(join('functions', `${door}.ts`), folder)
  // Beside the code, in the digest of the build.
  if (door === 'console') writeFileSync(join(folder, scriptFile), buildVerifyScript())
  const bytes = { ...code, law: doors[door] ? statSync(carryLaw(folder)).size : 0 }
  return { folder, bytes, digest: buildDigest(folder), keys: doors[door] ? trustedKeys() : noKeys }
}

/** Clients of the SDK that are read once a call does not go well at once: they are 235 KB. */
const lateClients = {
  '@aws-sdk/client-dynamodb': join(import.meta.dirname, 'lambda-dynamodb.ts'),
  '@aws-sdk/client-kms': join(import.meta.dirname, 'lambda-kms.ts'),
}

/**
 * Bundles a file of the repository into `<folder>/index.mjs` and what that loads later, in place of
 * what was there. The same source gives the same bytes, wherever and whenever it is built. `clients` are those of the SDK.
 */
export function bundleCode(
  entry: string,
  folder: string,
  clients: 'late' | 'at once' = 'late',
): Pick<Bundle['bytes'], 'start' | 'later'> {
  rmSync(folder, { force: true, recursive: true })
  const { metafile } = buildSync({
    // Paths in the output, if there are any, are those of the repository.
    absWorkingDir: root,
    entryPoints: { index: entry },
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
    // Less than half of it is left.
    minify: true,
    // Of two builds in a package, the ES module, of which unused parts can go.
    mainFields: ['module', 'main'],
    // Nothing is left to the SDK in Lambda, which changes under us and takes longer to load.
    external: [],
    // No single sign-on, profiles or metadata services in a function.
    // Nor discovery of endpoints.
    alias: {
      ...(clients === 'late' ? lateClients : {}),
      '@aws-sdk/middleware-endpoint-discovery': join(import.meta.dirname, 'lambda-discovery.ts'),
      '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts'),
    },
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: false,
    logLevel: 'warning',
  })
  return bytesOf(metafile)
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

/** Checks the law, its set, seals and all, and writes it in one file; returns its path. */
function carryLaw(folder: string): string {
  const file = join(folder, lawFile)
  const found = lawToRun(policies)
  // What a start does not check once more.
  run(found)
  writeLaw(file, found)
  return file
}

const noKeys: Bundle['keys'] = { digest: '', public: [] }

function trustedKeys(): Bundle['keys'] {
  const found = lawToRun(policies)
  const sealers = z.array(sealerSchema).parse(found.sealers)
  const releaseKeys = z.array(releaseKeySchema).parse(found.releaseKeys)
  return {
    digest: digestOfKeys(found),
    public: [...sealers, ...releaseKeys].flatMap(({ jwk }) => jwk?.x ?? []),
  }
}
