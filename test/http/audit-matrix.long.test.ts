/**
 * Who sees what of whose entry: every kind of entry between any two of three countries, every office,
 * every way to look. What is expected is written from the rule alone: the auditor of the holder's country
 * sees an entry whole, that of the country of whoever called sees its own side, and for anybody else it is
 * as if it did not exist.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type EntryKind, entryId } from '../../functions/ledger/entry.ts'
import { type Evidencing, filesOf, startEvidencing } from '../audit/evidencing.ts'
import { runs } from '../decision/runs.ts'
import { withoutIds } from '../without-ids.ts'
import { problemOf } from '../world.ts'
import { bodyOf } from './audit-gateway.ts'
import { enter, jurisdictionOf, marksOf, ordinary } from './entered.ts'

const otherKinds = [
  'attestation',
  'withdrawal',
  'record',
  'consultation',
  'erasure',
  'restriction',
  'hold',
  'lift',
] as const satisfies readonly EntryKind[]
/** Decisions, and some of the others, others each time; each kind with `COMITY_RUNS`. */
const turn = (fc.readConfigureGlobal()?.seed ?? Date.now()) % otherKinds.length
const kinds: readonly EntryKind[] = [
  'decision',
  ...otherKinds
    .map((_, i) => otherKinds[(i + turn) % otherKinds.length] ?? 'lift')
    .slice(0, runs(3)),
]
const agencies = ['DE-POL', 'GB-POL', 'FR-SPOC'] as const
const auditors = ['DE-DPA', 'GB-DPA', 'FR-DPA', 'US-OIG'] as const
/** Offices of the holder's and the requester's countries that are no auditors. */
const others = ['DE-DPO', 'DE-LEGAL', 'DE-POL', 'DE-MIN', 'GB-POL'] as const

type Made = {
  readonly kind: EntryKind
  readonly holder: string
  readonly agency: string
  readonly id: string
}
let gateway: Evidencing
const made: Made[] = []

beforeAll(async () => {
  gateway = await startEvidencing()
  // What starting it entered is no part of this.
  gateway.clock.now = new Date('2026-11-27T09:00:00.000Z')
  let minute = 0
  for (const holder of agencies)
    for (const agency of agencies)
      for (const kind of kinds) {
        const ts = new Date(gateway.clock.now.getTime() + ++minute * 1000).toISOString()
        const rules = { decidedBy: [`de/held/${minute}`], told: [`de/told/${minute}`] }
        const entry = await enter(gateway.world, {
          ...ordinary,
          ...rules,
          kind,
          holder,
          agency,
          ts,
        })
        made.push({ kind, holder, agency, id: entry.leaf.eid })
      }
  gateway.clock.now = new Date('2026-11-27T09:01:30.000Z')
  await gateway.sealLogs()
  for (const office of [...auditors, ...others])
    await gateway.change(office, { requestsPerMinute: 100_000 })
})
afterAll(() => gateway.stop())

type Sight = 'whole' | 'own side' | 'nothing'
/** The rule. */
function sightOf(office: string, { holder, agency }: Made): Sight {
  if (!auditors.some((each) => each === office)) return 'nothing'
  const own = jurisdictionOf(office)
  if (own === jurisdictionOf(holder)) return 'whole'
  return own === jurisdictionOf(agency) ? 'own side' : 'nothing'
}
const seenBy = (office: string, sights: readonly Sight[] = ['whole', 'own side']) =>
  made.filter((each) => sights.includes(sightOf(office, each)))
const idsOf = (all: readonly Pick<Made, 'id'>[]) => all.map(({ id }) => id).sort()

/** Which parts of an entry a text shows; of an act, nothing is told. */
function partsIn(text: string, { id, kind }: Made): readonly string[] {
  const { said, told, held } = marksOf(id)
  return [
    ...(text.includes(said) ? ['said'] : []),
    ...(kind !== 'decision' || text.includes(told) ? ['told'] : []),
    ...(text.includes(held) ? ['held'] : []),
  ]
}
const parts: Readonly<Record<Sight, readonly string[]>> = {
  whole: ['said', 'told', 'held'],
  'own side': ['said', 'told'],
  nothing: [],
}

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
/** All of an answer but its span. */
async function whole(response: Response) {
  const headers = [...response.headers].filter(([name]) => name !== 'traceparent')
  return { status: response.status, headers, body: await response.text() }
}
const get = (office: string, path: string, headers = {}) =>
  gateway.get(office, path, { headers: { traceparent, ...headers } })
const post = (office: string, path: string, body: object) =>
  gateway.callAudit(office, {
    method: 'POST',
    path,
    body: { purpose: 'lawfulness', ...body },
    headers: { traceparent },
  })
const nothing = entryId('NO-ONE', 'x')
const at = (id: string, suffix: string) => `/v1/decisions/${id}${suffix}?purpose=lawfulness`

/** What each office is answered of an entry that does not exist. */
const absent = new Map<string, unknown>()
beforeAll(async () => {
  for (const office of [...auditors, ...others])
    for (const suffix of ['', '/proof']) {
      const answer = await whole(await get(office, at(nothing, suffix)))
      expect(answer.status).toBe(404)
      absent.set(`${office}${suffix}`, answer)
    }
})

const everyPair = agencies.flatMap((holder) =>
  agencies.flatMap((agency) => kinds.map((kind) => ({ kind, holder, agency }))),
)

// Kills: sides swapped or widened in `authorize`; a view of the holder's side for the other.
test.each(everyPair)(
  'Each office sees by the rule the $kind that $holder holds and $agency called for',
  async (of) => {
    const entry = made.find(
      ({ kind, holder, agency }) =>
        kind === of.kind && holder === of.holder && agency === of.agency,
    )
    if (entry === undefined) throw new Error('it was not made')
    for (const office of [...auditors, ...others]) {
      const sight = sightOf(office, entry)
      const answer = await whole(await get(office, at(entry.id, '')))
      if (sight === 'nothing') {
        expect(answer, office).toEqual(absent.get(office))
      } else {
        expect(answer.status, office).toBe(200)
        expect(partsIn(answer.body, entry), office).toEqual(parts[sight])
        expect(JSON.parse(answer.body).side).toBe(sight === 'whole' ? 'holder' : 'requester')
      }
    }
    // A proof is of whatever can be seen; one kind of each sort of thing is enough.
    for (const office of ['decision', 'consultation', 'erasure'].includes(entry.kind)
      ? auditors
      : []) {
      const proof = await whole(await get(office, at(entry.id, '/proof')))
      if (sightOf(office, entry) === 'nothing')
        expect(proof, office).toEqual(absent.get(`${office}/proof`))
      else expect(proof.status, office).toBe(200)
    }
  },
)

const lineSchema = z.looseObject({ id: z.string(), side: z.string(), rules: z.array(z.string()) })

describe.each(auditors)('To %s', (office) => {
  const own = jurisdictionOf(office)
  const log = `comity.test/${own.toLowerCase()}/2026`
  const inOwnLog = () => made.filter(({ holder }) => jurisdictionOf(holder) === own)
  const decisions = (all: readonly Made[]) => all.filter(({ kind }) => kind === 'decision')

  /** Holds a line to its side, and its rules to those that this side may know. */
  function expectSide({ id, side, rules }: z.infer<typeof lineSchema>): void {
    const entry = made.find((each) => each.id === id)
    const isWhole = entry !== undefined && sightOf(office, entry) === 'whole'
    expect(side).toBe(isWhole ? 'holder' : 'requester')
    for (const rule of rules) expect(rule).toMatch(isWhole ? /^de\/held\// : /^de\/told\//)
  }

  // Kills: a list that takes its rows for granted; a form of it that shows more; a count of more.
  test.each(kinds)(
    'a list of each %s has those by the rule, in every form, and so has a count',
    async (kind) => {
      const expected = seenBy(office).filter((each) => each.kind === kind)
      const query = `purpose=lawfulness&kind=${kind}&limit=200&from=2026-11-27&until=2026-11-28`
      const list = `/v1/decisions?${query}`
      const json = await bodyOf(await get(office, list))
      const lines = z.array(lineSchema).parse(json.entries)
      expect(idsOf(lines)).toEqual(idsOf(expected))
      for (const line of lines) expectSide(line)
      const ndjson = await (await get(office, list, { accept: 'application/x-ndjson' })).text()
      const values = ndjson.split('\n').flatMap((each) => (each === '' ? [] : [JSON.parse(each)]))
      const csv = await (await get(office, list, { accept: 'text/csv' })).text()
      expect(values).toEqual(json.entries)
      expect(csv.split('\r\n').length).toBe(expected.length + 2)
      for (const each of made) {
        const isSeen = expected.some(({ id }) => id === each.id)
        for (const form of [ndjson, csv]) expect(form.includes(each.id)).toBe(isSeen)
        for (const form of [ndjson, csv, JSON.stringify(json)])
          for (const mark of Object.values(marksOf(each.id))) expect(form).not.toContain(mark)
      }
      const counted = await bodyOf(
        await get(office, `/v1/decisions/count?${query.replace('&limit=200', '')}`),
      )
      expect(counted.total).toBe(expected.length)
    },
  )

  // Kills: a report on a person that leaves the office's own side, or shows the other's view of it.
  test('a report on a person has every entry of its own log, and what its agencies asked', async () => {
    const { forTheAuthority } = z
      .looseObject({ forTheAuthority: z.looseObject({ entries: z.array(lineSchema) }) })
      .parse(
        await bodyOf(await post(office, '/v1/subject-reports', { subject: { recordId: 'S-1' } })),
      )
    const { entries } = forTheAuthority
    const expected = [...inOwnLog(), ...decisions(seenBy(office, ['own side']))]
    expect(idsOf(entries)).toEqual(idsOf(expected))
    for (const line of entries) expectSide(line)
  })

  // Kills: a profile by the rows of the agency alone, whoever looks.
  test.each(agencies)(
    'a profile of an officer of %s counts the decisions by the rule',
    async (agency) => {
      const expected = decisions(seenBy(office)).filter((each) => each.agency === agency)
      const body = { agency, officer: 'officer-1', from: '2026-11-27', until: '2026-11-28' }
      const { measures, purposes } = await bodyOf(await post(office, '/v1/officer-profiles', body))
      expect(measures).toMatchObject({ decisions: expected.length, denials: expected.length })
      expect(purposes).toEqual(expected.length === 0 ? {} : { investigation: expected.length })
    },
  )

  // Kills: evidence of the other side's openings; an id of nobody's told apart from one of another's.
  test('evidence shows each entry by the rule, and of any other there is none', async () => {
    const seen = seenBy(office)
    if (seen.length > 0) {
      const response = await post(office, '/v1/evidence', { entries: idsOf(seen) })
      const files = filesOf(new Uint8Array(await response.arrayBuffer()))
      const text = [...files.values()].map((each) => Buffer.from(each).toString('utf8')).join('\n')
      for (const each of seen) {
        expect(partsIn(text, each), `${each.kind} ${each.id}`).toEqual(parts[sightOf(office, each)])
        const file = JSON.parse(Buffer.from(files.get(`entries/${each.id}.json`) ?? []).toString())
        expect(file.side).toBe(sightOf(office, each) === 'whole' ? 'holder' : 'requester')
      }
    }
    const [first] = seen
    const none = await whole(await post(office, '/v1/evidence', { entries: [nothing] }))
    expect(none.status).toBe(404)
    for (const each of seenBy(office, ['nothing'])) {
      const entries = [...(first === undefined ? [] : [first.id]), each.id]
      expect(await whole(await post(office, '/v1/evidence', { entries }))).toEqual(none)
    }
  })

  // Kills: a replay for whoever may see a side; places of another log.
  test('a replay and a sample have all of its own log, and nothing of any other', async () => {
    const ownLogs = inOwnLog()
    const none = await whole(await post(office, '/v1/replays', { entries: [nothing] }))
    expect(none.status).toBe(404)
    if (ownLogs.length > 0) {
      const body = await bodyOf(await post(office, '/v1/replays', { entries: idsOf(ownLogs) }))
      expect(body.notDecisions).toBe(ownLogs.length - decisions(ownLogs).length)
      const differing = z.array(z.looseObject({ id: z.string() })).parse(body.differs)
      expect(idsOf(differing)).toEqual(idsOf(decisions(ownLogs)))
      const sample = await (
        await get(office, `/v1/samples?purpose=lawfulness&log=${log}&n=500`)
      ).text()
      for (const each of made) expect(sample.includes(each.id)).toBe(ownLogs.includes(each))
    }
    for (const each of decisions(made.filter((one) => !ownLogs.includes(one))))
      expect(await whole(await post(office, '/v1/replays', { entries: [each.id] }))).toEqual(none)
    for (const other of ['de', 'gb', 'fr']) {
      if (log.includes(`/${other}/`)) continue
      const foreign = `comity.test/${other}/2026`
      const places = { log: foreign, from: 0, until: 1 }
      expect(await whole(await post(office, '/v1/replays', places))).toEqual(none)
      const sample = await get(office, `/v1/samples?purpose=lawfulness&log=${foreign}&n=1`)
      expect(await problemOf(sample)).toMatchObject({ status: 404, code: 'not-found' })
    }
  })

  // Kills: decisions that its agencies asked others for, counted among those of its holders.
  test('the report on a year counts what its own holders decided', async () => {
    const { counts } = await bodyOf(
      await get(office, '/v1/reports/2026?purpose=lawfulness&month=11'),
    )
    expect(counts).toMatchObject({ decisions: decisions(inOwnLog()).length })
  })
})

describe.each(['DE-LEGAL', 'GB-LEGAL'])('To %s', (office) => {
  // Kills: facts of another's decisions; a word that somebody wrote among the facts.
  test('the facts are those of its own holders’ decisions, and of no person', async () => {
    const text = await (await get(office, '/v1/facts?purpose=lawfulness&limit=200')).text()
    const own = made.filter(
      ({ kind, holder }) =>
        kind === 'decision' && jurisdictionOf(holder) === jurisdictionOf(office),
    )
    for (const each of made) {
      expect(text.includes(each.id)).toBe(own.includes(each))
      for (const mark of Object.values(marksOf(each.id))) expect(text).not.toContain(mark)
    }
    for (const word of ['officer-1', 'CASE-1', 'S-1']) expect(withoutIds(text)).not.toContain(word)
  })
})
