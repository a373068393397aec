/** Makes what is deployed: one file of code, and the policies beside it. */

import { cpSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildSync } from 'esbuild'
import { buildDigest } from '../functions/adapters/build-digest.ts'
import { versionFiles } from '../functions/adapters/policies-files.ts'

/** What was made. */
export type Bundle = {
  readonly folder: string
  /** What entries name as the build that decided; `build-digest.ts` says how to check it. */
  readonly digest: string
  /** Size of the code and of the policies. */
  readonly bytes: { readonly code: number; readonly policies: number }
}

const root = join(import.meta.dirname, '..')
const policies = join(root, 'policies')

/**
 * Bundles a door into `<folder>/index.mjs`, with `<folder>/policies`, in place of what was there.
 * The same source gives the same bytes, wherever and whenever it is built.
 */
export function bundle(door: 'access', folder: string): Bundle {
  const code = join(folder, 'index.mjs')
  rmSync(code, { force: true })
  rmSync(join(folder, 'policies'), { recursive: true, force: true })
  buildSync({
    // Paths in the output, if there are any, are those of the repository.
    absWorkingDir: root,
    entryPoints: [`functions/${door}.ts`],
    outfile: code,
    bundle: true,
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
  return {
    folder,
    bytes: { code: statSync(code).size, policies: copyPolicies(join(folder, 'policies')) },
    digest: buildDigest(folder),
  }
}

/** What a gateway reads, and nothing else: no tests, pages or keys. Returns the size in bytes. */
function copyPolicies(folder: string): number {
  const signed = ['seals.json', 'suspensions.json', 'sealers.json']
  const paths = [...versionFiles(policies).map(({ path }) => path), ...signed]
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(policies, path), join(folder, path))
  }
  return paths.reduce((bytes, path) => bytes + statSync(join(folder, path)).size, 0)
}
