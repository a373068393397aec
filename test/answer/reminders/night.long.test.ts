/** The clock of open denials: who is reminded, who is told when nobody acts, and who learns that it is lifted. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { type Values, valueSchemas } from '../../../functions/answer/entries/values.ts'
import { tick } from '../../../functions/answer/upkeep/clock.ts'
import { agencies } from '../../../functions/demo/agencies.ts'
import { localLog } from '../../../functions/demo/sealing.ts'
import type { Agency } from '../../../functions/identity/register.ts'
import { sealAll } from '../../../functions/sealing/sweep.ts'
import { localSealWorld } from '../../demo/seal-world.ts'
import { type Audited, bodyOf, startAudited } from '../../http/audit-gateway.ts'
import { acts, homicide } from '../homicide.ts'
import { attestAll, benign, inThisCase, itemOf, personOf } from '../people.ts'

const ministry = agencies.find(({ id }) => id === 'GB-MIN')
/** An office that may vouch for what the ministry does, at all hours. */
const deputy: Omit<Agency, 'keys'> = {
  id: 'GB-CROWN',
  name: 'Invented Crown Office',
  jurisdiction: 'GB',
  authorityType: 'central-authority',
  status: 'active',
  timeZone: 'Europe/London',
  channels: ['mla-central'],
  cannotHonour: [],
  attests: ministry?.attests ?? [],
  holdsRecords: false,
  requestsPerMinute: 60_000,
}
/** A third one, of which no desk is registered. */
const third = { ...deputy, id: 'GB-LAW', name: 'Invented Law Office' }
const always = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday'] as const
const desk = {
  telephone: '+442079460003',
  languages: ['en'],
  hours: [{ days: [...always], from: '00:00', until: '24:00' }],
}

/** What is told of denials, and of what left. */
type OfDenial = Exclude<Values['notice']['notice'], { readonly what: 'alarm' }>
/** The notices that were entered, the first one first. */
const entered: OfDenial[] = []
const eids: string[] = []
/** The decisions that are not sealed yet. */
const waiting: string[] = []

async function start(now: string, prepare: (at: Audited) => Promise<void> = async () => undefined) {
  entered.length = 0
  eids.length = 0
  waiting.length = 0
  const audited = await startAudited({
    now,
    beside: [{ ...deputy, duty: desk }, third],
    change: (world) => ({
      ...world,
      ledger: {
        ...world.ledger,
        append: async (entry) => {
          const appended = await world.ledger.append(entry)
          if (entry.leaf.t === 'decision') waiting.push(entry.leaf.eid)
          if (entry.leaf.t !== 'notice' || appended.kind !== 'durable') return appended
          const opened = await openAny(appended.entry, world)
          eids.push(entry.leaf.eid)
          entered.push(valueSchemas.notice.parse(opened?.values).notice as OfDenial)
          return appended
        },
      },
    }),
  })
  await audited.change('GB-POL', { offices: ['GB-MIN', 'GB-LAW'] })
  if (ministry?.duty !== undefined)
    await audited.change('GB-MIN', { duty: { ...ministry.duty, deputy: 'GB-CROWN' } })
  await audited.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  await attestAll(
    audited,
    'GB-POL',
    { kind: 'general', requester: 'US' },
    {
      ...benign,
      'request.offence.deathPenaltyAvailable': true,
      'transfer.assessment': 'safeguards-found',
    },
  )
  await prepare(audited)
  return audited
}

const told = () => entered.map(({ what, to }) => [what, to])
/** The clock looks once all is sealed. An hour is more than a tick ever takes here. */
const run = async (at: Audited, world = at.world) => {
  await at.fileAll(waiting.splice(0))
  return tick(world, new Date(at.clock.now.getTime() + 3_600_000))
}
const wait = (at: Audited, minutes: number) => at.clock.pass(minutes * 60_000)

describe('A kidnapping at night, asked about from a state whose law names no clock', () => {
  let at: Audited
  let by: ReturnType<typeof acts>
  beforeAll(async () => {
    at = await start('2026-11-25T23:00:00.000Z')
    by = acts(at)
  })
  afterAll(() => at.close())

  test('goes past the sleeping ministry to its deputy, is released by a named officer, and both sides read it as one', async () => {
    const body = homicide({ urgency: 'imminent-threat-to-life', caseReference: 'KIDNAP-1' })
    const denial = await by.ask(body)
    expect(denial).toMatchObject({ outcome: 'deny', standing: 'open', dueBy: 'holder' })
    expect(denial.answerBy).toBe('2026-11-26T07:00:00.000Z')
    expect(denial.offices?.map(({ id, onDuty }) => [id, onDuty])).toEqual([
      ['GB-POL', true],
      ['GB-MIN', false],
      ['GB-CROWN', true],
      ['GB-LAW', undefined],
    ])
    // The rows are there at once, the deputy's too.
    expect(await by.waiting('GB-MIN')).toEqual([denial.id])
    expect(await by.waiting('GB-CROWN')).toEqual([denial.id])

    wait(at, 1)
    expect(await run(at)).toEqual({ looked: 1, entered: 1, failed: 0, left: false })
    expect(told()).toEqual([['escalation', 'GB-CROWN']])

    wait(at, 9)
    await at.attest('GB-CROWN', {
      holder: 'GB-POL',
      fact: 'assurance.deathPenalty',
      value: 'given-and-verified',
      scope: { kind: 'matter', matter: denial.id },
    })
    expect(told()).toHaveLength(1)
    await at.releaseBy('GB-POL', denial.id, { facts: inThisCase, officer: 'officer-night' })
    // Not by the clock: the officer's own act says so.
    expect(told().slice(1)).toEqual([['answerable', 'US-POL']])
    expect(entered[1]).toMatchObject({ request: denial.id, caseReference: 'KIDNAP-1' })

    const answer = await by.ask({ ...body, previous: denial.id })
    expect(answer).toMatchObject({
      outcome: 'release',
      decidedBy: { kind: 'officer', office: 'GB-POL' },
    })
    wait(at, 1)
    await run(at)
    expect(told()).toHaveLength(2)

    const released = answer.decidedBy?.kind === 'officer' ? answer.decidedBy.attestation : ''
    await at.fileAll([denial.id, ...eids, released, answer.id])
    const chain = [denial.id, eids[0], eids[1], answer.id]
    expect(await caseSeenBy('GB-DPA')).toEqual(
      new Set([...chain, released].map((id) => `holder ${id}`)),
    )
    expect(await caseSeenBy('US-OIG')).toEqual(new Set(chain.map((id) => `requester ${id}`)))
    const view = await bodyOf(await at.get('US-OIG', `/v1/decisions/${eids[0]}?purpose=lawfulness`))
    expect(view).toMatchObject({
      kind: 'notice',
      notice: { what: 'escalation', to: 'GB-CROWN', request: denial.id, dueBy: 'holder' },
    })
  })

  /** What an auditor sees of the case in one list, with the side that sees it. */
  const caseSeenBy = async (office: string) => {
    const { case: pseudonym } = await bodyOf(
      await at.callAudit(office, {
        method: 'POST',
        path: '/v1/pseudonyms',
        body: {
          purpose: 'lawfulness',
          case: { agency: 'US-POL', caseReference: 'KIDNAP-1' },
        },
      }),
    )
    const page = await bodyOf(
      await at.get(office, `/v1/decisions?purpose=lawfulness&kind=any&case=${pseudonym}`),
    )
    const { entries } = page as { readonly entries: readonly { id: string; side: string }[] }
    return new Set(entries.map(({ id, side }) => `${side} ${id}`))
  }
})

describe('An ordinary denial', () => {
  let at: Audited
  let by: ReturnType<typeof acts>
  let id = ''
  // A Wednesday morning; an hour to answer.
  beforeAll(async () => {
    at = await start('2026-11-25T10:00:00.000Z')
    await at.change('GB-POL', {
      offices: ['GB-MIN', 'GB-LAW'],
      answerWithin: { none: { hours: 1 } },
    })
    by = acts(at)
    const denial = await by.ask(homicide())
    id = denial.id
    expect(denial.answerBy).toBe('2026-11-25T11:00:00.000Z')
  })
  afterAll(() => at.close())

  test('is let be until half of its time is over', async () => {
    wait(at, 29)
    expect(await run(at)).toEqual({ looked: 0, entered: 0, failed: 0, left: false })
    expect(told()).toEqual([])
  })

  // Kills: a reminder at each tick; two reminders by two ticks at once.
  test('is brought to mind once then, of each office that it waits for, however many clocks tick', async () => {
    wait(at, 1)
    await Promise.all([run(at), run(at), run(at)])
    await run(at)
    wait(at, 10)
    await run(at)
    expect(told().sort()).toEqual([
      ['reminder', 'GB-MIN'],
      ['reminder', 'GB-POL'],
    ])
  })

  test('goes to the deputy when its time is over, then to the next office, and to nobody for ever', async () => {
    entered.length = 0
    wait(at, 20)
    await run(at)
    expect(told().sort()).toEqual([
      ['escalation', 'GB-CROWN'],
      ['overdue', 'GB-MIN'],
      ['overdue', 'GB-POL'],
    ])
    entered.length = 0
    wait(at, 30)
    await run(at)
    expect(told()).toEqual([['escalation', 'GB-LAW']])
    entered.length = 0
    for (let hour = 0; hour < 50; hour++) {
      wait(at, 60)
      await run(at)
    }
    expect(told()).toEqual([])
  })

  // Kills: `answerable` from the acts on this matter alone; one that comes again at each tick.
  test('is answerable once all of one way is attested, even of the whole case, and that is told once', async () => {
    entered.length = 0
    await at.releaseBy('GB-POL', id, { facts: inThisCase })
    const { caseReference } = (await at.entry(id)).opened.matter
    await by.assure({ kind: 'case', requester: 'US-POL', caseReference, persons: [id] })
    expect(told()).toEqual([])
    wait(at, 60)
    await run(at)
    expect(told()).toEqual([['answerable', 'US-POL']])
    await by.assure(id)
    wait(at, 60)
    await run(at)
    expect(told()).toHaveLength(1)
  })

  test('is left alone once it was asked again', async () => {
    const again = homicide()
    const { id: first } = await by.ask(again)
    wait(at, 1)
    const { id: second } = await by.ask({ ...again, previous: first })
    await at.fileAll([first, second])
    entered.length = 0
    wait(at, 31)
    await run(at)
    expect(new Set(entered.map(({ request }) => request))).toEqual(new Set([second]))
  })

  test('is not passed on once an officer of the holder has refused', async () => {
    const { id: refused } = await by.ask(homicide())
    await at.attest('GB-POL', {
      holder: 'GB-POL',
      fact: 'release.decision',
      value: 'refuse',
      scope: { kind: 'matter', matter: refused },
    })
    entered.length = 0
    wait(at, 61)
    await run(at)
    expect(entered.filter(({ request }) => request === refused)).toEqual([])
  })

  // Kills: the deputy asked for what the ministry has refused.
  test('goes to nobody of a kind of which an office has refused; the others are reminded', async () => {
    const { id: refused } = await by.ask(homicide())
    const path = `/v1/access-requests/${refused}/responses`
    const body = { what: 'refuse', text: 'There is no assurance, and none is sought.' }
    expect((await at.call('GB-MIN', { method: 'POST', path, body })).status).toBe(201)
    entered.length = 0
    wait(at, 61)
    await run(at)
    expect(
      entered.filter(({ request }) => request === refused).map(({ what, to }) => [what, to]),
    ).toEqual([['overdue', 'GB-POL']])
  })

  // The chain is the entry's own: what was erased is reminded of no more.
  test('is not brought to mind once nothing opens its entry', async () => {
    const { id: erased } = await by.ask(homicide())
    const { stored } = await at.entry(erased)
    await at.world.subjectKeys.shred(stored.kid)
    entered.length = 0
    wait(at, 61)
    expect(await run(at)).toMatchObject({ failed: 0, left: false })
    expect(entered.filter(({ request }) => request === erased)).toEqual([])
  })
})

describe('A tick', () => {
  let at: Audited
  let by: ReturnType<typeof acts>
  beforeAll(async () => {
    at = await start('2026-11-25T10:00:00.000Z', (audited) =>
      audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')])).then(() => undefined),
    )
    const hour = { answerWithin: { none: { hours: 1 } } }
    await at.change('GB-POL', { offices: ['GB-MIN'], ...hour })
    await at.change('DE-POL', hour)
    by = acts(at)
    for (let i = 0; i < 25; i++) await by.ask(homicide())
    await by.ask({ ...homicide(), holder: 'DE-POL' })
    await at.fileAll(waiting.splice(0))
    wait(at, 31)
  }, 120_000)
  afterAll(() => at.close())

  // Kills: holders by their id alone, each to its end; a tick that begins again where it began.
  test('that has little time gives each holder its turn, and the next goes on from there', async () => {
    const turns: string[][] = []
    const looked: number[] = []
    for (let i = 0; i < 3; i++) {
      entered.length = 0
      // The time is up once two holders had their turn.
      let asked = 0
      const { inbox } = at.world
      const dueFor: typeof inbox.dueFor = (...of) => {
        asked += 1
        return inbox.dueFor(...of)
      }
      const until = new Date(at.clock.now.getTime() + 1)
      const now = () => (asked < 2 ? at.clock.now : until)
      looked.push((await tick({ ...at.world, now, inbox: { ...inbox, dueFor } }, until)).looked)
      turns.push([...new Set(entered.map(({ holder }) => holder))].sort())
    }
    expect(turns).toEqual([['DE-POL', 'GB-POL'], ['GB-POL'], ['GB-POL']])
    expect(looked).toEqual([11, 10, 5])
  })

  // Kills: looks in the order of time alone, by which who asks urgently and often delays the looks at all others.
  test('looks at one denial of another before it has looked at all of whoever asks often', async () => {
    const { inbox } = at.world
    const moment = new Date(at.clock.now.getTime() - 60_000).toISOString()
    const rows = Array.from({ length: 300 }, (_, i) => ({
      ...{ holder: 'GB-POL', requester: 'FR-SPOC' },
      ...{ eid: String(i).padStart(43, 'A'), at: '2026-11-25T00:00:00.000Z' },
    }))
    for (const row of rows) await inbox.watch(row)
    const late = { holder: 'GB-POL', requester: 'US-POL', eid: 'B'.repeat(43), at: moment }
    const old = { holder: 'GB-POL', eid: 'C'.repeat(43), at: moment }
    for (const row of [late, old]) await inbox.watch(row)
    const first = await inbox.dueFor('GB-POL', moment, 10)
    expect(first.slice(0, 3)).toEqual(expect.arrayContaining([late, old]))
    expect(first).toHaveLength(12)
    for (const row of [...rows, late, old]) await inbox.unwatch(row)
  })

  // Kills: a row that is moved before its notices are durable, and one that nobody can pass.
  test('whose ledger is away moves nothing, and enters all once it is back', async () => {
    wait(at, 30)
    entered.length = 0
    const { ledger } = at.world
    const append = async () => ({ kind: 'unavailable', why: 'away' }) as const
    expect(await run(at, { ...at.world, ledger: { ...ledger, append } })).toMatchObject({
      left: true,
    })
    expect(told()).toEqual([])
    expect(await run(at)).toMatchObject({ left: false, failed: 0 })
    expect(entered.filter(({ what }) => what === 'overdue').length).toBeGreaterThan(26)
  })

  test('passes by what it cannot read, says so, and looks at it later', async () => {
    wait(at, 61)
    const [broken] = await at.world.inbox.dueFor('GB-POL', at.clock.now.toISOString(), 1)
    const read = async (eid: string) => {
      if (eid === broken?.eid) throw new Error('it was changed')
      return at.world.ledger.read(eid)
    }
    const whys: unknown[] = []
    const far = new Date(at.clock.now.getTime() + 3_600_000)
    const done = await tick({ ...at.world, ledger: { ...at.world.ledger, read } }, far, (why) =>
      whys.push(why),
    )
    expect(done).toMatchObject({ failed: 1, left: false })
    expect(whys).toEqual([new Error('it was changed')])
    expect(await run(at)).toMatchObject({ looked: 0 })
    wait(at, 61)
    expect((await run(at)).failed).toBe(0)
  })

  // Kills: a notice that was sealed, and lost with the ledger since, and that ends every tick after it.
  test('passes by a notice that a restored ledger has lost, and enters it no second time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'comity-night-'))
    const log = localLog(folder)
    for (const swept of await sealAll(localSealWorld(at.world, at.store.client, log, [], 0)))
      expect(swept).not.toHaveProperty('error')
    const gone = new Set(eids)
    const { ledger, sealed } = at.world
    const readAll: typeof ledger.readAll = async (of) =>
      new Map([...(await ledger.readAll(of))].filter(([eid]) => !gone.has(eid)))
    const read: typeof ledger.read = async (eid) => (gone.has(eid) ? undefined : ledger.read(eid))
    const restored = { ...at.world, ledger: { ...ledger, readAll, read } }
    const proved = { ...restored, sealed: { ...sealed, get: log.archive.get } }
    expect(gone.size).toBeGreaterThan(26)
    wait(at, 61)
    // Kills: a mark alone, which anybody may have planted, so that nobody is ever told.
    const whys: string[] = []
    const until = new Date(at.clock.now.getTime() + 3_600_000)
    const unproved = await tick(restored, until, (why) => whys.push(String(why)))
    expect(unproved).toMatchObject({ entered: 0, failed: unproved.looked, left: false })
    expect(unproved.failed).toBeGreaterThan(25)
    expect(new Set(whys.map((why) => why.replace(/.*(which)/, '$1')))).toEqual(
      new Set(['which no published checkpoint covers']),
    )
    wait(at, 61)
    expect(await run(at, proved)).toMatchObject({ looked: 26, entered: 0, failed: 0, left: false })
    rmSync(folder, { recursive: true })
  })

  // Kills: a word to ask again that is answered as another matter.
  test('and an office tell nobody to ask again what is too old for that', async () => {
    const body = homicide()
    const { id } = await by.ask(body)
    wait(at, 91 * 24 * 60)
    entered.length = 0
    await at.releaseBy('GB-POL', id, { facts: inThisCase })
    await by.assure(id)
    expect(told()).toEqual([])
    const again = await by.refuse({ ...body, previous: id })
    expect(again.status).toBe(422)
  })
})
