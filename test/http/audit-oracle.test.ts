/** Lists over random stores: exactly what an oracle of the rule gives, nothing more, nothing less. */

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filteredPageSchema } from '../../functions/journeys/entry-filter.ts'
import { listDecisions } from '../../functions/journeys/list-decisions.ts'
import { caseIdentifier, lookupRows } from '../../functions/journeys/lookup-rows.ts'
import type { OpenedEntry } from '../../functions/journeys/opened.ts'
import type { SignedCall } from '../../functions/journeys/signed-call.ts'
import type { Entry, Leaf } from '../../functions/ledger/entry.ts'
import { requestOf } from '../journeys/people.ts'
import { freshJti, origin } from '../world.ts'
import { type Audited, startAudited } from './audit-gateway.ts'

let audited: Audited
beforeAll(async () => {
  audited = await startAudited()
})
afterAll(() => audited.close())

const agencies = ['DE-POL', 'GB-POL', 'FR-SPOC'] as const
const officers = ['o1', 'o2'] as const
const outcomes = ['release', 'deny'] as const
const rules = ['de/a/one', 'de/a/two'] as const
const policies = ['de/a@2025-01-01', 'de/a@2026-01-01', 'eu/b@2025-01-01'] as const
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

const jurisdictionOf = (agency: string) => agency.slice(0, 2)
const tsOf = (minute: number) => `2026-11-25T08:0${minute}:00.000Z`

const everything = fc.record({
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
})
type Question = Partial<typeof everything extends fc.Arbitrary<infer T> ? T : never>

/** Two filters or so: more of them fit nothing. */
const question: fc.Arbitrary<Question> = fc
  .tuple(everything, fc.array(fc.nat({ max: 11 }), { maxLength: 3 }))
  .map(([all, kept]) =>
    Object.fromEntries(Object.entries(all).filter((_, at) => kept.includes(at))),
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
          (isDecision && asked.standing === (each.open ? 'open' : 'final'))) &&
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

// Kills: a foreign key, a side for the other, a filter left out, a page that repeats or skips,
// a bound taken for the other, a prefix taken for a policy.
test('A list gives each auditor exactly what the rule gives', async () => {
  const sizes: number[] = []
  const stores = fc.array(happening, { maxLength: 12, size: 'max' })
  const asking = fc.record({ office: fc.constantFrom(...offices), asked: question })
  const questions = fc.array(asking, { minLength: 10, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(stores, questions, fc.constantFrom(1, 3, 200), async (made, all, limit) => {
      const store = made.map((each) => ({ ...each, id: freshId() }))
      const rows = store.flatMap(rowsOf)
      await audited.auditWorld.lookups.put(rows)
      for (const { office, asked } of all) {
        const expected = oracle(store, office, asked)
        sizes.push(expected.length)
        expect(await listed(office, asked, limit)).toEqual(expected)
      }
      await audited.auditWorld.lookups.remove(rows)
    }),
    { numRuns: 12 },
  )
  // Else the property says nothing.
  expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(20)
}, 60_000)

const freshId = () => Buffer.from(audited.world.random(32)).toString('base64url')

/** The rows that the sealer would write. */
function rowsOf(each: Happening) {
  const isDecision = each.kind === 'decision'
  const refs = (named: readonly string[]) =>
    named.map((name) => {
      const [id = '', version = ''] = name.split('@')
      return { id, version, digest: '' }
    })
  const reasons = (named: readonly string[]) => named.map((rule) => ({ rule }))
  const hj = jurisdictionOf(each.holder)
  const pseudonym = audited.world.secrets.pseudonym
  const leaf = {
    v: 2,
    t: each.kind,
    log: `comity.test/${hj.toLowerCase()}/2026`,
    eid: each.id,
    ts: tsOf(each.minute),
    hj,
    aj: jurisdictionOf(each.agency),
    ...(isDecision ? { out: each.outcome, standing: each.open ? 'open' : 'final' } : {}),
    ...(each.dryRun ? { dryRun: true } : {}),
    pol: isDecision ? refs(each.applied) : [],
  }
  const opened = {
    values: {
      call: { agency: each.agency, officer: each.officer },
      subject: { asked: pseudonym(hj, `record:${each.subject}`) },
      matter: { holder: each.holder, caseReference: each.case, purpose: 'investigation' },
      ...(isDecision
        ? {
            decision: { outcome: each.outcome, reasons: reasons(each.decidedBy) },
            told: { reply: { reasons: reasons(each.told), policies: refs(each.toldPolicies) } },
          }
        : {}),
    },
    evidence: { jws: '', body: JSON.stringify(requestOf({ subject: { recordId: each.subject } })) },
  }
  // Casts: of an entry, rows need these members and no others.
  return lookupRows({ leaf: leaf as unknown as Leaf } as Entry, opened as OpenedEntry, pseudonym)
}

/** All pages of a list, one after the other. */
async function listed(office: string, { about, ...asked }: Question, limit: number) {
  const agency = await audited.world.register.agency(office)
  if (agency === undefined) throw new Error(`there is no ${office}`)
  const pseudonym = (identifier: string) =>
    audited.world.secrets.pseudonym(jurisdictionOf(office), identifier)
  const ofAbout =
    about === undefined
      ? {}
      : 'subject' in about
        ? { subject: pseudonym(`record:${about.subject}`) }
        : { case: pseudonym(caseIdentifier(about.agency, about.case)) }
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const given = { purpose: 'lawfulness', ...asked, ...ofAbout, limit: String(limit) }
    const page = filteredPageSchema.parse({ ...given, ...(cursor && { cursor }) })
    const call = { ...signed, agency, jti: freshJti() }
    const answer = await listDecisions(call, page, audited.auditWorld)
    if (answer.kind !== 'listed') throw new Error(answer.kind)
    ids.push(...answer.entries.map(({ id }) => id))
    cursor = answer.next
  } while (cursor !== undefined)
  return ids
}

const signed: Omit<SignedCall, 'agency'> = {
  officer: 'auditor-1',
  kid: 'k',
  jti: '',
  iat: 0,
  exp: 300,
  bodyDigest: undefined,
  signingInput: 'header.payload',
  jws: 'header.payload.signature',
  method: 'GET',
  url: `${origin}/v1/decisions`,
  body: '',
}
