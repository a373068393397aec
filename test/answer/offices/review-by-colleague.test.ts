/** A denial is put before a person once: by the officer who asked, and not by whoever of the agency knows its id. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OfficerRole } from '../../../functions/identity/officers.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { enteredPasskey, stateByItself } from '../../identity/entered-passkey.ts'
import { answered, done, type Gateway, problemOf, startGateway } from '../../world.ts'
import { requestOf } from '../people.ts'

let gateway: Gateway
/** By the passkey of officer-8; officer-7 asks. */
let byColleague: (id: string) => Promise<Response>
const folder = temporaryFolder()
const ground = 'The conduct is not punished by death in this state.'
const path = (id: string) => `/v1/access-requests/${id}/review`
beforeAll(async () => {
  gateway = await startGateway()
  const signed = await enteredPasskey(gateway, 'FR-SPOC', 'officer-8', folder)
  byColleague = async (id) => gateway.app.request(...signed('POST', path(id), { ground }))
})
afterAll(async () => {
  await gateway.close()
  await removeFolders()
})

const iss = 'http://localhost:1'
const named = async (...may: OfficerRole[]) => {
  const officers = [
    { id: 'officer-7', may: ['ask' as const], login: { iss, sub: 'p-1005' } },
    { id: 'officer-8', may, login: { iss, sub: 'p-1007' } },
  ]
  const body = { act: 'name-officers', officers, why: 'They ask for it here.' } as const
  await stateByItself(gateway, 'FR-SPOC', body, folder)
  gateway.clock.pass(61_000)
}
const denial = async () =>
  (await answered(await gateway.ask('FR-SPOC', 'officer-7', requestOf({ purpose: 'immigration' }))))
    .id
const reviewOf = async (id: string) => {
  const looked = await gateway.call('FR-SPOC', { path: `/v1/access-requests/${id}` })
  return ((await looked.json()) as { review?: { askedBy?: string } }).review
}

// Kills: a colleague who knows an id, and uses up the one review of whoever asked.
test('A colleague who may merely ask uses up no review of another, who still has it', async () => {
  await named('ask')
  const id = await denial()
  // As of one that does not exist: a colleague’s answer, and that it is a denial, is on no page of theirs.
  const [theirs, none] = [await byColleague(id), await byColleague('A'.repeat(43))]
  const told = await problemOf(theirs)
  expect(told).toMatchObject({ status: 404 })
  expect(await problemOf(none)).toEqual(told)
  expect(await reviewOf(id)).toBeUndefined()
  const own = { method: 'POST', path: path(id), body: { ground }, officer: 'officer-7' }
  await done(await gateway.call('FR-SPOC', own))
  expect(await reviewOf(id)).toMatchObject({ askedBy: 'officer-7' })
})

// Kills: a denial that nobody can put before a person, since whoever asked went home.
test('An officer who runs the shift puts a colleague’s denial before a person, and that is seen', async () => {
  await named('desk')
  const id = await denial()
  await done(await byColleague(id))
  expect(await reviewOf(id)).toMatchObject({ askedBy: 'officer-8' })
})

test('The agency’s own key puts it there for any officer of it, since it answers for whom it signs', async () => {
  await named('ask')
  const id = await denial()
  const call = { method: 'POST', path: path(id), body: { ground }, officer: 'officer-9' }
  await done(await gateway.call('FR-SPOC', call))
  expect(await reviewOf(id)).toMatchObject({ askedBy: 'officer-9' })
})
