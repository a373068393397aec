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
} from '../ledger/entry.ts'
import type { World } from '../ports.ts'
import type { Said } from './said.ts'
import type { SignedCall } from './signed-call.ts'

/** An entry could not be made durable, and why. */
export type Unavailable = { readonly kind: 'unavailable'; readonly why: string }

/** The parts of the world that entering needs. */
export type EnterWorld = Pick<World, 'gateway' | 'build' | 'ledger' | 'subjectKeys' | 'random'>

/** An entry to be made. */
export type ToEnter<K extends keyof Said> = {
  readonly kind: K
  readonly at: string
  /** The jurisdiction whose log the entry goes to. */
  readonly jurisdiction: string
  /** The subject whose key keeps its personal part. */
  readonly pseudonym: string
  readonly said: Said[K]
  /** Further fields of the leaf. */
  readonly leaf?: Pick<
    Leaf,
    'out' | 'standing' | 'dryRun' | 'previous' | 'law' | 'stated' | 'pay'
  > &
    Partial<Pick<Leaf, 'pol' | 'lists'>>
}

/** The id of a call's entry, the same for every retry. */
export const idOf = ({ agency, jti }: Pick<SignedCall, 'agency' | 'jti'>): string =>
  entryId(agency.id, jti)

/**
 * Makes the entry of a call durable, or returns the entry that already has its id. `before` settles before
 * the entry is appended. With `discloses`, data leaves by the entry, and its key is kept as long as the law
 * keeps disclosures. Of calls with an equal `same`, from whomever, only one makes an entry.
 */
export async function enter<K extends Exclude<keyof Said, OwnKind>>(
  call: SignedCall,
  entry: ToEnter<K>,
  world: EnterWorld & Pick<World, 'sealed'>,
  {
    discloses = false,
    before,
    same,
  }: { discloses?: boolean; before?: Promise<unknown>; same?: object } = {},
): Promise<Appended> {
  const keyed = world.subjectKeys.keyFor(entry.jurisdiction, entry.pseudonym, entry.at, discloses)
  const eid = same === undefined ? idOf(call) : entryIdUnder((await keyed).kek, same)
  const [isLost, key] = await Promise.all([lost(eid, world), keyed, before])
  if (isLost !== undefined) return isLost
  const { jws, body, signingInput, agency } = call
  const signed = { eid, evidence: { jws, body }, signingInput, caller: agency.jurisdiction }
  return append(entry, signed, key, world)
}

/** The kinds of the gateway's own entries: no agency called for them, and they are about no person. */
type OwnKind = 'set' | 'statement'
type Appended = Awaited<ReturnType<World['ledger']['append']>>

/** Makes one of the gateway's own entries, just before the entry that rests on it. */
export async function enterOwn(
  eid: string,
  entry: Omit<ToEnter<OwnKind>, 'pseudonym'>,
  world: EnterWorld & Pick<World, 'secrets'>,
): Promise<Appended> {
  const { jurisdiction } = entry
  const at = justBefore(entry.at)
  const pseudonym = world.secrets.pseudonym(jurisdiction, 'statements')
  const key = await world.subjectKeys.keyFor(jurisdiction, pseudonym, at)
  const unsigned = { eid, evidence: { jws: '', body: '' }, signingInput: '', caller: jurisdiction }
  return append({ ...entry, at, pseudonym }, unsigned, key, world)
}

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

const append = <K extends keyof Said>(
  { kind, at, jurisdiction, said, leaf }: ToEnter<K>,
  { eid, evidence, signingInput, caller }: Caller,
  key: Awaited<ReturnType<World['subjectKeys']['keyFor']>>,
  { gateway, build, ledger, random }: EnterWorld,
): Promise<Appended> =>
  ledger.append(
    makeEntry(
      {
        t: kind,
        log: logOf(gateway, jurisdiction, at),
        eid,
        ts: at,
        hj: jurisdiction,
        aj: caller,
        pol: [],
        lists: [],
        ...leaf,
        eng: build,
        req: requestDigest(signingInput),
      },
      said,
      evidence,
      key,
      Buffer.from(random(16)).toString('base64url'),
      random,
    ),
  )

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
  return { kind: 'unavailable', why: `couldn’t append entry: ${eid} was sealed, and is gone` }
}
