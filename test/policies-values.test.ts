/** What a policy waits for can come: every value that it compares a fact with is one that the fact may have. */

import { expect, test } from 'vitest'
import type * as z from 'zod'
import { recordItemSchema } from '../functions/decision/record.ts'
import { agencyId } from '../functions/decision/request.ts'
import { jurisdiction } from '../functions/identity/register.ts'
import { application, variable } from '../functions/policy/logic.ts'
import type { Logic } from '../functions/policy/policy.ts'
import { vocabulary } from '../functions/policy/vocabulary.ts'
import { law } from './decision/law.ts'

const { originator, obtainedUnder } = recordItemSchema().shape
const fits = (schema: z.ZodType) => (value: string) => schema.safeParse(value).success
const instruments = law.book.lists.flatMap(({ file }) => file.instrument ?? [])
const arrangements = law.book.lists.flatMap(({ file }) =>
  (file.arrangements ?? []).map(({ id }) => id),
)

/** Where the values of a fact without a closed list come from. */
const may: Readonly<Record<string, (value: string) => boolean>> = {
  'holder.jurisdiction': fits(jurisdiction),
  'requester.jurisdiction': fits(jurisdiction),
  'holder.agency': fits(agencyId),
  'requester.agency': fits(agencyId),
  'item.origin': (value) => value === 'holder' || fits(originator)(value),
  'item.obtainedUnder': fits(obtainedUnder),
  'instrument.inForce': (value) => value === 'none' || instruments.includes(value),
  'arrangement.covers': (value) => value === 'none' || arrangements.includes(value),
}

/** Each fact of type code with a text that a condition compares it with. */
function compared(logic: Logic): readonly (readonly [name: string, value: string])[] {
  const [operator, operands] = application(logic)
  const name = variable(operands[0]) ?? ''
  if (operator === 'var' || operator === '') return []
  if (vocabulary[name]?.type !== 'code') return operands.flatMap(compared)
  return operands
    .slice(1)
    .flat()
    .flatMap((each) => (typeof each === 'string' ? [[name, each] as const] : []))
}

// Kills: a rule on data from Eurojust, as which no record could name it.
test('every value that a policy compares a fact with may come', () => {
  const all = law.book.policies.flatMap(({ id, version, applies, byRule, rules }) =>
    [
      applies,
      ...byRule,
      ...rules.flatMap(({ when, unless }) => [when, ...unless.map((each) => each.when)]),
    ].flatMap(({ logic }) => compared(logic).map((pair) => [`${id}@${version}`, ...pair] as const)),
  )
  expect(all.length).toBeGreaterThan(100)
  expect(all.filter(([, name, value]) => !may[name]?.(value))).toEqual([])
})
