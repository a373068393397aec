/** Looks of people: each is an entry, and only then shown, or told to whoever asked. */

import type { World } from '../../ports.ts'
import { callOf, type PageCall, type SignedCall } from './signed-call.ts'
import { enterRegistered } from './statements.ts'
import type { Values } from './values.ts'
import { enter, type Unavailable } from './writer.ts'

/**
 * Makes the entry of a look durable in the log of looks of whoever looks, or returns why it could not. With `same`, equal
 * looks make one entry; a look on a page always has one. `subject` picks the key: the look is erased with it.
 */
export async function enterLook(
  call: SignedCall | PageCall,
  consultation: Values['consultation']['consultation'],
  subject: string,
  at: string,
  same: object | undefined,
  world: World,
): Promise<Unavailable | undefined> {
  const { agency } = call
  const { jurisdiction } = agency
  const behind = await enterRegistered([agency], at, world, true)
  if (behind !== undefined) return behind
  const pseudonym = world.secrets.pseudonym(jurisdiction, subject)
  const said = { call: callOf(call), subject: { asked: pseudonym }, consultation }
  const entry = { kind: 'consultation', at, jurisdiction, pseudonym, said } as const
  const appended = await enter(call, entry, world, same && { same })
  return appended.kind === 'unavailable' ? appended : undefined
}

/** Under whose key the looks of an office are kept, where they are about no one person. */
export const looksOf = (office: string): string => `consultations:${office}`

/**
 * Notes since when an office has denials before it, as whoever asked is told. INVARIANT (no look unseen): the look is
 * an entry first. One that could not be entered is told to nobody, and the next look tries again.
 */
export async function noteSeen(
  eids: readonly string[],
  call: SignedCall | PageCall,
  world: World,
): Promise<void> {
  const { agency, officer } = call
  const shown = eids.length === 0 ? [] : await world.inbox.unseen(eids, agency.id)
  if (shown.length === 0) return
  const at = world.now().toISOString()
  const consultation = { purpose: 'lawfulness', question: { action: 'see-inbox' }, shown }
  const own = looksOf(agency.id)
  const login = 'jws' in call ? undefined : call.session.iss
  const same = login === undefined ? login : { agency: agency.id, officer, login, ...consultation }
  const unavailable = await enterLook(call, consultation, own, at, same, world)
  if (unavailable !== undefined) return
  await Promise.all(shown.map((eid) => world.inbox.seen(eid, agency.id, at)))
}
