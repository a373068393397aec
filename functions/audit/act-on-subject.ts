/**
 * A holder erases, restricts or holds what the log keeps of a person, or lifts a restriction or hold. Two
 * offices must agree, and the act is entered before it takes effect.
 */

import { type Recorded, record, recordedBefore } from '../answer/entries/act.ts'
import { openAny } from '../answer/entries/reader.ts'
import type { SignedCall } from '../answer/entries/signed-call.ts'
import type { AboutSubject, Values } from '../answer/entries/values.ts'
import type { Unavailable } from '../answer/entries/writer.ts'
import { tellOfAct } from '../answer/messages/corrections.ts'
import { errorWords, hasFailed } from '../failure.ts'
import { type ApprovalRefusal, verifyApproval } from '../identity/approval.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { type EntryKind, entryId, logOf } from '../ledger/entry.ts'
import type { Remains } from '../log-ports.ts'
import { keptFrom, type Period, periodOf } from '../policy/retention.ts'
import type { EarlierKeys, World } from '../ports.ts'
import { fileLess } from '../sealing/lookup-rows.ts'
import type { Swept } from '../sealing/sweep.ts'
import {
  type AboutWorld,
  entriesAbout,
  linesOf,
  openOfKey,
  openUnder,
  unreadable,
} from './entries-about.ts'
import { expire } from './expiry.ts'
import { withoutFound } from './findings.ts'
import type { Keeping } from './retention.ts'
import {
  type ActCertificate,
  type ActName,
  expirySayings,
  keepingOf,
  remainsSayings,
  type SubjectAct,
  sayings,
  unanswered,
} from './subject-act.ts'

/** The result of an act. */
export type Acted =
  | { readonly kind: 'done'; readonly first: boolean; readonly certificate: ActCertificate }
  | { readonly kind: 'not-your-role' }
  | { readonly kind: 'another-call' }
  | { readonly kind: 'not-approved'; readonly why: ApprovalRefusal }
  /** Nothing was erased: a key is held, or a denial waits for a person to review it. */
  | { readonly kind: 'held'; readonly keys: number; readonly reviews: readonly string[] }
  /** Nothing was erased: the law still keeps these entries, and the act named no order. */
  | { readonly kind: 'order-needed'; readonly keeping: Keeping }
  | { readonly kind: 'nothing-to-lift' }
  | { readonly kind: 'too-much' }
  /** The law's retention period is not over, or the law sets none. */
  | ({ readonly kind: 'not-expired' } & Pick<Keeping, 'unheld'>)
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/** What acts on subjects work with. */
export type SubjectWorld = World &
  AboutWorld & {
    /** Seals what a jurisdiction's logs have, as far as there is time: an act finds entries by their rows. */
    readonly seal: (jurisdiction: string) => Promise<readonly Swept[]>
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

/** How long one call keeps expiring keys, ms; a caller waits 29 s at most. */
const expiryMs = 15_000

/** Performs an act. Repeating the call completes what a crash left half done, and answers the same. */
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
  if ('kind' in done) return done
  const { receipt, first } = recorded
  const left = body.act === 'erase' || body.act === 'expire' ? await purged(world) : undefined
  const { backupsLapse, says = [] } = left ?? {}
  const certificate = {
    ...{ id, act: body.act, receipt, ...done, says: [...done.says, ...says] },
    ...(backupsLapse === undefined ? {} : { backupsLapse }),
  }
  return { kind: 'done', first, certificate }
}

/** Checks an act, then enters it. */
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
    // A pseudonym of its own: under the subject's key, the act would erase its own entry.
    `act:${id}`,
    agreed.values,
    world,
    body.act === 'lift' ? body.ends : undefined,
  )
}

/** Purges destroyed data from the gateway's own store, and says what may remain elsewhere. */
async function purged({ remains, now }: SubjectWorld) {
  await remains.purge()
  const backupsLapse = new Date(now().getTime() + remains.backupDays * 86_400_000).toISOString()
  return { backupsLapse, says: remainsSayings(remains.backupDays, backupsLapse) }
}

/** Makes every check that comes before an act; returns why it is refused, or what its entry will say. */
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
    return isOver
      ? { values: { act, approver, period } }
      : { kind: 'not-expired', ...(await unheldNow(world)) }
  }
  if (act.act === 'lift') {
    const about = await liftable(act.ends, actorOf(call), world)
    return about === undefined ? { kind: 'nothing-to-lift' } : { values: { act, approver, about } }
  }
  const waiting = await sealAll(jurisdiction, world)
  if (waiting !== undefined) return waiting
  const found = await entriesAbout(jurisdiction, act.subjects, world)
  if (found === undefined) return { kind: 'too-much' }
  const { about, entries, held } = found
  if (act.act === 'erase') {
    const reviews = unanswered(entries)
    if (held + reviews.length > 0) return { kind: 'held', keys: held, reviews }
    const keeping = keepingOf(entries, await periodNow(jurisdiction, world), world)
    if (act.order === undefined && keeping !== undefined)
      return { kind: 'order-needed', keeping: { ...keeping, ...(await unheldNow(world)) } }
  }
  return { values: { act, approver, about } }
}

/** Seals what the jurisdiction's logs of every year have; says so if something is left. */
async function sealAll(
  jurisdiction: string,
  { gateway, seal }: SubjectWorld,
): Promise<Unavailable | undefined> {
  const logs = logOf(gateway, jurisdiction, '')
  for (const swept of await seal(jurisdiction)) {
    if (!swept.log.startsWith(logs)) continue
    if ('error' in swept) {
      if (!hasFailed(swept.error, 'away')) throw swept.error
      return { kind: 'unavailable', why: errorWords(swept.error) }
    }
    const why = `couldn’t act: ${swept.left} entries are not in the log ${swept.log} yet`
    if (swept.left > 0) return { kind: 'unavailable', why }
  }
  return undefined
}

/** What the entry of an act holds besides the call. */
type Agreed = Omit<Values['erasure'], 'call' | 'subject'>

const momentOf = (world: SubjectWorld): string => world.now().toISOString()
const periodNow = async (jurisdiction: string, world: SubjectWorld): Promise<Period | undefined> =>
  periodOf((await world.law.now()).book, jurisdiction, momentOf(world))

/** Whether no period is known since the law is not held. */
const unheldNow = async (world: SubjectWorld): Promise<Pick<Keeping, 'unheld'>> => {
  const { unheld } = (await world.law.now()).book
  return unheld ? { unheld } : {}
}

/** The first quarter whose disclosures only an order can erase: every quarter, if no period is known. */
const keptNow = async (jurisdiction: string, world: SubjectWorld): Promise<string> => {
  const period = await periodNow(jurisdiction, world)
  return period === undefined ? '0000-Q1' : keptFrom(period.yearsMin, momentOf(world))
}

/** What a hold or restriction of this agency’s jurisdiction is about; undefined if its entry was erased. */
async function liftable(
  ends: string,
  agency: Agency,
  world: SubjectWorld,
): Promise<AboutSubject | undefined> {
  const { t, hj = '' } = (await world.ledger.read(ends))?.leaf ?? {}
  if (authorize(agency, 'act-on-subject', { holder: hj }) === undefined) return undefined
  return t === 'hold' || t === 'restriction' ? (await entryOf(ends, world))?.about : undefined
}

/** What the entry of an act says, and the id of its key; undefined if the entry was erased. */
async function entryOf(id: string, world: SubjectWorld) {
  const stored = await world.ledger.read(id)
  const opened = stored && (await openAny(stored, world))
  return stored !== undefined && opened !== undefined && 'approver' in opened.values
    ? { kid: stored.kid, ...opened.values }
    : undefined
}

/** Does what the act's entry says, for its part of the certificate; undefined if the entry was erased. */
async function takeEffect(
  body: SubjectAct,
  id: string,
  jurisdiction: string,
  world: SubjectWorld,
): Promise<
  | Pick<ActCertificate, 'entries' | 'keys' | 'incomplete' | 'order' | 'says'>
  | Unavailable
  | undefined
> {
  const entry = await entryOf(body.act === 'lift' ? body.ends : id, world)
  if (body.act === 'expire') {
    const { period } = entry ?? {}
    if (period === undefined) return undefined
    const end = world.now().getTime() + expiryMs
    const isLate = () => world.now().getTime() >= end
    const expired = await expire(jurisdiction, body.before, world, isLate)
    const { entries, keys, isComplete } = expired
    const says = expirySayings(body.before, period.cites, expired)
    return { entries, keys, ...(isComplete ? {} : { incomplete: true as const }), says }
  }
  const { about } = entry ?? {}
  if (entry === undefined || about === undefined) return undefined
  if (body.act === 'erase' || body.act === 'restrict') {
    // Once more: of an entry whose key goes before it is sealed, nobody would ever be told.
    const waiting = await sealAll(jurisdiction, world)
    if (waiting !== undefined) return waiting
    const how = body.act === 'erase' ? 'erased' : 'restricted'
    const told = await tellOfAct(id, how, await openAbout(jurisdiction, about, world), world)
    if (typeof told !== 'number') return told
  }
  const keys = await onKeys(body, id, jurisdiction, { ...entry, about }, world)
  await onFound(body, id, jurisdiction, about, world)
  const order = body.act === 'erase' ? body.order : undefined
  const says = sayings(body.act, about, keys, order)
  return { entries: about.entries.length, keys, says, ...(order === undefined ? {} : { order }) }
}

/** Applies an act to its keys, and returns on how many it took effect. */
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
      // The act's own entry is held too: it must still exist when the act is lifted.
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

/** Applies an act to what was found alone, under keys of whoever was told nothing of it; they see no difference. */
async function onFound(
  body: Exclude<SubjectAct, { readonly act: 'expire' }>,
  id: string,
  jurisdiction: string,
  { untold = [] }: AboutSubject,
  world: SubjectWorld,
): Promise<void> {
  const { subjectKeys } = world
  for (const key of untold)
    if (body.act === 'restrict') await subjectKeys.restrict(key.kid, id, 'findings')
    // A hold keeps the whole key: nothing less keeps what was found.
    else if (body.act === 'hold') await subjectKeys.hold(key.kid, id)
    else if (body.act === 'lift') await subjectKeys.lift(key.kid, body.ends)
    else await destroyFound(jurisdiction, key, world)
}

/**
 * Destroys what was found in the entries under a key, and files them again as if nothing had been. An entry that another
 * call makes by the key meanwhile, and that is not in the log yet, is as if it were erased.
 */
async function destroyFound(
  jurisdiction: string,
  key: NonNullable<AboutSubject['untold']>[number],
  world: SubjectWorld,
): Promise<void> {
  const entries = await openOfKey(jurisdiction, key, world)
  const kek = await world.subjectKeys.open(key.kid)
  if (kek === undefined) return
  // With what was left before: a try that was cut off may have removed the rows by which that is found.
  const left = new Map([...(kek.left ?? []), ...withoutFound(entries, kek)])
  if (!(await world.subjectKeys.replace(key.kid, left))) return
  const eids = [...left.keys()]
  const places = new Map<string, number>()
  for (const eid of eids) {
    const place = await world.sealed.placeOf(eid)
    if (place !== undefined) places.set(eid, place.index)
  }
  await fileLess([...(await world.ledger.readAll(eids)).values()], world, places)
}

const countOf = async (took: readonly Promise<boolean>[]): Promise<number> =>
  (await Promise.all(took)).filter(Boolean).length

/** How many entries are worked on at once. */
const atOnce = 100

/**
 * Destroys what the log keeps of a subject before it returns, and returns how many keys it destroyed. A key
 * stays if it was held first, or if meanwhile something left under it in quarter `keptFrom` or later. After a
 * crash, calling it again completes the work: it finds rows by their notes, which need no key. Keys go first,
 * because whoever files an entry checks afterwards that its key still exists.
 */
export async function destroy(
  jurisdiction: string,
  about: AboutSubject,
  keptFrom: string | undefined,
  world: AboutWorld & Pick<World, 'attestations'>,
): Promise<number> {
  let gone = 0
  for (const kid of about.keys)
    if ((await world.subjectKeys.shred(kid, keptFrom)) === 'shredded') gone += 1
  const eids = await eidsAbout(jurisdiction, about, world)
  const at = world.now().toISOString()
  for (let i = 0; i < eids.length; i += atOnce)
    await world.lookups.unfile(await unreadable(eids.slice(i, i + atOnce), world), at)
  for (const owner of about.owners ?? []) {
    await world.attestations.forget(owner, at)
    await world.subjectKeys.forget(jurisdiction, owner)
  }
  return gone
}

/** The entries that an act is about, with those made since it was planned, as far as they open. */
async function openAbout(
  jurisdiction: string,
  { subjects, entries }: AboutSubject,
  world: AboutWorld,
): Promise<readonly string[]> {
  const since = await Promise.all(subjects.map((each) => openUnder(jurisdiction, each, world)))
  return [...new Set([...entries, ...since.flat().map(({ stored }) => stored.leaf.eid)])]
}

/** The entries that an act is about: those made since it was planned are listed under the person. */
async function eidsAbout(
  jurisdiction: string,
  about: AboutSubject,
  world: AboutWorld,
): Promise<readonly string[]> {
  const since = await Promise.all(
    about.subjects.map((each) => linesOf(jurisdiction, each, world.lookups)),
  )
  return [...new Set([...about.entries, ...since.flat().map(({ id }) => id)])]
}
