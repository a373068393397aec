/** Chains of numbered statements in DynamoDB, and marks of which statements any instance has seen. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { digestOfLink, type Link } from '../policy/chain.ts'
import { itemKey, jsonOf, rowsIn, type TableItem, textOf } from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/** Digits of a number in a key, so that keys sort by number. */
const digits = 6

const keyOf = (chain: string, number: number) =>
  itemKey(rowKey(kinds.statement, chain), String(number).padStart(digits, '0'))

/** The unchecked content of a chain's rows from number `from` on, in order, as last written. */
export async function readChain(
  client: DynamoDBClient,
  table: string,
  chain: string,
  from = 1,
): Promise<readonly unknown[]> {
  const { pk, sk } = keyOf(chain, from)
  const query = { KeyConditionExpression: 'pk = :pk AND sk >= :from', values: { ':from': sk } }
  const items = await rowsIn(client, table).all(pk.S, query)
  return items.map(statementIn)
}

/** The unchecked content of the rows of every chain, by the chain's name, in order. */
export async function readChains(
  client: DynamoDBClient,
  table: string,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const items: TableItem[] = []
  for await (const page of rowsIn(client, table).scan()) items.push(...page)
  // In a scan, the rows of a chain come in order, as they do in a query.
  const chains = Map.groupBy(items, (item) => textOf(item, 'pk'))
  return new Map([...chains].map(([chain, rows]) => [chain, rows.map(statementIn)]))
}

/** Puts a statement durably; false if there is already one with its number. */
export const putStatement = (
  client: DynamoDBClient,
  table: string,
  statement: Link<unknown>,
): Promise<boolean> =>
  rowsIn(client, table).putNew({
    ...keyOf(statement.chain, statement.number),
    statement: { S: JSON.stringify(statement) },
  })

/** What a row says; undefined if it is not JSON. */
function statementIn(item: TableItem): unknown {
  try {
    return jsonOf(item, 'statement')
  } catch {
    return undefined
  }
}

/** The digests of statements that some instance saw, by number. */
export type SeenMarks = ReadonlyMap<number, string>

/** What any instance has seen of chains. */
export type Marks = {
  /** The digests of the statements that some instance saw under these numbers, by number; none where nobody did. */
  of(chain: string, ...numbers: readonly number[]): Promise<SeenMarks>
  /** The same of many chains, by chain. */
  ofEach(numbers: ReadonlyMap<string, readonly number[]>): Promise<ReadonlyMap<string, SeenMarks>>
  /**
   * Marks statements that count, in order; false if others were seen under their numbers. Below `begins` that
   * is no fault, since the chain lost those statements before it began anew. Numbers that an anchor skips get
   * the anchor's mark.
   */
  see(chain: string, statements: readonly Link<unknown>[], begins: number): Promise<boolean>
}

/**
 * The marks in the table of entries, where no role may update or delete an item. So we know that somebody saw a
 * statement even if its row is gone, and however long nobody has asked since. Only `see` writes marks, and it
 * writes each once.
 */
export const dynamodbMarks = (client: DynamoDBClient, table: string): Marks => {
  const rows = rowsIn(client, table)
  const markOf = (chain: string, number: number) => ({
    pk: { S: rowKey(kinds.mark, chain, String(number)) },
  })
  const ofEach: Marks['ofEach'] = async (numbers) => {
    const keys = [...numbers].flatMap(([chain, all]) => all.map((number) => markOf(chain, number)))
    const seen = new Map<string, Map<number, string>>()
    for (const item of await rows.getEach(keys)) {
      const [, chain = '', number] = textOf(item, 'pk').split('#')
      const own = seen.get(chain) ?? new Map<number, string>()
      seen.set(chain, own.set(Number(number), textOf(item, 'digest')))
    }
    return seen
  }
  const of: Marks['of'] = async (chain, ...numbers) =>
    (await ofEach(new Map([[chain, numbers]]))).get(chain) ?? new Map()
  const put = async (chain: string, number: number, digest: string): Promise<boolean> =>
    (await rows.putNew({ ...markOf(chain, number), digest: { S: digest } })) ||
    (await of(chain, number)).get(number) === digest
  return {
    of,
    ofEach,
    async see(chain, statements, begins) {
      let from = statements.length
      while (from > 0) {
        const { number, ...link } = statements[from - 1] as Link<unknown>
        const standing = (await of(chain, number)).get(number)
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
