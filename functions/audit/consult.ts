/** A look at the log is itself an entry of the log, made before anything of it leaves. */

import * as z from 'zod'
import { openAny } from '../answer/opened.ts'
import { type Recorded, record } from '../answer/record-act.ts'
import type { SignedCall } from '../answer/signed-call.ts'
import { entryId } from '../ledger/entry.ts'
import type { World } from '../ports.ts'

/**
 * What a log may be used for (LED art. 25(2)); whoever looks states one. Whether the exchange was lawful
 * is also asked in court (LED art. 54): then what is kept as evidence is needed.
 */
export const purposeSchema = z
  .enum([
    'lawfulness',
    'self-monitoring',
    'integrity-and-security',
    'criminal-proceedings',
    'proceedings-on-lawfulness',
  ])
  .describe('What the look is for (LED art. 25(2)). It is entered with the look.')
export type Purpose = z.infer<typeof purposeSchema>

/** Whether a look is for a court, which alone is shown what is kept as evidence (LED art. 16(3)). */
export const isForCourt = (purpose: Purpose): boolean =>
  purpose === 'criminal-proceedings' || purpose === 'proceedings-on-lawfulness'

/** What somebody looks at, and why. */
export type Look = {
  readonly purpose: Purpose
  /** What was asked, in the words of the call. */
  readonly question: Readonly<Record<string, unknown>>
  /** The entries of which the answer shows anything, in its order. */
  readonly shown: readonly string[]
  /** Identifier of the one person or case it is about: the look is erased together with them. */
  readonly subject?: string
}

declare const logged: unique symbol

/**
 * Proof that a look is in the ledger. INVARIANT (no look unseen): only `consult` makes one, and
 * whatever answers a look needs one.
 */
export type Consulted = {
  readonly kind: 'recorded'
  /** The entry of the look itself. */
  readonly id: string
  readonly ts: string
  readonly receipt: string
  readonly [logged]: true
}

/** What became of the entry of a look. */
export type Consultation =
  | Consulted
  | Exclude<Recorded, { readonly kind: 'recorded' }>
  /** The same call was answered with other entries; it is not answered anew under their name. */
  | { readonly kind: 'result-changed' }

/**
 * Writes the entry of a look into the log of `jurisdiction`, that of whoever looks. The same call
 * again is the same look if it shows the same entries.
 */
export async function consult(
  call: SignedCall,
  jurisdiction: string,
  { subject, ...consultation }: Look,
  world: World,
): Promise<Consultation> {
  const about = subject ?? `consultations:${call.agency.id}`
  const recorded = await record('consultation', call, jurisdiction, about, { consultation }, world)
  if (recorded.kind !== 'recorded') return recorded
  const id = entryId(call.agency.id, call.jti)
  if (!recorded.first) {
    const stored = await world.ledger.read(id)
    const opened = stored && (await openAny(stored, world))
    if (opened?.kind !== 'consultation') return { kind: 'erased' }
    const { shown } = opened.values.consultation
    if (JSON.stringify(shown) !== JSON.stringify(consultation.shown))
      return { kind: 'result-changed' }
  }
  // A cast: the brand has no value.
  return { kind: 'recorded', id, ts: recorded.ts, receipt: recorded.receipt } as Consulted
}
