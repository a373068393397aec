/** Verifying exported logs: what is whole, what waits, and what is only claimed. Tampering: tamper.test.ts. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Exported, exportLogs, startVerifiers } from './exported.ts'

let exported: Exported
let verify: ReturnType<typeof startVerifiers>
beforeAll(async () => {
  exported = await exportLogs()
  verify = startVerifiers(exported)
})
afterAll(async () => {
  await verify.stop()
  await exported.close()
})

describe('Logs that nobody touched', () => {
  test('are whole: sealed, proved, signed and cosigned', async () => {
    const { receipts, proofs, de, gb } = exported
    const verdict = await verify({ receipts, proofs })
    expect(verdict).toMatchObject({ whole: true, findings: [], witnesses: 2, quorum: 1 })
    expect(verdict.logs).toMatchObject([
      { log: de, entries: 9, size: 9, signed: 9, cosigned: 2, pending: 0 },
      { log: gb, entries: 3, size: 3, signed: 3, cosigned: 2, pending: 0 },
    ])
  })
})
