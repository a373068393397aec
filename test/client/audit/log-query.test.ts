/** `comity log query`, at a gateway that answers. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { addLogQuery } from '../../../functions/client/audit/log-query.ts'
import { addLogShow } from '../../../functions/client/audit/log-show.ts'
import type { AuditLine } from '../../../functions/log-ports.ts'
import { dayOrHour } from '../../../functions/terminal/arguments.ts'
import {
  attestAll,
  benignOfMember,
  directive,
  itemOf,
  personOf,
  requestOf,
  subjectsOf,
} from '../../answer/people.ts'
import { run } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { serving } from '../../serving.ts'
import { answered } from '../../world.ts'

let audited: Audited
let server: Awaited<ReturnType<typeof serving>>
let data: string
let url: string
let ids: readonly string[]

beforeAll(async () => {
  // The command signs for its own now; the gateway's stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T09:00:00Z') })
  server = await serving((request) => audited.audit.fetch(request))
  url = server.url
  audited = await startAudited({
    changeAudit: (world) => ({ ...world, origin: url }),
  })
  data = mkdtempSync(join(tmpdir(), 'comity-query-'))
  writeProfile(data, url, audited.keys, ['DE-DPA', 'FR-DPA', 'US-OIG', 'DE-POL'])
  writeFileSync(join(data, 'person.json'), JSON.stringify(subjectsOf('R-1').document))
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'ES' }, benignOfMember)
  const ask = async (agency: string, changes = {}) => {
    audited.clock.pass(1000)
    return (await answered(await audited.ask(agency, 'officer-1', requestOf(changes)))).id
  }
  ids = [
    await ask('ES-SPOC', directive),
    await ask('US-POL', { caseReference: 'CASE 2' }),
    await ask('ES-SPOC', { ...directive, dryRun: true }),
  ]
  await audited.fileAll(ids)
})
afterAll(async () => {
  await server.close()
  await audited.close()
  rmSync(data, { recursive: true })
  vi.useRealTimers()
})

const who = ['--officer', 'auditor-1', '--purpose', 'lawfulness']
const query = (args: readonly string[], office = 'DE-DPA') =>
  run((log) => addLogQuery(log, { data, url }), '', ['query', '--as', office, ...who, ...args])
const idsIn = (stdout: string): readonly string[] =>
  JSON.parse(stdout).entries.map(({ id }: { id: string }) => id)

describe('An auditor', () => {
  test('reads who asked whom, what came of it and why, the newest first', async () => {
    const { code, stdout } = await query([])
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/^When \(UTC\) +Who +What came of it +Why$/)
    expect(lines.filter((line) => line.startsWith('id '))).toEqual(
      ids.toReversed().map((id) => `id ${id}`),
    )
    expect(stdout).toMatch(
      /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {3}US-POL officer-1 asked {7,}not decided yet/,
    )
    expect(stdout).toContain('(dry run)')
    expect(stdout).toContain('de/police/')
    expect(code).toBe(0)
  })

  test.each([
    [['--requester', 'US'], [1]],
    [['--outcome', 'release', '--dry-runs', 'none'], [0]],
    [['--dry-runs', 'only'], [2]],
    [
      ['--requester', 'ES-SPOC', '--asked-by', 'officer-1'],
      [2, 0],
    ],
    [['--case', 'US-POL', 'CASE 2'], [1]],
    [['--until', '2020-01-01'], []],
    [['--until', '2020-01-01T09'], []],
    [['--from', '2020-01-01T09:30', '--policy', 'de/police', '--standing', 'open'], [1]],
    [['--policy', 'de/police', '--standing', 'open'], [1]],
  ])('filters by %j', async (args, expected) => {
    const { stdout } = await query([...args, '--json'])
    expect(idsIn(stdout)).toEqual(expected.map((at) => ids[at]))
  })

  // Kills: an hour that is no hour taken for a day.
  test('writes an hour as one', () => {
    expect(dayOrHour('2026-11-24T09')).toBe('2026-11-24T09:00:00Z')
    for (const wrong of ['2026-11-24T25', '2026-11-24T09:61', '2026-02-30T09', 'T09'])
      expect(() => dayOrHour(wrong), wrong).toThrow('an hour like 2026-11-24T09')
  })

  const show = (id: string, office = 'DE-DPA', more: readonly string[] = []) =>
    run((log) => addLogShow(log, { data, url }), '', ['show', id, '--as', office, ...who, ...more])

  // Kills: an entry of another state that is told apart from one that is not there.
  test('reads one entry: what came of it and why, what left, and the law of that day', async () => {
    const { code, stdout } = await show(String(ids[0]))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Decision: released\n/)
    expect(stdout).toMatch(/Why:\n.+\[de\/police\/directive\]/)
    expect(stdout).toContain('What left:\nname: release')
    expect(stdout).toMatch(/The law of that day:[\s\S]*de\/police@/)
    const whole = await show(String(ids[0]), 'DE-DPA', ['--json'])
    expect(JSON.parse(whole.stdout)).toMatchObject({ id: ids[0], side: 'holder' })
    const [hidden, none] = [
      await show(String(ids[0]), 'FR-DPA'),
      await show('x'.repeat(43), 'FR-DPA'),
    ]
    expect([hidden.code, none.code]).toEqual([1, 1])
    expect(hidden.stderr.replace(String(ids[0]), '')).toBe(none.stderr.replace('x'.repeat(43), ''))
  })

  test('asks for a person by a file, and no address says who it is', async () => {
    const spied = vi.spyOn(globalThis, 'fetch')
    const { stdout } = await query(['--subject', join(data, 'person.json'), '--json'])
    const addresses = spied.mock.calls.map(([address]) => String(address)).join(' ')
    spied.mockRestore()
    // Found by another identifier than those requests used: the holder knows all of them.
    expect(idsIn(stdout)).toEqual([ids[0]])
    expect(addresses).toContain('&subject=')
    expect(addresses).not.toContain('DOC')
  })

  // Kills: stopping after one page, asking for more than is wanted, the same page again.
  test('gets so many as wanted, over pages, and is told that there is more', async () => {
    const key = { jurisdiction: 'US', by: 'all', value: '' } as const
    const lines = Array.from(
      { length: 205 },
      (_, at): AuditLine => ({
        ...{
          kind: 'decision',
          side: 'holder',
          log: 'x',
          hj: 'US',
          aj: 'US',
          rules: [],
          policies: [],
        },
        ts: `2026-11-24T08:00:00.${String(at).padStart(3, '0')}Z`,
        id: Buffer.alloc(32, at).toString('base64url'),
      }),
    )
    const rows = lines.map((line) => ({ key, line }))
    await audited.auditWorld.lookups.file(rows)
    await audited.auditWorld.lookups.put(rows)
    const errors: string[] = []
    const error = vi.spyOn(console, 'error').mockImplementation((text) => void errors.push(text))
    const some = await query(['--limit', '203', '--holder', 'US', '--json'], 'US-OIG')
    expect(errors).toEqual(['There may be more; the newest 203 are shown.'])
    const all = await query(['--limit', '1000', '--holder', 'US', '--json'], 'US-OIG')
    error.mockRestore()
    expect(errors).toHaveLength(1)
    const newest = lines.map(({ id }) => id).toReversed()
    expect(idsIn(some.stdout)).toEqual(newest.slice(0, 203))
    expect(idsIn(all.stdout)).toEqual(newest)
  })

  test('gets lines for other programs', async () => {
    const csv = (await query(['--csv'])).stdout.split('\r\n')
    expect(csv).toHaveLength(4)
    expect(csv[0]).toMatch(/^id,ts,kind,/)
    // An id that a spreadsheet could take for a formula is shown as text.
    expect(csv[1]).toMatch(new RegExp(`^'?${ids[2]},`))
    const ndjson = (await query(['--ndjson'])).stdout.split('\n')
    expect(ndjson.map((line) => JSON.parse(line).id)).toEqual(ids.toReversed())
  })

  test('of another country finds nothing, and is told so', async () => {
    expect(await query([], 'FR-DPA')).toMatchObject({ code: 0, stdout: 'Nothing was found.' })
  })
})

describe('A query', () => {
  test('of an agency that is no auditor is refused with the reason', async () => {
    const { code, stderr } = await query([], 'DE-POL')
    expect(stderr).toContain('has not named this officer for it (not-your-role)')
    expect(code).toBe(1)
  })

  test('with a fault says where it is', async () => {
    const { code, stderr } = await query(['--holder', 'de'])
    expect(stderr).toContain('- /holder: a jurisdiction such as DE, or an agency such as DE-BKA')
    expect(code).toBe(1)
  })

  test('for a case without its agency, or of an office without a key, is wrong usage', async () => {
    expect(await query(['--case', 'CASE-1'])).toMatchObject({ code: 2 })
    expect(await query([], 'GB-DPA')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no key for `GB-DPA`'),
    })
  })
})
