/** Cold starts under Lambda's own runtime client: each function, beside its libraries alone and beside nothing. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { examples } from '../../functions/demo/demonstration.ts'
import { type Bundle, bundleCode, type Door } from '../../infra/bundle.ts'
import { type Deployed, deploy, freshJti } from '../lambda/deployed.ts'
import type { Instance } from '../lambda/runtime.ts'
import { percentile } from './figures.ts'

/** One function: bytes it starts with, loads later and carries of the law, and medians in ms. */
export type ColdStart = {
  readonly name: string
  readonly bytes: Bundle['bytes']
  /** From the start of its process until it asks for an event. */
  readonly readyMs: number
  /** Until the first event is answered. */
  readonly answerMs: number
}

/** Starts of each, one after the other in turn: a machine that grows slower does so for all. */
export const rounds = 15

type Variant = {
  readonly name: string
  readonly bytes: Bundle['bytes']
  start(): Promise<Instance>
  /** Sends a first event; says what came of it if that is not what was wanted. */
  first(instance: Instance): Promise<string | undefined>
}

/** Medians of every function. */
export async function coldStarts(): Promise<readonly ColdStart[]> {
  const deployed = await deploy(['access', 'audit', 'seal', 'sign'])
  const folder = mkdtempSync(join(tmpdir(), 'comity-cold-'))
  try {
    // Makes the secrets, which every other start finds.
    await (await deployed.start('access')).stop()
    const variants = variantsOf(deployed, folder)
    const times = variants.map(() => ({ ready: [] as number[], answer: [] as number[] }))
    for (let round = 0; round <= rounds; round += 1)
      for (const [at, { name, start, first }] of variants.entries()) {
        const from = performance.now()
        const instance = await start()
        const ready = performance.now() - from
        const wrong = await first(instance)
        const answer = performance.now() - from
        await instance.stop()
        if (wrong !== undefined) throw new Error(`${name} answered ${wrong}`)
        // The first round fills the caches of the machine.
        if (round > 0) {
          times[at]?.ready.push(ready)
          times[at]?.answer.push(answer)
        }
      }
    return variants.map(({ name, bytes }, at) => ({
      name,
      bytes,
      readyMs: percentile(times[at]?.ready ?? [], 0.5),
      answerMs: percentile(times[at]?.answer ?? [], 0.5),
    }))
  } finally {
    rmSync(folder, { recursive: true })
    await deployed.end()
  }
}

/** The libraries come second: the others are compared with them. */
function variantsOf(deployed: Deployed, folder: string): readonly Variant[] {
  const caller = deployed.keys.get('FR-SPOC')
  if (caller === undefined) throw new Error('FR-SPOC has no key')
  const { d: _, ...publicJwk } = caller.privateJwk
  const ask = async (instance: Instance) => {
    const body = examples[0]?.request
    const call = { path: '/v1/access-requests', body, jti: freshJti() }
    return unless(201, await deployed.call(instance, 'FR-SPOC', call))
  }
  const look = async (instance: Instance) => {
    const call = { method: 'GET', path: '/v1/decisions?purpose=lawfulness' } as const
    const { audit } = deployed.origins
    return unless(200, await deployed.call(instance, 'DE-DPA', call, audit))
  }
  const send = (event: unknown) => async (instance: Instance) => {
    await instance.send(event)
    return undefined
  }
  const other = (name: string, entry: string, first: Variant['first']): Variant => {
    const at = join(folder, entry)
    // What functions are compared with is the SDK as it comes.
    const bytes = { ...bundleCode(`test/bench/cold/${entry}.ts`, at, 'at once'), law: 0 }
    const environment = { BENCH_CALLER: JSON.stringify(publicJwk) }
    return { name, bytes, first, start: () => deployed.start('access', environment, at) }
  }
  const own = (door: Door, event: string, first: Variant['first']): Variant => ({
    name: `${door}, ${event}`,
    bytes: deployed.made[door].bytes,
    first,
    start: () => deployed.start(door),
  })
  return [
    other('an empty handler', 'empty', send({})),
    other('hono, jose and the clients of DynamoDB and KMS alone', 'libraries', ask),
    own('access', 'a request decided', ask),
    own('audit', 'a page of decisions', look),
    own('seal', 'a stream without records', send({ Records: [] })),
    own('sign', 'a malformed extension', send({})),
  ]
}

const unless = async (wanted: number, { status }: Response) =>
  status === wanted ? undefined : String(status)
