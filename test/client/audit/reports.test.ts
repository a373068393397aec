/** The reports of auditors on the command line, at a gateway that answers. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { addLogReport } from '../../../functions/client/audit/log-report.ts'
import { addLogSample } from '../../../functions/client/audit/log-sample.ts'
import { addLogProfile } from '../../../functions/client/audit/officer-profile.ts'
import { addSubjectReport } from '../../../functions/client/audit/subject-report.ts'
import { localLog } from '../../../functions/demo/sealing.ts'
import { sealAll } from '../../../functions/sealing/sweep.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../../answer/people.ts'
import { run } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { localSealWorld } from '../../demo/seal-world.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { serving } from '../../serving.ts'
import { answered } from '../../world.ts'

const log = 'comity.test/de/2026'
let audited: Audited
let server: Awaited<ReturnType<typeof serving>>
let data: string
let url: string
let eid: string
let archive: ReturnType<typeof localLog>
/** What somebody between the gateway and the auditor does to an answer. */
let change = (text: string) => text

beforeAll(async () => {
  // The commands sign for their own now; the gateway's stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T09:00:00Z') })
  server = await serving(async (request) => {
    const answer = await audited.audit.fetch(request)
    const { status, headers } = answer
    return new Response(change(await answer.text()), { status, headers })
  })
  url = server.url
  data = mkdtempSync(join(tmpdir(), 'comity-reports-'))
  audited = await startAudited({
    changeAudit: (world) => ({
      ...world,
      origin: url,
      archive: { get: async (path) => archive?.archive.get(path) },
      vkey: (of) => archive?.vkey(of) ?? of,
    }),
  })
  archive = localLog(data)
  writeProfile(data, url, audited.keys, ['DE-DPA', 'DE-POL'])
  writeFileSync(join(data, 'person.json'), JSON.stringify(subjectsOf('R-1').document))
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  const known = { purpose: 'prosecution', stage: 'charged' } as const
  const ask = async (changes: Parameters<typeof requestOfMember>[0]) => {
    audited.clock.pass(1000)
    return (await answered(await audited.ask('FR-SPOC', 'officer-1', requestOfMember(changes)))).id
  }
  eid = await ask(known)
  for (let asked = 0; asked < 5; asked++) await ask({ caseReference: `CASE-${asked}` })
  await ask({ dryRun: true, subject: { recordId: 'R-2' } })
  await sealAll(localSealWorld(audited.world, audited.store.client, archive, [], 0))
})
afterAll(async () => {
  await server.close()
  await audited.close()
  rmSync(data, { recursive: true })
  vi.useRealTimers()
})

const who = ['--officer', 'auditor-1', '--purpose', 'lawfulness']
const comity = (add: typeof addLogReport, args: readonly string[], office = 'DE-DPA') => {
  const [name = '', ...rest] = args
  return run((parent) => add(parent, { data, url }), '', [name, '--as', office, ...who, ...rest])
}

describe('A report on a person', () => {
  const person = () => ['report', '--subject', join(data, 'person.json')]

  test('reads as two parts that can be cut apart, in plain words', async () => {
    const { code, stdout } = await comity(addSubjectReport, person())
    expect(code).toBe(0)
    const [before = '', after = ''] = stdout.split(/\n-{20,}\n/)
    const words = (text: string) => text.replaceAll(/\s+/g, ' ')
    expect(words(before)).toMatch(
      /^FOR THE PERSON On 2026-11-25 at 09:00 \(UTC\) Invented Single Point of Contact of France asked Invented Federal Police of Germany about you, for prosecution: identification data\. What was asked for was released\./,
    )
    expect(before).toContain('DE § 26(1) [V]')
    expect(words(before)).toContain('That neither confirms nor denies that there is more')
    for (const word of ['officer-1', 'CASE', 'left out', eid]) expect(before).not.toContain(word)
    expect(after).toContain('FOR THE AUTHORITY ALONE')
    expect(after).toMatch(/\d+ entries, 1 told to the person; left out: .*inquiry 5/)
    expect(after).toContain(`id ${eid}`)
    expect(words(after)).toContain('not told: Its purpose and stage do not show')
    expect(after).toContain('LED art. 15(1)(a) [M]')
  })

  test('leaves out what a file names', async () => {
    const file = join(data, 'restrictions.json')
    writeFileSync(file, JSON.stringify([{ entry: eid, because: 'public-security' }]))
    const { stdout } = await comity(addSubjectReport, [
      ...person(),
      '--restrictions',
      file,
      '--json',
    ])
    expect(JSON.parse(stdout)).toMatchObject({
      forTheSubject: { requests: [] },
      forTheAuthority: { told: 0, leftOut: { named: 1 } },
    })
    writeFileSync(file, JSON.stringify([{ entry: eid, because: 'whim' }]))
    const wrong = await comity(addSubjectReport, [...person(), '--restrictions', file])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('/0/because') })
  })
})

describe('An officer’s profile', () => {
  const profile = ['profile', '--agency', 'FR-SPOC', '--of', 'officer-1', '--from', '2026-11-01']

  test('reads as a table', async () => {
    const { stdout } = await comity(addLogProfile, [...profile, '--until', '2026-12-01'])
    expect(stdout).toMatch(
      /^FR-SPOC officer-1\n2026-11-01 until 2026-12-01 \(UTC\); .*Europe\/Paris/,
    )
    expect(stdout).toMatch(/decisions, dry runs among them +7\n/)
    expect(stdout).toMatch(/different people +2\n/)
    expect(stdout).toMatch(/for investigation +6\n/)
    expect(stdout).toContain('No median: fewer than five officers asked in this period.')
  })

  test('of an office without the role is refused with the reason', async () => {
    const { code, stderr } = await comity(
      addLogProfile,
      [...profile, '--until', '2026-12-01'],
      'DE-POL',
    )
    expect([code, stderr]).toEqual([1, expect.stringContaining('(not-your-role)')])
  })
})

describe('A report on a year', () => {
  test('reads as tables, and warns of small numbers', async () => {
    const { stdout } = await comity(addLogReport, ['report', '--year', '2026'])
    expect(stdout).toMatch(/^Decisions of 2026\ndecisions +6\n/)
    expect(stdout).toMatch(/By month \(UTC\)\n2026-11 +6\n/)
    expect(stdout).toMatch(/FR → DE +6\n/)
    expect(stdout).toMatch(/DE § 26a \[V\] +5\n/)
    expect(stdout).toContain('a number below 5 may tell of one person')
  })

  // Kills: a law that applied and said nothing, counted as one that was relied on (`reliedOn`).
  test('names the law by which it was decided, and none that was only looked at', async () => {
    const { stdout } = await comity(addLogReport, ['report', '--year', '2026'])
    const [, relied = ''] = /Policies relied on\n([\s\S]*?)\n\n/.exec(stdout) ?? []
    expect(relied).toContain('eu/exchange@')
    expect(relied).not.toContain('un/floor@')
  })

  test('to be published is of months that are over and sealed, and shows no number below 5', async () => {
    const args = ['report', '--year', '2026', '--published']
    const early = await comity(addLogReport, args)
    expect(early.stdout).not.toContain('2026-11')
    const before = [new Date(), audited.clock.now] as const
    const later = new Date('2026-12-01T09:00:00Z')
    vi.setSystemTime(later)
    audited.clock.now = later
    // The first one seals what waited; the second one finds that nothing of before waits.
    for (let at = 0; at < 2; at += 1)
      await sealAll(localSealWorld(audited.world, audited.store.client, archive, [], 0))
    const { stdout } = await comity(addLogReport, args)
    expect(stdout).toMatch(/2026-11\ndecisions +5\n/)
    expect(stdout).toMatch(/\nFR +5\n/)
    // One of six was for prosecution: it is counted together with the others.
    expect(stdout).not.toMatch(/\nprosecution +\d/)
    expect(stdout).not.toMatch(/ [1-46-9]\n/)
    const { stdout: json } = await comity(addLogReport, [...args, '--json'])
    const { year, published } = JSON.parse(json)
    expect(year).toBe('2026')
    expect(published.at(-1)).toMatchObject({ month: '2026-11', decisions: 5 })
    vi.setSystemTime(before[0])
    audited.clock.now = before[1]
  })
})

describe('A sample', () => {
  const sample = ['sample', '--log', log, '--n', '3']

  test('is drawn here again from its checkpoint', async () => {
    const { code, stdout } = await comity(addLogSample, sample)
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^3 of the first \d+ entries of comity\.test\/de\/2026\n( +\d+ {2}.+\n){3}/,
    )
    expect(stdout).toContain(`\n${log}\n`)
  })

  // Kills: printing whatever the gateway says was drawn.
  test('that is not what the checkpoint decides is refused', async () => {
    change = (text) => text.replace(/"index":(\d+)/, (_, index) => `"index":${Number(index) + 1}`)
    const { code, stderr } = await comity(addLogSample, sample)
    change = (text) => text
    expect([code, stderr]).toEqual([5, expect.stringContaining('the checkpoint decides')])
  })

  test('whose checkpoint is of another log or size is refused', async () => {
    change = (text) => text.replace(`"checkpoint":"${log}`, '"checkpoint":"comity.test/gb/2026')
    const { code } = await comity(addLogSample, sample)
    change = (text) => text
    expect(code).toBe(5)
  })

  test('with a damaged entry ends with the code of what is not whole', async () => {
    change = (text) => text.replace('"index"', '"wrong":"it is gone","index"')
    const { code, stdout } = await comity(addLogSample, sample)
    change = (text) => text
    expect([code, stdout]).toEqual([5, expect.stringContaining('it is gone')])
  })
})
