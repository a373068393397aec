/** INVARIANT (a person decides): what no ground lets go by rule leaves by an officer’s decision alone. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import type { AnswerBody } from '../../../functions/answer/reply/reply-schema.ts'
import type { RecordItem } from '../../../functions/decision/record.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { decisionOn, freshJti, problemOf, wouldLeaveIn } from '../../world.ts'
import { acts, codesOf, denied, todoOf } from '../homicide.ts'
import {
  attestAll,
  benign,
  inThisCase,
  itemOf,
  personOf,
  requestOf,
  subjectsOf,
} from '../people.ts'

let gateway: Audited
let at: ReturnType<typeof acts>
beforeAll(async () => {
  gateway = await startAudited()
  at = acts(gateway)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
})
afterAll(() => gateway.close())

let people = 0
const freshId = () => `R-${++people}`
const classes = ['identification', 'criminal-history'] as const

/** A British request for a German record of these items, or for nobody; a case of its own. */
async function asking(
  items: readonly RecordItem[] | undefined = [itemOf('name'), itemOf('conviction')],
  changes: Partial<AccessRequest> = {},
) {
  const id = freshId()
  if (items.length > 0) await gateway.putRecord('DE-POL', personOf(id, items))
  const body = requestOf({
    subject: { recordId: id },
    classes: [...classes],
    caseReference: `CASE-${id}`,
    ...changes,
  })
  const first = await at.ask(body, 'GB-POL')
  const again = { ...body, previous: first.id }
  return { record: id, body, first, again, askAgain: () => at.ask(again, 'GB-POL') }
}

/** The same once all is attested that can be beside the decision. */
async function waiting(...of: Parameters<typeof asking>) {
  const asked = await asking(...of)
  await attestAll(
    gateway,
    'DE-POL',
    { kind: 'matter', matter: asked.first.id },
    Object.fromEntries(inThisCase.map(({ fact, value }) => [fact, value])),
  )
  return { ...asked, denial: await asked.askAgain() }
}

/** Time passes: which of two came first is known by it. */
const pass = () => gateway.clock.pass(1000)

const valuesIn = ({ records }: AnswerBody) =>
  records.flatMap(({ items }) => items.map(({ value }) => value))
/** The officer’s row of a request, once its entry is sealed. */
const rowOf = async (id: string) => {
  await gateway.fileAll([id])
  return (await at.inbox('DE-POL')).open.find(({ request }) => request === id)
}

describe('What no ground lets go by rule', () => {
  // Kills: a ground without a decision that lets go; a reason that does not say so.
  test('is denied, open, until an officer of the holder decides, and he has a row for it', async () => {
    const { denial } = await waiting()
    expect(denial).toMatchObject({ ...denied, decidedBy: { kind: 'rule' } })
    expect(codesOf(denial)).toEqual(['human-decision'])
    expect(todoOf(denial)).toEqual(['release.decision'])
    expect(denial.todo[0]).toMatchObject({ to: 'release', by: 'holder-officer' })
    expect(await rowOf(denial.id)).toMatchObject({
      because: ['human-decision'],
      todo: [{ fact: 'release.decision' }],
    })
  })

  // Kills: a fetch before the refusal; a row for hits alone.
  test('is refused alike whether a record is held or none, and the officer has a row for each', async () => {
    const [held, none] = [await waiting(), await waiting([])]
    const shown = ({ denial, first }: typeof held) => {
      const { receipt: _, id: _id, matter: _matter, ...rest } = denial
      return JSON.stringify([rest, first.reasons, first.todo])
    }
    expect(shown(held)).toBe(shown(none))
    for (const { denial } of [held, none]) {
      expect((await gateway.entry(denial.id)).opened.subject.match).toBe('unseen')
      expect((await rowOf(denial.id))?.because).toEqual(['human-decision'])
    }
    // He alone sees which of them is a hit.
    const [one, nobody] = [await at.ask(held.again, 'GB-POL'), await at.ask(none.again, 'GB-POL')]
    expect((await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', one.id))).match).toBe('one')
    expect((await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', nobody.id))).match).toBe(
      'none',
    )
  })

  test('leaves as the officer was shown it; the answer says which office decided, by which act', async () => {
    const { denial, askAgain, first } = await waiting()
    const { items, kept, outcome, shown, todo, matter } = await wouldLeaveIn(
      await gateway.seeWouldLeave('DE-POL', denial.id),
    )
    expect({ outcome, kept, todo, matter }).toEqual({
      outcome: 'release',
      kept: [],
      todo: [],
      matter: first.id,
    })
    expect(items.map(({ value }) => value)).toEqual(['Anton Beispiel', 'fraud, 2021'])
    const decision = await gateway.attest(
      'DE-POL',
      { holder: 'DE-POL', ...decisionOn(matter), release: { shown } },
      'officer-4',
    )
    expect(await rowOf(denial.id)).toBeUndefined()
    expect((await at.look(denial.id, 'GB-POL')).cured).toBe(true)
    const answer = await askAgain()
    expect(answer).toMatchObject({
      outcome: 'release',
      decidedBy: { kind: 'officer', office: 'DE-POL', attestation: decision },
    })
    expect(valuesIn(answer)).toEqual(['Anton Beispiel', 'fraud, 2021'])
    const { opened } = await gateway.entry(answer.id)
    expect(opened.facts.sources['release.decision']).toEqual({
      source: 'attestation',
      attestations: [decision],
    })
    // The officer is named in the entry of his act, not to the requester.
    const act = await gateway.world.ledger.read(decision)
    const acted = act && (await openAny(act, gateway.world))
    expect(acted?.values).toMatchObject({ call: { agency: 'DE-POL', officer: 'officer-4' } })
    expect(JSON.stringify(answer)).not.toContain('officer-4')
  })

  test('leaves by one act that says what he finds beside it', async () => {
    const { first, askAgain } = await asking()
    expect(codesOf(first)).toContain('human-decision')
    const look = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', first.id))
    expect(look.items).toEqual([])
    expect(look.todo.map(({ fact }) => fact)).toContain('transfer.caseCheck')
    await gateway.releaseBy('DE-POL', first.id, { facts: inThisCase })
    expect((await askAgain()).outcome).toBe('release')
  })

  // Kills: `shown` that is not compared; one that leaves out a value, an item or the record.
  test.each([
    ['a value of it was corrected', [itemOf('name', { value: 'Anton B.' }), itemOf('conviction')]],
    ['an item was added', [itemOf('name'), itemOf('conviction'), itemOf('birthDate')]],
    ['an item is gone', [itemOf('name')]],
    ['it was erased', []],
  ] as const)('is open again where %s after he was shown it', async (_, items) => {
    const { record, denial, askAgain } = await waiting()
    await gateway.releaseBy('DE-POL', denial.id)
    pass()
    if (items.length > 0) await gateway.putRecord('DE-POL', personOf(record, items))
    else await gateway.call('DE-POL', { method: 'DELETE', path: `/v1/records/${record}` })
    const changed = await askAgain()
    expect(changed).toMatchObject(denied)
    expect(codesOf(changed)).toEqual(['human-decision'])
    expect((await rowOf(changed.id))?.because).toEqual(['human-decision'])
    // He looks again, and decides on what he sees now.
    const decision = await gateway.releaseBy('DE-POL', changed.id)
    const answer = await askAgain()
    if (items.length === 0) expect(answer).toMatchObject({ outcome: 'deny', records: [] })
    else
      expect(answer).toMatchObject({
        outcome: 'release',
        decidedBy: { kind: 'officer', attestation: decision },
      })
    expect(valuesIn(answer)).toEqual(items.map(({ value }) => value))
  })

  // Kills: items taken out on paper alone; an item that comes back with the next asking.
  test('stays in part where he takes items out', async () => {
    const { denial, askAgain } = await waiting()
    const takenOut = ['conviction']
    const look = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', denial.id, { takenOut }))
    expect(look.items.map(({ id }) => id)).toEqual(['name'])
    await gateway.releaseBy('DE-POL', denial.id, { takenOut })
    for (const answer of [await askAgain(), await askAgain()]) {
      expect(valuesIn(answer)).toEqual(['Anton Beispiel'])
      expect(answer.classes).toEqual({
        identification: 'released',
        'criminal-history': 'not released',
      })
    }
  })

  test('cannot be let go by what was shown of it whole, with an item taken out, or the other way', async () => {
    const { denial, askAgain, first } = await waiting()
    const whole = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', denial.id))
    const takenOut = ['conviction']
    const part = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', denial.id, { takenOut }))
    expect(whole.shown).not.toBe(part.shown)
    for (const release of [{ shown: whole.shown, takenOut }, { shown: part.shown }])
      await gateway.attest('DE-POL', { holder: 'DE-POL', ...decisionOn(first.id), release })
    expect(await askAgain()).toMatchObject(denied)
  })

  // Kills: a refusal that stays open; one that a decision to release of the same office outweighs.
  test('is final once he refuses, whatever was decided before, and his row leaves', async () => {
    const { denial, first, askAgain } = await waiting()
    await gateway.releaseBy('DE-POL', denial.id)
    await gateway.attest('DE-POL', {
      holder: 'DE-POL',
      ...decisionOn(first.id),
      value: 'refuse',
    })
    const answer = await askAgain()
    expect(answer).toMatchObject({ outcome: 'deny', standing: 'final', records: [], todo: [] })
    expect(codesOf(answer)).toEqual(['human-decision'])
    expect(await at.waiting('DE-POL')).not.toContain(denial.id)
    expect(await at.waiting('DE-POL')).not.toContain(answer.id)
  })

  // Kills: a limit that is not asked; the register's own hours not read.
  test('leaves within 72 hours of the decision, or fewer where the holder says so', async () => {
    const { denial, first } = await waiting()
    const { shown } = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', denial.id))
    const deciding = (hours: number) =>
      at.post('DE-POL', {
        holder: 'DE-POL',
        ...decisionOn(first.id),
        release: { shown },
        until: new Date(gateway.clock.now.getTime() + hours * 3_600_000 + 1).toISOString(),
      })
    const tooLong = (hours: number) => ({
      status: 422,
      code: 'invalid-request',
      errors: [
        {
          pointer: '/until',
          detail: `a decision to release stands for ${hours} hours at most`,
        },
      ],
    })
    expect(await problemOf(await deciding(72))).toEqual(tooLong(72))
    await gateway.change('DE-POL', { releaseHours: 8 })
    try {
      gateway.clock.pass(120_000)
      expect(await problemOf(await deciding(9))).toEqual(tooLong(8))
    } finally {
      await gateway.change('DE-POL', {})
      gateway.clock.pass(120_000)
    }
    expect((await deciding(71)).status).toBe(201)
  })

  test('stays once the time of the decision is over', async () => {
    const { denial, askAgain } = await waiting()
    const before = gateway.clock.now
    await gateway.releaseBy('DE-POL', denial.id)
    gateway.clock.now = new Date(before.getTime() + 86_400_000)
    expect(await askAgain()).toMatchObject(denied)
    gateway.clock.now = before
  })
})

describe('A look at what would leave', () => {
  // Kills: a look before its entry; one that names no request.
  test('is an entry of its own before anything is shown, and one and the same on a retry', async () => {
    const { denial } = await waiting()
    const jti = freshJti()
    const look = () => gateway.seeWouldLeave('DE-POL', denial.id, {}, { jti, officer: 'officer-4' })
    const { id } = await wouldLeaveIn(await look())
    expect(id).toBe(entryId('DE-POL', jti))
    expect((await wouldLeaveIn(await look())).id).toBe(id)
    const stored = await gateway.world.ledger.read(id)
    expect(stored?.leaf).toMatchObject({ t: 'consultation', hj: 'DE' })
    const opened = stored && (await openAny(stored, gateway.world))
    expect(opened?.values).toMatchObject({
      call: { agency: 'DE-POL', officer: 'officer-4' },
      consultation: {
        question: { action: 'see-proposal', id: denial.id },
        shown: [denial.id],
      },
    })
  })

  test('is for the holder’s officers alone: to all others there is no such request', async () => {
    const { denial } = await waiting()
    for (const agency of ['GB-POL', 'DE-MIN', 'DE-DPO', 'DE-DPA', 'BE-POL', 'FR-SPOC'])
      expect(await problemOf(await gateway.seeWouldLeave(agency, denial.id)), agency).toMatchObject(
        {
          status: 404,
          code: 'not-found',
        },
      )
    const dryRun = await at.ask(requestOf({ dryRun: true }), 'GB-POL')
    for (const id of [dryRun.id, 'A'.repeat(43), 'nonsense'])
      expect(await problemOf(await gateway.seeWouldLeave('DE-POL', id))).toMatchObject({
        code: 'not-found',
      })
  })

  test('supposes no fact that is not for them to judge', async () => {
    const { denial } = await waiting()
    const facts = [{ fact: 'approval.minister', value: 'given' }]
    expect(
      await problemOf(await gateway.seeWouldLeave('DE-POL', denial.id, { facts })),
    ).toMatchObject({
      status: 403,
      code: 'may-not-attest',
    })
  })

  test('changes nothing: what was supposed counts only once it is attested', async () => {
    const { first, askAgain } = await asking()
    await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', first.id, { facts: inThisCase }))
    const answer = await askAgain()
    expect(answer).toMatchObject(denied)
    expect(await at.factIn(answer.id, 'transfer.caseCheck')).toBe('not-checked')
    expect(await at.factIn(answer.id, 'release.decision')).toBe('none')
  })

  test('shows what stays, with its value and the rules, to weigh it', async () => {
    const items = [itemOf('name'), itemOf('conviction', { status: 'blocked' })]
    const { denial, askAgain } = await waiting(items)
    const { items: leaving, kept } = await wouldLeaveIn(
      await gateway.seeWouldLeave('DE-POL', denial.id),
    )
    expect(leaving.map(({ id }) => id)).toEqual(['name'])
    expect(kept).toMatchObject([{ id: 'conviction', treatment: 'withhold', value: 'fraud, 2021' }])
    await gateway.releaseBy('DE-POL', denial.id)
    expect(valuesIn(await askAgain())).toEqual(['Anton Beispiel'])
  })
})

describe('A decision to release', () => {
  test('is for the holder’s officers, for one matter, with what was shown', async () => {
    const { denial, first } = await waiting()
    const { shown } = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', denial.id))
    const body = { holder: 'DE-POL', ...decisionOn(first.id), release: { shown } }
    for (const agency of ['DE-MIN', 'GB-POL', 'BE-POL', 'GB-MIN'])
      expect(await problemOf(await at.post(agency, body)), agency).toMatchObject({
        code: 'may-not-attest',
      })
    const { release: _, ...unseen } = body
    expect(await problemOf(await at.post('DE-POL', unseen))).toMatchObject({
      errors: [{ pointer: '/release' }],
    })
    for (const scope of [
      { kind: 'case', requester: 'GB-POL', caseReference: 'CASE-1', persons: [first.id] },
      { kind: 'general', requester: 'GB' },
    ])
      expect(await problemOf(await at.post('DE-POL', { ...body, scope }))).toMatchObject({
        status: 422,
        errors: [{ pointer: '/scope/kind' }],
      })
  })

  // Kills: a decision that lifts what the law refuses.
  test('lifts no rule: what is refused otherwise stays', async () => {
    const { denial, askAgain, first } = await waiting()
    await gateway.releaseBy('DE-POL', denial.id)
    await gateway.attest('DE-POL', {
      holder: 'DE-POL',
      fact: 'risk.torture',
      value: 'real',
      scope: { kind: 'matter', matter: first.id },
    })
    const answer = await askAgain()
    expect(answer).toMatchObject({ outcome: 'deny', records: [] })
    expect(codesOf(answer)).toEqual(['human-rights', 'human-decision'])
  })
})

describe('When several records fit', () => {
  test('the officer is shown which, picks one, and that one’s data leaves', async () => {
    const [one, other] = [freshId(), freshId()]
    const { names } = personOf(one, [])
    for (const [id, value] of [
      [one, 'Anton the first'],
      [other, 'Anton the second'],
    ] as const)
      await gateway.putRecord('DE-POL', { ...personOf(id, [itemOf('name', { value })]), names })
    const asked = await waiting([], { subject: subjectsOf(one).name })
    const { denial, askAgain } = asked
    const look = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', denial.id))
    expect(look).toMatchObject({ match: 'several', items: [] })
    expect(look.candidates.toSorted()).toEqual([one, other].sort())
    const picked = await wouldLeaveIn(
      await gateway.seeWouldLeave('DE-POL', denial.id, { record: other }),
    )
    expect(picked.items.map(({ value }) => value)).toEqual(['Anton the second'])
    // Released without a pick, they are still several: the requester is told what no hit is told.
    await gateway.releaseBy('DE-POL', denial.id)
    pass()
    const unpicked = await askAgain()
    expect(codesOf(unpicked)).toEqual(['nothing-transmissible'])
    expect(unpicked.standing).toBe('final')
    expect((await rowOf(unpicked.id))?.because).toEqual(['ambiguous-subject'])
    await gateway.releaseBy('DE-POL', unpicked.id, { record: other })
    expect(valuesIn(await askAgain())).toEqual(['Anton the second'])
  })

  test('no record can be picked that does not fit', async () => {
    const { denial } = await waiting()
    const stranger = freshId()
    const strange = personOf(stranger, [itemOf('name', { value: 'Somebody else' })])
    await gateway.putRecord('DE-POL', strange)
    const look = await wouldLeaveIn(
      await gateway.seeWouldLeave('DE-POL', denial.id, { record: stranger }),
    )
    expect(JSON.stringify(look)).not.toContain('Somebody else')
    const none = await waiting([])
    const nobody = { record: stranger }
    const found = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', none.denial.id, nobody))
    expect(found).toMatchObject({ match: 'none', items: [] })
  })
})
