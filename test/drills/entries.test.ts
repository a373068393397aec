/**
 * Drill: the ledger is put back to an earlier moment (`infra/DRILLS.md`). What was entered since is gone;
 * what of it was sealed is missed by name, and nobody can put another entry in its place.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dynamodbMarks } from '../../functions/adapters/chains-dynamodb.ts'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { addLogExport } from '../../functions/cli/log-export.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { verifyProof } from '../../functions/ledger/log-proof.ts'
import { parseVkey } from '../../functions/ledger/note.ts'
import { keysFile } from '../../functions/ledger/verify-files.ts'
import { folderFiles } from '../../functions/proof/commands/export-files.ts'
import { verifyLogs } from '../../functions/proof/verify-log.ts'
import { personOf, requestOf } from '../answer/people.ts'
import { eidOf, filesIn, placed, startSealed } from '../proof/exported.ts'
import { answered, freshJti, problemOf } from '../world.ts'
import { copyOf, putBack } from './tables.ts'

let sealed: Awaited<ReturnType<typeof startSealed>>
/** Entered after the moment that the ledger is put back to: two that were sealed, one that was not. */
let gone: readonly { readonly jti: string; readonly eid: string; readonly receipt: string }[]
let proof: string
let leafHash: Uint8Array

const log = 'comity.test/de/2026'
const ask = (jti = freshJti()) =>
  sealed.gateway.ask('FR-SPOC', 'officer-7', requestOf({ holder: 'DE-POL' }), { jti })
async function enter() {
  const jti = freshJti()
  const { id, receipt } = await answered(await ask(jti))
  return { jti, eid: id, receipt }
}
const verified = async (receipts: readonly string[] = []) => {
  const verdict = await verifyLogs({
    files: folderFiles(await sealed.export()),
    trust: keysFile.parse(sealed.keys),
    now: sealed.gateway.clock.now.getTime(),
    receipts: receipts.map((text, at) => ({ name: `receipt ${at}`, text })),
  })
  return verdict.findings.map(placed).sort()
}

beforeAll(async () => {
  sealed = await startSealed()
  const { store, world } = sealed.gateway
  for (let i = 0; i < 3; i++) await sealed.ask('DE-POL')
  await sealed.seal()
  const earlier = await copyOf(store, store.tables.decisions)
  const two = [await enter(), await enter()]
  await sealed.seal()
  const [first] = two
  if (first === undefined) throw new Error('there is no entry')
  proof = (await sealed.prove(first.eid)).text
  leafHash = (await world.ledger.read(first.eid))?.leafHash ?? leafHash
  gone = [...two, await enter()]
  await putBack(store, store.tables.decisions, earlier)
  sealed.pass(600)
})
afterAll(() => sealed.close())

describe('The log of a gateway in the cloud', () => {
  // Kills: a table that is taken for another; the tables of this machine.
  test('is exported from its tables and a copy of its bucket, to be verified like any other', async () => {
    const { store } = sealed.gateway
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', store.endpoint)
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'])
      vi.stubEnv(name, 'invented')
    const { decisions, sealing } = store.tables
    const [keys, file] = ['pinned.json', 'deployed.json'].map((each) => join(sealed.folder, each))
    const out = join(sealed.folder, 'copy')
    writeFileSync(String(keys), JSON.stringify(sealed.keys))
    const deployed = { decisions, sealing, archive: join(sealed.folder, 'log'), keys }
    writeFileSync(String(file), JSON.stringify(deployed))
    const log = new Command().exitOverride()
    addLogExport(log, 'nowhere', async () => Promise.reject(new Error('that is the local one')))
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    try {
      const args = ['export', '--out', out, '--deployed', String(file)]
      await log.parseAsync(args, { from: 'user' })
      // Kills: a count of logs that differs from what verifying says, which counts those with entries.
      const counted = '1 log, 3 entries, and 1 log without an entry'
      expect(said.mock.calls).toEqual([[`${counted}: in ${out}`]])
    } finally {
      said.mockRestore()
      vi.unstubAllEnvs()
    }
    const [theirs, ours] = [filesIn(out), filesIn(await sealed.export())]
    const withoutTime = (files: typeof ours) =>
      Object.fromEntries(
        [...files]
          .filter(([path]) => path !== 'logs.json')
          .map(([path, bytes]) => [
            path,
            path === 'keys.json' ? JSON.parse(`${bytes}`) : `${bytes}`,
          ]),
      )
    expect(withoutTime(theirs)).toEqual(withoutTime(ours))
  })
})

describe('After the ledger was put back', () => {
  test('verifying names each sealed entry that is gone, and nothing else of the log', async () => {
    const found = await verified()
    const missing = gone
      .slice(0, 2)
      .map(({ eid }) => expect.stringMatching(`^entry-missing .*${eid}`))
    expect(found).toEqual(expect.arrayContaining(missing))
    expect(found).toHaveLength(2)
  })

  test('an entry that was never sealed is missed by whoever holds its receipt', async () => {
    const [, , last] = gone
    const found = await verified([last?.receipt ?? ''])
    expect(found.filter((each) => each.includes(last?.eid ?? '?'))).toEqual([
      expect.stringMatching(/^receipt-broken /),
    ])
  })

  test('the proof of an entry that is gone still holds: it was there, whatever it said', () => {
    const key = parseVkey(sealed.world.vkey(log))
    if ('wrong' in key) throw new Error(key.wrong)
    expect(verifyProof(proof, leafHash, key.key, [], 0)).toMatchObject({
      checkpoint: { origin: log },
    })
  })

  // Kills: deciding anew under an id that is sealed: two answers, and an entry that no tree ever has.
  test('a retry of a call whose entry is gone is told to wait, and nothing leaves or is entered', async () => {
    const [{ jti, eid } = { jti: '', eid: '' }] = gone
    const response = await ask(jti)
    expect(await problemOf(response)).toMatchObject({
      status: 503,
      code: 'not-durable',
    })
    expect(await sealed.gateway.world.ledger.read(eid)).toBeUndefined()
  })

  // Kills: the same for acts, which are entered in another place.
  test('neither can an act be entered under an id that is sealed', async () => {
    const { gateway, world } = sealed
    await gateway.putRecord('DE-POL', personOf('R-1', []))
    const jti = freshJti()
    const erase = () => gateway.call('DE-POL', { method: 'DELETE', path: '/v1/records/R-1', jti })
    const id = String(JSON.parse(await (await erase()).text()).id)
    await sealed.seal()
    const { store } = gateway
    const all = await copyOf(store, store.tables.decisions)
    await putBack(
      store,
      store.tables.decisions,
      all.filter(({ pk }) => pk?.S !== `D#${id}`),
    )
    expect(await problemOf(await erase())).toMatchObject({ status: 503 })
    expect(await world.ledger.read(id)).toBeUndefined()
    await putBack(store, store.tables.decisions, all)
    expect((await erase()).status).toBe(200)
  })

  test('the log goes on: what is new is sealed and proved, and only what is gone is missed', async () => {
    const before = (await verified()).length
    const receipt = await sealed.ask('DE-POL')
    await sealed.seal()
    expect((await sealed.prove(eidOf(receipt))).text).toContain(log)
    expect(await verified([receipt.text])).toHaveLength(before)
  })
})

describe('After what was stated of an agency was lost with the ledger', () => {
  /** An instance that has just started. */
  const start = () => {
    const { store, clock, world } = sealed.gateway
    const { client, tables } = store
    const marks = dynamodbMarks(client, tables.decisions)
    const now = () => clock.now
    const register = dynamodbRegister(
      ...([client, tables.register, now, demonstrationRegistrars, undefined, marks] as const),
    )
    const ledger = dynamodbLedger(client, tables.decisions)
    const { get } = sealed.world.archive
    return accessApi(
      { ...world, register, ledger, sealed: { ...world.sealed, get } },
      () => undefined,
    )
  }
  const statement = async (app: ReturnType<typeof start>) => {
    const call = { method: 'POST', path: '/v1/access-requests', body: requestOf() }
    const response = await (await sealed.gateway.prepare('GB-POL', call, app))()
    expect(response.status).toBe(201)
  }

  // Kills: a second entry under the id of one that was sealed: it looks as if somebody had changed the first.
  test('agencies are answered, and nothing is entered in the place of what is missed', async () => {
    const { store } = sealed.gateway
    const before = await verified()
    const earlier = await copyOf(store, store.tables.decisions)
    await statement(start())
    await sealed.seal()
    expect(await verified()).toEqual(before)
    const entriesIn = (all: typeof earlier) =>
      all.flatMap(({ pk, leaf }) => (leaf === undefined ? [] : [pk?.S?.slice(2)]))
    const since = entriesIn(await copyOf(store, store.tables.decisions)).filter(
      (each) => !entriesIn(earlier).includes(each),
    )
    expect(since.length).toBeGreaterThan(1)
    await putBack(store, store.tables.decisions, earlier)
    await statement(start())
    await sealed.seal()
    const found = (await verified()).filter((each) => !before.includes(each))
    const missing = since.map((eid) => expect.stringMatching(`^entry-missing .*${eid}`))
    expect(found).toEqual(expect.arrayContaining(missing))
    expect(found).toHaveLength(missing.length)
  })
})
