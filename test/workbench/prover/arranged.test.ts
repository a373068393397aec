/** Where listed arrangements may cover, the prover answers of every combination of known and unknown as the engine does. */

import { expect, test } from 'vitest'
import { benignStart } from '../../../functions/workbench/law/cases.ts'
import { holderLaws } from '../../../functions/workbench/prover/holder-law.ts'
import {
  day,
  deny,
  fileOf,
  is,
  isNot,
  listOf,
  nowOf,
  oblige,
  permit,
} from '../../decision/write.ts'
import { answersTo } from './agreed.ts'

const arrangement = (id: string, safeguards: string, duty: string, more: object = {}) => ({
  ...{ id, title: 'An arrangement', kind: 'police', parties: [{ value: 'DE' }, { value: 'US' }] },
  ...{ direction: 'both', binding: true, safeguards, channels: ['bilateral'] },
  ...{ authorities: ['police'], purposes: ['investigation'], duties: [duty] },
  ...{ from: '2020-01-01', cites: 'art. 1', confidence: 'V', ...more },
})
const threshold = { maxCustodyMonthsRequester: 12 }
const list = listOf('arrangements', [], {
  members: undefined,
  arrangements: [
    arrangement('A', 'binding', 'O-DEL', { threshold }),
    arrangement('B', 'use-limits', 'O-USE', { channels: ['bilateral', 'interpol'] }),
    arrangement('C', 'binding', 'O-DP', {
      kind: 'safeguards-only',
      parties: [{ value: 'DE' }, { value: 'US', agencies: ['US-POL'] }],
    }),
  ],
})
const covered = isNot('arrangement.covers', 'none')
const rules = [
  permit('covered', covered),
  deny('unsafe', { and: [is('item.role', 'witness'), isNot('arrangement.safeguards', 'binding')] }),
  oblige('safe', is('arrangement.safeguards', 'binding'), [{ code: 'O-CONF' }]),
  oblige('first', is('arrangement.covers', 'A'), [{ code: 'O-VICTIM' }]),
]
const now = nowOf([fileOf({ id: 'de/police', kind: 'ground', rules }), list])

// Kills: one that covers though an earlier one may; one that may, after one that does; safeguards that are unsure.
test('The first arrangement that fits covers, and until that is known none does', () => {
  const [law] = holderLaws(now, [])
  if (law === undefined) throw new Error('Germany has law')
  const start = benignStart('DE', day)
  const asked = { ...start.facts, ...start.item, asOf: day }
  let left = 0
  for (const requester of ['US', 'FR'])
    for (const months of [undefined, 11, 12, 60])
      for (const channel of [undefined, 'bilateral', 'interpol', 'siena'])
        for (const purpose of [undefined, 'investigation', 'prosecution'])
          for (const [role, agency] of [
            ['suspect', 'US-POL'],
            ['witness', undefined],
            ['witness', 'US-POL'],
            ['witness', 'US-FBI'],
          ]) {
            const { prover, engine } = answersTo(law, {
              ...asked,
              'requester.jurisdiction': requester,
              'request.offence.maxCustodyMonthsRequester': months,
              'request.channel': channel,
              'request.purpose': purpose,
              'requester.agency': agency,
              'item.role': role,
            })
            expect(prover).toEqual(engine)
            if (engine !== 'stays') left += 1
          }
  expect(left).toBeGreaterThan(3)
})
