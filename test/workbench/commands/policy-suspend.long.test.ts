/** `comity policy suspend`, on a copy of the policies and a store of its own. */

import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTables } from '../../../functions/adapters/create-tables.ts'
import { readLawChain } from '../../../functions/adapters/law-dynamodb.ts'
import { lawToRun } from '../../../functions/adapters/policies-files.ts'
import { localTableNames } from '../../../functions/adapters/tables.ts'
import { run as opened } from '../../../functions/policy/read-book.ts'
import { currentOf } from '../../../functions/policy/suspension.ts'
import { addPolicyAnchor } from '../../../functions/workbench/commands/policy-anchor.ts'
import { addPolicySuspend } from '../../../functions/workbench/commands/policy-suspend.ts'
import { removeStatement } from '../../chain-rows.ts'
import { copyOfPolicies, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { type Store, startDynalite } from '../../dynalite.ts'
import { newestOwn, readOwn } from '../../own-law.ts'

const { name: ground, path } = newestOwn('gb/police-data')
const why = 'A court has stayed it.'
const table = localTableNames().register

let store: Store
let folder: string
let legal: string
let dataProtection: string
let releases: readonly string[]
beforeAll(async () => {
  store = await startDynalite()
  await createTables(store.client, localTableNames())
})
beforeEach(async () => {
  vi.useFakeTimers({ now: new Date('2026-12-01T10:00:00Z'), toFake: ['Date'] })
  for (const number of [1, 2, 3, 4, 5]) await remove(number)
  folder = copyOfPolicies('own')
  const key = (name: string) => join(folder, `demonstration-keys/${name}.json`)
  legal = key('legal')
  dataProtection = key('data-protection')
  releases = [key('release-1'), key('release-2')]
})
afterAll(removeCopies)
afterAll(() => store.close())
afterAll(() => void vi.useRealTimers())

const remove = (number: number) => removeStatement(store, 'law', number)
const place = {
  data: '',
  openStore: async () => ({ client: store.client, close: async () => undefined }),
}
const at = (moment: string) => vi.setSystemTime(new Date(moment))
const command = (add: typeof addPolicySuspend, args: readonly string[]) =>
  run((policy, from) => add(policy, from, place as never), folder, args)
const suspend = (name: string, keys: readonly string[], ...more: readonly string[]) =>
  command(addPolicySuspend, ['suspend', name, '--key', ...keys, '--yes', ...more])
const first = (name = ground) => suspend(name, [legal], '--why', why)
const second = (name = ground) => suspend(name, [dataProtection])
const last = (text: string) => text.split('\n').at(-1)
const chain = () => readLawChain(store.client, table, opened(lawToRun(folder)))

async function refused(ran: () => ReturnType<typeof run>): Promise<string> {
  const before = await chain()
  const { code, stderr } = await ran()
  expect(await chain()).toEqual(before)
  expect(stderr).toMatch(/^couldn’t \S.*: .+$/)
  expect(code).toBe(3)
  return stderr
}

/** Whether anything is suspended at a moment, by what is stated now. */
async function isSuspended(moment: string): Promise<boolean> {
  const { suspensions } = (await chain()).state
  return [...suspensions.values()].some((own) => currentOf(own, moment) !== undefined)
}

test('A version that a correction replaced cannot be suspended: the correction is named', async () => {
  const replaced = ground.replace(/\.r\d+$/, '')
  expect(await refused(() => first(replaced))).toContain(
    `a correction took its place; suspend \`${ground}\``,
  )
})

describe('In an emergency', () => {
  test('one key suspends a version, for seven days', async () => {
    const { code, stdout } = await first()
    expect(code).toBe(0)
    expect(stdout).toContain('Its refusals, redactions and duties go on.')
    expect(last(stdout)).toBe(
      `${ground}: suspended since 2026-12-01T10:00:00.000Z by legal: data protection confirms it before 2026-12-08T10:00:00.000Z, or it ends: statement 1`,
    )
    const moments = ['2026-12-01T10:00:00Z', '2026-12-08T09:59:59Z', '2026-12-08T10:00:00Z']
    expect(await Promise.all(moments.map(isSuspended))).toEqual([true, true, false])
  })

  test('the second key makes it last until both lift it', async () => {
    await first()
    at('2026-12-05T00:00:00Z')
    expect(last((await second()).stdout)).toBe(
      `${ground}: suspended since 2026-12-01T10:00:00.000Z, until it is lifted: statement 2`,
    )
    at('2027-06-01T00:00:00Z')
    const lift = await suspend(ground, [legal], '--lift', '--why', 'The stay is over.')
    expect(last(lift.stdout)).toContain('its lift waits for data protection')
    expect(await isSuspended('2027-06-02T00:00:00Z')).toBe(true)
    at('2027-06-03T00:00:00Z')
    const lifted = await suspend(ground, [dataProtection], '--lift')
    expect(last(lifted.stdout)).toBe(`lifted ${ground}: statement 4`)
    expect(await isSuspended('2027-06-03T00:00:00Z')).toBe(false)
  })

  test('whoever asks is told what is suspended, until when, and who signs next', async () => {
    const list = (...more: readonly string[]) => command(addPolicySuspend, ['suspended', ...more])
    expect((await list()).stdout).toBe('Nothing is suspended.')
    await first()
    expect((await list()).stdout).toBe(
      `${path}: suspended since 2026-12-01T10:00:00.000Z by legal: data protection confirms it before 2026-12-08T10:00:00.000Z, or it ends. ${why}`,
    )
    const { suspended } = JSON.parse((await list('--json')).stdout)
    expect(suspended).toMatchObject([{ signedBy: ['legal'], until: '2026-12-08T10:00:00.000Z' }])
  })

  test('a dry run states nothing', async () => {
    const { stdout } = await suspend(ground, [legal], '--why', why, '--dry-run')
    expect(stdout).toContain('No permission of this version counts.')
    expect((await chain()).last).toBe(0)
  })
})

describe('A suspension is refused', () => {
  test('of a draft, which permits nothing', async () => {
    rewrite(folder, 'gb/assistance/2027-01-01.json', () => readOwn('gb/assistance/2017-01-01.json'))
    expect(await refused(() => first('gb/assistance@2027-01-01'))).toContain('it is a draft')
  })

  test('of a list, with what to do instead', async () => {
    const { code, stderr } = await first('lists/led-states')
    expect(stderr).toContain('a list permits nothing; suspend the policies that read it')
    expect(code).toBe(2)
  })

  test('by the same person twice, and so is its lift', async () => {
    const waits = 'legal has signed already; it waits for data protection'
    await first()
    expect(await refused(() => suspend(ground, [legal]))).toContain(waits)
    await second()
    await suspend(ground, [legal], '--lift', '--why', 'The stay is over.')
    expect(await refused(() => suspend(ground, [legal], '--lift'))).toContain(waits)
  })

  test('of what is suspended already, and a lift of what is not', async () => {
    expect(await refused(() => suspend(ground, [legal], '--lift', '--why', why))).toContain(
      'it is not suspended',
    )
    await first()
    await second()
    expect(await refused(second)).toContain('it is suspended already, until --lift ends it')
  })

  test('without a reason in a full sentence, or with another than the first of two gave', async () => {
    const { code, stderr } = await suspend(ground, [legal])
    expect(stderr).toContain('say why in a full sentence')
    expect(code).toBe(2)
    await first()
    expect(
      await refused(() => suspend(ground, [dataProtection], '--why', 'For another reason.')),
    ).toContain(`said why: “${why}”; leave --why away`)
  })
})

describe('Where the chain does not hold', () => {
  const anchor = (...more: readonly string[]) =>
    command(addPolicyAnchor, [
      ...['anchor', '--key', ...releases, '--why', 'A row of it was deleted.', '--yes'],
      ...more,
    ])

  test('nothing is stated but an anchor, which says what stays suspended', async () => {
    await suspend(ground, [legal, dataProtection], '--why', why)
    await suspend('gb/assistance@2017-01-01', [legal], '--why', why)
    expect((await anchor()).stderr).toContain('the chain holds')
    await suspend(ground, [legal], '--lift', '--why', 'The stay is over.')
    await remove(2)
    const { code, stderr } = await suspend(ground, [dataProtection], '--lift')
    expect(stderr).toContain(
      'statement 2 does not count: its number is not the next one. Nothing is permitted until it is put back as it was, or begun anew: `comity policy anchor`',
    )
    expect(code).toBe(5)
    const { stdout } = await anchor('--suspended', 'gb/assistance@2017-01-01')
    expect(stdout).toContain('The chain begins anew with statement 4.')
    expect(stdout).toContain(`Suspended: ${path}, gb/assistance/2017-01-01.json.`)
    const { broken, state } = await chain()
    expect(broken).toBeUndefined()
    expect(state.suspensions.size).toBe(2)
  })

  test('an end that is lost without a trace here is named by whoever saw it', async () => {
    await suspend(ground, [legal, dataProtection], '--why', why)
    await remove(1)
    const { stdout } = await anchor('--seen', '1', '--suspended', ground)
    expect(stdout).toContain('begins anew with statement 2')
    expect(await isSuspended('2027-12-01T10:00:00Z')).toBe(true)
  })
})
