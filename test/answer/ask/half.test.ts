/** What leaves in part: the rest that somebody can still let go waits as it would alone, alike for a hit and for none. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { inboxPageSchema } from '../../../functions/answer/offices/inbox.ts'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import type { AnswerBody } from '../../../functions/answer/reply/reply-schema.ts'
import { decidedAgain, replay } from '../../../functions/audit/replay.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { startSealing, type TestSealing } from '../../sealing/sealed-log.ts'
import { answered, type Gateway } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

let sealing: TestSealing
let gateway: Gateway
beforeAll(async () => {
  sealing = await startSealing()
  gateway = sealing.gateway
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  for (const [id, kinds] of [
    ['R-NAME', ['name']],
    ['R-BOTH', ['name', 'fingerprints']],
  ] as const)
    await gateway.putRecord(
      'DE-POL',
      personOf(
        id,
        kinds.map((kind) => itemOf(kind)),
      ),
    )
})
afterAll(() => sealing.close())

const ask = async (classes: readonly string[], id: string, changes: Partial<AccessRequest> = {}) =>
  answered(
    await gateway.ask(
      'FR-SPOC',
      'officer-7',
      requestOfMember({ classes: [...classes] as never, subject: { recordId: id }, ...changes }),
    ),
  )

const both = ['identification', 'biometric']
/** What an answer says of what did not leave. */
const waiting = ({ standing, todo, offices, answerBy, dueBy, dueUnder }: AnswerBody) => ({
  ...{ standing, offices, answerBy, dueBy, dueUnder },
  todo: todo.map(({ classes: _, ...step }) => step),
})

// Kills: a `redact` without steps (`assemble`); steps for what was found, not for what was asked (`remediesByClass`).
test('prints that an officer decides wait beside a name that left: alike held or not, and as if asked alone', async () => {
  const held = await ask(both, 'R-BOTH')
  const notHeld = await ask(both, 'R-NAME')
  const noRecord = await ask(both, 'R-NONE')
  const alone = await ask(['biometric'], 'R-BOTH')

  expect([held, notHeld, noRecord].map(({ outcome }) => outcome)).toEqual([
    'redact',
    'redact',
    'deny',
  ])
  for (const answer of [held, notHeld, noRecord]) {
    expect(waiting(answer)).toEqual(waiting(alone))
    expect(answer.todo.map(({ fact, classes }) => [fact, classes])).toEqual([
      ['necessity.strictClasses', ['biometric']],
      ['release.decision', ['biometric']],
    ])
  }
  const same = ({ reasons, todo, obligations, classes, records }: AnswerBody) => ({
    reasons,
    todo,
    obligations,
    classes,
    records,
  })
  expect(same(held)).toEqual(same(notHeld))
})

const eventsOf = async (agency: string) =>
  eventsPageSchema.parse(await (await gateway.call(agency, { path: '/v1/events' })).json()).events

// Kills: a row for the officers of open denials alone (`toldRows`); a half that nobody may ask again (`standing`).
test('the officer finds the part in the inbox, lets it go, and whoever asked is told and gets it', async () => {
  const caseReference = 'CASE-2'
  const first = await ask(both, 'R-BOTH', { caseReference })
  const inbox = async () => {
    const response = await gateway.call('DE-POL', { path: '/v1/inbox' })
    const { open } = inboxPageSchema.parse(await response.json())
    return open.find(({ request }) => request === first.id)
  }
  expect(await inbox()).toMatchObject({
    answerBy: first.answerBy,
    todo: [
      { fact: 'necessity.strictClasses', classes: ['biometric'] },
      { fact: 'release.decision', classes: ['biometric'] },
    ],
  })

  // Kills: a look that counts what it saw as all there is (`viewOf`).
  const look = async (body: object) => {
    const path = `/v1/access-requests/${first.id}/proposal`
    const seen = await gateway.call('DE-POL', { method: 'POST', path, body })
    const { items, unseen } = wouldLeaveViewSchema.parse(await seen.json())
    return [items.map(({ class: of }) => of), unseen]
  }
  expect(await look({})).toEqual([['identification'], ['biometric']])
  const facts = [{ fact: 'necessity.strictClasses', value: ['biometric'] }]
  expect(await look({ facts })).toEqual([both, undefined])

  await gateway.releaseBy('DE-POL', first.id, { facts: facts as never })
  const then = await gateway.call('FR-SPOC', { path: `/v1/access-requests/${first.id}` })
  expect(await then.json()).toMatchObject({ outcome: 'redact', standing: 'open', cured: true })
  expect(await inbox()).toBeUndefined()

  const second = await ask(both, 'R-BOTH', { caseReference, previous: first.id })
  expect(second.outcome).toBe('release')
  expect(second.standing).toBeUndefined()
  for (const { id } of [first, second]) {
    const { stored } = await gateway.entry(id)
    expect(await replay(stored, gateway.world)).toEqual({ kind: 'same' })
  }
})

// Kills: an entry of before that is said to have been changed (`otherwise`), and one whose reasons are not compared.
test('an answer in part from before its rest had steps is decided the same again, and no other answer is', async () => {
  const { id } = await ask(both, 'R-BOTH', { caseReference: 'CASE-3' })
  const { stored, opened } = await gateway.entry(id)
  const { book } = await gateway.world.law.now()
  const { standing: _, ...leaf } = stored.leaf
  const { standing: __, ...decision } = opened.decision
  const before = { ...opened, decision: { ...decision, todo: [] } }
  expect(decidedAgain(leaf, before, book)).toBeUndefined()
  const reasons = decision.reasons.slice(1)
  expect(
    decidedAgain(leaf, { ...before, decision: { ...before.decision, reasons } }, book),
  ).toMatch('the reasons')
  expect(decidedAgain({ ...leaf, standing: 'final' }, before, book)).toMatch('it was final')
})

// Kills: one event where two things are to be done (`ofDecision`).
test('what leaves by another way in part is sent, and the rest decided', async () => {
  const { id } = await ask(both, 'R-BOTH', { caseReference: 'CASE-4', deliverBy: 'siena' })
  await seal('comity.test/de/2026', [id], sealing.world())
  const kinds = (await eventsOf('DE-POL')).flatMap((each) =>
    'request' in each && each.request === id ? [each.kind] : [],
  )
  expect(kinds).toEqual(expect.arrayContaining(['disclosed', 'answer-to-send', 'denial-to-decide']))
})

// Kills: steps that say what stays by reasons nobody may be told (`isKeptAsTold`).
test('of what is kept back untold nothing waits', async () => {
  const items = [itemOf('name'), itemOf('informant')]
  await gateway.putRecord('DE-POL', personOf('R-SOURCE', items))
  const classes = ['identification', 'victim-witness']
  const held = await ask(classes, 'R-SOURCE', { caseReference: 'CASE-5' })
  const notHeld = await ask(classes, 'R-NAME', { caseReference: 'CASE-5' })
  for (const { standing, todo } of [held, notHeld])
    expect([standing, todo]).toEqual([undefined, []])
  expect(held.reasons).toEqual(notHeld.reasons)
})
