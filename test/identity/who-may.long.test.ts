/** Everybody’s every act on everything, over HTTP, held to the second reading of who may. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerOf, type Stage, setStage } from './who-calls.ts'
import { answerTo, everybody, reading, whos } from './who-may.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => stage.stop())

const acts = [...new Set(reading.filter(({ done }) => done !== undefined).map(({ act }) => act))]

// Kills: an act that asks no right, or that of another; a refusal that says more than it should.
test.each(acts)('Of everybody, those may %s who the second reading says', async (act) => {
  const [found, expected]: [string[], string[]] = [[], []]
  for (const row of reading.filter((each) => each.act === act && each.done !== undefined))
    for (const who of whos) {
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
