/** What counsel must check of the law that is shipped has an owner and a day. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { versionFiles } from '../functions/adapters/policies-files.ts'
import { readBook } from '../functions/policy/read-book.ts'
import { checkPlanSchema, lintPlans } from '../functions/workbench/law/unchecked.ts'

const day = '2026-11-28'

test('in each folder as shipped all that counsel must check has an owner and a day', () => {
  const folder = join(import.meta.dirname, '../policies')
  const plans = globSync('*/unchecked.json', { cwd: folder }).map((name) => [
    name.split('/')[0] ?? '',
    checkPlanSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))),
  ]) as [string, unknown][]
  expect(plans.length).toBeGreaterThan(40)
  const { policies, lists } = readBook(versionFiles(folder), () => undefined).book
  const found: string[] = []
  lintPlans([...policies, ...lists], new Map(plans), day, (of) => (_, code) => {
    if (code !== 'plan' && plans.some(([name]) => of.startsWith(`${name}/`)))
      found.push(`${of} ${code}`)
  })
  expect(found).toEqual([])
})
