/** The second reading of `who-may.ts` once more: each act, who does it, and what alone lets them. */

import type { Action } from '../../functions/identity/authorize.ts'

/** What somebody may be to a thing, each alone. */
export type Tie =
  | 'of the holder’s state'
  | 'of the holder’s state, with records'
  | 'of the requester’s state'
  | 'keeps it'
  | 'made it'
  | 'took over who made it'
  | 'enters decisions of who made it'
  | 'vouches for it'

const ofTheState: readonly Tie[] = ['of the holder’s state', 'of the holder’s state, with records']
const eitherState: readonly Tie[] = [...ofTheState, 'of the requester’s state']
const itsMaker: readonly Tie[] = ['made it', 'took over who made it']

/** Each act once more: who does it, and what alone lets them. */
export const byTie: Readonly<
  Record<Action, readonly [by: string | readonly string[], readonly Tie[]]>
> = {
  'read-entry': ['auditor', eitherState],
  'list-entries': ['auditor', eitherState],
  'make-pseudonym': ['auditor', ofTheState],
  'report-subject': ['auditor', eitherState],
  'profile-officer': ['auditor', eitherState],
  'report-year': ['auditor', ofTheState],
  sample: ['auditor', ofTheState],
  replay: ['auditor', ofTheState],
  'create-evidence': ['auditor', eitherState],
  'read-facts': ['legal-editor', ofTheState],
  approve: ['approver', ofTheState],
  'sign-for-data-protection': ['approver', ofTheState],
  'act-on-subject': ['agency', ['of the holder’s state, with records']],
  ask: ['agency', ['made it']],
  'answer-requests': ['agency', ['keeps it']],
  'read-answer': ['agency', ['made it']],
  'read-office': ['agency', ['made it']],
  'ask-again': ['agency', ['made it']],
  'ask-for-review': ['agency', ['made it']],
  'keep-record': ['agency', ['keeps it']],
  'enter-received': ['agency', ['keeps it']],
  provide: ['agency', ['keeps it']],
  collect: ['agency', ['made it']],
  deliver: ['agency', ['keeps it']],
  attest: ['agency', ['vouches for it']],
  'enter-decision': ['agency', ['enters decisions of who made it']],
  'see-ending': ['agency', ['keeps it', ...itsMaker]],
  'sign-as-office': ['agency', ['made it']],
  'add-person': ['agency', ['made it']],
  withdraw: ['agency', itsMaker],
  object: ['agency', ['keeps it', 'vouches for it']],
  'end-objection': ['agency', itsMaker],
  'decide-release': ['agency', ['vouches for it']],
  'read-inbox': ['agency', ['vouches for it']],
  'read-events': [['agency', 'auditor'], ['made it']],
  'read-disclosures': ['agency', ['keeps it']],
  'keep-duty': ['agency', ['keeps it']],
  'answer-notice': ['agency', ['made it']],
  recall: ['agency', ['keeps it']],
  respond: ['agency', ['vouches for it']],
}
