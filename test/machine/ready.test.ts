/** `/readyz`: whether a machine can answer now. */

import { expect, test } from 'vitest'
import { readiness } from '../../functions/machine/ready.ts'

// Kills: a machine that says it is ready while its store is away, or asks the store as often as strangers ask it.
test('A machine is ready while its store answers, which is asked once a second at most', async () => {
  let [now, asked, isAway] = [0, 0, false]
  const asks = async () => {
    asked += 1
    if (isAway) throw new Error('Anton Beispiel')
  }
  const ready = readiness(asks, () => now)
  const all = await Promise.all([ready(), ready(), ready()])
  expect([all.map(({ status }) => status), asked]).toEqual([[200, 200, 200], 1])
  isAway = true
  now = 999
  expect((await ready()).status).toBe(200)
  now = 1000
  const away = await ready()
  expect([away.status, await away.text(), asked]).toEqual([503, '{"status":"store-away"}', 2])
  isAway = false
  now = 2000
  expect((await ready()).status).toBe(200)
})
