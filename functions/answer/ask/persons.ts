/** For how many persons an officer asked in a case, where the holder bounds that. */

import type { AccessRequest } from '../../decision/request.ts'
import type { Agency } from '../../identity/register.ts'
import type { World } from '../../ports.ts'
import { caseOf, personsInCase } from './refusals.ts'
import { notJoinedOf, unaskedTo } from './requester.ts'

/**
 * Remembers whom an officer asks for, and says whether the holder's own bound is passed; false where it has
 * none, or nobody asks now. It goes by the identifiers asked for, so that hit and no hit count alike, and two of one person twice.
 * Of a request that came by another way neither the officer nor the name of who asks is signed for: all of its
 * case in its state count together.
 */
export async function isBeyond(
  request: AccessRequest,
  { requester, officer, asked }: Asking,
  holder: Agency,
  { personsAsked, secrets, now }: Pick<World, 'personsAsked' | 'secrets' | 'now'>,
): Promise<boolean> {
  const { id, jurisdiction, personsPerCase } = holder
  if (personsPerCase === undefined || officer === undefined || request.dryRun) return false
  const { receivedBy, provided } = request
  const asker = provided === undefined ? requester : unaskedTo(requester)
  const whose = receivedBy === undefined ? asker : notJoinedOf(receivedBy.from.jurisdiction)
  const of = caseOf(whose, request)
  const person = personsInCase(of, (one) => secrets.pseudonym(jurisdiction, one))(asked)
  const who = receivedBy === undefined ? officer.toLowerCase() : ''
  const year = now().toISOString().slice(0, 4)
  return personsAsked.isBeyond(id, of, who, person, personsPerCase, year)
}

type Asking = {
  /** The id of the agency that asks. */
  readonly requester: string
  /** Absent where nobody asks now: what was asked is only looked at again. */
  readonly officer: string | undefined
  /** The identifier asked for, by pseudonym. */
  readonly asked: string
}
