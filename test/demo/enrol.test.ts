/** The invented agencies in the register of a gateway that starts again. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { enrol, enrolMissing } from '../../functions/demo/enrol.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { agencyOf } from '../adapters/make.ts'
import { type Store, startDynalite } from '../dynalite.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

// Kills: a start that undoes what registrars stated, such as a suspension.
test('what was stated of an agency stays when the gateway starts again; whoever is new joins', async () => {
  const at = new Date('2026-11-27T12:00:00Z')
  const { client, tables } = store
  await enrolMissing(client, tables.register, [agencyOf('FR-SPOC')], at)
  await enrol(client, tables.register, [agencyOf('FR-SPOC', { status: 'suspended' })], at)
  await enrolMissing(client, tables.register, [agencyOf('FR-SPOC'), agencyOf('DE-POL')], at)
  const register = dynamodbRegister(client, tables.register, () => at, demonstrationRegistrars)
  const all = (await register.all()).map(({ id, status }) => [id, status])
  expect(all.sort()).toEqual([
    ['DE-POL', 'active'],
    ['FR-SPOC', 'suspended'],
  ])
})
