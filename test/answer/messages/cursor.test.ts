/** A cursor is carried by whoever asks: it serves nobody else, and tells nothing to whoever carries it. */

import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventsCursorMax } from '../../../functions/answer/messages/events.ts'
import { cursorAt, placeOfCursor } from '../../../functions/answer/reply/cursor.ts'
import { runs } from '../../decision/runs.ts'

const secrets = {
  pseudonym: (under: string, text: string) =>
    createHmac('sha256', under).update(text).digest().subarray(0, 16).toString('base64url'),
}
/** Those of another gateway, or of this one once its own were lost. */
const others = { pseudonym: (under: string, text: string) => secrets.pseudonym(`${under}'`, text) }
const bound = { agency: 'DE-POL', question: { action: 'read-events' } }
const place = (index: number) =>
  JSON.stringify({ places: { 'agency:DE-POL de/looks-2026': index }, hinted: '' })
const seal = (text: string) => cursorAt(text, bound, secrets)

// Kills: a MAC over less than the whole place, the agency and the question; another spelling of the same bytes.
test('A cursor opens for who was given it and for the question that was asked, and changed it opens for nobody', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 3000 }), fc.nat(), fc.nat(62), (text, at, by) => {
      const cursor = seal(text)
      expect(placeOfCursor(cursor, bound, secrets)).toBe(text)
      expect(placeOfCursor(cursor, { ...bound, agency: 'DE-SPOC' }, secrets)).toBeUndefined()
      expect(placeOfCursor(cursor, { ...bound, question: {} }, secrets)).toBeUndefined()
      const i = at % cursor.length
      const other = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[by] ?? '.'
      const changed = `${cursor.slice(0, i)}${other}${cursor.slice(i + 1)}`
      const expected = changed === cursor ? text : undefined
      expect(placeOfCursor(changed, bound, secrets)).toBe(expected)
    }),
    { numRuns: runs(300) },
  )
  for (const wrong of ['', '.', 'x', `${seal('1')}.`, seal('1').replace('.', ''), '-~0.0'])
    expect(placeOfCursor(wrong, bound, secrets), wrong).toBeUndefined()
})

// Kills: a key that is the same everywhere; bytes that are inflated before it is known whose they are.
test('A cursor of another gateway, or of before the keys were lost, opens nothing', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      expect(placeOfCursor(cursorAt(text, bound, others), bound, secrets)).toBeUndefined()
      expect(placeOfCursor(seal(text), bound, others)).toBeUndefined()
    }),
    { numRuns: runs(100) },
  )
})

// Kills: a length next to a step that tells how long the place is.
test('Whatever the place, its cursor is as long as one of few', () => {
  const whole = [64, 128, 256, ...Array.from({ length: 8 }, (_, i) => (i + 1) * 512)]
  const few = new Set(whole.map((bytes) => Math.ceil((bytes * 4) / 3) + 1 + 22))
  for (let length = 0; length < 4000; length += 7)
    expect(few, `${length}`).toContain(seal(randomly(length)).length)
})

// Kills: a place that is signed and can be read; one key stream for two places; a length that counts digits.
test('Nobody reads from two cursors how often others looked between them', () => {
  const indexes = [0, 9, 10, 99, 123, 1_000_000]
  const cursors = indexes.map((index) => seal(place(index)))
  expect(new Set(cursors.map(({ length }) => length)).size).toBe(1)
  const bytes = cursors.map((each) => Buffer.from(each.split('.')[0] ?? '', 'base64url'))
  for (const [i, one] of bytes.entries())
    for (const other of bytes.slice(i + 1)) {
      const alike = [...one].filter((byte, at) => byte === other[at]).length
      expect(alike).toBeLessThan(one.length / 8)
    }
  for (const one of bytes) expect(one.includes('looks')).toBe(false)
})

// Kills: a length that leaves the bound of the list that takes the cursor again.
test('The longest place of each list fits the bound under which its cursor comes back', () => {
  const id = createHash('sha256').update('an entry').digest('base64url')
  const agency = `ABCDEFGH-${id.slice(0, 16).toUpperCase()}-${id.slice(16, 32).toUpperCase()}`
  const moment = '2026-11-25T09:00:00.000Z'
  const places: readonly (readonly [place: string, max: number])[] = [
    [`${moment}#${id}`, 200],
    [JSON.stringify([moment, [123_456, 123_456, agency]]), 300],
    [JSON.stringify({ to: agency, id }), 400],
    // What deflates to some 2,500 bytes: hundreds of logs.
    [randomly(3300), eventsCursorMax],
  ]
  for (const [text, max] of places) {
    const cursor = seal(text)
    expect(cursor.length).toBeLessThanOrEqual(max)
    expect(placeOfCursor(cursor, bound, secrets)).toBe(text)
  }
})

/** Text of so many bytes that deflates by no more than a quarter. */
const randomly = (length: number): string =>
  Array.from({ length: Math.ceil(length / 43) }, (_, i) =>
    createHash('sha256').update(String(i)).digest('base64url'),
  )
    .join('')
    .slice(0, length)
