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
  const unseen = { ids: [], record: undefined, items: [] }
  const refused = decideUnseen(rules, facts, at)
  if (refused !== undefined) return { match: 'unseen', ...unseen, decision: refused, told: refused }
  if (request.dryRun) {
    const items = hypotheses(request)
    const decision = decide(rules, facts, items, at)
    return { match: 'unseen', ...unseen, items, decision, told: decision }
  }
  const found = await world.holder.find(holder, request.subject)
  if (found.kind !== 'one') {
    const { decision, told } = decideAndTell(rules, facts, [], at)
    const why = { none: undefined, several: 'ambiguous-subject', away: 'holder-away' } as const
    const code = why[found.kind]
    const full = code === undefined ? decision : unfound(decision, code)
    const ids =
      found.kind === 'several' ? found.ids.map((id) => [identifierOf({ recordId: id })]) : []
    return {
      match: found.kind,
      ...unseen,
      ids,
      decision: full,
      // That the holder is away shows nothing of the record; that two match would.
      told: found.kind === 'away' ? full : told,
    }
  }
  // After a fetch there is no early return: hit and no hit take the same way out.
  const items = asItems(found.record)
  return {
    match: 'one',
    ids: [identifiersOf(found.record)],
    record: found.record,
    items,
    ...decideAndTell(rules, facts, items, at),
  }
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
