/** The keys of an agency as its statements hold them: its own, which sign for it, and its officers' passkeys. */

import { kidOfCredential } from '../policy/passkey.ts'
import { thumbprintOf } from '../policy/signed.ts'
import type { Officer } from './officers.ts'
import type { AgencyKey, NewPasskey, OfficerPasskey } from './register.ts'
import { signersMin } from './registrars.ts'

/**
 * A key and its standing. A key is `still` if another key of its agency revoked it, or if it revoked another:
 * nobody knows yet which of the two was stolen, so neither signs until a registrar answers.
 */
export type HeldKey = Omit<AgencyKey, 'status' | 'compromisedSince'> & {
  /** Of a passkey: whose it is. It signs calls in a browser, and no statement. */
  readonly passkey?: OfficerPasskey['passkey']
  /** Of a passkey: the keys that entered it. */
  readonly by?: readonly string[]
  readonly standing: 'active' | 'still' | 'revoked'
  /** Since when it no longer signs. */
  readonly since?: string
  readonly compromisedSince?: string
}

/** A key that is entered. */
export const active = (key: Omit<AgencyKey, 'status' | 'compromisedSince'>): HeldKey => ({
  ...key,
  standing: 'active',
})

/** Whether a key signs at a moment. */
export const isSigning = ({ standing, from, until }: HeldKey, at: string): boolean =>
  standing === 'active' &&
  Date.parse(from) <= Date.parse(at) &&
  (until === undefined || Date.parse(at) <= Date.parse(until))

/** The earlier of a moment and another, if there is one. */
export const earlier = (a: string, b: string | undefined): string =>
  b === undefined || Date.parse(a) < Date.parse(b) ? a : b

/** With a passkey of an officer whom the agency names, entered by two of its keys; those are kept, as with officers. */
export function withPasskey(
  {
    officers = [],
    keys,
  }: { readonly officers?: readonly Pick<Officer, 'id'>[]; readonly keys: readonly HeldKey[] },
  key: NewPasskey,
  by: readonly HeldKey[],
): readonly HeldKey[] | 'officer-unknown' | 'key-taken' | 'signatures-missing' {
  if (!officers.some(({ id }) => id === key.passkey.officer)) return 'officer-unknown'
  const isTaken = ({ kid, jwk, passkey }: HeldKey) =>
    kid === key.kid || jwk.x === key.jwk.x || passkey?.credential === key.passkey.credential
  if (key.kid !== kidOfCredential(key.passkey.credential) || keys.some(isTaken)) return 'key-taken'
  if (new Set(by.map(({ jwk }) => jwk.x)).size < signersMin) return 'signatures-missing'
  return [...keys, { ...active(key), by: by.map(({ kid }) => kid) }]
}

/** The thumbprint of a key (RFC 7638), its first 128 bits in groups that two people can read to each other. */
export const fingerprintWords = (jwk: AgencyKey['jwk']): string =>
  (thumbprintOf(jwk, 'hex').slice(0, 32).match(/.{4}/g) ?? []).join(' ')

/** The keys as the wings see them, which read a contested (`still`) key as revoked; and the passkeys, apart. */
export function keysIn(held: readonly HeldKey[]): {
  readonly keys: readonly AgencyKey[]
  readonly passkeys: readonly OfficerPasskey[]
} {
  const own = held.filter(({ passkey }) => passkey === undefined)
  return { keys: own.map(asKey), passkeys: held.flatMap((key) => passkeyIn(key, own)) }
}

function asKey({ standing, since, passkey: _, by: __, ...key }: HeldKey): AgencyKey {
  if (standing === 'active') return { ...key, status: 'active' }
  return { ...key, status: 'revoked', until: earlier(since ?? key.from, key.until) }
}

/**
 * A passkey as the wings see it. One that a compromised key entered is of whoever had that key: it is as compromised,
 * from its beginning.
 */
function passkeyIn(held: HeldKey, keys: readonly HeldKey[]): readonly OfficerPasskey[] {
  const { passkey, by = [] } = held
  if (passkey === undefined) return []
  const isOfThief = keys.some(
    ({ kid, compromisedSince }) => compromisedSince !== undefined && by.includes(kid),
  )
  const key = { ...asKey(held), passkey }
  return [isOfThief ? { ...key, status: 'revoked', compromisedSince: key.from } : key]
}
