/** What `comity policy suspend` stops while a correction is sealed, and not yet what runs. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTables } from '../../functions/adapters/create-tables.ts'
import { stateInLawChain } from '../../functions/adapters/law-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { emptyTip } from '../../functions/policy/chain.ts'
import { floorOf } from '../../functions/policy/floor.ts'
import { stateLaw } from '../../functions/policy/law-chain.ts'
import { addPolicySuspend } from '../../functions/workbench/commands/policy-suspend.ts'
import { run } from '../cli/in-process.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { releaseKeys } from '../policy/sealing.ts'
import { why, without, writeLaw } from './signed-law.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-law-'))
let store: Store
beforeAll(async () => {
  store = await startDynalite()
  await createTables(store.client, localTableNames())
  vi.useFakeTimers({ now: new Date('2026-12-01T10:00:00Z'), toFake: ['Date'] })
})
afterAll(() => rmSync(folder, { recursive: true }))
afterAll(() => store.close())
afterAll(() => void vi.useRealTimers())

// Promise: one key of that folder starts one at once, without a deployment.
test('A version that every gateway runs can be suspended, though its correction is sealed already', async () => {
  const before = without(1, 'gb')
  const running = before.book.policies.findLast(({ id }) => id === 'gb/police')
  const floor = stateLaw(emptyTip, '2026-11-30T10:00:00Z', floorOf(before.set), releaseKeys)
  expect(await stateInLawChain(store.client, localTableNames().register, floor)).toBe(true)
  writeLaw(folder)
  const openStore = async () => ({ client: store.client, close: async () => undefined })
  const place = { data: '', openStore }
  const key = join(folder, 'demonstration-keys/legal.json')
  const name = `${running?.id}@${running?.version}`
  const args = ['suspend', name, '--key', key, '--yes', '--why', why]
  const ran = await run(
    (policy, from) => addPolicySuspend(policy, from, place as never),
    folder,
    args,
  )
  expect([ran.code, ran.stderr]).toEqual([0, ''])
})
