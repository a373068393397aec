/** An act other than a decision, made durable in the ledger before it takes effect. */

import { receiptPayload } from '../../ledger/receipt.ts'
import type { Durable, World } from '../../ports.ts'
import { openAny } from './reader.ts'
import { callOf, isCallOf, type SignedCall } from './signed-call.ts'
import { enterRegistered } from './statements.ts'
import type { ActKind, Values } from './values.ts'
import { enter, type Unavailable } from './writer.ts'

/** The result of entering an act. */
export type Recorded<K extends ActKind = ActKind> =
  | {
      readonly kind: 'recorded'
      /** Whether this call made the entry; a retry finds it made. */
      readonly first: boolean
      readonly ts: string
      readonly receipt: string
      /** What the standing entry says, which a retry may not know. */
      readonly said: Values[K]
    }
  | { readonly kind: 'jti-reused' }
  | { readonly kind: 'erased' }
  | Unavailable

/**
 * Writes the entry of an act, or finds the one of the same call. `subject` names whom or what it is about;
 * its pseudonym picks the key that keeps the entry's personal part.
 */
export async function record<K extends ActKind>(
  kind: K,
  call: SignedCall,
  jurisdiction: string,
  subject: string | { readonly pseudonym: string },
  says: Omit<Values[K], 'call' | 'subject'>,
  world: World,
  previous?: string,
): Promise<Recorded<K>> {
  const at = world.now().toISOString()
  const pseudonym =
    typeof subject === 'string' ? world.secrets.pseudonym(jurisdiction, subject) : subject.pseudonym
  const forLook = kind === 'consultation' && call.agency.jurisdiction === jurisdiction
  const behind = await enterRegistered([call.agency], at, world, forLook)
  if (behind !== undefined) return behind
  const of = { asked: pseudonym }
  // A cast: with the call and the subject, this is all that an entry of this kind says.
  const said = { call: callOf(call), subject: of, ...says } as unknown as Values[K]
  const leaf = previous === undefined ? {} : { previous }
  const entry = { kind, at, jurisdiction, pseudonym, said, leaf }
  const appended = await enter(call, entry, world, { discloses: kind === 'file' })
  if (appended.kind === 'unavailable') return appended
  if (appended.kind === 'already') return recordedBefore(kind, call, appended.entry, world)
  return recorded(appended.entry, said, true, world)
}

type Look = Values['consultation']['consultation']

/** Writes the entry of a look at what would leave, or leaves by another way, before any of it is shown. */
export function recordLook(
  call: SignedCall,
  [jurisdiction, pseudonym]: readonly [jurisdiction: string, pseudonym: string],
  {
    exchange,
    ...look
  }: Omit<Look, 'exchange'> & { readonly exchange: Look['exchange'] | undefined },
  world: World,
  previous?: string,
): Promise<Recorded<'consultation'>> {
  const says = { consultation: { ...look, ...(exchange && { exchange }) } }
  return record('consultation', call, jurisdiction, { pseudonym }, says, world, previous)
}

/** Tells whether the entry under a call's id is that call's own, from before, or another call's. */
export async function recordedBefore<K extends ActKind>(
  kind: K,
  call: SignedCall,
  entry: Durable,
  world: Pick<World, 'subjectKeys' | 'secrets'>,
): Promise<Recorded<K>> {
  const opened = await openAny(entry, world)
  if (opened === undefined) return { kind: 'erased' }
  const { evidence, values } = opened
  const isSame =
    opened.kind === kind && 'call' in values && isCallOf({ call: values.call, evidence }, call)
  // A cast: it is of this kind.
  return isSame ? recorded(entry, values as Values[K], false, world) : { kind: 'jti-reused' }
}

async function recorded<K extends ActKind>(
  { leaf, leafHash }: Durable,
  said: Values[K],
  first: boolean,
  { secrets }: Pick<World, 'secrets'>,
): Promise<Recorded<K>> {
  const receipt = await secrets.receipt(receiptPayload(leaf, leafHash))
  return { kind: 'recorded', first, ts: leaf.ts, receipt, said }
}
