/** Lists over random stores: exactly what an oracle of the rule gives, nothing more, nothing less. */

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { identifierOf } from '../../functions/decision/record.ts'
import type { Policy } from '../../functions/policy/book.ts'
import type { World } from '../../functions/ports.ts'
import { caseIdentifier, lookupRows } from '../../functions/sealing/lookup-rows.ts'
import { copyOf, putBack } from '../drills/tables.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'
import { type Happening as Entered, enter, jurisdictionOf } from './entered.ts'

let audited: Audited
beforeAll(async () => {
  audited = await startAudited({ change: (world) => ({ ...world, law: knowing(world.law) }) })
  for (const office of [...offices, 'DE-LEGAL', 'GB-LEGAL'])
    await audited.change(office, { requestsPerMinute: 100_000 })
})
afterAll(() => audited.close())

const agencies = ['DE-POL', 'GB-POL', 'FR-SPOC'] as const
const officers = ['o1', 'o2'] as const
const outcomes = ['release', 'deny'] as const
const rules = ['de/a/one', 'de/a/two'] as const
const policies = [
  'de/a@2025-01-01',
  'de/a@2026-01-01',
  'de/ab@2025-01-01',
  'eu/b@2025-01-01',
] as const
/** The law, with policies of these names that are in force on no day. */
const knowing = (law: World['law']): World['law'] => ({
  ...law,
  async now() {
    const { book, ...rest } = await law.now()
    // A cast: nothing reads what such a policy says.
    const known = policies.map((name) => {
      const [id = '', version = ''] = name.split('@')
      const never = { day: '2025-01-01', revision: 0, claims: [], rules: [] }
      return { id, version, digest: '', ...never, file: { title: '', timeZone: 'UTC' } } as object
    }) as readonly Policy[]
    return { book: { ...book, policies: [...book.policies, ...known] }, ...rest }
  },
})

const subjects = ['R-1', 'R-2'] as const
const cases = ['C-1', 'C-2'] as const
const offices = ['DE-DPA', 'GB-DPA', 'FR-DPA', 'US-OIG'] as const

/** What happened, as the oracle knows it. */
const happening = fc.record({
  minute: fc.integer({ min: 0, max: 9 }),
  holder: fc.constantFrom(...agencies),
  agency: fc.constantFrom(...agencies),
  officer: fc.constantFrom(...officers),
  kind: fc.constantFrom('decision', 'decision', 'decision', 'consultation'),
  outcome: fc.constantFrom(...outcomes),
  open: fc.boolean(),
  dryRun: fc.boolean(),
  decidedBy: fc.subarray([...rules]),
  told: fc.subarray([...rules]),
  applied: fc.subarray([...policies]),
  toldPolicies: fc.subarray([...policies]),
  subject: fc.constantFrom(...subjects),
  case: fc.constantFrom(...cases),
})
type Happening = (typeof happening extends fc.Arbitrary<infer T> ? T : never) & {
  readonly id: string
}

const tsOf = (minute: number) => `2026-11-25T08:0${minute}:00.000Z`

const filters = {
  holder: fc.constantFrom('DE', 'GB', ...agencies),
  requester: fc.constantFrom('DE', 'GB', ...agencies),
  agency: fc.constantFrom(...agencies),
  officer: fc.constantFrom(...officers),
  outcome: fc.constantFrom(...outcomes),
  standing: fc.constantFrom('open', 'final'),
  rule: fc.constantFrom(...rules),
  policy: fc.constantFrom('de/a', ...policies),
  dryRun: fc.constantFrom('true', 'false'),
  kind: fc.constantFrom('decision', 'consultation'),
  from: fc.constantFrom(tsOf(3), '2026-11-25'),
  until: fc.constantFrom(tsOf(7), '2026-11-26'),
  about: fc.oneof(
    fc.record({ subject: fc.constantFrom(...subjects) }),
    fc.record({ case: fc.constantFrom(...cases), agency: fc.constantFrom(...agencies) }),
  ),
}
const everything = fc.record(filters)
type Question = Partial<typeof everything extends fc.Arbitrary<infer T> ? T : never>

/** Three filters at most: more of them fit nothing. */
const question: fc.Arbitrary<Question> = fc
  .tuple(everything, fc.subarray(Object.keys(filters), { maxLength: 3 }))
  .map(([all, kept]) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => kept.includes(name))),
  )

/** The rule: the holder's side whole, the requester's its own, anybody else nothing. */
function oracle(store: readonly Happening[], office: string, asked: Question): readonly string[] {
  const own = jurisdictionOf(office)
  return store
    .filter((each) => {
      const [hj, aj] = [jurisdictionOf(each.holder), jurisdictionOf(each.agency)]
      const isWhole = hj === own
      if (!isWhole && aj !== own) return false
      const isDecision = each.kind === 'decision'
      const seenRules = isDecision ? (isWhole ? each.decidedBy : each.told) : []
      const seenPolicies = isDecision ? (isWhole ? each.applied : each.toldPolicies) : []
      const isOf = (party: string, agency: string) =>
        party === agency || party === jurisdictionOf(agency)
      const { about } = asked
      // Whom an act of another kind was about, only the holder’s side may know.
      const isKnown = isWhole || isDecision
      const ts = tsOf(each.minute)
      return (
        each.kind === (asked.kind ?? 'decision') &&
        (asked.holder === undefined || isOf(asked.holder, each.holder)) &&
        (asked.requester === undefined || isOf(asked.requester, each.agency)) &&
        (asked.agency === undefined || [each.holder, each.agency].includes(asked.agency)) &&
        (asked.officer === undefined || asked.officer === each.officer) &&
        (asked.outcome === undefined || (isDecision && asked.outcome === each.outcome)) &&
        (asked.standing === undefined ||
          (isDecision &&
            each.outcome === 'deny' &&
            asked.standing === (each.open ? 'open' : 'final'))) &&
        (asked.rule === undefined || seenRules.includes(asked.rule)) &&
        (asked.policy === undefined ||
          seenPolicies.some(
            (policy) => policy === asked.policy || policy.startsWith(`${asked.policy}@`),
          )) &&
        (asked.dryRun === undefined || asked.dryRun === String(each.dryRun)) &&
        (asked.from === undefined || ts >= new Date(asked.from).toISOString()) &&
        (asked.until === undefined || ts < new Date(asked.until).toISOString()) &&
        (about === undefined ||
          ('subject' in about
            ? isKnown && about.subject === each.subject
            : about.case === each.case && about.agency === each.agency))
      )
    })
    .sort((a, b) => (`${tsOf(a.minute)}#${a.id}` < `${tsOf(b.minute)}#${b.id}` ? 1 : -1))
    .map(({ id }) => id)
}

const stores = fc.array(happening, { minLength: 6, maxLength: 12 })

/** Enters and files what happened, has it looked at, and takes the rows away again. */
async function over(
  made: readonly Omit<Happening, 'id'>[],
  look: (store: readonly Happening[]) => Promise<void>,
): Promise<void> {
  const { world, auditWorld, store } = audited
  const before = await copyOf(store, store.tables.lookups)
  const entries = await Promise.all(made.map((each) => enter(world, enteredOf(each))))
  const opened = await Promise.all(entries.map((each) => openAny(each, world)))
  const rows = entries.flatMap((each, at) => lookupRows(each, opened[at], world.secrets.pseudonym))
  await auditWorld.lookups.file(rows)
  await auditWorld.lookups.put(rows)
  try {
    await look(made.map((each, at) => ({ ...each, id: entries[at]?.leaf.eid ?? '' })))
  } finally {
    await putBack(store, store.tables.lookups, before)
  }
}

const enteredOf = ({ minute, ...each }: Omit<Happening, 'id'>): Entered => ({
  ...each,
  ts: tsOf(minute),
})

// Kills: a foreign key, a side for the other, a filter left out, a page that repeats or skips,
// a bound left out, a count of what is not listed.
test('A list and a count give each auditor exactly what the rule gives', async () => {
  const sizes: number[] = []
  const asking = fc.record({ office: fc.constantFrom(...offices), asked: question })
  const questions = fc.array(asking, { minLength: 10, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(stores, questions, fc.constantFrom(1, 3, 200), (made, all, limit) =>
      over(made, async (store) => {
        for (const { office, asked } of all) {
          const expected = oracle(store, office, asked)
          sizes.push(expected.length)
          expect(await listed(office, asked, limit)).toEqual(expected)
          expect(await counted(office, asked)).toBe(expected.length)
        }
      }),
    ),
    { numRuns: 10, unbiased: true },
  )
  // Else the property says nothing.
  expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(20)
})

// Kills: a profile, a year, facts or a report on a person of more than the rule gives, or of less.
test('Whatever is counted, reported or read of entries is of those that the rule gives', async () => {
  let some = 0
  await fc.assert(
    fc.asyncProperty(stores, (made) =>
      over(made, async (store) => {
        for (const office of offices) {
          const own = jurisdictionOf(office)
          const holds = (each: Happening) => jurisdictionOf(each.holder) === own
          const asked = (each: Happening) => jurisdictionOf(each.agency) === own
          const seen = store.filter((each) => holds(each) || asked(each))
          const isDecision = ({ kind }: Happening) => kind === 'decision'
          some += seen.length

          for (const agency of agencies) {
            const of = seen.filter(
              (each) => isDecision(each) && each.agency === agency && each.officer === 'o1',
            )
            expect(await profiled(office, agency)).toMatchObject({
              decisions: of.length,
              dryRuns: of.filter(({ dryRun }) => dryRun).length,
              denials: of.filter(({ dryRun, outcome }) => !dryRun && outcome === 'deny').length,
              cases: new Set(of.map((each) => each.case)).size,
            })
          }

          const held = store.filter((each) => isDecision(each) && holds(each))
          const real = held.filter(({ dryRun }) => !dryRun)
          expect(await year(office)).toMatchObject({
            decisions: real.length,
            dryRuns: held.length - real.length,
            flows: tally(
              real.map(
                ({ agency, holder }) => `${jurisdictionOf(agency)} → ${jurisdictionOf(holder)}`,
              ),
            ),
            outcomes: tally(real.map(({ outcome }) => outcome)),
          })

          const about = seen.filter(
            (each) => each.subject === 'R-1' && (holds(each) || isDecision(each)),
          )
          expect(await reported(office)).toEqual(idsOf(about))
        }
        for (const office of ['DE-LEGAL', 'GB-LEGAL'])
          expect(await factsOf(office)).toEqual(
            idsOf(
              store.filter(
                ({ kind, holder, dryRun }) =>
                  kind === 'decision' &&
                  !dryRun &&
                  jurisdictionOf(holder) === jurisdictionOf(office),
              ),
            ),
          )
      }),
    ),
    { numRuns: 6, unbiased: true },
  )
  expect(some).toBeGreaterThan(20)
})

const idsOf = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id).sort()
const tally = (values: readonly string[]) =>
  Object.fromEntries(
    [...Map.groupBy(values, (each) => each)].map(([value, { length }]) => [value, length]),
  )

const purpose = 'lawfulness'
const read = async (office: string, path: string) => bodyOf(await audited.get(office, path))
const send = async (office: string, path: string, body: object) =>
  bodyOf(await audited.callAudit(office, { method: 'POST', path, body: { purpose, ...body } }))
const withIds = z.array(z.looseObject({ id: z.string() }))

async function profiled(office: string, agency: string) {
  const period = { from: '2026-11-25T08:00:00Z', until: '2026-11-25T08:10:00Z' }
  const body = { agency, officer: 'o1', ...period }
  return (await send(office, '/v1/officer-profiles', body)).measures
}
const year = async (office: string) =>
  (await read(office, `/v1/reports/2026?purpose=${purpose}`)).counts
async function reported(office: string) {
  const { forTheAuthority } = await send(office, '/v1/subject-reports', {
    subject: { recordId: 'R-1' },
  })
  return idsOf(z.object({ entries: withIds }).parse(forTheAuthority).entries)
}
const factsOf = async (office: string) =>
  idsOf(withIds.parse((await read(office, `/v1/facts?purpose=${purpose}&limit=200`)).facts))

/** The parameters of a question. */
function queryOf(office: string, { about, ...asked }: Question): URLSearchParams {
  const pseudonym = (identifier: string) =>
    audited.world.secrets.pseudonym(jurisdictionOf(office), identifier)
  const query = new URLSearchParams({ purpose, ...asked })
  if (about !== undefined && 'subject' in about)
    query.set('subject', pseudonym(identifierOf({ recordId: about.subject })))
  else if (about !== undefined)
    query.set('case', pseudonym(caseIdentifier(about.agency, about.case)))
  return query
}

const counted = async (office: string, asked: Question) =>
  (await read(office, `/v1/decisions/count?${queryOf(office, asked)}`)).total

/** All pages of a list, one after the other. */
async function listed(office: string, asked: Question, limit: number) {
  const query = queryOf(office, asked)
  query.set('limit', String(limit))
  const ids: string[] = []
  for (;;) {
    const { entries, next } = await read(office, `/v1/decisions?${query}`)
    ids.push(...withIds.parse(entries).map(({ id }) => id))
    if (next === undefined) return ids
    query.set('cursor', String(next))
  }
}
