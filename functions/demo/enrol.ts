/** States what a trial needs with the demonstration's keys: the invented agencies, and the floor of its law. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { readLawChain, stateInLawChain } from '../adapters/law-dynamodb.ts'
import { demonstrationReleaseKeys } from '../adapters/policies-files.ts'
import { dynamodbStatements } from '../adapters/register-statements.ts'
import { ComityError } from '../failure.ts'
import type { Agency } from '../identity/register.ts'
import { demonstrationRegistrars, signed } from '../identity/registrars.ts'
import { type AgencyStatement, type Body, chainOf } from '../identity/statements.ts'
import type { Runnable } from '../policy/carried.ts'
import { emptyTip, followChain, nextLink } from '../policy/chain.ts'
import { floorOf } from '../policy/floor.ts'
import { stateLaw } from '../policy/law-chain.ts'
import { type SealingKey, sealingKeySchema } from '../policy/signed.ts'

const folder = join(import.meta.dirname, '../../policies/demonstration-keys')

/** The private keys of the demonstration registrars. */
export const registrarKeys = (): readonly SealingKey[] =>
  demonstrationRegistrars.map((_, i) =>
    sealingKeySchema.parse(
      JSON.parse(readFileSync(join(folder, `registrar-${i + 1}.json`), 'utf8')),
    ),
  )

/** Makes each agency as wanted, by as many statements as that takes; by none if it already is. */
export async function enrol(
  client: DynamoDBClient,
  table: string,
  agencies: readonly Agency[],
  at: Date,
): Promise<void> {
  const register = dynamodbStatements(client, table, demonstrationRegistrars)
  const { verdict: registrars } = await register.registrars()
  if ('fault' in registrars) throw new ComityError('couldn’t enrol: the registrars do not hold')
  for (const wanted of agencies) {
    const { verdict, statements } = await register.chain(wanted.id, registrars)
    if (verdict !== undefined && 'fault' in verdict)
      throw new ComityError(
        `couldn’t enrol ${wanted.id}: what the register says of it does not hold`,
      )
    for (const statement of statementsFor(wanted, at, statements, verdict?.agency))
      if (!(await register.enter(statement)))
        throw new ComityError(`couldn’t enrol ${wanted.id}: somebody else is changing it`)
  }
}

/** Enrols the agencies about which nothing is stated yet. Leaves the others as they are. */
export async function enrolMissing(
  client: DynamoDBClient,
  table: string,
  agencies: readonly Agency[],
  at: Date,
): Promise<void> {
  const stated = await dynamodbStatements(client, table, demonstrationRegistrars).agencies()
  const missing = agencies.filter(({ id }) => !stated.includes(id))
  if (missing.length > 0) await enrol(client, table, missing, at)
}

/** The statements still needed to make an agency as wanted, signed by two demonstration registrars. */
export function statementsFor(
  wanted: Agency,
  at: Date,
  before: readonly AgencyStatement[] = [],
  now?: Agency,
): readonly AgencyStatement[] {
  const chain = chainOf(wanted.id)
  const keys = registrarKeys().slice(0, 2)
  const made: AgencyStatement[] = [...before]
  for (const body of towards(wanted, now)) {
    const tip = followChain(chain, made).tips.at(-1) ?? emptyTip
    const statedAt = later(at.toISOString(), made.at(-1)?.statedAt)
    made.push(signed(nextLink(chain, tip, statedAt, body), keys))
  }
  return made.slice(before.length)
}

const later = (a: string, b: string | undefined): string =>
  b === undefined || Date.parse(b) <= Date.parse(a) ? a : b

const why = 'Entered for the demonstration.'

/** What to state so that an agency becomes as wanted. A key is never removed, only revoked. */
function towards(wanted: Agency, now: Agency | undefined): readonly Body[] {
  const { keys, status, officers: _officers, passkeys: _passkeys, ...agency } = wanted
  const { keys: _, status: before = 'active', officers: __, passkeys: ___, ...profile } = now ?? {}
  const fresh = keys.map(({ status: _, compromisedSince: __, ...key }) => key)
  const had = new Map(now?.keys.map((key) => [key.kid, key]))
  const gone = [...had.values()].filter(({ kid }) => !keys.some((each) => each.kid === kid))
  const ended = [...keys.filter((key) => key.status === 'revoked'), ...gone]
  return [
    ...(now === undefined ? [{ act: 'join', agency, keys: fresh, why } as const] : []),
    ...(now !== undefined && !isDeepStrictEqual(agency, profile)
      ? [{ act: 'change', agency, why } as const]
      : []),
    ...(now === undefined ? [] : fresh.filter(({ kid }) => !had.has(kid))).map(
      (key) => ({ act: 'add-key', key, why }) as const,
    ),
    ...ended
      .filter(({ kid }) => had.get(kid)?.status !== 'revoked')
      .map(({ kid, compromisedSince: since }) => ({
        ...{ act: 'revoke-key' as const, kid, why },
        ...(since === undefined ? {} : { compromisedSince: since }),
      })),
    ...(status === before
      ? []
      : [{ act: status === 'suspended' ? 'suspend' : 'resume', why } as const]),
  ]
}

/** States a floor if there is none and demonstration keys sign sets here. Elsewhere, a release states it. */
export async function demonstrationFloor(
  client: DynamoDBClient,
  table: string,
  policies: string,
  law: Runnable,
): Promise<void> {
  const keys = demonstrationReleaseKeys(policies, law.releaseKeys)
  const { state, broken } = await readLawChain(client, table, law)
  if (keys === undefined || broken !== undefined || state.floor !== undefined) return
  const at = new Date().toISOString()
  await stateInLawChain(client, table, stateLaw(state.tip, at, floorOf(law.set), keys))
}
