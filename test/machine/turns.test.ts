/** Others' answers go on while somebody looks through many entries. */

import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { turns } from '../../functions/machine/turns.ts'

// Kills: many in one turn, so that nobody else is answered in between; one who is never called.
test('Each has a turn of its own, in order, and again after a while', async () => {
  const turn = turns()
  for (const _ of ['first', 'once all had theirs']) {
    const done: [number, number][] = []
    let now = 0
    const all = Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        await turn()
        done.push([i, now])
      }),
    )
    while (done.length < 50) {
      now += 1
      await turnOfLoop()
    }
    await all
    expect(done.map(([i]) => i)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(new Set(done.map(([, when]) => when)).size).toBe(50)
  }
})
