/** The guide for agencies' systems names every problem that a gateway may answer, and no other. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problems } from '../../functions/http/problem.ts'
import { eventKinds } from '../../functions/inbox-ports.ts'

const page = readFileSync(join(import.meta.dirname, '../../functions/http/README.md'), 'utf8')

// Kills: a code that a system meets and finds nowhere; a row of a code that there is not, or of another status.
test('Every problem has a row with its status, a cause and what to do', () => {
  const rows = [...page.matchAll(/^\| (\d{3}) \| `([a-z-]+)` \| (.+?) \| (.+?) \|$/gm)]
  const told = rows.map(([, status, code]) => `${code} ${status}`)
  const sent = Object.entries(problems).map(([code, [status]]) => `${code} ${status}`)
  expect(told.toSorted()).toEqual(sent.toSorted())
})

// Kills: an event that a system gets and finds nowhere.
test('Every kind of event has a place in one row', () => {
  const [table = ''] = page.split('| kind | who is told |')[1]?.split('\n\n') ?? []
  const told = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/(?<=`)[a-z-]+(?=`)/g) ?? [],
  )
  expect(told.toSorted()).toEqual([...eventKinds].toSorted())
})
