/** One entry as the auditors of either side may see it. */

import * as z from 'zod'
import { prove } from '../answer/look-up.ts'
import { type Opened, type OpenedEntry, openAny } from '../answer/opened.ts'
import type { SignedCall } from '../answer/signed-call.ts'
import { entryIdSchema } from '../decision/request.ts'
import { actorOf, authorize, type Sight } from '../identity/authorize.ts'
import { receiptPayload } from '../ledger/receipt.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { lineOf } from '../sealing/lookup-rows.ts'
import { type Consulted, consult, isForCourt, type Purpose, purposeSchema } from './consult.ts'
import type { NotShown } from './list-decisions.ts'

/** What a look at one entry states in its query. */
export const lookSchema = z.strictObject({ purpose: purposeSchema })

/** An entry as it is shown: its line, where it stands in the log, and what is behind it. */
export type EntryView = AuditLine & {
  readonly receipt: string
  /** Where it is in the log; null until it is sealed. */
  readonly place: { readonly log: string; readonly index: number } | null
  /** Its personal part is gone, or kept as evidence only (LED art. 16(3)). */
  readonly erased?: true
  readonly restricted?: true
} & Readonly<Record<string, unknown>>

/** What became of a look at one entry. What is another's is like what does not exist. */
export type SeenEntry =
  | { readonly kind: 'seen'; readonly consulted: Consulted; readonly entry: EntryView }
  | { readonly kind: 'no-such-entry' }
  | NotShown

/** Shows an entry, as much of it as the asker's office may see for this purpose. */
export async function seeDecision(
  call: SignedCall,
  eid: string,
  purpose: Purpose,
  world: AuditWorld,
): Promise<SeenEntry> {
  const found = await findEntry(call, eid, world)
  if (found === undefined) return { kind: 'no-such-entry' }
  const { stored, sight } = found
  const isRestricted = !isForCourt(purpose) && (await world.subjectKeys.isRestricted(stored.kid))
  const opened = isRestricted ? undefined : await openAny(stored, world)
  const entry: EntryView = {
    ...lineOf(stored, opened, sight === 'whole' ? 'holder' : 'requester'),
    receipt: await world.secrets.receipt(receiptPayload(stored.leaf, stored.leafHash)),
    place: (await world.sealing.placeOf(eid)) ?? null,
    ...(opened !== undefined
      ? views[sight](stored, opened)
      : { leaf: stored.leaf, ...(isRestricted ? { restricted: true } : { erased: true }) }),
  }
  const consulted = await consultOf('read-entry', call, eid, purpose, world)
  return consulted.kind === 'recorded' ? { kind: 'seen', consulted, entry } : consulted
}

/** A proof, or none as long as the entry is not sealed. */
export type ProvedEntry =
  | { readonly kind: 'proved'; readonly consulted: Consulted; readonly text?: string }
  | { readonly kind: 'no-such-entry' }
  | NotShown

/** The proof of an entry for whoever may see anything of it. */
export async function proveDecision(
  call: SignedCall,
  eid: string,
  purpose: Purpose,
  world: AuditWorld,
): Promise<ProvedEntry> {
  if ((await findEntry(call, eid, world)) === undefined) return { kind: 'no-such-entry' }
  const proved = await prove(eid, world)
  const consulted = await consultOf('prove-entry', call, eid, purpose, world)
  if (consulted.kind !== 'recorded') return consulted
  return { kind: 'proved', consulted, ...(proved.kind === 'proved' ? { text: proved.text } : {}) }
}

const consultOf = (
  action: string,
  call: SignedCall,
  id: string,
  purpose: Purpose,
  world: AuditWorld,
) =>
  consult(call, call.agency.jurisdiction, { purpose, question: { action, id }, shown: [id] }, world)

/** The entry of an id and how much of it the asker may see; undefined if nothing, whatever the reason. */
export async function findEntry(
  call: SignedCall,
  eid: string,
  world: Pick<AuditWorld, 'ledger'>,
): Promise<{ readonly stored: Stored; readonly sight: Sight } | undefined> {
  if (!entryIdSchema.safeParse(eid).success) return undefined
  const stored = await world.ledger.read(eid)
  if (stored === undefined) return undefined
  const { hj, aj } = stored.leaf
  const sight = authorize(actorOf(call), 'read-entry', { holder: hj, requester: aj })
  return sight === undefined ? undefined : { stored, sight }
}

type View = (stored: Stored, opened: OpenedEntry) => Readonly<Record<string, unknown>>

const views: Readonly<Record<Sight, View>> = {
  /** All but the salt of what left: with it, values that left could be guessed. */
  whole: ({ leaf }, { values, evidence }) => {
    // A cast: entries of other kinds have none of these, and then they stay absent.
    const { told, ...rest } = values as Partial<Opened>
    return {
      leaf,
      request: requestIn(evidence.body),
      ...rest,
      ...(told === undefined
        ? {}
        : // `decided` is of the line already: the outcome in full.
          { told: told.reply, treatments: told.decided, recordId: told.recordId }),
    }
  },

  /** What its agency said, and what it was told. */
  'own-side': (_, { values, evidence }) => {
    const { call, told } = values as Partial<Opened>
    return {
      call,
      request: requestIn(evidence.body),
      ...(told === undefined ? {} : { told: told.reply }),
    }
  },
}

/** The body of the call, as it was sent. */
const requestIn = (body: string): unknown => (body === '' ? null : JSON.parse(body))
