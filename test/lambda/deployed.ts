/** A deployment on this machine: what the template says, with its rights, on a real store. */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'vitest'
import * as z from 'zod'
import { createTables } from '../../functions/adapters/create-tables.ts'
import { lawToRun } from '../../functions/adapters/policies-files.ts'
import { tableNames } from '../../functions/adapters/tables.ts'
import { readAccessConfig } from '../../functions/config.ts'
import { generalAttestations } from '../../functions/demo/attestations.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { demonstrationFloor, enrol } from '../../functions/demo/enrol.ts'
import { agencyKey } from '../../functions/demo/keys.ts'
import { callAs, type Keys, registeredAgencies } from '../../functions/demo/seed.ts'
import { signApproval } from '../../functions/identity/approval.ts'
import { openCheckpoint } from '../../functions/ledger/checkpoint.ts'
import { logOf } from '../../functions/ledger/entry.ts'
import { verifierKey } from '../../functions/ledger/note.ts'
import { run } from '../../functions/policy/read-book.ts'
import type { Door } from '../../infra/bundle.ts'
import { startBucket } from '../adapters/s3.ts'
import { order } from '../audit/acting.ts'
import { startDynalite } from '../dynalite.ts'
import { functionOf, synthesise } from '../infra/deployment.ts'
import { resourceOf } from '../infra/template.ts'
import { startCloud } from './cloud.ts'
import { eventOf, responseOf, resultSchema } from './event.ts'
import { type Instance, startInstance } from './runtime.ts'

/** A call as an agency makes it; the same `jti` again is a retry. */
export type AgencyCall = {
  readonly method?: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: unknown
  /** Of a body that is a file. */
  readonly type?: string
  readonly jti?: string
  readonly officer?: string
}

const policies = join(import.meta.dirname, '../../policies')
const doors = Object.keys(functionOf) as readonly Door[]
const someAgencies = [
  'FR-SPOC',
  'DE-POL',
  'GB-POL',
  'DE-DPA',
  'DE-DPO',
  'DE-LEGAL',
  'GB-DPA',
  'US-POL',
]

/**
 * Bundles some doors, synthesises, starts the store, registers agencies, one of them with a system of its
 * own that fetches questions if it is named; no instance runs yet.
 */
export async function deploy(bundled: readonly Door[], ownSystem?: string) {
  // Each function has no more instances than beyond a trial.
  const { folder, made, resources, roles, end } = synthesise(bundled, { reserveInstances: 'true' })
  const variablesOf = (door: Door) =>
    z
      .object({ Variables: z.record(z.string(), z.string()) })
      .parse(resourceOf(resources, functionOf[door]).properties.Environment).Variables
  const config = readAccessConfig(variablesOf('access'))
  const origins = {
    access: config.COMITY_ORIGIN,
    audit: String(variablesOf('audit').COMITY_ORIGIN),
  }

  const names = tableNames(config)
  const store = await startDynalite()
  await createTables(store.client, names)
  const bucket = await startBucket()
  const called = new Map<string, Instance>()
  const cloud = await startCloud({
    resources,
    principals: new Map(doors.map((door) => [`ASIA${door.toUpperCase()}`, roles[door]])),
    store,
    bucket,
    invoke(name, event) {
      const instance = called.get(name)
      if (instance === undefined) throw new Error(`no instance of ${name} runs`)
      return instance.send(event)
    },
  })

  const keys: Keys = new Map(
    await Promise.all(someAgencies.map(async (id) => [id, await agencyKey(folder, id)] as const)),
  )
  const registered = registeredAgencies(keys, '2026-01-01T00:00:00Z')
    .filter(({ id }) => keys.has(id))
    .map((each) => (each.id === ownSystem ? { ...each, system: {} } : each))
  await enrol(store.client, names.register, registered, new Date())
  await demonstrationFloor(store.client, names.register, policies, run(lawToRun(policies)))

  const logKey = (log: string) => verifierKey(log, 1, cloud.checkpointKey)
  const startedAt = new Date().toISOString()

  /** The API behind the events of an instance, as what sends requests to it. */
  const appOf = ({ send }: Instance) => ({
    request: async (url: Request | string | URL, init?: RequestInit): Promise<Response> =>
      responseOf(resultSchema.parse(await send(await eventOf(new Request(url, init))))),
  })

  return {
    made,
    resources,
    roles,
    origins,
    gateway: config.COMITY_GATEWAY,
    names,
    keys,
    store,
    bucket,
    cloud,
    /** The key that checkpoints of a log are signed with. */
    logKey,
    /** The log of a jurisdiction for this year. */
    logOf: (jurisdiction: string) => logOf(config.COMITY_GATEWAY, jurisdiction, startedAt),
    /** How many entries of a log its newest signed checkpoint counts; 0 if there is none. */
    publishedSize(log: string): number {
      const note = String(bucket.objects.get(`${log}/checkpoint`))
      const opened = openCheckpoint(note, logKey(log))
      return 'wrong' in opened ? 0 : opened.checkpoint.size
    },
    /** Starts an instance of a bundle, in the environment of the template but for what is `changed`. */
    async start(
      door: Door,
      changed: Readonly<Record<string, string | undefined>> = {},
      bundled = made[door].folder,
    ): Promise<Instance> {
      const instance = await startInstance(door, bundled, {
        ...variablesOf(door),
        AWS_ENDPOINT_URL: cloud.endpoint,
        ...changed,
      })
      called.set(functionOf[door], instance)
      return instance
    },
    /** What answers a browser. */
    browsed: (instance: Instance) => appOf(instance).request,
    /** A call that anybody may make. */
    get: (instance: Instance, path: string, origin = origins.access): Promise<Response> =>
      appOf(instance).request(`${origin}${path}`),
    /** A call that an agency signed. */
    call(instance: Instance, agency: string, asked: AgencyCall, origin = origins.access) {
      const { method = 'POST', jti = freshJti(), officer = 'officer-1', ...rest } = asked
      const call = { ...rest, method, jti }
      return callAs(appOf(instance), origin, keys, agency, officer, call, new Date())
    },
    async end(): Promise<void> {
      cloud.close()
      await bucket.close()
      await store.close()
      end()
    },
  }
}
export type Deployed = Awaited<ReturnType<typeof deploy>>

/** Calls that must make an entry, as `call` sends them; each gives the id of its entry. */
export const making =
  (call: (agency: string, what: AgencyCall) => Promise<Response>) =>
  async (agency: string, what: AgencyCall): Promise<string> => {
    const response = await call(agency, what)
    expect(response.status, what.path).toBe(201)
    return z.object({ id: z.string(), receipt: z.string() }).parse(await response.json()).id
  }

/** An act of DE-POL on persons, which data protection approved with `key`. */
export async function subjectAct(
  key: ReturnType<Keys['get']>,
  given: Readonly<Record<string, string | readonly string[]>>,
): Promise<AgencyCall> {
  const jti = freshJti()
  const ordered = given.act === 'erase' ? { order } : {}
  const why = { ground: 'The person asked for it.', cites: ['LED 16(2)'], jti }
  const body = { ...why, ...ordered, ...given }
  if (key === undefined) throw new Error('DE-DPO has no key')
  const iat = Math.floor(Date.now() / 1000)
  const approval = await signApproval(body, key, { agency: 'DE-DPO', officer: 'dpo-1', iat })
  return { path: '/v1/subject-acts', body: { ...body, approval }, jti }
}

/** What DE-POL's officer vouches for of the person of an example, in a matter and in its case. */
export async function vouchForPerson(
  make: (agency: string, call: AgencyCall) => Promise<string>,
  eid: string,
): Promise<void> {
  const { caseReference } = { ...examples[0]?.request }
  const inCase = { kind: 'case', requester: 'FR-SPOC', caseReference, persons: [eid] }
  for (const scope of [{ kind: 'matter', matter: eid }, inCase]) {
    const about = { holder: 'DE-POL', fact: 'consent.person', value: 'given', scope }
    const from = new Date().toISOString()
    const until = new Date(Date.now() + 86_400_000).toISOString()
    const body = { ...about, ground: 'He said so.', decidedBy: 'DE-POL', from, until }
    await make('DE-POL', { path: '/v1/attestations', body })
  }
}

/** What Germany vouches for of France as a rule: by its police, then signed by data protection. */
export async function vouchForFrance(
  make: (agency: string, call: AgencyCall) => Promise<string>,
): Promise<void> {
  const from = new Date(Date.now() - 60_000)
  const until = new Date(from.getTime() + 300 * 86_400_000)
  const ofFrance = generalAttestations.filter(
    ({ holder, scope }) =>
      holder === 'DE-POL' && scope.kind === 'general' && scope.requester === 'FR',
  )
  for (const each of ofFrance) {
    const body = { ...each, from: from.toISOString(), until: until.toISOString() }
    const id = await make('DE-POL', { path: '/v1/attestations', body })
    await make('DE-DPO', { path: `/v1/attestations/${id}/signatures` })
  }
}

/** An id for a call: 128 random bits. */
export const freshJti = (): string => randomBytes(16).toString('base64url')
