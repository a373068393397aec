/** What is found, and what is decided on it: the part of the journey that may see the record. */

import { type Decision, decide, decideAndTell, decideUnseen } from '../decision/decide.ts'
import type { Facts, Item } from '../decision/facts.ts'
import { type HeldRecord, identifierOf, identifiersOf } from '../decision/record.ts'
import type { AccessRequest } from '../decision/request.ts'
import type { Agency } from '../identity/register.ts'
import type { InForce } from '../policy/history.ts'
import type { Found, World } from '../ports.ts'

/** What was found and decided. */
export type Seen = {
  readonly match: Found['kind'] | 'unseen'
  /** Identifiers of every record found, record by record. */
  readonly ids: readonly (readonly string[])[]
  readonly record: HeldRecord | undefined
  readonly items: readonly Item[]
  readonly decision: Decision
  readonly told: Decision
}

/** Decides: before the record is fetched if the refusal is certain, else on what is held. */
export async function see(
  request: AccessRequest,
  holder: Agency,
  rules: InForce,
  facts: Facts,
  at: string,
  asItems: (record: HeldRecord) => readonly Item[],
  world: World,
): Promise<Seen> {
  const unseen = { match: 'unseen', ids: [], record: undefined } as const
  if (decideUnseen(rules, facts, at) !== undefined)
    return { ...unseen, items: [], ...decideOn('unseen', rules, facts, [], at) }
  if (request.dryRun) {
    const items = hypotheses(request)
    return { ...unseen, items, ...decideOn('unseen', rules, facts, items, at) }
  }
  const found = await world.holder.find(holder, request.subject)
  // After a fetch there is no early return: hit and no hit take the same way out.
  const record = found.kind === 'one' ? found.record : undefined
  const items = record === undefined ? [] : asItems(record)
  const ids =
    found.kind === 'several'
      ? found.ids.map((id) => [identifierOf({ recordId: id })])
      : record === undefined
        ? []
        : [identifiersOf(record)]
  const decided = decideOn(found.kind, rules, facts, items, at)
  return { match: found.kind, ids, record, items, ...decided }
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
): Pick<Seen, 'decision' | 'told'> {
  if (match === 'unseen') {
    const decision = decide(rules, facts, items, at)
    return { decision, told: decision }
  }
  const { decision, told } = decideAndTell(rules, facts, items, at)
  if (match === 'several') return { decision: unfound(decision, 'ambiguous-subject'), told }
  if (match !== 'away') return { decision, told }
  // That the holder is away shows nothing of the record; that two match would.
  const away = unfound(decision, 'holder-away')
  return { decision: away, told: away }
}

function unfound(decision: Decision, code: 'ambiguous-subject' | 'holder-away'): Decision {
  const says = {
    'ambiguous-subject': 'More than one record fits; none is given.',
    'holder-away': 'The holder could not be asked in time; ask again.',
  }[code]
  return {
    ...decision,
    standing: code === 'holder-away' ? 'open' : 'final',
    reasons: [{ code, rule: `comity/${code}`, says, cites: [], confidence: 'V' }],
  }
}

/** Items that a dry run supposes: those stated, or one of each class of which nothing more is known. */
const hypotheses = ({ hypotheses: stated, classes }: AccessRequest): readonly Item[] =>
  (stated ?? classes.map((each) => ({ class: each }))).map((item, i) => ({
    id: String(i + 1),
    facts: Object.fromEntries(Object.entries(item).map(([key, value]) => [`item.${key}`, value])),
  }))
