/**
 * A checkpoint that is kept, and a smaller one that is shown as the newest: since when it is kept, witnesses say. Where
 * nobody does, its entries' own times do. Both verifiers are asked.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Verdict } from '../../functions/proof/verify-log.ts'
import { type Changes, filesIn, startSealed, startVerifiers } from './exported.ts'

const log = 'comity.test/de/2026'
let sealed: Awaited<ReturnType<typeof startSealed>>
let verifiers: ReturnType<typeof startVerifiers>
beforeAll(async () => {
  verifiers = startVerifiers()
  sealed = await startSealed()
  for (let entries = 0; entries < 3; entries += 1) await sealed.ask('DE-POL')
  await sealed.seal()
})
afterAll(async () => {
  await verifiers.stop()
  await sealed.close()
})

/** What is found by whoever is shown an earlier checkpoint than is kept, or none, and has keys of witnesses or not. */
async function found(shown: 3 | 4 | undefined, isWitnessed: boolean): Promise<Verdict['findings']> {
  const exportFolder = await sealed.export()
  const files = filesIn(exportFolder)
  const path = `${log}/checkpoint`
  const changes: Changes = {
    [path]: files.get(`${log}/checkpoints/${shown}`),
  }
  const now = sealed.gateway.clock.now.getTime()
  const keys = isWitnessed ? sealed.keys : { ...sealed.keys, witnesses: [], quorum: 0 }
  const verdict = await verifiers.of({ ...sealed, exportFolder, files, now })({ changes, keys })
  return verdict.findings
}
const codes = (findings: Verdict['findings']) =>
  findings.map(({ code, where }) => `${code} ${where.file.slice(log.length + 1)}`)

// Kills: a checkpoint that counts as late at once where no witness is (an export between the two writes, accused).
test('a checkpoint is not missed in the first minute, with witnesses or without any', async () => {
  await sealed.ask('DE-POL')
  await sealed.seal()
  expect(codes(await found(3, true))).toEqual([])
  expect(codes(await found(3, false))).toEqual([])
})

// Kills: one that is never late where no witness is (a log rolled back for ever, unseen); a first entry that is skipped.
test('a checkpoint is missed after a minute, and who says since when it is kept is said', async () => {
  sealed.pass(120)
  const [seen] = await found(3, true)
  expect(seen?.says).toBe('a larger one is kept, of 4 entries: witnesses saw it more than 60 s ago')
  const [unseen] = await found(3, false)
  expect(unseen?.says).toBe(
    'a larger one is kept, of 4 entries: no witness says since when, but its entry 3 is older than 60 s',
  )
  for (const isWitnessed of [true, false]) {
    expect(codes(await found(3, isWitnessed))).toEqual(['checkpoint-differs checkpoint'])
    expect(codes(await found(undefined, isWitnessed))).toEqual(['missing checkpoint'])
  }
})

// Kills: entries' times that outweigh a witness's word; those of entries that the smaller checkpoint covers, too.
test('an entry that waited to be sealed counts against it only where nobody saw it later', async () => {
  const late = new Date(sealed.gateway.clock.now.getTime() - 61_000).toISOString()
  await sealed.append('DE', 1, late)
  await sealed.seal()
  expect(codes(await found(4, true))).toEqual([])
  expect(codes(await found(4, false))).toEqual(['checkpoint-differs checkpoint'])
})

// Kills: a verifier that ends without a verdict on a line that can be read, and not be written again.
test('lines that are nested too deep are faults of form, and all else is still looked at', async () => {
  const exportFolder = await sealed.export()
  const files = filesIn(exportFolder)
  const now = sealed.gateway.clock.now.getTime()
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}\n`
  const changes = Object.fromEntries(
    ['entries.ndjson', 'manifests.ndjson', 'seals.ndjson'].map((name) => {
      const path = `${log}/${name}`
      return [path, Buffer.concat([files.get(path) ?? Buffer.of(), Buffer.from(deep)])]
    }),
  )
  const header = Buffer.from(deep.trim()).toString('base64url')
  const receipts = [{ name: 'receipt', text: `${header}.${header}.AA` }]
  const all = verifiers.of({ ...sealed, exportFolder, files, now })
  const { findings } = await all({ changes, keys: sealed.keys, receipts })
  expect(codes(findings).sort()).toEqual([
    'form entries.ndjson',
    'form manifests.ndjson',
    'form seals.ndjson',
    'receipt-invalid ',
  ])
})
