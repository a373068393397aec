/** The auditors' commands as somebody types them who has read their guide and nothing else: without `--as`. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { wentOff } from '../../../functions/audit/alarms.ts'
import { looks } from '../../../functions/audit/looks.ts'
import { look } from '../../../functions/client/audit/audit-call.ts'
import { addLogEvents } from '../../../functions/client/audit/log-events.ts'
import {
  addLogAlarms,
  addLogDeadlines,
  addLogFigures,
  addLogOfficers,
  alarmLines,
} from '../../../functions/client/audit/log-officers.ts'
import { addLogQuery } from '../../../functions/client/audit/log-query.ts'
import { addLogReplay } from '../../../functions/client/audit/log-replay.ts'
import { addLogReport } from '../../../functions/client/audit/log-report.ts'
import { addLogSample } from '../../../functions/client/audit/log-sample.ts'
import { addLogProfile } from '../../../functions/client/audit/officer-profile.ts'
import { addSubjectReport } from '../../../functions/client/audit/subject-report.ts'
import { requestOf, subjectsOf } from '../../answer/people.ts'
import { type Evidencing, startEvidencing } from '../../audit/evidencing.ts'
import { run } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { serving } from '../../serving.ts'
import { answered } from '../../world.ts'

let evidencing: Evidencing
let server: Awaited<ReturnType<typeof serving>>
let data: string
let url: string
let [german, british]: readonly [string, string] = ['', '']

beforeAll(async () => {
  // The commands sign for their own now; the gateway's stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T09:00:00Z') })
  server = await serving((request) => evidencing.audit.fetch(request))
  url = server.url
  evidencing = await startEvidencing({ origin: url })
  data = mkdtempSync(join(tmpdir(), 'comity-auditors-'))
  withKeysOf('DE-DPA', 'GB-DPA', 'FR-DPA')
  const { sealing, auditWorld } = evidencing
  const trust = { v: 1, witnesses: auditWorld.witnessVkeys, quorum: 1, receipts: { keys: [] } }
  const logs = ['de', 'gb', 'fr'].map((each) => sealing.vkey(`comity.test/${each}/2026`))
  writeFileSync(join(data, 'trust.json'), JSON.stringify({ ...trust, logs }))
  const ask = async (agency: string, holder: string, person: string) => {
    evidencing.clock.pass(1000)
    const body = requestOf({ holder, subject: subjectsOf(person).recordId })
    return (await answered(await evidencing.ask(agency, 'officer-1', body))).id
  }
  german = await ask('GB-POL', 'DE-POL', 'R-1')
  british = await ask('FR-SPOC', 'GB-POL', 'R-2')
  await evidencing.sealLogs()
})
afterAll(async () => {
  await server.close()
  await evidencing.stop()
  rmSync(data, { recursive: true })
  vi.useRealTimers()
})

let said: string[] = []
beforeEach(() => {
  said = []
  vi.spyOn(console, 'error').mockImplementation((text: string) => void said.push(text))
})
afterEach(() => {
  vi.restoreAllMocks()
  withKeysOf('DE-DPA', 'GB-DPA', 'FR-DPA')
})

/** Leaves the keys of these offices in the data folder. */
const withKeysOf = (...offices: readonly string[]): void =>
  writeProfile(data, url, evidencing.keys, offices)

const comity = (add: typeof addLogQuery, ...args: readonly string[]) =>
  run((parent) => add(parent, { data, url }), '', args)
const who = (...offices: readonly string[]) =>
  `Asked as ${offices.join(', ')} (officer auditor-1, for lawfulness).`

describe('Without an office', () => {
  // Kills: one office's entries alone; one entry twice; the side that knows less; the oldest first.
  test('a query shows what every local auditor sees, each entry once and from its holder’s side', async () => {
    const { code, stdout } = await comity(addLogQuery, 'query', '--json')
    const { entries } = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(entries).toMatchObject([
      { id: british, side: 'holder' },
      { id: german, side: 'holder' },
    ])
    expect(said).toEqual([who('DE-DPA', 'GB-DPA', 'FR-DPA')])
    const one = await comity(addLogQuery, 'query', '--limit', '1', '--json')
    expect(JSON.parse(one.stdout).entries).toMatchObject([{ id: british }])
    expect(said).toContain('There may be more; the newest 1 are shown.')
    // Kills: telling those who know it as whom they asked.
    said = []
    await comity(addLogQuery, 'query', '--as', 'FR-DPA', '--json')
    expect(said).toEqual([])
  })

  // Kills: being cut without a word, where no one office has more than is wanted.
  test('a query is cut if all offices together have more than is wanted, and says so', async () => {
    const rows = ['DE', 'FR'].flatMap((jurisdiction) =>
      [1, 2].map((at) => ({
        key: { jurisdiction, by: 'all', value: '' } as const,
        line: {
          id: Buffer.alloc(32, `${jurisdiction}${at}`).toString('base64url'),
          ts: `2026-11-25T08:00:00.00${at}Z`,
          ...({ kind: 'hold', side: 'holder', log: 'x', rules: [], policies: [] } as const),
          ...{ hj: jurisdiction, aj: jurisdiction },
        },
      })),
    )
    await evidencing.auditWorld.lookups.file(rows)
    await evidencing.auditWorld.lookups.put(rows)
    const { stdout } = await comity(
      addLogQuery,
      'query',
      '--kind',
      'hold',
      '--limit',
      '3',
      '--json',
    )
    expect(JSON.parse(stdout).entries).toHaveLength(3)
    expect(said[0]).toBe('There may be more; the newest 3 are shown.')
  })

  // Kills: offices that look at a person for nothing.
  test('a query for a person ends with the first that finds any', async () => {
    writeFileSync(join(data, 'person.json'), JSON.stringify(subjectsOf('R-2').recordId))
    const file = ['--subject', join(data, 'person.json')]
    const { stdout } = await comity(addLogQuery, 'query', ...file, '--json')
    expect(JSON.parse(stdout).entries).toMatchObject([{ id: british }])
    expect(said).toEqual([`${who('DE-DPA', 'GB-DPA')} For another country, add --as: FR-DPA.`])
  })

  test('a report counts for the first country that decided anything, and names the others', async () => {
    withKeysOf('GB-DPA', 'FR-DPA')
    const { stdout } = await comity(addLogReport, 'report')
    expect(stdout).toMatch(/^Decisions of 2026\ndecisions +1\n/)
    expect(stdout).toMatch(/FR → GB +1\n/)
    expect(said).toEqual([
      `${who('GB-DPA')} Counted is what agencies of GB decided. For another country, add --as: FR-DPA.`,
    ])
    withKeysOf('FR-DPA')
    const nothing = await comity(addLogReport, 'report', '--json')
    expect(JSON.parse(nothing.stdout)).toMatchObject({ year: '2026', decisions: 0 })
  })

  // Kills: the first auditor of all, who sees only what its own country was asked.
  test('a profile is that which the agency’s own auditor sees, of this year until today', async () => {
    const { stdout } = await comity(
      addLogProfile,
      'profile',
      '--agency',
      'FR-SPOC',
      '--of',
      'officer-1',
    )
    expect(stdout).toMatch(/^FR-SPOC officer-1\n2026-01-01 until 2026-11-26 /)
    expect(stdout).toMatch(/decisions, dry runs among them +1\n/)
    expect(said[0]).toContain(who('FR-DPA'))
    withKeysOf('DE-DPA', 'GB-DPA')
    await comity(addLogProfile, 'profile', '--agency', 'FR-SPOC', '--of', 'officer-1')
    expect(said[1]).toContain(who('GB-DPA'))
  })

  test('officers are ranked by the agency’s own auditor, or it is said why nobody is', async () => {
    const args = ['officers', '--agency', 'GB-POL', '--from', '2026-11-01', '--until', '2026-12-01']
    const { code, stdout } = await comity(addLogOfficers, ...args)
    expect(code).toBe(0)
    expect(stdout).toContain('GB-POL: 1 officers asked or released something')
    expect(stdout).toContain('with fewer than five officers a median would show each one')
    expect(said).toEqual([`${who('GB-DPA')} Counted is what that office sees.`])
    const json = JSON.parse((await comity(addLogOfficers, ...args, '--json')).stdout)
    expect(json).toMatchObject({ agency: 'GB-POL', officers: 1, ranked: [], complete: true })
  })

  test('figures of a period are counted for the first country that decided anything', async () => {
    const args = ['figures', '--from', '2026-11-01', '--until', '2026-12-01']
    const { code, stdout } = await comity(addLogFigures, ...args)
    expect(code).toBe(0)
    expect(stdout).toContain('2026-11-01 until 2026-12-01')
    expect(stdout).toMatch(/Who was asked\n\s*DE-POL\s+1\s/)
    expect(stdout).toContain('The law of the last day: de/')
    expect(said).toEqual([`${who('DE-DPA')} Counted is what agencies of DE decided.`])
    const json = JSON.parse((await comity(addLogFigures, ...args, '--json')).stdout)
    expect(json).toMatchObject({
      decisions: 1,
      tables: { holders: { 'DE-POL': { decisions: 1 } } },
    })
  })

  // Kills: an exit code of 0, by which a program takes what is overdue for done.
  test('deadlines are listed, and what is overdue ends the command with code 6', async () => {
    const listed = await comity(addLogDeadlines, 'deadlines', '--as', 'DE-DPA')
    expect(listed.stdout).toMatch(/Open denials: \d+/)
    const { denials, told } = JSON.parse(
      (await comity(addLogDeadlines, 'deadlines', '--as', 'DE-DPA', '--json')).stdout,
    )
    const isOver = [...denials, ...told].some(({ overdue }) => overdue)
    expect(listed.code).toBe(isOver ? 6 : 0)
  })

  test('a sample is drawn for the auditor of the log, and one of no log is told which there are', async () => {
    const drawn = await comity(addLogSample, 'sample', '--log', 'comity.test/gb/2026')
    expect(drawn.code).toBe(0)
    expect(drawn.stdout).toContain(british)
    expect(said).toEqual([who('GB-DPA')])
    const unnamed = await comity(addLogSample, 'sample')
    expect([unnamed.code, unnamed.stderr]).toEqual([
      2,
      expect.stringContaining('\n  --log comity.test/gb/2026'),
    ])
  })

  // Kills: a cursor that is kept before its events are out, or is not sent.
  test('events are pulled by the auditor of the log, and once each', async () => {
    const file = join(data, 'events.cursor')
    const pull = () =>
      comity(addLogEvents, 'events', '--log', 'comity.test/gb/2026', '--cursor-file', file)
    const { code, stdout } = await pull()
    expect([code, said]).toEqual([0, [who('GB-DPA')]])
    expect(stdout.split('\n').map((line) => JSON.parse(line).id)).toEqual([british])
    expect((await pull()).stdout).toBe('')
  })

  // Kills: an entry that somebody changed among the events, of which a system that looks at exit codes hears nothing.
  test('events of which one is of a changed entry end the command with code 5', async () => {
    const { decisions } = evidencing.store.rows
    const key = { pk: { S: `D#${british}` } }
    const before = (await decisions.get(key)) ?? key
    await decisions.put({ ...before, ev: { B: new Uint8Array(60) } })
    const changed = await comity(addLogEvents, 'events', '--log', 'comity.test/gb/2026')
    await decisions.put(before)
    expect(changed.code).toBe(5)
    expect(changed.stdout).toContain('"type":"comity.entry-changed"')
  })

  test('a replay is of the logs of every local auditor, each asked for its own', async () => {
    const { code, stdout } = await comity(addLogReplay, 'replay')
    expect(code).toBe(0)
    for (const log of ['de', 'gb']) expect(stdout).toContain(`comity.test/${log}/2026, `)
    expect(stdout.match(/- 1 decision decided again, the same/g)).toHaveLength(2)
  })

  // Kills: a look at the person, which is kept, taken for what the log had of them.
  test('a report on a person is for the first country that has anything but looks at them', async () => {
    writeFileSync(join(data, 'person.json'), JSON.stringify(subjectsOf('R-2').recordId))
    for (let again = 0; again < 2; again++) {
      const { stdout } = await comity(
        addSubjectReport,
        'report',
        '--subject',
        join(data, 'person.json'),
      )
      expect(stdout).toContain(`id ${british}`)
      await evidencing.sealLogs()
    }
    const gb = `${who('GB-DPA')} It is what the log has for GB alone. For another country, add --as: DE-DPA, FR-DPA.`
    expect(said).toEqual([gb, gb])
  })

  test('alarms are none where none is set, and end the command with code 6 once one goes off', async () => {
    const none = await comity(addLogAlarms, 'alarms', '--as', 'GB-DPA')
    expect([none.code, none.stdout]).toEqual([0, 'No alarm is set.'])
    const auditor = { as: 'GB-DPA', agency: 'GB-DPA', officer: 'auditor-1', url }
    const alarm = { agency: 'GB-POL', by: 'decisions', days: 30, over: 4 }
    await look({ ...auditor, purpose: 'lawfulness' }, { data, url }, looks.setAlarm, alarm)
    for (let i = 0; i < 5; i += 1) {
      evidencing.clock.pass(1000)
      const request = requestOf({ holder: 'DE-POL', subject: subjectsOf(`R-${i + 5}`).recordId })
      await answered(await evidencing.ask('GB-POL', 'officer-1', request))
    }
    await evidencing.sealLogs()
    const off = await comity(addLogAlarms, 'alarms', '--as', 'GB-DPA')
    expect(off.stdout).toMatch(/All requests: more than 4 in 30 days, GB-POL: officer-1 has [6-9]/)
    expect(off.code).toBe(6)
  })

  // Kills: what could not be counted, said as if it had not gone off.
  test('an alarm that could not be counted went off, and says what to do', () => {
    const of = { id: 'a'.repeat(43), agency: 'GB-POL', by: 'atNight' } as const
    const alarm = { ...of, days: 30, over: 4 }
    const said = alarmLines({ alarms: [{ ...alarm, officers: [], complete: false }] }).join()
    expect(said).toContain('GB-POL: could not be counted')
    expect(said).toContain('set it for fewer days')
    expect(wentOff({ officers: [], complete: false })).toBe(true)
    expect(wentOff({ officers: [], complete: true })).toBe(false)
  })

  test('and without an auditor, a key or a profile, it is said what to do', async () => {
    withKeysOf()
    const without = await comity(addLogQuery, 'query')
    expect([without.code, without.stderr]).toEqual([
      2,
      'the profile names no auditor; say as whom with --as',
    ])
    const nobody = await comity(addLogQuery, 'query', '--as', 'GB-DPA')
    expect(nobody.code).toBe(2)
    expect(nobody.stderr).toMatch(/^there is no key for `GB-DPA`, which would be .+; the profile /)
    rmSync(join(data, 'profile.json'))
    const { code, stderr } = await comity(addLogQuery, 'query')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^couldn’t tell who signs: there is no profile .*; `npm start` writes/)
  })
})
