/** What offices vouched for about a person goes with the person, and stays for everybody else. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeAgain } from '../../functions/answer/upkeep/restoration.ts'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import { requestOf, requestOfMember } from '../answer/people.ts'
import { copyOf, putBack } from '../drills/tables.ts'
import { answered, type Call, done } from '../world.ts'
import { type Acting, startActing } from './acting.ts'

let acting: Acting
beforeAll(async () => {
  acting = await startActing()
})
afterAll(() => acting.close())

let cases = 0
/** Two people of one case, asked for by their records. */
async function twoPeople() {
  const caseReference = `TWO-${++cases}`
  const ask = async (recordId: string) => {
    await acting.keepPerson(recordId)
    const body = requestOf({ subject: { recordId }, caseReference })
    const { id } = await answered(await acting.ask('GB-POL', 'officer-7', body))
    return { recordId, id, pseudonym: acting.pseudonym({ recordId }) }
  }
  const [one, two] = [await ask(`GONE-${cases}`), await ask(`STAYS-${cases}`)]
  const ofCase = (persons: string[]): AttestationBody['scope'] => ({
    kind: 'case',
    requester: 'GB-POL',
    caseReference,
    persons,
  })
  return { caseReference, one, two, ofCase }
}
type Two = Awaited<ReturnType<typeof twoPeople>>

const check = { fact: 'transfer.caseCheck' } as const
const clean = { fact: 'transfer.caseCheck', value: 'clean' } as const
const attest = (body: Partial<AttestationBody>) =>
  acting.attest('DE-POL', { holder: 'DE-POL', ...clean, ...body })
const post = (path: string, body: object): Call => ({
  method: 'POST',
  path: `/v1/attestations${path}`,
  body,
})
const tables = () => acting.store.tables
const rows = async () => JSON.stringify(await copyOf(acting.store, tables().attestations))
const erase = (subject: string) => acting.act({ act: 'erase', subjects: [subject] })
const personsOf = async (id: string) => (await acting.world.attestations.get(id))?.persons
/** Ids of the objections that a person's matter finds, with whom they name. */
async function objectionsTo({ caseReference }: Two, id: string) {
  const about = { id, requester: 'GB-POL', requesterJurisdiction: 'GB', caseReference }
  // A cast: these are what rows are found by.
  const at = acting.world.now().toISOString()
  const found = await acting.world.attestations.about('DE-POL', about as never, at)
  return found.objections.map(({ id: objection, persons }) => ({ objection, persons }))
}

describe('After an erasure', () => {
  // Kills: an addition whose entry is erased that makes all of the attestation doubtful.
  test('of a person who was added, what was said of the others counts', async () => {
    const { caseReference, one, two, ofCase } = await twoPeople()
    const attestation = await attest({ scope: ofCase([two.id]) })
    await done(await acting.call('DE-POL', post(`/${attestation}/persons`, { request: one.id })))
    const body = requestOf({ subject: { recordId: two.recordId }, caseReference, previous: two.id })
    const known = async () => {
      const { id } = await answered(await acting.ask('GB-POL', 'officer-7', body))
      return (await acting.entry(id)).opened.facts.facts[clean.fact]
    }
    expect(await known()).toBe('clean')
    await acting.seal()
    await erase(one.pseudonym)
    expect(await known()).toBe('clean')
  })

  // Kills: rows of attestations left as they were; a person who is only taken out of the newest row.
  test('no row of what offices said leads to the person', async () => {
    const people = await twoPeople()
    const { one, two, ofCase } = people
    const both = await attest({ scope: ofCase([one.id, two.id]) })
    const later = await attest({ scope: ofCase([two.id]) })
    await done(await acting.call('DE-POL', post(`/${later}/persons`, { request: one.id })))
    const matter = await attest({
      fact: 'release.decision',
      value: 'release',
      scope: { kind: 'matter', matter: one.id },
      release: { shown: 'A'.repeat(22), record: one.recordId },
    })
    const before = await rows()
    for (const each of [one.pseudonym, one.recordId]) expect(before).toContain(each)

    await erase(one.pseudonym)
    const after = await rows()
    for (const each of [one.pseudonym, one.recordId]) expect(after).not.toContain(each)
    expect(await acting.world.attestations.get(matter)).toBeUndefined()
    // What was said of the other stays.
    expect(await personsOf(both)).toEqual([two.pseudonym])
    expect(await personsOf(later)).toEqual([two.pseudonym])
  })

  // An erasure lets nothing go: whoever has their traces erased is not tortured for it (LED art. 16(2)).
  // Kills: a finding against a disclosure, or a doubt, that goes with the person (`leftOf`).
  test('what keeps their data stays, under a pseudonym', async () => {
    const people = await twoPeople()
    const { one, two, ofCase } = people
    const both = await attest({ ...check, value: 'concerns', scope: ofCase([one.id, two.id]) })
    const clean = await attest({ scope: ofCase([one.id, two.id]) })
    const doubted = post(`/${clean}/objections`, { ground: 'We are not so sure.' })
    const objection = await done(await acting.call('DE-POL', doubted))
    const matter = await attest({
      ...{ fact: 'release.decision', value: 'release' },
      release: { shown: 'A'.repeat(22), record: one.recordId },
      also: [
        { fact: 'risk.torture', value: 'real' },
        { fact: 'necessity.case', value: 'necessary' },
      ],
      scope: { kind: 'matter', matter: one.id },
    })
    await erase(one.pseudonym)
    for (const id of [both, matter]) expect(await personsOf(id)).toContain(one.pseudonym)
    expect((await objectionsTo(people, one.id)).map((each) => each.objection)).toEqual([objection])
    // Of an act that says more, what keeps alone.
    expect(await acting.world.attestations.get(matter)).toMatchObject({
      ...{ fact: 'risk.torture', value: 'real' },
    })
    expect(await rows()).not.toContain(one.recordId)
    expect(await rows()).not.toContain(
      'necessity.case","value":"necessary","scope":{"kind":"matter"',
    )
    expect(await personsOf(clean)).toEqual([two.pseudonym])

    // Once it is taken back, or has ended, a further erasure takes it along.
    const takeBack = (id: string): Call => ({ method: 'DELETE', path: `/v1/attestations/${id}` })
    for (const id of [matter, objection]) await done(await acting.call('DE-POL', takeBack(id)))
    acting.clock.pass(2 * 86_400_000)
    await acting.seal()
    await acting.act({ act: 'erase', subjects: [one.pseudonym] })
    await acting.world.attestations.forget(one.pseudonym, acting.clock.now.toISOString())
    expect(await rows()).not.toContain(one.pseudonym)
  })

  test('the risk of torture that was found for them releases nothing that it had kept', async () => {
    await acting.keepPerson('R-ERASED')
    const body = requestOfMember({ subject: { recordId: 'R-ERASED' }, caseReference: 'FR-ERASED' })
    const ask = async () => answered(await acting.ask('FR-SPOC', 'officer-7', body))
    const { id } = await ask()
    const risk = { fact: 'risk.torture', value: 'real' } as const
    await attest({ ...risk, scope: { kind: 'matter', matter: id } })
    expect(await ask()).toMatchObject({ outcome: 'deny' })
    await acting.seal()
    const { says } = await erase(acting.pseudonym(body.subject))
    expect(says.join(' ')).toContain('found a risk of or doubts stays under a pseudonym')
    expect(await ask()).toMatchObject({ outcome: 'deny', records: [] })
  })

  // Kills: a list of persons that vanishes when it is empty, and then means everybody of the case.
  test('what was said of them alone counts for nobody', async () => {
    const { one, ofCase } = await twoPeople()
    const id = await attest({ scope: ofCase([one.id]) })
    await erase(one.pseudonym)
    expect(await personsOf(id)).toEqual([])
  })

  // Kills: a `put` that sets the persons of a row that is there, or leads to it from one who is gone.
  test('no late retry of what was said brings the person back', async () => {
    const { one, two, ofCase } = await twoPeople()
    const id = await attest({ scope: ofCase([one.id, two.id]) })
    const said = await acting.world.attestations.get(id)
    if (said === undefined) throw new Error('it was not put')
    await erase(one.pseudonym)
    await acting.world.attestations.put(said)
    expect(await personsOf(id)).toEqual([two.pseudonym])
    expect(await rows()).not.toContain(one.pseudonym)
  })

  // Kills: an entry about several people that names each; an erasure that is not taken again.
  test('entries that take effect again do so without the person', async () => {
    const { one, two, ofCase } = await twoPeople()
    const kept = await copyOf(acting.store, tables().attestations)
    const id = await attest({ scope: ofCase([one.id, two.id]) })
    const whole = await copyOf(acting.store, tables().attestations)
    const { id: erasure } = await erase(one.pseudonym)
    // The entry is of the case, so that it still opens: it names them by requests that do not.
    const { opened } = await acting.entry(id)
    expect(JSON.stringify(opened)).toContain(one.id)
    expect(JSON.stringify(opened)).not.toContain(one.pseudonym)

    await putBack(acting.store, tables().attestations, kept)
    expect(await takeAgain([id, erasure], acting.world)).toMatchObject({ done: 2 })
    expect(await personsOf(id)).toEqual([two.pseudonym])

    await putBack(acting.store, tables().attestations, whole)
    expect(await rows()).toContain(one.pseudonym)
    expect(await takeAgain([erasure], acting.world)).toMatchObject({ done: 1 })
    expect(await rows()).not.toContain(one.pseudonym)
  })
})

// Kills: one more person making an attestation that names nobody count for that one alone.
test('Nobody is added to what is said of a whole case', async () => {
  const { one, caseReference, ofCase } = await twoPeople()
  const said = await acting.world.attestations.get(await attest({ scope: ofCase([one.id]) }))
  if (said === undefined) throw new Error('it was not put')
  // As rows are from before a case named its people.
  const { persons: _, ...rest } = said
  const whole = 'W'.repeat(43)
  const scope = { kind: 'case', requester: 'GB-POL', caseReference } as const
  await acting.world.attestations.put({ ...rest, id: whole, scope })
  const added = await acting.call('DE-POL', post(`/${whole}/persons`, { request: one.id }))
  expect(added.status).toBe(404)
  expect(await personsOf(whole)).toBeUndefined()
})
