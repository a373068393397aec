/**
 * Entries made by hand, of every kind and between any two countries, each part of which carries a mark:
 * what was `said` by whoever called, what it was `told`, and what only the holder's side `held`. Whoever
 * sees a mark of an entry has seen that part of it.
 */

import { shortFormOf } from '../../functions/answer/entries/short-form.ts'
import type { Values } from '../../functions/answer/entries/values.ts'
import type { Reply } from '../../functions/answer/reply/reply-schema.ts'
import { identifierOf } from '../../functions/decision/record.ts'
import type { Outcome } from '../../functions/decision/treatment.ts'
import {
  type Entry,
  type EntryKind,
  entryId,
  logOf,
  makeEntry,
  named,
  requestDigest,
} from '../../functions/ledger/entry.ts'
import { inForce } from '../../functions/policy/history.ts'
import type { World } from '../../functions/ports.ts'
import { requestOf } from '../answer/people.ts'
import { freshJti } from '../world.ts'

/** What happened. */
export type Happening = {
  readonly kind: EntryKind
  /** Who held it, and who called. */
  readonly holder: string
  readonly agency: string
  readonly officer: string
  readonly ts: string
  readonly outcome: Outcome
  readonly open: boolean
  readonly dryRun: boolean
  readonly decidedBy: readonly string[]
  readonly told: readonly string[]
  readonly applied: readonly string[]
  readonly toldPolicies: readonly string[]
  /** A record id. */
  readonly subject: string
  readonly case: string
}

/** A decision of no particular matter. */
export const ordinary: Happening = {
  kind: 'decision',
  holder: 'DE-POL',
  agency: 'GB-POL',
  officer: 'officer-1',
  ts: '2026-11-25T09:00:00.000Z',
  outcome: 'deny',
  open: true,
  dryRun: false,
  decidedBy: ['de/held/rule'],
  told: ['de/told/rule'],
  applied: [],
  toldPolicies: [],
  subject: 'S-1',
  case: 'CASE-1',
}

/** The jurisdiction of an agency of the tests. */
export const jurisdictionOf = (agency: string): string => agency.slice(0, 2)

/** The marks of an entry. */
export const marksOf = (id: string) =>
  ({ said: `said-${id}`, told: `told-${id}`, held: `held-${id}` }) as const

/** Makes the entry of a happening, and writes it into the ledger. */
export async function enter(world: World, each: Happening): Promise<Entry> {
  const { kind, ts, agency, officer, holder, outcome } = each
  const [hj, aj] = [jurisdictionOf(holder), jurisdictionOf(agency)]
  const id = entryId(agency, freshJti())
  const marks = marksOf(id)
  const body = JSON.stringify(
    kind === 'decision'
      ? requestOf({
          holder,
          subject: { recordId: each.subject },
          caseReference: each.case,
          necessity: { statement: marks.said, strictlyNecessaryClasses: [] },
        })
      : { ground: marks.said },
  )
  const asked = world.secrets.pseudonym(hj, identifierOf({ recordId: each.subject }))
  const isDecision = kind === 'decision'
  const standing = outcome === 'deny' && each.open ? 'open' : 'final'
  const common = {
    call: { agency, officer, method: 'POST', url: 'https://comity.test/', body: null },
    subject: { asked, match: 'none', found: [] },
    matter: { caseReference: each.case, purpose: 'investigation', holder, asked: [] },
  }
  const values = isDecision
    ? shortFormOf({ ...common, ...decided(each, id, standing) })
    : { ...common, ...acts(kind, marks.held) }
  const entry = makeEntry(
    {
      t: kind,
      log: logOf(world.gateway, hj, ts),
      eid: id,
      ts,
      hj,
      aj,
      ...(isDecision ? { out: outcome, ...(outcome === 'deny' ? { standing } : {}) } : {}),
      ...(each.dryRun ? { dryRun: true as const } : {}),
      ...(isDecision
        ? named({ pol: each.applied.map(refOf), lists: await listsAt(ts, world) })
        : {}),
      eng: 'test',
      req: requestDigest(''),
    },
    values,
    { jws: 'a.b.c', body },
    await world.subjectKeys.keyFor(hj, asked, ts),
    freshJti(),
    world.random,
  )
  const { kind: came } = await world.ledger.append(entry)
  if (came !== 'durable') throw new Error(`couldn’t enter: ${came}`)
  return entry
}

const listsAt = async (ts: string, { law }: World) => {
  const { listVersions } = inForce((await law.now()).book, ts, ts)
  return listVersions.map(({ id, version, digest }) => ({ id, version, digest }))
}

const refOf = (name: string) => {
  const [id = '', version = ''] = name.split('@')
  return { id, version, digest: '' }
}

/** Those that the entry of an act has beside, whatever it is; each carries a mark. */
const acts = (kind: EntryKind, held: string) => ({
  act: { what: 'put', recordId: held },
  ...(kind === 'withdrawal' ? { attestation: held } : { person: held }),
  signature: { officer: held },
  objection: { ground: held },
  review: { ground: held },
  // The purpose is one of a few words, which lists show.
  consultation: { purpose: 'lawfulness', question: { asked: held }, shown: [held] },
  approver: { officer: held },
  set: { madeAt: held },
  statement: { why: held },
})

/** The parts that a decision has beside those of any entry. */
function decided(
  each: Happening,
  id: string,
  standing: 'open' | 'final',
): Pick<Values['decision'], 'facts' | 'items' | 'decision' | 'told'> {
  const { outcome, dryRun, holder, ts } = each
  const { told, held } = marksOf(id)
  const reasons = (rules: readonly string[], says: string): Reply['reasons'] =>
    rules.map((rule) => ({ code: 'x', rule, says, cites: [], confidence: 'V' }))
  const nothing = { missing: [], todo: [], obligations: [] }
  const of = { outcome, ...(outcome === 'deny' ? { standing } : {}) }
  const reply: Reply = {
    id,
    ...of,
    ...(dryRun ? { dryRun } : {}),
    decidedAt: ts,
    holder,
    reasons: reasons(each.told, told),
    policies: each.toldPolicies.map(refOf),
    handling: [],
    classes: { identification: 'not released' },
    ...nothing,
  }
  return {
    facts: {
      facts: { 'requester.jurisdiction': each.agency.slice(0, 2) },
      sources: { 'threat.life': { source: 'attestation', attestations: [held] } },
    },
    items: [{ id: held, facts: { 'item.class': 'identification' } }],
    decision: {
      ...of,
      reasons: reasons(each.decidedBy, held),
      items: [],
      policies: each.applied.map(refOf),
      ...nothing,
    },
    told: { reply, decided: [], recordId: null, paySalt: held },
  }
}
