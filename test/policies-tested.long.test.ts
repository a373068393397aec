/** `comity policy test` and `comity policy check` over all that is shipped. */

import { afterAll, expect, test } from 'vitest'
import { addCheck } from '../functions/workbench/commands/policy-check.ts'
import { addTest } from '../functions/workbench/commands/policy-test.ts'
import { copyOfShipped, removeCopies, run } from './cli/in-process.ts'

afterAll(removeCopies)

test('everything shipped passes, and every change of it is noticed', async () => {
  const { code, stdout } = await run(addTest, copyOfShipped(), ['test'])
  expect(stdout.replace(/\n\d+\.\d s$/, '')).toMatch(
    /^(\d+) of \1 cases passed\ncoverage 100\.0 % \(0 of \d+ changes unnoticed; \d+ more cannot matter\)$/,
  )
  expect(code).toBe(0)
})

test('what is shipped has no error', async () => {
  const args = ['check', '--as-of', '2026-11-24']
  const { code, stdout } = await run(addCheck, copyOfShipped(), args)
  expect(stdout).toMatch(/\n0 errors, \d+ warnings?, \d+ notes? in \d+ files$/)
  expect(code).toBe(0)
})
