/** Contents of files in DynamoDB, in the table of records, in parts that an item can hold. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { ContentChange, FileContents, FilePlace } from '../file-ports.ts'
import { seal, unseal } from './aes-gcm.ts'
import {
  bytesOf,
  itemKey,
  numberOf,
  type Rows,
  rowsIn,
  type TableItem,
  textOf,
} from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/** Longest part, bytes: an item holds 400 KB. */
const partBytesMax = 350 * 1024

/**
 * Under a record one row for each content that is whole, named by its digest, and one for each attempt to write it,
 * named by digest and key; the parts are under record and digest. The attempt is written first and the whole last,
 * so that a crash leaves parts that nobody reads and that a removal finds.
 */
export const dynamodbFiles = (client: DynamoDBClient, table: string): FileContents => {
  const rows = rowsIn(client, table)
  const whole = (of: FilePlace) => itemKey(pkOf(of), of.digest)
  const attempt = (of: FilePlace, kid: string) => itemKey(pkOf(of), `${of.digest}#${kid}`)
  const part = (of: FilePlace, kid: string, i: number) =>
    itemKey(
      rowKey(kinds.filePart, of.holder, of.record, of.digest),
      `${kid}#${String(i).padStart(2, '0')}`,
    )
  return {
    async put(of, content, keyed, at) {
      const there = await rows.get(whole(of))
      if (there !== undefined) {
        const terms = {
          if: 'attribute_exists(pk) AND attribute_not_exists(going)',
          names: { '#at': 'at' },
          values: { ':at': { S: at } },
        }
        const key = attempt(of, textOf(there, 'kid'))
        if (await rows.update(key, 'SET #at = :at', terms)) return
      }
      const { kid, kek } = await keyed()
      const sealed = seal(kek, content, contextOf(of))
      const count = Math.ceil(sealed.length / partBytesMax)
      const made = { kid: { S: kid }, parts: { N: String(count) }, at: { S: at } }
      await rows.put({ ...attempt(of, kid), ...made })
      for (let i = 0; i < count; i++) {
        const bytes = sealed.subarray(i * partBytesMax, (i + 1) * partBytesMax)
        await rows.put({ ...part(of, kid, i), bytes: { B: bytes } })
      }
      // In place of one that is going. Another attempt of the same call may have come first, under a key of its own: then
      // this one stays beside it, so that both keys go with the content.
      if (there === undefined) await rows.putNew({ ...whole(of), ...made })
      else
        await rows.put(
          { ...whole(of), ...made },
          {
            if: 'attribute_not_exists(pk) OR kid = :going',
            values: { ':going': { S: textOf(there, 'kid') } },
          },
        )
    },

    has: async (of) => (await rows.get(whole(of))) !== undefined,

    async get(of) {
      const row = await rows.get(whole(of))
      if (row === undefined) return undefined
      const kid = textOf(row, 'kid')
      const parts = await Promise.all(
        Array.from({ length: numberOf(row, 'parts') }, (_, i) => rows.get(part(of, kid, i))),
      )
      const there = parts.filter((each) => each !== undefined)
      // A removal that is under way takes the whole first.
      if (there.length < parts.length) return undefined
      const sealed = Buffer.concat(there.map((each) => bytesOf(each, 'bytes')))
      return { kid, open: (kek) => unseal(kek, sealed, contextOf(of)) }
    },

    async list(holder, record) {
      const attempts = (await rows.all(pkOf({ holder, record }))).filter(isAttempt)
      return attempts.map((row) => ({
        ...{ digest: digestIn(row), kid: textOf(row, 'kid') },
        ...(row.at?.S === undefined ? {} : { at: row.at.S }),
      }))
    },

    take: (of, kid, at) =>
      rows.update(attempt(of, kid), 'SET going = :true', {
        if: at === undefined ? 'attribute_exists(pk) AND attribute_not_exists(#at)' : '#at = :at',
        names: { '#at': 'at' },
        values: { ':true': { BOOL: true }, ...(at !== undefined && { ':at': { S: at } }) },
      }),

    async remove(of, kid) {
      await rows.remove(whole(of), { if: 'kid = :kid', values: { ':kid': { S: kid } } })
      const row = await rows.get(attempt(of, kid))
      if (row === undefined) return
      for (let i = 0; i < numberOf(row, 'parts'); i++) await rows.remove(part(of, kid, i))
      await rows.remove(attempt(of, kid))
    },

    ...changesIn(rows),
  }
}

/** Changes that may leave contents which no record names. */
const changesIn = (rows: Rows): Pick<FileContents, 'begin' | 'end' | 'begun'> => ({
  async begin(holder, change) {
    await rows.put({ ...changeKey(holder, change), record: { S: change.record } })
  },

  async end(holder, change) {
    await rows.remove(changeKey(holder, change))
  },

  async begun(holder, before) {
    const { Items = [] } = await rows.page(changesPk(holder), {
      KeyConditionExpression: 'pk = :pk AND sk < :before',
      values: { ':before': { S: before } },
      Limit: begunMax,
    })
    return Items.map((row) => {
      const [at = '', id = ''] = textOf(row, 'sk').split('#')
      return { at, id, record: textOf(row, 'record') }
    })
  },
})

/** Most changes to give at once. */
const begunMax = 100

const changesPk = (holder: string) => rowKey(kinds.fileChange, holder)
const changeKey = (holder: string, { at, id }: ContentChange) =>
  itemKey(changesPk(holder), `${at}#${id}`)

const pkOf = ({ holder, record }: Omit<FilePlace, 'digest'>) => rowKey(kinds.file, holder, record)

/** What the encryption is bound to: what was copied to another place opens nothing. */
const contextOf = (of: FilePlace): string => `${pkOf(of)}\u001f${of.digest}`

const isAttempt = (row: TableItem): boolean => textOf(row, 'sk').includes('#')
const digestIn = (row: TableItem): string => textOf(row, 'sk').split('#')[0] ?? ''
