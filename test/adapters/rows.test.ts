/**
 * The kinds of rows: what `ROWS.md` shows of them is what is declared, and the borders of rights are theirs.
 *
 *     COMITY_RENEW_GOLDEN=1 npx vitest run test/adapters/rows.test.ts
 *
 * writes the page anew.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { itemKey } from '../../functions/adapters/dynamodb.ts'
import {
  kinds,
  prefixOf,
  type RowKind,
  type RowUser,
  rowKey,
} from '../../functions/adapters/rows.ts'
import { type TableName, tables } from '../../functions/adapters/tables.ts'
import { letterOf, lettersOf, patternOf } from '../../infra/borders.ts'

const page = join(import.meta.dirname, '../../functions/adapters/ROWS.md')
const named = Object.entries(kinds) as [string, RowKind][]
const cell = (text: string) => text.replaceAll('|', '\\|')
const keyed = (text: string) => (text === '' ? '' : `\`${cell(text)}\``)

/** A table of Markdown for each table, with its kinds. */
const shown = (Object.keys(tables) as TableName[]).flatMap((table) => [
  ...['', `## ${table}`, '', tables[table].purpose, ''],
  '| kind | `pk` | `sk` | holds | written by | also read by |',
  '| --- | --- | --- | --- | --- | --- |',
  ...named
    .filter(([, kind]) => kind.table === table)
    .map(([name, { pk, sk, holds, writes, reads }]) =>
      ['', name, keyed(pk), keyed(sk), holds, writes.join(', '), reads.join(', '), '']
        .join(' | ')
        .trim(),
    ),
])

describe('A kind of row', () => {
  // Kills: a kind that a maintainer cannot look up.
  test('is on the page for maintainers, as it is declared', () => {
    const text = readFileSync(page, 'utf8')
    const head = text.slice(0, text.indexOf('\n## '))
    const whole = `${head}${shown.join('\n')}\n`
    if (process.env.COMITY_RENEW_GOLDEN) writeFileSync(page, whole)
    else expect(text).toBe(whole)
  })

  // Kills: a pattern that takes another's rows for its own.
  test('has keys that are of no other kind of its table', () => {
    const shape = (pk: string) => pk.replace(/<[^>]*>/g, '<>')
    const shapes = named.map(([, { table, pk }]) => `${table} ${shape(pk)}`)
    expect(shapes.filter((each, i) => shapes.indexOf(each) !== i)).toEqual([])
  })

  test('has its parts in the key, in their order, whatever they are', () => {
    expect(rowKey(kinds.saidOfCase, 'DE-POL', '$&', '<agency>')).toBe('A#DE-POL#case#$&#<agency>')
    expect(rowKey(kinds.secrets)).toBe('SECRETS')
    expect([prefixOf(kinds.due), prefixOf(kinds.secrets)]).toEqual(['O#due#', 'SECRETS'])
  })

  test('can be written only if it is declared, with all that varies in its key', () => {
    // @ts-expect-error: no kind.
    const undeclared = () => itemKey('Z#1', '1')
    // @ts-expect-error: a declaration made elsewhere.
    const elsewhere = () => rowKey({ ...kinds.due, pk: 'Z#<holder>' }, 'DE-POL')
    // @ts-expect-error: the audience is missing.
    const short = () => rowKey(kinds.waiting, 'DE-POL')
    // @ts-expect-error: too much.
    const long = () => rowKey(kinds.due, 'DE-POL', 'FR-SPOC')
    expect([undeclared, elsewhere, short, long]).toHaveLength(4)
  })
})

describe('A right over some rows', () => {
  // Whoever adds a kind under one of these letters gives that function the right over it: this says so.
  // Kills: a kind under a letter by which a function may do what is not declared of it.
  test('reaches by its letter what is listed here beyond what is declared', () => {
    const beyond = (user: RowUser, does: 'writes' | 'reads') => {
      const letters = lettersOf('attestations', user, does)
      return named
        .filter(([, kind]) => kind.table === 'attestations' && letters.includes(letterOf(kind)))
        .filter(([, kind]) => ![...kind.writes, ...kind[does]].includes(user))
        .map(([name]) => name)
    }
    expect(beyond('seal', 'writes')).toEqual(['waitingBefore', 'seen'])
    expect(beyond('console', 'writes')).toEqual([
      ...['waitingBefore', 'urgent', 'due', 'told', 'event', 'again'],
    ])
    expect(beyond('audit', 'writes')).toEqual([])
    expect(beyond('audit', 'reads')).toEqual([
      ...['waiting', 'waitingBefore', 'urgent', 'seen', 'event', 'again'],
    ])
  })

  test('has borders of the kinds that the function is declared for', () => {
    expect(lettersOf('attestations', 'seal', 'writes')).toEqual(['O#', 'D#'])
    expect(lettersOf('attestations', 'audit', 'writes')).toEqual(['A#', 'P#'])
    expect(lettersOf('attestations', 'audit', 'reads')).toEqual(['O#'])
    expect(patternOf(kinds.fileKey)).toBe('K#*#files.')
  })
})
