/** Sealing by a clock, as the local gateway does. */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileCheckpointKey } from '../../functions/adapters/key-files.ts'
import { prove } from '../../functions/answer/look-up.ts'
import { localLog } from '../../functions/demo/sealing.ts'
import { verifyProof } from '../../functions/ledger/log-proof.ts'
import { parseVkey } from '../../functions/ledger/note.ts'
import type { SealWorld } from '../../functions/log-ports.ts'
import { keepSealing, newsOnly } from '../../functions/machine/rounds.ts'
import { itemOf, personOf } from '../answer/people.ts'
import { type Gateway, startGateway } from '../world.ts'
import { localSealWorld } from './seal-world.ts'

let gateway: Gateway
let data: string
beforeAll(async () => {
  gateway = await startGateway()
  data = mkdtempSync(join(tmpdir(), 'comity-local-'))
})
afterAll(async () => {
  await gateway.close()
  rmSync(data, { recursive: true })
})

/** Until it is so; the clock that seals is the machine’s. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resume) => setTimeout(resume, 20))
}

describe('The sealer of one machine', () => {
  test('seals what is entered while it runs, so that it can be proved, until it is stopped', async () => {
    const { world, store } = gateway
    const log = localLog(data)
    const sealing = localSealWorld(world, store.client, log, [], 0)
    const said: unknown[] = []
    const sealer = keepSealing(
      sealing,
      newsOnly((line) => said.push(line), Date.now),
    )
    const sealed = { placeOf: sealing.sealing.placeOf, get: log.archive.get }
    const first = await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
    for (const eid of [first, await gateway.putRecord('DE-POL', personOf('R-2', []))]) {
      await until(async () => (await prove(eid, { ...world, sealed })).kind === 'proved')
      const proved = await prove(eid, { ...world, sealed })
      const entry = await world.ledger.read(eid)
      const key = parseVkey(log.vkey('comity.test/de/2026'))
      if (proved.kind !== 'proved' || entry === undefined || 'wrong' in key)
        throw new Error('there is no proof')
      expect(verifyProof(proved.text, entry.leafHash, key.key, [], 0)).toMatchObject({
        checkpoint: { origin: 'comity.test/de/2026' },
      })
    }
    await sealer.stop()
    const third = await gateway.putRecord('DE-POL', personOf('R-3', []))
    expect(await sealing.sealing.placeOf(third)).toBeUndefined()
    expect(said).toEqual([])
  })

  // Kills: a loop that ends at the first fault; words of the store, which may quote; a line a second.
  test('says what goes wrong in words, once, and goes on', async () => {
    const { world, store } = gateway
    const made = localSealWorld(world, store.client, localLog(data), [], 0)
    const said: unknown[] = []
    let rounds = 0
    let [atOnce, most] = [0, 0]
    const register: SealWorld['register'] = {
      ...world.register,
      async all() {
        rounds += 1
        atOnce += 1
        most = Math.max(most, atOnce)
        await new Promise((resume) => setTimeout(resume, 5))
        atOnce -= 1
        if (rounds === 1) throw Object.assign(new Error('a name'), { $metadata: {} })
        if (rounds < 4) throw new Error('a name')
        return world.register.all()
      },
    }
    const sealer = keepSealing(
      { ...made, register },
      newsOnly((line) => said.push(line), Date.now),
    )
    await until(async () => rounds >= 4)
    await sealer.stop()
    expect(said).toEqual([
      { event: 'store-away', log: 'comity.test', why: 'couldn’t seal comity.test: Error' },
      { event: 'failed', log: 'comity.test', why: 'couldn’t seal comity.test: Error' },
    ])
    expect(most).toBe(1)
  })
})

describe('A checkpoint key in a file', () => {
  test('is made once, for its owner alone, and is the same from then on', async () => {
    const file = join(data, 'new', 'key.pem')
    const keys = [fileCheckpointKey(file), fileCheckpointKey(file)]
    expect(keys[0]?.publicKey).toHaveLength(32)
    expect(keys[0]?.publicKey).toEqual(keys[1]?.publicKey)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const bytes = Buffer.from('a checkpoint')
    expect(await keys[0]?.sign(bytes)).toEqual(await keys[1]?.sign(bytes))
  })

  test('is not used if others may read it, or if it is no Ed25519 key', () => {
    writeFileSync(join(data, 'copy.pem'), 'not a key', { mode: 0o600 })
    writeFileSync(join(data, 'wide.pem'), 'not a key', { mode: 0o644 })
    expect(() => fileCheckpointKey(join(data, 'copy.pem'))).toThrow(/it is not an Ed25519 key$/)
    expect(() => fileCheckpointKey(join(data, 'wide.pem'))).toThrow(/others may read it/)
  })
})
