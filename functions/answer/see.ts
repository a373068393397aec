/** What is found, and what is decided on it: the part of the journey that may see the record. */

import { judge, kindOf, kindsJudged, standIns } from '../decision/combine.ts'
import { type BeforeFetch, type Decision, decideAndTell } from '../decision/decide.ts'
import type { Facts, Item } from '../decision/facts.ts'
import { type HeldRecord, identifierOf, identifiersOf } from '../decision/record.ts'
import type { AccessRequest } from '../decision/request.ts'
import type { Agency } from '../identity/register.ts'
import type { InForce } from '../policy/history.ts'
import type { FoundRecord, World } from '../ports.ts'

/** What was found and decided. */
export type Seen = {
  readonly match: FoundRecord['kind'] | 'unseen'
  /** Identifiers of every record found, record by record. */
  readonly ids: readonly (readonly string[])[]
  readonly record: HeldRecord | undefined
  /** Of several records that fit, their ids. */
  readonly candidates: readonly string[]
  readonly items: readonly Item[]
  readonly decision: Decision
  readonly told: Decision
}

/** How a request is looked at. */
type Sighting = {
  readonly request: AccessRequest
  readonly holder: Agency
  readonly rules: InForce
  readonly facts: Facts
  readonly at: string
  /** What is refused before the fetch, class by class. */
  readonly before: BeforeFetch
  /** The facts of a record's items of these classes; items that an officer took out are left out. */
  readonly asItems: (record: HeldRecord, classes: readonly string[]) => readonly Item[]
  /** Of several records that fit: the one that an officer picked. */
  readonly picked?: string
}

/** Decides: class by class before the record is fetched if the refusal is certain, else on what is held. */
export async function see(sighting: Sighting, world: Pick<World, 'holder'>): Promise<Seen> {
  const { request, rules, facts, at, before } = sighting
  const unseen = { match: 'unseen', ids: [], record: undefined, candidates: [] } as const
  if (before.refusal !== undefined) {
    const { refusal } = before
    return { ...unseen, items: [], decision: refusal, told: refusal }
  }
  if (request.dryRun) {
    const items = hypotheses(request).filter((each) =>
      before.open.includes(String(each.facts['item.class'])),
    )
    return { ...unseen, items, ...decideOn('unseen', rules, facts, items, at, before) }
  }
  const found = await pick(
    await world.holder.find(sighting.holder, request.subject),
    sighting,
    world,
  )
  // After a fetch there is no early return: hit and no hit take the same way out.
  const record = found.kind === 'one' ? found.record : undefined
  const items = record === undefined ? [] : sighting.asItems(record, before.open)
  const candidates = found.kind === 'several' ? found.ids : []
  const ids =
    record === undefined
      ? candidates.map((id) => [identifierOf({ recordId: id })])
      : [identifiersOf(record)]
  const decided = decideOn(found.kind, rules, facts, items, at, before)
  judgeBeside(sighting, items)
  return { match: found.kind, ids, record, candidates, items, ...decided }
}

/**
 * INVARIANT (a refusal tells nothing): as many kinds of items are judged whatever was found, and a whole
 * decision is made, so that how long it takes does not tell. What comes of items that nobody holds is
 * not looked at.
 */
function judgeBeside({ rules, facts, at, before }: Sighting, items: readonly Item[]): void {
  const kinds = new Set<string>()
  for (const each of items) if (kinds.size < kindsJudged) kinds.add(kindOf(each))
  const beside = standIns(before.open, kindsJudged - kinds.size)
  if (items.length === 0) decideAndTell(rules, facts, beside, at, before)
  else judge(rules, facts, beside)
}

/** The record that an officer picked, if it is still one of those that fit. */
async function pick(
  found: FoundRecord,
  { picked, holder }: Sighting,
  world: Pick<World, 'holder'>,
): Promise<FoundRecord> {
  if (found.kind !== 'several' || picked === undefined || !found.ids.includes(picked)) return found
  const record = await world.holder.get(holder, picked)
  return record === undefined ? found : { kind: 'one', record }
}

/**
 * Decides on what was found: in full, and as it may be told. The same facts, items and law give the
 * same decision at any later time, which is how an entry is replayed.
 */
export function decideOn(
  match: Seen['match'],
  rules: InForce,
  facts: Facts,
  items: readonly Item[],
  at: string,
  before: BeforeFetch,
): Pick<Seen, 'decision' | 'told'> {
  if (before.refusal !== undefined) return { decision: before.refusal, told: before.refusal }
  const { decision, told } = decideAndTell(rules, facts, items, at, before)
  if (match === 'unseen') return { decision, told: decision }
  if (match === 'several') {
    const standing = before.asBefore ? 'final' : 'open'
    return { decision: unfound(decision, 'ambiguous-subject', standing), told }
  }
  if (match !== 'away') return { decision, told }
  // That the holder is away shows nothing of the record; that two match would.
  const away = unfound(decision, 'holder-away', 'open')
  return { decision: away, told: away }
}

function unfound(
  decision: Decision,
  code: 'ambiguous-subject' | 'holder-away',
  standing: 'open' | 'final',
): Decision {
  const says = {
    'ambiguous-subject': 'More than one record fits; none is given.',
    'holder-away': 'The holder could not be asked in time; ask again.',
  }[code]
  return {
    ...decision,
    standing,
    reasons: [{ code, rule: `comity/${code}`, says, cites: [], confidence: 'V' }],
  }
}

/** Items that a dry run supposes: those stated, or one of each class of which nothing more is known. */
const hypotheses = ({ hypotheses: stated, classes }: AccessRequest): readonly Item[] =>
  (stated ?? classes.map((each) => ({ class: each }))).map((item, i) => ({
    id: String(i + 1),
    facts: Object.fromEntries(Object.entries(item).map(([key, value]) => [`item.${key}`, value])),
  }))
