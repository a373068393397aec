/**
 * A life of a request: what agencies, offices and the holder do, step by step. It is data, made from a seed, so that two
 * worlds play exactly the same; no step looks at what only the holder may know.
 */

import type { AccessRequest } from '../../functions/decision/request.ts'
import { requestOf, requestOfMember } from '../answer/people.ts'
import { chanceOf } from '../simulation/chance.ts'
import { asked, asker, byDocument, holder } from './scene.ts'

/** By what is asked: the name of the person, or a record that is nobody’s secret. */
export type AskedBy = 'name' | 'document' | 'plain'

/** One step. `of` is which request, by its place among those that were made. */
export type Step =
  | {
      readonly do: 'ask'
      readonly by: AskedBy
      readonly agency: string
      readonly request: AccessRequest
    }
  | { readonly do: 'again' | 'retry' | 'dryRun'; readonly of: number }
  | { readonly do: 'look' | 'refuse' | 'review' | 'reviewed' | 'doubt'; readonly of: number }
  | { readonly do: 'attest'; readonly of: number; readonly fact: string; readonly value: string }
  | { readonly do: 'respond'; readonly of: number; readonly what: 'refuse' | 'ask-back' }
  | { readonly do: 'withdraw' }
  /** The holder’s officer looks at all that waits for him: he may know. */
  | { readonly do: 'lookAtWaiting' }
  | {
      readonly do: 'act'
      readonly act: 'erase' | 'restrict' | 'hold' | 'expire'
      readonly record: string
    }
  | { readonly do: 'lift' }
  | { readonly do: 'keep' | 'correct' | 'block' | 'remove' | 'recall'; readonly record: string }
  | { readonly do: 'tellDone' }
  | { readonly do: 'pass'; readonly hours: number }
  | { readonly do: 'see' }

const sensitive = ['identification', 'criminal-history', 'communications-content'] as const
const plain = ['identification', 'criminal-history'] as const

let cases = 0
const ask = (
  by: AskedBy,
  changes: Partial<AccessRequest> = {},
  agency: string = asker.agency,
): Step => {
  const subject = {
    name: asked,
    document: byDocument('R-1'),
    plain: { recordId: 'R-3' },
  }[by]
  cases += 1
  const isMember = agency !== 'GB-POL'
  const about = {
    holder,
    subject,
    classes: [...plain],
    caseReference: `CASE ${cases}`,
    ...changes,
  } as Partial<AccessRequest>
  return { do: 'ask', by, agency, request: isMember ? requestOfMember(about) : requestOf(about) }
}

/** One step of each kind, in an order in which each has something to do. */
export function tour(): readonly Step[] {
  cases = 0
  return [
    ask('name'),
    ask('name', { classes: [...sensitive], urgency: 'imminent-threat-to-life' }),
    ask('plain'),
    ask('document'),
    { do: 'retry', of: 0 },
    { do: 'dryRun', of: 0 },
    ask('name', { classes: [...sensitive] }, 'GB-POL'),
    { do: 'look', of: 1 },
    { do: 'attest', of: 1, fact: 'necessity.case', value: 'necessary' },
    { do: 'doubt', of: 1 },
    { do: 'respond', of: 5, what: 'ask-back' },
    { do: 'respond', of: 5, what: 'refuse' },
    { do: 'withdraw' },
    { do: 'review', of: 0 },
    { do: 'reviewed', of: 0 },
    { do: 'refuse', of: 5 },
    { do: 'again', of: 1 },
    { do: 'pass', hours: 5 },
    { do: 'pass', hours: 30 },
    { do: 'pass', hours: 24 * 5 },
    { do: 'see' },
    { do: 'act', act: 'hold', record: 'R-1' },
    { do: 'lift' },
    { do: 'act', act: 'restrict', record: 'R-1' },
    { do: 'retry', of: 0 },
    { do: 'lift' },
    { do: 'correct', record: 'R-3' },
    { do: 'act', act: 'restrict', record: 'R-3' },
    { do: 'lift' },
    { do: 'block', record: 'R-1' },
    { do: 'recall', record: 'R-3' },
    { do: 'pass', hours: 1 },
    { do: 'tellDone' },
    { do: 'act', act: 'erase', record: 'R-1' },
    { do: 'see' },
    { do: 'retry', of: 0 },
    ask('name'),
    { do: 'remove', record: 'R-1' },
    { do: 'pass', hours: 24 * 20 },
    { do: 'act', act: 'erase', record: 'R-3' },
    { do: 'pass', hours: 24 * 300 },
    { do: 'act', act: 'expire', record: '' },
    { do: 'see' },
  ]
}

/** A life with little in it, of which everything is seen. */
export function shortLife(): readonly Step[] {
  cases = 0
  return [
    ask('name', { classes: [...sensitive] }),
    { do: 'act', act: 'restrict', record: 'R-1' },
    { do: 'lift' },
    { do: 'act', act: 'erase', record: 'R-1' },
    { do: 'see' },
  ]
}

/** A life in which an officer looks at what waits because of the record. */
export function lifeWithLook(): readonly Step[] {
  cases = 0
  return [ask('name'), { do: 'lookAtWaiting' }, { do: 'see' }]
}

/** A life by chance. */
export function lifeOf(seed: number): readonly Step[] {
  const chance = chanceOf(seed)
  cases = 0
  const [first, second] = [ask('name'), ask('name', { classes: [...sensitive] })]
  const steps: Step[] = [first, second, ask('plain')]
  const count = 8 + chance.below(8)
  // Only what was made is named: the requests of the first steps, and what is asked since.
  let requests = 3
  for (let i = 0; i < count; i++) {
    const of = chance.below(requests)
    const record = chance.pick(['R-1', 'R-1', 'R-3'])
    const step = chance.pick<Step | 'ask'>([
      'ask',
      { do: 'again', of },
      { do: 'retry', of },
      { do: 'dryRun', of },
      { do: 'attest', of, fact: 'necessity.case', value: 'necessary' },
      { do: 'attest', of, fact: 'risk.torture', value: 'real' },
      { do: 'refuse', of },
      { do: 'review', of },
      { do: 'reviewed', of },
      { do: 'respond', of, what: 'refuse' },
      { do: 'act', act: 'erase', record },
      { do: 'act', act: 'restrict', record },
      { do: 'lift' },
      { do: 'keep', record },
      { do: 'block', record },
      { do: 'correct', record },
      { do: 'remove', record },
      { do: 'recall', record },
      { do: 'lookAtWaiting' },
      { do: 'pass', hours: chance.pick([1, 30, 24 * 4]) },
    ])
    if (step === 'ask') {
      const changes = chance.oneIn(2) ? { classes: [...sensitive] } : {}
      const by = chance.pick(['name', 'name', 'document'] as const)
      steps.push(ask(by, changes, chance.pick(['FR-SPOC', 'GB-POL', 'NL-POL'])))
      requests += 1
    } else {
      steps.push(step)
      if (step.do === 'again' || step.do === 'dryRun') requests += 1
    }
  }
  return [
    ...steps,
    { do: 'act', act: chance.pick(['erase', 'restrict']), record: 'R-1' },
    { do: 'see' },
  ]
}
