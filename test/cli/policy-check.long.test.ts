/** `comity policy check` of all the law that is shipped. */

import { afterAll, expect, test } from 'vitest'
import { versionFiles } from '../../functions/adapters/policies-files.ts'
import { addCheck } from '../../functions/cli/policy-check.ts'
import { copyOfShipped, removeCopies, run } from './in-process.ts'

afterAll(removeCopies)

const check = (folder: string, ...args: readonly string[]) =>
  run(addCheck, folder, ['check', ...args])

// Kills: a sealed correction, or a successor in force, after which the earlier text is still warned of (lint.ts,
// `isPast`).
test('what is shipped has no warning of a text that decides nothing more', async () => {
  const asOf = '2026-11-24'
  const folder = copyOfShipped()
  const { stdout } = await check(folder, '--as-of', asOf, '--format', 'json')
  const { findings } = JSON.parse(stdout) as Record<'findings', Record<string, string>[]>
  const warned = findings.flatMap(({ severity, path = '' }) => (severity === 'warning' ? path : []))
  const versions = versionFiles(folder).map(({ path }) => path)
  const parts = (path: string) => /^(.*)\/([\d-]+)(?:\.r(\d+))?\.json$/.exec(path)?.slice(1) ?? []
  const isPast = (path: string) => {
    const [id, day = '', r = '1'] = parts(path)
    return versions.map(parts).some(([other, on = '', then = '1']) => {
      if (other !== id) return false
      return day === on ? Number(then) > Number(r) : on > day && on <= asOf
    })
  }
  expect(versions.filter(isPast).length).toBeGreaterThan(50)
  expect(warned.filter(isPast)).toEqual([])
})
