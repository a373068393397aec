/**
 * What the register says of one agency: a chain of signed statements of its own, so that a bad one harms
 * that agency alone. What gives takes two registrars; what takes away counts at once with one signature.
 * Within its rights an agency names its officers itself, by two of its own keys.
 */

import * as z from 'zod'
import { agencyId } from '../decision/request.ts'
import { emptyTip, followChain, reaches, type Tip, textOfLink } from '../policy/chain.ts'
import { type PublicKey, signerOf } from '../policy/signed.ts'
import {
  endingSchema,
  type NamedOfficer,
  named,
  namedByItself,
  namingSchema,
  withoutThem,
} from './officers.ts'
import { type Agency, type AgencyKey, agencySchema, newKeySchema } from './register.ts'
import {
  faultOfSigners,
  kind,
  type Registrars,
  reachesSeen,
  readAll,
  type StatementFault,
  setFor,
  signersMin,
  statementSchema,
  whySchema,
} from './registrars.ts'

/** The name of an agency's chain. */
export const chainOf = (agency: string): string => `register/${agency}`

/** What an agency is, without its keys, its officers and whether it is suspended: those have their own statements. */
export const profileSchema = agencySchema.omit({ keys: true, status: true, officers: true })
export type AgencyProfile = z.infer<typeof profileSchema>

const kid = newKeySchema.shape.kid
const instant = z.iso.datetime()
const why = whySchema

/** Rights that can be ended, one by one; `of` says whose, or which, where there are several. */
const endable = ['attests', 'entersFor', 'succeeds', 'channel', 'role', 'holdsRecords'] as const

/** What a statement says. */
const bodySchema = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('join'),
    agency: profileSchema,
    keys: z.array(newKeySchema).max(10),
    why,
  }),
  z.strictObject({ act: z.literal('change'), agency: profileSchema, why }),
  z.strictObject({
    act: z.literal('add-key'),
    key: newKeySchema,
    /** The key in whose place it comes, and until when that one goes on. */
    replaces: z.strictObject({ kid, until: instant }).optional(),
    why,
  }),
  z.strictObject({ act: z.literal('resume'), why }),
  z.strictObject({
    act: z.literal('revoke-key'),
    kid,
    /**
     * Since when others may have had it: what it vouched for from then on lets nothing go. Of a key that
     * was revoked already, a registrar may say so later, or an earlier moment.
     */
    compromisedSince: instant.optional(),
    why,
  }),
  z.strictObject({ act: z.literal('suspend'), why }),
  z.strictObject({
    act: z.literal('end-right'),
    right: z.enum(endable),
    of: z.union([agencyId, z.string().max(40)]).optional(),
    why,
  }),
  /** A registrar says which of the keys that stand still go on; the others are revoked. */
  z.strictObject({ act: z.literal('answer'), stands: z.array(kid).max(10), why }),
  namingSchema,
  endingSchema,
])
export type Body = z.infer<typeof bodySchema>
/** What a statement does. */
type Act = Body['act']

/** What gives, and takes two registrars. */
export const giving: ReadonlySet<Act> = new Set(['join', 'change', 'add-key', 'resume'])

/** A statement about an agency. */
export const agencyStatementSchema = statementSchema(bodySchema)
export type AgencyStatement = z.infer<typeof agencyStatementSchema>

/**
 * A key and how it stands. One that stands still was revoked by another key of its agency, or revoked
 * one so: nobody knows yet which of the two was stolen, and neither signs until a registrar answers.
 */
export type HeldKey = Omit<AgencyKey, 'status' | 'compromisedSince'> & {
  readonly standing: 'active' | 'still' | 'revoked'
  /** Since when it does not sign. */
  readonly since?: string
  readonly compromisedSince?: string
}

/** An agency as its statements have it. */
export type Registered = {
  readonly agency: Agency
  readonly keys: readonly HeldKey[]
  /** Undefined of one that never named any. */
  readonly officers?: readonly NamedOfficer[]
  readonly tip: Tip
}

type State = {
  readonly profile: AgencyProfile
  readonly isSuspended: boolean
  readonly keys: readonly HeldKey[]
  readonly officers?: readonly NamedOfficer[]
}

/**
 * What an agency is by its statements; undefined if there is none. The first statement that does not
 * count is a fault of the whole: what was true before it is not known to be true still. So is a chain
 * that does not reach `seen`, or what the registrars saw of it.
 *
 * INVARIANT (two give, one takes): no key, right or office comes into being but by two registrars, and no
 * officer but by two of the agency’s own keys, within its rights; what one signature does can be undone by
 * two, and leaves the agency with less.
 */
export function agencyOf(
  id: string,
  statements: readonly AgencyStatement[],
  registrars: Registrars,
  seen: Tip = emptyTip,
): Registered | StatementFault | undefined {
  const { tips, broken } = followChain(chainOf(id), statements)
  if (broken !== undefined) return { fault: broken.why, at: broken.at + 1 }
  if (!reachesSeen(registrars, id, tips) || !reaches(tips, seen))
    return { fault: 'shorter-than-seen', at: statements.length }
  let state: State | undefined
  for (const statement of statements) {
    const next = after(state, id, statement, registrars)
    if ('fault' in next) return { ...next, at: statement.number }
    state = next
  }
  if (state === undefined) return undefined
  const { profile: _, isSuspended: __, ...held } = state
  return { agency: agencyIn(state), ...held, tip: tips.at(-1) ?? emptyTip }
}

/** The same by rows as they were read, none of which is checked. */
export function agencyInRows(
  id: string,
  rows: readonly unknown[],
  registrars: Registrars,
  seen: Tip,
): Registered | StatementFault | undefined {
  const { statements, fault } = readAll(rows, agencyStatementSchema)
  return fault ?? agencyOf(id, statements, registrars, seen)
}

type Refused = Pick<StatementFault, 'fault'>

function after(
  state: State | undefined,
  id: string,
  statement: AgencyStatement,
  registrars: Registrars,
): State | Refused {
  const { body, number, signatures } = statement
  const set = setFor(registrars, id, number).registrars
  if (giving.has(body.act)) {
    const next = given(state, id, body)
    const fault = 'fault' in next ? undefined : faultOfSigners(statement, set)
    return fault === undefined ? next : { fault }
  }
  if (state === undefined) return { fault: 'not-joined' }
  const { unknown, ...by } = signersOf(statement, set, state.keys)
  if (unknown) return { fault: 'signature-wrong' }
  // What nobody has signed yet is judged as if a registrar had, so that its other faults are told first.
  const isUnsigned = signatures.length === 0
  const next = taking(state, statement, isUnsigned ? { registrar: true, keys: [] } : by)
  return isUnsigned && !('fault' in next) ? { fault: 'signatures-missing' } : next
}

function given(state: State | undefined, id: string, body: Body): State | Refused {
  if (body.act === 'join') {
    if (state !== undefined) return { fault: 'not-first' }
    if (body.agency.id !== id) return { fault: 'another-agency' }
    if (new Set(body.keys.map((each) => each.kid)).size < body.keys.length)
      return { fault: 'key-taken' }
    return { profile: body.agency, isSuspended: false, keys: body.keys.map(active) }
  }
  if (state === undefined) return { fault: 'not-joined' }
  switch (body.act) {
    case 'change':
      return body.agency.id === id
        ? { ...state, profile: body.agency }
        : { fault: 'another-agency' }
    case 'add-key':
      return withKey(state, body)
    case 'resume':
      return { ...state, isSuspended: false }
    default:
      return { fault: 'malformed' }
  }
}

const active = (key: Omit<AgencyKey, 'status' | 'compromisedSince'>): HeldKey => ({
  ...key,
  standing: 'active',
})

/** Who signed what takes away: a registrar, or keys of the agency. */
type Signers = {
  readonly registrar: boolean
  /** Whether two of them: they correct what one has said. */
  readonly registrars?: boolean
  readonly keys: readonly HeldKey[]
}

function signersOf(
  { signatures, ...link }: AgencyStatement,
  registrars: readonly PublicKey[],
  keys: readonly HeldKey[],
): Signers & { readonly unknown: boolean } {
  const text = textOfLink(link)
  const left = signatures.filter((jws) => signerOf(kind, text, jws, registrars) === undefined)
  const own = left.map((jws) => signerOf(kind, text, jws, keys)?.by)
  const given = signatures.map((jws) => signerOf(kind, text, jws, registrars)?.by.kid)
  return {
    registrar: left.length < signatures.length,
    registrars: new Set(given.filter((each) => each !== undefined)).size >= signersMin,
    keys: own.filter((each) => each !== undefined),
    unknown: own.includes(undefined),
  }
}

function taking(state: State, statement: AgencyStatement, by: Signers): State | Refused {
  const { body, statedAt, signatures } = statement
  const maySign = by.keys.every((key) => isSigning(key, statedAt))
  switch (body.act) {
    case 'answer':
      return by.registrar && by.keys.length === 0
        ? answered(state, body.stands)
        : { fault: 'signature-wrong' }
    case 'revoke-key':
      return revoked(state, statement, body, by)
    case 'name-officers': {
      // Its own keys alone: whom an agency entrusts with what it was given is no registrar’s to say.
      const isItsOwn = signatures.length === by.keys.length && maySign
      if (signatures.length > 0 && !isItsOwn) return { fault: 'signature-wrong' }
      return withOfficers(state, named(state.officers, body, state.profile, by.keys, statedAt))
    }
    case 'end-officers':
      return maySign
        ? withOfficers(state, withoutThem(state.officers, body))
        : { fault: 'signature-wrong' }
    case 'suspend':
      return maySign ? { ...state, isSuspended: true } : { fault: 'signature-wrong' }
    case 'end-right': {
      if (!maySign) return { fault: 'signature-wrong' }
      const profile = without(state.profile, body.right, body.of)
      return profile === undefined ? { fault: 'right-unknown' } : { ...state, profile }
    }
    default:
      return { fault: 'malformed' }
  }
}

const withOfficers = (state: State, officers: readonly NamedOfficer[] | StatementFault['fault']) =>
  typeof officers === 'string' ? { fault: officers } : { ...state, officers }

/** Whether a key signs at a moment. */
const isSigning = ({ standing, from, until }: HeldKey, at: string): boolean =>
  standing === 'active' &&
  Date.parse(from) <= Date.parse(at) &&
  (until === undefined || Date.parse(at) <= Date.parse(until))

function withKey(
  state: State,
  { key, replaces }: Extract<Body, { readonly act: 'add-key' }>,
): State | Refused {
  if (state.keys.some((each) => each.kid === key.kid)) return { fault: 'key-taken' }
  if (replaces === undefined) return { ...state, keys: [...state.keys, active(key)] }
  const old = state.keys.find((each) => each.kid === replaces.kid)
  if (old === undefined) return { fault: 'key-unknown' }
  const until = earlier(replaces.until, old.until)
  const keys = state.keys.map((each) => (each === old ? { ...old, until } : each))
  return { ...state, keys: [...keys, active(key)] }
}

const earlier = (a: string, b: string | undefined): string =>
  b === undefined || Date.parse(a) < Date.parse(b) ? a : b

/**
 * A key is revoked by a registrar or by itself. By another key of its agency, both stand still: a thief
 * who revokes the good key gains nothing, and neither does the owner lose a day by asking first.
 */
function revoked(
  state: State,
  { statedAt }: AgencyStatement,
  { kid, compromisedSince }: Extract<Body, { readonly act: 'revoke-key' }>,
  by: Signers,
): State | Refused {
  const key = state.keys.find((each) => each.kid === kid)
  if (key === undefined) return { fault: 'key-unknown' }
  const others = by.keys.filter((each) => each !== key)
  if (!others.every((each) => isSigning(each, statedAt))) return { fault: 'signature-wrong' }
  const since = by.registrars
    ? compromisedSince
    : compromisedSince && earlier(compromisedSince, key.compromisedSince)
  const isKnownLater = by.registrar && since !== key.compromisedSince && since !== undefined
  if (key.standing === 'revoked' && !isKnownLater) return { fault: 'key-ended' }
  const isFinal = by.registrar || others.length < by.keys.length
  const standing = isFinal ? 'revoked' : 'still'
  const ended = since === undefined ? {} : { compromisedSince: since }
  const keys = state.keys.map((each) => {
    if (each === key) return { ...key, ...ended, standing, since: key.since ?? statedAt } as const
    const isOther = !isFinal && others.includes(each)
    return isOther ? ({ ...each, standing: 'still', since: statedAt } as const) : each
  })
  return { ...state, keys }
}

function answered(state: State, stands: readonly string[]): State | Refused {
  const still = state.keys.filter(({ standing }) => standing === 'still')
  if (still.length === 0) return { fault: 'nothing-contested' }
  if (!stands.every((kid) => still.some((each) => each.kid === kid)))
    return { fault: 'key-unknown' }
  const keys = state.keys.map((each): HeldKey => {
    if (each.standing !== 'still') return each
    if (!stands.includes(each.kid)) return { ...each, standing: 'revoked' }
    const { since: _, compromisedSince: __, ...key } = each
    return active(key)
  })
  return { ...state, keys }
}

/** A profile without a right; undefined if it had none such. */
function without(
  profile: AgencyProfile,
  right: (typeof endable)[number],
  of: string | undefined,
): AgencyProfile | undefined {
  switch (right) {
    case 'role': {
      const { role, ...rest } = profile
      return role === undefined ? undefined : rest
    }
    case 'holdsRecords':
      return profile.holdsRecords ? { ...profile, holdsRecords: false } : undefined
    case 'attests': {
      const attests = profile.attests.filter(({ holder }) => holder !== of)
      return attests.length < profile.attests.length ? { ...profile, attests } : undefined
    }
    case 'channel': {
      const channels = profile.channels.filter((each) => each !== of)
      return channels.length < profile.channels.length ? { ...profile, channels } : undefined
    }
    default: {
      const before = profile[right] ?? []
      const left = before.filter((each) => each !== of)
      return left.length < before.length ? { ...profile, [right]: left } : undefined
    }
  }
}

/** The agency as the wings know it: to them, a key that stands still is a revoked one. */
function agencyIn({ profile, isSuspended, keys, officers }: State): Agency {
  return {
    ...profile,
    ...(officers === undefined ? {} : { officers: [...namedByItself(officers, keys)] }),
    status: isSuspended ? 'suspended' : 'active',
    keys: keys.map(({ standing, since, ...key }): AgencyKey => {
      if (standing === 'active') return { ...key, status: 'active' }
      return { ...key, status: 'revoked', until: earlier(since ?? key.from, key.until) }
    }),
  }
}
