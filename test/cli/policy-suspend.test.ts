/** `comity policy suspend`, on a copy of the policies. */

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sealedPolicies } from '../../functions/adapters/policies-files.ts'
import { explain } from '../../functions/cli/explain.ts'
import { addCheck } from '../../functions/cli/policy-check.ts'
import { addPolicySuspend } from '../../functions/cli/policy-suspend.ts'
import { copyOfPolicies, edit, readShipped, removeCopies, rewrite, run } from './in-process.ts'

const version = 'gb/osja@2017-01-01'
const ground = 'gb/dpa-2018-part-3@2026-02-05.r2'
const why = 'A court has stayed it.'

let folder: string
let legal: string
let dataProtection: string
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-12-01T10:00:00Z'), toFake: ['Date'] })
  folder = copyOfPolicies('own')
  legal = join(folder, 'demonstration-keys/legal.json')
  dataProtection = join(folder, 'demonstration-keys/data-protection.json')
})
afterAll(removeCopies)
afterAll(() => void vi.useRealTimers())

const at = (moment: string) => vi.setSystemTime(new Date(moment))
const suspend = (name: string, keys: readonly string[], ...more: readonly string[]) =>
  run(addPolicySuspend, folder, ['suspend', name, '--key', ...keys, '--yes', ...more])
const first = (name = ground) => suspend(name, [legal], '--why', why)
const second = (name = ground) => suspend(name, [dataProtection])
const last = (text: string) => text.split('\n').at(-1)
const statements = () => readFileSync(join(folder, 'suspensions.json'), 'utf8')

async function refused(ran: ReturnType<typeof run>): Promise<string> {
  const before = statements()
  const { code, stderr } = await ran
  expect(statements()).toBe(before)
  expect(stderr).toMatch(/^couldn’t \S.*: .+$/)
  expect(code).toBe(3)
  return stderr
}

/** The first case of the version that is answered with a release. */
const { given, cases } = JSON.parse(readShipped('gb/dpa-2018-part-3/2026-02-05.r2.test.json'))
const released = cases.find(
  ({ expect: { outcome } }: { expect: { outcome: string } }) => outcome === 'release',
)

/** The answer to a request that the law releases, at a moment, as it was known then. */
function answered(moment: string) {
  const [item = {}] = released.items ?? []
  const file = {
    facts: { ...given.facts, ...released.facts },
    items: [{ id: '1', ...given.item, ...item }],
  }
  const { decision } = explain(file, sealedPolicies(folder), moment, moment)
  return { outcome: decision.outcome, codes: decision.reasons.map(({ code }) => code) }
}
const stopped = { outcome: 'deny', codes: ['policy-suspended'] }

test('A version that a correction replaced cannot be suspended: the correction is named', async () => {
  const replaced = ground.replace('.r2', '')
  expect(await refused(first(replaced))).toContain(
    `a correction took its place; suspend \`${ground}\``,
  )
})

describe('In an emergency', () => {
  test('one key suspends a version at once, for seven days', async () => {
    const { code, stdout } = await first()
    expect(code).toBe(0)
    expect(stdout).toContain('Its refusals, redactions and duties go on.')
    expect(last(stdout)).toBe(
      `suspended ${ground} by legal: data protection confirms it before 2026-12-08T10:00:00.000Z, or it ends`,
    )
    expect(answered('2026-12-01T10:00:00Z')).toEqual(stopped)
    expect(answered('2026-12-08T09:59:59Z')).toEqual(stopped)
    expect(answered('2026-12-08T10:00:00Z').outcome).toBe('release')
  })

  test('the second key makes it last until both lift it', async () => {
    await first()
    at('2026-12-05T00:00:00Z')
    expect(last((await second()).stdout)).toBe(`suspended ${ground} until it is lifted`)
    expect(answered('2027-06-01T00:00:00Z')).toEqual(stopped)
    at('2027-06-01T00:00:00Z')
    const lift = await suspend(ground, [legal], '--lift', '--why', 'The stay is over.')
    expect(last(lift.stdout)).toBe('signed: the lift by legal waits for data protection')
    expect(answered('2027-06-02T00:00:00Z')).toEqual(stopped)
    at('2027-06-03T00:00:00Z')
    const lifted = await suspend(ground, [dataProtection], '--lift')
    expect(last(lifted.stdout)).toBe(`lifted ${ground}`)
    expect(answered('2027-06-03T00:00:00Z').outcome).toBe('release')
  })

  // Kills: a suspension that is read of the day that is asked for, or of today (history.ts).
  test('what was decided before, meanwhile and after is decided again as it was', async () => {
    const moments = ['2026-11-30T00:00:00Z', '2026-12-02T00:00:00Z', '2026-12-20T00:00:00Z']
    const before = moments.map(answered)
    await suspend(ground, [legal, dataProtection], '--why', why)
    const meanwhile = moments.map(answered)
    expect(meanwhile[0]).toEqual(before[0])
    expect(meanwhile[1]).toEqual(stopped)
    at('2026-12-10T00:00:00Z')
    await suspend(ground, [legal, dataProtection], '--lift', '--why', 'The stay is over.')
    expect(moments.map(answered)).toEqual([before[0], meanwhile[1], before[2]])
  })

  test('the check says so', async () => {
    await first(version)
    const check = async () => {
      const { stdout, code } = await run(addCheck, folder, [
        ...['check', 'gb/osja', '--as-of'],
        '2026-12-02',
      ])
      expect(code).toBe(0)
      return stdout
    }
    expect(await check()).toContain(
      'what it permits is suspended since 2026-12-01T10:00:00.000Z; data protection confirms it, or it ends 2026-12-08T10:00:00.000Z',
    )
    await second(version)
    expect(await check()).toContain(
      'or lift it: `comity policy suspend gb/osja/2017-01-01.json --lift`',
    )
  })
})

describe('A suspension is refused', () => {
  test('of a draft, which permits nothing', async () => {
    rewrite(folder, 'gb/osja/2027-01-01.json', () => readShipped('gb/osja/2017-01-01.json'))
    expect(await refused(first('gb/osja@2027-01-01'))).toContain('it is a draft')
  })

  test('of a list, with what to do instead', async () => {
    const { code, stderr } = await first('lists/led-states')
    expect(stderr).toContain('a list permits nothing; suspend the policies that read it')
    expect(code).toBe(2)
  })

  test('by the same person twice', async () => {
    await first()
    expect(await refused(first())).toContain(
      'legal has signed already; it waits for data protection',
    )
  })

  test('of what is suspended already, and a lift of what is not', async () => {
    expect(await refused(suspend(ground, [legal], '--lift', '--why', why))).toContain(
      'it is not suspended',
    )
    await first()
    await second()
    expect(await refused(second())).toContain('it is suspended already, until --lift ends it')
  })

  test('without a reason in a full sentence', async () => {
    const { code, stderr } = await suspend(ground, [legal])
    expect(stderr).toContain('say why in a full sentence')
    expect(code).toBe(2)
  })
})

describe('A gateway does not start', () => {
  const start = () => sealedPolicies(folder)

  test('on a suspension that somebody changed, and says which', async () => {
    await first()
    edit<[{ why: string }]>(folder, 'suspensions.json', ([statement]) => {
      statement.why = 'Another reason.'
    })
    expect(start).toThrow(
      'couldn’t load policies: suspensions.json/0: the statement on gb/dpa-2018-part-3/2026-02-05.r2.json does not count: a signature is not of a sealer trusted here for it',
    )
  })

  // Kills: a missing file taken for one without suspensions (policies-files.ts).
  test('without the file, since that would end every suspension', () => {
    rmSync(join(folder, 'suspensions.json'))
    expect(start).toThrow('couldn’t load policies: suspensions.json: it is missing')
  })
})
