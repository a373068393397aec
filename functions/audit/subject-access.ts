/** Which entries about a person they may be told of, and by which law. In doubt, an entry is left out. */

import * as z from 'zod'
import { decisionIn, type Opened, requestIn } from '../answer/entries/reader.ts'
import type { AccessRequest } from '../decision/request.ts'
import type { Sight } from '../identity/authorize.ts'
import type { Book } from '../policy/book.ts'
import { inForce } from '../policy/history.ts'
import { type Confidence, confidences } from '../policy/sentence.ts'
import type { Readable } from './entries-about.ts'

/** An entry of a report, with its request and decision if it is a decision that opens. */
export type Reported = Readable & {
  /** How much of it the authority of this report may see. */
  readonly sight: Sight
  readonly decision?: { readonly request: AccessRequest; readonly opened: Opened }
}

/** An entry as it is reported to an authority of this sight. */
export function reported(each: Readable, sight: Sight): Reported {
  const opened = decisionIn(each.opened)
  if (opened === undefined) return { ...each, sight }
  const request = requestIn(opened)
  return { ...each, sight, decision: { request, opened } }
}

/** What decides whether to tell an entry, besides the entry itself. */
type Telling = {
  /** Entries that the controller wants left out. */
  readonly named: ReadonlyMap<string, Because>
  /** Whether the controller named an entry that is not in the report, so that nobody knows what it meant. */
  readonly isIncomplete: boolean
  /** Whether an entry is about this person and nobody else. */
  readonly isCertain: (each: Reported) => boolean
}

/**
 * Why an entry is left out; it is told if there is no ground. On the requester’s side only what that side
 * knows counts, so that its authority learns nothing from what is left out.
 *
 * INVARIANT (in doubt silent): a ground only ever leaves an entry out. Nothing lets it in again.
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
    // As everywhere, no hit looks like a record of which nothing may be told.
    !reply.reasons.some(({ code }) => code === 'nothing-transmissible')
  return [
    ['untold', !isToldWhole],
    ['concerns', facts.facts['transfer.caseCheck'] === 'concerns'],
    ['others', items.some((each) => otherRoles.includes(String(each.facts['item.role'])))],
  ]
}

/** Both values come from canonical JSON, which writes equal values alike. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * Whether an entry is certainly about the person with the pseudonym `subject`. On the requester's side every
 * entry is. On the holder's side an entry is if it was asked by `subject`, or is about a record that `subject`
 * belongs to; none is if `subject` fits several people (`isShared`).
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

/** An article, and how well it was checked. */
export const citeSchema = z.strictObject({
  cite: z.string(),
  confidence: z.enum(Object.keys(confidences) as [Confidence, ...Confidence[]]),
})
/** An article. */
export type Cite = z.infer<typeof citeSchema>

/** The restrictions that both laws have, and their letters (LED art. 15(1), DPA 2018 s. 45(4)). */
const letters = {
  inquiry: 'a',
  crime: 'b',
  'public-security': 'c',
  'national-security': 'd',
  others: 'e',
} as const
/** Why the controller wants an entry left out. */
export const becauseSchema = z.enum(
  Object.keys(letters) as [keyof typeof letters, ...(keyof typeof letters)[]],
)

export type Because = z.infer<typeof becauseSchema>

/** Why an entry is left out, and which restrictions allow that. */
export const grounds = {
  named: ['You named it: telling would endanger what the law protects.', []],
  untold: ['The agency that asked was not told all of it either.', ['inquiry', 'crime', 'others']],
  evidence: ['It is kept as evidence only.', []],
  inquiry: [
    'Its purpose and stage do not show that the person knows of the inquiry.',
    ['inquiry', 'crime'],
  ],
  confidential: ['The answer was to be kept confidential, or was marked.', ['inquiry', 'crime']],
  concerns: [
    'The holder found cause for concern when it checked the case.',
    ['public-security', 'others'],
  ],
  others: ['It concerns a victim, a witness, an informant or a minor, too.', ['others']],
  identity: ['It is not certain that it is about this person.', ['others']],
  'no-request': ['It is an act of an authority, not a request for data.', []],
  incomplete: ['Something that you named is not in this report; correct it first.', []],
} as const satisfies Readonly<
  Record<string, readonly [says: string, under: readonly (keyof typeof letters)[]]>
>
/** A ground on which an entry is left out. */
export type Ground = keyof typeof grounds

/**
 * Stages that the person knows about, by purpose. Anything else may belong to an open inquiry, since the log
 * does not say when an inquiry ends.
 */
const known: Partial<Readonly<Record<AccessRequest['purpose'], readonly string[]>>> = {
  prosecution: ['charged', 'convicted'],
  'execution-of-penalty': ['convicted'],
  'missing-person': ['unknown'],
}

/** Whether the request's purpose and stage show that the person knows of the inquiry. */
const isKnownToPerson = ({ purpose, stage }: AccessRequest): boolean =>
  (stage !== undefined && known[purpose]?.includes(stage)) ?? false

/** The articles of one jurisdiction, by what they govern. */
export type AccessLaw = Readonly<
  Record<
    | 'right'
    /** A restriction need not be told if telling would defeat it. */
    | 'silence'
    /** The authority checks in the person’s place. */
    | 'check'
    | 'complaint'
    | 'court'
    | 'log'
    | 'evidence',
    readonly Cite[]
  > & { readonly restriction: (letter: string) => readonly Cite[] }
>

const from =
  (instrument: string, confidence: Confidence) =>
  (article: string): readonly Cite[] => [{ cite: `${instrument} ${article}`, confidence }]

const read = from('LED', 'V')
const recalled = from('LED', 'M')
const british = from('DPA 2018', 'M')

const laws: Readonly<Record<'led' | 'british' | 'unwritten', AccessLaw>> = {
  led: {
    right: read('art. 14'),
    restriction: (letter) => recalled(`art. 15(1)(${letter})`),
    silence: recalled('art. 15(3)'),
    check: recalled('art. 17'),
    complaint: recalled('art. 52'),
    court: recalled('arts 53-54'),
    log: read('art. 25'),
    evidence: recalled('art. 16(3)'),
  },
  british: {
    right: british('s. 45(1)'),
    restriction: (letter) => british(`s. 45(4)(${letter})`),
    silence: british('s. 45(6)'),
    check: british('s. 51'),
    complaint: british('s. 165'),
    court: british('s. 167'),
    log: british('s. 62'),
    evidence: british('s. 47'),
  },
  unwritten: {
    right: [],
    restriction: () => [],
    silence: [],
    check: [],
    complaint: [],
    court: [],
    log: [],
    evidence: [],
  },
}

/** The access law of a jurisdiction at a moment; empty if this file has none for it. */
export function accessLaw(jurisdiction: string, at: string, book: Book): AccessLaw {
  if (jurisdiction === 'GB') return laws.british
  const isBound = inForce(book, at, at).lists['led-states']?.includes(jurisdiction) ?? false
  return isBound ? laws.led : laws.unwritten
}

/** The articles behind a ground. `because` is the controller's reason for naming the entry. */
export function citesOf(
  ground: Ground,
  because: Because | undefined,
  law: AccessLaw,
): readonly Cite[] {
  if (ground === 'evidence') return law.evidence
  const under = ground === 'named' && because !== undefined ? [because] : grounds[ground][1]
  return under.flatMap((each) => law.restriction(letters[each]))
}
