/** Attacks on what follows a refusal: patience, other names for one person, and half a refusal. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { type Audited, startAudited } from '../http/audit-gateway.ts'
import { acts, codesOf } from '../journeys/homicide.ts'
import {
  attestAll,
  benign,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../journeys/people.ts'

let audited: Audited
let at: ReturnType<typeof acts>
const ofOffence = [
  'request.offence.character',
  'request.offence.isOffenceForHolder',
  'request.offence.maxCustodyMonthsHolder',
]

beforeAll(async () => {
  audited = await startAudited()
  at = acts(audited)
  const facts = Object.entries({ ...benign, 'necessity.case': 'necessary' } as typeof benign)
  const [ordinary, country] = [true, false].map((is) =>
    Object.fromEntries(
      facts.filter(([name]) => (ofOffence.includes(name) || name === 'necessity.case') === is),
    ),
  )
  for (const requester of ['FR', 'ES']) {
    const general = { kind: 'general', requester } as const
    await attestAll(audited, 'DE-POL', general, country ?? {})
    await attestAll(audited, 'DE-POL', { ...general, offenceCategory: 'ordinary' }, ordinary ?? {})
  }
})
afterAll(() => audited.close())

const terrorism = { category: 'terrorism', maxCustodyMonths: 180 } as const
const theft = { category: 'ordinary', maxCustodyMonths: 60 } as const

let people = 0
/** Somebody whom France was refused as a terrorist; a case of their own. */
async function refused(changes: Partial<AccessRequest> = {}) {
  people += 1
  const id = `R-${people}`
  await audited.putRecord('DE-POL', personOf(id, [itemOf('name')]))
  const subject = subjectsOf(id).name
  const body = requestOfMember({ subject, caseReference: `FR-${id}`, ...changes })
  expect(await ask({ ...body, offence: terrorism })).toMatchObject({ outcome: 'deny' })
  return { id, body: { ...body, offence: theft } }
}
/** Asks, and the answer is filed for auditors, as a minute later it is. */
async function ask(body: AccessRequest, agency = 'FR-SPOC') {
  const answer = await at.ask(body, agency)
  await audited.fileAll([answer.id])
  audited.clock.now = new Date(audited.clock.now.getTime() + 1000)
  return answer
}

describe('Whoever was refused a person, and describes the matter more softly', () => {
  test('is not answered by rule by asking it fifty times', async () => {
    const { body } = await refused()
    for (let i = 0; i < 50; i += 1) await ask(body)
    expect(codesOf(await ask(body))).toEqual(['human-decision'])
  }, 60_000)

  test('is not answered by rule because another agency asked fifty times in between', async () => {
    const { body } = await refused()
    for (let i = 0; i < 50; i += 1) await ask({ ...body, caseReference: 'ES-1' }, 'ES-SPOC')
    expect(codesOf(await ask(body))).toEqual(['human-decision'])
  }, 60_000)

  test.each(['document', 'recordId'] as const)(
    'is not answered by rule by naming the same person by their %s',
    async (by) => {
      const { id, body } = await refused()
      const answer = await ask({ ...body, subject: subjectsOf(id)[by] })
      expect(answer).toMatchObject({ outcome: 'deny', records: [] })
    },
  )

  test('is not answered by rule by a name as the machine-readable zone has it', async () => {
    const name = { given: 'Anton', family: 'Müller' }
    const birthDate = '1979-03-14'
    const { id, body } = await refused({ subject: { name, birthDate } })
    await audited.putRecord('DE-POL', { ...personOf(id, [itemOf('name')]), names: [name] })
    const subject = { name: { ...name, family: 'Mueller' }, birthDate }
    expect(await ask({ ...body, subject })).toMatchObject({ outcome: 'deny', records: [] })
  })

  test.each([
    ['a space', ' '],
    ['what nobody sees', '\u200b'],
  ])('is not answered by rule by %s after the reference of the case', async (_, more) => {
    const { body } = await refused()
    const answer = await ask({ ...body, caseReference: `${body.caseReference}${more}` })
    expect(codesOf(answer)).toEqual(['human-decision'])
  })

  // A class that was kept back beside one that left was refused, too.
  test('is not answered by rule for a class that was refused while another left', async () => {
    const id = 'R-PART'
    const put = (status: 'active' | 'blocked') =>
      audited.putRecord('DE-POL', personOf(id, [itemOf('name'), itemOf('report', { status })]))
    await put('blocked')
    const body = requestOfMember({
      subject: { recordId: id },
      classes: ['identification', 'case'],
      caseReference: 'FR-PART',
      offence: { ...theft, description: 'pamphlets' },
    })
    expect((await ask(body)).classes).toMatchObject({ case: 'not released' })
    await put('active')
    const softer = await ask({ ...body, classes: ['case'], offence: theft })
    expect(await at.factIn(softer.id, 'request.redescribed')).toBe(true)
  })
})
