/** Attacks on a no: what a person found against a disclosure, left behind by asking otherwise. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acts } from '../journeys/homicide.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../journeys/people.ts'
import { type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
let at: ReturnType<typeof acts>
beforeAll(async () => {
  gateway = await startGateway()
  at = acts(gateway)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

let people = 0
/** Somebody whose data goes to France by rule. */
async function person() {
  people += 1
  const id = `R-${people}`
  await gateway.putRecord('DE-POL', personOf(id, [itemOf('name')]))
  const body = requestOfMember({ subject: subjectsOf(id).name, caseReference: `FR-${id}` })
  const first = await at.ask(body, 'FR-SPOC')
  expect(first).toMatchObject({ outcome: 'release', decidedBy: { kind: 'rule' } })
  return { id, body, first: first.id }
}
const kept = { outcome: 'deny', records: [] }
const against = [
  ['risk.torture', 'real'],
  ['release.decision', 'refuse'],
  ['transfer.caseCheck', 'concerns'],
] as const

describe('What an officer found against a disclosure', () => {
  // DESIGN 5: a refusal or a risk counts at once. The requester alone says whether it asks "again".
  test.each(against)(
    '(%s: %s) is not shed by asking the same anew, without `previous`',
    async (fact, value) => {
      const { body, first } = await person()
      const scope = { kind: 'matter', matter: first } as const
      await gateway.attest('DE-POL', { holder: 'DE-POL', fact, value, scope })
      const again = await at.ask({ ...body, previous: first }, 'FR-SPOC')
      const anew = await at.ask(body, 'FR-SPOC')
      expect(anew.outcome).toBe(again.outcome)
    },
  )

  // The person of a case is known by what was asked for; the record says that it is the same.
  test.each(['document', 'recordId'] as const)(
    'for a person of a case is not shed by naming them by their %s',
    async (by) => {
      const { id, body, first } = await person()
      const { caseReference } = body
      const scope = { kind: 'case' as const, requester: 'FR-SPOC', caseReference, persons: [first] }
      const found = { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope }
      await gateway.attest('DE-POL', found)
      expect(await at.ask(body, 'FR-SPOC')).toMatchObject(kept)
      const subject = subjectsOf(id)[by]
      expect(await at.ask({ ...body, subject }, 'FR-SPOC')).toMatchObject(kept)
    },
  )
})
