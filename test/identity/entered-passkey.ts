/**
 * Enters a passkey of an invented officer as agencies do, and makes calls by it.
 *
 *     const call = await enteredPasskey(gateway, 'DE-POL', 'officer-1', folder)
 *     await gateway.app.request(...call('POST', '/v1/access-requests/…/responses', { what: 'refuse', … }))
 */

import { join } from 'node:path'
import { dynamodbStatements } from '../../functions/adapters/register-statements.ts'
import { agencyKey } from '../../functions/demo/keys.ts'
import { namePeople } from '../../functions/demo/people.ts'
import type { Keys } from '../../functions/demo/seed.ts'
import { digestOf } from '../../functions/identity/claims.ts'
import { demonstrationRegistrars, signed } from '../../functions/identity/registrars.ts'
import { type Body, chainOf } from '../../functions/identity/statements.ts'
import { nextLink } from '../../functions/policy/chain.ts'
import { freshJti, type Gateway, origin } from '../world.ts'
import { callByPasskey, type Doing, passkeyOf } from './authenticator.ts'
import { holding } from './registering.ts'

type Registering = Pick<Gateway, 'store' | 'clock'> & { readonly keys: Keys }

/** States something of an agency that has named its people, by its two own keys. */
export async function stateByItself(
  { store: { client, tables }, keys, clock }: Registering,
  agency: string,
  body: Body,
  folder: string,
): Promise<void> {
  const register = dynamodbStatements(client, tables.register, demonstrationRegistrars)
  const { verdict: registrars } = await register.registrars()
  const { verdict } = await register.chain(agency, holding(registrars))
  const second = await agencyKey(join(folder, 'second-keys'), agency)
  const both = [keys.get(agency), second].flatMap((key) => key ?? [])
  const link = nextLink(chainOf(agency), holding(verdict).tip, clock.now.toISOString(), body)
  const signing = both.map(({ kid, privateJwk: jwk }) => ({ kid, jwk }))
  if (!(await register.enter(signed(link, signing)))) throw new Error('it was not entered')
}

/** Names the invented people, enters a passkey of one of them, and lets the register be read anew. */
export async function enteredPasskey(
  gateway: Registering,
  agency: string,
  officer: string,
  folder: string,
  passkey = passkeyOf(officer, 'ES256', origin),
) {
  const { store, keys, clock } = gateway
  const named = 'http://localhost:1'
  await namePeople(store.client, store.tables.register, keys, named, folder, clock.now)
  const why = 'She acts in a browser.'
  await stateByItself(gateway, agency, { act: 'add-passkey', key: passkey.entered, why }, folder)
  clock.pass(61_000)
  return (method: string, path: string, body?: object, doing: Doing & { sub?: string } = {}) => {
    const text = body && JSON.stringify(body)
    const digest = digestOf(text === undefined ? undefined : Buffer.from(text))
    const iat = Math.floor(clock.now.getTime() / 1000)
    const { sub = officer, ...rest } = doing
    const claims = {
      ...{ iss: agency, sub, aud: origin, iat, exp: iat + 240, jti: freshJti(), htm: method },
      htu: `${origin}${path}`,
      ...(digest && { request_body_sha256: digest }),
    }
    const authorization = `Bearer ${callByPasskey(passkey, claims, { origin, ...rest })}`
    const headers = { authorization, ...(text && { 'content-type': 'application/json' }) }
    return [`${origin}${path}`, { method, headers, ...(text && { body: text }) }] as const
  }
}
