/** The register of agencies in DynamoDB, remembered for a minute. */

import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb'
import { type Agency, agencySchema } from '../identity/register.ts'
import type { Register } from '../ports.ts'
import { type Item, jsonOf, textOf } from './dynamodb.ts'

/** How old an agency may be, and how old while the store is away, ms. */
const freshMs = 60_000
const staleMs = 600_000
/** How many names that are in no register are remembered: 1000 cost about 200 KB. */
const unknownMax = 1000

/** The register, and the way to seed it. */
export type SeededRegister = Register & {
  /** Durable once it returns; other running instances see it within a minute. */
  put(agency: Agency): Promise<void>
}

/** What a read of the register said. */
type Read = { readonly agency: Agency | undefined; readonly readAt: number }

/**
 * The register.
 *
 * INVARIANT (a name costs the same): that an agency is not there is remembered as long as an agency
 * is, so that how long we take does not tell which names are registered. Nobody can fill this memory: of
 * unknown names the oldest goes, and never a known agency.
 */
export const dynamodbRegister = (
  client: DynamoDBClient,
  table: string,
  now: () => Date,
): SeededRegister => {
  const known = new Map<string, Read>()
  const unknown = new Map<string, Read>()

  const read = async (id: string): Promise<Item | undefined> => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true })
    return (await client.send(command)).Item
  }

  const forget = (id: string): void => {
    known.delete(id)
    unknown.delete(id)
  }

  const remember = (id: string, read: Read): void => {
    ;(read.agency === undefined ? unknown : known).set(id, read)
    const [oldest] = unknown.keys()
    if (oldest !== undefined && unknown.size > unknownMax) unknown.delete(oldest)
  }

  return {
    async agency(id) {
      const at = now().getTime()
      const last = known.get(id) ?? unknown.get(id)
      // Without its sign, so that a clock set back makes nothing young.
      const ageMs = last === undefined ? Number.POSITIVE_INFINITY : Math.abs(at - last.readAt)
      if (last !== undefined && ageMs < freshMs) return last.agency
      let item: Item | undefined
      try {
        item = await read(id)
      } catch (error) {
        if (last !== undefined && ageMs < staleMs) return last.agency
        throw error
      }
      forget(id)
      const agency = item === undefined ? undefined : agencyIn(item, id)
      remember(id, { agency, readAt: at })
      return agency
    },

    async all(malformed = () => undefined) {
      const agencies: Agency[] = []
      const scan = { TableName: table, ConsistentRead: true }
      for await (const { Items = [] } of paginateScan({ client }, scan))
        for (const item of Items) {
          const id = textOf(item, 'pk').slice(7)
          const agency = readAgency(item, id)
          if (agency === undefined) malformed(id)
          else agencies.push(agency)
        }
      return agencies
    },

    async put(agency) {
      const item = { ...keyOf(agency.id), agency: { S: JSON.stringify(agency) } }
      await client.send(new PutItemCommand({ TableName: table, Item: item }))
      forget(agency.id)
    },
  }
}

const keyOf = (id: string) => ({ pk: { S: `AGENCY#${id}` } })

function agencyIn(item: Item, id: string): Agency {
  const agency = readAgency(item, id)
  if (agency === undefined) throw new Error(`couldn’t read agency \`${id}\`: it is malformed`)
  return agency
}

function readAgency(item: Item, id: string): Agency | undefined {
  try {
    const { success, data } = agencySchema.safeParse(jsonOf(item, 'agency'))
    return success && data.id === id ? data : undefined
  } catch {
    // No JSON, or none of that name.
    return undefined
  }
}
