/** Who checks what by when: `policies/<folder>/unchecked.json`, beside the policies, since a sealed file stays as it is. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { misuse } from '../../terminal/exit.ts'
import { readJson, writeWhole } from '../../terminal/files.ts'
import { checkPlanSchema, type PlannedCheck } from '../law/unchecked.ts'

/** Everything that is planned in a folder, and the digest of its file. */
export type CheckPlan = { readonly checks: readonly PlannedCheck[]; readonly digest: string }

const fileOf = (folder: string, name: string): string => {
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(join(folder, name)))
    throw misuse(`there is no folder \`${name}\``)
  return join(folder, name, 'unchecked.json')
}

/** Reads what is planned in a folder such as `de`. Throws a Failure that names what in the file is wrong. */
export function readPlan(folder: string, name: string): CheckPlan {
  const file = fileOf(folder, name)
  if (!existsSync(file)) return { checks: [], digest: '' }
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex')
  return { checks: readJson(file, checkPlanSchema), digest }
}

/**
 * Writes who checks the items of one policy or list, and leaves all other rows. Returns false, and writes nothing, if the file
 * is not as it was read. Throws a Failure for what is no plan.
 */
export function savePlan(
  folder: string,
  name: string,
  digest: string,
  of: string,
  checks: readonly PlannedCheck[],
): boolean {
  const before = readPlan(folder, name)
  if (before.digest !== digest) return false
  const bad = checks.find((each) => !checkPlanSchema.safeParse([each]).success)
  if (bad !== undefined)
    throw misuse(`\`${bad.place}\`: write who checks it, and by which day, such as 2027-01-15`)
  const all = [
    ...before.checks.filter((each) => each.of !== of || each.place === undefined),
    ...checks,
  ]
  writeWhole(fileOf(folder, name), `${JSON.stringify(all, null, 2)}\n`, 0o644)
  return true
}
