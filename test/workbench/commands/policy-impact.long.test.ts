/** `comity policy impact`, as a lawyer runs it before a change is sealed. */

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Command } from 'commander'
import { decodeJwt } from 'jose'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import type { LoggedDecision } from '../../../functions/decision/logged-facts.ts'
import { agencyKey } from '../../../functions/demo/keys.ts'
import { addPolicyImpact } from '../../../functions/workbench/commands/policy-impact.ts'
import { impactOf, withDrafts } from '../../../functions/workbench/law/impact.ts'
import { seededDecisions } from '../../bench/impact.ts'
import { copyOfPolicies, edit, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { readOwn } from '../../own-law.ts'
import { raisedThreshold } from '../law/own-drafts.ts'

const folder = copyOfPolicies()
const data = temporaryFolder()
afterAll(removeCopies)
afterAll(removeFolders)
afterEach(() => vi.restoreAllMocks())

const now = new Date().toISOString()
const { book } = readPolicies(folder)
const lines = [...seededDecisions(1000, 3, book, now)]
const textOf = (all: readonly object[]) => all.map((each) => `${JSON.stringify(each)}\n`).join('')
const fileWith = (text: string): string => {
  const file = join(temporaryFolder(), 'facts.ndjson')
  writeFileSync(file, text)
  return file
}
const facts = fileWith(textOf(lines))
const draft = 'eu/exchange/2027-01-01.json'
rewrite(folder, draft, () => readOwn('eu/exchange/2024-12-12.r2.json'))
// biome-ignore lint/suspicious/noExplicitAny: a lawyer edits any part of the file.
edit(folder, draft, (json: any) => {
  const rule = json.rules.find((each: { id: string }) => each.id === 'seriousness')
  rule.when.or[1]['<='][1] = 24
})
const counted = impactOf(lines, withDrafts(book, [raisedThreshold()], now))

const add = (url: string) => (policy: Command, policies: string) =>
  addPolicyImpact(policy, policies, { data, url })
const impact = (...args: readonly string[]) =>
  run(add('http://localhost:1'), folder, ['impact', ...args])

describe('a draft that would change some of the logged decisions', () => {
  test('is shown with how many of which countries, and what the first of them rests on', async () => {
    const { code, stdout } = await impact(draft, '--facts', facts)
    expect(code).toBe(0)
    const flat = stdout.replaceAll(/\s+/g, ' ')
    expect(flat).toContain('eu/exchange@2027-01-01, as if in force all along')
    expect(flat).toMatch(/1,000 decisions from \d+ May 2026 to 2\d November 2026, replayed/)
    expect(counted.changed).toBeGreaterThan(2)
    expect(flat).toContain(`${counted.changed} would change (`)
    const [first] = counted.turns
    expect(flat).toMatch(
      new RegExp(
        `${first?.requester} → ${first?.holder} .*(not decided yet|denied, final).* ${first?.ids.length} `,
      ),
    )
    expect(flat).toContain(first?.ids[0])
    expect(flat).toMatch(/in the first: .*the maximum custody under the holder's law: \d+ months/)
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([])
  })

  test('is read by programs with its counts, its ids and no more of any decision', async () => {
    const { stdout } = await impact(draft, '--facts', facts, '--json')
    const { drafts, decisions, changed, percent, turns } = JSON.parse(stdout)
    expect([drafts, decisions, changed]).toEqual([
      ['eu/exchange@2027-01-01'],
      1000,
      counted.changed,
    ])
    expect(percent).toBeCloseTo(counted.changed / 10)
    expect(turns).toEqual(
      counted.turns.map(({ ids, ...turn }) => ({
        ...turn,
        decisions: ids.length,
        ids: ids.slice(0, 10),
      })),
    )
  })

  // Kills: a limit that is itself above the limit; a limit in parts instead of in percent.
  test('stops a build that allows less, and no build that allows as much', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const exactly = counted.changed / 10
    expect((await impact(draft, '--facts', facts, '--most-changed', String(exactly))).code).toBe(0)
    expect(said).not.toHaveBeenCalled()
    const less = await impact(draft, '--facts', facts, '--most-changed', `${exactly - 0.01}%`)
    expect(less.code).toBe(6)
    expect(less.stdout).toContain('would change')
    expect(said.mock.calls.flat().join()).toMatch(
      /^More would change than allowed: .* the limit is/,
    )
  })
})

// Kills: `until` with its own day, which the log's `--until` has not; `from` after its own midnight; one of both given up for the other.
test('only the decisions of the days that were asked for are replayed', async () => {
  const days = lines.map(({ ts }) => ts.slice(0, 10))
  const [from = '', until = ''] = [days[200], days[400]]
  const among = days.filter((day) => from <= day && day < until).length
  const count = async (...args: readonly string[]) => {
    const { stdout } = await impact(draft, '--facts', facts, '--json', ...args)
    return JSON.parse(stdout).decisions
  }
  expect(await count('--from', from, '--until', until)).toBe(among)
  expect(await count('--from', from)).toBe(days.filter((day) => from <= day).length)
  expect(await count('--last', '99999d', '--from', from)).toBe(
    days.filter((day) => from <= day).length,
  )
  const recent = lines.slice(0, 2).map((each, i) => ({
    ...each,
    ts: new Date(Date.now() - (i === 0 ? 2.1 : 1.9) * 86_400_000).toISOString(),
  }))
  const { stdout } = await impact(
    draft,
    '--facts',
    fileWith(textOf(recent)),
    '--json',
    '--last',
    '2d',
  )
  expect(JSON.parse(stdout).decisions).toBe(1)
})

test('what cannot be replayed says why, and what to do', async () => {
  const said = async (...args: readonly string[]) => {
    const { code, stderr } = await impact(...args)
    return `${code}: ${stderr}`
  }
  rewrite(folder, 'notes/my-draft.json', () => readOwn(draft.replace('2027-01-01', '2024-12-12')))
  expect(await said('notes/my-draft.json', '--facts', facts)).toMatch(
    /^2: couldn’t tell of which policy `notes\/my-draft\.json` is a version: put it where/,
  )
  expect(await said('lists/elements', '--facts', facts)).toMatch(
    /^2: couldn’t replay with .*fields/,
  )
  expect(await said(draft)).toMatch(/^2: couldn’t tell who fetches .*`--facts FILE`$/)
  expect(await said(draft, '--facts', 'nowhere.ndjson')).toBe(
    '2: couldn’t read `nowhere.ndjson`: ENOENT',
  )
  const [good] = lines
  const long = { ...good, facts: { ...good?.facts, 'request.purpose': 'x'.repeat(70_000) } }
  for (const [bad, why] of [
    ['{"id":', /facts.ndjson:2: \/: .*as GET \/v1\/facts gives it$/],
    [JSON.stringify({ ...good, ts: 'yesterday' }), /facts.ndjson:2: \/ts: /],
    [JSON.stringify({ ...good, subject: 'Anna' }), /facts.ndjson:2: \/: /],
    [JSON.stringify(long), /facts.ndjson:2: \/: /],
  ] as const) {
    const text = await said(draft, '--facts', fileWith(`${JSON.stringify(good)}\n${bad}\n`))
    expect(text).toMatch(why)
    expect(text).not.toContain('Anna')
  }
})

/** A gateway that gives pages of a few decisions, the newest first, and may fail between them. */
async function gatewayWith(all: readonly LoggedDecision[], perPage: number) {
  const asked: string[] = []
  let fails = Number.POSITIVE_INFINITY
  const server = createServer((request, response) => {
    const url = `${origin()}${request.url}`
    const { searchParams } = new URL(url)
    asked.push(`${searchParams.get('from')} ${searchParams.get('cursor')}`)
    const claims = decodeJwt(String(request.headers.authorization).replace('Bearer ', ''))
    const fits = claims.iss === 'DE-LEGAL' && claims.sub === 'editor-1' && claims.htu === url
    response.setHeader('content-type', 'application/json')
    if (!fits || asked.length >= fails) {
      response.statusCode = 403
      response.end(JSON.stringify({ title: 'not your role', code: 'forbidden' }))
      return
    }
    const fitting = all.filter(({ ts }) => ts >= (searchParams.get('from') ?? ''))
    const start = Number(searchParams.get('cursor') ?? '0')
    const next = start + perPage < fitting.length ? { next: String(start + perPage) } : {}
    const page = fitting.toReversed().slice(start, start + perPage)
    response.end(JSON.stringify({ facts: page, ...next }))
  })
  const origin = () => {
    const address = server.address()
    return `http://localhost:${address !== null && typeof address === 'object' ? address.port : 0}`
  }
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return {
    url: origin(),
    asked,
    failAt: (call: number) => {
      fails = call
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

// Kills: a page kept though a later one failed, so that what lies between is never fetched; a decision
// kept twice; the last day not asked for again.
test('a legal editor fetches what is new from the gateway, page by page, and keeps it', async () => {
  const key = await agencyKey(temporaryFolder(), 'DE-LEGAL')
  const all = lines.slice(0, 10)
  const logged: LoggedDecision[] = all.slice(0, 6)
  const gateway = await gatewayWith(logged, 4)
  writeProfile(data, gateway.url, new Map([['DE-LEGAL', key]]), ['DE-LEGAL'])
  const fetching = () =>
    run(add(gateway.url), folder, [
      ...['impact', draft, '--json'],
      ...['--as', 'DE-LEGAL', '--officer', 'editor-1'],
    ])
  const kept = () => readFileSync(join(data, 'facts-DE-LEGAL.ndjson'), 'utf8').trim().split('\n')
  try {
    const first = await fetching()
    expect([first.stderr, JSON.parse(first.stdout).decisions]).toEqual(['', 6])
    expect(gateway.asked).toEqual(['null null', 'null 4'])
    const { mode } = statSync(join(data, 'facts-DE-LEGAL.ndjson'))
    expect(process.platform === 'win32' || (mode & 0o077) === 0).toBe(true)

    logged.push(...all.slice(6))
    gateway.failAt(4)
    const failed = await fetching()
    expect([failed.code, failed.stderr]).toEqual([1, 'not your role (forbidden)'])
    expect(kept()).toHaveLength(6)

    gateway.failAt(Number.POSITIVE_INFINITY)
    expect(JSON.parse((await fetching()).stdout).decisions).toBe(10)
    expect(new Set(kept()).size).toBe(10)
    expect(kept()).toHaveLength(10)
    const dayBefore = new Date(Date.parse(String(all[5]?.ts)) - 86_400_000).toJSON().slice(0, 10)
    expect(gateway.asked.at(-1)).toMatch(new RegExp(`^${dayBefore} \\d$`))
  } finally {
    await gateway.close()
  }
})
