/**
 * Who asks: the agency that called, or an authority that has not joined, whose request came by another way and
 * is entered by an officer of the holder. Then who asks is the officer's word, and marked so.
 */

import { type AccessRequest, foldName } from '../../decision/request.ts'
import { asOffice, authorize } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import { requestDigest } from '../../ledger/entry.ts'
import type { World } from '../../ports.ts'
import { type Opened, requestIn } from '../entries/reader.ts'

/** In the id of whoever has not joined; no agency may be registered by such an id. */
const notJoined = 'EXT'

/** Whether an id is of an agency, and not made for an authority that has not joined. */
export const hasJoined = (id: string): boolean => !id.includes(`-${notJoined}-`)

/** The id that stands for all of a state that have not joined. */
export const notJoinedOf = (jurisdiction: string): string => `${jurisdiction}-${notJoined}`

/** What is decided upon of whoever asks. */
export type Requester = Pick<
  Agency,
  'id' | 'name' | 'jurisdiction' | 'authorityType' | 'channels' | 'cannotHonour'
> &
  // Nobody knows the calendar of whoever has not joined.
  Partial<Pick<Agency, 'timeZone' | 'holidays'>>

type Received = NonNullable<AccessRequest['receivedBy']>

/**
 * Who asks, of a request that `caller` signed; of what is provided unasked, who is to have it, as the register
 * says of it, and undefined unless that agency could ask.
 */
export async function requesterOf(
  { receivedBy, provided, channel }: Pick<AccessRequest, 'receivedBy' | 'provided' | 'channel'>,
  caller: Agency,
  { register }: Pick<World, 'register'>,
): Promise<Requester | undefined> {
  if (receivedBy !== undefined)
    return { ...receivedBy.from, id: idOf(receivedBy.from), channels: [channel] }
  if (provided === undefined) return caller
  const to = provided.to === caller.id ? undefined : await register.agency(provided.to)
  const own = { holder: to?.jurisdiction ?? '', owner: provided.to }
  return to && authorize(asOffice(to), 'ask', own) && to
}

/** Who asked, of an entry; undefined once an agency that called is no longer registered. */
export async function requesterIn(
  opened: Opened,
  world: Pick<World, 'register'>,
): Promise<Requester | undefined> {
  const caller = await world.register.agency(opened.call.agency)
  return caller && requesterOf(requestIn(opened), caller, world)
}

/** Under which id the case of what is provided unasked is remembered: who is to have it is never told of that. */
export const unaskedTo = (recipient: string): string => `unasked ${recipient}`

/**
 * Under whose ids the case of a request is remembered. Of one that came by another way also those of its state:
 * who was refused by call does not ask anew by letter, nor by another name.
 */
export async function casesOf(
  request: AccessRequest,
  requester: Pick<Requester, 'id' | 'jurisdiction'>,
  { register }: Pick<World, 'register'>,
): Promise<readonly string[]> {
  const { id, jurisdiction } = requester
  if (request.provided !== undefined) return [unaskedTo(id)]
  if (request.receivedBy === undefined) return [id]
  const joined = (await register.all()).filter((each) => each.jurisdiction === jurisdiction)
  return [id, notJoinedOf(jurisdiction), ...joined.map((each) => each.id)]
}

/** The id of who asked, of an entry; of what was provided unasked, of who was to have it. */
export const requesterId = ({ call, facts: { facts } }: Pick<Opened, 'call' | 'facts'>): string => {
  const asked = facts['requester.agency']
  return typeof asked === 'string' ? asked : call.agency
}

/**
 * The id of an authority that is not registered: the same for the same name and country, so that its cases,
 * and what was attested and refused in them, are found again.
 */
function idOf({ name, jurisdiction }: Received['from']): string {
  const digest = Buffer.from(requestDigest(foldName(name)), 'base64url').toString('hex')
  return `${jurisdiction}-${notJoined}-${digest.slice(0, 12).toUpperCase()}`
}
