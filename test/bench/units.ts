/** What an answer and a sealing write and read, counted at the store's client, in DynamoDB's units and in bytes. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Example, examples } from '../../functions/demo/demonstration.ts'
import { localLog } from '../../functions/demo/sealing.ts'
import { seed } from '../../functions/demo/seed.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { countUnits, type Units } from '../adapters/watched.ts'
import { localSealWorld } from '../demo/seal-world.ts'
import { answered, type Gateway, origin, startGateway } from '../world.ts'

/** What one answer takes, or the sealing of one entry. `bytes` are of the entry as it is kept. */
export type UnitLine = {
  readonly name: string
  readonly calls: number
  readonly write: number
  readonly read: number
  readonly bytes?: number
}

/**
 * US dollars for a million, at the list prices of N. Virginia of 2026-11 (infra/README.md, *What it costs*): a
 * write unit, a read unit, and whatever else a decision takes if it is sealed in fifties: the API, Lambda, a
 * signature, the archive and lines.
 */
const prices = { write: 0.625, read: 0.125, beside: 3.33 } as const

/** What a million answers of a kind cost, sealed in fifties. */
export const million = (answer: UnitLine, sealing: UnitLine): number =>
  prices.beside +
  prices.write * (answer.write + sealing.write) +
  prices.read * (answer.read + sealing.read)

/** How many entries are sealed together. */
export const atOnce = 50

const kinds = ['release', 'redaction', 'open denial'] as const

/** Counts for each kind of answer, the first about a person and a later one; and for sealing, alone and in fifties. */
export async function unitLines(): Promise<readonly UnitLine[]> {
  const gateway = await startGateway()
  const folder = mkdtempSync(join(tmpdir(), 'comity-units-'))
  try {
    await seed(gateway.app, origin, gateway.keys, gateway.clock.now)
    const { client } = gateway.store
    const world = localSealWorld(gateway.world, client, localLog(folder), [], 0)
    const units = countUnits(client)
    const lines: UnitLine[] = []
    for (const [at, each] of examples.entries()) {
      for (const name of [`${kinds[at]}, the first about the person`, `${kinds[at]}`]) {
        const [id, used] = await counted(units, () => ask(gateway, each))
        const bytes = await entryBytes(gateway, id)
        // Each entry has one row of keys in the index by time.
        lines.push({ name, ...used, write: used.write + 1, bytes })
      }
    }
    const release = examples[0]
    const first = (await gateway.world.ledger.read(await ask(gateway, release)))?.leaf
    if (first === undefined) throw new Error('the bench asked, and there is no entry')
    const sealing = (eids: readonly string[]) => counted(units, () => seal(first.log, eids, world))
    // What was asked before, too, and with it whatever a log needs once.
    await sealing([first.eid])
    for (const [name, count] of [
      ['sealing of one alone', 1],
      [`sealing of one in ${atOnce}`, atOnce],
    ] as const) {
      const eids: string[] = []
      while (eids.length < count) eids.push(await ask(gateway, examples[eids.length % 2]))
      const [, used] = await sealing(eids)
      const { calls, write, read } = used
      lines.push({ name, calls: calls / count, write: write / count, read: read / count })
    }
    return lines
  } finally {
    await gateway.close()
    rmSync(folder, { recursive: true })
  }
}

/** What something does, and what it took. */
async function counted<T>(units: Units, act: () => Promise<T>): Promise<readonly [T, Units]> {
  const before = { ...units }
  const done = await act()
  const { calls, write, read } = units
  return [
    done,
    { calls: calls - before.calls, write: write - before.write, read: read - before.read },
  ]
}

let cases = 0
async function ask(gateway: Gateway, example: Example | undefined): Promise<string> {
  if (example === undefined) throw new Error('there is no example')
  const { agency, officer, request } = example
  const body = { ...request, caseReference: `UNITS-${++cases}` }
  return (await answered(await gateway.ask(agency, officer, body))).id
}

/** The leaf and the ciphertext of an entry. */
async function entryBytes({ world }: Gateway, id: string): Promise<number> {
  const entry = await world.ledger.read(id)
  return (entry?.leafBytes.length ?? 0) + (entry?.ciphertext.length ?? 0)
}
