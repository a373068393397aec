/** Registrars and keys of the tests of the register, made on the spot; and statements that they sign. */

import { generateKeyPairSync } from 'node:crypto'
import {
  type Registrar,
  registrarsChain,
  type StatementFault,
  type Succession,
  signed,
} from '../../functions/identity/registrars.ts'
import {
  type AgencyProfile,
  type AgencyStatement,
  type Body,
  chainOf,
} from '../../functions/identity/statements.ts'
import { emptyTip, followChain, nextLink, type Tip } from '../../functions/policy/chain.ts'
import type { PublicKey, StatementKey } from '../../functions/policy/signed.ts'

/** A key pair of somebody. */
export type Pair = { readonly secret: StatementKey; readonly open: PublicKey }

/** An Ed25519 pair, or with `P-256` one of those that most agencies have. */
export function pairOf(kid: string, curve: 'Ed25519' | 'P-256' = 'Ed25519'): Pair {
  const { privateKey } =
    curve === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = privateKey.export({ format: 'jwk' })
  const { d: _, ...open } = jwk
  return { secret: { kid, jwk }, open: { kid, jwk: open } as PublicKey }
}

/** Registrars by these pairs. */
export const registrarsOf = (...pairs: readonly Pair[]): readonly Registrar[] =>
  pairs.map(({ open: { kid, jwk } }) => ({
    kid,
    name: `The registrar ${kid}`,
    jwk: { kty: 'OKP', crv: 'Ed25519', x: jwk.x },
  }))

/** A key as it is entered. */
export const keyOf = ({ open: { kid, jwk } }: Pair) => ({
  kid,
  alg: jwk.kty === 'EC' ? ('ES256' as const) : ('EdDSA' as const),
  from: '2026-01-01T00:00:00Z',
  jwk,
})

/** A ministry that holds every right that can be ended. */
export const profile: AgencyProfile = {
  id: 'SE-POL',
  name: 'Invented Police of Sweden',
  jurisdiction: 'SE',
  authorityType: 'police',
  timeZone: 'Europe/Stockholm',
  channels: ['bilateral', 'siena'],
  cannotHonour: [],
  attests: [{ holder: 'DE-POL', facts: ['item.originConsent'] }],
  holdsRecords: true,
  entersFor: ['SE-MIN'],
  succeeds: ['SE-OLD'],
  requestsPerMinute: 60,
  role: 'auditor',
}

export const why = 'It is stated for a test.'

/** Moments, a minute apart. */
export const minute = (of: number) => new Date(Date.UTC(2026, 10, 27, 12, of)).toISOString()

/** How far a chain goes. */
export const tipOf = (
  chain: string,
  all: readonly Succession[] | readonly AgencyStatement[],
): Tip => followChain(chain, all).tips.at(-1) ?? emptyTip

type WithoutWhy<T> = T extends unknown ? Omit<T, 'why'> : never

/** The next statement of an agency's chain, by whoever signs. */
export const stated = (
  before: readonly AgencyStatement[],
  body: WithoutWhy<Body>,
  by: readonly Pair[],
  id = profile.id,
): AgencyStatement =>
  signed(
    nextLink(chainOf(id), tipOf(chainOf(id), before), minute(before.length), {
      ...body,
      why,
    } as Body),
    by.map(({ secret }) => secret),
  )

/** The next set of registrars, by whoever signs. */
export const succeeded = (
  before: readonly Succession[],
  next: readonly Pair[],
  tips: Readonly<Record<string, Tip>>,
  by: readonly Pair[],
): Succession =>
  signed(
    nextLink(registrarsChain, tipOf(registrarsChain, before), minute(before.length), {
      act: 'registrars' as const,
      registrars: [...registrarsOf(...next)],
      tips: { ...tips },
      why,
    }),
    by.map(({ secret }) => secret),
  )

/** Throws unless it holds. */
export function holding<T extends object>(judged: T | undefined): Exclude<T, StatementFault> {
  if (judged === undefined || 'fault' in judged) throw new Error(JSON.stringify(judged))
  return judged as Exclude<T, StatementFault>
}
