/**
 * What callers of a machine may take before a signature of theirs holds: how many connections each network has open, and
 * how many of its calls wait. One call begins in each turn of the event loop, of each network in turn, so that a flood
 * waits and whoever signed does not.
 */

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { networkOf } from '../console/network.ts'
import type { Bounding } from '../http/guard.ts'
import { problem } from '../http/problem.ts'
import { eachTurn } from './turns.ts'

/** Most connections of one network, and of all, on which no signature held; beyond, the oldest of the most is closed. */
const openMax = { ofOne: 256, ofAll: 2048 }
/** Most connections on which one held, which nobody else can have closed. */
const provenMax = 1024
/** Most calls that wait, likewise: each costs a check of a third of a millisecond at most. */
const waitingMax = { ofOne: 256, ofAll: 1024 }

/** Whose word on an address is believed. */
export type Bounds = {
  /** The header in which the proxies say from which address a call comes. */
  readonly addressHeader?: string | undefined
  readonly proxies?: readonly string[]
}

/** Who calls: an address as far as it is known, and what wants to know whether the signature held. */
export type BoundedCaller = Bounding & { readonly address?: string }

/** A door that bounds whoever has not signed. */
export function boundedDoor({ addressHeader, proxies = [] }: Bounds) {
  const open = crowd<Socket>(openMax)
  const waiting = crowd<(isTaken: boolean) => void>(waitingMax)
  const proven = new Set<Socket>()
  const isProxy = ({ remoteAddress }: Socket) => proxies.includes(plain(remoteAddress))

  const wake = eachTurn(() => {
    const next = waiting.next()
    return next && (() => next(true))
  })
  /** Waits for its turn; false if so many of its network came after it that it has none. */
  const turn = (network: string) =>
    new Promise<boolean>((resolve) => {
      waiting.add(network, resolve)?.(false)
      wake()
    })

  /** A signature held, or did not: a key that a call only names was anybody's to copy. */
  const prove = (socket: Socket, network: string, holds: boolean) => {
    if (proven.has(socket) === holds || socket.destroyed || isProxy(socket)) return
    if (!holds) {
      proven.delete(socket)
      open.add(network, socket)?.destroy()
    } else if (proven.size < provenMax) {
      open.remove(network, socket)
      proven.add(socket)
    }
  }

  return {
    /** Counts a connection, unless a proxy has it, which brings callers of many networks. */
    connected(socket: Socket): void {
      if (isProxy(socket)) return
      const network = networkAt(socket.remoteAddress)
      open.add(network, socket)?.destroy()
      socket.once('close', () => {
        open.remove(network, socket)
        proven.delete(socket)
      })
    },
    /** Answers a call in its turn; at once on a connection where the last signature held. */
    async take(
      request: Request,
      socket: Socket,
      answer: (caller: BoundedCaller) => Response | Promise<Response>,
    ): Promise<Response> {
      const told = isProxy(socket) && addressHeader ? request.headers.get(addressHeader) : null
      const address = told ?? plain(socket.remoteAddress)
      const network = networkAt(address)
      if (!proven.has(socket) && !(await turn(network)))
        return problem(randomBytes(16).toString('hex'), 'rate-limited', { retryAfter: 1 })
      return answer({ address, signed: (holds) => prove(socket, network, holds) })
    },
  }
}

/** An IPv4 address as it is written, where a socket for both has it as IPv6. */
const plain = (address = '') => address.replace(/^::ffff:(?=\d+\.)/i, '')

/** What is no address is a network of its own. */
const networkAt = (address: string | undefined) => networkOf(address) ?? 'unknown'

/** What networks have of something, each in its order. */
export function crowd<T>({ ofOne, ofAll }: { readonly ofOne: number; readonly ofAll: number }) {
  const networks = new Map<string, Set<T>>()
  let size = 0
  const remove = (network: string, one: T): void => {
    const all = networks.get(network)
    if (!all?.delete(one)) return
    size -= 1
    if (all.size === 0) networks.delete(network)
  }
  const oldestOf = (network: string): T | undefined => {
    const [oldest] = networks.get(network) ?? []
    if (oldest !== undefined) remove(network, oldest)
    return oldest
  }
  const largest = () =>
    [...networks].reduce((most, each) => (each[1].size > most[1].size ? each : most))[0]
  return {
    /** Adds one; returns what has to go for it: the oldest of its network, or of the one that has the most. */
    add(network: string, one: T): T | undefined {
      const all = networks.get(network) ?? new Set()
      networks.set(network, all.add(one))
      size += 1
      if (all.size > ofOne) return oldestOf(network)
      return size > ofAll ? oldestOf(largest()) : undefined
    },
    remove,
    /** Takes the oldest of the next network, each in turn. */
    next(): T | undefined {
      const [first] = networks
      if (first === undefined) return undefined
      const [network, all] = first
      const oldest = oldestOf(network)
      // Last in turn from now on.
      networks.delete(network)
      if (all.size > 0) networks.set(network, all)
      return oldest
    },
  }
}
