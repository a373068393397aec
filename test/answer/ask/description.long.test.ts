/** Whoever was refused a person in a case, and describes the matter otherwise, is answered by a person. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownLooks } from '../../../functions/audit/own-requests.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { answered, freshJti, wouldLeaveIn } from '../../world.ts'
import { acts, codesOf, denied } from '../homicide.ts'
import { attestAll, benign, directive, itemOf, personOf, requestOf, subjectsOf } from '../people.ts'

let audited: Audited
/** Whether the gateway dies when it is to remember a refusal. */
let dies = false
let at: ReturnType<typeof acts>
const ordinary = { kind: 'general', requester: 'FR', offenceCategory: 'ordinary' } as const
const {
  'request.offence.character': character = 'ordinary',
  'request.offence.isOffenceForHolder': isOffence = true,
  'request.offence.maxCustodyMonthsHolder': months = 60,
  ...ofCountry
} = benign
/** What Germany says of ordinary offences alone: of any other it must look first. */
const ofOffence = {
  'request.offence.character': character,
  'request.offence.isOffenceForHolder': isOffence,
  'request.offence.maxCustodyMonthsHolder': months,
  'necessity.case': 'necessary',
}

beforeAll(async () => {
  audited = await startAudited({
    change: (world) => ({
      ...world,
      refusals: {
        ...world.refusals,
        put: async (...of) => {
          if (dies) throw new Error('died')
          await world.refusals.put(...of)
        },
      },
    }),
  })
  at = acts(audited)
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, ofCountry)
  await attestAll(audited, 'DE-POL', ordinary, ofOffence)
})
afterAll(() => audited.close())

let people = 0
async function person(items = [itemOf('name')]): Promise<string> {
  const id = `R-${++people}`
  await audited.putRecord('DE-POL', personOf(id, items))
  return id
}
const terrorism = { category: 'terrorism', maxCustodyMonths: 180 } as const
const theft = { category: 'ordinary', maxCustodyMonths: 60 } as const

/** A French request; a case of the person's own. */
const asking = (id: string, changes: Partial<AccessRequest> = {}) =>
  requestOf({ ...directive, subject: { recordId: id }, caseReference: `FR-${id}`, ...changes })

/** Asks, and the answer is filed for auditors, as a minute later it is. */
async function ask(body: AccessRequest, agency = 'FR-SPOC') {
  const answer = await at.ask(body, agency)
  await audited.fileAll([answer.id])
  audited.clock.pass(1000)
  return answer
}
const rowOf = async (id: string) =>
  (await at.inbox('DE-POL')).open.find(({ request }) => request === id)
const redescribed = (id: string) => at.factIn(id, 'request.redescribed')

describe('The same person in the same case, described more softly after a refusal', () => {
  // Kills: refusals not looked for; those of the newest description alone.
  test('is a matter for a person, though the new description alone would leave by rule', async () => {
    const id = await person()
    const alone = await ask(asking(await person(), { offence: theft }))
    expect(alone).toMatchObject({ outcome: 'release', decidedBy: { kind: 'rule' } })

    const first = await ask(asking(id, { offence: terrorism }))
    expect(first).toMatchObject({ outcome: 'deny', records: [] })
    const second = await ask(asking(id, { offence: theft }))
    expect(second).toMatchObject(denied)
    expect(second.reasons).toMatchObject([
      { code: 'human-decision', rule: 'comity/human-decision' },
    ])
    expect((await rowOf(second.id))?.because).toEqual(['human-decision'])

    const look = await wouldLeaveIn(await audited.seeWouldLeave('DE-POL', second.id))
    expect(look.asked).toMatchObject({ offence: theft })
    expect(look.earlier).toMatchObject([{ request: first.id, asked: { offence: terrorism } }])
    await audited.releaseBy('DE-POL', second.id)
    const again = await ask({ ...asking(id, { offence: theft }), previous: second.id })
    expect(again).toMatchObject({ outcome: 'release', decidedBy: { kind: 'officer' } })
  })

  test.each<readonly [string, Partial<AccessRequest>]>([
    ['another purpose', { purpose: 'prevention' }],
    ['another description', { offence: { ...theft, description: 'theft of a bicycle' } }],
    ['another maximum', { offence: { ...theft, maxCustodyMonths: 61 } }],
    ['another stage', { stage: 'charged' }],
  ])('is so for %s, too', async (_, changes) => {
    const id = await person()
    const soft = { offence: theft, stage: 'suspect' } as const
    // Refused, since the record was blocked; then described otherwise.
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name', { status: 'blocked' })]))
    const first = await ask(asking(id, soft))
    expect(first).toMatchObject({ outcome: 'deny' })
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name')]))
    expect(await redescribed((await ask(asking(id, { ...soft, ...changes }))).id)).toBe(true)
  })

  // Kills: a person known in every case, by every agency, or at every holder.
  test('is a new matter in another case, for another agency, and for another person', async () => {
    const [id, other] = [await person(), await person()]
    await ask(asking(id, { offence: terrorism }))
    for (const body of [
      asking(id, { offence: theft, caseReference: 'FR-ANOTHER' }),
      asking(other, { offence: theft, caseReference: `FR-${id}` }),
    ]) {
      const answer = await ask(body)
      expect(answer.outcome).toBe('release')
      expect(await redescribed(answer.id)).toBe(false)
    }
    const spanish = await ask(asking(id, { offence: theft }), 'ES-SPOC')
    expect(codesOf(spanish).includes('human-decision')).toBe(false)
  })

  // Kills: a stage that may not be supplied.
  test('is no other description where only a stage was supplied that had been unknown', async () => {
    const id = await person([itemOf('name', { status: 'blocked' })])
    await ask(asking(id, { offence: theft, stage: 'unknown' }))
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name')]))
    const answer = await ask(asking(id, { offence: theft, stage: 'suspect' }))
    expect(await redescribed(answer.id)).toBe(false)
    expect(answer.outcome).toBe('release')
  })

  test('is the same matter where the same is asked again in the same words', async () => {
    const id = await person([itemOf('name', { status: 'blocked' })])
    await ask(asking(id, { offence: theft }))
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name')]))
    expect((await ask(asking(id, { offence: theft }))).outcome).toBe('release')
  })

  // Kills: that two identifiers are one person's, told to whoever asks.
  test('by another identifier is for a person, too, and is told what no hit is told', async () => {
    const id = await person([itemOf('name', { status: 'blocked' })])
    await ask(asking(id, { offence: { ...theft, description: 'a robbery' } }))
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name')]))
    const { document } = subjectsOf(id)
    const held = await ask(asking(id, { offence: theft, subject: document }))
    const nobody = { subject: subjectsOf('R-NOBODY').document }
    const none = await ask(asking(id, { offence: theft, ...nobody }))
    const told = ({
      id: _id,
      matter: _matter,
      receipt: _receipt,
      decidedAt: _at,
      answerBy: _by,
      ...rest
    }: typeof held) => rest
    expect(told(held)).toEqual(told(none))
    expect(codesOf(held)).toEqual(['nothing-transmissible'])
    expect((await rowOf(held.id))?.because).toEqual(['human-decision'])
    expect(await rowOf(none.id)).toBeUndefined()
    await audited.releaseBy('DE-POL', held.id)
    const again = asking(id, { offence: theft, subject: document })
    expect((await ask({ ...again, previous: held.id })).outcome).toBe('release')
  })
})

/** Somebody whom France was refused as a terrorist; a case of their own. */
async function refused(changes: Partial<AccessRequest> = {}) {
  const id = await person()
  const body = asking(id, { subject: subjectsOf(id).name, ...changes })
  expect(await ask({ ...body, offence: terrorism })).toMatchObject({ outcome: 'deny' })
  return { id, body: { ...body, offence: theft } }
}

describe('Whoever was refused a person, and describes the matter more softly', () => {
  // Kills: what is refused known from what is filed alone; remembered after the answer.
  test('is not answered by rule by being quick: before anything is filed', async () => {
    const id = await person()
    await at.ask(asking(id, { offence: terrorism }), 'FR-SPOC')
    expect(codesOf(await at.ask(asking(id, { offence: theft }), 'FR-SPOC'))).toEqual([
      'human-decision',
    ])
  })

  // Kills: a window of the newest that the requester itself, or another agency, fills.
  test('is not answered by rule by asking on and on, nor because others ask in between', async () => {
    const { body } = await refused()
    for (let i = 0; i < 5; i += 1) {
      await ask(body)
      await ask({ ...body, caseReference: 'ES-1' }, 'ES-SPOC')
    }
    expect(codesOf(await ask(body))).toEqual(['human-decision'])
  })

  // Refused before the fetch, so that nobody knew of the record: its identifiers say it afterwards.
  test.each(['document', 'recordId'] as const)(
    'is not answered by rule by naming the same person by their %s',
    async (by) => {
      const { id, body } = await refused()
      const answer = await ask({ ...body, subject: subjectsOf(id)[by] })
      expect(answer).toMatchObject({ outcome: 'deny', records: [] })
      expect(codesOf(answer)).toEqual(['nothing-transmissible'])
      expect((await rowOf(answer.id))?.because).toEqual(['human-decision'])
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

  // Kills: found records left out of what is remembered (`refusalOf`).
  test('is not answered by rule once the record is asked for by a name that it did not have then', async () => {
    const id = await person([itemOf('name', { status: 'blocked' })])
    await ask(asking(id, { subject: subjectsOf(id).name, offence: { ...theft, description: 'x' } }))
    const names = [{ given: 'Anton', family: 'Anders' }]
    await audited.putRecord('DE-POL', { ...personOf(id, [itemOf('name')]), names, documents: [] })
    const subject = { name: { given: 'Anton', family: 'Anders' }, birthDate: '1979-03-14' }
    expect(await ask(asking(id, { subject, offence: theft }))).toMatchObject({ outcome: 'deny' })
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
    const id = await person([itemOf('name'), itemOf('report', { status: 'blocked' })])
    const body = asking(id, {
      classes: ['identification', 'case'],
      offence: { ...theft, description: 'pamphlets' },
    })
    expect((await ask(body)).classes).toMatchObject({ case: 'not released' })
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name'), itemOf('report')]))
    const softer = await ask({ ...body, classes: ['case'], offence: theft })
    expect(await redescribed(softer.id)).toBe(true)
    // What left is no refusal.
    const rest = await ask({ ...body, classes: ['identification'], offence: theft })
    expect(await redescribed(rest.id)).toBe(false)
    expect(rest.outcome).toBe('release')
  })
})

describe('A call that is sent again', () => {
  // Kills: what a retry would be refused by now remembered beside the entry that released it.
  test('leaves no refusal behind if it released, though it would be refused by then', async () => {
    const id = await person()
    const body = asking(id, { offence: theft })
    const send = { jti: freshJti() }
    const first = await answered(await audited.ask('FR-SPOC', 'officer-1', body, send))
    expect(first.outcome).toBe('release')
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name', { status: 'blocked' })]))
    expect((await audited.ask('FR-SPOC', 'officer-1', body, send)).status).toBe(409)
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name')]))
    const next = await ask({ ...body, offence: { ...theft, description: 'of a bicycle' } })
    expect(await redescribed(next.id)).toBe(false)
    expect(next.outcome).toBe('release')
  })
})

describe('A call that is sent again once the record has another name', () => {
  // Kills: one refusal remembered twice, by which no officer can look at, or release, anything of that person in the case.
  test('is one refusal to the officer who looks at the next', async () => {
    const id = await person([itemOf('name'), itemOf('religion')])
    const body = asking(id, { offence: theft, classes: ['identification', 'special'] })
    const call = { jti: freshJti() }
    const { id: refused, outcome } = await answered(
      await audited.ask('FR-SPOC', 'officer-1', body, call),
    )
    expect(outcome).toBe('redact')
    const record = personOf(id, [itemOf('name'), itemOf('religion')])
    const names = [{ given: 'Anton', family: 'Anders' }]
    await audited.putRecord('DE-POL', { ...record, names })
    await audited.ask('FR-SPOC', 'officer-1', body, call)
    const next = await ask({ ...body, offence: terrorism })
    const look = await wouldLeaveIn(await audited.seeWouldLeave('DE-POL', next.id))
    expect(look.earlier.map(({ request }) => request)).toEqual([refused])
  })
})

describe('Whoever was refused by a gateway that died before it remembered that', () => {
  const again: readonly (readonly [string, (of: Call) => Promise<unknown>])[] = [
    ['sends the call again', ({ send }) => send()],
    [
      'looks the answer up',
      ({ id }) => audited.call('FR-SPOC', { path: `/v1/access-requests/${id}` }),
    ],
    ['waits until it is sealed', ({ id }) => audited.fileAll([id])],
    [
      'looks the answer up while sealing is late',
      ({ id }) => {
        audited.clock.pass(120_000)
        return audited.call('FR-SPOC', { path: `/v1/access-requests/${id}` })
      },
    ],
    [
      'puts it before a person',
      ({ id }) =>
        audited.call('FR-SPOC', {
          ...{ method: 'POST', path: `/v1/access-requests/${id}/review` },
          body: { ground: 'Another person of that name.' },
        }),
    ],
  ]
  type Call = { readonly id: string; readonly send: () => Promise<Response> }

  // Kills: a refusal that the requester knows of and the gateway does not.
  test.each(again)(
    'is not answered by rule when it %s and describes the matter otherwise',
    async (_, learn) => {
      const body = asking(await person(), { offence: terrorism })
      const jti = freshJti()
      const send = () => audited.ask('FR-SPOC', 'officer-1', body, { jti })
      dies = true
      expect((await send()).status).toBe(500)
      dies = false
      await learn({ id: entryId('FR-SPOC', jti), send })
      const next = await at.ask({ ...body, offence: theft }, 'FR-SPOC')
      expect(codesOf(next)).toEqual(['human-decision'])
    },
  )

  // Kills: a page of the console, which may write no refusal, that tells of one that is not remembered; a list that the
  // sealer files before.
  test('is shown no page of it before it is remembered', async () => {
    const agency = await audited.world.register.agency('FR-SPOC')
    if (agency === undefined) throw new Error('it is not registered')
    const asker = { ...agency, officer: 'officer-1', action: 'own-request' }
    const page = (id: string) =>
      ownLooks.answer.read({ id, purpose: 'own-work' }, asker, audited.auditWorld)
    const list = () =>
      ownLooks.requests.read({ of: 'mine', purpose: 'own-work' }, asker, audited.auditWorld)
    const body = asking(await person(), { offence: terrorism })
    const jti = freshJti()
    const id = entryId('FR-SPOC', jti)
    dies = true
    await audited.ask('FR-SPOC', 'officer-1', body, { jti })
    await expect(audited.fileAll([id])).rejects.toThrow('died')
    dies = false
    expect(await page(id)).toEqual({ kind: 'not-found' })
    expect(JSON.stringify(await list())).not.toContain(id)
    const same = await answered(await audited.ask('FR-SPOC', 'officer-1', body))
    for (const each of [same.id, id])
      expect(await page(each)).toMatchObject({ answer: { standing: { outcome: 'deny' } } })
  })
})
