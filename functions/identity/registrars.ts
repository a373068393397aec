/**
 * The registrars, who admit agencies to the register. Each set of registrars is signed by two of the set
 * before.
 */

import * as z from 'zod'
import { agencyId } from '../decision/request.ts'
import {
  type Break,
  emptyTip,
  followChain,
  type Link,
  linkSchema,
  reaches,
  type Tip,
  textOfLink,
  tipSchema,
} from '../policy/chain.ts'
import { readOnce } from '../policy/json.ts'
import { type StatementKey, signerOf, signStatement } from '../policy/signed.ts'

/** A statement with its signatures. */
export type Statement<Body> = Link<Body> & { readonly signatures: readonly string[] }

/** The schema of a signed statement with this body. */
export const statementSchema = <Body extends z.ZodType>(body: Body) =>
  linkSchema(body).extend({ signatures: z.array(z.string().max(4000)).min(1).max(10) })

/** The type of JWS that signs statements of the register. */
export const kind = 'comity-register+jws'

/** The reason for a statement: a sentence that its signers have read. */
export const whySchema = z.string().min(10).max(500)

const registrar = z.strictObject({
  kid: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  name: z.string().min(1).max(120),
  jwk: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
})
/** A person who signs statements of the register. */
export type Registrar = z.infer<typeof registrar>

/** How many must sign what gives something; and the fewest registrars. */
export const signersMin = 2
const registrarsMin = 3
/** More would not fit into a function's environment variables, which Lambda limits to 4 KB. */
const registrarsMax = 7

const isDistinct = (all: readonly Registrar[]) =>
  new Set(all.map(({ kid }) => kid)).size === all.length &&
  new Set(all.map(({ jwk }) => jwk.x)).size === all.length

/** A set of registrars: at least three, with three different keys. */
export const registrarsSchema = z
  .array(registrar)
  .min(registrarsMin, 'there are at least three registrars')
  .max(registrarsMax, 'there are at most seven registrars')
  .refine(isDistinct, 'each registrar has a key of their own, and a name for it')

/** The chain of registrars. The first set is not in it: the deployment pins that. */
export const registrarsChain = 'register'

/** A set that takes over, and the tip of each agency's chain until which the set before signs. */
export const successionSchema = statementSchema(
  z.strictObject({
    act: z.literal('registrars'),
    registrars: registrarsSchema,
    tips: z.record(agencyId, tipSchema),
    why: whySchema,
  }),
)
export type Succession = z.infer<typeof successionSchema>

/** The example's registrars. Everybody can read their private halves in `policies/demonstration-keys`. */
export const demonstrationRegistrars: readonly Registrar[] = [
  {
    kid: 'demonstration-registrar-1-2026',
    name: 'Demonstration key of registrar 1',
    jwk: { kty: 'OKP', crv: 'Ed25519', x: 'w4vowgAhlcPZgLIj8crxZ1QnVVsM90evKKwyr0iOqvQ' },
  },
  {
    kid: 'demonstration-registrar-2-2026',
    name: 'Demonstration key of registrar 2',
    jwk: { kty: 'OKP', crv: 'Ed25519', x: 'N3xtF5cJC4FDJV7cyh14-Em9eOK8385WT9H9byGkDKk' },
  },
  {
    kid: 'demonstration-registrar-3-2026',
    name: 'Demonstration key of registrar 3',
    jwk: { kty: 'OKP', crv: 'Ed25519', x: 'UZ_0k0aNES1fFuqa_X4ti002UI60kx9MSCk3wi3ekV0' },
  },
]

/** Whether any of them is a demonstration key: compares the key itself, not its name. */
export const hasDemonstration = (registrars: readonly Registrar[]): boolean =>
  registrars.some((each) => demonstrationRegistrars.some(({ jwk }) => jwk.x === each.jwk.x))

/** Every set of registrars, the first one first, and the tip of their chain. */
export type Registrars = {
  readonly sets: readonly [RegistrarSet, ...RegistrarSet[]]
  readonly tip: Tip
}
/** A set, and the tips of agencies' chains after which it signs. */
type RegistrarSet = {
  readonly registrars: readonly Registrar[]
  readonly tips: Readonly<Record<string, Tip>>
}

/** Why a statement of the register does not count, with its number. */
export type StatementFault = { readonly fault: FaultCode; readonly at: number }
type FaultCode =
  | Break
  | 'malformed'
  | 'another-agency'
  | 'signature-wrong'
  | 'signatures-missing'
  | 'not-first'
  | 'not-joined'
  | 'key-taken'
  | 'key-unknown'
  | 'key-ended'
  | 'nothing-contested'
  | 'right-unknown'
  | 'officer-unknown'
  | 'demonstration'
  | 'tips-behind'
  | 'shorter-than-seen'

/** Each fault in words. */
export const faultWords = {
  'another-chain': 'it belongs to another chain',
  gap: 'its number is not the next one',
  'another-predecessor': 'it does not follow the statement before it',
  earlier: 'it was made before the statement that it follows',
  malformed: 'it is not a statement of this form',
  'another-agency': 'it names another agency than its chain',
  'signature-wrong': 'a signature is of nobody who may sign it',
  'signatures-missing': 'it takes two who may sign it, with two different keys',
  'not-first': 'the agency has joined already',
  'not-joined': 'the agency has not joined',
  'key-taken': 'the agency has, or had, a key of this id',
  'key-unknown': 'the agency has no such key',
  'key-ended': 'the key was revoked already',
  'nothing-contested': 'none of these keys waits for an answer',
  'right-unknown': 'the agency has no such right',
  'officer-unknown': 'the agency has named no such officer',
  demonstration: 'everybody has the private half of a key in it',
  'tips-behind': 'it names fewer statements of an agency than the set before it',
  'shorter-than-seen': 'it is not the chain that was seen before, or a shorter one',
} as const satisfies Record<FaultCode, string>

/**
 * Follows the registrars from the set that the deployment pins. Each later set is signed by two of the set
 * before, and names the tip of every agency's chain at that time. A statement that a former registrar signs
 * later counts nowhere, whatever date it bears.
 */
export function followRegistrars(
  pinned: readonly Registrar[],
  successions: readonly Succession[],
): Registrars | StatementFault {
  const { tips, broken } = followChain(registrarsChain, successions)
  if (broken !== undefined) return { fault: broken.why, at: broken.at + 1 }
  let before: RegistrarSet = { registrars: pinned, tips: {} }
  const sets: [RegistrarSet, ...RegistrarSet[]] = [before]
  for (const succession of successions) {
    const fault = faultOfSuccession(succession, before, hasDemonstration(pinned))
    if (fault !== undefined) return { fault, at: succession.number }
    before = succession.body
    sets.push(before)
  }
  return { sets, tip: tips.at(-1) ?? emptyTip }
}

/** The registrars from unchecked rows. Refuses a chain that does not contain `seen`, the tip seen before. */
export function registrarsIn(
  rows: readonly unknown[],
  pinned: readonly Registrar[],
  seen: Tip,
): Registrars | StatementFault {
  const { statements, fault } = readAll(rows, successionSchema)
  if (fault !== undefined) return fault
  const registrars = followRegistrars(pinned, statements)
  if ('fault' in registrars) return registrars
  const { tips } = followChain(registrarsChain, statements)
  return reaches(tips, seen) ? registrars : { fault: 'shorter-than-seen', at: rows.length }
}

/** The statements up to the first malformed one, which is a fault. */
export function readAll<T>(
  rows: readonly unknown[],
  schema: z.ZodType<T>,
): { readonly statements: readonly T[]; readonly fault?: StatementFault } {
  const statements: T[] = []
  for (const [i, row] of rows.entries()) {
    const { success, data } = schema.safeParse(row, readOnce)
    if (!success) return { statements, fault: { fault: 'malformed', at: i + 1 } }
    statements.push(data)
  }
  return { statements }
}

function faultOfSuccession(
  succession: Succession,
  before: RegistrarSet,
  isDemonstration: boolean,
): FaultCode | undefined {
  const { registrars, tips } = succession.body
  if (!isDemonstration && hasDemonstration(registrars)) return 'demonstration'
  const isBehind = Object.entries(before.tips).some(([id, tip]) => {
    const named = tips[id] ?? emptyTip
    return named.number < tip.number || (named.number === tip.number && named.digest !== tip.digest)
  })
  return isBehind ? 'tips-behind' : faultOfSigners(succession, before.registrars)
}

/** Why a statement is not signed by two of these registrars, and by nobody else; undefined if it is. */
export function faultOfSigners(
  { signatures, ...link }: Statement<unknown>,
  registrars: readonly Registrar[],
): 'signature-wrong' | 'signatures-missing' | undefined {
  const by = signatures.map((jws) => signerOf(kind, textOfLink(link), jws, registrars)?.by.jwk.x)
  if (by.includes(undefined)) return 'signature-wrong'
  return new Set(by).size < signersMin ? 'signatures-missing' : undefined
}

/** The set that signs this number of an agency's chain: the last one that took over before it. */
export const setFor = ({ sets }: Registrars, agency: string, number: number): RegistrarSet =>
  sets.findLast(({ tips }) => (tips[agency]?.number ?? 0) < number) ?? sets[0]

/** Whether an agency's chain contains every tip that the sets of registrars name. */
export const reachesSeen = ({ sets }: Registrars, agency: string, tips: readonly Tip[]): boolean =>
  sets.every((set) => reaches(tips, set.tips[agency] ?? emptyTip))

/** A statement with the signatures of these keys. */
export const signed = <Body>(
  link: Link<Body>,
  keys: readonly StatementKey[],
  signedAt?: string,
): Link<Body> & { signatures: string[] } => ({
  ...link,
  signatures: keys.map((key) => signStatement(kind, textOfLink(link), key, signedAt)),
})
