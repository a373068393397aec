/** Attacks on an honest log by whoever calls: a call that the gateway took must never make its entry look forged. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { open } from '../../functions/answer/entries/reader.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { requestOf } from '../answer/people.ts'
import { eidOf, filesIn, startSealed, startVerifiers } from '../proof/exported.ts'
import { answered, freshJti, origin } from '../world.ts'

let sealed: Awaited<ReturnType<typeof startSealed>>
let verifiers: ReturnType<typeof startVerifiers>
beforeAll(async () => {
  verifiers = startVerifiers()
  sealed = await startSealed()
})
afterAll(async () => {
  await verifiers.stop()
  await sealed.close()
})

/** A call whose signature counts from so many seconds from now, for so many. */
async function askAt(ahead: number, lasting: number): Promise<string> {
  const { gateway } = sealed
  const key = gateway.keys.get('FR-SPOC')
  if (key === undefined) throw new Error('there is no key')
  const body = Buffer.from(JSON.stringify(requestOf({ holder: 'DE-POL', channel: 'siena' })))
  const url = `${origin}/v1/access-requests`
  const iat = Math.floor(gateway.clock.now.getTime() / 1000) + ahead
  const claims = { agency: 'FR-SPOC', officer: 'officer-7', audience: origin, iat, jti: freshJti() }
  const call = { method: 'POST', url, body }
  const authorization = await signCall(call, key, { ...claims, exp: iat + lasting })
  const headers = { authorization, 'content-type': 'application/json' }
  return (await answered(await gateway.app.request(url, { method: 'POST', headers, body }))).id
}

/** In the last second of its key, which ended while the call was on its way to be entered. */
async function askAtTheEndOfTheKey(): Promise<string> {
  const { gateway } = sealed
  const agency = await gateway.world.register.agency('FR-SPOC')
  const until = gateway.clock.now.toISOString()
  await gateway.change('FR-SPOC', { keys: (agency?.keys ?? []).map((key) => ({ ...key, until })) })
  gateway.clock.pass(400)
  const id = await askAt(0, 300)
  keysThen = (await gateway.world.register.agency('FR-SPOC'))?.keys ?? []
  await gateway.change('FR-SPOC', {})
  return id
}
let keysThen: NonNullable<Awaited<ReturnType<typeof sealed.gateway.world.register.agency>>>['keys']

// claims.ts takes a caller's clock that is 30 s ahead, and a call that was 5 s under way.
test('Whoever signs with a clock ahead, or at the last moment, makes no late entry unexplained', async () => {
  const late = [await askAt(0, 300), await askAt(29, 300), await askAt(-10, 6)]
  late.push(await askAtTheEndOfTheKey())
  const log = 'comity.test/de/2026'
  for (let newer = 0; newer < 2; newer += 1) {
    sealed.pass(20 * 60)
    const eid = eidOf(await sealed.ask('DE-POL'))
    sealed.pass(2)
    await seal(log, [eid], sealed.world)
  }
  await sealed.seal()
  sealed.pass(60)
  const lines = late.map(async (eid) => {
    const stored = await sealed.world.ledger.read(eid)
    const opened = stored && (await open(stored, sealed.world))
    return `${JSON.stringify({ eid, jws: opened?.evidence.jws })}\n`
  })
  const calls = [{ name: 'calls.ndjson', text: (await Promise.all(lines)).join('') }]
  const agencies = [{ id: 'FR-SPOC', keys: keysThen.map(({ channel: _, ...key }) => key) }]
  const exportFolder = await sealed.export()
  const now = sealed.gateway.clock.now.getTime()
  const verify = verifiers.of({ ...sealed, exportFolder, files: filesIn(exportFolder), now })
  const { findings } = await verify({ keys: { ...sealed.keys, agencies }, calls })
  const named = findings.map(({ code, where }) => `${code} ${where.entry}`).sort()
  expect(named).toEqual(late.map((eid) => `late ${eid}`).sort())
})
