/** More is asked than the sealer seals, round after round: what is said of the log meanwhile is so, and answers go on. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { keysFile } from '../../functions/ledger/verify-files.ts'
import type { SealWorld } from '../../functions/log-ports.ts'
import { sweptLine } from '../../functions/machine/seal-lines.ts'
import { folderFiles } from '../../functions/proof/commands/export-files.ts'
import { verifyLogs } from '../../functions/proof/verify-log.ts'
import type { HeldFile } from '../../functions/proof/verify-memory.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { startSealed } from '../proof/exported.ts'

/** What the sealer gets done in a round, what comes meanwhile (150 %), and how long a round is, s. */
const [done, asked, roundSeconds, rounds] = [10, 15, 15, 10]
const log = 'comity.test/de/2026'

let sealed: Awaited<ReturnType<typeof startSealed>>
const receipts: HeldFile[] = []
beforeAll(async () => {
  sealed = await startSealed()
})
afterAll(() => sealed.close())

/** One round of a sealer that has time for one step alone. */
async function round() {
  sealed.pass(roundSeconds)
  const world: SealWorld = {
    ...sealed.world,
    atOnce: { manifest: done, step: done, page: 2 * done },
  }
  const swept = await sealAll(world, { what: 'new', until: sealed.gateway.clock.now })
  const of = swept.find((each) => each.log === log)
  if (of === undefined || 'error' in of) throw new Error(String(of?.error))
  return { ...of, line: sweptLine(swept, sealed.gateway.world.gateway) }
}
/** What verifying finds, now, with every receipt that was given. */
const verified = async () =>
  verifyLogs({
    files: folderFiles(await sealed.export()),
    trust: keysFile.parse(sealed.keys),
    now: sealed.gateway.clock.now.getTime(),
    receipts,
  })
/** How many calls of the store one answer takes. */
async function callsOfAnswer(): Promise<number> {
  const sent = vi.spyOn(sealed.gateway.store.client, 'send')
  try {
    receipts.push(await sealed.ask('DE-POL'))
    return sent.mock.calls.length
  } finally {
    sent.mockRestore()
  }
}

// Kills: an age that is that of the newest, or of what one round saw; rounds that take what came last; an answer that
// looks at what waits; an export that is called whole while receipts are broken.
test('A backlog that is never caught up with is said as it is, the oldest is sealed first, and all in the end', async () => {
  await sealed.ask('DE-POL')
  const before = await callsOfAnswer()
  const ages: number[] = []
  for (let at = 0; at < rounds; at++) {
    for (let i = 0; i < asked; i++) receipts.push(await sealed.ask('DE-POL'))
    const { left, line, sealed: placed } = await round()
    expect(left).toBeGreaterThan(0)
    // A sealer that goes on where it was marks what it placed before it places more.
    expect(placed).toBeLessThanOrEqual(done)
    ages.push('unsealedSeconds' in line ? (line.unsealedSeconds ?? -1) : -1)
  }
  expect(await callsOfAnswer()).toBe(before)
  // Known in every round, so that an alarm above 60 s goes off, and goes on.
  expect(ages).toEqual(ages.toSorted((a, b) => a - b))
  expect([ages[0], (ages.at(-1) ?? 0) > 60]).toEqual([roundSeconds, true])

  const meanwhile = await verified()
  expect(meanwhile.whole).toBe(false)
  const codes = new Set(meanwhile.findings.map(({ code }) => code))
  expect(codes).toEqual(new Set(['unsealed', 'receipt-broken']))

  let more = 0
  for (let isLeft = true; isLeft; more++) isLeft = (await round()).left > 0
  // A round places a manifest or marks one.
  expect(more).toBeLessThan((2 * rounds * asked) / done)
  const after = await verified()
  expect([after.whole, after.late > 0]).toEqual([true, true])
  expect(after.findings.filter(({ code }) => code !== 'late')).toEqual([])
  expect(after.logs.map(({ pending }) => pending)).toEqual([0, 0])
})
