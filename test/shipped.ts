/** The newest version of a shipped law, for tests that mean the law and not one version of it. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { versionFiles } from '../functions/adapters/policies-files.ts'
import { isVersionPath, type SourceFile } from '../functions/policy/book.ts'

const policies = join(import.meta.dirname, '../policies')

/** Every file of it, for a gateway of tests that speak of it (`world.ts`). */
export const shippedLaw: readonly SourceFile[] = versionFiles(policies)

/** The last version of a law (`de/bkag`), by the names of its files, and the correction that would follow it. */
export function newestOf(id: string) {
  const last = readdirSync(join(policies, id))
    .filter((file) => isVersionPath(`${id}/${file}`))
    .sort(byRevision)
    .at(-1)
  if (last === undefined) throw new Error(`no version of ${id} is shipped`)
  return { ...namesOf(id, last), next: namesOf(id, correctionOf(last)) }
}

/** Sorts paths of versions so that the tenth revision comes after the ninth. */
export const byRevision = new Intl.Collator('en', { numeric: true }).compare

/** What a version is called: `2026-02-14.r9`, `de/bkag@2026-02-14.r9`, and by its files and its page. */
const namesOf = (id: string, file: string) => {
  const version = file.slice(0, -'.json'.length)
  const page = `${id}/${version}`
  const name = `${id}@${version}`
  return { version, name, page, path: `${page}.json`, cases: `${page}.test.json` }
}

/** The path of the next correction, or of its cases: `2018-05-06.json` → `2018-05-06.r2.json`. */
export const correctionOf = (path: string): string =>
  path.replace(/(?:\.r(\d+))?((?:\.test)?\.json)$/, (_, last = '1', end) => `.r${+last + 1}${end}`)
