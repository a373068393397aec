/** What the document of the API says of parameters is checked, of every call. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { rareCalls } from '../../functions/http/rare-api.ts'
import { requestOfMember } from '../answer/people.ts'
import { type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const withQuery = Object.entries(rareCalls).flatMap(([name, { query }]) =>
  query === undefined ? [] : [name],
)

// Kills: a call whose query is described and never read by its schema (`takeRare`).
test.each(withQuery)('%s takes no parameter that its document does not name', async (name) => {
  const [method = '', path = ''] = name.split(' ')
  const at = `${path.replace(':id', 'A'.repeat(43))}?jti=x&nonsense=1`
  const response = await gateway.call('DE-POL', { method, path: at })
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ code: 'invalid-request' })
})

test('a decision is looked for by a jti alone, and without one the fault is named', async () => {
  const response = await gateway.call('DE-POL', { path: '/v1/access-requests' })
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ errors: [{ pointer: '/jti' }] })
})

// Kills: a bound that is a day too early for who is ahead of UTC (`isBornLater`).
test.each([
  ['2099-01-01', 422],
  ['2026-11-27', 422],
  ['2026-11-26', 201],
] as const)('who is born on %s is answered with %i on the 25th', async (birthDate, status) => {
  const subject = { name: { given: 'Anton', family: 'Beispiel' }, birthDate }
  const response = await gateway.ask('FR-SPOC', 'officer-7', requestOfMember({ subject }))
  expect(response.status).toBe(status)
  if (status === 422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '/subject/birthDate' }] })
})

test('a class is asked for once', async () => {
  const classes = ['identification', 'identification'] as const
  const response = await gateway.ask(
    'FR-SPOC',
    'officer-7',
    requestOfMember({ classes: [...classes] }),
  )
  expect(await response.json()).toMatchObject({
    errors: [{ pointer: '/classes', detail: 'each class once' }],
  })
})
