/** Invented people who look by a browser, and their agencies' word that they may. */

import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodbStatements } from '../adapters/register-statements.ts'
import { ComityError } from '../failure.ts'
import type { Officer } from '../identity/officers.ts'
import { demonstrationRegistrars, signed } from '../identity/registrars.ts'
import { type Body, chainOf } from '../identity/statements.ts'
import { nextLink } from '../policy/chain.ts'
import { enrol } from './enrol.ts'
import { agencyKey, registered } from './keys.ts'
import type { Keys } from './seed.ts'

/** Somebody whom the login provider of this machine knows. */
export type Person = {
  /** What the provider calls them, `sub`. */
  readonly sub: string
  readonly name: string
  readonly agency: string
  readonly officer: Omit<Officer, 'login'>
}

const holder = ['release', 'attest', 'act-on-subjects'] as const
const person = (
  sub: string,
  name: string,
  agency: string,
  id: string,
  may: Officer['may'],
): Person => ({ sub, name, agency, officer: { id, may: [...may] } })

/** Everybody, by the officer that the examples use. */
export const people: readonly Person[] = [
  person('p-1001', 'Paula Prüfer', 'DE-DPA', 'auditor-1', ['audit']),
  person('p-1002', 'Olive Auditor', 'GB-DPA', 'auditor-1', ['audit']),
  person('p-1003', 'Frieda Beispiel', 'DE-POL', 'officer-1', [...holder]),
  person('p-1004', 'Peter Sample', 'GB-POL', 'officer-1', [...holder]),
  person('p-1005', 'Fleur Exemple', 'FR-SPOC', 'officer-7', ['ask', 'desk']),
  person('p-1006', 'Sam Placeholder', 'US-POL', 'agent-12', ['ask']),
  // The next shift of two offices: who goes on with what the first left open.
  person('p-1007', 'Colette Suivante', 'FR-SPOC', 'officer-8', ['ask', 'desk']),
  person('p-1008', 'Nora Nextshift', 'GB-POL', 'officer-2', [...holder]),
]

/** Lets the agencies name their people for a login provider, with two keys each, unless they have. */
export async function namePeople(
  client: DynamoDBClient,
  table: string,
  keys: Keys,
  iss: string,
  data: string,
  now: Date,
): Promise<void> {
  const register = dynamodbStatements(client, table, demonstrationRegistrars)
  const { verdict: registrars } = await register.registrars()
  if ('fault' in registrars)
    throw new ComityError('couldn’t name people: the registrars do not hold')
  const stated = async (id: string) => {
    const { verdict } = await register.chain(id, registrars)
    if (verdict === undefined || 'fault' in verdict)
      throw new ComityError(`couldn’t name people of ${id}: what the register says does not hold`)
    return verdict
  }
  for (const [id, named] of Map.groupBy(people, ({ agency }) => agency)) {
    const officers = named.map(({ sub, officer }) => ({ ...officer, login: { iss, sub } }))
    const { agency } = await stated(id)
    const has = ({ login, ...each }: Officer) =>
      agency.officers?.some(
        (other) =>
          other.id === each.id &&
          other.login?.iss === login?.iss &&
          other.login?.sub === login?.sub,
      )
    const first = keys.get(id)
    if (first === undefined || officers.every(has)) continue
    // An agency names its officers with two keys of its own.
    const second = await agencyKey(join(data, 'second-keys'), id)
    if (!agency.keys.some(({ kid }) => kid === second.kid)) {
      const key = registered(
        second,
        `${now.toISOString().slice(0, 10)}T00:00:00Z`,
        agency.channels[0],
      )
      await enrol(client, table, [{ ...agency, keys: [...agency.keys, key] }], now)
    }
    const { tip } = await stated(id)
    const body: Body = { act: 'name-officers', officers, why: 'They look by a browser.' }
    const link = nextLink(chainOf(id), tip, now.toISOString(), body)
    const signing = [first, second].map(({ kid, privateJwk: jwk }) => ({ kid, jwk }))
    if (!(await register.enter(signed(link, signing))))
      throw new ComityError(`couldn’t name people of ${id}: somebody else is changing it`)
  }
}
