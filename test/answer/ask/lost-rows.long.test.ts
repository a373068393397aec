/**
 * Rows of attestations that are deleted, or put back to an earlier moment, by somebody who can write to their table and to
 * no other: what was said against a disclosure by then, and what was taken back, counts as before.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbActMarks } from '../../../functions/adapters/attestation-marks.ts'
import { attestationIn } from '../../../functions/adapters/attestation-rows.ts'
import type { TableItem } from '../../../functions/adapters/dynamodb.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { accessApi } from '../../../functions/http/access-api.ts'
import { answered, done, type Gateway } from '../../world.ts'
import { homicide, startHomicide } from '../homicide.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
let gateway: Gateway
beforeAll(async () => {
  at = await startHomicide()
  gateway = at.gateway
})
afterAll(() => gateway.close())

const minister = 'approval.minister'
const assurance = 'assurance.deathPenalty'
const risk = 'risk.persecution'
const derogation = 'transfer.derogation'
const general = { kind: 'general', requester: 'US' } as const

/** A homicide of a case of its own, and what its answer says when it is asked again. */
async function asking(changes: Partial<AccessRequest> = {}) {
  const body = homicide(changes)
  const { id } = await at.ask(body)
  const again = () => at.ask({ ...body, previous: id })
  const known = async (fact: string) => at.factIn((await again()).id, fact)
  const say = (agency: string, fact: string, value: string, scope: object = matter) =>
    gateway.attest(agency, { holder: 'GB-POL', fact, value, scope: scope as typeof matter })
  const matter = { kind: 'matter', matter: id } as const
  return { body, id, again, known, say }
}
type Asking = Awaited<ReturnType<typeof asking>>

const rows = () => gateway.store.rows.attestations
const keyOf = ({ pk = { S: '' }, sk = { S: '' } }: TableItem) => ({ pk, sk })
const isOfAct = ({ pk }: TableItem) => /^[AEP]#/.test(pk?.S ?? '')
const acts = async () => (await rows().everything()).filter(isOfAct)

/** Puts the rows of acts back to what they were. */
async function putBack(before: readonly TableItem[]): Promise<void> {
  for (const row of await acts()) await rows().remove(keyOf(row))
  await rows().putAll(before)
}

/** What somebody says or does, what is known once that is done, and what takes it back so that other tests are as before. */
type Act = {
  readonly before?: (asked: Asking) => Promise<string>
  readonly act: (asked: Asking, before: string) => Promise<string>
  readonly known: (asked: Asking) => Promise<unknown>
  readonly is: unknown
}
const table: Readonly<Record<string, Act>> = {
  'a refusal': {
    act: ({ say }) => say('GB-MIN', minister, 'refused'),
    known: ({ known }) => known(minister),
    is: 'refused',
  },
  'a refusal, in another matter of the case': {
    act: ({ say }) => say('GB-MIN', minister, 'refused'),
    known: async ({ body }) => at.factIn((await at.ask(body)).id, minister),
    is: 'refused',
  },
  'a refusal by an officer': {
    act: ({ say }) => say('GB-POL', 'release.decision', 'refuse'),
    known: ({ known }) => known('release.decision'),
    is: 'refuse',
  },
  'a doubt': {
    before: ({ id }) => at.assure(id),
    act: async (_, attestation) => done(await at.object('GB-POL', attestation)),
    known: ({ known }) => known(assurance),
    is: undefined,
  },
  'a withdrawal': {
    before: ({ id }) => at.assure(id),
    act: async (_, attestation) => done(await at.takeBack('GB-MIN', attestation)),
    known: ({ known }) => known(assurance),
    is: 'none',
  },
  'what is answered otherwise, and is no refusal': {
    before: ({ say }) => say('GB-POL', derogation, 'individual-case'),
    act: ({ say }) => say('GB-POL', derogation, 'vital-interests'),
    known: ({ known }) => known(derogation),
    is: undefined,
  },
  'a risk of a country, which is signed twice': {
    before: ({ say }) => say('GB-POL', risk, 'none', general),
    act: async ({ say }) => {
      const found = await say('GB-POL', risk, 'real', general)
      await done(await gateway.sign('GB-DPO', found))
      return found
    },
    known: ({ known }) => known(risk),
    is: 'real',
  },
  'a person who is added to a refusal': {
    before: async ({ body, say }) => {
      const other = await at.ask({ ...body, subject: { recordId: 'R-8' } })
      const { caseReference } = body
      const persons = [other.id]
      return say('GB-MIN', minister, 'refused', {
        ...{ kind: 'case', requester: 'US-POL', caseReference, persons },
      })
    },
    act: async ({ id }, refusal) => {
      const path = `/v1/attestations/${refusal}/persons`
      return done(await gateway.call('GB-MIN', { method: 'POST', path, body: { request: id } }))
    },
    known: ({ known }) => known(minister),
    is: 'refused',
  },
}

describe.each(Object.entries(table))('Of %s', (_, { before, act, known, is }) => {
  const play = async () => {
    const asked = await asking()
    const first = (await before?.(asked)) ?? ''
    const were = await acts()
    gateway.clock.pass(1000)
    const id = await act(asked, first)
    gateway.clock.pass(1000)
    expect(await known(asked)).toEqual(is)
    return { asked, were, id, ids: [first, id].filter((each) => each !== '') }
  }
  const unsaid = async (ids: readonly string[]) => {
    // What was said of a country would be said in every other test.
    for (const agency of ['GB-POL']) for (const id of ids) await at.takeBack(agency, id)
  }

  // Kills: a refusal that its row alone remembers; a mark after the row that it is to outlast.
  test('nothing is forgotten where its rows are put back to before', async () => {
    const { asked, were, ids } = await play()
    await putBack(were)
    expect(await known(asked)).toEqual(is)
    await unsaid(ids)
  })

  // Kills: an act that is looked for by its row alone.
  test('nothing more leaves where its rows are deleted', async () => {
    const { asked, id, ids } = await play()
    const now = await acts()
    for (const row of now) if (JSON.stringify(row).includes(id)) await rows().remove(keyOf(row))
    expect(await known(asked)).toEqual(is)
    await putBack(now)
    await unsaid(ids)
  })
})

describe('Whoever takes something back takes back what was entered', () => {
  // Kills: a mark where the row says that it counts; a withdrawal that is refused, since somebody took the rows away.
  test.each<[string, (rows: readonly TableItem[], id: string) => Promise<void>]>([
    [
      'is of another case',
      async (all, id) => {
        for (const row of all.filter(({ attestation }) => attestation?.S?.includes(id))) {
          const kept = JSON.parse(row.attestation?.S ?? '')
          const inCase = { ...kept.inCase, caseReference: 'another' }
          await rows().put({ ...row, attestation: { S: JSON.stringify({ ...kept, inCase }) } })
        }
      },
    ],
    [
      'is not there',
      async (all, id) => {
        for (const row of all) if (JSON.stringify(row).includes(id)) await rows().remove(keyOf(row))
      },
    ],
  ])('where its row %s', async (_, change) => {
    const { id, known } = await asking()
    const attestation = await at.assure(id)
    const were = await acts()
    await change(were, attestation)
    await done(await at.takeBack('GB-MIN', attestation))
    await putBack(were)
    expect(await known(assurance)).toBe('none')
  })
})

describe('What was said of two people', () => {
  /** Of a case, kept under its own key, and neither in a row by now nor to be opened. */
  const lost = async (fact: string, value: string) => {
    const asked = await asking()
    const { body, id, say } = asked
    const other = await at.ask({ ...body, subject: { recordId: 'R-7' } })
    const { caseReference } = body
    const were = await acts()
    const scope = { kind: 'case', requester: 'US-POL', caseReference, persons: [id, other.id] }
    const said = await say('GB-MIN', fact, value, scope)
    await putBack(were)
    const before = await asked.known(fact)
    const entry = await gateway.world.ledger.read(said)
    await gateway.world.subjectKeys.shred(entry?.kid ?? '', undefined)
    return { ...asked, before, said }
  }

  // Kills: an entry that does not open taken for one that says nothing.
  test('against a disclosure fails whatever hangs on it, and nothing else', async () => {
    const { body, id, before } = await lost(minister, 'refused')
    expect(before).toBe('refused')
    expect((await at.refuse({ ...body, previous: id })).status).toBe(500)
    expect((await at.refuse(homicide())).status).toBe(201)
  })

  // Kills: a refusal that has ended and was erased, which stops its case until it is over by every clock.
  test('against a disclosure stops nothing once it has ended', async () => {
    const { known } = await lost(minister, 'refused')
    gateway.clock.pass(25 * 3_600_000)
    expect(await known(minister)).toBe('not-asked')
  })

  // Kills: a mark that outlives those whom it was about; a release by an entry whose row an erasure took.
  test('for a disclosure lets nothing go, and is nothing once they are erased', async () => {
    const { before, known } = await lost(assurance, 'given-and-verified')
    expect(before).toBe('none')
    expect(await known(assurance)).toBe('none')
  })

  // Kills: a refusal that was taken back and erased, which stops its case for ever.
  test('against a disclosure stops nothing if the log has its withdrawal', async () => {
    const { body, say, known, id } = await asking()
    const other = await at.ask({ ...body, subject: { recordId: 'R-6' } })
    const { caseReference } = body
    const scope = { kind: 'case', requester: 'US-POL', caseReference, persons: [id, other.id] }
    const were = await acts()
    const said = await say('GB-MIN', minister, 'refused', scope)
    await done(await at.takeBack('GB-MIN', said))
    await putBack(were)
    const entry = await gateway.world.ledger.read(said)
    await gateway.world.subjectKeys.shred(entry?.kid ?? '', undefined)
    expect(await known(minister)).toBe('not-asked')
  })
})

describe('Whoever runs the gateway', () => {
  // Kills: an alarm of each request; one that rings for what is as it was entered.
  test('is told once of a row that is gone, or says another thing than its entry', async () => {
    const told: string[] = []
    const app = accessApi(
      { ...gateway.world, rowChanged: (eid) => told.push(eid) },
      () => undefined,
    )
    const { body, id, say } = await asking()
    const again = async () => {
      const call = { method: 'POST', path: '/v1/access-requests', body: { ...body, previous: id } }
      await answered(await (await gateway.prepare('US-POL', call, app))())
    }
    const said = await at.assure(id)
    await again()
    expect(told).not.toContain(said)
    const were = await acts()
    const refusal = await say('GB-MIN', minister, 'refused')
    await putBack(were)
    // It might be about to have a row.
    await again()
    expect(told).not.toContain(refusal)
    gateway.clock.pass(61_000)
    await again()
    await again()
    expect(told.filter((each) => each === refusal)).toHaveLength(1)
  })
})

describe('A mark', () => {
  const place = 'A#GB-POL#case#US-POL#x'
  const marksOf = () =>
    dynamodbActMarks(gateway.store.client, gateway.store.tables.decisions, (each) => each)

  // Kills: a number that two take; a gap that hides what comes after it.
  test('is kept of each of many who say something in one place at once, once however often it is put', async () => {
    const all = Array.from({ length: 30 }, (_, i) => ({ said: `${i}` }))
    await Promise.all([...all, ...all].map((each) => marksOf().put(place, each)))
    for (const each of all) await marksOf().put(place, each)
    const said = (await marksOf().of([place, 'elsewhere'])).flatMap((each) =>
      'said' in each ? [each.said] : [],
    )
    expect(said.toSorted()).toEqual(all.map(({ said }) => said).toSorted())
  })

  // Kills: a case by its name, or by a hash that anybody can work out, where nothing can be erased.
  test('names neither case nor person', async () => {
    const { body, say } = await asking({ caseReference: 'MARK-1' })
    const refusal = await say('GB-MIN', minister, 'refused')
    const found = (await gateway.store.rows.decisions.everything()).filter(({ mark }) =>
      mark?.S?.includes(refusal),
    )
    expect(found).toHaveLength(1)
    expect(Object.keys(found[0] ?? {}).toSorted()).toEqual(['mark', 'pk'])
    expect(JSON.parse(found[0]?.mark?.S ?? '')).toEqual({
      ...{ said: refusal, against: true, over: expect.stringMatching(/^#\d{4}-/) },
    })
    const row = (await acts()).find(
      ({ at, attestation }) => at && attestation?.S?.includes(refusal),
    )
    const hash = row?.at?.S?.split('#').at(-1) ?? ''
    for (const hidden of [body.caseReference, hash, attestationIn(row ?? {}).enteredBy])
      expect(JSON.stringify(found)).not.toContain(hidden)
  })
})
