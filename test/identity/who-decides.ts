/**
 * A second reading of what takes a named officer, once an agency has named any: written from what the
 * guide for officers says of it, and not from `authorize.ts`.
 */

import type { Action, Resource } from '../../functions/identity/authorize.ts'

/** What an officer may be named for. */
export const duties = [
  'release',
  'attest',
  'approve',
  'audit',
  'edit',
  'act-on-subjects',
  'ask',
  'desk',
] as const
type Duty = (typeof duties)[number]

const look = (): readonly Duty[] => ['audit']
const anybody = (): readonly Duty[] => []
/** Each fact by itself: who releases and finds something beside it needs both. */
const ofFacts = ({ vouched = [] }: Resource): readonly Duty[] =>
  vouched.length === 0
    ? ['attest']
    : vouched.map(({ fact }) => (fact === 'release.decision' ? 'release' : 'attest'))

/** What each act takes of the person who does it. */
export const takes: Readonly<Record<Action, (resource: Resource) => readonly Duty[]>> = {
  'read-entry': look,
  'list-entries': look,
  'make-pseudonym': look,
  'report-subject': look,
  'profile-officer': look,
  'report-year': look,
  sample: look,
  replay: look,
  'create-evidence': look,
  'read-facts': () => ['edit'],
  approve: () => ['approve'],
  'sign-for-data-protection': () => ['approve'],
  'act-on-subject': () => ['act-on-subjects'],
  // Asking, answering from records, keeping them and seeing what waits: the agency's own word.
  ask: anybody,
  'answer-requests': anybody,
  'read-answer': anybody,
  // What colleagues asked, whoever runs the shift.
  'read-office': () => ['desk'],
  'ask-again': anybody,
  'ask-for-review': anybody,
  'keep-record': anybody,
  // Who asks, and that an answer was sent, is an officer's word.
  'enter-received': () => ['attest'],
  // What is given unasked, too; to collect it is the recipient's own word.
  provide: () => ['attest'],
  collect: anybody,
  deliver: () => ['attest'],
  'see-ending': anybody,
  'read-inbox': anybody,
  'read-events': anybody,
  'read-disclosures': anybody,
  // That a duty was done is an officer's word; so is what an office answers.
  'keep-duty': () => ['attest'],
  // Whoever got it says what it did with it: the agency's own word.
  'answer-notice': anybody,
  // That something was wrong is an officer's word.
  recall: () => ['attest'],
  respond: ofFacts,
  attest: ofFacts,
  'enter-decision': ofFacts,
  'sign-as-office': ofFacts,
  'add-person': ofFacts,
  withdraw: ofFacts,
  object: ofFacts,
  'end-objection': ofFacts,
  'decide-release': ofFacts,
}
