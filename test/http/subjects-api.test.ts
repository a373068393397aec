/** Who may act on a person's part of the log, and with whose approval. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { approvalFaults } from '../../functions/identity/approval.ts'
import { subjectsOf } from '../answer/people.ts'
import { type Acting, startActing } from '../audit/acting.ts'
import { freshJti, problemOf } from '../world.ts'

let acting: Acting
beforeAll(async () => {
  acting = await startActing()
})
afterAll(() => acting.close())

let people = 0
/** A person of whom the log has one entry. */
async function person() {
  const id = `S-${++people}`
  await acting.keepPerson(id)
  const { recordId } = subjectsOf(id)
  return { eids: [await acting.askFor(recordId)], subjects: [acting.pseudonym(recordId)] }
}

/** What came of an act that must be refused: the problem, and whether the person can still be read. */
async function refused(response: Response, eids: readonly string[]) {
  const problem = await problemOf(response)
  expect(await acting.readable(eids)).toEqual(eids)
  return problem
}

describe('An act needs a holder', () => {
  // Kills: anybody with a key who erases; an office that approves and acts in one.
  test.each(['FR-SPOC', 'DE-MIN', 'DE-DPA', 'DE-DPO', 'DE-LEGAL'])('%s is none', async (holder) => {
    const { eids, subjects } = await person()
    const response = await acting.send({ act: 'erase', subjects }, { holder })
    expect(await refused(response, eids)).toMatchObject({ status: 403, code: 'not-your-role' })
  })

  // Kills: looking under the pseudonyms of another jurisdiction than the holder's own.
  test('of that jurisdiction: another’s finds nothing, and erases nothing', async () => {
    const { eids, subjects } = await person()
    const british = { holder: 'GB-POL', office: 'GB-DPO' }
    expect(await acting.act({ act: 'erase', subjects }, british)).toMatchObject({
      entries: 0,
      keys: 0,
    })
    expect(await acting.readable(eids)).toEqual(eids)
  })
})

describe('An act needs an approval', () => {
  const detailOf = async (by: Parameters<Acting['send']>[1]) => {
    const { eids, subjects } = await person()
    const { errors } = await refused(await acting.send({ act: 'erase', subjects }, by), eids)
    return errors
  }
  const because = (why: keyof typeof approvalFaults) => [
    { pointer: '/approval', detail: approvalFaults[why] },
  ]

  test('of another agency', async () => {
    expect(await detailOf({ office: 'DE-POL' })).toEqual(because('same-agency'))
  })
  test('of an approver of the same jurisdiction', async () => {
    expect(await detailOf({ office: 'GB-DPO' })).toEqual(because('another-jurisdiction'))
    expect(await detailOf({ office: 'DE-DPA' })).toEqual(because('may-not-approve'))
  })
  test('of another person', async () => {
    expect(await detailOf({ approver: 'officer-1' })).toEqual(because('same-person'))
  })

  // Kills: an approval of one act that serves another.
  test('of exactly this act', async () => {
    const { eids, subjects } = await person()
    const hold = await acting.prepare({ act: 'hold', subjects })
    for (const changes of [
      { act: 'erase' },
      { subjects: [...subjects, (await person()).subjects[0]] },
      { ground: 'Another ground.' },
      { cites: [] },
    ]) {
      const body = { ...hold.call.body, ...changes }
      const response = await acting.callAudit('DE-POL', { ...hold.call, body })
      const { errors } = await refused(response, eids)
      expect(errors, JSON.stringify(changes)).toEqual(because('another-act'))
    }
  })

  // Kills: an approval that was given once and serves ever after.
  test('of exactly this call: the next one needs the next approval', async () => {
    const { eids, subjects } = await person()
    const { call } = await acting.prepare({ act: 'erase', subjects })
    const response = await acting.callAudit('DE-POL', { ...call, jti: freshJti() })
    expect((await refused(response, eids)).errors).toMatchObject([{ pointer: '/jti' }])
  })

  test('that is not over', async () => {
    const { eids, subjects } = await person()
    const { call } = await acting.prepare({ act: 'erase', subjects })
    const before = acting.clock.now
    acting.clock.now = new Date(before.getTime() + 8 * 86_400_000)
    const response = await acting.callAudit('DE-POL', call)
    acting.clock.now = before
    expect((await refused(response, eids)).errors).toEqual(because('expired'))
  })

  test('by a key that was not revoked', async () => {
    const { eids, subjects } = await person()
    const office = await acting.world.register.agency('DE-DPO')
    const keys = (office?.keys ?? []).map((key) => ({ ...key, status: 'revoked' as const }))
    await acting.change('DE-DPO', { keys })
    // Later than the register's memory.
    const before = acting.clock.now
    acting.clock.now = new Date(before.getTime() + 120_000)
    const response = await acting.send({ act: 'erase', subjects })
    await acting.change('DE-DPO', {})
    acting.clock.now = new Date(before.getTime() + 240_000)
    expect((await refused(response, eids)).errors).toEqual(because('key-revoked'))
  })
})

describe('An act', () => {
  test('is read strictly', async () => {
    const { subjects } = await person()
    for (const body of [
      { act: 'erase', subjects: [] },
      { act: 'erase', subjects: Array.from({ length: 21 }, () => freshJti()) },
      { act: 'erase', subjects: ['Anton Beispiel'] },
      { act: 'erase', subjects, ground: 'short' },
      { act: 'forget', subjects },
      { act: 'lift', subjects },
    ]) {
      const response = await acting.send(body as Parameters<Acting['send']>[0])
      const text = await response.clone().text()
      expect(await problemOf(response), text).toMatchObject({ code: 'invalid-request' })
      expect(text).not.toContain('Anton')
    }
  })
})
