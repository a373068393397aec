/**
 * What the register says of one agency: a chain of signed statements of its own, so that a bad one affects
 * that agency alone. A statement that gives something needs two registrars; one that takes something away
 * counts at once with one signature. Within its rights, an agency names its officers with two of its own
 * keys.
 */

import * as z from 'zod'
import { agencyId } from '../decision/request.ts'
import { emptyTip, followChain, reaches, type Tip, textOfLink } from '../policy/chain.ts'
import { type PublicKey, signerOf } from '../policy/signed.ts'
import { active, earlier, type HeldKey, isSigning, keysIn, withPasskey } from './held-keys.ts'
import {
  endingSchema,
  type NamedOfficer,
  named,
  namedByItself,
  namingSchema,
  withoutThem,
} from './officers.ts'
import { type Agency, agencySchema, newKeySchema, newPasskeySchema } from './register.ts'
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

/** An agency without its keys, its officers and its suspension, which have statements of their own. */
export const profileSchema = agencySchema.omit({
  keys: true,
  passkeys: true,
  status: true,
  officers: true,
})
export type AgencyProfile = z.infer<typeof profileSchema>

const kid = newKeySchema.shape.kid
const instant = z.iso.datetime()
const why = whySchema

/** Rights that can be ended, one by one; `of` names which one, if there are several. */
const endable = ['attests', 'entersFor', 'succeeds', 'channel', 'role', 'holdsRecords'] as const

/** The body of a statement. */
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
    /** The key that it replaces, and until when that one still signs. */
    replaces: z.strictObject({ kid, until: instant }).optional(),
    why,
  }),
  /** A passkey of an officer, for whom the agency answers as it does for its officers: two of its own keys sign. */
  z.strictObject({ act: z.literal('add-passkey'), key: newPasskeySchema, why }),
  z.strictObject({ act: z.literal('resume'), why }),
  z.strictObject({
    act: z.literal('revoke-key'),
    kid,
    /**
     * Since when others may have had it. Nothing leaves because of what it vouched for from then on.
     * Registrars may state it later for a revoked key, or change it to an earlier time.
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
  /** A registrar says which of the contested keys continue; the others are revoked. */
  z.strictObject({ act: z.literal('answer'), stands: z.array(kid).max(10), why }),
  namingSchema,
  endingSchema,
])
export type Body = z.infer<typeof bodySchema>
/** The act of a statement. */
type Act = Body['act']

/** The acts that give something, which need two registrars. */
export const giving: ReadonlySet<Act> = new Set(['join', 'change', 'add-key', 'resume'])

/** A statement about an agency. */
export const agencyStatementSchema = statementSchema(bodySchema)
export type AgencyStatement = z.infer<typeof agencyStatementSchema>

/** An agency according to its statements. */
export type Registered = {
  readonly agency: Agency
  readonly keys: readonly HeldKey[]
  /** Undefined if it has never named any. */
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
 * An agency according to its statements; undefined if there are none. One statement that does not count makes
 * the whole chain a fault: what was true before may not be true any more. So does a chain that does not
 * contain `seen`, or a tip that the registrars saw.
 *
 * INVARIANT (two give, one takes): only two registrars can create a key, right or office, and only two of the
 * agency’s own keys an officer or their passkey, within its rights. Two can undo whatever one signature does, and it leaves
 * the agency with less.
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

/** An agency from unchecked rows. */
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
  const own = state.keys.filter(({ passkey }) => passkey === undefined)
  const { unknown, ...by } = signersOf(statement, set, own)
  if (unknown) return { fault: 'signature-wrong' }
  // An unsigned statement is judged as if a registrar had signed, so that its other faults are reported
  // first.
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

/** Who signed a statement that takes something away: a registrar, or keys of the agency. */
type Signers = {
  readonly registrar: boolean
  /** Whether two registrars signed: they may correct what one has said. */
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
    case 'name-officers':
    case 'add-passkey': {
      // Only its own keys: no registrar decides whom an agency entrusts with its rights.
      const isItsOwn = signatures.length === by.keys.length && maySign
      if (signatures.length > 0 && !isItsOwn) return { fault: 'signature-wrong' }
      return body.act === 'add-passkey'
        ? withKeys(state, withPasskey(state, body.key, by.keys))
        : withOfficers(state, named(state.officers, body, state.profile, by.keys, statedAt))
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

const withKeys = (state: State, keys: readonly HeldKey[] | StatementFault['fault']) =>
  typeof keys === 'string' ? { fault: keys } : { ...state, keys }

const withOfficers = (state: State, officers: readonly NamedOfficer[] | StatementFault['fault']) =>
  typeof officers === 'string' ? { fault: officers } : { ...state, officers }

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

/**
 * A registrar or the key itself revokes a key for good. If another key of its agency revokes it, both become
 * `still`: a thief who revokes the good key gains nothing, and the owner loses no day by asking a registrar
 * first.
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
  // The agency entered a passkey by itself, so its word ends it, too, and no other key is in doubt.
  const isFinal = by.registrar || others.length < by.keys.length || key.passkey !== undefined
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

/** A profile without a right; undefined if it does not have that right. */
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

/** The agency as the wings see it: to them, a contested (`still`) key is revoked. */
function agencyIn({ profile, isSuspended, keys: held, officers }: State): Agency {
  const { keys, passkeys } = keysIn(held)
  return {
    ...profile,
    ...(officers === undefined ? {} : { officers: [...namedByItself(officers, held)] }),
    status: isSuspended ? 'suspended' : 'active',
    keys: [...keys],
    ...(passkeys.length === 0 ? {} : { passkeys: [...passkeys] }),
  }
}
