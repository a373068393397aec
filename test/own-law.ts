/**
 * The law that tests of tools are tried on: the files of `test/own-law/`, which no shipped law replaces.
 * Three jurisdictions and a few lists, with later versions and corrections, sealed with the demonstration keys.
 *
 *     const { book } = own
 *     writeOwnLaw(folder)                            // as a policies folder, which a test may spoil
 */

import { hash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { versionFiles } from '../functions/adapters/policies-files.ts'
import { type InForce, inForce } from '../functions/policy/history.ts'
import { readBook } from '../functions/policy/read-book.ts'
import { folderOf } from '../functions/policy/seal.ts'
import { type CaseFile, caseFileSchema } from '../functions/workbench/law/cases.ts'
import { lawsOf } from '../functions/workbench/law/law.ts'
import { sealed } from './decision/write.ts'
import { chainOf, sealOf } from './policy/sealing.ts'
import { correctionOf } from './shipped.ts'

const folder = join(import.meta.dirname, 'own-law')
const policies = join(import.meta.dirname, '../policies')

/** A file of it, as it stands before a test changes a copy. */
export const readOwn = (path: string): string => readFileSync(join(folder, path), 'utf8')

/** Its versions. */
export const ownFiles = versionFiles(folder)

/** Every version of it, as if all were sealed at one moment. */
export const own = readBook(ownFiles, () => sealed)

/** What of it is in force on a day, with all its corrections known. */
export const ownOn = (day: string): InForce => inForce(own.book, day, sealed)

/** The same as cases about a version see it: those of a corrected one see no later correction. */
export const ownLaws = lawsOf(own.book, sealed)

/** Its files of cases. */
export const ownCases: readonly { readonly path: string; readonly read: () => CaseFile }[] =
  globSync('**/*.test.json', { cwd: folder })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, read: () => caseFileSchema.parse(JSON.parse(readOwn(path))) }))

/** The newest version of a policy or list of it, and the correction that would follow. */
export function newestOwn(id: string) {
  const last = ownFiles.filter(({ path }) => dirname(path) === id).at(-1)?.path
  if (last === undefined) throw new Error(`there is no version of ${id}`)
  return { ...namesOf(last), next: namesOf(correctionOf(last)) }
}

/** What a version is called: `de/police/2026-02-14.r2`, `de/police@2026-02-14.r2`, and by its files. */
function namesOf(path: string) {
  const page = path.slice(0, -'.json'.length)
  const version = page.slice(page.lastIndexOf('/') + 1)
  return { version, page, path, name: `${dirname(path)}@${version}`, cases: `${page}.test.json` }
}

/** When each was sealed: a correction on the day after what it corrects. */
const sealedOn = (path: string) => `2026-11-${/\.r\d+\.json$/.test(path) ? 21 : 20}T09:00:00.000Z`

let chains: ReadonlyMap<string, string> | undefined

/** The chains of its folders, and the digests beside them; signed once. */
const chainFiles = () => {
  chains ??= new Map(
    [...Map.groupBy(ownFiles, ({ path }) => folderOf(path))].flatMap(([name, all]) => {
      const said = all
        .map((file) => sealOf(file, sealedOn(file.path)))
        .toSorted((a, b) => a.statedAt.localeCompare(b.statedAt))
      const sums = all.map(({ path, text }) => `${hash('sha256', text, 'hex')}  ${path}\n`)
      return [
        [`${name}/seals.json`, `${JSON.stringify(chainOf(name, said), null, 2)}\n`],
        [`${name}/seals.sha256`, sums.join('')],
      ] as const
    }),
  )
  return chains
}

/** What binds several states, and the cases that ask of it. */
const shared = /^(eu|scenarios)(\/|$)/

/** Puts it into a folder as a deployment has its law: with its chains, who may sign, and the schemas. */
export function writeOwnLaw(to: string, which: 'all' | 'own' = 'all'): void {
  const isMeant = (path: string) => which === 'all' || !shared.test(path)
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(folder))
    if (isMeant(name)) cpSync(join(folder, name), join(to, name), { recursive: true })
  for (const [path, text] of chainFiles()) if (isMeant(path)) writeFileSync(join(to, path), text)
  for (const name of globSync('*.{json,md}', { cwd: policies }))
    copyFileSync(join(policies, name), join(to, name))
  cpSync(join(policies, 'demonstration-keys'), join(to, 'demonstration-keys'), { recursive: true })
}
