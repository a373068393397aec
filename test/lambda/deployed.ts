/** A deployment on this machine: what the template says, with its rights, on a real store. */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import * as z from 'zod'
import { createTables } from '../../functions/adapters/dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { tableNames } from '../../functions/adapters/tables.ts'
import { readConfig } from '../../functions/config.ts'
import { agencyKey } from '../../functions/local/keys.ts'
import { callAs, type Keys, registeredAgencies } from '../../functions/local/seed.ts'
import { startDynalite } from '../dynalite.ts'
import { synthesise } from '../infra/deployment.ts'
import { may } from '../infra/iam.ts'
import { resourceOf } from '../infra/template.ts'
import { eventOf, responseOf } from './event.ts'
import { guardStore } from './guarded-store.ts'
import { type Instance, startInstance } from './runtime.ts'

/** A call as an agency makes it; the same `jti` again is a retry. */
export type AgencyCall = {
  readonly method?: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: unknown
  readonly jti?: string
}

/** Bundles, synthesises, starts the store and registers two agencies; no instance runs yet. */
export async function deploy() {
  const { folder, made, resources, access, end } = synthesise()
  const { COMITY_KMS_KEY: _, ...variables } = z
    .object({ Variables: z.record(z.string(), z.string()) })
    .parse(resourceOf(resources, 'Access').properties.Environment).Variables
  const config = readConfig(variables)

  const names = tableNames(config)
  const store = await startDynalite()
  await createTables(store.client, names)
  const granted = (action: string, table: string): boolean =>
    may(access, { action: `dynamodb:${action}`, on: table.replace(/[0-9A-F]{8}$/, '') }, resources)
  const guarded = await guardStore(store.endpoint, granted)

  const keys: Keys = new Map([
    ['FR-SPOC', await agencyKey(folder, 'FR-SPOC')],
    ['DE-POL', await agencyKey(folder, 'DE-POL')],
  ])
  const register = dynamodbRegister(store.client, names.register, () => new Date())
  for (const agency of registeredAgencies(keys, '2026-01-01T00:00:00Z')) await register.put(agency)

  return {
    digest: made.digest,
    origin: config.COMITY_ORIGIN,
    names,
    store,
    guarded,
    granted,
    /** Starts an instance, in the environment of the template but for what is `changed`. */
    start: (changed: Readonly<Record<string, string | undefined>> = {}): Promise<Instance> =>
      startInstance(made.folder, {
        ...variables,
        // On this machine there is no KMS.
        COMITY_KEY_FILE: join(folder, 'wrapping.key'),
        // This machine, by a name that the code does not know as such: it signs as it does for AWS.
        COMITY_DYNAMODB_ENDPOINT: guarded.endpoint.replace('127.0.0.1', '0.0.0.0'),
        ...changed,
      }),
    /** A call that anybody may make. */
    get: (instance: Instance, path: string): Promise<Response> =>
      appOf(instance).request(`${config.COMITY_ORIGIN}${path}`),
    /** A call that an agency signed. */
    call(instance: Instance, agency: string, { method = 'POST', path, body, jti }: AgencyCall) {
      const call = { method, path, body, jti: jti ?? freshJti() }
      const app = appOf(instance)
      return callAs(app, config.COMITY_ORIGIN, keys, agency, 'officer-1', call, new Date())
    },
    async end(): Promise<void> {
      guarded.close()
      await store.close()
      end()
    },
  }
}
export type Deployed = Awaited<ReturnType<typeof deploy>>

/** An id for a call: 128 random bits. */
export const freshJti = (): string => randomBytes(16).toString('base64url')

/** The API behind its events, as what sends requests to it. */
const appOf = ({ send }: Instance) => ({
  request: async (url: Request | string | URL, init?: RequestInit): Promise<Response> =>
    responseOf(await send(await eventOf(new Request(url, init)))),
})
