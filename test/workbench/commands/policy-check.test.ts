/** `comity policy check` of a law that has versions which decide nothing more. */

import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { addCheck } from '../../../functions/workbench/commands/policy-check.ts'
import { copyOfPolicies, removeCopies, run, sealAgain } from '../../cli/in-process.ts'

afterAll(removeCopies)

/** The files that have a warning on a day. */
async function warnedIn(folder: string): Promise<ReadonlySet<string>> {
  const args = ['check', '--as-of', '2026-11-24', '--format', 'json']
  const { findings } = JSON.parse((await run(addCheck, folder, args)).stdout)
  return new Set(
    (findings as Record<string, string>[]).flatMap(({ severity, path = '' }) =>
      severity === 'warning' ? path : [],
    ),
  )
}

// Kills: a sealed correction, or a successor in force, after which the earlier text is still warned of (lint.ts,
// `isPast`).
test.each([
  ['was corrected', 'eu/exchange/2024-12-12', 'eu/exchange/2024-12-12.r2'],
  ['has a successor', 'de/police/2018-05-25', 'de/police/2026-02-14*'],
])('a text that %s is warned of no more', async (_, earlier, later) => {
  const folder = copyOfPolicies()
  expect(await warnedIn(folder)).toEqual(new Set())
  const gone = globSync(`${later}.json`, { cwd: folder }).map((path) => path.replaceAll('\\', '/'))
  for (const path of gone) rmSync(join(folder, path))
  sealAgain(folder, earlier.split('/')[0] ?? '', (said) =>
    said.filter(({ body }) => !gone.includes(body.path)),
  )
  expect(await warnedIn(folder)).toContain(`${earlier}.json`)
})
