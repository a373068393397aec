/** Chains of numbered statements in DynamoDB, and marks that say what anybody has seen of them. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { digestOfLink, type Link } from '../policy/chain.ts'
import { itemKey, jsonOf, queryAll, rowsIn, type TableItem, textOf } from './dynamodb.ts'

/** Digits of a number in a key, so that keys are in the order of numbers. */
const digits = 6

const keyOf = (chain: string, number: number) =>
  itemKey(chain, String(number).padStart(digits, '0'))

/**
 * What the rows of a chain say from a number on, in their order, as last written; nothing of it is checked.
 */
export async function readChain(
  client: DynamoDBClient,
  table: string,
  chain: string,
  from = 1,
): Promise<readonly unknown[]> {
  const { pk, sk } = keyOf(chain, from)
  const items = await queryAll(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :chain AND sk >= :from',
    ExpressionAttributeValues: { ':chain': pk, ':from': sk },
  })
  return items.map(statementIn)
}

/** What the rows of every chain say, by its name, in their order; nothing of it is checked. */
export async function readChains(
  client: DynamoDBClient,
  table: string,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const items: TableItem[] = []
  for await (const page of rowsIn(client, table).scan()) items.push(...page)
  // In a scan, the rows of a chain come in their order, as they do in a query.
  const chains = Map.groupBy(items, (item) => textOf(item, 'pk'))
  return new Map([...chains].map(([chain, rows]) => [chain, rows.map(statementIn)]))
}

/** Puts a statement if there is none of its number, durably; whether it did. */
export const putStatement = (
  client: DynamoDBClient,
  table: string,
  statement: Link<unknown>,
): Promise<boolean> =>
  rowsIn(client, table).putNew({
    ...keyOf(statement.chain, statement.number),
    statement: { S: JSON.stringify(statement) },
  })

/** What a row says; undefined if that is no JSON. */
function statementIn(item: TableItem): unknown {
  try {
    return jsonOf(item, 'statement')
  } catch {
    return undefined
  }
}

/** What the keys of marks begin with; those of entries begin with `D#`. */
export const marksPrefix = 'M#'

/** What was seen of chains, by whichever instance. */
export type Marks = {
  /** The digest of the statement that was seen under a number; undefined if none was. */
  of(chain: string, number: number): Promise<string | undefined>
  /**
   * Marks statements that count, in their order; whether they are those that were seen before. Below `begins`, what
   * was seen was lost before the chain began anew. What an anchor skips is marked as skipped by it.
   */
  see(chain: string, statements: readonly Link<unknown>[], begins: number): Promise<boolean>
}

/**
 * The marks in the table of entries, of which no role may update or delete an item: that somebody saw a statement is
 * known though its row is gone, in whichever log and year nobody has asked since. Nothing but `see` writes, and it
 * writes nothing twice.
 */
export const dynamodbMarks = (client: DynamoDBClient, table: string): Marks => {
  const rows = rowsIn(client, table)
  const markOf = (chain: string, number: number) => ({
    pk: { S: `${marksPrefix}${chain}#${number}` },
  })
  const of = async (chain: string, number: number): Promise<string | undefined> => {
    const item = await rows.get(markOf(chain, number))
    return item && textOf(item, 'digest')
  }
  const put = async (chain: string, number: number, digest: string): Promise<boolean> =>
    (await rows.putNew({ ...markOf(chain, number), digest: { S: digest } })) ||
    (await of(chain, number)) === digest
  return {
    of,
    async see(chain, statements, begins) {
      let from = statements.length
      while (from > 0) {
        const { number, ...link } = statements[from - 1] as Link<unknown>
        const standing = await of(chain, number)
        if (standing === digestOfLink({ number, ...link })) break
        if (standing !== undefined && number >= begins) return false
        from -= 1
      }
      for (const [at, statement] of statements.slice(from).entries()) {
        const digest = digestOfLink(statement)
        const before = statements[from + at - 1]?.number ?? 0
        for (let skipped = before + 1; skipped < statement.number; skipped++)
          await put(chain, skipped, digest)
        const isOwn = await put(chain, statement.number, digest)
        if (!isOwn && statement.number >= begins) return false
      }
      return true
    },
  }
}
