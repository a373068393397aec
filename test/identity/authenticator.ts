/** An authenticator in software, which may do wrong on purpose: what a browser would give back for a challenge. */

import { createHash, sign } from 'node:crypto'
import type { OfficerPasskey } from '../../functions/identity/register.ts'
import {
  assertionPart,
  challengeOf,
  kidOfCredential,
  passkeyType,
} from '../../functions/policy/passkey.ts'
import { type Pair, pairFrom } from './cast.ts'

export const consoleOrigin = 'https://gateway.comity.example'

/** A passkey of an officer, and its private half: the same on every run. */
export function passkeyOf(officer: string, alg: Pair['alg'] = 'ES256', origin = consoleOrigin) {
  const pair = pairFrom(alg, `passkey of ${officer}`)
  const whose = alg === 'ES256' ? officer : `${officer}, ${alg}`
  const credential = createHash('sha256').update(`credential of ${whose}`).digest('base64url')
  const entered = {
    kid: kidOfCredential(credential),
    alg,
    from: '2026-01-01T00:00:00Z',
    jwk: pair.jwk as OfficerPasskey['jwk'],
    passkey: { officer, credential, origin },
  }
  return { pair, entered, key: { ...entered, status: 'active' } as OfficerPasskey }
}

/** What an authenticator does, or does otherwise than it should. */
export type Doing = {
  readonly origin?: string
  readonly rpId?: string
  /** UP and UV: 0x05. */
  readonly flags?: number
  readonly type?: string
  readonly challenge?: string
  readonly client?: object
  readonly more?: Uint8Array
}

/** The third part of a call. */
export function assertionOver(signed: string, { alg, privateKey }: Pair, doing: Doing = {}) {
  const { origin = consoleOrigin, rpId = new URL(consoleOrigin).hostname, flags = 0x05 } = doing
  const data = Buffer.concat([
    createHash('sha256').update(rpId).digest(),
    Buffer.from([flags, 0, 0, 0, 7]),
    doing.more ?? Buffer.alloc(0),
  ])
  const client = Buffer.from(
    JSON.stringify({
      type: doing.type ?? 'webauthn.get',
      challenge: doing.challenge ?? challengeOf(signed),
      origin,
      crossOrigin: false,
      ...doing.client,
    }),
  )
  const message = Buffer.concat([data, createHash('sha256').update(client).digest()])
  const signature = sign(alg === 'ES256' ? 'sha256' : null, message, privateKey)
  return assertionPart({
    authenticatorData: data.toString('base64url'),
    clientDataJSON: client.toString('base64url'),
    signature: signature.toString('base64url'),
  })
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A whole call by a passkey. */
export function callByPasskey(
  { pair, entered }: ReturnType<typeof passkeyOf>,
  claims: object,
  doing: Doing & { readonly head?: object } = {},
): string {
  const head = { alg: entered.alg, typ: passkeyType, kid: entered.kid, ...doing.head }
  const signed = `${encode(head)}.${encode(claims)}`
  return `${signed}.${assertionOver(signed, pair, doing)}`
}
