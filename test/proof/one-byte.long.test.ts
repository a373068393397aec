/**
 * One changed byte anywhere in what is kept of a log: both verifiers find it, in the same place.
 *
 *     COMITY_EVERY_BYTE=1 npm run test:long -- test/proof/one-byte.long.test.ts     each byte once, in minutes
 */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { millisecondsOf } from '../../functions/ledger/verify-files.ts'
import type { LogFinding } from '../../functions/proof/verify-findings.ts'
import { exportLogs, filesIn, type Judged, startSealed, startVerifiers } from './exported.ts'

const everyByte = process.env.COMITY_EVERY_BYTE !== undefined

let exported: Judged & { close(): Promise<void> }
let verifiers: ReturnType<typeof startVerifiers>
let verify: ReturnType<typeof verifiers.of>
beforeAll(async () => {
  exported = everyByte ? await exportSmall() : await exportLogs()
  verifiers = startVerifiers()
  verify = verifiers.of(exported)
})
afterAll(async () => {
  await verifiers.stop()
  await exported.close()
})

/** A log that has every kind of file, and entries of a tenth of a decision's bytes. */
async function exportSmall(): Promise<typeof exported> {
  const sealed = await startSealed()
  for (const count of [3, 2, 4]) {
    await sealed.append('DE', count)
    await sealed.seal()
    sealed.pass(600)
  }
  const exportFolder = await sealed.export()
  const now = sealed.gateway.clock.now.getTime()
  return { ...sealed, exportFolder, files: filesIn(exportFolder), now }
}

describe('One changed byte', () => {
  const kinds = [
    'entries.ndjson',
    'manifests.ndjson',
    'seals.ndjson',
    'head.json',
    'checkpoint',
    'checkpoints/',
    'tile/0/',
    'tile/entries/',
  ]

  // Kills: a kind of file, or a part of one, that is not compared with anything.
  test.each(kinds)(
    'in %s is found, and its place is named',
    async (kind) => {
      const paths = [...exported.files.keys()].filter((path) =>
        kind.endsWith('/') ? path.includes(`/${kind}`) : path.endsWith(`/${kind}`),
      )
      expect(paths.length).toBeGreaterThan(0)
      if (everyByte) {
        for (const path of paths)
          for (const at of exported.files.get(path)?.keys() ?? [])
            await expectFound(path, at, 1 + ((at * 7) % 255))
        return
      }
      const spot = fc.record({
        path: fc.constantFrom(...paths),
        place: fc.maxSafeNat(),
        change: fc.integer({ min: 1, max: 255 }),
      })
      await fc.assert(
        fc.asyncProperty(spot, ({ path, place, change }) =>
          expectFound(path, place % (exported.files.get(path)?.length ?? 1), change),
        ),
        { numRuns: 25 },
      )
    },
    7_200_000,
  )

  async function expectFound(path: string, at: number, change: number): Promise<void> {
    const before = exported.files.get(path) ?? new Uint8Array()
    const bytes = before.map((byte, each) => (each === at ? byte ^ change : byte))
    if (isAsTrue(before, bytes)) return
    const { findings } = await verify({ changes: { [path]: bytes } })
    const named = findings.filter((each) => isAt(each, path, before, at))
    expect(named, `byte ${at} of ${path} changed by ${change}`).not.toEqual([])
  }

  /** Of a head, `sweptUntil` says from where to look again: any time is as true that has come. */
  const isAsTrue = (before: Uint8Array, after: Uint8Array): boolean => {
    const [was, is] = [before, after].map((each) =>
      /^(.*"sweptUntil":)"(.*)"}\n$/.exec(Buffer.from(each).toString()),
    )
    const swept = millisecondsOf(is?.[2] ?? '')
    return was?.[1] === is?.[1] && swept !== undefined && swept <= exported.now
  }

  const isAt = ({ where }: LogFinding, path: string, bytes: Uint8Array, at: number): boolean => {
    if (where.file !== path) return false
    const line = Buffer.from(bytes.subarray(0, at)).toString().split('\n').length
    if (where.line !== undefined && where.line !== line) return false
    const [from, to] = where.bytes ?? [0, bytes.length]
    return path.endsWith('.ndjson') || (from <= at && at < to)
  }
})
