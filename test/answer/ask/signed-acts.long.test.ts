/**
 * A row of the table of attestations is nobody's word: somebody who can write there, and nothing else, lets nothing
 * leave, and takes no refusal away that is still to be found there.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../../../functions/adapters/dynamodb.ts'
import { done, type Gateway } from '../../world.ts'
import { homicide, startHomicide } from '../homicide.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
let gateway: Gateway
beforeAll(async () => {
  at = await startHomicide()
  gateway = at.gateway
})
afterAll(() => gateway.close())

const assurance = 'assurance.deathPenalty'
const given = 'given-and-verified'
const general = { kind: 'general', requester: 'US' } as const
type Row = Awaited<ReturnType<Gateway['store']['rows']['attestations']['all']>>[number]

/** A homicide of a case of its own, and what is known of it when it is asked again. */
async function asking() {
  const body = homicide()
  const { id } = await at.ask(body)
  const again = () => at.ask({ ...body, previous: id })
  const known = async (fact = assurance) => at.factIn((await again()).id, fact)
  const matter = { kind: 'matter', matter: id } as const
  const say = (agency: string, fact: string, value: string, scope: object = matter) =>
    gateway.attest(agency, { holder: 'GB-POL', fact, value, scope: scope as typeof matter })
  return { body, id, again, known, say, matter }
}

const rows = () => gateway.store.rows.attestations

/** The row by which an attestation counts, and the same with other words. */
async function rowOf(id: string): Promise<Row> {
  const [own] = await rows().all(`A#${id}`)
  const all = await rows().all(textOf(own ?? {}, 'at'))
  const row = all.find((each) => textOf(each, 'sk').endsWith(id))
  if (row === undefined) throw new Error(`no attestation ${id}`)
  return row
}
const saying = (row: Row, changes: object): Row => ({
  ...row,
  attestation: { S: JSON.stringify({ ...JSON.parse(textOf(row, 'attestation')), ...changes }) },
})
const without = (row: Row, prefix: string): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith(prefix)))

describe('What lets data leave counts as its office signed it', () => {
  // Kills: a row that is believed where its entry says another thing; one whose scope, office or time is not compared.
  test.each<[string, object]>([
    ['another value', { value: 'given' }],
    ['a later end', { until: '2027-03-01T00:00:00.000Z' }],
    ['an earlier begin', { from: '2026-01-01T00:00:00.000Z' }],
    ['another officer', { enteredBy: 'officer-9' }],
    ['another key', { kid: 'another' }],
    ['another time', { enteredAt: '2026-11-25T08:00:00.000Z' }],
    ['a further fact', { also: [{ fact: 'risk.torture', value: 'none-found' }] }],
  ])('and not with %s', async (_, changes) => {
    const { id, known } = await asking()
    const attestation = await at.assure(id)
    expect(await known()).toBe(given)
    const row = await rowOf(attestation)
    await rows().put(saying(row, changes))
    expect(await known()).toBe('none')
    await rows().put(row)
    expect(await known()).toBe(given)
  })

  // Kills: an id that is no entry's; the entry of another act; a row under another's id.
  test('and not where no call, or another call, stands under its id', async () => {
    const [one, other] = [await asking(), await asking()]
    const row = await rowOf(await at.assure(one.id))
    const inCase = { requester: 'US-POL', caseReference: other.body.caseReference }
    const scope = { kind: 'matter', matter: other.id }
    const said = await other.say('GB-MIN', 'approval.minister', 'given')
    const place = await rowOf(said)
    for (const id of ['A'.repeat(43), other.id, said, textOf(row, 'sk').split('#').at(-1) ?? '']) {
      await rows().put({
        ...saying(row, { id, scope, inCase }),
        pk: { S: textOf(place, 'pk') },
        sk: { S: `${textOf(place, 'sk').slice(0, -43)}${id}` },
      })
      expect(await other.known(), id).toBe('none')
    }
  })

  // Kills: a countersignature, or a person, that the row alone has.
  test('and not by a signature of data protection that nobody gave', async () => {
    const fact = 'assurance.reciprocity'
    const { known, say } = await asking()
    const attestation = await say('GB-MIN', fact, 'given', general)
    const row = await rowOf(attestation)
    const signature = { agency: 'GB-DPO', officer: 'officer-1', as: 'data-protection' }
    const signed = { ...row, 'signature#data-protection#GB-DPO': { S: JSON.stringify(signature) } }
    await rows().put(signed)
    expect(await known(fact)).toBe('none')
    const use = { did: 'sign', agency: 'GB-DPO', kid: 'a', at: '2026-11-25T09:00:00.000Z' }
    const of = { ...use, of: 'data-protection', entry: attestation }
    await rows().put({ ...signed, 'use#sign': { S: JSON.stringify(of) } })
    expect(await known(fact)).toBe('none')
    await done(await gateway.sign('GB-DPO', attestation))
    expect(await known(fact)).toBe('given')
    await done(await at.takeBack('GB-MIN', attestation))
  })

  test('and not for a person whom nobody added', async () => {
    const { body, id, say } = await asking()
    const { caseReference } = body
    const persons = [id]
    const scope = { kind: 'case', requester: 'US-POL', caseReference, persons }
    const attestation = await say('GB-MIN', assurance, given, scope)
    const other = homicide({ caseReference, subject: { recordId: 'R-9' } })
    const asked = await at.ask(other)
    const { opened } = await gateway.entry(asked.id)
    const { asked: person } = opened.subject
    const row = await rowOf(attestation)
    await rows().put({ ...row, [`person#${person}`]: { S: person } })
    const again = async () => (await at.ask({ ...other, previous: asked.id })).id
    expect(await at.factIn(await again(), assurance)).toBe('none')
    await rows().put({
      ...row,
      [`person#${person}`]: { S: person },
      [`request#${asked.id}`]: { S: asked.id },
    })
    expect(await at.factIn(await again(), assurance)).toBe('none')
  })
})

describe('What stands against a disclosure counts whatever its row says', () => {
  const fact = 'approval.minister'

  // Kills: a refusal that is read from its row alone.
  test.each<[string, (row: Row) => Row]>([
    ['another value', (row) => saying(row, { value: 'given' })],
    ['another fact', (row) => saying(row, { fact: assurance, value: given })],
    ['an earlier end', (row) => saying(row, { until: '2026-11-25T09:00:01.000Z' })],
    ['another matter', (row) => saying(row, { scope: { kind: 'matter', matter: 'A'.repeat(43) } })],
    ['nobody', (row) => without(row, 'person#')],
    ['another person', (row) => saying(without(row, 'person#'), { persons: ['nobody'] })],
  ])('with %s', async (_, changed) => {
    const { body, known, say } = await asking()
    const refusal = await say('GB-MIN', fact, 'refused')
    await rows().put(changed(await rowOf(refusal)))
    gateway.clock.pass(2000)
    expect(await known(fact)).toBe('refused')
    // In the case, too, whatever matter it was said of.
    expect(await at.factIn((await at.ask(body)).id, fact)).toBe('refused')
  })

  // Kills: a withdrawal that the row alone has.
  test('with a withdrawal that nobody signed, of a refusal or of a doubt', async () => {
    const { id, known, say } = await asking()
    const refusal = await rowOf(await say('GB-MIN', fact, 'refused'))
    await rows().put({ ...refusal, withdrawn: { BOOL: true } })
    expect(await known(fact)).toBe('refused')
    const objection = await done(await at.object('GB-POL', await at.assure(id)))
    expect(await known()).toBeUndefined()
    const doubt = await rowOf(objection)
    const use = { did: 'withdraw', agency: 'GB-POL', kid: 'a', at: '2026-11-25T09:00:00.000Z' }
    await rows().put({
      ...doubt,
      withdrawn: { BOOL: true },
      'use#withdraw': { S: JSON.stringify({ ...use, entry: objection }) },
    })
    expect(await known()).toBeUndefined()
    await done(await at.takeBack('GB-POL', objection))
    expect(await known()).toBe(given)
  })

  // Kills: an id, or a kind of row, that is read from what the row says.
  test.each<[string, (row: Row, other: Row) => Row]>([
    ['another id', (row) => saying(row, { id: 'A'.repeat(43), value: 'given' })],
    ['what another says', (row, { attestation = { S: '' } }) => ({ ...row, attestation })],
    [
      'an objection',
      ({ attestation: _, ...row }) => ({
        ...row,
        objection: {
          S: JSON.stringify({
            ...{ id: textOf(row, 'sk').slice(-43), holder: 'GB-POL', against: 'A'.repeat(43) },
            ...{ facts: ['risk.torture'], scope: { kind: 'matter', matter: 'A'.repeat(43) } },
            ...{ agency: 'GB-POL', enteredBy: 'x', enteredAt: '2026-11-25T09:00:00.000Z' },
          }),
        },
      }),
    ],
  ])('or nothing is answered, with %s', async (_, changed) => {
    const { body, id, say } = await asking()
    const other = await rowOf(await say('GB-MIN', fact, 'given'))
    const refusal = await rowOf(await say('GB-MIN', fact, 'refused'))
    await rows().put(changed(refusal, other))
    const { status } = await at.refuse({ ...body, previous: id })
    expect(status).toBe(500)
    await rows().put(refusal)
  })

  // Kills: an entry that counts without the second signature that it has.
  test('with what was signed for a country, and signed a second time', async () => {
    const { known, say } = await asking()
    const risk = 'risk.persecution'
    const attestation = await say('GB-POL', risk, 'real', general)
    await done(await gateway.sign('GB-DPO', attestation))
    const row = await rowOf(attestation)
    for (const changed of [saying(row, { value: 'none' }), without(row, 'signature#')]) {
      await rows().put(changed)
      expect(await known(risk)).toBe('real')
    }
    await rows().put(row)
    await done(await at.takeBack('GB-POL', attestation))
  })

  // Kills: a doubt that reaches whom the changed row still names.
  test('with a doubt of what was said of a person who is in no row any more', async () => {
    const { body, id, say } = await asking()
    const { caseReference } = body
    const scope = { kind: 'case', requester: 'US-POL', caseReference, persons: [id] }
    const doubted = await say('GB-MIN', assurance, given, scope)
    await done(await at.object('GB-POL', doubted))
    const other = homicide({ caseReference, subject: { recordId: 'R-77' } })
    const asked = await at.ask(other)
    const path = `/v1/attestations/${doubted}/persons`
    await done(await gateway.call('GB-MIN', { method: 'POST', path, body: { request: asked.id } }))
    await at.assure(asked.id)
    const again = async () => (await at.ask({ ...other, previous: asked.id })).id
    expect(await at.factIn(await again(), assurance)).toBeUndefined()
    const { opened } = await gateway.entry(asked.id)
    await rows().put(without(await rowOf(doubted), `person#${opened.subject.asked}`))
    expect(await at.factIn(await again(), assurance)).toBeUndefined()
  })
})

describe('What was taken back', () => {
  // Kills: a mark that is believed where it is gone, though the act that set it is there.
  test('lets nothing go where only its mark was removed', async () => {
    const { id, known } = await asking()
    const attestation = await at.assure(id)
    await done(await at.takeBack('GB-MIN', attestation))
    await rows().put(without(await rowOf(attestation), 'withdrawn'))
    expect(await known()).toBe('none')
  })
})

describe('Whoever acts on what was said acts on what its entry says', () => {
  const fact = 'approval.minister'

  // Kills: an act that is allowed by the office, or the facts, that the row names.
  test('so no other office takes a refusal back, and its own does, whatever its row says', async () => {
    const { known, say } = await asking()
    const refusal = await say('GB-MIN', fact, 'refused')
    const row = await rowOf(refusal)
    const [ours, theirs] = ['necessity.case', 'holder-officer']
    const said = { fact: ours, value: 'necessary', as: theirs }
    await rows().put(saying(row, { ...said, attester: 'GB-POL', decidedBy: 'GB-POL' }))
    expect((await at.takeBack('GB-POL', refusal)).status).toBe(404)
    expect(await known(fact)).toBe('refused')
    await done(await at.takeBack('GB-MIN', refusal))
    await rows().put({ ...(await rowOf(refusal)), attestation: row.attestation ?? { S: '' } })
    expect(await known(fact)).toBe('not-asked')
  })

  // Kills: a signature under what nobody was shown.
  test('so data protection signs nothing whose row says another thing', async () => {
    const { known, say } = await asking()
    const reciprocity = 'assurance.reciprocity'
    const attestation = await say('GB-MIN', reciprocity, 'given', general)
    const row = await rowOf(attestation)
    await rows().put(saying(row, { scope: { kind: 'general', requester: 'CA' } }))
    expect((await gateway.sign('GB-DPO', attestation)).status).toBe(404)
    await rows().put(row)
    expect(await known(reciprocity)).toBe('none')
    await done(await gateway.sign('GB-DPO', attestation))
    expect(await known(reciprocity)).toBe('given')
    await done(await at.takeBack('GB-MIN', attestation))
  })
})
