/** A data folder from before the law’s chains began anew: the start says so, nothing is lost, and there is a way on. */

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Seal } from '../../functions/policy/sealers.ts'
import { comity } from '../cli/run.ts'
import { chainOf } from '../policy/sealing.ts'
import {
  copyOfProject,
  failToStart,
  removeFolders,
  startLocal,
  temporaryFolder,
} from './process.ts'

let project: string
let data: string
beforeAll(async () => {
  project = copyOfProject()
  data = temporaryFolder()
  const before = await startLocal({ data, folder: project })
  await before.interrupt()
  beginAnew()
})
afterAll(removeFolders)

/** Each folder’s chain says the same of the same files, a second later: it is another chain. */
function beginAnew(): void {
  const policies = join(project, 'policies')
  for (const path of globSync('*/seals.json', { cwd: policies })) {
    const seals: readonly Seal[] = JSON.parse(readFileSync(join(policies, path), 'utf8'))
    const said = seals.map(({ statedAt, body }) => ({
      statedAt: new Date(Date.parse(statedAt) + 1000).toISOString(),
      body,
    }))
    writeFileSync(join(policies, path), JSON.stringify(chainOf(dirname(path), said)))
  }
}

const keys = [1, 2].map((n) => join('policies', `demonstration-keys/release-${n}.json`))

// Kills: a folder that starts on another law in silence; one that nobody can use, or check, any more.
test('A store whose floor belongs to other chains says its ways out, and its export still verifies', async () => {
  const { code, stdout, stderr } = await failToStart({ data, folder: project })
  expect([code, stdout]).toEqual([1, ''])
  // The line before it is for a program that watches.
  expect(stderr.split('\n').at(-2)).toMatch(
    /^couldn’t load policies: the floor of this store belongs to other chains of seals than this law: the floor is seal \d+ of `\w+`, which is another here; start the law by which the store ran, start on another store \(`COMITY_DATA`\), or let two release keys move the floor to this law: `comity policy floor --why "…"`$/,
  )

  const out = join(temporaryFolder(), 'export')
  const exported = await comity(['log', 'export', '--out', out], { data, folder: project })
  expect(exported.stderr).toBe('')
  const trust = join(data, 'trust.json')
  const verified = await comity(['log', 'verify', out, '--trust', trust], { folder: project })
  expect(verified.stderr).toBe('')
  expect([0, 7]).toContain(verified.code)

  const other = await startLocal({ data: temporaryFolder(), folder: project })
  await other.interrupt()

  const why = ['--why', 'The chains of the law began anew.']
  const moved = await comity(['policy', 'floor', '--key', ...keys, ...why, '--yes'], {
    data,
    folder: project,
  })
  expect(moved.stderr).toBe('')
  expect(moved.code).toBe(0)
  const again = await startLocal({ data, folder: project })
  const asked = await fetch(`${again.origin}/healthz`)
  expect(asked.status).toBe(200)
  await again.interrupt()
})
