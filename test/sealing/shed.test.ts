/** A no is not left behind by asking otherwise: what an office found against a disclosure holds for the case. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnswerBody } from '../../functions/answer/reply/reply-schema.ts'
import { acts, codesOf } from '../answer/homicide.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../answer/people.ts'
import { done, type Gateway, startGateway, wouldLeaveIn } from '../world.ts'

let gateway: Gateway
let at: ReturnType<typeof acts>
/** What Germany says of trials in France. */
let general: string
beforeAll(async () => {
  gateway = await startGateway()
  at = acts(gateway)
  const { 'risk.unfairTrial': value = 'none', ...rest } = benignOfMember
  for (const requester of ['FR', 'ES']) {
    const scope = { kind: 'general', requester } as const
    await attestAll(gateway, 'DE-POL', scope, rest)
    const trial = { holder: 'DE-POL', fact: 'risk.unfairTrial', value, scope }
    const id = await gateway.attestGenerally('DE-POL', trial)
    if (requester === 'FR') general = id
  }
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
const pass = () => gateway.clock.pass(1000)
/** All that is told but what names the answer. */
const toldOf = ({ id: _, matter: __, receipt: ___, decidedAt: ____, ...rest }: AnswerBody) => rest
const kept = { outcome: 'deny', records: [] }
const against = [
  ['risk.torture', 'real'],
  ['release.decision', 'refuse'],
  ['transfer.caseCheck', 'concerns'],
] as const

describe('What an officer found against a disclosure', () => {
  // A refusal or a risk counts at once. The requester alone says whether it asks "again".
  // Kills: what is against it reaching its matter alone (`reach`); its row looked for there alone.
  test.each(against)(
    '(%s: %s) is not shed by asking the same anew, without `previous`',
    async (fact, value) => {
      const { body, first } = await person()
      const scope = { kind: 'matter', matter: first } as const
      const id = await gateway.attest('DE-POL', { holder: 'DE-POL', fact, value, scope })
      const again = await at.ask({ ...body, previous: first }, 'FR-SPOC')
      const anew = await at.ask(body, 'FR-SPOC')
      expect(anew).toMatchObject(kept)
      expect(codesOf(anew)).toEqual(codesOf(again))
      const reference = ` ${body.caseReference.toLowerCase()}\u200b`
      expect(await at.ask({ ...body, caseReference: reference }, 'FR-SPOC')).toMatchObject(kept)
      // Whoever said it takes it back.
      await done(await at.takeBack('DE-POL', id))
      expect(await at.ask(body, 'FR-SPOC')).toMatchObject({ outcome: 'release' })
    },
  )

  test('is of one person, one case and one agency: nobody else is kept back by it', async () => {
    const [one, other] = [await person(), await person()]
    const scope = { kind: 'matter', matter: one.first } as const
    await gateway.attest('DE-POL', { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope })
    const { caseReference } = one.body
    for (const [body, agency] of [
      [{ ...other.body, caseReference }, 'FR-SPOC'],
      [{ ...one.body, caseReference: 'FR-ELSEWHERE' }, 'FR-SPOC'],
      [one.body, 'ES-SPOC'],
    ] as const)
      expect(await at.ask(body, agency)).toMatchObject({ outcome: 'release' })
  })

  // What lets data go stays as narrow as it was said.
  test('is joined there by nothing that lets data go', async () => {
    const { body, first } = await person()
    const fact = 'transfer.caseCheck'
    const scope = { kind: 'matter', matter: first } as const
    await gateway.attest('DE-POL', { holder: 'DE-POL', fact, value: 'clean', scope })
    const { id } = await at.ask(body, 'FR-SPOC')
    expect(await at.factIn(id, fact)).toBe('not-checked')
  })

  // Kills: an older word on one matter that hides what was found since; one that is never heard.
  test('stands until the same office answers for the new matter, knowing of it', async () => {
    const { body, first } = await person()
    const { id: second } = await at.ask(body, 'FR-SPOC')
    const check = (matter: string, value: string) =>
      gateway.attest('DE-POL', {
        ...{ holder: 'DE-POL', fact: 'transfer.caseCheck', value },
        scope: { kind: 'matter', matter },
      })
    const known = async () =>
      at.factIn((await at.ask({ ...body, previous: second }, 'FR-SPOC')).id, 'transfer.caseCheck')
    await check(second, 'clean')
    pass()
    await check(first, 'concerns')
    expect(await known()).toBe('concerns')
    pass()
    await check(second, 'clean')
    expect(await known()).toBe('clean')
  })

  // The person of a case is known by what was asked for; the record says that it is the same.
  // Kills: a record's identifiers not held against whom it was said of (`foundAgainst`); told.
  test.each(['document', 'recordId'] as const)(
    'is not shed by naming them by their %s, and is told as no hit is',
    async (by) => {
      const { id, body, first } = await person()
      const scope = { kind: 'matter', matter: first } as const
      const risk = { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope }
      const said = await gateway.attest('DE-POL', risk)
      const subject = subjectsOf(id)[by]
      const held = await at.ask({ ...body, subject }, 'FR-SPOC')
      const nobody = subjectsOf('R-NOBODY')[by]
      const none = await at.ask({ ...body, subject: nobody }, 'FR-SPOC')
      expect(toldOf(held)).toEqual(toldOf(none))
      expect(codesOf(held)).toEqual(['nothing-transmissible'])
      const { opened } = await gateway.entry(held.id)
      expect(opened.items.map(({ facts }) => facts['item.foundAgainst'])).toEqual([true])
      expect(opened.decision.reasons.map(({ code }) => code)).toEqual(['human-decision'])
      // The officer sees it, and decides.
      const look = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', held.id))
      expect(look.against).toEqual([
        {
          ...{ id: said, office: 'DE-POL', enteredAt: expect.any(String) },
          facts: [{ fact: 'risk.torture', value: 'real' }],
        },
      ])
      await gateway.releaseBy('DE-POL', held.id)
      const again = await at.ask({ ...body, subject, previous: held.id }, 'FR-SPOC')
      expect(again).toMatchObject({ outcome: 'release', decidedBy: { kind: 'officer' } })
    },
  )

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

describe('A doubt about a person', () => {
  // It lets nothing go, so it reaches as far as a refusal.
  test('is not shed by asking anew, nor by another name', async () => {
    const { id, body, first } = await person()
    const scope = { kind: 'matter', matter: first } as const
    await done(await at.object('DE-POL', general, { scope }))
    expect(await at.ask(body, 'FR-SPOC')).toMatchObject(kept)
    const subject = subjectsOf(id).document
    const held = await at.ask({ ...body, subject }, 'FR-SPOC')
    expect(codesOf(held)).toEqual(['nothing-transmissible'])
    const look = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', held.id))
    expect(look.against).toMatchObject([{ facts: [{ fact: 'risk.unfairTrial' }] }])
  })
})
