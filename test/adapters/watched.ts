/** Watches the calls of a client to the store: what each costs, and what happens just before one. */

import { setTimeout as pause } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

/** What calls cost, in DynamoDB's units of capacity, by the store's own count. */
export type Units = { calls: number; read: number; write: number }

/** Counts what the calls of a client cost from now on. */
export function countUnits(client: DynamoDBClient): Units {
  const units: Units = { calls: 0, read: 0, write: 0 }
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' })
        const result = await next(args)
        // A cast, since not every command says what it consumed.
        const { ConsumedCapacity: used } = result.output as { ConsumedCapacity?: unknown }
        units.calls++
        const isRead = /^(Get|BatchGet|Query|Scan)/.test(commandName)
        for (const { CapacityUnits = 0 } of [used ?? []].flat() as { CapacityUnits?: number }[])
          units[isRead ? 'read' : 'write'] += CapacityUnits
        return result
      },
    { step: 'initialize', name: 'countUnits' },
  )
  return units
}

/** Does something just before the call of this index, as if the caller had been frozen meanwhile. */
export function beforeCall(client: DynamoDBClient, index: number, act: () => Promise<void>): void {
  let calls = 0
  client.middlewareStack.add(
    (next) => async (args) => {
      if (calls++ === index) await act()
      return next(args)
    },
    { step: 'initialize', name: 'beforeCall' },
  )
}

/** The tables that a call names. */
type Asked = { readonly TableName?: string; readonly RequestItems?: object }

/** A call to the store, and how many calls one after the other it took to get there, itself included. */
export type Trip = { readonly what: string; readonly row: number }

/**
 * Traces the calls of a client. Each takes a moment, and is one row after those that had been answered before
 * it was sent.
 */
export function traceTrips(client: DynamoDBClient, tables: Readonly<Record<string, string>>) {
  const names = new Map(Object.entries(tables).map(([name, table]) => [table, name]))
  let trips: Trip[] = []
  let answered = 0
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const { TableName, RequestItems = {} } = args.input as Asked
        const table = TableName ?? Object.keys(RequestItems).join()
        const row = answered + 1
        trips.push({ what: `${commandName.replace('Command', '')} ${names.get(table)}`, row })
        const result = await next(args).finally(async () => {
          await pause(tripMs)
          answered = Math.max(answered, row)
        })
        return result
      },
    { step: 'initialize', name: 'traceTrips' },
  )
  return {
    /** What was called since it was asked last, row by row. */
    rows(): readonly (readonly string[])[] {
      const most = Math.max(0, ...trips.map(({ row }) => row))
      const rows = Array.from({ length: most }, (_, i) =>
        trips.filter(({ row }) => row === i + 1).map(({ what }) => what),
      )
      trips = []
      answered = 0
      return rows.map((row) => row.sort())
    },
  }
}

/** How long a call takes at least, ms: enough for whatever goes out at once to have gone out. */
const tripMs = 25
