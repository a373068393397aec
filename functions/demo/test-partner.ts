/**
 * `comity test-partner`: plays a holder with fixed answers, so that an integrator meets every branch without a
 * partner. It is an agency like any other: its records, attestations and decisions are signed calls, and the real
 * law answers.
 */

import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { disclosuresPageSchema } from '../answer/messages/disclosures.ts'
import { inboxPageSchema } from '../answer/offices/inbox.ts'
import { wouldLeaveViewSchema } from '../answer/offices/would-leave-view.ts'
import type { Gateway } from '../client/profile.ts'
import { asAgency, type Calling, callerOf, freshJti, print, send } from '../client/send.ts'
import { Failure } from '../terminal/exit.ts'
import { problemLines } from '../terminal/say.ts'
import { awayPartner, testCases, testPartner, testRecords } from './test-cases.ts'

/** What the partner calls: as an agency, the same `jti` for the same call. */
export type Play = (
  agency: string,
  call: {
    readonly method: string
    readonly path: string
    readonly body?: unknown
    readonly jti: string
  },
) => Promise<{ readonly status: number; readonly body: unknown }>

/** How often it looks whether somebody waits, ms. */
export const roundMs = 2_000
/** How long its attestations last, days; and a release, hours. */
const [generalDays, releaseHours] = [365, 24]

/** What it vouches for in general, of the countries whose systems are tested. */
const vouched = {
  'request.offence.character': 'ordinary',
  'request.offence.isOffenceForHolder': true,
  'request.offence.maxCustodyMonthsHolder': 120,
  'risk.torture': 'none',
  'risk.persecution': 'none',
  'risk.unfairTrial': 'none',
} as const

/** Puts the records, and what it vouches for in general; data protection signs that. Once a day is enough. */
export async function prepare(
  play: Play,
  approver: string,
  countries: readonly string[],
  now: Date,
): Promise<void> {
  const day = `${now.toISOString().slice(0, 10)}T00:00:00Z`
  const until = new Date(Date.parse(day) + generalDays * 86_400_000).toISOString()
  const made = async (agency: string, method: string, path: string, body?: unknown) => {
    const of = JSON.stringify([agency, method, path, body, day])
    const jti = createHash('sha256').update(of).digest('base64url')
    return done(await play(agency, { method, path, body, jti }))
  }
  for (const { id, ...record } of testRecords)
    await made(testPartner, 'PUT', `/v1/records/${id}`, record)
  for (const requester of countries)
    for (const [fact, value] of Object.entries(vouched)) {
      const scope = fact.startsWith('risk.')
        ? { kind: 'general', requester }
        : { kind: 'general', requester, offenceCategory: 'ordinary' }
      const ground = 'For tests of systems: it speaks of nobody.'
      const said = { fact, value, scope, ground, from: day, until }
      for (const holder of [testPartner, awayPartner]) {
        const body = { holder, ...said, decidedBy: holder }
        const { id } = await made(holder, 'POST', '/v1/attestations', body)
        await made(approver, 'POST', `/v1/attestations/${id}/signatures`)
      }
    }
}

/** The id in the answer of an act. Throws a Failure with what the gateway says against it. */
function done({ status, body }: Awaited<ReturnType<Play>>): { readonly id: string } {
  if (status === 200 || status === 201) return body as { readonly id: string }
  throw new Failure(problemLines(body).join('\n'))
}

/** The partner's officer: each call of what it gives does what waits, as the table of answers says. */
export function testOfficer(play: Play, now: () => Date): () => Promise<void> {
  const acted = new Set<string>()
  let after: string | undefined
  const call = (method: string, path: string, body?: unknown) =>
    play(testPartner, { method, path, body, jti: freshJti() })
  const release = async (id: string, shown: string, also: readonly object[]) => {
    const from = now()
    const until = new Date(from.getTime() + releaseHours * 3_600_000)
    await call('POST', '/v1/attestations', {
      ...{ holder: testPartner, fact: 'release.decision', value: 'release', also },
      ...{ scope: { kind: 'matter', matter: id }, release: { shown }, from, until },
      ...{ ground: 'A test of a system.', decidedBy: testPartner },
    })
  }
  const decide = async (id: string, classes: readonly string[]) => {
    // Whom a denial is about, only this look shows. It is an entry, so each denial is looked at once.
    const facts = [{ fact: 'necessity.strictClasses', value: classes }]
    const seen = await call('POST', `/v1/access-requests/${id}/proposal`, { facts })
    const { subject, shown } = wouldLeaveViewSchema.parse(seen.body)
    const number = 'document' in subject ? subject.document.number : undefined
    const what = testCases.find(({ document }) => document === number)?.officer
    if (what === 'release') await release(id, shown, facts)
    else if (what !== undefined)
      await call('POST', `/v1/access-requests/${id}/responses`, {
        what,
        text: what === 'refuse' ? 'A test: the office will not say.' : 'A test: which case is it?',
      })
  }
  return async () => {
    const { open } = inboxPageSchema.parse((await call('GET', '/v1/inbox')).body)
    for (const { request, classes } of open.filter((each) => !acted.has(each.request))) {
      acted.add(request)
      await decide(request, classes)
    }
    const query = after === undefined ? '' : `?${new URLSearchParams({ after })}`
    const page = disclosuresPageSchema.parse((await call('GET', `/v1/disclosures${query}`)).body)
    after = page.next
    const [changing] = testRecords.filter(({ id }) =>
      page.disclosures.some(({ what }) => what?.record === id && id.startsWith('T-CHANGED')),
    )
    if (changing === undefined) return
    const items = [{ id: 'name', value: `Tom Test, written ${now().toISOString()}` }]
    await call('PATCH', `/v1/records/${changing.id}`, { items })
  }
}

type Playing = Calling & { readonly approver: string; readonly countries: readonly string[] }

/** Adds `comity test-partner`. */
export function addTestPartner(program: Command, gateway: Gateway): void {
  asAgency(program.command('test-partner'), gateway)
    .description('Play a holder with fixed answers, for systems under test. `prod` refuses it.')
    .requiredOption('--approver <name>', 'who signs for data protection, as the profile names it')
    .option('--countries <list>', 'whose systems are tested', (value) => value.split(','), ['FR'])
    .action(async (options: Playing) => {
      const play: Play = async (agency, { method, path, body, jti }) => {
        const as = agency === testPartner ? options : { as: agency, url: options.url }
        const sender = { ...callerOf(as, gateway), jti }
        const text = body === undefined ? undefined : JSON.stringify(body)
        return send(sender, method, path, text)
      }
      await prepare(play, options.approver, options.countries, new Date())
      print([`${testPartner} plays at ${options.url}`])
      const round = testOfficer(play, () => new Date())
      for (;;) {
        // The gateway may be away: what waits is done in a later round.
        await round().catch(({ message }: Error) => console.error(message))
        await pause(roundMs)
      }
    })
}
