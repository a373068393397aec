/** What an office learns that may say one thing for a holder, and does not decide for it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbLookups } from '../../../functions/adapters/lookups-dynamodb.ts'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { inboxPageSchema } from '../../../functions/answer/offices/inbox.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { agencies } from '../../../functions/demo/agencies.ts'
import type { Agency } from '../../../functions/identity/register.ts'
import { fileRows } from '../../../functions/sealing/lookup-rows.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { answered } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

const keeper = agencies.find(({ id }) => id === 'DE-POL')
if (keeper === undefined) throw new Error('there is no DE-POL')
const { offices: _, duty: __, ...police } = keeper
/** A police of the same state, which says of which character an offence is. */
const beside: Omit<Agency, 'keys'> = {
  ...police,
  id: 'DE-LKA',
  name: 'Invented State Police',
  status: 'active',
  holdsRecords: false,
  cannotHonour: [],
  requestsPerMinute: 60_000,
  attests: [{ holder: 'DE-POL', facts: ['request.offence.character'] }],
}

let gateway: Audited
let marked = 0
beforeAll(async () => {
  gateway = await startAudited({
    beside: [beside],
    change: (world) => ({ ...world, sealed: { ...world.sealed, marked: async () => marked } }),
  })
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const minor = itemOf('name', { minor: true, ageAtEvent: 17 })
  await gateway.putRecord('DE-POL', personOf('R-17', [minor]))
  const both = [itemOf('name'), { ...minor, id: 'other' }]
  await gateway.putRecord('DE-POL', personOf('R-4', both))
  const twin = { names: [{ given: 'Two', family: 'Two' }] }
  for (const id of ['R-2', 'R-3'])
    await gateway.putRecord('DE-POL', { ...personOf(id, [itemOf('name')]), ...twin })
})
afterAll(() => gateway.close())

/** What an agency is told of a request once that is sealed: the kinds of events, and why it is in its inbox. */
async function toldOf(agency: string, changes: Partial<AccessRequest>) {
  const caseReference = `DE-${marked}`
  const body = requestOfMember({ caseReference, ...changes })
  const by = body.receivedBy === undefined ? 'FR-SPOC' : 'DE-POL'
  const { id } = await answered(await gateway.ask(by, 'officer-1', body))
  const stored = await gateway.world.ledger.read(id)
  const { client, tables } = gateway.store
  const places = new Map([[id, marked]])
  const lookups = dynamodbLookups(client, tables.lookups)
  if (stored !== undefined)
    await fileRows([stored], { ...gateway.world, lookups }, { ...gateway.world, places })
  marked += 1
  const get = async (path: string) => (await gateway.call(agency, { path })).json()
  const page = eventsPageSchema.parse(await get('/v1/events'))
  const { open } = inboxPageSchema.parse(await get('/v1/inbox'))
  return [
    ...page.events.filter(({ request }) => request === id).map(({ kind }) => kind),
    ...open.filter(({ request }) => request === id).flatMap(({ because }) => because),
  ]
}

const name = { name: { given: 'Two', family: 'Two' }, birthDate: '1979-03-14' }
describe.each([
  [
    'that waits for a person, as the record says',
    { subject: { recordId: 'R-17' } },
    'human-decision',
  ],
  ['that two records fit', { subject: name }, 'ambiguous-subject'],
] as const)('A denial %s', (_, changes, because) => {
  test('is told to the holder, and not to an office that cannot decide on it', async () => {
    expect(await toldOf('DE-POL', changes)).toEqual(['denial-to-decide', because])
    expect(await toldOf('DE-LKA', changes)).toEqual([])
  })
})

// Kills: a word to an office beside the holder that something is to be sent, and so that something is held.
test('An answer to send is told to the holder alone', async () => {
  const changes = { deliverBy: 'siena', urgency: 'imminent-threat-to-life' } as const
  expect(await toldOf('DE-POL', changes)).toEqual(
    expect.arrayContaining(['disclosed', 'answer-to-send', 'delivery']),
  )
  expect(await toldOf('DE-LKA', changes)).toEqual([])
})

// Kills: an answer that is to be sent because a person is asked about the rest of it.
test('An answer of which a part waits for a person is nothing to send', async () => {
  const told = await toldOf('DE-POL', { subject: { recordId: 'R-4' } })
  expect(told.sort()).toEqual(['denial-to-decide', 'disclosed', 'human-decision'])
})

// Kills: a denial to be sent, which is told to others only where a record waits for a person.
test('A letter tells an office that cannot decide on it as little with a record as without', async () => {
  const from = { name: 'Police', jurisdiction: 'FR', authorityType: 'police', cannotHonour: [] }
  const way = { way: 'siena', number: '1', receivedAt: '2026-11-25T08:40:00Z' } as const
  const receivedBy = { ...way, digest: 'A'.repeat(43), from }
  for (const recordId of ['R-17', 'R-404'])
    expect(await toldOf('DE-LKA', { subject: { recordId }, receivedBy })).toEqual([])
})
