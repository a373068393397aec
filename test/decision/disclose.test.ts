/** What leaves is made of what was judged, and is held against its judgement once more before it goes. */

import { describe, expect, test } from 'vitest'
import type { DecidedItem } from '../../functions/decision/decide.ts'
import { type DisclosedItem, disclose, holdAgainst } from '../../functions/decision/disclose.ts'
import type { RecordItem } from '../../functions/decision/record.ts'
import type { Treatment } from '../../functions/decision/treatment.ts'
import type { Element } from '../../functions/policy/history.ts'
import { itemOf } from '../answer/people.ts'

const name = itemOf('name', { id: 'name', handling: ['H1'], retentionUntil: '2030-01-01' })
const account = itemOf('account', { id: 'account', handling: ['H2'], retentionUntil: '2028-01-01' })
const elements: Readonly<Record<string, Element>> = {
  'nc:PersonBirthDate': { holds: 'date' } as Element,
}
const born = itemOf('name', { id: 'born', element: 'nc:PersonBirthDate', value: '1979-03-14' })
const asked = ['identification', 'financial']
const judged = (id: string, treatment: Treatment = { kind: 'release' }): DecidedItem => ({
  id,
  treatment,
  rules: [],
})
const pseudonym = (value: string) => `p(${value})`

const leaves = (
  items: readonly RecordItem[],
  decided: readonly DecidedItem[],
  classes: readonly string[] = asked,
) => disclose(items, decided, classes, elements, pseudonym)

describe('What leaves', () => {
  test('is each item that was asked for and judged, with its own handling codes and days', () => {
    const { items, handling, deleteBy, held } = leaves(
      [name, account, born],
      [judged('name'), judged('account', { kind: 'mask', keepLast: 4 }), judged('born')],
    )
    expect(items.map(({ id, treatment }) => [id, treatment])).toEqual([
      ['name', 'release'],
      ['account', 'mask'],
      ['born', 'release'],
    ])
    expect(items[1]?.value).toBe(`${'*'.repeat(String(account.value).length - 4)}1234`)
    expect([handling, deleteBy, held]).toEqual([
      ['H1', 'H2'].sort(),
      '2028-01-01',
      [name, account, born],
    ])
  })

  // Killed: an item judged `withhold` that leaves; its codes, day and held form that travel with others.
  test('has nothing of an item that is withheld, not even its codes or its day', () => {
    const disclosure = leaves(
      [name, account],
      [judged('name'), judged('account', { kind: 'withhold' })],
    )
    expect(disclosure.items.map(({ id }) => id)).toEqual(['name'])
    expect(disclosure).toMatchObject({ handling: ['H1'], deleteBy: '2030-01-01', held: [name] })
  })

  // Killed: `classes` not asked.
  test('has no item of a class that was not asked for, whatever was judged', () => {
    expect(
      leaves([name, account], [judged('name'), judged('account')], ['financial']).items,
    ).toEqual([expect.objectContaining({ id: 'account' })])
  })

  // Killed: an item without a judgement that leaves.
  test('has no item that nobody judged', () => {
    expect(leaves([name, account], [judged('name')]).items).toHaveLength(1)
    expect(leaves([name], [judged('name'), judged('no-such-item')]).items).toHaveLength(1)
  })

  // Killed: `others` not looked at.
  test('has none of several items that share an id', () => {
    const twin = { ...account, id: 'name' }
    for (const items of [
      [name, twin],
      [twin, name],
    ])
      expect(leaves(items, [judged('name')]).items).toEqual([])
  })

  // Killed: a value kept as it is where its treatment cannot be done.
  test('has no value that its treatment cannot be done to', () => {
    expect(leaves([name], [judged('name', { kind: 'generalise' })]).items).toEqual([])
    expect(leaves([born], [judged('born', { kind: 'generalise' })]).items[0]?.value).toBe('1979')
    // Kills: the first four digits of whatever a date is written as. These are a day and month, and a year and month.
    for (const value of ['14031979', '790314', '1403-1979', '14.03.1979'])
      expect(leaves([{ ...born, value }], [judged('born', { kind: 'generalise' })]).items).toEqual(
        [],
      )
    for (const value of ['1979', '1979-03', '1979-03-14T10:00:00Z'])
      expect(
        leaves([{ ...born, value }], [judged('born', { kind: 'generalise' })]).items[0]?.value,
      ).toBe('1979')
    expect(leaves([born], [judged('born', { kind: 'pseudonymise' })]).items[0]?.value).toBe(
      'p("1979-03-14")',
    )
    for (const keepLast of [11, 12])
      expect(
        leaves([{ ...name, value: 'Anna Muster' }], [judged('name', { kind: 'mask', keepLast })])
          .items[0]?.value,
        'a value no longer than what may be seen is masked whole',
      ).toBe('*'.repeat(11))
    const place = { ...name, value: { city: 'Altdorf', country: 'DE' } }
    expect(leaves([place], [judged('name', { kind: 'mask', keepLast: 4 })]).items).toEqual([])
  })
})

describe('Before it is sent', () => {
  const held = [name, account, born]
  const decided = [
    judged('name'),
    judged('account', { kind: 'mask', keepLast: 4 }),
    judged('born', { kind: 'generalise' }),
  ]
  const right = leaves(held, decided)
  const hold = ({
    items = right.items,
    records = held,
    decisions = decided,
    classes = asked,
  }: {
    readonly items?: readonly DisclosedItem[]
    readonly records?: readonly RecordItem[]
    readonly decisions?: readonly DecidedItem[]
    readonly classes?: readonly string[]
  }) => holdAgainst({ ...right, items }, records, decisions, classes, elements, pseudonym)
  const first = (changes: Partial<DisclosedItem>) => ({
    items: right.items.map((item, i) => (i === 0 ? { ...item, ...changes } : item)),
  })

  test('what was made of the judged items goes, and so does nothing', () => {
    expect(() => hold({})).not.toThrow()
    expect(() => hold({ items: [] })).not.toThrow()
  })

  // Killed: each condition of `isRight` dropped, one at a time.
  test.each([
    ['an item that is not held', { records: [account, born] }],
    ['an item that was not judged', { decisions: decided.slice(1) }],
    ['one of two items that are held under its id', { records: [...held, { ...name }] }],
    ['an item that was judged twice', { decisions: [...decided, judged('name')] }],
    ['an item that leaves twice', { items: [...right.items, ...right.items.slice(0, 1)] }],
    ['an item of a class that was not asked for', { classes: ['financial'] }],
    ['an item under another class', first({ class: 'financial' })],
    ['an item under another element', first({ element: 'nc:PersonGivenName' })],
    ['an item said to be treated otherwise', first({ treatment: 'mask' })],
    ['another value', first({ value: 'Somebody Else' })],
    [
      'a value that should have been treated',
      {
        items: right.items.map((item) =>
          item.id === 'born' ? { ...item, value: born.value } : item,
        ),
      },
    ],
    [
      'a value less masked',
      {
        decisions: [
          judged('name'),
          judged('account', { kind: 'mask', keepLast: 2 }),
          judged('born', { kind: 'generalise' }),
        ],
      },
    ],
    [
      'what was withheld',
      {
        ...first({ treatment: 'withhold' }),
        decisions: [judged('name', { kind: 'withhold' }), ...decided.slice(1)],
      },
    ],
    [
      'what was withheld, without a value',
      {
        ...first({ treatment: 'withhold', value: undefined as unknown as string }),
        decisions: [judged('name', { kind: 'withhold' }), ...decided.slice(1)],
      },
    ],
  ])('%s stops everything', (_, changed) => {
    expect(() => hold(changed)).toThrow('an item would leave otherwise than judged')
  })
})
