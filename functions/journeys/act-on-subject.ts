/**
 * A holder erases, restricts or holds what the log keeps of a person, or lifts that again. Two offices
 * agree to it, and the act is an entry before it takes effect.
 */

import * as z from 'zod'
import { entryIdSchema } from '../decision/request.ts'
import { type ApprovalRefusal, type Approver, verifyApproval } from '../identity/approval.ts'
import { authorize } from '../identity/authorize.ts'
import { type EntryKind, entryId, logOf } from '../ledger/entry.ts'
import type { World } from '../ports.ts'
import { type ActName, type Certificate, sayings } from './certificate.ts'
import { type About, type AboutWorld, entriesAbout } from './entries-about.ts'
import { destroy } from './erase.ts'
import { openAny } from './opened.ts'
import { type Recorded, record } from './record-act.ts'
import type { SignedCall } from './signed-call.ts'
import type { Swept } from './sweep.ts'

const sentence = z
  .string()
  .min(8)
  .max(600)
  .regex(/^\P{Cc}*$/u, 'no control characters')

const why = {
  ground: sentence.describe('Why, without a name.'),
  cites: z.array(z.string().min(2).max(120)).max(10),
  jti: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,64}$/)
    .describe('That of the call which carries the act: an approval serves one call.'),
  approval: z
    .string()
    .max(2048)
    .describe('Compact JWS of an approver over the digest of all other members.'),
}

/** The body of `POST /v1/subject-acts`. */
export const subjectActSchema = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.enum(['erase', 'restrict', 'hold']),
    subjects: z
      .array(z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'a pseudonym of POST /v1/subject-pseudonyms'))
      .min(1)
      .max(20),
    ...why,
  }),
  z.strictObject({
    act: z.literal('lift'),
    ends: entryIdSchema.describe('The hold or restriction that ends.'),
    ...why,
  }),
])
export type SubjectAct = z.infer<typeof subjectActSchema>

/** What became of an act. */
export type Acted =
  | { readonly kind: 'done'; readonly first: boolean; readonly certificate: Certificate }
  | { readonly kind: 'not-your-role' }
  | { readonly kind: 'another-call' }
  | { readonly kind: 'not-approved'; readonly why: ApprovalRefusal }
  /** A hold stands against the erasure; nothing was erased. */
  | { readonly kind: 'held'; readonly keys: number }
  | { readonly kind: 'nothing-to-lift' }
  | { readonly kind: 'too-much' }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/** What acts on subjects work with. */
export type SubjectWorld = World &
  AboutWorld & {
    /** Seals what is durable, so that auditors' rows are there: without them nothing is found. */
    readonly seal: () => Promise<readonly Swept[]>
  }

const kinds = {
  erase: 'erasure',
  restrict: 'restriction',
  hold: 'hold',
  lift: 'lift',
} as const satisfies Record<ActName, EntryKind>

/** How long the store keeps images of a change, ms: those in a stream live 24 hours. */
const imagesMs = 86_400_000

/** Takes an act. The same call again completes what a crash left half done, and says the same. */
export async function actOnSubject(
  call: SignedCall,
  body: SubjectAct,
  world: SubjectWorld,
): Promise<Acted> {
  const { jurisdiction } = call.agency
  if (authorize(call.agency, 'act-on-subject', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const id = entryId(call.agency.id, call.jti)
  const isRetry = (await world.ledger.read(id)) !== undefined
  const agreed = isRetry ? { values: {} } : await agree(call, body, world)
  if ('kind' in agreed) return agreed
  const recorded = await record(
    kinds[body.act],
    call,
    jurisdiction,
    // A name of its own: under the subject's key, the act would go with what it erases.
    `act:${id}`,
    agreed.values,
    world,
    body.act === 'lift' ? body.ends : undefined,
  )
  if (recorded.kind !== 'recorded') return recorded
  const about = await aboutOf(id, world)
  if (about === undefined) return { kind: 'erased' }
  const keys = await takeEffect(body, id, jurisdiction, about, world)
  const certificate = {
    id,
    act: body.act,
    entries: about.entries.length,
    keys,
    receipt: recorded.receipt,
    ...(body.act === 'erase'
      ? { backupsLapse: new Date(world.now().getTime() + imagesMs).toISOString() }
      : {}),
    says: sayings(body.act, about, keys),
  }
  return { kind: 'done', first: recorded.first, certificate }
}

/** All that is checked before anything is done, and what the entry of the act says. */
async function agree(
  call: SignedCall,
  { approval, ...act }: SubjectAct,
  world: SubjectWorld,
): Promise<Acted | { readonly values: Agreed }> {
  if (act.jti !== call.jti) return { kind: 'another-call' }
  const now = Math.floor(world.now().getTime() / 1000)
  const agency = (id: string) => world.register.agency(id)
  const approved = await verifyApproval(approval, act, call, { now, agency })
  if ('refused' in approved) return { kind: 'not-approved', why: approved.refused }
  const { approver } = approved
  const { jurisdiction } = call.agency
  if (act.act === 'lift') {
    const about = await liftable(act.ends, jurisdiction, world)
    return about === undefined ? { kind: 'nothing-to-lift' } : { values: { act, approver, about } }
  }
  // The jurisdiction's logs, whatever their year.
  const logs = logOf(world.gateway, jurisdiction, '')
  for (const swept of await world.seal())
    if ('error' in swept && swept.log.startsWith(logs)) throw swept.error
  const found = await entriesAbout(jurisdiction, act.subjects, world)
  if (found === undefined) return { kind: 'too-much' }
  const { about, held } = found
  if (act.act === 'erase' && held > 0) return { kind: 'held', keys: held }
  return { values: { act, approver, about } }
}

type Agreed = {
  readonly act: Omit<SubjectAct, 'approval'>
  readonly approver: Approver
  readonly about: About
}

/** What a hold or restriction of this jurisdiction is about, unless it was itself erased. */
async function liftable(
  ends: string,
  jurisdiction: string,
  world: SubjectWorld,
): Promise<About | undefined> {
  const { t, hj } = (await world.ledger.read(ends))?.leaf ?? {}
  return (t === 'hold' || t === 'restriction') && hj === jurisdiction
    ? aboutOf(ends, world)
    : undefined
}

/** What an act is about, as its entry says: what a retry works on, too. */
async function aboutOf(id: string, world: SubjectWorld): Promise<About | undefined> {
  const stored = await world.ledger.read(id)
  const opened = stored && (await openAny(stored, world))
  // A cast: an entry of these kinds is made here alone.
  return (opened?.values as Agreed | undefined)?.about
}

/** Does what the entry says; on how many keys it took effect. */
async function takeEffect(
  body: SubjectAct,
  id: string,
  jurisdiction: string,
  about: About,
  world: SubjectWorld,
): Promise<number> {
  const { subjectKeys } = world
  switch (body.act) {
    case 'erase':
      return about.keys.length - (await destroy(jurisdiction, about, world))
    case 'hold':
      return countOf(about.keys.map((kid) => subjectKeys.hold(kid, id)))
    case 'restrict':
      return countOf(about.keys.map((kid) => subjectKeys.restrict(kid, id)))
    case 'lift':
      await Promise.all(about.keys.map((kid) => subjectKeys.lift(kid, body.ends)))
      return about.keys.length
  }
}

const countOf = async (took: readonly Promise<boolean>[]): Promise<number> =>
  (await Promise.all(took)).filter(Boolean).length
