/** Two teams that seal at the same time, each in its own clone: what they sealed merges as it is. */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import { addPolicySeal } from '../../../functions/workbench/commands/seal.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { newestOwn } from '../../own-law.ts'

afterAll(removeCopies)
afterAll(removeFolders)

const own = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.org']
const git = (folder: string, ...args: readonly string[]) =>
  execFileSync('git', [...own, ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })

/** A correction of the newest version of a law, sealed with both keys and committed. */
async function sealCorrection(folder: string, id: string): Promise<string> {
  const { path: version, cases, next } = newestOwn(id)
  const { path } = next
  const read = (of: string) => readFileSync(join(folder, of), 'utf8')
  const corrected = read(version).replace(/"change": ".*"/, '"change": "A slip is corrected."')
  writeFileSync(join(folder, path), corrected)
  const about = `"about": "${next.name}"`
  writeFileSync(join(folder, next.cases), read(cases).replace(/"about": ".*"/, about))
  const keys = ['legal', 'data-protection'].map((each) =>
    join(folder, `demonstration-keys/${each}.json`),
  )
  const why = ['--why', 'A slip is corrected.', '--yes']
  const { stderr } = await run(addPolicySeal, folder, ['seal', path, '--key', ...keys, ...why])
  expect(stderr).toBe('')
  git(folder, 'add', '-A')
  git(folder, 'commit', '-qm', `seal ${path}`)
  return path
}

function twoClones() {
  const origin = copyOfPolicies()
  git(origin, 'init', '-q', '-b', 'main')
  git(origin, 'add', '-A')
  git(origin, 'commit', '-qm', 'the law')
  return ['one', 'two'].map((name) => {
    const clone = join(temporaryFolder(), name)
    execFileSync('git', ['clone', '-q', origin, clone])
    return clone
  }) as [string, string]
}
const merge = (into: string, from: string) =>
  git(into, 'pull', '-q', '--no-rebase', '--no-edit', from, 'main')

describe('Two teams that seal at the same time', () => {
  // Kills: a file that sealing writes for all folders (seal-chain.ts, `writeChain`).
  test('of different folders merge, and neither signs again', async () => {
    const [one, two] = twoClones()
    const british = await sealCorrection(one, 'gb/assistance')
    const alerts = await sealCorrection(two, 'eu/alerts')
    merge(one, two)
    const { book, faults } = readPolicies(one)
    expect(faults).toEqual([])
    const sealed = book.policies
      .filter(({ sealedAt }) => sealedAt !== undefined)
      .map(({ id, version }) => `${id}/${version}.json`)
    expect(sealed).toEqual(expect.arrayContaining([british, alerts]))
  })

  test('of one folder are told by git that their chains part', async () => {
    const [one, two] = twoClones()
    await sealCorrection(one, 'gb/assistance')
    await sealCorrection(two, 'gb/assistance')
    expect(() => merge(one, two)).toThrow('Command failed')
    const parted = git(one, 'diff', '--name-only', '--diff-filter=U').trim().split('\n')
    expect(parted).toContain('gb/seals.json')
    expect(readPolicies(one).faults).toMatchObject([
      { path: 'gb/seals.json', message: 'it is not a chain of seals' },
    ])
  })
})
