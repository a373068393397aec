/**
 * Marks of statements, in the table of entries, of which no role may update or delete an item: that somebody saw a
 * statement is known though its row is gone, in whichever log and year nobody has asked since.
 */

import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { digestOfLink, type Link } from '../policy/chain.ts'
import { textOf, tookEffect } from './dynamodb.ts'

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

/** The marks in a table. Nothing but `see` writes, and it writes nothing twice. */
export const dynamodbMarks = (client: DynamoDBClient, table: string): Marks => {
  const keyOf = (chain: string, number: number) => ({
    pk: { S: `${marksPrefix}${chain}#${number}` },
  })
  const of = async (chain: string, number: number): Promise<string | undefined> => {
    const Key = keyOf(chain, number)
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key, ConsistentRead: true }),
    )
    return Item && textOf(Item, 'digest')
  }
  const put = async (chain: string, number: number, digest: string): Promise<boolean> => {
    const command = new PutItemCommand({
      TableName: table,
      Item: { ...keyOf(chain, number), digest: { S: digest } },
      ConditionExpression: 'attribute_not_exists(pk)',
    })
    return (await tookEffect(client.send(command))) || (await of(chain, number)) === digest
  }
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
