/**
 * Who may do what to whose, over HTTP: everybody does every act, and every thing is acted on, in the
 * smallest such set that a simple search finds. `npm run test:long` does all of them.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerOf, type Stage, setStage } from './who-calls.ts'
import { answerTo, everybody, type Row, reading, type Who, whos } from './who-may.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => stage.stop())

const rows = reading.filter(({ done }) => done !== undefined)
const acts = [...new Set(rows.map(({ act }) => act))]

type Cell = { readonly who: Who; readonly row: Row }
const isForeign = ({ whose }: Row) => whose.includes('foreign')
/** What a cell joins: who with which act, which act with which thing, who with whose side. */
const pairsOf = ({ who, row }: Cell): readonly string[] => [
  `${who} ${row.act}`,
  `${row.act} ${row.whose}`,
  `${who} ${isForeign(row)}`,
  `${row.act} ${row.may.includes(who) || row.ownSide?.includes(who)}`,
]

/** Cells in which each pair occurs: of those that are left, the one with most that are new. */
function pairwise(): readonly Cell[] {
  const covered = new Set<string>()
  const newIn = (cell: Cell) => pairsOf(cell).filter((pair) => !covered.has(pair)).length
  return acts.flatMap((act) => {
    const left = rows
      .filter((row) => row.act === act)
      .flatMap((row) => whos.map((who) => ({ who, row })))
    const taken: Cell[] = []
    for (;;) {
      const best = left.reduce((a, b) => (newIn(b) > newIn(a) ? b : a))
      if (newIn(best) === 0) return taken
      for (const pair of pairsOf(best)) covered.add(pair)
      taken.push(best)
    }
  })
}

const cells = pairwise()

test('Each act is done by everybody, and to each thing', () => {
  const found = new Set(cells.flatMap(pairsOf))
  for (const row of rows)
    for (const who of whos) for (const pair of pairsOf({ who, row })) expect(found).toContain(pair)
  expect(cells.length).toBeLessThan(acts.length * whos.length * 1.2)
})

// Kills: an act that asks no right, or that of another; a refusal that says more than it should.
test.each(acts)('Of everybody, those may %s who the second reading says', async (act) => {
  const [found, expected]: [string[], string[]] = [[], []]
  for (const { who, row } of cells.filter((each) => each.row.act === act)) {
    const cell = `${who}, ${everybody[who]}: ${row.whose}: `
    found.push(cell + (await answerOf(who, row, stage)))
    expected.push(cell + answerTo(who, row))
  }
  expect(found).toEqual(expected)
})

// Kills: a route that nobody thought of when who may was written down.
test('No route behind a signature is left out', () => {
  const { gateway } = stage
  const called = new Set(
    [...gateway.answers, ...gateway.auditAnswers].map(({ method, route }) => `${method} ${route}`),
  )
  const isSigned = ({ method, path }: { readonly method: string; readonly path: string }) =>
    method !== 'ALL' && path.startsWith('/v1/') && !/^\/v1\/(policies|vocabulary)/.test(path)
  const routes = [...gateway.app.routes, ...gateway.audit.routes].filter(isSigned)
  expect(routes.length).toBeGreaterThan(25)
  for (const { method, path } of routes) expect(called).toContain(`${method} ${path}`)
})
