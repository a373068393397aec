/** Whose records a gateway serves, and what whoever asks it for others' is answered. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { tables } from '../../functions/adapters/tables.ts'
import { readConfig } from '../../functions/config.ts'
import { agreed } from '../../functions/identity/holds.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { pairOf, registrarsOf } from '../identity/registering.ts'
import { done, type Gateway, origin, problemOf, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ change: (world) => ({ ...world, holds: ['DE'] }) })
})
afterAll(() => gateway.close())

const ask = (holder: string) =>
  gateway.ask('US-POL', 'agent-12', requestOf({ holder, caseReference: 'US-1' }))

test('A request for the records of another state is answered by where to ask', async () => {
  expect((await ask('DE-POL')).status).toBe(201)
  const nowhere = await ask('GB-POL')
  expect(await problemOf(nowhere.clone())).toEqual({
    status: 422,
    code: 'served-elsewhere',
    errors: [
      {
        pointer: '/holder',
        detail:
          'this gateway does not serve the records of that state: the register names no gateway that does',
      },
    ],
  })
  expect(await nowhere.json()).not.toHaveProperty('gateway')

  const there = 'https://comity.police.example'
  await gateway.change('GB-POL', { gateway: there })
  const elsewhere = await ask('GB-POL')
  expect(await elsewhere.clone().json()).toMatchObject({ gateway: there })
  expect((await problemOf(elsewhere)).errors).toEqual([
    {
      pointer: '/holder',
      detail: `this gateway does not serve the records of that state: ${there}`,
    },
  ])
})

test('Nobody else keeps records in it, or vouches for what it is never asked', async () => {
  await done(
    await gateway.call('DE-POL', {
      ...{ method: 'PUT', path: '/v1/records/R-1' },
      body: { ...personOf('R-1', [itemOf('name')]), id: undefined },
    }),
  )
  const put = await gateway.call('GB-POL', {
    ...{ method: 'PUT', path: '/v1/records/R-1' },
    body: { ...personOf('R-1', [itemOf('name')]), id: undefined },
  })
  expect(await problemOf(put)).toMatchObject({ status: 403, code: 'not-a-holder' })
  const scope = { kind: 'general', requester: 'US' } as const
  await expect(
    gateway.attest('GB-POL', { holder: 'GB-POL', fact: 'risk.torture', value: 'none', scope }),
  ).rejects.toThrow('may-not-attest')
  await gateway.attest('DE-POL', { holder: 'DE-POL', fact: 'risk.torture', value: 'none', scope })
})

// Kills: `prod` that serves everybody where nothing is said, or several by a flag that anybody sets.
test('In prod it starts for one jurisdiction, or for those of which it is said in so many words', () => {
  const complete = {
    ...Object.fromEntries(
      Object.values(tables).map(({ variable, localName }) => [variable, localName]),
    ),
    COMITY_ORIGIN: origin,
    COMITY_GATEWAY: 'comity.test',
    COMITY_REGISTRARS: JSON.stringify(registrarsOf(pairOf('a'), pairOf('b'), pairOf('c'))),
    COMITY_ENVIRONMENT: 'prod',
  }
  const start = (changes: Readonly<Record<string, string>>) => () =>
    readConfig({ ...complete, ...changes })
  expect(start({})).toThrow('COMITY_HOLDS: name the jurisdiction whose records it serves')
  expect(start({ COMITY_HOLDS: 'DE,FR' })).toThrow('COMITY_HOLDS: name one jurisdiction, or say')
  for (const words of ['true', 'yes', 'all of them agreed'])
    expect(start({ COMITY_HOLDS: 'DE,FR', COMITY_HOLDS_AGREED: words })).toThrow(
      'COMITY_HOLDS_AGREED: say it in so many words',
    )
  for (const wrong of ['', 'de', 'DE,', 'DE, FR', 'DE,DE', '*'])
    expect(start({ COMITY_HOLDS: wrong }), wrong).toThrow('COMITY_HOLDS')
  const served = { COMITY_HOLDS: 'DE' }
  const several = { COMITY_HOLDS: 'DE,FR', COMITY_HOLDS_AGREED: agreed }
  for (const right of [served, several]) expect(start(right)).not.toThrow()
  expect(start({ COMITY_ENVIRONMENT: 'dev' })).not.toThrow()
})
