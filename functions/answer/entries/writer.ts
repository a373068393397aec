/** The only writer of entries: every act of the gateway is durable in the ledger before it takes effect. */

import {
  type Evidence,
  entryId,
  entryIdUnder,
  type Leaf,
  logOf,
  makeEntry,
  quarterOf,
  requestDigest,
} from '../../ledger/entry.ts'
import { looksLogOf } from '../../ledger/looks-log.ts'
import type { SubjectKey, World } from '../../ports.ts'
import { shortFormOf } from './short-form.ts'
import type { PageCall, SignedCall } from './signed-call.ts'
import type { Values } from './values.ts'

/** An entry could not be made durable, and why. */
export type Unavailable = { readonly kind: 'unavailable'; readonly why: string }

/** The parts of the world that entering needs. */
export type EnterWorld = Pick<World, 'gateway' | 'build' | 'ledger' | 'subjectKeys' | 'random'>

/** An entry to be made. */
export type ToEnter<K extends keyof Values> = {
  readonly kind: K
  readonly at: string
  /** The jurisdiction whose log the entry goes to. */
  readonly jurisdiction: string
  /** The subject whose key keeps its personal part. */
  readonly pseudonym: string
  readonly said: Values[K]
  /** Further fields of the leaf; its log, if that is not the jurisdiction's own of the year, or a look's. */
  readonly leaf?: Pick<
    Partial<Leaf>,
    'out' | 'standing' | 'dryRun' | 'previous' | 'pol' | 'refs' | 'law' | 'stated' | 'pay' | 'log'
  >
}

/** The id of a call's entry, the same for every retry. */
export const idOf = ({ agency, jti }: Pick<SignedCall, 'agency' | 'jti'>): string =>
  entryId(agency.id, jti)

/** What was seen before an entry, and when, ms since the epoch: the key of its subject, and whether its id had one. */
export type KeySeen = {
  readonly at: number
  readonly key: ReturnType<World['subjectKeys']['look']>
  readonly lost: Promise<Unavailable | undefined>
}

/** Looks at once for what the entry of a call needs, and waits for nothing. What fails, fails whoever waits for it. */
export function seeKey(
  call: SignedCall,
  { jurisdiction, pseudonym }: Pick<ToEnter<'decision'>, 'jurisdiction' | 'pseudonym'>,
  world: EnterWorld & Pick<World, 'sealed' | 'now'>,
): KeySeen {
  const at = world.now().getTime()
  const key = world.subjectKeys.look(jurisdiction, pseudonym)
  const isLost = lost(idOf(call), world)
  for (const each of [key, isLost]) each.catch(() => undefined)
  return { at, key, lost: isLost }
}

/** How long what was seen counts, ms: while a store takes its time with another read, the key may go. */
const seenMsMax = 1_000

/** What was seen, if that was just now. */
export const justSeen = (
  looked: KeySeen | undefined,
  { now }: Pick<World, 'now'>,
): { readonly looked?: KeySeen } =>
  looked !== undefined && Math.abs(now().getTime() - looked.at) < seenMsMax ? { looked } : {}

/**
 * Makes the entry of a call durable, or returns the entry that already has its id. `looked` is what was seen
 * for it: whoever gives it lets nothing else wait in between. With `discloses`, data leaves by the entry, and
 * its key is kept as long as the law keeps disclosures. Of calls with an equal `same`, from whomever, only one
 * makes an entry; a look on a page always has one.
 */
export async function enter<K extends Exclude<keyof Values, OwnKind>>(
  call: SignedCall | (K extends 'consultation' ? PageCall : never),
  entry: ToEnter<K>,
  world: EnterWorld & Pick<World, 'sealed'>,
  {
    discloses = false,
    looked,
    same,
  }: { discloses?: boolean; looked?: KeySeen; same?: object } = {},
): Promise<Appended> {
  const { jurisdiction, pseudonym, at } = entry
  // Only now, unless it was just seen: an erasure or a restriction while the answer was worked out counts.
  const keyed =
    looked === undefined
      ? world.subjectKeys.keyFor(jurisdiction, pseudonym, at, discloses)
      : looked.key.then((keyOf) => keyOf(at, discloses))
  const isSigned = 'jws' in call
  const eid =
    isSigned && same === undefined ? idOf(call) : entryIdUnder((await keyed).kek, same ?? {})
  const [isLost, key] = await Promise.all([looked?.lost ?? lost(eid, world), keyed])
  if (isLost !== undefined) return isLost
  const { jurisdiction: caller } = call.agency
  if (!isSigned) return append(entry, unsigned(eid, caller), key, world)
  const { jws, body, signingInput } = call
  return append(entry, { eid, evidence: { jws, body }, signingInput, caller }, key, world)
}

/** The kinds of the gateway's own entries: no agency called for them. */
type OwnKind = 'notice' | 'set' | 'statement'
type Appended = Awaited<ReturnType<World['ledger']['append']>>

/**
 * Makes one of the gateway's own entries, just before the entry that rests on it; returns why it is not durable, if so.
 * One that was sealed is in the log, even if a ledger that was restored has lost it: a second would look like the first,
 * changed by somebody. `isIt` says whether a leaf under its id says the same; a mark alone shows nothing.
 */
export async function enterOwn(
  eid: string,
  entry: Omit<ToEnter<Exclude<OwnKind, 'notice'>>, 'pseudonym'>,
  isIt: (leaf: Leaf) => boolean,
  world: EnterWorld & Pick<World, 'secrets' | 'sealed'>,
): Promise<Unavailable | undefined> {
  const { jurisdiction } = entry
  const place = await world.sealed.placeOf(eid)
  if (place !== undefined) {
    // Read once it is needed, since hardly any instance ever does.
    const { doubtOf } = await import('./marks.ts')
    const why = await doubtOf({ eid, jurisdiction, place }, isIt, world)
    return why === undefined ? undefined : { kind: 'unavailable', why }
  }
  const at = justBefore(entry.at)
  const pseudonym = world.secrets.pseudonym(jurisdiction, 'statements')
  const key = await world.subjectKeys.keyFor(jurisdiction, pseudonym, at)
  const appended = await append(
    { ...entry, at, pseudonym },
    unsigned(eid, jurisdiction),
    key,
    world,
  )
  return appended.kind === 'unavailable' ? appended : undefined
}

/**
 * Makes the gateway's own word on an entry durable, under the key of that entry; `caller` is the jurisdiction
 * whose agency made the call that it is about.
 */
export async function enterNotice(
  eid: string,
  entry: Omit<ToEnter<'notice'>, 'pseudonym'>,
  key: SubjectKey,
  caller: string,
  world: EnterWorld & Pick<World, 'sealed'>,
): Promise<Appended> {
  const isLost = await lost(eid, world)
  if (isLost !== undefined) return isLost
  const { asked: pseudonym } = entry.said.subject
  return append({ ...entry, pseudonym }, unsigned(eid, caller), key, world)
}

/** What stands for the call of an entry that no agency called for. */
const unsigned = (eid: string, caller: string): Caller => ({
  ...{ eid, evidence: { jws: '', body: '' }, signingInput: '', caller },
})

/**
 * One millisecond earlier, so that the entry comes before what rests on it, unless that is in another quarter
 * with other keys.
 */
function justBefore(at: string): string {
  const before = new Date(Date.parse(at) - 1).toISOString()
  return quarterOf(before) === quarterOf(at) ? before : at
}

/** Who called for an entry, and its id. */
type Caller = {
  readonly eid: string
  readonly evidence: Evidence
  readonly signingInput: string
  /** Its jurisdiction. */
  readonly caller: string
}

const append = <K extends keyof Values>(
  { kind, at, jurisdiction, said, leaf }: ToEnter<K>,
  { eid, evidence, signingInput, caller }: Caller,
  key: Awaited<ReturnType<World['subjectKeys']['keyFor']>>,
  { gateway, build, ledger, random }: EnterWorld,
): Promise<Appended> => {
  const log = logOf(gateway, jurisdiction, at)
  // What another state's agency collects is no look: it may know, and prove, where that stands.
  const isLook = kind === 'consultation' && caller === jurisdiction
  return ledger.append(
    makeEntry(
      {
        t: kind,
        log: isLook ? looksLogOf(log) : log,
        eid,
        ts: at,
        hj: jurisdiction,
        aj: caller,
        ...leaf,
        eng: build,
        req: requestDigest(signingInput),
      },
      // A cast: of this kind, it is what a decision says.
      kind === 'decision' ? shortFormOf(said as Values['decision']) : said,
      evidence,
      key,
      Buffer.from(random(16)).toString('base64url'),
      random,
    ),
  )
}

/**
 * Why no entry may be made under an id; undefined if one may. If the ledger was restored, a retry may not
 * find the entry of its call. A second entry would never be sealed, since the first one was.
 */
export async function lost(
  eid: string,
  { sealed, ledger }: Pick<World, 'sealed' | 'ledger'>,
): Promise<Unavailable | undefined> {
  const isSealed = (await sealed.placeOf(eid)) !== undefined
  if (!isSealed || (await ledger.read(eid)) !== undefined) return undefined
  return { kind: 'unavailable', why: `couldn’t append entry: ${eid} is in the log, and gone` }
}
