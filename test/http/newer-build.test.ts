/**
 * Two builds run beside one another on one store, as in an upgrade: what the newer one enters in a format of its own, the
 * older one cannot read. It says so, and takes the entry neither for absent, nor for erased, nor for changed.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tick } from '../../functions/answer/upkeep/clock.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { auditApi } from '../../functions/http/audit-api.ts'
import { leafHash } from '../../functions/ledger/entry.ts'
import { looksLogOf } from '../../functions/ledger/looks-log.ts'
import { keysFile } from '../../functions/ledger/verify-files.ts'
import type { SealWorld } from '../../functions/log-ports.ts'
import { sweptLine, troubleOf } from '../../functions/machine/seal-lines.ts'
import type { Durable } from '../../functions/ports.ts'
import { folderFiles } from '../../functions/proof/commands/export-files.ts'
import { verifyLogs } from '../../functions/proof/verify-log.ts'
import { caseIdentifier } from '../../functions/sealing/lookup-rows.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOf,
  requestOfMember,
} from '../answer/people.ts'
import { placed, startSealed } from '../proof/exported.ts'
import { answered, type Call, freshJti } from '../world.ts'
import { bodyOf } from './audit-gateway.ts'

const log = 'comity.test/de/2026'
const jti = freshJti()
let sealed: Awaited<ReturnType<typeof startSealed>>
/** Entered by this build, twice, by the newer one, and by the newer one since the last sealing. */
let [own, record, newer, waiting] = ['', '', '', '']

const keyOf = (eid: string) => ({ pk: { S: `D#${eid}` } })
const rows = () => sealed.gateway.store.rows.decisions
const rowOf = async (eid: string) => (await rows().get(keyOf(eid))) ?? {}

/** Makes an entry what a newer build would have entered: format 99, as we invent it. */
async function asNewer(eid: string): Promise<string> {
  const item = await rowOf(eid)
  const text = Buffer.from(item.leaf?.B ?? '').toString('utf8')
  const leaf = Buffer.from(text.replace(/"v":\d+}$/, '"v":99}'))
  expect(leaf.toString()).not.toBe(text)
  await rows().put({ ...item, leaf: { B: leaf }, lh: { B: leafHash(leaf) } })
  return eid
}

/** Reads entries as the newer build does, which knows format 99. */
const newerSealer = (): SealWorld => ({
  ...sealed.world,
  ledger: {
    ...sealed.world.ledger,
    async readAll(eids) {
      const read = eids.map(async (eid) => {
        const { leaf, lh, ev, kid, att } = await rowOf(eid)
        if (leaf?.B === undefined || lh?.B === undefined) return []
        const stored = {
          ...{
            leaf: JSON.parse(Buffer.from(leaf.B).toString()),
            leafBytes: leaf.B,
            leafHash: lh.B,
          },
          ...{ ciphertext: ev?.B, kid: kid?.S, attempt: att?.S },
        }
        // A cast: the newer build's adapter makes it.
        return [[eid, stored as unknown as Durable] as const]
      })
      return new Map((await Promise.all(read)).flat())
    },
  },
})

const ask = async (of = freshJti()) => {
  const body = requestOf({ holder: 'DE-POL' })
  return sealed.gateway.ask('FR-SPOC', 'officer-7', body, { jti: of })
}

beforeAll(async () => {
  sealed = await startSealed()
  const { gateway } = sealed
  record = await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  own = (await answered(await ask())).id
  newer = await asNewer((await answered(await ask(jti))).id)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'NL' }, benignOfMember)
  const body = requestOfMember({ subject: { recordId: 'R-1' } })
  const released = await answered(await gateway.ask('NL-POL', 'officer-7', body))
  expect(released.outcome).toBe('release')
  await asNewer(released.id)
  sealed.pass(2)
  for (const swept of await sealAll(newerSealer())) expect(swept).not.toHaveProperty('error')
  waiting = await asNewer((await answered(await ask())).id)
})
afterAll(() => sealed.close())

const access = (agency: string, call: Call) => {
  const { world } = sealed.gateway
  const { get } = sealed.world.archive
  const app = accessApi({ ...world, sealed: { ...world.sealed, get } }, () => undefined)
  return sealed.gateway.prepare(agency, call, app).then((send) => send())
}
const audit = async (call: Call) => {
  const { world, witnesses } = sealed
  const of = { archive: world.archive, sealing: world.sealing, vkey: world.vkey }
  const audited = {
    ...sealed.gateway.world,
    ...of,
    witnessVkeys: witnesses.map(({ vkey }) => vkey),
    quorum: 1,
  }
  const app = auditApi({ ...audited, lookups: world.lookups }, () => undefined)
  return (await sealed.gateway.prepare('DE-DPA', { officer: 'auditor-1', ...call }, app))()
}
const plainly = async (response: Response) => {
  // Kills: an entry that somebody changed to say so, for which people wait as for an upgrade.
  const detail = expect.stringContaining(
    '`comity log verify`, which names an entry that is not as it',
  )
  expect(await response.json()).toMatchObject({ status: 503, code: 'newer-build', detail })
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
}

describe('What a newer build entered', () => {
  // Kills: a gateway that failed (500), or a store that was changed, where nothing is wrong.
  test('is refused plainly to whoever looks it up, proves it, asks it again or lists disclosures', async () => {
    const path = `/v1/access-requests/${newer}`
    await plainly(await access('FR-SPOC', { path }))
    await plainly(await access('FR-SPOC', { path: `${path}/proof` }))
    await plainly(await ask(jti))
    await plainly(await access('DE-POL', { path: '/v1/disclosures', officer: 'officer-1' }))
    expect((await access('FR-SPOC', { path: `/v1/access-requests/${own}` })).status).toBe(200)
  })

  // Kills: an auditor who is told that it is gone, erased or damaged, or who is given evidence without it.
  test('is refused plainly to auditors who see it, draw it, replay it or take evidence of it', async () => {
    const why = 'purpose=lawfulness'
    const post = (path: string, body: object) =>
      audit({ method: 'POST', path, body: { purpose: 'lawfulness', ...body } })
    await plainly(await audit({ path: `/v1/decisions/${newer}?${why}` }))
    await plainly(await audit({ path: `/v1/samples?${why}&log=${log}&n=50` }))
    const place = await sealed.world.sealing.placeOf(newer)
    await plainly(await post('/v1/replays', { log, indices: [place?.index] }))
    await plainly(await post('/v1/replays', { entries: [own, newer] }))
    await plainly(await post('/v1/evidence', { entries: [own, newer] }))
    const ofCase = sealed.gateway.world.secrets.pseudonym('DE', caseIdentifier('FR-SPOC', 'CASE-1'))
    await plainly(await post('/v1/evidence', { case: ofCase }))
    expect((await audit({ path: `/v1/decisions/${own}?${why}` })).status).toBe(200)
  })

  // Kills: the row of an entry that this build knows as it was sealed, believed to be a newer build's: one that somebody
  // overwrote is then changed by nobody, and keeps all that is read with it from auditors.
  test('is not what an entry was sealed as: a row that says so was changed, and the others are read', async () => {
    const row = await rowOf(own)
    await asNewer(own)
    const [at, other] = await Promise.all(
      [own, record].map(async (eid) => (await sealed.world.sealing.placeOf(eid))?.index),
    )
    const body = { purpose: 'lawfulness', log, indices: [at, other] }
    const replayed = await bodyOf(await audit({ method: 'POST', path: '/v1/replays', body }))
    await rows().put(row)
    const why = 'it is gone, or it was changed'
    expect(replayed).toMatchObject({ notDecisions: 1, differs: [{ id: own, index: at, why }] })
  })

  test('stands in an auditor’s list and counts by what the newer build filed of it, and is in no figures', async () => {
    const listed = await audit({ path: '/v1/decisions?purpose=lawfulness' })
    expect(await listed.text()).toContain(newer)
    // Figures read entries: they count none that they cannot read.
    const days = 'from=2026-11-01&until=2026-12-31'
    await plainly(await audit({ path: `/v1/figures?purpose=lawfulness&${days}` }))
    const counted = await bodyOf(await audit({ path: '/v1/decisions/count?purpose=lawfulness' }))
    expect(counted).toMatchObject({ complete: true, total: 3 })
  })

  // Kills: a log that is halted as if it had been changed; one that holds up the others.
  test('that waits to be sealed is left to the newer build, which the older one says, and other logs go on', async () => {
    sealed.pass(2)
    const { gateway } = sealed
    const all = await sealAll(sealed.world)
    const troubles = all.flatMap((each) => troubleOf(each, gateway.world.isStoreAway) ?? [])
    expect(troubles).toEqual([
      {
        event: 'failed',
        log,
        why: `couldn’t read entry ${waiting}: a newer build wrote it, in format 99; this one knows 5`,
      },
    ])
    const [looked = 0] = all.flatMap((each) =>
      each.log === looksLogOf(log) && 'sealed' in each ? each.sealed : [],
    )
    expect(looked).toBeGreaterThan(0)
    const line = sweptLine(all, gateway.world.gateway)
    // Nothing of that log; of the one of looks, what auditors looked at above.
    expect(line).toMatchObject({ sealed: looked, unsealedSeconds: expect.any(Number) })
    for (const swept of await sealAll(newerSealer())) expect(swept).not.toHaveProperty('error')
  })

  // Kills: a clock that puts off by an hour what the newer build would have told now, or that stops.
  test('is passed by the clock, which looks at it again within a minute or so', async () => {
    const { gateway } = sealed
    const until = new Date(gateway.clock.now.getTime() + 40 * 86_400_000)
    gateway.clock.pass(20 * 86_400_000)
    const whys: string[] = []
    const done = await tick(gateway.world, until, (why) => whys.push(String(why)))
    expect(done.left).toBe(false)
    expect(whys.filter((why) => why.includes('a newer build wrote it'))).toHaveLength(2)
    gateway.clock.pass(61_000)
    const again = await tick(gateway.world, until, () => undefined)
    expect(again.failed).toBe(2)
  })

  // Kills: a log that is called whole by whoever could not read it.
  test('is exported as it is, and whoever verifies with this build is told which one to take', async () => {
    for (const swept of await sealAll(newerSealer())) expect(swept).not.toHaveProperty('error')
    const verdict = await verifyLogs({
      files: folderFiles(await sealed.export()),
      trust: keysFile.parse(sealed.keys),
      now: sealed.gateway.clock.now.getTime(),
    })
    expect(verdict.whole).toBe(false)
    const says = verdict.findings.filter(({ code }) => code === 'leaf-form')
    expect(says.map(({ says }) => says)).toEqual(
      // With what was released.
      [1, 2, 3].map(() => 'a newer build wrote it, in format 99; this one knows 5'),
    )
    expect(verdict.findings.filter(({ code }) => code !== 'leaf-form').map(placed)).toEqual([])
  })
})
