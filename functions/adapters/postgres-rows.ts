/** Items of DynamoDB in PostgreSQL: each read, write and page is one statement. */

import { ComityError } from '../failure.ts'
import { conditionIn, holds, type Meant, type WireItem, type WireTest } from './expressions.ts'

/** Runs one statement, and commits it. `pg`'s pool is one, and so is PGlite. */
export type SqlDatabase = {
  query(
    text: string,
    values?: unknown[],
  ): Promise<{ readonly rows: readonly Record<string, unknown>[] }>
}

/** How often a write is judged anew while others change the item. */
const racesMax = 50
/** Most items in a page, if the call does not say; and most bytes, as DynamoDB has it. */
const [pageMax, pageBytesMax] = [1024, 1_048_576]

/** A call in DynamoDB's JSON, as far as the adapters make it. */
export type WireCall = {
  readonly TableName: string
  readonly Key?: WireItem
  readonly Item?: WireItem
  readonly ConditionExpression?: string
  readonly UpdateExpression?: string
  readonly KeyConditionExpression?: string
  readonly FilterExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues?: WireItem
  readonly IndexName?: string
  readonly Limit?: number
  readonly ScanIndexForward?: boolean
  readonly ExclusiveStartKey?: WireItem
  readonly ReturnValues?: string
  readonly RequestItems?: Readonly<Record<string, never>>
  readonly KeySchema?: readonly KeyPart[]
  readonly GlobalSecondaryIndexes?: readonly { readonly KeySchema: readonly KeyPart[] }[]
}
type KeyPart = { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }

/** The attributes of a table's key and of its index; without a sort key, `range` is undefined. */
export type TableShape = {
  readonly hash: string
  readonly range?: string
  readonly index?: { readonly hash: string; readonly range: string }
}

/** A refusal, as DynamoDB names it. */
export class CallRefused extends Error {
  readonly type: string
  constructor(type: string) {
    super(type)
    this.type = type
  }
}

const columns = ['pk', 'sk', 'item', 'ih', 'ir'] as const

/** Puts items, no key twice, in place of any with the same key. */
export async function putAll(
  database: SqlDatabase,
  table: string,
  rows: readonly ReturnType<typeof rowOf>[],
): Promise<void> {
  // In one order, so that of two batches at once none waits for the other.
  const sorted = [...rows].sort((a, b) => (a.pk < b.pk || (a.pk === b.pk && a.sk < b.sk) ? -1 : 1))
  await database.query(
    `INSERT INTO ${named(table)} (pk, sk, item, ih, ir)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     ON CONFLICT (pk, sk) DO UPDATE SET item = excluded.item, ih = excluded.ih, ir = excluded.ir`,
    columns.map((column) => sorted.map((row) => row[column] ?? null)),
  )
}

/** Makes the table of the tables' shapes. */
export const makeShapes =
  'CREATE TABLE IF NOT EXISTS comity_shapes (name text PRIMARY KEY, shape text NOT NULL)'

/** Makes a table, its index, and a note of its shape; refuses if it is there. */
export async function createTable(database: SqlDatabase, asked: WireCall) {
  const { TableName, KeySchema = [], GlobalSecondaryIndexes: [index] = [] } = asked
  const part = (of: readonly KeyPart[], type: string) =>
    of.find(({ KeyType }) => KeyType === type)?.AttributeName
  const indexed = index && {
    hash: part(index.KeySchema, 'HASH'),
    range: part(index.KeySchema, 'RANGE'),
  }
  const shape = { hash: part(KeySchema, 'HASH'), range: part(KeySchema, 'RANGE'), index: indexed }
  await database.query(makeShapes)
  // Texts are in the order of their bytes, as DynamoDB has them.
  const text = 'text COLLATE "C"'
  await database.query(
    `CREATE TABLE IF NOT EXISTS ${named(TableName)} (pk ${text} NOT NULL, sk ${text} NOT NULL,
     item text NOT NULL, ih ${text}, ir ${text}, PRIMARY KEY (pk, sk))`,
  )
  if (indexed !== undefined)
    await database.query(
      `CREATE INDEX IF NOT EXISTS ${named(`${TableName} index`)} ON ${named(TableName)} (ih, ir, pk, sk)`,
    )
  const { rows } = await database.query(
    'INSERT INTO comity_shapes VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING name',
    [TableName, JSON.stringify(shape)],
  )
  if (rows.length === 0) throw new CallRefused('ResourceInUseException')
  return { TableDescription: { TableName, TableStatus: 'ACTIVE' } }
}

/** The shape of a table; refuses if there is none. */
export async function shapeOf(database: SqlDatabase, table: string): Promise<TableShape> {
  const { rows } = await database.query('SELECT shape FROM comity_shapes WHERE name = $1', [table])
  if (rows[0] === undefined) throw new CallRefused('ResourceNotFoundException')
  return JSON.parse(String(rows[0].shape)) as TableShape
}

/** A table's name in a statement. */
export const named = (table: string): string => `"${table.replaceAll('"', '""')}"`

/** The columns of an item, or of a key alone. */
export function rowOf(item: WireItem, { hash, range, index }: TableShape) {
  const text = (name: string | undefined) => name && item[name]?.S
  const [pk, sk] = [text(hash), range === undefined ? '' : text(range)]
  if (typeof pk !== 'string' || typeof sk !== 'string') throw new CallRefused('ValidationException')
  return { pk, sk, item: JSON.stringify(item), ih: text(index?.hash), ir: text(index?.range) }
}

/** The text of an item, as last committed. */
export async function read(
  database: SqlDatabase,
  table: string,
  { pk, sk }: { pk: string; sk: string },
) {
  const { rows } = await database.query(
    `SELECT item FROM ${named(table)} WHERE pk = $1 AND sk = $2`,
    [pk, sk],
  )
  return rows[0] === undefined ? undefined : String(rows[0].item)
}

/** What the names and values of a call stand for. */
export const meantBy = ({
  ExpressionAttributeNames,
  ExpressionAttributeValues,
}: WireCall): Meant => ({
  names: ExpressionAttributeNames ?? {},
  values: ExpressionAttributeValues ?? {},
})

/**
 * Writes what `make` makes of an item, nothing to remove it, if the call's condition holds; returns what was
 * written.
 */
export async function write(
  database: SqlDatabase,
  asked: WireCall,
  shape: TableShape,
  key: WireItem,
  make: (item: WireItem | undefined) => WireItem | undefined,
): Promise<WireItem | undefined> {
  const { TableName, ConditionExpression } = asked
  const table = named(TableName)
  const place = rowOf(key, shape)
  const condition =
    ConditionExpression === undefined ? undefined : conditionIn(ConditionExpression, meantBy(asked))
  const isNew =
    asked.Item !== undefined && ConditionExpression === `attribute_not_exists(${shape.hash})`
  for (let race = 0; race < racesMax; race++) {
    // What is put where there is nothing needs no look before: it takes effect or not.
    const before = isNew ? undefined : await read(database, TableName, place)
    const item = before === undefined ? undefined : (JSON.parse(before) as WireItem)
    if (!isNew && condition !== undefined && !holds(condition, item ?? {}))
      throw new CallRefused('ConditionalCheckFailedException')
    const made = make(item)
    if (made === undefined && before === undefined) return undefined
    const row = made && rowOf(made, shape)
    const values = row && columns.map((column) => row[column])
    const { rows } =
      values === undefined
        ? await database.query(
            `DELETE FROM ${table} WHERE pk = $1 AND sk = $2 AND item = $3 RETURNING pk`,
            [place.pk, place.sk, before],
          )
        : before === undefined
          ? await database.query(
              `INSERT INTO ${table} (pk, sk, item, ih, ir) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT DO NOTHING RETURNING pk`,
              values,
            )
          : await database.query(
              `UPDATE ${table} SET item = $3, ih = $4, ir = $5
               WHERE pk = $1 AND sk = $2 AND item = $6 RETURNING pk`,
              [...values, before],
            )
    if (rows.length > 0) return made
    if (isNew) throw new CallRefused('ConditionalCheckFailedException')
  }
  throw new ComityError(`couldn’t write to ${TableName}: others changed the item again and again`)
}

/** A page of a query or a scan. */
export async function page(database: SqlDatabase, asked: WireCall, shape: TableShape) {
  const { TableName, KeyConditionExpression, FilterExpression, IndexName } = asked
  const { Limit: limit = pageMax, ScanIndexForward: isForward = true, ExclusiveStartKey } = asked
  const meant = meantBy(asked)
  const isIndex = IndexName !== undefined
  const keys = isIndex ? ['ih', 'ir', 'pk', 'sk'] : ['pk', 'sk']
  const [where, values] = KeyConditionExpression
    ? rangeIn(KeyConditionExpression, meant, keys)
    : [[], []]
  if (ExclusiveStartKey !== undefined) {
    const { pk, sk, ih, ir } = rowOf(ExclusiveStartKey, shape)
    const start = isIndex ? [ih, ir, pk, sk] : [pk, sk]
    const marks = start.map((_, i) => `$${values.length + i + 1}`)
    where.push(`(${keys.join()}) ${isForward ? '>' : '<'} (${marks.join()})`)
    values.push(...start)
  }
  const { rows } = await database.query(
    `SELECT ${isIndex ? keys.join() : 'item'} FROM ${named(TableName)} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
     ORDER BY ${keys.map((each) => `${each} ${isForward ? 'ASC' : 'DESC'}`).join()} LIMIT ${Math.floor(limit)}`,
    values,
  )
  let bytes = 0
  // An index holds keys only: whole items of it would be a hundred times the bytes.
  const texts = rows.map((row) => (isIndex ? JSON.stringify(keysIn(row, shape)) : String(row.item)))
  const fits = texts.filter((text, i) => {
    bytes += text.length
    return i === 0 || bytes <= pageBytesMax
  })
  const items = fits.map((text) => JSON.parse(text) as WireItem)
  const filter = FilterExpression === undefined ? undefined : conditionIn(FilterExpression, meant)
  const last = items.length === limit || fits.length < texts.length ? items.at(-1) : undefined
  const { hash, range = hash, index } = shape
  const keyNames = [hash, range, ...(isIndex && index ? [index.hash, index.range] : [])]
  const found = filter === undefined ? items : items.filter((item) => holds(filter, item))
  return {
    Items: found,
    Count: found.length,
    ScannedCount: items.length,
    ...(last && {
      LastEvaluatedKey: Object.fromEntries(keyNames.map((name) => [name, last[name]])),
    }),
  }
}

/** The keys of an item in its table and in the index, from the columns of both. */
function keysIn(row: Readonly<Record<string, unknown>>, { hash, range, index }: TableShape) {
  const keys = [
    [hash, row.pk],
    ...(range === undefined ? [] : [[range, row.sk] as const]),
    ...(index === undefined ? [] : [[index.hash, row.ih] as const, [index.range, row.ir] as const]),
  ] as const
  return Object.fromEntries(keys.map(([name, text]) => [name, { S: String(text) }]))
}

/** The part of a table that a key condition names: the hash key equals, and the sort key is in a range. */
function rangeIn(expression: string, meant: Meant, columns: readonly string[]) {
  const condition = conditionIn(expression, meant)
  // A cast: a key condition is one test, or two.
  const tests = ('all' in condition ? condition.all : [condition]) as readonly WireTest[]
  const values: unknown[] = []
  const mark = (test: WireTest, at: number): string => {
    const operand = test.of[at]
    if (operand === undefined || !('value' in operand)) throw new CallRefused('ValidationException')
    values.push(operand.value.S)
    return `$${values.length}`
  }
  const where = tests.map((test, i) => {
    const column = columns[i]
    if (test.op === 'BETWEEN') return `${column} BETWEEN ${mark(test, 1)} AND ${mark(test, 2)}`
    if (test.op === 'begins_with')
      return `${column} >= ${mark(test, 1)} AND starts_with(${column}, ${mark(test, 1)})`
    return `${column} ${test.op} ${mark(test, 1)}`
  })
  return [where, values] as [string[], unknown[]]
}
