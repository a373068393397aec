/** The store of a gateway that a command is pointed at: the local one, PostgreSQL, or DynamoDB. */

import { dirname } from 'node:path'
import * as z from 'zod'
import { type dynamodb, isStoreAway } from '../adapters/dynamodb.ts'
import { expectOneRole } from '../adapters/keys-in-reach.ts'
import type { LocalGateway } from '../adapters/log-export.ts'
import { placeOf, storeOf } from '../adapters/store.ts'
import { openAddress, postgresAddress } from '../adapters/store-address.ts'
import { localTableNames, type TableName } from '../adapters/tables.ts'
import { faultOf } from '../failure.ts'
import { registrarsSchema } from '../identity/registrars.ts'
import { Failure, misuse } from '../terminal/exit.ts'
import { readJson } from '../terminal/files.ts'

const table = (name: TableName) => z.string().default(localTableNames()[name])

/**
 * A deployed gateway, as the file of `--deployed` names it; one file for all commands. Its store is a database, or an address
 * of DynamoDB's API, or with neither DynamoDB in the cloud, by the credentials of the environment. Tables have the names that
 * they have on machines of one's own, unless named.
 */
const deployedSchema = z
  .strictObject({
    postgres: postgresAddress.optional(),
    endpoint: openAddress().optional(),
    decisions: table('decisions'),
    sealing: table('sealing'),
    register: table('register'),
    attestations: table('attestations'),
    signatures: table('signatures'),
    /** The deployment, such as `prod`. */
    environment: z.string().optional(),
    /** The first registrars, as the deployment pins them. */
    registrars: registrarsSchema.optional(),
    /** The archive: a folder, with a slash; or a bucket. */
    archive: z.string().optional(),
    /** The file of the pinned keys. */
    keys: z.string().optional(),
  })
  .refine(({ postgres, endpoint }) => postgres === undefined || endpoint === undefined, {
    path: ['endpoint'],
    message: 'name one store: this, or `postgres`',
  })
/** Such a gateway. */
export type Deployed = z.infer<typeof deployedSchema>

/** Refuses, in `prod`, to sign with these keys where private halves of two roles are in reach. */
export function expectOneSigner(keys: readonly string[], environment?: string): void {
  const { COMITY_ENVIRONMENT, COMITY_KEYS } = process.env
  if (keys.length > 0 && [environment, COMITY_ENVIRONMENT].includes('prod'))
    expectOneRole(false, keys, [...keys.map(dirname), ...(COMITY_KEYS ? [COMITY_KEYS] : [])])
}

/** Reads the file of a deployed gateway, for a command that signs with these keys; undefined if the local one is meant. */
export function deployedIn(
  file: string | undefined,
  keys: readonly string[] = [],
): Deployed | undefined {
  if (file === undefined) return undefined
  const deployed = readJson(file, deployedSchema)
  expectOneSigner(keys, deployed.environment)
  return deployed
}

/** What a command needs of the file that it was given; refuses if it is not there. */
export function needed<K extends 'registrars' | 'archive' | 'keys'>(
  deployed: Deployed,
  name: K,
  file: string | undefined,
): NonNullable<Deployed[K]> {
  const value = deployed[name]
  if (value === undefined) throw misuse(`couldn’t go on: ${file} names no \`${name}\``)
  return value
}

/** Does `work` on the tables of the local gateway, or of the deployed one. */
export async function onTables<T>(
  { data, openStore }: LocalGateway,
  deployed: Deployed | undefined,
  work: (client: ReturnType<typeof dynamodb>) => Promise<T>,
): Promise<T> {
  const store = await (deployed === undefined ? openStore(data) : storeOf(deployed))
  try {
    return await work(store.client)
  } catch (error) {
    if (deployed === undefined || !isStoreAway(error)) throw error
    throw new Failure(
      `couldn’t go on: no store answers at ${placeOf(deployed)} (${faultOf(error)})`,
    )
  } finally {
    await store.close()
  }
}
