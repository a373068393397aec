/** Nobody erases the proof of his own act alone: what left is kept for its time, what is open until it is not. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entryId } from '../../functions/ledger/entry.ts'
import type { AuditLine } from '../../functions/log-ports.ts'
import { withoutPermits } from '../../functions/policy/law.ts'
import {
  attestAll,
  benign,
  inThisCase,
  requestOf,
  requestOfMember,
  subjectsOf,
} from '../answer/people.ts'
import { answered, done, freshJti, problemOf } from '../world.ts'
import { type Acting, certificateOf, order, startActing } from './acting.ts'

/** Comes between what is checked and what is done, once. */
let between: () => Promise<unknown> = async () => {}
/** Whether no list says how long a log is kept. */
let isUnlisted = false
/** Whether the gateway cannot know which law is in force. */
let isUnheld = false

let acting: Acting
beforeAll(async () => {
  acting = await startActing({
    changeAudit: (world) => ({
      ...world,
      law: {
        ...world.law,
        async now() {
          const held = await world.law.now()
          const { policies, lists, unheld } = (isUnheld ? withoutPermits(held) : held).book
          return {
            book: {
              policies,
              lists: isUnlisted ? lists.filter(({ id }) => id !== 'log-retention') : lists,
              ...(unheld && { unheld }),
            },
          }
        },
      },
      ledger: {
        ...world.ledger,
        append: async (entry) => {
          const appended = await world.ledger.append(entry)
          const now = between
          between = async () => {}
          await now()
          return appended
        },
      },
    }),
  })
  await attestAll(acting.gateway, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
})
afterAll(() => acting.close())

/** What a dry run supposes of a record. */
const supposed = {
  ...{ class: 'identification', role: 'suspect', minor: false, ageAtEvent: 35, origin: 'holder' },
  ...{ originConsent: 'own-data', system: 'national', quality: 'verified', status: 'active' },
  ...{ youthRecord: 'none', yearsSinceEvent: 1 },
}

let people = 0
/** Somebody of whom a record is kept, and how to ask for them. */
async function somebody() {
  const id = `K-${++people}`
  await acting.keepPerson(id)
  const subject = subjectsOf(id).recordId
  return { id, subject, subjects: [acting.pseudonym(subject)] }
}
/** Of whom something left to France. */
async function disclosed() {
  const person = await somebody()
  return { ...person, eids: [await acting.askFor(person.subject)] }
}
const alone = (subjects: readonly string[]) =>
  acting.send({ act: 'erase', subjects, order: undefined })
const refusal = async (response: Response): Promise<Record<string, unknown>> => {
  expect(response.status).toBe(409)
  return JSON.parse(await response.text())
}
const at = async <T>(moment: string, act: () => Promise<T>): Promise<T> => {
  const { now } = acting.clock
  acting.clock.now = new Date(moment)
  try {
    return await act()
  } finally {
    acting.clock.now = now
  }
}

describe('What left', () => {
  // Kills: an erasure of a fresh disclosure by the two offices of one state; a refusal that helps nobody.
  test('is not erased by its holder and his second office: they are told until when, and what it takes', async () => {
    const { eids, subjects } = await disclosed()
    await acting.seal()
    const rows = await acting.rowsOfPeople(eids)
    const jti = freshJti()
    const response = await acting.send({ act: 'erase', subjects, order: undefined }, { jti })
    expect(await refusal(response)).toMatchObject({
      code: 'order-needed',
      disclosures: 1,
      open: 0,
      until: '2027-12-31',
      cites: 'DE § 76(4)',
      detail:
        'the log keeps what left by 1 entry, until 2027-12-31 (DE § 76(4)); before that an order of the supervisory authority or of a court is needed, named in `order` by its reference and the digest of its document',
    })
    expect(await acting.readable(eids)).toEqual(eids)
    expect(await acting.standing(rows)).toEqual(rows)
    expect(await acting.world.ledger.read(entryId('DE-POL', jti))).toBeUndefined()
  })

  // Kills: an order that is taken and lost; one that only some offices may give.
  test.each(['court', 'supervisory-authority'] as const)(
    'goes by the order of a %s, which its entry and the certificate name',
    async (by) => {
      const { eids, subjects } = await disclosed()
      const named = { ...order, by }
      const { id, says, ...certificate } = await acting.act({
        act: 'erase',
        subjects,
        order: named,
      })
      expect(await acting.readable(eids)).toEqual([])
      expect(certificate.order).toEqual(named)
      expect(says.join('\n')).toContain(
        `ordered by ${by === 'court' ? 'a court' : 'the supervisory authority'}: VG Wiesbaden 6 K 34/26, a document with the SHA-256 ${order.documentDigest}`,
      )
      expect((await acting.entry(id)).opened).toMatchObject({ act: { order: named } })
    },
  )

  // Kills: an order of any form; one that the second office never saw.
  test('does not go by an order without its document, or by one that the second office did not approve', async () => {
    const { eids, subjects } = await disclosed()
    for (const wrong of [
      { ...order, documentDigest: 'none' },
      { ...order, by: 'minister' },
      { by: order.by, reference: order.reference },
    ] as (typeof order)[])
      expect(
        await problemOf(await acting.send({ act: 'erase', subjects, order: wrong })),
      ).toMatchObject({ status: 422, code: 'invalid-request' })
    const { call } = await acting.prepare({ act: 'erase', subjects, order: undefined })
    const smuggled = { ...call, body: { ...call.body, order } }
    expect(await problemOf(await acting.callAudit('DE-POL', smuggled))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/approval' }],
    })
    expect(await acting.readable(eids)).toEqual(eids)
  })

  // Kills: a period counted from the day of the entry; one that ends a day early, or never.
  test('goes without an order once its time is over: after the last day of the year that follows', async () => {
    const { eids, subjects } = await disclosed()
    expect((await at('2027-12-31T23:59:00.000Z', () => alone(subjects))).status).toBe(409)
    const response = await at('2028-01-01T00:01:00.000Z', () => alone(subjects))
    expect((await certificateOf(response)).order).toBeUndefined()
    expect(await acting.readable(eids)).toEqual([])
  })

  // Kills: no period taken for a period that is over.
  test('is kept without end where no list says how long', async () => {
    const { eids, subjects } = await disclosed()
    isUnlisted = true
    const told = await refusal(await at('2031-01-01T00:00:00.000Z', () => alone(subjects)))
    isUnlisted = false
    expect([told.code, told.until, told.cites]).toEqual(['order-needed', undefined, undefined])
    expect(told.detail).toContain('for a time that no list of the law says')
    expect(await acting.readable(eids)).toEqual(eids)
  })

  // Kills: an erasure by the period of a law that may be in force no longer, which no later law brings back.
  test('does not go by a law that is not held: neither what one person asks for, nor what expires', async () => {
    const { eids, subjects } = await disclosed()
    await acting.seal()
    const later = '2031-01-01T00:00:00.000Z'
    const why =
      'unknown now: the gateway cannot know which law is in force, and denies all requests until it can (`law-unheld`)'
    isUnheld = true
    const told = await refusal(await at(later, () => alone(subjects)))
    const expired = await at(later, () => acting.send({ act: 'expire', before: '2027-Q1' }))
    isUnheld = false
    expect(told).toMatchObject({ code: 'order-needed', disclosures: 1, unheld: true })
    expect(told.until).toBeUndefined()
    expect(told.detail).toContain(`for a time that is ${why}; before that an order`)
    expect(await problemOf(expired)).toMatchObject({
      status: 422,
      errors: [{ pointer: '/before', detail: `the period of the law is ${why}` }],
    })
    expect(await acting.readable(eids)).toEqual(eids)
    expect((await at(later, () => alone(subjects))).status).toBe(201)
    expect(await acting.readable(eids)).toEqual([])
  })

  test('is something else than a denial that is final, or a dry run: these go at once', async () => {
    const { subject, subjects } = await somebody()
    const ask = async (changes: object) =>
      answered(await acting.ask('FR-SPOC', 'officer-7', requestOfMember({ subject, ...changes })))
    const [denial, dry] = [
      await ask({ purpose: 'immigration' }),
      await ask({ dryRun: true, hypotheses: [supposed] }),
    ]
    expect([denial.standing, dry.outcome]).toEqual(['final', 'release'])
    const eids = [denial.id, dry.id]
    expect((await alone(subjects)).status).toBe(201)
    expect(await acting.readable(eids)).toEqual([])
  })

  // Kills: an erasure that trusts what it checked, so that what leaves in time goes with it.
  test('while an erasure without an order is under way is kept, and the certificate says so', async () => {
    const { subject, subjects } = await somebody()
    const denied = await answered(
      await acting.ask(
        'FR-SPOC',
        'officer-7',
        requestOfMember({ subject, purpose: 'immigration' }),
      ),
    )
    let late = ''
    between = async () => {
      late = await acting.askFor(subject)
    }
    expect((await alone(subjects)).status).toBe(201)
    expect(await acting.readable([denied.id, late])).toEqual([late])
    expect((await refusal(await alone(subjects))).disclosures).toBe(1)
  })

  // Kills: the same under a key that is known to the plan already, such as one that was made and not used.
  test.each([
    ['for its time', false],
    ['where no list says for how long', true],
  ])('under a key of the plan is kept, too, %s', async (_, isNowhere) => {
    const { subject, subjects } = await somebody()
    const pseudonym = subjects[0] ?? ''
    const { now } = acting.clock
    const key = await acting.world.subjectKeys.keyFor('DE', pseudonym, now.toISOString(), true)
    await answered(
      await acting.ask(
        'FR-SPOC',
        'officer-7',
        requestOfMember({ subject, purpose: 'immigration' }),
      ),
    )
    let late = ''
    between = async () => {
      late = await acting.askFor(subject)
    }
    isUnlisted = isNowhere
    const { keys, says } = await certificateOf(await alone(subjects))
    isUnlisted = false
    expect(await acting.readable([late])).toEqual([late])
    expect((await acting.world.ledger.read(late))?.kid).toBe(key.kid)
    expect(keys).toBe(0)
    expect(says.join(' ')).toContain('1 key was kept, since')
  })
})

describe('A matter that is open', () => {
  const openDenial = async () => {
    const person = await somebody()
    const request = requestOf({ subject: person.subject, caseReference: `OPEN-${people}` })
    const { id, standing } = await answered(await acting.ask('GB-POL', 'officer-7', request))
    expect(standing).toBe('open')
    return { ...person, request, id }
  }

  // Kills: a denial that its holder erases before anybody can ask again.
  test('is kept until it cannot be asked again, unless a court orders otherwise', async () => {
    const { id, subjects } = await openDenial()
    expect(await refusal(await alone(subjects))).toMatchObject({
      code: 'order-needed',
      disclosures: 0,
      open: 1,
      until: '2027-02-23',
    })
    expect((await at('2027-02-23T09:00:00.000Z', () => alone(subjects))).status).toBe(409)
    expect((await at('2027-02-23T09:00:00.001Z', () => alone(subjects))).status).toBe(201)
    expect(await acting.readable([id])).toEqual([])
    const other = await openDenial()
    expect((await acting.act({ act: 'erase', subjects: other.subjects })).order).toEqual(order)
    expect(await acting.readable([other.id])).toEqual([])
  })

  // Kills: every open denial counted, also where its matter was answered since.
  test('is none any more once it was asked again and answered otherwise', async () => {
    const { id, request, subjects } = await openDenial()
    await acting.releaseBy('DE-POL', id, { facts: inThisCase })
    const again = await acting.ask('GB-POL', 'officer-7', { ...request, previous: id })
    expect((await answered(again)).outcome).toBe('release')
    expect(await refusal(await alone(subjects))).toMatchObject({ disclosures: 1, open: 0 })
  })
})

describe('A denial that is before a person', () => {
  const review = (agency: string, id: string) =>
    acting.call(agency, {
      method: 'POST',
      path: `/v1/access-requests/${id}/review`,
      body: { ground: 'There is news of this person.' },
    })
  const denied = async () => {
    const person = await somebody()
    const request = requestOfMember({ subject: person.subject, purpose: 'immigration' })
    const { id } = await answered(await acting.ask('FR-SPOC', 'officer-7', request))
    return { ...person, id }
  }

  // Kills: a review whose denial is erased before he answers, by an order or without.
  test('is held until he answers, whoever orders what', async () => {
    const { id, subjects } = await denied()
    await done(await review('FR-SPOC', id))
    for (const each of [order, undefined])
      expect(
        await refusal(await acting.send({ act: 'erase', subjects, order: each })),
      ).toMatchObject({ code: 'held', keys: 0, reviews: [id] })
    expect(await acting.readable([id])).toEqual([id])
    await done(await review('DE-POL', id))
    expect((await alone(subjects)).status).toBe(201)
    expect(await acting.readable([id])).toEqual([])
  })

  // Kills: a review that expires unanswered.
  test('does not expire either, until he answers', async () => {
    const { id } = await denied()
    await done(await review('FR-SPOC', id))
    await acting.seal()
    const expire = () =>
      at('2028-01-02T00:00:00.000Z', () => acting.send({ act: 'expire', before: '2027-Q1' }))
    expect((await expire()).status).toBe(201)
    expect(await acting.readable([id])).toEqual([id])
    await done(await review('DE-POL', id))
    await acting.seal()
    expect((await expire()).status).toBe(201)
    expect(await acting.readable([id])).toEqual([])
  })
})

describe('The other side’s auditor', () => {
  const linesOf = async (office: string): Promise<readonly AuditLine[]> => {
    const answer = await acting.get(office, '/v1/decisions?purpose=lawfulness&kind=erasure')
    expect(answer.status).toBe(200)
    return JSON.parse(await answer.text()).entries
  }

  // Kills: an erasure that those who asked never learn of; one that tells them whom it was about.
  test('is told how many entries of its own side went, and neither whom nor by whom', async () => {
    const { subject, subjects } = await somebody()
    const eids = [await acting.askFor(subject), await acting.askFor(subject)]
    const { id, says } = await acting.act({ act: 'erase', subjects })
    expect(says.join('\n')).toContain('2 entries are of calls from FR, whose auditors are told')
    await acting.seal()
    const told = (await linesOf('FR-DPA')).filter((line) => line.id === id)
    const { leaf } = (await acting.entry(id)).stored
    expect(told).toEqual([
      {
        ...{ id, ts: leaf.ts, log: leaf.log, kind: 'erasure', side: 'requester' },
        ...{ hj: 'DE', aj: 'FR', erasedEntries: 2, rules: [], policies: [] },
      },
    ])
    const own = (await linesOf('DE-DPA')).filter((line) => line.id === id)
    expect(own).toMatchObject([{ side: 'holder', agency: 'DE-POL', officer: 'officer-1' }])
    expect(own[0]?.erasedEntries).toBeUndefined()
    for (const office of ['GB-DPA', 'US-OIG'])
      expect((await linesOf(office)).map((line) => line.id)).not.toContain(id)
    expect(JSON.stringify(told)).not.toContain(eids[0])
    const shown = await acting.get('FR-DPA', `/v1/decisions/${id}?purpose=lawfulness`)
    expect(shown.status).toBe(404)
  })
})
