/**
 * The chain `law`: which set may start, and which of its versions are suspended. Statements are numbered and
 * only added, so that nothing is lifted because something is absent.
 */

import canonicalize from 'canonicalize'
import * as z from 'zod'
import {
  breakOf,
  breakWords,
  digestOfLink,
  emptyTip,
  linkSchema,
  nextLink,
  type Tip,
  textOfLink,
  tipSchema,
} from './chain.ts'
import { readOnce } from './json.ts'
import { folderOf } from './seal.ts'
import { type ReleaseKey, type Sealer, whySchema } from './sealers.ts'
import {
  type Kind,
  keysOf,
  type SealingKey,
  type Signatory,
  type Signature,
  signaturesOver,
  signStatement,
} from './signed.ts'
import {
  confirmed,
  lifted,
  type StatedOn,
  type Suspended,
  spanOf,
  suspended,
} from './suspension.ts'

/** The name of the chain. */
export const lawChain = 'law'

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const version = { path: z.string().min(1).max(200), sha256: digest }
/** A set by its digest, and the last seal of each folder. */
const setSchema = { set: digest, heads: z.record(z.string().regex(/^[a-z0-9-]+$/), tipSchema) }
const span = { from: z.iso.datetime(), until: z.iso.datetime().optional() }

const bodySchema = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('floor'),
    ...setSchema,
    /** Whether gateways below this floor take this very set at once, from where sets are kept by digest. */
    everywhere: z.literal(true).optional(),
    /** Why the floor is lowered; raising it needs no reason. */
    why: whySchema.optional(),
  }),
  z.strictObject({ act: z.literal('suspend'), ...version, why: whySchema }),
  z.strictObject({ act: z.literal('lift'), ...version, why: whySchema }),
  /** The second signature on a suspension or a lift that has one. */
  z.strictObject({ act: z.literal('confirm'), of: z.enum(['suspend', 'lift']), ...version }),
  /** Nothing is permitted anywhere, until `resume`. */
  z.strictObject({ act: z.literal('stop'), why: whySchema }),
  z.strictObject({ act: z.literal('resume'), why: whySchema }),
  /** Starts the chain anew with everything that holds, after statements were lost or broken. */
  z.strictObject({
    act: z.literal('anchor'),
    ...setSchema,
    suspended: z.array(z.strictObject({ ...version, ...span })).max(1000),
    why: whySchema,
  }),
])
/** What a statement says. */
export type LawBody = z.infer<typeof bodySchema>

const lawStatementSchema = linkSchema(bodySchema).extend({
  signatures: z.array(z.string().max(4000)).min(1).max(4),
})
/** A statement of the chain. */
export type LawStatement = z.infer<typeof lawStatementSchema>

/** Who may sign it. */
export type LawKeys = {
  readonly sealers: readonly Sealer[]
  readonly releaseKeys: readonly ReleaseKey[]
}

/** The result of the statements. */
export type LawState = {
  readonly tip: Tip
  /** The statements that count, in order. */
  readonly statements: readonly LawStatement[]
  /** The number of the statement that the chain starts with: 1, or the last anchor's. */
  readonly begins: number
  /** The set below which no law may start, if one was stated. */
  readonly floor?: FloorBody
  /** The last set that gateways below it must take, unless a floor has gone below it since. */
  readonly take?: FloorBody
  /** The statement that stopped everything, while nobody has resumed; an anchor does not. */
  readonly stop?: LawStatement & { readonly body: Extract<LawBody, { readonly act: 'stop' }> }
  /** By path and digest, in order of time. */
  readonly suspensions: ReadonlyMap<string, readonly Suspended[]>
}
/** A statement that sets the least version of the law. */
export type FloorBody = Extract<LawBody, { readonly act: 'floor' | 'anchor' }>

/** What release keys state: one of them stops, and two do all else. */
type ReleaseBody = FloorBody | Extract<LawBody, { readonly act: 'stop' | 'resume' }>

/** Why a chain does not hold, and from which statement. */
type LawBreak = { readonly at: number; readonly why: string }

/** A chain as read: its result as far as it holds, and where it breaks. */
export type FollowedLaw = {
  readonly state: LawState
  readonly broken?: LawBreak
  /** The highest number of any row. An anchor comes after it. */
  readonly last: number
}

/** The state before any statement. */
export const emptyLaw: LawState = {
  tip: emptyTip,
  statements: [],
  begins: 1,
  suspensions: new Map(),
}

/** The key of a version's suspensions. */
export const versionKey = (path: string, sha256: string): string => `${path} ${sha256}`

/**
 * Follows rows from `seen` on; the first row repeats the last statement seen. The chain breaks at a row that
 * does not follow or is signed by somebody who may not, or if it ends before `seen`. After a break only an
 * anchor counts.
 *
 * INVARIANT (never by absence): a suspension ends by a statement, or at the moment that a statement named.
 */
export function followLaw(
  rows: readonly unknown[],
  keys: LawKeys,
  seen: LawState = emptyLaw,
): FollowedLaw {
  let state = seen
  let broken: LawBreak | undefined
  let isMet = seen.tip.number === 0
  let last = seen.tip.number
  for (const row of rows) {
    const { data: statement } = lawStatementSchema.safeParse(row, readOnce)
    last = Math.max(last, statement?.number ?? 0)
    if (!isMet && statement !== undefined && digestOfLink(statement) === seen.tip.digest) {
      isMet = true
      continue
    }
    const isAnew = statement?.body.act === 'anchor' && statement.number > state.tip.number
    if (broken !== undefined && !isAnew) continue
    if (!isMet && !isAnew) {
      broken = { at: seen.tip.number, why: unlikeSeen }
      continue
    }
    const next =
      statement === undefined ? 'it is not a statement of this form' : after(state, statement, keys)
    if (typeof next === 'string') broken ??= { at: state.tip.number + 1, why: next }
    else {
      state = next
      isMet = true
      broken = undefined
    }
  }
  if (!isMet) broken ??= { at: seen.tip.number, why: unlikeSeen }
  return { state, last, ...(broken === undefined ? {} : { broken }) }
}

const unlikeSeen = 'it is not the chain that was seen before, or a shorter one'

/** The state after a statement; or why it does not count. */
function after(state: LawState, statement: LawStatement, keys: LawKeys): LawState | string {
  const { body, number } = statement
  const isAnchor = body.act === 'anchor'
  const wrong = isAnchor ? notAnew(state, statement) : unfollowing(state, statement)
  if (wrong !== undefined) return wrong
  const tip = { number, digest: digestOfLink(statement) }
  const next = { ...state, tip, statements: [...state.statements, statement] }
  if (isOfRelease(body)) return stated(next, { ...statement, body }, keys)
  const own = state.suspensions.get(versionKey(body.path, body.sha256)) ?? []
  const folder = folderOf(body.path)
  const trusted = keys.sealers.filter(
    ({ folders }) => folders.includes('*') || folders.includes(folder),
  )
  const by = signersOf('comity-suspension+jws', statement, trusted)
  if (by === undefined) return 'a signature is not of a sealer trusted here for it'
  const changed = changedBy(own, body, { at: statement.statedAt, number, by })
  if (typeof changed === 'string') return changed
  const suspensions = new Map(state.suspensions)
  return {
    ...next,
    suspensions: suspensions.set(versionKey(body.path, body.sha256), changed),
  }
}

function changedBy(
  own: readonly Suspended[],
  body: Exclude<LawBody, ReleaseBody>,
  said: StatedOn,
): readonly Suspended[] | string {
  switch (body.act) {
    case 'suspend':
      return suspended(own, { ...said, why: body.why })
    case 'lift':
      return lifted(own, said)
    case 'confirm':
      return confirmed(own, { ...said, of: body.of })
  }
}

const unfollowing = (
  { statements, tip }: LawState,
  statement: LawStatement,
): string | undefined => {
  const why = breakOf(lawChain, statement, statements.at(-1), tip)
  return why && breakWords[why]
}

/** Most numbers that an anchor may skip: each skipped one is marked wherever statements are kept. */
const skippedMax = 100

function notAnew({ tip, statements }: LawState, { chain, number, statedAt }: LawStatement) {
  if (chain !== lawChain || number <= tip.number)
    return 'a chain begins anew after its last statement alone'
  if (number > tip.number + 1 + skippedMax) return `it skips more than ${skippedMax} statements`
  const before = statements.at(-1)?.statedAt ?? statedAt
  return Date.parse(statedAt) < Date.parse(before) ? breakWords.earlier : undefined
}

const isOfRelease = (body: LawBody): body is ReleaseBody =>
  ['floor', 'anchor', 'stop', 'resume'].includes(body.act)

/** Applies what release keys state. */
function stated(
  next: LawState,
  statement: LawStatement & { readonly body: ReleaseBody },
  { releaseKeys }: LawKeys,
): LawState | string {
  const { body, statedAt, number } = statement
  const then = releaseKeys.filter(
    ({ leftAt }) => leftAt === undefined || Date.parse(statedAt) <= Date.parse(leftAt),
  )
  const by = signersOf('comity-floor+jws', statement, then)
  if (body.act === 'stop')
    return by === undefined
      ? 'a signature is not of a release key'
      : { ...next, stop: next.stop ?? { ...statement, body } }
  if (by === undefined || keysOf(by).size < 2)
    return 'it needs the signatures of two different release keys, and no others'
  if (body.act === 'resume') {
    const { stop: _, ...resumed } = next
    return resumed
  }
  const before = next.floor
  if (before !== undefined && body.why === undefined && isLower(body.heads, before.heads))
    return 'it lowers the floor, and does not say why'
  const { take: _, ...rest } = next
  const isTaken = next.take !== undefined && !isLower(body.heads, next.take.heads)
  const take = body.act === 'floor' && body.everywhere ? body : isTaken ? next.take : undefined
  const after = { ...rest, floor: body, ...(take && { take }) }
  return body.act === 'floor'
    ? after
    : { ...after, begins: number, suspensions: anew(next.suspensions, body, statement) }
}

/** The suspensions from an anchor on, with what was known of them before. */
function anew(
  before: LawState['suspensions'],
  body: Extract<FloorBody, { readonly act: 'anchor' }>,
  { number, statedAt }: LawStatement,
): LawState['suspensions'] {
  const suspensions = new Map<string, readonly Suspended[]>()
  for (const [key, own] of before)
    suspensions.set(
      key,
      own.map(({ lift: __, ...each }) => {
        const { until = statedAt } = spanOf(each)
        const end = Date.parse(until) < Date.parse(statedAt) ? until : statedAt
        return { ...each, ends: [...each.ends, { number, until: end }] }
      }),
    )
  for (const { path, sha256, from, until } of body.suspended) {
    const key = versionKey(path, sha256)
    const ends = [{ number, ...(until === undefined ? {} : { until }) }]
    const own = suspensions.get(key) ?? []
    suspensions.set(key, [...own, { from, ends, by: [], why: body.why }])
  }
  return suspensions
}

/** Whether a floor has a lower seal than the one before in some folder, or another history. */
export const isLower = (heads: FloorBody['heads'], before: FloorBody['heads']): boolean =>
  Object.entries(before).some(([folder, then]) => {
    const now = heads[folder]
    return (
      now === undefined ||
      now.number < then.number ||
      (now.number === then.number && canonicalize(now) !== canonicalize(then))
    )
  })

/** Who signed a statement; undefined if any signature is by somebody who may not. */
function signersOf<By extends Signatory>(
  kind: Kind,
  statement: LawStatement,
  keys: readonly By[],
): readonly Signature<By>[] | undefined {
  const { signatures, statedAt } = statement
  const good = signaturesOver(kind, textOfLink(statement), statedAt, signatures, keys)
  return good.length < signatures.length ? undefined : good
}

/** Makes the statement after a tip, signed with these keys. An anchor may follow a lost statement. */
export function stateLaw(
  tip: Tip,
  statedAt: string,
  body: LawBody,
  keys: readonly SealingKey[],
): LawStatement {
  const link = nextLink(lawChain, tip, statedAt, body)
  const kind = isOfRelease(body) ? 'comity-floor+jws' : 'comity-suspension+jws'
  return { ...link, signatures: keys.map((key) => signStatement(kind, textOfLink(link), key)) }
}

/** The tip of a chain at a statement; undefined if the statement is not there. */
export const tipAt = ({ statements }: LawState, number: number): Tip | undefined => {
  const own = statements.find((each) => each.number === number)
  return own && { number, digest: digestOfLink(own) }
}
