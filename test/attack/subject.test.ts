/** Attacks by way of the person's own rights: what a restriction and an erasure undo. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requestOfMember } from '../answer/people.ts'
import { type Acting, startActing } from '../audit/acting.ts'
import { answered, freshJti } from '../world.ts'

let acting: Acting
beforeAll(async () => {
  acting = await startActing()
})
afterAll(() => acting.close())

const ask = async (body: object) => answered(await acting.ask('FR-SPOC', 'officer-7', body))
const asking = (recordId: string) =>
  requestOfMember({ subject: { recordId }, caseReference: `FR-${recordId}` })

describe('Once what the log says of a person is restricted (LED art. 16(3))', () => {
  // DESIGN 8: it is kept as evidence only; to an auditor it does not open.
  test('the same call gets their data no more', async () => {
    await acting.keepPerson('R-RESTRICTED')
    const jti = freshJti()
    const body = asking('R-RESTRICTED')
    const first = await answered(await acting.ask('FR-SPOC', 'officer-7', body, { jti }))
    expect(first.records).toHaveLength(1)
    await acting.seal()
    await acting.act({ act: 'restrict', subjects: [acting.pseudonym(body.subject)] })
    const again = await acting.ask('FR-SPOC', 'officer-7', body, { jti })
    expect(await again.text()).not.toContain('Anton')
  })
})

describe('Once what the log says of a person is erased (LED art. 16(2))', () => {
  // DESIGN 2, "not knowing is stricter": whoever has their traces erased is not tortured for it.
  test('the risk of torture that was found for them releases nothing that it had kept', async () => {
    await acting.keepPerson('R-ERASED')
    const body = asking('R-ERASED')
    const { id } = await ask(body)
    const { caseReference } = body
    const scope = { kind: 'case' as const, requester: 'FR-SPOC', caseReference, persons: [id] }
    const risk = { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope }
    await acting.attest('DE-POL', risk)
    expect(await ask(body)).toMatchObject({ outcome: 'deny' })
    await acting.seal()
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(body.subject)] })
    expect(await ask(body)).toMatchObject({ outcome: 'deny', records: [] })
  })
})
