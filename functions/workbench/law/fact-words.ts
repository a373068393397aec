/** The facts of the vocabulary as people look them up: what each is, where it comes from, who vouches for it. */

import { type Attester, claimsThatBind, type Source } from '../../policy/fact-types.ts'
import { type Fact, vocabulary } from '../../policy/vocabulary.ts'
import { type ScopeKind, type Vouching, vouching } from '../../policy/vouching.ts'

/** One fact in words. */
export type FactWords = {
  readonly name: string
  readonly label: string
  /** What it may hold: `yes or no`, `a number of months`, or each value with what it means. */
  readonly values: string
  readonly from: string
  /** For an attested fact: who may vouch for it, and how far that reaches. */
  readonly by?: string
  readonly help: string
}

/** Every fact, in the order of the vocabulary. */
export const factWordsOf = (): readonly FactWords[] =>
  Object.entries(vocabulary).map(([name, fact]) => {
    const own = vouching[name]
    return {
      name,
      label: fact.label,
      values: valuesIn(fact),
      from: fromWords(name, fact),
      ...(own === undefined || fact.attester === undefined
        ? {}
        : { by: byWords(fact.attester, fact.alsoBy, own) }),
      help: fact.meaning,
    }
  })

/** Every fact as programs read it. */
export const factsAsData = () =>
  Object.entries(vocabulary).map(([name, fact]) => ({
    name,
    ...fact,
    ...vouching[name],
    ...(isBinding(name) ? { binds: true } : {}),
  }))

const isBinding = (name: string): boolean => (claimsThatBind as readonly string[]).includes(name)

function valuesIn(fact: Fact): string {
  const { values } = 'values' in fact ? fact : {}
  const listed = Object.entries(values ?? {}).map(([value, label]) =>
    value === label ? `\`${value}\`` : `\`${value}\` (${label})`,
  )
  switch (fact.type) {
    case 'boolean':
      return 'yes or no'
    case 'integer':
      return `a number of ${fact.unit}`
    case 'day':
      return 'a day'
    case 'code':
      return 'a code'
    case 'enum':
      return listed.join(', ')
    case 'list':
      return listed.length === 0 ? 'a list of codes' : `any of ${listed.join(', ')}`
  }
}

const sources: Readonly<Record<Source, string>> = {
  token: 'the signature of the call',
  register: 'the register',
  claim: 'the word of the requester',
  record: 'the record',
  attestation: 'an office that vouches for it',
  list: 'a dated list',
  derived: 'worked out by the gateway',
  clock: 'the clock',
}

function fromWords(name: string, { source, follows }: Fact): string {
  if (follows !== undefined)
    return `worked out from the dated lists and ${follows.map((each) => `\`${each}\``).join(', ')}`
  return isBinding(name) ? `${sources[source]}, which leaves as a duty` : sources[source]
}

const offices: Readonly<Record<Attester, string>> = {
  'holder-officer': 'an officer of the holder',
  'holder-ministry': "the holder's ministry or central authority",
  originator: 'whoever gave the data to the holder',
}
const reaches: Readonly<Record<ScopeKind, string>> = {
  matter: 'one request',
  case: 'one case',
  general: 'a country as a rule',
}

function byWords(
  attester: Attester,
  alsoBy: Fact['alsoBy'],
  { scopes, about, generalIfPresumed }: Vouching,
): string {
  const named = scopes.map((scope) =>
    scope === 'case' && about === 'person' ? 'one case and the persons named' : reaches[scope],
  )
  const last = generalIfPresumed ? ', where the law of both presumes it' : ''
  const too = alsoBy === undefined ? '' : `, or a ${alsoBy} there`
  return `${offices[attester]}${too}; for ${named.join(', ')}${last}`
}
