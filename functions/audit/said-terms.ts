/**
 * What an entry says of itself, term by term. A page shows it at its head; a check makes it anew from what it has
 * checked, the leaf and the openings behind its commitments, so that a page that says something else is found.
 */

import type { Call } from '../answer/signed-call.ts'
import type { Leaf, Refs } from '../ledger/entry.ts'
import { valueWords } from '../policy/words.ts'
import { kindWords } from './entry-words.ts'

/** An entry, as far as it is known here. */
export type SaidEntry = {
  readonly leaf: Pick<Leaf, 't' | 'eid' | 'log' | 'ts' | 'hj' | 'aj'> & {
    readonly out?: string | undefined
    readonly standing?: string | undefined
    readonly dryRun?: true | undefined
  }
  /** Its place in its log; absent until it is sealed. */
  readonly index?: number | undefined
  /** The values behind its commitments: those that its side may see, none once it is erased. */
  readonly values: SaidValues
  /** The law that applied, if that is known. */
  readonly law?: Refs['pol'] | undefined
}

/** The values that count here. What is not there is not said. */
export type SaidValues = {
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
export type SaidTerm = { readonly name: string; readonly term: string; readonly says: string }

/** What it says. Terms of which nothing is known are left out. */
export function saidTerms({ leaf, index, values, law }: SaidEntry): readonly SaidTerm[] {
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
    outcome: ['Outcome, as told', toldWords(leaf)],
    full: ['Outcome in full', decision && !isSame ? outcomeWords[decision.outcome] : undefined],
    decided: ['Decided by', leaf.out && values.facts && deciderWords(values.facts)],
    rules: ['By the rules', decision && rulesOf(decision.reasons)],
    law: ['Law that applied', law?.map(({ id, version }) => `${id}@${version}`).join(', ')],
    place: ['Place', index === undefined ? undefined : `no. ${index + 1} of ${leaf.log}`],
    id: ['Id', leaf.eid],
  }).flatMap(([name, [term = '', says]]) => (says ? [{ name, term, says }] : []))
}

const outcomeWords: Readonly<Record<string, string>> = {
  release: 'released',
  redact: 'released in part',
  deny: 'denied',
}

const toldWords = ({ out, standing, dryRun }: SaidEntry['leaf']): string | undefined =>
  out && [outcomeWords[out], standing, dryRun && 'a dry run'].filter(Boolean).join(', ')

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
