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
