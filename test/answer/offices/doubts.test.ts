/** An office whose word another doubts is told so, and learns no more than it may see anyway. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { startSealing, type TestSealing } from '../../sealing/sealed-log.ts'
import { done } from '../../world.ts'
import { acts, homicide } from '../homicide.ts'
import { attestAll, benign, itemOf, personOf } from '../people.ts'

let sealing: TestSealing
let at: ReturnType<typeof acts>
beforeAll(async () => {
  sealing = await startSealing()
  at = acts(sealing.gateway)
  await sealing.gateway.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  const death = { 'request.offence.deathPenaltyAvailable': true }
  const scope = { kind: 'general', requester: 'US' } as const
  await attestAll(sealing.gateway, 'GB-POL', scope, { ...benign, ...death })
})
afterAll(() => sealing.close())

const offices = ['GB-MIN', 'GB-POL', 'US-POL', 'DE-POL'] as const
/** Who is told of an entry, and what, once it is sealed. */
async function toldOf(entry: string) {
  await seal('comity.test/gb/2026', [entry], sealing.world())
  const told = offices.map(async (office) => {
    const response = await sealing.gateway.call(office, { path: '/v1/events' })
    const { events, more } = eventsPageSchema.parse(await response.json())
    expect(more).toBe(false)
    return events.filter((each) => each.entry === entry).map((each) => ({ office, ...each }))
  })
  return (await Promise.all(told)).flat()
}
const objects = async (by: string, to: string, body = {}) => done(await at.object(by, to, body))

// Kills: an objection that the doubted office finds only by looking into its inbox; one that tells who doubts, or why.
test('An office is told that another doubts what it said of a matter, and nobody else is', async () => {
  const { id: matter } = await at.ask(homicide())
  const assurance = await at.assure(matter)
  const objection = await objects('GB-POL', assurance)
  expect(await toldOf(objection)).toEqual([
    {
      ...{ office: 'GB-MIN', kind: 'objected', holder: 'GB-POL', matter, cause: assurance },
      ...{ id: expect.any(String), entry: objection, at: expect.any(String) },
    },
  ])
})

// Kills: a matter of the holder that an office learns of, since somebody doubts there what it said of a whole case.
test('A doubt within a wider word names no matter', async () => {
  const caseReference = 'US-WIDE'
  const { id: matter } = await at.ask(homicide({ caseReference }))
  const named = { requester: 'US-POL', caseReference, persons: [matter] }
  const assurance = await at.assure({ kind: 'case', ...named })
  const objection = await objects('GB-POL', assurance, { scope: { kind: 'matter', matter } })
  const [told, ...others] = await toldOf(objection)
  expect(told).toMatchObject({ office: 'GB-MIN', kind: 'objected', cause: assurance })
  expect(JSON.stringify(told)).not.toContain(matter)
  expect(others).toEqual([])
})

// Kills: a release that the holder does not look at again, since it is not told that its ground is doubted.
test('The holder is told, whoever doubts whose word, since it alone recalls what left', async () => {
  const { id: matter } = await at.ask(homicide())
  const assurance = await at.assure(matter)
  const response = await at.object('GB-MIN', assurance)
  expect(await response.clone().json()).toMatchObject({
    says: expect.stringContaining(`POST /v1/recalls {"cause":{"attestation":"${assurance}"}`),
  })
  expect(await toldOf(await done(response))).toMatchObject([
    { office: 'GB-POL', kind: 'objected', holder: 'GB-POL', matter, cause: assurance },
  ])
})

test('An office that doubts its own word is told nothing', async () => {
  const { id: matter } = await at.ask(homicide())
  const said = await sealing.gateway.attest('GB-POL', {
    ...{ holder: 'GB-POL', fact: 'threat.life', value: 'imminent' },
    scope: { kind: 'matter', matter },
  })
  expect(await toldOf(await objects('GB-POL', said))).toEqual([])
})

// Kills: an old entry that somebody changed, by which nothing of the log is filed or marked any more.
test('A doubted word that opens no more tells nobody, and the log goes on', async () => {
  const { id: matter } = await at.ask(homicide())
  const assurance = await at.assure(matter)
  const objection = await objects('GB-POL', assurance)
  const { ledger, ...world } = sealing.world()
  const changed = async (ids: readonly string[]) => {
    const found = await ledger.readAll(ids)
    const entry = found.get(assurance)
    if (entry === undefined) return found
    return new Map([
      [assurance, { ...entry, ciphertext: entry.ciphertext.map((byte) => byte ^ 1) }],
    ])
  }
  const log = 'comity.test/gb/2026'
  await seal(log, [objection], { ...world, ledger: { ...ledger, readAll: changed } })
  expect(await toldOf(objection)).toEqual([])
})
