/** The matter of a request: its own, or that of the request which it asks again. */

import type { Matter } from '../../decision/attested.ts'
import { spellingOf } from '../../decision/record.ts'
import { type AccessRequest, foldCase, foldName } from '../../decision/request.ts'
import { authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import type { InForce } from '../../policy/history.ts'
import { presumedList } from '../../policy/vouching.ts'
import type { Stored, World } from '../../ports.ts'
import { type Opened, open, requestIn } from '../entries/reader.ts'
import { type Due, dueIn } from '../reply/reply.ts'
import type { Requester } from './requester.ts'

/** The matter that a request asks again, and when its answer was due already. */
export type AskedAgain = { readonly id: string; readonly since: string; readonly due?: Due }

/** Longest time, days, that a matter can be asked again with its attestations; a deployment may set less. */
export const matterDaysMax = 90

/**
 * The matter of `previous`, if `request` asks it again: from the same agency, soon enough, for the same
 * holder, identifier, case, purpose and offence, and for no further class. It compares what was asked, never
 * what was found, so that nobody learns which identifiers are one person's. Undefined otherwise, whatever the
 * reason.
 */
export async function askedAgain(
  request: AccessRequest,
  agency: Agency,
  at: string,
  world: Pick<World, 'ledger' | 'subjectKeys' | 'matterDays'>,
): Promise<AskedAgain | undefined> {
  const stored = await world.ledger.read(request.previous ?? '')
  if (stored?.leaf.t !== 'decision' || stored.leaf.dryRun) return undefined
  const opened = await open(stored, world)
  if (opened === undefined) return undefined
  const resource = { holder: stored.leaf.hj, owner: opened.call.agency }
  if (authorize(agency, 'ask-again', resource) === undefined) return undefined
  const matter = matterIn(stored, opened)
  if (!isInTime(matter, at, world)) return undefined
  if (!isSameMatter(requestIn(opened), request)) return undefined
  const due = dueIn(opened.told.reply)
  return due === undefined ? matter : { ...matter, due }
}

/** The time until which a matter may be asked again, ms since the epoch. */
export const endOf = (
  { since }: Pick<AskedAgain, 'since'>,
  { matterDays = matterDaysMax }: Pick<World, 'matterDays'>,
): number => Date.parse(since) + Math.min(matterDays, matterDaysMax) * 86_400_000

/** Whether a matter can still be asked again. */
export const isInTime = (
  matter: Pick<AskedAgain, 'since'>,
  at: string,
  world: Pick<World, 'matterDays'>,
): boolean => Date.parse(at) <= endOf(matter, world)

/**
 * The matter of an entry. In entries from before matters had an id, it is the first of the requests that they
 * name.
 */
export function matterIn({ leaf }: Stored, { matter }: Pick<Opened, 'matter'>): AskedAgain {
  return matter.id === undefined
    ? { id: matter.asked?.at(-1) ?? leaf.eid, since: leaf.ts }
    : { id: matter.id, since: matter.since ?? leaf.ts }
}

/** Whether the second asks for the same as the first, or for fewer classes. */
const isSameMatter = (first: AccessRequest, second: AccessRequest): boolean =>
  first.holder === second.holder &&
  spellingOf(first.subject) === spellingOf(second.subject) &&
  foldCase(first.caseReference) === foldCase(second.caseReference) &&
  isSameOther(first.receivedBy?.from, second.receivedBy?.from) &&
  first.deliverBy === second.deliverBy &&
  first.provided?.to === second.provided?.to &&
  first.purpose === second.purpose &&
  first.offence.category === second.offence.category &&
  first.offence.description === second.offence.description &&
  first.offence.maxCustodyMonths === second.offence.maxCustodyMonths &&
  second.classes.every((each) => first.classes.includes(each))

type From = NonNullable<AccessRequest['receivedBy']>['from']

/** Whether both are of one authority that has not joined, of one kind as an officer was shown it, or neither is. */
const isSameOther = (a: From | undefined, b: From | undefined): boolean =>
  a === undefined || b === undefined
    ? a === b
    : a.jurisdiction === b.jurisdiction &&
      a.authorityType === b.authorityType &&
      foldName(a.name) === foldName(b.name)

/** What attestations are matched against. */
export const matterOf = (
  id: string,
  asked: string,
  request: AccessRequest,
  requester: Requester,
  holder: Agency,
  { lists }: InForce,
): Matter => ({
  id,
  holder: holder.id,
  requester: requester.id,
  requesterJurisdiction: requester.jurisdiction,
  caseReference: request.caseReference,
  purpose: request.purpose,
  offenceCategory: request.offence.category,
  asked,
  necessityPresumed: [requester, holder].every(({ jurisdiction }) =>
    lists[presumedList]?.includes(jurisdiction),
  ),
})
