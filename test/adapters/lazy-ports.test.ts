/** Ports that are read once one of them is asked. */

import { expect, test } from 'vitest'
import { lazy } from '../../functions/adapters/lazy-ports.ts'

/** Two ports, of which every answer says how often they were made. */
function counted() {
  let made = 0
  const ports = lazy(async () => {
    made += 1
    const times = made
    return {
      inbox: { list: async (holder: string, limit: number) => [holder, limit, times] },
      files: { has: async (file: string) => file === 'held', gone: async () => refuse() },
    }
  })
  return { ports, count: () => made }
}
const refuse = (): never => {
  throw new Error('away')
}

// Kills: ports that are made at a start; made for each, or for each call.
test('Late ports are made once, by whatever is asked first', async () => {
  const { ports, count } = counted()
  const { inbox, files } = ports
  expect(count()).toBe(0)
  const all = Promise.all([inbox.list('DE-BKA', 3), files.has('held'), files.has('other')])
  expect(await all).toEqual([['DE-BKA', 3, 1], true, false])
  expect(await ports.inbox.list('DE-POL', 1)).toEqual(['DE-POL', 1, 1])
  expect(count()).toBe(1)
})

// Kills: a failure that is swallowed, or said to be of another call.
test('A late port fails as its adapter does', async () => {
  await expect(counted().ports.files.gone()).rejects.toThrow('away')
})

// Kills: a load that failed once, for want of a file handle or of memory, and fails every later call of its instance.
test('What could not be loaded is loaded anew when it is asked again', async () => {
  let tried = 0
  const { files } = lazy(async () => {
    tried += 1
    if (tried === 1) refuse()
    return { files: { has: async () => tried } }
  })
  await expect(Promise.all([files.has(), files.has()])).rejects.toThrow('away')
  expect(await Promise.all([files.has(), files.has()])).toEqual([2, 2])
})
