/**
 * What an entry says of itself, term by term. A page shows it at its head; a check makes it anew from what it has
 * checked, the leaf and the openings behind its commitments, so that a page that says something else is found.
 */

import type { Call } from '../answer/entries/signed-call.ts'
import { visible } from '../decision/free-text.ts'
import type { Leaf, Refs } from '../ledger/entry.ts'
import { valueWords } from '../policy/words.ts'
import { kindWords } from './entry-words.ts'

/** An entry, as far as it is known here. */
export type PartialEntry = {
  readonly leaf: Pick<Leaf, 't' | 'eid' | 'log' | 'ts' | 'hj' | 'aj'> & {
    readonly out?: string | undefined
    readonly standing?: string | undefined
    readonly dryRun?: true | undefined
  }
  /** Its place in its log; absent until it is sealed. */
  readonly index?: number | undefined
  /** The values behind its commitments: those that its side may see, none once it is erased. */
  readonly values: PartialValues
  /** The law that applied, if that is known. */
  readonly law?: Refs['pol'] | undefined
}

/** The values that count here. What is not there is not said. */
export type PartialValues = {
  readonly call?: Pick<Call, 'agency' | 'officer' | 'session'> | undefined
  readonly matter?:
    | { readonly caseReference?: string; readonly purpose?: string; readonly holder: string }
    | undefined
  readonly decision?:
    | { readonly outcome: string; readonly reasons: readonly { readonly rule: string }[] }
    | undefined
  readonly facts?: KnownFacts | undefined
  /** Of a notice, an attestation: whom it concerns. An attestation that ends is named by its id alone. */
  readonly notice?: { readonly holder?: string } | undefined
  readonly attestation?: { readonly holder?: string } | string | undefined
}

/** Facts with where they came from: `attested` since version 3 of an entry, `sources` before, and on pages. */
type KnownFacts = {
  readonly attested?: Readonly<Record<string, readonly string[]>>
  readonly sources?: Readonly<Record<string, { readonly attestations?: readonly string[] }>>
}

/** A term. Pages mark what they say of it with `name`. */
export type NamedTerm = { readonly name: string; readonly term: string; readonly says: string }

/** What it says, safe to show. Terms of which nothing is known are left out. */
export function namedTerms({ leaf, index, values, law }: PartialEntry): readonly NamedTerm[] {
  const { call, matter, decision } = values
  const { agency = `somebody of ${leaf.aj}`, officer, session } = call ?? {}
  const login = session && `on a page, by a login of ${session.iss}`
  const isSame = decision?.outcome === leaf.out
  const attested = typeof values.attestation === 'object' ? values.attestation.holder : undefined
  return Object.entries({
    kind: ['Kind', kindWords[leaf.t]],
    when: ['When', `${leaf.ts.slice(0, 10)} ${leaf.ts.slice(11, 19)} UTC`],
    who: ['Who called', [agency, officer, login].filter(Boolean).join(', ')],
    holder: ['Who was asked', matter?.holder ?? values.notice?.holder ?? attested ?? leaf.hj],
    case: [
      'Case and purpose',
      matter?.caseReference &&
        `${matter.caseReference}, ${valueWords('request.purpose', matter.purpose)}`,
    ],
    outcome: [
      'Outcome, as told',
      leaf.out &&
        [toldWords(leaf.out, leaf.standing), leaf.dryRun && 'a dry run'].filter(Boolean).join(', '),
    ],
    full: ['Outcome in full', decision && !isSame ? outcomeWords[decision.outcome] : undefined],
    decided: ['Decided by', leaf.out && values.facts && deciderWords(values.facts)],
    rules: ['By the rules', decision && rulesOf(decision.reasons)],
    law: ['Law that applied', law?.map(({ id, version }) => `${id}@${version}`).join(', ')],
    place: ['Place', index === undefined ? undefined : `no. ${index + 1} of ${leaf.log}`],
    id: ['Id', leaf.eid],
  }).flatMap(([name, [term = '', says]]) => (says ? [{ name, term, says: visible(says) }] : []))
}

/** Entries of evidence whose values were all checked against their commitments. */
type CheckedEntries = {
  readonly entries: readonly {
    readonly leaf: PartialEntry['leaf']
    readonly law?: Refs['pol']
    readonly values: Readonly<Record<string, unknown>>
  }[]
  /** Where each stands in its log. */
  readonly manifest?:
    | { readonly entries: readonly { readonly eid: string; readonly index: number }[] }
    | undefined
}

/** What each of them says, in the order of the entries. */
export const termsOfEach = ({
  entries,
  manifest,
}: CheckedEntries): readonly (readonly NamedTerm[])[] =>
  entries.map(({ leaf, law, values }) =>
    namedTerms({
      // A cast: what its commitments protect is what was entered; what is not there is not said.
      ...{ leaf, law, values: values as PartialValues },
      index: manifest?.entries.find(({ eid }) => eid === leaf.eid)?.index,
    }),
  )

/** Of how many entries all that they say is written out: a court has one, or a case. */
const saidMax = 50

/** The same in lines, so that nobody needs to believe the page in the bundle. */
export function termLines(checked: CheckedEntries): readonly string[] {
  const { length } = checked.entries
  const shown = { ...checked, entries: checked.entries.slice(0, saidMax) }
  return [
    ...termsOfEach(shown).flatMap((terms, i) => [
      `What entry ${i + 1} says, from what was checked:`,
      ...terms.map(({ term, says }) => `- ${term}: ${says}`),
    ]),
    ...(length > saidMax
      ? [`What the other ${length - saidMax} say is not written out here.`]
      : []),
  ]
}

/** What outcomes are called. */
export const outcomeWords: Readonly<Record<string, string>> = {
  release: 'released',
  redact: 'released in part',
  deny: 'denied',
}

/** What an answer says, to people: while somebody can still supply what is missing, nothing is refused. */
export function toldWords(outcome: string, standing: string | undefined): string {
  const isOpen = standing === 'open'
  if (isOpen && outcome === 'deny') return 'not decided yet'
  const rest = isOpen ? 'the rest not decided yet' : standing
  return [outcomeWords[outcome] ?? outcome, rest].filter(Boolean).join(', ')
}

const rulesOf = (reasons: readonly { readonly rule: string }[]): string =>
  [...new Set(reasons.map(({ rule }) => rule))].join(', ')

/** An officer’s decision to release is a fact that an attestation gives; without one, rules alone decided. */
function deciderWords({ attested, sources }: KnownFacts): string {
  const name = 'release.decision'
  const by = attested?.[name] ?? sources?.[name]?.attestations ?? []
  return by.length === 0
    ? 'rules alone: no officer’s decision to release was known'
    : `rules, with an officer’s decision on the release: attestation ${by.join(', ')}`
}
