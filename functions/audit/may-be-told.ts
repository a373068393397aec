/** Which entries about a person may be told to them: in doubt, none. */

import type { Opened } from '../answer/opened.ts'
import { type AccessRequest, storedRequestSchema } from '../decision/request.ts'
import type { Sight } from '../identity/authorize.ts'
import { type Because, type Ground, isKnownToPerson } from './access-right.ts'
import type { Readable } from './readable.ts'

/** An entry of a report, and what was asked and decided if it is a decision that opens. */
export type Reported = Readable & {
  /** How much of it the authority of this report may see. */
  readonly sight: Sight
  readonly decision?: { readonly request: AccessRequest; readonly opened: Opened }
}

/** An entry as it is reported to an authority of this sight. */
export function reported(each: Readable, sight: Sight): Reported {
  const { stored, opened } = each
  if (stored.leaf.t !== 'decision' || opened === undefined) return { ...each, sight }
  const { values, evidence } = opened
  const request = storedRequestSchema.parse(JSON.parse(evidence.body))
  // A cast: this is what the entry of a decision holds.
  return { ...each, sight, decision: { request, opened: { ...values, evidence } as Opened } }
}

/** What telling depends on beside an entry itself. */
export type Telling = {
  /** Entries that the controller wants left out. */
  readonly named: ReadonlyMap<string, Because>
  /** Whether something was named that is not in the report: then nobody knows what was meant. */
  readonly isIncomplete: boolean
  /** Whether an entry is about this person and nobody else. */
  readonly isCertain: (each: Reported) => boolean
}

/**
 * Why an entry is not told; it is told if there is no reason. On the requester’s side only what that side
 * knows counts, so that its authority learns nothing from what is left out.
 *
 * INVARIANT (in doubt silent): whatever is added to an entry or said of it may leave it out, and
 * nothing lets it in again.
 */
export function leftOut(each: Reported, telling: Telling): readonly Ground[] {
  const { stored, opened, isRestricted, decision, sight } = each
  const found: readonly (readonly [Ground, boolean])[] = [
    ['incomplete', telling.isIncomplete],
    ['named', telling.named.has(stored.leaf.eid)],
    ['evidence', isRestricted || opened === undefined],
    ['identity', decision !== undefined && !telling.isCertain(each)],
    ['no-request', stored.leaf.t !== 'decision'],
    ['inquiry', decision !== undefined && !isKnownToPerson(decision.request)],
    ['confidential', decision !== undefined && isConfidential(decision.opened)],
    ['others', decision !== undefined && isOfOthers(decision.request)],
    ...(decision !== undefined && sight === 'whole' ? knownToHolder(decision.opened) : []),
  ]
  return [...new Set(found.flatMap(([ground, is]) => (is ? [ground] : [])))]
}

const isConfidential = ({ told: { reply } }: Opened): boolean =>
  reply.handling.length > 0 ||
  reply.obligations.some(({ code }) => code === 'O-CONF' || code === 'O-MARK')

const isOfOthers = ({ classes }: AccessRequest): boolean =>
  classes.some((each) => each === 'victim-witness' || each === 'minor')

const otherRoles = ['victim', 'witness', 'informant']

function knownToHolder({ decision, told, facts, items }: Opened): readonly [Ground, boolean][] {
  const { reply } = told
  const isToldWhole =
    isSame(
      [decision.outcome, decision.reasons, decision.items],
      [reply.outcome, reply.reasons, told.decided],
    ) &&
    // No hit is like a record of which nothing may be told: here, too.
    !reply.reasons.some(({ code }) => code === 'nothing-transmissible')
  return [
    ['untold', !isToldWhole],
    ['concerns', facts.facts['transfer.caseCheck'] === 'concerns'],
    ['others', items.some((each) => otherRoles.includes(String(each.facts['item.role'])))],
  ]
}

/** Both were read from canonical JSON, which writes equal values alike. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * Tells the entries that are about one person, given by a pseudonym: those asked by it, and those of a
 * record that it was found to be of. None if it fits several people (`isShared`).
 */
export function certainlyAbout(
  subject: string,
  isShared: boolean,
  all: readonly Reported[],
): Telling['isCertain'] {
  const records = new Set(
    all
      .filter(({ decision }) => {
        const { match, found = [] } = decision?.opened.subject ?? {}
        return match === 'one' && found.flat().includes(subject)
      })
      .map(recordOf),
  )
  return (each) => {
    if (each.sight === 'own-side') return true
    const { asked, match } = each.decision?.opened.subject ?? {}
    return !isShared && (asked === subject || (match === 'one' && records.has(recordOf(each))))
  }
}

const recordOf = ({ decision }: Reported): string =>
  `${decision?.opened.matter.holder} ${decision?.opened.told.recordId}`
