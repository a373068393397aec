/** A request of another comes while an office speaks: its rows are written one after the other, and nobody changed them. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { beforeEachCommand, concerns, startTwo, type Two } from './two-people.ts'

let two: Two
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two.acting.close())

// Kills: marks and rows that are read at two moments, and compared as if at one.
test('Nothing rings for a request that comes while an office speaks', async () => {
  const { acting, people, say, asks } = two
  const { two: other, ofOne } = await people()
  const told: string[] = []
  let isAsking = false
  const end = beforeEachCommand(acting, async ({ name, input }) => {
    const { TableName: table = '' } = input as { TableName?: string }
    if (isAsking || name !== 'UpdateItemCommand' || !table.includes('attestations')) return
    isAsking = true
    told.push(...(await asks(other.body)).told)
    isAsking = false
  })
  await say({ ...concerns, scope: ofOne })
  end()
  expect(told).toEqual([])
})
