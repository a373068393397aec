/** A condition on a value that a fact never has. */

import { expect, test } from 'vitest'
import { lint } from '../../../functions/workbench/law/lint.ts'
import { deny, fileOf, is } from '../../decision/write.ts'

test.each([
  [is('item.origin', 'EUROJUST'), []],
  [is('item.origin', 'holder'), []],
  [is('item.origin', 'Eurojust'), ['/rules/0/when/=== `item.origin` is never `Eurojust`']],
  [
    { and: [is('item.minor', true), { in: [{ var: 'requester.jurisdiction' }, ['FR', 'UKR']] }] },
    ['/rules/0/when/and/1/in `requester.jurisdiction` is never `UKR`'],
  ],
])('policy check says what is never so: %j', (when, said) => {
  const rule = { ...deny('police', is('requester.authorityType', 'police')), when }
  const file = fileOf({
    id: 'in/own',
    kind: 'limit',
    applies: is('holder.jurisdiction', 'IN'),
    rules: [rule],
  })
  const found = lint([file], { seals: {}, sealers: [] }, '2026-11-24')
  expect(
    found.flatMap(({ code, pointer, message }) =>
      code === 'never' ? [`${pointer} ${message}`] : [],
    ),
  ).toEqual(said)
})
