/** Attacks by what a person is called: another spelling, or another name since, sheds no refusal and no risk. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { acts, codesOf } from '../answer/homicide.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../answer/people.ts'
import { done, type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
let at: ReturnType<typeof acts>
beforeAll(async () => {
  gateway = await startGateway()
  at = acts(gateway)
  const {
    'request.offence.character': _,
    'request.offence.isOffenceForHolder': __,
    ...ofCountry
  } = benignOfMember
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, ofCountry)
  await attestAll(
    gateway,
    'DE-POL',
    { kind: 'general', requester: 'FR', offenceCategory: 'ordinary' },
    { 'request.offence.character': 'ordinary', 'request.offence.isOffenceForHolder': true },
  )
})
afterAll(() => gateway.close())

const pass = () => gateway.clock.pass(1000)
const birthDate = '1979-03-14'
const terrorism = { category: 'terrorism', maxCustodyMonths: 180 } as const
const theft = { category: 'ordinary', maxCustodyMonths: 60 } as const
type Name = { readonly given: string; readonly family: string }

let people = 0
/** Somebody of this name, and a case of their own. */
const person = async (name: Name, items = [itemOf('name')]) => {
  people += 1
  const id = `N-${people}`
  const put = async (names: readonly Name[], held = items) => {
    await gateway.putRecord('DE-POL', { ...personOf(id, held), names: [...names] })
    pass()
  }
  await put([name])
  const ask = async (subject: AccessRequest['subject'], changes: Partial<AccessRequest> = {}) => {
    const body = requestOfMember({ subject, caseReference: `FR-${id}`, offence: theft, ...changes })
    const answer = await at.ask(body, 'FR-SPOC')
    pass()
    return answer
  }
  const byName = (spelt: Name) => ({ name: spelt, birthDate })
  return { id, put, ask, byName, document: subjectsOf(id).document }
}
const nothingLeft = { outcome: 'deny', records: [] }

// record.ts: Müller is asked for as Mueller, too. They are one person's name, whichever the record has.
describe.each([
  ['Müller', 'Mueller'],
  ['Łukasz', 'Lukasz'],
  ['Sørensen', 'Soerensen'],
])('Who is asked for as %s, and whose record says %s', (asked, held) => {
  test('is for a person once they were refused, by whatever they are asked for then', async () => {
    const { ask, byName, document } = await person({ given: 'Anton', family: held })
    const first = await ask(byName({ given: 'Anton', family: asked }), { offence: terrorism })
    expect(first).toMatchObject(nothingLeft)
    expect(await ask(byName({ given: 'Anton', family: held }))).toMatchObject(nothingLeft)
    expect(await ask(document)).toMatchObject(nothingLeft)
  })

  test('is kept by the risk that was found for them, by whatever they are asked for then', async () => {
    const { ask, byName, document } = await person({ given: 'Anton', family: held })
    const { id: matter } = await ask(byName({ given: 'Anton', family: asked }))
    const scope = { kind: 'matter', matter } as const
    await done(
      await at.post('DE-POL', { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope }),
    )
    pass()
    expect(await ask(byName({ given: 'Anton', family: held }))).toMatchObject(nothingLeft)
    expect(await ask(document)).toMatchObject(nothingLeft)
  })
})

test('Who was added to the risk that was found in a case is kept by it, however they are spelt', async () => {
  const { id, ask, byName, document } = await person({ given: 'Dora', family: 'Jaeger' })
  const { id: first } = await ask({ recordId: `${id}-SOMEBODY` })
  const scope = { kind: 'case', requester: 'FR-SPOC', caseReference: `FR-${id}` } as const
  const risk = { holder: 'DE-POL', fact: 'risk.torture', value: 'real' } as const
  const no = await gateway.attest('DE-POL', { ...risk, scope: { ...scope, persons: [first] } })
  pass()
  const { id: request } = await ask(byName({ given: 'Dora', family: 'Jäger' }))
  const path = `/v1/attestations/${no}/persons`
  await done(await gateway.call('DE-POL', { method: 'POST', path, body: { request } }))
  pass()
  expect(await ask(byName({ given: 'Dora', family: 'Jaeger' }))).toMatchObject(nothingLeft)
  expect(await ask(document)).toMatchObject(nothingLeft)
})

// Two records with the same name and birth date are the same person's, as far as anybody asked knows.
describe('Who is held twice, under one name', () => {
  const twice = async (given: string) => {
    const name = { given, family: 'Zweifach' }
    const of = await person(name)
    const other = { document: { number: `OTHER ${of.id}`, country: 'DE' } }
    const again = async () => {
      const record = { ...personOf(`${of.id}-AGAIN`, [itemOf('name')]), names: [name] }
      await gateway.putRecord('DE-POL', { ...record, documents: [other.document] })
    }
    return { ...of, again, other }
  }

  test('is kept by the risk that was found for them by the one record, asked for by the other', async () => {
    const { id, ask, again, other } = await twice('Emil')
    const { id: matter } = await ask({ recordId: id })
    const scope = { kind: 'matter', matter } as const
    await done(
      await at.post('DE-POL', { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope }),
    )
    pass()
    await again()
    expect(await ask(other)).toMatchObject(nothingLeft)
  })

  test('is for a person once they were refused by the one record, asked for by the other', async () => {
    const { id, ask, put, again, other } = await twice('Frida')
    await put([{ given: 'Frida', family: 'Zweifach' }], [itemOf('name', { status: 'blocked' })])
    const more = { offence: { ...theft, description: 'a robbery' } }
    expect(await ask({ recordId: id }, more)).toMatchObject(nothingLeft)
    await again()
    expect(await ask(other)).toMatchObject(nothingLeft)
  })
})

describe('Who is called otherwise in the record since', () => {
  // Each has names of their own, else two records would fit.
  const called = (given: string) =>
    [
      { given, family: 'Vorher' },
      { given, family: 'Nachher' },
    ] as const
  // DESIGN 5: what is against a disclosure reaches all of the case in which the same person is asked for.
  test('is kept by the risk that was found for them under the name of before', async () => {
    const [before, since] = called('Anna')
    const { ask, byName, put } = await person(before)
    const { id: matter } = await ask(byName(before))
    const scope = { kind: 'matter', matter } as const
    await done(
      await at.post('DE-POL', { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope }),
    )
    await put([since])
    expect(await ask(byName(since))).toMatchObject(nothingLeft)
  })

  // A row of what was refused has the record that was found then; the same refused anew must not lose it.
  test('is for a person still, though the same was refused once more under the name of before', async () => {
    const [before, since] = called('Berta')
    const { ask, byName, put } = await person(before, [itemOf('name', { status: 'blocked' })])
    const more = { offence: { ...theft, description: 'a robbery' } }
    expect(await ask(byName(before), more)).toMatchObject(nothingLeft)
    await put([since], [itemOf('name')])
    expect(codesOf(await ask(byName(before), more))).toEqual(['nothing-transmissible'])
    expect(await ask(byName(since))).toMatchObject(nothingLeft)
  })
})
