/**
 * A gateway in a process of its own, so that its CPU is its own: `node gateway-process.ts VARIANT`.
 * Tells its parent where it listens and with which keys to sign; answers each message with what it has used.
 */

import { randomBytes } from 'node:crypto'
import type { HeapProfiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { seal, unseal } from '../../functions/adapters/aes-gcm.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { sealedPolicies } from '../../functions/adapters/policies-files.ts'
import { rareStores } from '../../functions/adapters/rare-stores.ts'
import { tables } from '../../functions/adapters/tables.ts'
import { makeWorld } from '../../functions/adapters/world.ts'
import { readConfig } from '../../functions/config.ts'
import { accessRequestSchema } from '../../functions/decision/request.ts'
import { agencies } from '../../functions/demo/agencies.ts'
import { enrol } from '../../functions/demo/enrol.ts'
import type { AgencyKeyFile } from '../../functions/demo/keys.ts'
import { type Keys, registeredAgencies, seed } from '../../functions/demo/seed.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { bodyAs, type Guarded, guard } from '../../functions/http/guard.ts'
import { trace } from '../../functions/http/trace.ts'
import type { Agency } from '../../functions/identity/register.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { entryId } from '../../functions/ledger/entry.ts'
import type { CallLine } from '../../functions/lines.ts'
import type { World } from '../../functions/ports.ts'
import { fixedLaw } from '../fixed-law.ts'
import { cpuMs } from './figures.ts'
import { memoryWorld } from './memory-world.ts'

/**
 * `floor`: the same server, signature check, body check and receipt, with an empty decision and no
 * store. `memory`: the whole request, on a world in memory. `store`: the whole request, over the SDK
 * and a store in another process, whose address is the next argument.
 */
export type Variant = 'floor' | 'memory' | 'store'

/** What a gateway says once it is ready. */
export type Ready = {
  readonly port: number
  readonly keys: readonly (readonly [string, AgencyKeyFile])[]
}

/** What a process has used: CPU in ms, and memory in MB. */
export type Used = { readonly cpuMs: number; readonly memory: number }

/** Where callers sign for. */
export const origin = 'https://gateway.example'

/** More than a bench can send. */
const requestsPerMinute = 100_000_000

if (import.meta.main) {
  const [, , variant = 'floor', endpoint = ''] = process.argv
  await start(variant as Variant, endpoint)
}

async function start(variant: Variant, endpoint: string): Promise<void> {
  const { keys, registered } = await keyedAgencies()
  const world =
    variant === 'store'
      ? await storeWorld(endpoint, registered)
      : await memoryWorld(origin, registered)
  const app = variant === 'floor' ? floor(world) : accessApi(world, fail)
  if (variant !== 'floor') await seed(app, origin, keys, new Date())
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (address) =>
    process.send?.({ port: (address as AddressInfo).port, keys: [...keys] } satisfies Ready),
  )
  process.on('message', async (asked) => {
    const used: Used = { cpuMs: cpuMs(), memory: process.memoryUsage.rss() / 1e6 }
    process.send?.(asked === 'allocated' ? await allocated() : used)
  })
  process.once('disconnect', () => server.close(() => process.exit(0)))
}

/** The invented agencies, with keys made on the spot, and free to call as often as a bench does. */
export async function keyedAgencies(): Promise<{ keys: Keys; registered: readonly Agency[] }> {
  const keys: Keys = new Map(
    await Promise.all(agencies.map(async ({ id }) => [id, await keyOf()] as const)),
  )
  const registered = registeredAgencies(keys, '2000-01-01T00:00:00Z')
  return { keys, registered: registered.map((agency) => ({ ...agency, requestsPerMinute })) }
}

const profiler = new Session()
profiler.connect()

/**
 * Bytes of the heap that were allocated since this was last called, most of which are garbage by now: V8 takes a
 * sample of one allocation in so many.
 */
async function allocated(): Promise<number> {
  const { profile } = await profiler
    .post('HeapProfiler.stopSampling')
    .catch(() => ({ profile: undefined }))
  await profiler.post('HeapProfiler.startSampling', {
    samplingInterval: 262_144,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  })
  const bytes = (node: HeapProfiler.SamplingHeapProfileNode): number =>
    node.children.reduce((all, each) => all + bytes(each), node.selfSize)
  return profile === undefined ? 0 : bytes(profile.head)
}

function floor(world: World): Hono<{ Variables: Guarded }> {
  const app = new Hono<{ Variables: Guarded }>()
  app.use(trace(world.random, () => undefined))
  app.use('/v1/*', guard(world, fail))
  app.post('/v1/access-requests', async (c: Context<{ Variables: Guarded }>) => {
    const body = await bodyAs(c, accessRequestSchema)
    if ('response' in body) return body.response
    const { agency, jti, signingInput } = c.get('call')
    const ts = world.now().toISOString()
    const eid = entryId(agency.id, jti)
    const receipt = await world.secrets.receipt({
      v: 1,
      log: 'comity.bench/none/2026',
      eid,
      lh: eid,
      out: 'deny',
      ts,
      sealBy: ts,
      req: signingInput.slice(-43),
    })
    return c.json(
      { id: eid, outcome: 'deny', decidedAt: ts, reasons: [], records: [], receipt },
      201,
    )
  })
  return app
}

/** The world over a store, in which these agencies are registered. */
export async function storeWorld(endpoint: string, registered: readonly Agency[]): Promise<World> {
  const config = readConfig({
    ...Object.fromEntries(
      Object.values(tables).map(({ variable, localName }) => [variable, localName]),
    ),
    COMITY_ORIGIN: origin,
    COMITY_GATEWAY: 'comity.bench',
    COMITY_DYNAMODB_ENDPOINT: endpoint,
    COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars),
    COMITY_ENVIRONMENT: 'dev',
  })
  const key = randomBytes(32)
  const wrapper = {
    wrap: async (bytes: Uint8Array) => seal(key, bytes, 'bench'),
    unwrap: async (bytes: Uint8Array) => unseal(key, bytes, 'bench'),
  }
  const law = fixedLaw(sealedPolicies(join(import.meta.dirname, '../../policies')))
  const world = await makeWorld(config, { law, wrapper, build: 'bench', stores: rareStores })
  await enrol(dynamodb(endpoint), config.COMITY_REGISTER_TABLE, registered, new Date())
  return world
}

async function keyOf(): Promise<AgencyKeyFile> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty = '', crv = '', x = '', y = '', d = '' } = await exportJWK(privateKey)
  return {
    kid: await calculateJwkThumbprint({ kty, crv, x, y }),
    alg: 'ES256',
    privateJwk: { kty, crv, x, y, d },
  }
}

/** Every refusal and every failure is one of the bench. */
function fail(line: CallLine): void {
  if (line.event !== 'answered') console.error(JSON.stringify(line))
}
