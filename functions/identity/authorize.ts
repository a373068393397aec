/** Who may see what, and do what, beside asking and answering: one function, which says no by default. */

import type { Agency } from './register.ts'

/** Everything that needs a right. */
export type Action =
  | 'read-entry'
  | 'list-entries'
  | 'make-pseudonym'
  | 'report-subject'
  | 'profile-officer'
  | 'report-year'
  | 'sample'
  | 'replay'
  | 'create-evidence'
  | 'read-facts'
  | 'act-on-subject'
  | 'approve'

/** What an action is about: whose log it is in, and whose agency called. */
export type Resource = {
  /** The holder's jurisdiction. */
  readonly holder: string
  /** The jurisdiction of the agency that called; absent where there is no one call. */
  readonly requester?: string
}

/** All of it, or what the side of the requester said and was told. */
export type Sight = 'whole' | 'own-side'

type Right = {
  readonly role: NonNullable<Agency['role']> | 'holder'
  /** Whether the requester's side has a part in it. */
  readonly sides: 'holder' | 'both'
}

/** INVARIANT (no two roles): each action is of one role, and an agency has one at most. */
const rights: Readonly<Record<Action, Right>> = {
  'read-entry': { role: 'auditor', sides: 'both' },
  'list-entries': { role: 'auditor', sides: 'both' },
  'make-pseudonym': { role: 'auditor', sides: 'holder' },
  'report-subject': { role: 'auditor', sides: 'both' },
  'profile-officer': { role: 'auditor', sides: 'both' },
  'report-year': { role: 'auditor', sides: 'holder' },
  sample: { role: 'auditor', sides: 'holder' },
  replay: { role: 'auditor', sides: 'holder' },
  'create-evidence': { role: 'auditor', sides: 'both' },
  'read-facts': { role: 'legal-editor', sides: 'holder' },
  'act-on-subject': { role: 'holder', sides: 'holder' },
  approve: { role: 'approver', sides: 'holder' },
}

/** The principal, as registered. */
export type Principal = Pick<Agency, 'status' | 'role' | 'jurisdiction' | 'holdsRecords'>

/** What `principal` may see of `resource` by doing `action`; undefined if nothing. */
export function authorize(
  principal: Principal,
  action: Action,
  { holder, requester }: Resource,
): Sight | undefined {
  const { role, sides } = rights[action]
  if (principal.status !== 'active' || roleOf(principal) !== role) return undefined
  if (principal.jurisdiction === holder) return 'whole'
  return sides === 'both' && principal.jurisdiction === requester ? 'own-side' : undefined
}

const roleOf = ({ role, holdsRecords }: Principal): Right['role'] | undefined =>
  role ?? (holdsRecords ? 'holder' : undefined)
