/** An act other than a decision, made durable in the ledger before it takes effect. */

import { type EntryKind, entryId, logOf, makeEntry, requestDigest } from '../ledger/entry.ts'
import { receiptPayload } from '../ledger/receipt.ts'
import type { World } from '../ports.ts'
import { lost } from './lost.ts'
import { openAny } from './opened.ts'
import { enterRegistered } from './registered.ts'
import { type Call, callOf, isSameCall, type SignedCall } from './signed-call.ts'

/** What became of the entry of an act. */
export type Recorded =
  | {
      readonly kind: 'recorded'
      /** Whether this call made the entry; a retry finds it made. */
      readonly first: boolean
      readonly ts: string
      readonly receipt: string
      /** What the entry says that stands, of which a retry may know nothing. */
      readonly values: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'jti-reused' }
  | { readonly kind: 'erased' }
  | { readonly kind: 'unavailable'; readonly why: string }

/**
 * Writes the entry of an act. `subject` names whom or what it is about: its pseudonym picks the key
 * that the entry's personal part is kept under.
 */
export async function record(
  kind: Exclude<EntryKind, 'decision'>,
  call: SignedCall,
  jurisdiction: string,
  subject: string | { readonly pseudonym: string },
  values: Readonly<Record<string, unknown>>,
  world: World,
  previous?: string,
): Promise<Recorded> {
  const ts = world.now().toISOString()
  const asked =
    typeof subject === 'string' ? world.secrets.pseudonym(jurisdiction, subject) : subject.pseudonym
  const eid = entryId(call.agency.id, call.jti)
  const behind = await enterRegistered([call.agency], ts, world)
  if (behind !== undefined) return behind
  const [isLost, key] = await Promise.all([
    lost(eid, world),
    world.subjectKeys.keyFor(jurisdiction, asked, ts),
  ])
  if (isLost !== undefined) return isLost
  const entry = makeEntry(
    {
      t: kind,
      log: logOf(world.gateway, jurisdiction, ts),
      eid,
      ts,
      hj: jurisdiction,
      aj: call.agency.jurisdiction,
      ...(previous === undefined ? {} : { previous }),
      pol: [],
      lists: [],
      eng: world.build,
      req: requestDigest(call.signingInput),
    },
    { call: callOf(call), subject: { asked }, ...values },
    { jws: call.jws, body: call.body },
    key,
    Buffer.from(world.random(16)).toString('base64url'),
    world.random,
  )
  const appended = await world.ledger.append(entry)
  if (appended.kind === 'unavailable') return appended
  const { leaf, leafHash } = appended.entry
  let said = values
  if (appended.kind === 'already') {
    const opened = await openAny(appended.entry, world)
    if (opened === undefined) return { kind: 'erased' }
    const same = leaf.t === kind && isSameCall(opened.values.call as Call, callOf(call))
    if (!same) return { kind: 'jti-reused' }
    said = opened.values
  }
  const receipt = await world.secrets.receipt(receiptPayload(leaf, leafHash))
  const first = appended.kind === 'durable'
  return { kind: 'recorded', first, ts: leaf.ts, receipt, values: said }
}
