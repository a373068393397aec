/** What is kept beside the ledger is there to be matched and listed: it says nothing that people wrote. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TableName } from '../../functions/adapters/tables.ts'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { copyOf } from '../drills/tables.ts'
import { searchFor } from '../lambda/marks.ts'
import { answered, type Call, done, type Gateway, startGateway } from '../world.ts'

/** Each word that somebody may write, with a mark of its own. */
const marks = {
  given: 'Wendelgard-Yxa',
  family: 'Quintenschlund',
  necessity: 'Zwiebelfisch-Qualm',
  offence: 'Kraxenberg-Yburg',
  case: 'FALLAKTE-9QX7',
  ground: 'Tintenklecks-Vogt',
  objection: 'Haselstrauch-Ozym',
  review: 'Mondkalb-Grizelda',
  answer: 'Lindwurm-Tapioka',
}

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const post = (path: string, body: object): Call => ({ method: 'POST', path, body })

// Kills: a ground, a case or a name beside what is matched; one that a row is found by.
test('No table has the grounds, names and reasons that people wrote, but encrypted', async () => {
  const record = personOf('R-1', [itemOf('name')])
  const name = { given: marks.given, family: marks.family }
  await gateway.putRecord('DE-POL', { ...record, names: [name] })
  const asked = requestOf({
    subject: { name, birthDate: '1979-03-14' },
    caseReference: marks.case,
    offence: { category: 'ordinary', maxCustodyMonths: 60, description: marks.offence },
    necessity: { statement: marks.necessity, strictlyNecessaryClasses: [] },
  })
  const { id } = await answered(await gateway.ask('US-POL', 'agent-1', asked))
  const ofCase = {
    kind: 'case' as const,
    requester: 'US-POL',
    caseReference: marks.case,
    persons: [id],
  } satisfies AttestationBody['scope']
  const said = { holder: 'DE-POL', ground: marks.ground }
  const assurance = { fact: 'assurance.deathPenalty', value: 'given-and-verified' }
  const attested = await gateway.attest('DE-MIN', { ...said, ...assurance, scope: ofCase })
  const refusal = { fact: 'release.decision', value: 'refuse' }
  await gateway.attest('DE-POL', { ...said, ...refusal, scope: { kind: 'matter', matter: id } })
  const doubt = { ground: marks.objection, scope: ofCase }
  await done(await gateway.call('DE-POL', post(`/v1/attestations/${attested}/objections`, doubt)))
  const review = `/v1/access-requests/${id}/review`
  await done(await gateway.call('US-POL', post(review, { ground: marks.review })))
  await done(await gateway.call('DE-POL', post(review, { ground: marks.answer })))

  const search = searchFor(marks)
  // Records are the holders' own; everything else is the gateway's.
  const names = Object.entries(gateway.store.tables).filter(([each]) => each !== 'records')
  const found: Record<string, readonly string[]> = {}
  let items = 0
  for (const [table, called] of names as [TableName, string][]) {
    const rows = await copyOf(gateway.store, called)
    items += rows.length
    const binary = (_: string, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
    const marked = search(JSON.stringify(rows, binary))
    if (marked.length > 0) found[table] = marked
  }
  expect(items).toBeGreaterThan(20)
  // By its case an attestation is matched, so that it is kept as the agency names it.
  expect(found).toEqual({ attestations: ['case'] })
})
