/** What a gateway answers that does not know the law: its chain is broken, or its build refuses the set for all. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decidedAgain } from '../../../functions/audit/replay.ts'
import type { Book } from '../../../functions/policy/book.ts'
import { withoutPermits } from '../../../functions/policy/law.ts'
import { answered, type Gateway, startGateway } from '../../world.ts'
import { itemOf, personOf, requestOf } from '../people.ts'

let gateway: Gateway
let held: Book
let unheld: Book
/** The same as it was before it made every denial an open one. */
let before: Book
/** The law that the gateway decides by now. */
let book: Book
beforeAll(async () => {
  gateway = await startGateway({
    change: ({ law, ...world }) => ({
      ...world,
      law: { ...law, now: async () => (book === undefined ? law.now() : { book }) },
    }),
  })
  held = (await gateway.world.law.now()).book
  unheld = withoutPermits({ book: held }).book
  const { unheld: _, ...rest } = unheld
  before = rest
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
})
afterAll(() => gateway.close())

const ask = async (purpose: string) => {
  const asked = requestOf({ purpose, caseReference: `CASE-${purpose}` })
  return answered(await gateway.ask('FR-SPOC', 'officer-1', asked))
}

describe('By a law that does not hold', () => {
  // Kills: a refusal by older law that is told as the last word, though the law of today may well permit it.
  test.each(['investigation', 'immigration'])(
    'a request for %s is denied, open',
    async (purpose) => {
      book = unheld
      const answer = await ask(purpose)
      expect(answer).toMatchObject({ outcome: 'deny', standing: 'open', records: [] })
      expect(answer.reasons.map(({ code }) => code)).toContain('policy-suspended')
    },
  )

  test('so is one of which it says nothing at all', async () => {
    book = { ...unheld, policies: [] }
    const { outcome, standing, reasons } = await ask('investigation')
    expect([outcome, standing]).toEqual(['deny', 'open'])
    expect(reasons.map(({ code }) => code)).toEqual(['no-policy', 'policy-suspended'])
  })

  // Kills: an entry that the same law decides otherwise the next day, and one of an older build that a newer calls changed.
  test('an entry is decided again as it was, and one from before this as it was then', async () => {
    book = before
    const old = await ask('immigration')
    expect(old.standing).toBe('final')
    book = unheld
    const entries = await Promise.all(
      [old, await ask('immigration')].map(({ id }) => gateway.entry(id)),
    )
    const again = (by: Book) =>
      entries.map(({ stored, opened }) => decidedAgain(stored.leaf, opened, by))
    expect(again(unheld)).toEqual([undefined, undefined])
    expect(again(held)).toEqual([expect.any(String), 'a denial is final; it was open'])
  })
})
