/** What callers of a machine may take before a signature of theirs holds. */

import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type BoundedCaller, type Bounds, boundedDoor } from '../../functions/machine/bounds.ts'

type Connection = Socket & { readonly destroyed: boolean }

/** A connection as far as a door looks at one. */
function connection(remoteAddress: string): Connection {
  const socket = Object.assign(new EventEmitter(), {
    ...{ remoteAddress, destroyed: false },
    destroy() {
      socket.destroyed = true
      socket.emit('close')
    },
  })
  return socket as unknown as Connection
}

/** A door, and in which order it takes calls. */
function doorWith(bounds: Bounds = {}) {
  const door = boundedDoor(bounds)
  const taken: string[] = []
  const connected = (address: string) => {
    const socket = connection(address)
    door.connected(socket)
    return socket
  }
  const call = async (socket: Socket, name: string, headers: Record<string, string> = {}) => {
    let caller: BoundedCaller = {}
    const request = new Request('https://gateway.example/v1/policies', { headers })
    const response = await door.take(request, socket, (who) => {
      taken.push(name)
      caller = who
      return new Response('')
    })
    return { status: response.status, caller }
  }
  const prove = async (socket: Socket) => (await call(socket, 'first')).caller.signed?.(true)
  return { connected, call, prove, taken }
}

const many = (count: number) => Array.from({ length: count }, (_, i) => i)
const isOpen = ({ destroyed }: Connection) => !destroyed

// Kills: closing whoever has signed for a flood of its own network; closing other networks' for it; bounding none.
test('A flood of a network closes its own oldest connections, and none on which a signature held', async () => {
  const { connected, prove } = doorWith()
  const [signed, other] = [connected('192.0.2.9'), connected('198.51.100.7')]
  await prove(signed)
  const flood = many(1000).map((i) => connected(`192.0.2.${i % 250}`))
  expect([signed, other].every(isOpen)).toBe(true)
  expect(flood.filter(isOpen)).toEqual(flood.slice(-256))
  // One that comes new gets in, too.
  const fresh = connected('192.0.2.9')
  await prove(fresh)
  for (const i of many(1000)) connected(`192.0.2.${i % 250}`)
  expect([signed, fresh].every(isOpen)).toBe(true)
})

test('Many networks together have a bound, and the one with the most gives way', () => {
  const { connected } = doorWith()
  const few = connected('203.0.113.1')
  const all = many(4000).map((i) => connected(`10.${i % 16}.0.${i % 250}`))
  expect(all.filter(isOpen)).toHaveLength(2047)
  expect(isOpen(few)).toBe(true)
})

// Kills: a queue for all; one in which signed connections wait; no queue.
test('Calls begin one in each turn, each network’s in turn, and at once where a signature held', async () => {
  const { connected, call, prove, taken } = doorWith()
  const [flooding, signed, other] = ['192.0.2.1', '192.0.2.9', '198.51.100.7'].map(connected)
  if (!flooding || !signed || !other) throw new Error('no connection')
  await prove(signed)
  taken.length = 0
  const flood = many(200).map((i) => call(flooding, `flood ${i}`))
  const later = call(other, 'other')
  const own = call(signed, 'signed')
  expect(taken).toEqual(['signed'])
  await Promise.all([later, own])
  expect(taken.slice(0, 3)).toEqual(['signed', 'flood 0', 'other'])
  const before = taken.length
  await turnOfLoop()
  expect(taken.length - before).toBeLessThanOrEqual(1)
  expect((await Promise.all(flood)).every(({ status }) => status === 200)).toBe(true)
})

test('Whoever’s signature did not hold waits again', async () => {
  const { connected, call, prove, taken } = doorWith()
  const socket = connected('192.0.2.9')
  await prove(socket)
  const { caller } = await call(socket, 'copied key')
  caller.signed?.(false)
  taken.length = 0
  const waits = call(socket, 'next')
  expect(taken).toEqual([])
  await waits
})

test('Of more calls than may wait, the oldest of the largest network are told to come back', async () => {
  const { connected, call } = doorWith()
  const [flooding, other] = [connected('192.0.2.1'), connected('198.51.100.7')]
  const all = many(300).map((i) => call(flooding, `flood ${i}`))
  const one = call(other, 'other')
  const statuses = (await Promise.all(all)).map(({ status }) => status)
  expect(statuses).toEqual(many(300).map((i) => (i < 44 ? 429 : 200)))
  expect((await one).status).toBe(200)
})

// Kills: an address that anybody writes; a proxy's connection that is closed, or on which one caller proves for all.
test('A header is believed from a named proxy alone, whose connections are neither closed nor proven', async () => {
  const { connected, call, prove, taken } = doorWith({
    ...{ addressHeader: 'x-real-ip', proxies: ['10.0.0.1'] },
  })
  const proxies = many(1000).map(() => connected('::ffff:10.0.0.1'))
  expect(proxies.every(isOpen)).toBe(true)
  const [proxy] = proxies
  if (!proxy) throw new Error('no connection')
  const headers = { 'x-real-ip': '203.0.113.5' }
  expect((await call(proxy, 'by proxy', headers)).caller.address).toBe('203.0.113.5')
  expect((await call(connected('192.0.2.1'), 'alone', headers)).caller.address).toBe('192.0.2.1')
  await prove(proxy)
  taken.length = 0
  const waits = call(proxy, 'next', headers)
  expect(taken).toEqual([])
  await waits
})
