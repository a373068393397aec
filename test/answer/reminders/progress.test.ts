/** What is left for an office to say of a denial, once it has said its part of a way out. */

import { expect, test } from 'vitest'
import { stepsFor } from '../../../functions/answer/reminders/progress.ts'
import type { AttestedFacts } from '../../../functions/decision/attested.ts'

/** Two ways out: the ministry's assurance with the holder's assessment, or a threat to life that the ministry finds. */
const steps = [
  { alternative: 1, fact: 'assurance.deathPenalty', to: 'given-and-verified' },
  { alternative: 1, fact: 'transfer.assessment', to: 'safeguards-found' },
  { alternative: 2, fact: 'threat.life', to: 'imminent' },
]
const isMinistrys = (fact: string) => fact !== 'transfer.assessment'
const leftWith = (said: Readonly<Record<string, string | undefined>>) => {
  const vouched = new Map(Object.entries(said).map(([fact, value]) => [fact, { value, ids: [] }]))
  // Casts: of an attested fact its value is read; of an opened denial nothing, but for consent.
  const of = [{} as never, vouched as unknown as AttestedFacts] as const
  return stepsFor(steps, ...of, isMinistrys).map(({ fact }) => fact)
}
const assured = { 'assurance.deathPenalty': 'given-and-verified' }

test('An office that has said its part of one way out waits for the others of that way', () => {
  expect(leftWith({})).toEqual(['assurance.deathPenalty', 'threat.life'])
  expect(leftWith(assured)).toEqual([])
})

// Kills: `isBarred` that is always false: a denial that waits for nobody, though the way for which it waits is shut.
test('An office is asked for the other way once another’s contrary word bars the one it helped', () => {
  expect(leftWith({ ...assured, 'transfer.assessment': 'safeguards-lacking' })).toEqual([
    'threat.life',
  ])
})

// Kills: a doubt that bars a way as a contrary word does: it may end, and then the way is open.
test('A doubt of what another said bars no way out', () => {
  expect(leftWith({ ...assured, 'transfer.assessment': undefined })).toEqual([])
})
