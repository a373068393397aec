/**
 * A call that an officer signs with a passkey, in a browser, in the place of a key of the agency's machine: Web
 * Authentication (W3C, Level 2 and 3). The challenge is the SHA-256 of what a call's JWS signs, so the passkey signs
 * the same text; only the form of the signature differs.
 */

import { hash } from 'node:crypto'
import * as z from 'zod'
import { plainSignature } from './der.ts'
import { valueIn } from './json.ts'

/** The type of such a call: of its own (RFC 8725 §3.11), so that no signature of one form passes for the other. */
export const passkeyType = 'comity-request+passkey'

/** Canonical base64url of so many bytes (RFC 4648 §3.5). */
const base64url = (bytesMin: number, bytesMax: number) =>
  z
    .string()
    .max(Math.ceil((bytesMax * 4) / 3))
    .refine((text) => {
      const bytes = Buffer.from(text, 'base64url')
      return (
        bytes.toString('base64url') === text && bytes.length >= bytesMin && bytes.length <= bytesMax
      )
    }, `base64url of ${bytesMin} to ${bytesMax} bytes, without padding`)

/** Whose passkey a key is, and for which site it signs. */
export const passkeySchema = z.strictObject({
  officer: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  /** What its officer calls it, such as `Phone`: nobody tells two ids apart. */
  name: z
    .string()
    .regex(
      /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} .,'’()-]{0,38}[\p{L}\p{M}\p{N}.)])?$/u,
      '1 to 40 letters and digits',
    )
    .optional(),
  /** By which a browser finds it (credential id, at most 1023 bytes: Level 3 §5.8.3). */
  credential: base64url(16, 1023),
  /** The site on whose pages it signs. Its host is the RP ID, and no wider domain is. */
  origin: z
    .url()
    .max(255)
    .regex(
      /^(https:\/\/[^/?#@]+|http:\/\/localhost(:\d+)?)$/,
      'the origin of a console, such as https://console.police.example',
    ),
})
export type Passkey = z.infer<typeof passkeySchema>

/** What a browser gives back, as the third part of the call: base64url of this as JSON. */
const assertionSchema = z.strictObject({
  authenticatorData: base64url(37, 37),
  clientDataJSON: base64url(1, 600),
  /** At most 72 bytes are good; a few more are read, to be refused as a signature. */
  signature: base64url(8, 80),
})
/** What the passkey signed for (Level 3 §5.8.1). Browsers may add members; what they do not know is not read. */
const clientSchema = z.looseObject({
  type: z.literal('webauthn.get'),
  challenge: z.string(),
  origin: z.string(),
  /** Whether the page stood within one of another site. */
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.undefined().optional(),
})

/** Why an assertion is not of this call. */
export type AssertionFault =
  | 'assertion-malformed'
  | 'assertion-of-another-text'
  | 'assertion-of-another-site'
  | 'officer-not-verified'
  | 'signature-wrong'

/** A public key that a passkey has. */
export type PasskeyKey = {
  readonly alg: 'ES256' | 'EdDSA'
  readonly jwk: Readonly<{ kty: string; crv: string; x: string; y?: string }>
  readonly passkey: Pick<Passkey, 'origin'>
}

/** Flags of the authenticator (Level 3 §6.1). */
const [present, verified, mayBackUp, backedUp, hasMore] = [0x01, 0x04, 0x08, 0x10, 0xe2]

/**
 * Why `part` is not the assertion of this key over `signed`; undefined if it is. `signed` is `header.payload`. The
 * steps are those of Level 3 §7.2 that do not rest on what a server remembers: type, challenge, origin, RP ID, that the
 * person was there and proved who they are to the authenticator, and the signature. No extension is asked for, so none
 * is taken. The counter is not read: a passkey that is synchronised has none, and a call counts once by its `jti`.
 */
export async function faultOfAssertion(
  signed: string,
  part: string,
  { alg, jwk, passkey }: PasskeyKey,
): Promise<AssertionFault | undefined> {
  const read = assertionSchema.safeParse(jsonIn(part)).data
  const client = read && clientSchema.safeParse(jsonIn(read.clientDataJSON)).data
  if (read === undefined || client === undefined) return 'assertion-malformed'
  const data = Buffer.from(read.authenticatorData, 'base64url')
  const clientHash = hash('sha256', Buffer.from(read.clientDataJSON, 'base64url'), 'base64url')
  const message = Buffer.concat([data, Buffer.from(clientHash, 'base64url')])
  // Always verified, so that the time taken says nothing of the key.
  const isGood = await isSigned(message, Buffer.from(read.signature, 'base64url'), alg, jwk)
  if (client.challenge !== challengeOf(signed)) return 'assertion-of-another-text'
  if (client.origin !== passkey.origin) return 'assertion-of-another-site'
  const rpIdHash = hash('sha256', rpIdOf(passkey), 'base64url')
  if (data.subarray(0, 32).toString('base64url') !== rpIdHash) return 'assertion-of-another-site'
  const flags = data.readUInt8(32)
  if ((flags & hasMore) !== 0 || (flags & backedUp && !(flags & mayBackUp)))
    return 'assertion-malformed'
  if (!(flags & present) || !(flags & verified)) return 'officer-not-verified'
  return isGood ? undefined : 'signature-wrong'
}

/** The challenge under which a call is signed. */
export const challengeOf = (signed: string): string => hash('sha256', signed, 'base64url')

/** The RP ID of a passkey (Level 3 §5.1.3). */
export const rpIdOf = ({ origin }: Pick<Passkey, 'origin'>): string => new URL(origin).hostname

/** The id in the register of a passkey: it says which, and fits where ids of keys stand. */
export const kidOfCredential = (credential: string): string =>
  `pk.${hash('sha256', Buffer.from(credential, 'base64url'), 'hex').slice(0, 24)}`

/** The third part of a call, from what a browser gave. */
export const assertionPart = (assertion: z.infer<typeof assertionSchema>): string =>
  Buffer.from(JSON.stringify(assertion)).toString('base64url')

const jsonIn = (part: string): unknown => {
  try {
    const bytes = Buffer.from(part, 'base64url')
    if (bytes.toString('base64url') !== part) return undefined
    return valueIn(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined // not UTF-8
  }
}

/** By Web Cryptography, which Node has as browsers do: the page that checks evidence runs this, too. */
async function isSigned(
  message: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  alg: PasskeyKey['alg'],
  jwk: PasskeyKey['jwk'],
): Promise<boolean> {
  const isEc = alg === 'ES256'
  const scheme = isEc
    ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    : { name: 'Ed25519' }
  const bytes = isEc ? plainSignature(signature) : signature
  if (bytes === undefined) return false
  try {
    const { kty, crv, x, y } = jwk
    const key = await crypto.subtle.importKey(
      'jwk',
      { kty, crv, x, ...(y && { y }) },
      scheme,
      false,
      ['verify'],
    )
    return await crypto.subtle.verify(scheme, key, bytes, message)
  } catch {
    return false // no key of this kind
  }
}
