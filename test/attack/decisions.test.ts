/** Attacks on an officer's decision: what he replaced, took back or refused comes back, and what he never saw leaves. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { acts, codesOf, denied } from '../answer/homicide.ts'
import {
  attestAll,
  benign,
  benignOfMember,
  inThisCase,
  itemOf,
  personOf,
  requestOf,
  requestOfMember,
} from '../answer/people.ts'
import { type Audited, startAudited } from '../http/audit-gateway.ts'
import { decisionOn, done, wouldLeaveIn } from '../world.ts'

let gateway: Audited
let at: ReturnType<typeof acts>
beforeAll(async () => {
  gateway = await startAudited()
  at = acts(gateway)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

const pass = (ms = 1000) => gateway.clock.pass(ms)
const hour = 3_600_000
let people = 0
const person = async () => {
  people += 1
  const id = `D-${people}`
  const items = [itemOf('name'), itemOf('birthDate'), itemOf('conviction')]
  await gateway.putRecord('DE-POL', personOf(id, items))
  return id
}
/** Germany reserves it to an officer: the United Kingdom asks. */
const british = (id: string, changes: Partial<AccessRequest> = {}): AccessRequest =>
  requestOf({
    subject: { recordId: id },
    classes: ['identification', 'criminal-history'],
    caseReference: `GB-${id}`,
    ...changes,
  })
/** It leaves by rule: France asks. */
const french = (id: string, changes: Partial<AccessRequest> = {}): AccessRequest =>
  requestOfMember({ subject: { recordId: id }, caseReference: `FR-${id}`, ...changes })

const left = ({
  records,
}: {
  readonly records: readonly { readonly items: readonly { id: string }[] }[]
}) => records.flatMap(({ items }) => items.map(({ id }) => id))

/** He looks and releases, for so many hours. */
const release = async (id: string, hours: number, takenOut?: string[]) => {
  const look = { facts: inThisCase, ...(takenOut && { takenOut }) }
  const { holder, matter, shown } = await wouldLeaveIn(
    await gateway.seeWouldLeave('DE-POL', id, look),
  )
  const until = new Date(gateway.clock.now.getTime() + hours * hour).toISOString()
  const body = { holder, ...decisionOn(matter), also: inThisCase, until }
  const decision = await gateway.attest('DE-POL', {
    ...body,
    release: { shown, ...(takenOut && { takenOut }) },
  })
  pass()
  return decision
}

// consideration.ts: "a later one replaces what was decided before: what it took out".
describe('What an officer took out by his newest decision', () => {
  test('does not leave by his older one once the newest has ended', async () => {
    const body = british(await person())
    const { id: previous } = await at.ask(body, 'GB-POL')
    await release(previous, 48)
    await release(previous, 1, ['birthDate'])
    expect(left(await at.ask({ ...body, previous }, 'GB-POL'))).toEqual(['name', 'conviction'])
    pass(2 * hour)
    const answer = await at.ask({ ...body, previous }, 'GB-POL')
    expect(answer).toMatchObject(denied)
    expect(codesOf(answer)).toEqual(['human-decision'])
  })

  test('does not leave by his older one once he takes the newest back', async () => {
    const body = british(await person())
    const { id: previous } = await at.ask(body, 'GB-POL')
    await release(previous, 48)
    const newest = await release(previous, 48, ['birthDate'])
    await done(await at.takeBack('DE-POL', newest))
    pass()
    const answer = await at.ask({ ...body, previous }, 'GB-POL')
    expect(answer).toMatchObject(denied)
    expect(codesOf(answer)).toEqual(['human-decision'])
  })
})

// SECURITY.md: "for one matter, for 72 hours at most, on exactly what he was shown".
describe('A decision to release', () => {
  test.each<readonly [string, Partial<AccessRequest>]>([
    ['is no threat to life any more', { urgency: 'none' }],
    [
      'is necessary for another reason',
      { necessity: { statement: 'He wants to know.', strictlyNecessaryClasses: [] } },
    ],
    ['is about another stage of proceedings', { stage: 'charged' }],
    ['relies on another instrument', { instrument: 'EU-UK-TCA' }],
    ['comes by another channel', { channel: 'interpol' }],
  ])('lets nothing go on a request that %s than he was shown', async (_, changes) => {
    const body = british(await person(), { urgency: 'imminent-threat-to-life' })
    const { id: previous } = await at.ask(body, 'GB-POL')
    await release(previous, 48)
    const answer = await at.ask({ ...body, ...changes, previous }, 'GB-POL')
    expect(answer).toMatchObject({ outcome: 'deny', records: [] })
  })
})

// DESIGN 5, attested.ts: an office's "no" reaches all of the case; only what an officer was shown since leaves.
test('What an officer refused does not leave by rule because what he released since has changed', async () => {
  const id = await person()
  const body = french(id)
  const first = await at.ask(body, 'FR-SPOC')
  expect(first.outcome).toBe('release')
  const scope = { kind: 'matter', matter: first.id } as const
  await done(
    await at.post('DE-POL', { holder: 'DE-POL', fact: 'release.decision', value: 'refuse', scope }),
  )
  pass()
  const second = await at.ask(body, 'FR-SPOC')
  expect(second).toMatchObject({ outcome: 'deny', records: [] })
  await gateway.releaseBy('DE-POL', second.id, { takenOut: ['birthDate'] })
  pass()
  const asked = { ...body, previous: second.id }
  expect(left(await at.ask(asked, 'FR-SPOC'))).toEqual(['name'])
  const items = [itemOf('name', { value: 'Anton Beispiel-Muster' }), itemOf('birthDate')]
  await gateway.putRecord('DE-POL', personOf(id, items))
  expect(await at.ask(asked, 'FR-SPOC')).toMatchObject({ outcome: 'deny', records: [] })
})

// DESIGN 2, "not knowing is stricter": of one instant nobody can say which came last.
test('An officer’s refusal in the case stands against a release that was decided in the same instant', async () => {
  const body = french(await person())
  const first = await at.ask(body, 'FR-SPOC')
  const scope = { kind: 'matter', matter: first.id } as const
  const second = await at.ask(body, 'FR-SPOC')
  await gateway.releaseBy('DE-POL', second.id)
  await done(
    await at.post('DE-POL', { holder: 'DE-POL', fact: 'release.decision', value: 'refuse', scope }),
  )
  const answer = await at.ask({ ...body, previous: second.id }, 'FR-SPOC')
  expect(answer).toMatchObject({ outcome: 'deny', records: [] })
})
