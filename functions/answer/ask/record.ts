/** Finds the record and decides on it: the only step of a request that may see the record. */

import { judge, kindOf, kindsJudged, standIns } from '../../decision/combine.ts'
import { type BeforeFetch, type Decision, decideAndTell } from '../../decision/decide.ts'
import type { Facts, Item } from '../../decision/facts.ts'
import { type HeldRecord, identifierOf, identifiersOf, isAbout } from '../../decision/record.ts'
import type { AccessRequest } from '../../decision/request.ts'
import type { Agency } from '../../identity/register.ts'
import type { InForce } from '../../policy/history.ts'
import type { FoundRecord, World } from '../../ports.ts'
import { findRecord, type LookedFor, pickRecord } from './holder.ts'

/** What was found and decided. */
export type Seen = {
  readonly match: FoundRecord['kind'] | 'unseen'
  /** What was signed if the holder's own system was asked. */
  readonly exchange?: FoundRecord['exchange']
  /** Identifiers of every record found, record by record. */
  readonly ids: readonly (readonly string[])[]
  readonly record: HeldRecord | undefined
  /** The ids of the records, if several fit. */
  readonly candidates: readonly string[]
  readonly items: readonly Item[]
  readonly decision: Decision
  readonly told: Decision
}

/** What a request is judged with. */
type Sighting = {
  readonly request: AccessRequest
  readonly holder: Agency
  /** The entry that it becomes part of. */
  readonly entry: string
  readonly rules: InForce
  readonly facts: Facts
  readonly at: string
  /** The classes refused before the fetch. */
  readonly before: BeforeFetch
  /** The items of a record in these classes as facts, without those that an officer took out. */
  readonly asItems: (record: HeldRecord, classes: readonly string[]) => readonly Item[]
  /** The record that an officer picked, if several fit. */
  readonly picked?: string
} & Pick<LookedFor, 'atLastRead'>

/** Decides on each class before the fetch if its refusal is certain, and on the others from what is held. */
export async function see(sighting: Sighting, world: World): Promise<Seen> {
  const { request, rules, facts, at, before, entry, atLastRead } = sighting
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
  // A holder's own system is asked for what may still leave, and for no other class.
  const asking = { entry, atLastRead, classes: before.open }
  const all = await findRecord(sighting.holder, request.subject, asking, world)
  const found = await pick(all, sighting, asking, world)
  // After a fetch there is no early return: hit and no hit take the same path.
  const record = found.kind === 'one' ? found.record : undefined
  const items = record === undefined ? [] : sighting.asItems(record, before.open)
  const candidates = found.kind === 'several' ? found.ids : []
  const ids =
    record === undefined
      ? candidates.map((id) => [identifierOf({ recordId: id })])
      : [identifiersOf(record)]
  const decided = decideOn(found.kind, rules, facts, items, at, before)
  judgeBeside(sighting, items)
  const { exchange } = found
  const signed = exchange === undefined ? {} : { exchange }
  return { match: found.kind, ids, record, candidates, items, ...decided, ...signed }
}

/**
 * INVARIANT (a refusal tells nothing): the same number of kinds of items is judged, and a whole decision
 * made, whatever was found, so that the time taken tells nothing. The results for stand-ins are not used.
 */
function judgeBeside({ rules, facts, at, before }: Sighting, items: readonly Item[]): void {
  const kinds = new Set<string>()
  for (const each of items) if (kinds.size < kindsJudged) kinds.add(kindOf(each))
  const beside = standIns(before.open, kindsJudged - kinds.size)
  if (items.length === 0) decideAndTell(rules, facts, beside, at, before)
  else judge(rules, facts, beside, before.judgement)
}

/**
 * The record that an officer picked, if it still is one of those that fit. It is looked for by its id then, so it
 * is held to the subject once more: what is under an id may have become another's.
 */
async function pick(
  found: FoundRecord,
  { picked, holder, request }: Sighting,
  asking: LookedFor,
  world: World,
): Promise<FoundRecord> {
  if (found.kind !== 'several' || picked === undefined || !found.ids.includes(picked)) return found
  const own = await pickRecord(holder, picked, asking, world)
  // Both are in the entry: that several fit, and what the holder said of this one.
  const exchange = { ...found.exchange, ...(own.exchange && { picked: own.exchange }) }
  const signed = found.exchange === undefined ? {} : { exchange }
  if (own.kind === 'away') return { kind: 'away', ...signed }
  return own.kind === 'one' && isAbout(own.record, request.subject)
    ? { kind: 'one', record: own.record, ...signed }
    : { ...found, ...signed }
}

/**
 * Decides on what was found: in full, and as it may be told. The same facts, items and law give the same
 * decision at any later time, so that an entry can be replayed.
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
  const judged = match === 'unseen' ? items.map(unheard) : items
  const { decision, told } = decideAndTell(rules, facts, judged, at, before)
  if (match === 'unseen') return { decision, told: decision }
  if (match === 'several') {
    const standing = before.asBefore ? 'final' : 'open'
    return { decision: unfound(decision, 'ambiguous-subject', standing), told }
  }
  if (match !== 'away') return { decision, told }
  // That the holder is away tells nothing of the record; that two records fit would.
  const away = unfound(decision, 'holder-away', 'open')
  return { decision: away, told: away }
}

/** The item as if no answered no kept it back. */
export const unheard = (item: Item): Item => ({ ...item, unheard: true })

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

/** The items that a dry run supposes: those stated, or one of each class asked for. */
const hypotheses = ({ hypotheses: stated, classes }: AccessRequest): readonly Item[] =>
  (stated ?? classes.map((each) => ({ class: each }))).map((item, i) => ({
    id: String(i + 1),
    facts: Object.fromEntries(Object.entries(item).map(([key, value]) => [`item.${key}`, value])),
  }))
