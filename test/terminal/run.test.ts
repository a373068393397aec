/** What a command says of a failure that nobody foresaw. */

import { expect, test } from 'vitest'
import { unexpectedWords } from '../../functions/terminal/run.ts'

// Kills: properties of an error, such as the request that failed with its password; lines of the program.
test('A failure that nobody foresaw is said in its words and those of its cause, and nothing else', () => {
  const cause = Object.assign(new Error('the socket closed'), { password: 'swordfish' })
  const error = Object.assign(new Error('the store is away', { cause }), { sent: 'swordfish' })
  expect(unexpectedWords(error)).toBe('couldn’t go on: the store is away: the socket closed')
  expect(unexpectedWords(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe(
    'couldn’t go on: ECONNREFUSED',
  )
  expect(unexpectedWords({ sent: 'swordfish' })).toBe('couldn’t go on: unknown')
})
