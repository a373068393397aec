/**
 * A holder erases, restricts or holds what the log keeps of a person, or lifts that again. Two offices
 * agree to it, and the act is an entry before it takes effect.
 */

import { openAny } from '../answer/opened.ts'
import { type Recorded, record, recordedBefore } from '../answer/record-act.ts'
import type { AboutSubject, Said } from '../answer/said.ts'
import type { SignedCall } from '../answer/signed-call.ts'
import { type ApprovalRefusal, verifyApproval } from '../identity/approval.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { type EntryKind, entryId, logOf } from '../ledger/entry.ts'
import type { Remains } from '../log-ports.ts'
import { keptFrom, type Period, periodOf } from '../policy/retention.ts'
import type { EarlierKeys, World } from '../ports.ts'
import type { Swept } from '../sealing/sweep.ts'
import { type Certificate, expirySayings, remainsSayings, sayings } from './certificate.ts'
import { type AboutWorld, entriesAbout } from './entries-about.ts'
import { destroy } from './erase.ts'
import { type Keeping, keepingOf, unanswered } from './keeping.ts'
import { expire } from './retain.ts'
import type { ActName, SubjectAct } from './subject-act.ts'

/** What became of an act. */
export type Acted =
  | { readonly kind: 'done'; readonly first: boolean; readonly certificate: Certificate }
  | { readonly kind: 'not-your-role' }
  | { readonly kind: 'another-call' }
  | { readonly kind: 'not-approved'; readonly why: ApprovalRefusal }
  /** A hold, or a denial that is before a person, stands against the erasure; nothing was erased. */
  | { readonly kind: 'held'; readonly keys: number; readonly reviews: readonly string[] }
  /** The law still keeps it, and no order was named; nothing was erased. */
  | { readonly kind: 'order-needed'; readonly keeping: Keeping }
  | { readonly kind: 'nothing-to-lift' }
  | { readonly kind: 'too-much' }
  /** The period of the law is not over, or there is none. */
  | { readonly kind: 'not-expired' }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/** What acts on subjects work with. */
export type SubjectWorld = World &
  AboutWorld & {
    /** Seals what is durable, so that auditors' rows are there: without them nothing is found. */
    readonly seal: () => Promise<readonly Swept[]>
    readonly earlierKeys: EarlierKeys
    readonly remains: Remains
  }

const kinds = {
  erase: 'erasure',
  restrict: 'restriction',
  hold: 'hold',
  lift: 'lift',
  expire: 'erasure',
} as const satisfies Record<ActName, EntryKind>

/** Longest that one call lets things expire, ms; a caller waits 29 s at most. */
const expiryMs = 15_000

/** Takes an act. The same call again completes what a crash left half done, and says the same. */
export async function actOnSubject(
  call: SignedCall,
  body: SubjectAct,
  world: SubjectWorld,
): Promise<Acted> {
  const { jurisdiction } = call.agency
  if (authorize(actorOf(call), 'act-on-subject', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const id = entryId(call.agency.id, call.jti)
  const stands = await world.ledger.read(id)
  const recorded =
    stands === undefined
      ? await enterAct(call, body, id, world)
      : await recordedBefore(kinds[body.act], call, stands, world)
  if (recorded.kind !== 'recorded') return recorded
  const done = await takeEffect(body, id, jurisdiction, world)
  if (done === undefined) return { kind: 'erased' }
  const { receipt, first } = recorded
  const left = body.act === 'erase' || body.act === 'expire' ? await purged(world) : undefined
  const { backupsLapse, says = [] } = left ?? {}
  const certificate = {
    ...{ id, act: body.act, receipt, ...done, says: [...done.says, ...says] },
    ...(backupsLapse === undefined ? {} : { backupsLapse }),
  }
  return { kind: 'done', first, certificate }
}

/** Agrees to an act, and enters it. */
async function enterAct(
  call: SignedCall,
  body: SubjectAct,
  id: string,
  world: SubjectWorld,
): Promise<Acted | Recorded> {
  const agreed = await agree(call, body, world)
  if ('kind' in agreed) return agreed
  return record(
    kinds[body.act],
    call,
    call.agency.jurisdiction,
    // A name of its own: under the subject's key, the act would go with what it erases.
    `act:${id}`,
    agreed.values,
    world,
    body.act === 'lift' ? body.ends : undefined,
  )
}

/** Rids the store of what was destroyed, as far as it is the gateway’s, and says how far that is. */
async function purged({ remains, now }: SubjectWorld) {
  await remains.purge()
  const backupsLapse = new Date(now().getTime() + remains.backupDays * 86_400_000).toISOString()
  return { backupsLapse, says: remainsSayings(remains.backupDays, backupsLapse) }
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
  if (act.act === 'expire') {
    const period = await periodNow(jurisdiction, world)
    const isOver =
      period?.yearsMax !== undefined && act.before <= keptFrom(period.yearsMax, momentOf(world))
    return isOver ? { values: { act, approver, period } } : { kind: 'not-expired' }
  }
  if (act.act === 'lift') {
    const about = await liftable(act.ends, actorOf(call), world)
    return about === undefined ? { kind: 'nothing-to-lift' } : { values: { act, approver, about } }
  }
  // The jurisdiction's logs, whatever their year.
  const logs = logOf(world.gateway, jurisdiction, '')
  for (const swept of await world.seal())
    if ('error' in swept && swept.log.startsWith(logs)) throw swept.error
  const found = await entriesAbout(jurisdiction, act.subjects, world)
  if (found === undefined) return { kind: 'too-much' }
  const { about, entries, held } = found
  if (act.act === 'erase') {
    const reviews = unanswered(entries)
    if (held + reviews.length > 0) return { kind: 'held', keys: held, reviews }
    const keeping = keepingOf(entries, await periodNow(jurisdiction, world), world)
    if (act.order === undefined && keeping !== undefined) return { kind: 'order-needed', keeping }
  }
  return { values: { act, approver, about } }
}

/** What the entry of an act holds beside the call. */
type Agreed = Omit<Said['erasure'], 'call' | 'subject'>

const momentOf = (world: SubjectWorld): string => world.now().toISOString()
const periodNow = async (jurisdiction: string, world: SubjectWorld): Promise<Period | undefined> =>
  periodOf((await world.law.now()).book, jurisdiction, momentOf(world))

/** From which quarter on disclosures are kept without an order: from the first, where no list says. */
const keptNow = async (jurisdiction: string, world: SubjectWorld): Promise<string> => {
  const period = await periodNow(jurisdiction, world)
  return period === undefined ? '0000-Q1' : keptFrom(period.yearsMin, momentOf(world))
}

/** What a hold or restriction of this agency’s jurisdiction is about, unless it was itself erased. */
async function liftable(
  ends: string,
  agency: Agency,
  world: SubjectWorld,
): Promise<AboutSubject | undefined> {
  const { t, hj = '' } = (await world.ledger.read(ends))?.leaf ?? {}
  if (authorize(agency, 'act-on-subject', { holder: hj }) === undefined) return undefined
  return t === 'hold' || t === 'restriction' ? aboutOf(ends, world) : undefined
}

/** What an act is about, as its entry says: what a retry works on, too. */
const aboutOf = async (id: string, world: SubjectWorld): Promise<AboutSubject | undefined> =>
  (await entryOf(id, world))?.about

/** What the entry of an act says, and the key that it is kept under; undefined once it was erased. */
async function entryOf(id: string, world: SubjectWorld) {
  const stored = await world.ledger.read(id)
  const opened = stored && (await openAny(stored, world))
  return stored !== undefined && opened !== undefined && 'approver' in opened.values
    ? { kid: stored.kid, ...opened.values }
    : undefined
}

/** Does what the entry says, and what of the certificate that came to; undefined if it was erased. */
async function takeEffect(
  body: SubjectAct,
  id: string,
  jurisdiction: string,
  world: SubjectWorld,
): Promise<Pick<Certificate, 'entries' | 'keys' | 'incomplete' | 'order' | 'says'> | undefined> {
  const entry = await entryOf(body.act === 'lift' ? body.ends : id, world)
  if (body.act === 'expire') {
    const { period } = entry ?? {}
    if (period === undefined) return undefined
    const end = world.now().getTime() + expiryMs
    const expired = await expire(
      jurisdiction,
      body.before,
      world,
      () => world.now().getTime() >= end,
    )
    const { entries, keys, isComplete } = expired
    const says = expirySayings(body.before, period.cites, expired)
    return { entries, keys, ...(isComplete ? {} : { incomplete: true as const }), says }
  }
  const { about } = entry ?? {}
  if (entry === undefined || about === undefined) return undefined
  const keys = await onKeys(body, id, jurisdiction, { ...entry, about }, world)
  const order = body.act === 'erase' ? body.order : undefined
  const says = sayings(body.act, about, keys, order)
  return { entries: about.entries.length, keys, says, ...(order === undefined ? {} : { order }) }
}

/** On how many keys an act took effect. */
async function onKeys(
  body: Exclude<SubjectAct, { readonly act: 'expire' }>,
  id: string,
  jurisdiction: string,
  { kid: own, about }: { readonly kid: string; readonly about: AboutSubject },
  world: SubjectWorld,
): Promise<number> {
  const { subjectKeys } = world
  switch (body.act) {
    case 'erase':
      return destroy(
        jurisdiction,
        about,
        body.order === undefined ? await keptNow(jurisdiction, world) : undefined,
        world,
      )
    case 'hold':
      // Its own entry, too: as long as the act holds, it must be there to be lifted.
      await subjectKeys.hold(own, id)
      return countOf(about.keys.map((kid) => subjectKeys.hold(kid, id)))
    case 'restrict':
      await subjectKeys.hold(own, id)
      return countOf(about.keys.map((kid) => subjectKeys.restrict(kid, id)))
    case 'lift':
      await Promise.all([own, ...about.keys].map((kid) => subjectKeys.lift(kid, body.ends)))
      return about.keys.length
  }
}

const countOf = async (took: readonly Promise<boolean>[]): Promise<number> =>
  (await Promise.all(took)).filter(Boolean).length
