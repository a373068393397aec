/** How many persons one officer asks for in one case, where the holder has bounded that. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keyOfItem } from '../../../functions/adapters/dynamodb.ts'
import { takeAgain } from '../../../functions/answer/upkeep/restoration.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { answered } from '../../world.ts'
import { acts, codesOf } from '../homicide.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

const bound = 3
let audited: Audited
let at: ReturnType<typeof acts>
let cases = 0
beforeAll(async () => {
  audited = await startAudited()
  at = acts(audited)
  const { 'necessity.case': necessary, ...ofCountry } = benignOfMember
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, ofCountry)
  const ordinary = { kind: 'general', requester: 'FR', offenceCategory: 'ordinary' } as const
  await attestAll(audited, 'DE-POL', ordinary, { 'necessity.case': necessary ?? '' })
  for (const id of ['R-1', 'R-2', 'R-3', 'R-4'])
    await audited.putRecord('DE-POL', personOf(id, [itemOf('name')]))
  await audited.change('DE-POL', { personsPerCase: bound })
})
beforeEach(() => {
  cases += 1
})
afterAll(() => audited.close())

const asking = (recordId: string, changes: Partial<AccessRequest> = {}) =>
  requestOfMember({ subject: { recordId }, caseReference: `FR-${cases}`, ...changes })
const ask = async (id: string, officer = 'officer-1', changes: Partial<AccessRequest> = {}) =>
  answered(await audited.ask('FR-SPOC', officer, asking(id, changes)))
/** As many persons as an officer may ask for, of whom nothing is held. */
const askForSome = async (officer = 'officer-1') => {
  for (let i = 0; i < bound; i++) await ask(`NOBODY-${i}`, officer)
}

describe('An officer who asks for more persons in a case than the holder lets go by rule', () => {
  // Kills: a count of requests; a bound that is passed by the last that it allows.
  test('gets answers by rule up to the bound, however often each is asked for', async () => {
    for (const id of ['R-1', 'R-2', 'R-1', 'R-3', 'R-2'])
      expect(await ask(id)).toMatchObject({ outcome: 'release', decidedBy: { kind: 'rule' } })
    const beyond = await ask('R-4')
    expect(beyond).toMatchObject({ outcome: 'deny', standing: 'open', records: [] })
    expect(codesOf(beyond)).toEqual(['many-persons'])
    expect(beyond.reasons[0]?.says).toContain('No law sets that number; the holder chose it')
    expect(beyond.todo).toMatchObject([
      { fact: 'release.decision', to: 'release', by: 'holder-officer' },
    ])
    expect(await at.factIn(beyond.id, 'request.manyPersons')).toBe(true)
  })

  // Kills: a release that does not lift it; an inbox that leaves it out.
  test('gets what an officer of the holder confirms', async () => {
    await askForSome()
    const beyond = await ask('R-1')
    const row = (await at.inbox('DE-POL')).open.find(({ request }) => request === beyond.id)
    expect(row?.because).toEqual(['many-persons'])
    await audited.releaseBy('DE-POL', beyond.id)
    const again = await ask('R-1', 'officer-1', { previous: beyond.id })
    expect(again).toMatchObject({ outcome: 'release', decidedBy: { kind: 'officer' } })
  })

  // Kills: a count of what was found.
  test('is told the same whether anything is held or not', async () => {
    await askForSome()
    const told = async (id: string) => {
      const { id: _, matter, decidedAt, receipt, ...rest } = await ask(id)
      return rest
    }
    expect(await told('R-1')).toEqual(await told('NOBODY'))
  })

  // Kills: one count for all officers of an agency, or for all its cases.
  test('does not use up what another officer, or another case, may ask', async () => {
    await askForSome()
    expect(await ask('R-1')).toMatchObject({ outcome: 'deny' })
    expect(await ask('R-1', 'officer-2')).toMatchObject({ outcome: 'release' })
    const other = { caseReference: `FR-${cases}-B` }
    expect(await ask('R-1', 'officer-1', other)).toMatchObject({ outcome: 'release' })
    // The same case, written otherwise.
    const same = { caseReference: ` fr-${cases}` }
    expect(await ask('R-1', 'officer-1', same)).toMatchObject({ outcome: 'deny' })
  })

  // Kills: counting before the person is remembered.
  test('gets no more than the bound by rule when all are asked at once', async () => {
    const all = await Promise.all(['R-1', 'R-2', 'R-3', 'R-4'].map((id) => ask(id)))
    expect(all.filter(({ outcome }) => outcome === 'release').length).toBeLessThanOrEqual(bound)
    expect(all.flatMap(codesOf)).toContain('many-persons')
  })

  // Kills: an officer who counts anew once its name is in capitals.
  test('is one officer, however its name is written', async () => {
    await askForSome()
    expect(await ask('R-1', 'Officer-1')).toMatchObject({ outcome: 'deny' })
  })

  // Kills: a letter under another name of the same state, which counts anew.
  test('counts together what comes by other ways from one state in one case, whoever is named', async () => {
    const letter = (name: string, id: string) => {
      const digest = 'A'.repeat(43)
      const from = { name, jurisdiction: 'PT', authorityType: 'police', cannotHonour: [] }
      const way = { way: 'siena', number: '1', receivedAt: '2026-11-25T08:40:00Z', digest } as const
      return audited.ask('DE-POL', 'officer-1', asking(id, { receivedBy: { ...way, from } }))
    }
    for (let i = 0; i < bound; i++) await letter('Polícia Judiciária', `NOBODY-${i}`)
    const { id } = await answered(await letter('PJ, Lisboa', 'R-1'))
    expect(await at.factIn(id, 'request.manyPersons')).toBe(true)
  })

  test('gets the answer of then when the call is repeated, and may try out what it likes', async () => {
    const body = asking('R-1')
    const jti = 'a-call-that-is-repeated-1'
    const first = await answered(await audited.ask('FR-SPOC', 'officer-1', body, { jti }))
    for (let i = 0; i < bound; i++)
      await ask(`R-9${i}`, 'officer-1', { dryRun: true, hypotheses: [{ class: 'identification' }] })
    expect(await ask('R-2')).toMatchObject({ outcome: 'release' })
    await askForSome()
    const again = await answered(await audited.ask('FR-SPOC', 'officer-1', body, { jti }))
    expect(again).toEqual({ ...first, receipt: again.receipt })
  })
})

// Kills: a table that is restored to an earlier moment, and lets everybody ask anew.
test('Whom an officer asked for counts again once the entries are taken again after a restore', async () => {
  const ids: string[] = []
  for (let i = 0; i < bound; i++) ids.push((await ask(`NOBODY-${i}`)).id)
  const rows = audited.store.rows.attestations
  for (const item of await rows.everything())
    if (item.pk?.S?.startsWith('N#')) await rows.remove(keyOfItem(item))
  expect(await takeAgain(ids, audited.world)).toMatchObject({ done: bound, failed: [] })
  expect(codesOf(await ask('R-1'))).toEqual(['many-persons'])
})

test('A holder without a bound has every answer decided as before', async () => {
  await audited.change('DE-POL', {})
  await askForSome()
  const answer = await ask('R-1')
  expect(answer).toMatchObject({ outcome: 'release' })
  expect(await at.factIn(answer.id, 'request.manyPersons')).toBe(false)
})
