/** Every statement about the shipped law is proved: of each day on which law or a list changes, from a fixed one on. */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sealedPolicies } from '../functions/adapters/policies-files.ts'
import { inForce } from '../functions/policy/history.ts'
import { daysOf, statementsIn } from '../functions/workbench/commands/policy-prove.ts'
import { holderLaws } from '../functions/workbench/prover/holder-law.ts'
import { isProved, prove } from '../functions/workbench/prover/proof.ts'

const folder = join(import.meta.dirname, '../policies')
const book = sealedPolicies(folder)
const statements = statementsIn(folder, book, [])
const days = daysOf(book, '2026-12-03')

test.each(days)(
  'On %s the law keeps every statement',
  (day) => {
    const laws = holderLaws(inForce(book, day, '2027-01-01T00:00:00Z'), statements)
    for (const each of statements) {
      const proof = prove(each, laws, day)
      // Of the Union itself nothing leaves: it holds no records of its own here.
      const broken = proof.found.filter(
        ({ holder, result }) => result !== (holder === 'EU' ? 'nothing-leaves' : 'proved'),
      )
      expect([each.id, broken]).toEqual([each.id, []])
      expect(isProved(proof)).toBe(true)
    }
  },
  300_000,
)

// Kills: law that is not asked; a statement that any law keeps.
test('Law that forgets a refusal breaks the statement that asks for it', () => {
  const now = inForce(book, '2026-12-03', '2027-01-01T00:00:00Z')
  const forgetful = now.policies.filter(({ id }) => id !== 'un/human-rights-floor')
  const laws = holderLaws({ ...now, policies: forgetful }, statements, (each) => each === 'KE')
  const broken = statements.filter((each) =>
    prove(each, laws, '2026-12-03').found.some(({ result }) => result === 'broken'),
  )
  expect(broken.map(({ id }) => id)).toEqual([
    'minors-duty',
    'persecution',
    'torture',
    'unfair-trial',
    'victims-duty',
  ])
})
