/** A look at the log leaves an entry of its own, before its answer leaves. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openAny } from '../../functions/answer/entries/reader.ts'
import type { PageCall, SignedCall } from '../../functions/answer/entries/signed-call.ts'
import {
  type Look,
  type LookRead,
  openLook,
  type Purpose,
  purposeSchema,
} from '../../functions/audit/look.ts'
import { requestDigest } from '../../functions/ledger/entry.ts'
import type { Stored } from '../../functions/ports.ts'
import { type Audited, startAudited } from '../http/audit-gateway.ts'
import { freshJti, origin } from '../world.ts'

let audited: Audited
let away = false
beforeAll(async () => {
  audited = await startAudited({
    change: (world) => ({
      ...world,
      ledger: {
        ...world.ledger,
        append: async (entry) =>
          away ? { kind: 'unavailable', why: 'away' } : world.ledger.append(entry),
      },
    }),
  })
})
afterAll(() => audited.close())
beforeEach(() => {
  audited.clock.pass(15 * 60_000)
})

/** A call of the German authority, as the guard hands it on. */
async function callOf(changes: Partial<SignedCall> = {}, office = 'DE-DPA'): Promise<SignedCall> {
  const agency = await audited.world.register.agency(office)
  if (agency === undefined) throw new Error(`there is no ${office}`)
  return {
    agency,
    officer: 'auditor-1',
    kid: 'k',
    jti: freshJti(),
    iat: 0,
    exp: 300,
    bodyDigest: undefined,
    signingInput: 'header.payload',
    jws: 'header.payload.signature',
    method: 'GET',
    url: `${origin}/v1/decisions?purpose=lawfulness`,
    body: '',
    ...changes,
  }
}

const read = {
  question: { outcome: 'deny' },
  shown: ['A'.repeat(43), 'B'.repeat(43)],
  answer: { entries: 2 },
}
/** A row of a table that has no other. */
const rowOf = (found: LookRead): Look => ({
  right: 'list-entries',
  method: 'GET',
  path: '/v1/nothing',
  summary: 'Nothing.',
  question: z.strictObject({ purpose: purposeSchema }),
  answer: ['What was read', z.unknown()],
  problems: [],
  read: async () => found,
})
const lookAt = (
  call: SignedCall | PageCall,
  found: Partial<LookRead> = {},
  purpose: Purpose = 'lawfulness',
  world = audited.auditWorld,
) => openLook(rowOf({ ...read, ...found } as LookRead), call, { purpose }, world)

/** The entries of the looks that were entered by what is done. */
async function enteredBy(act: () => Promise<unknown>): Promise<readonly Stored[]> {
  const before = audited.looks.length
  await act()
  const found = await audited.world.ledger.readAll(audited.looks.slice(before))
  return [...found.values()]
}

describe('A look', () => {
  // LED art. 25(1): justification, date and time, who consulted; here also what was shown.
  test('is an entry that says who looked, when, why, for what, and what was shown', async () => {
    const call = await callOf()
    const [stored] = await enteredBy(async () =>
      expect(await lookAt(call)).toEqual({ kind: 'shown', answer: read.answer }),
    )
    expect(stored?.leaf).toMatchObject({
      t: 'consultation',
      ts: audited.clock.now.toISOString(),
      hj: 'DE',
      aj: 'DE',
      req: requestDigest(call.signingInput),
    })
    const opened = stored && (await openAny(stored, audited.world))
    const question = { action: 'list-entries', ...read.question }
    const { shown } = read
    expect(opened?.values).toMatchObject({
      call: { agency: 'DE-DPA', officer: 'auditor-1' },
      consultation: { purpose: 'lawfulness', question, shown },
    })
  })

  test('that cannot be entered shows nothing', async () => {
    away = true
    const shown = await lookAt(await callOf())
    away = false
    expect(shown).toEqual({ kind: 'unavailable', why: 'away' })
  })

  test('without the right to it reads nothing, and is no entry', async () => {
    const entered = await enteredBy(async () =>
      expect(await lookAt(await callOf({}, 'DE-POL'))).toEqual({ kind: 'not-your-role' }),
    )
    expect(entered).toEqual([])
  })

  test('that finds that there is no answer yet is an entry all the same', async () => {
    const { answer: _, ...rest } = read
    const row = rowOf({ ...rest, instead: { kind: 'not-sealed' } })
    const entered = await enteredBy(async () => {
      const asked = { purpose: 'lawfulness' } as const
      const shown = await openLook(row, await callOf(), asked, audited.auditWorld)
      expect(shown).toEqual({ kind: 'not-sealed' })
    })
    expect(entered).toHaveLength(1)
  })

  // Kills: keeping every look under one key, so that erasing a person leaves their name in a look.
  test('at one person is kept under the key of that person, others under that of the office', async () => {
    const kidOf = async (found: Partial<LookRead>) => {
      const [stored] = await enteredBy(async () => lookAt(await callOf(), found))
      return stored?.kid
    }
    const person = audited.world.secrets.pseudonym('DE', 'record:R-1')
    const { kid } = await audited.world.subjectKeys.keyFor('DE', person, '2026-11-25T09:00:00.000Z')
    expect(await kidOf({ subject: 'record:R-1' })).toBe(kid)
    const office = await kidOf({})
    expect(office).not.toBe(kid)
    expect(await kidOf({ shown: [] })).toBe(office)
  })
})

describe('The same look', () => {
  const inMinutes = (minutes: number) => audited.clock.pass(minutes * 60_000)
  /** From the start of a quarter of an hour. */
  beforeEach(() => {
    const quarter = 15 * 60_000
    audited.clock.now = new Date(Math.ceil(audited.clock.now.getTime() / quarter) * quarter)
  })

  test('is one entry for a quarter of an hour, that of the first call', async () => {
    const entered = await enteredBy(async () => {
      for (const minutes of [0, 7, 7]) {
        inMinutes(minutes)
        const shown = await lookAt(await callOf({ signingInput: `call.${minutes}` }))
        expect(shown).toEqual({ kind: 'shown', answer: read.answer })
      }
    })
    expect(entered).toHaveLength(1)
    expect(entered[0]?.leaf.req).toBe(requestDigest('call.0'))
  })

  // Kills: remembering in one process what was entered.
  test('is one entry for all instances, however many look at once', async () => {
    const another = { ...audited.auditWorld, ledger: { ...audited.auditWorld.ledger } }
    const entered = await enteredBy(async () =>
      Promise.all(
        [audited.auditWorld, another, another].map(async (world) =>
          lookAt(await callOf(), {}, 'lawfulness', world),
        ),
      ),
    )
    expect(entered).toHaveLength(1)
  })

  test('a quarter of an hour later is another entry', async () => {
    const entered = await enteredBy(async () => {
      await lookAt(await callOf())
      inMinutes(15)
      await lookAt(await callOf())
    })
    expect(entered).toHaveLength(2)
  })

  // Kills: an id that leaves out any of what makes a look another one.
  test.each<[string, () => Promise<unknown>]>([
    ['by another officer', async () => lookAt(await callOf({ officer: 'auditor-2' }))],
    ['by another key of the office', async () => lookAt(await callOf({ kid: 'another' }))],
    ['for another office', async () => lookAt(await callOf({}, 'GB-DPA'))],
    ['for another purpose', async () => lookAt(await callOf(), {}, 'self-monitoring')],
    ['at something else', async () => lookAt(await callOf(), { question: { outcome: 'redact' } })],
    ['that shows other entries', async () => lookAt(await callOf(), { shown: ['C'.repeat(43)] })],
    [
      'that shows them in another order',
      async () => lookAt(await callOf(), { shown: read.shown.toReversed() }),
    ],
    ['that is answered otherwise', async () => lookAt(await callOf(), { answer: { entries: 3 } })],
    ['at a person', async () => lookAt(await callOf(), { subject: 'record:R-2' })],
  ])('%s is another entry', async (_, other) => {
    const entered = await enteredBy(async () => {
      await lookAt(await callOf())
      await other()
      await lookAt(await callOf())
    })
    expect(entered).toHaveLength(2)
  })

  test('is the same one where only a signature in the answer is made anew', async () => {
    const entered = await enteredBy(async () => {
      const same = { decided: 'deny' }
      for (const receipt of ['one', 'two'])
        await lookAt(await callOf(), { answer: { ...same, receipt }, same })
    })
    expect(entered).toHaveLength(1)
  })

  // Kills: an id by which an erased look is still found, or that keeps others from looking anew.
  test('at a person who was erased is another entry, whose id nothing tells', async () => {
    const subject = 'record:R-3'
    const entered = await enteredBy(async () => {
      await lookAt(await callOf(), { subject })
      const pseudonym = audited.world.secrets.pseudonym('DE', subject)
      for (const { kid } of await audited.world.subjectKeys.generations('DE', pseudonym))
        await audited.world.subjectKeys.shred(kid)
      expect(await lookAt(await callOf(), { subject })).toMatchObject({ kind: 'shown' })
    })
    expect(entered).toHaveLength(2)
  })
})

describe('A look on a page', () => {
  const session = { iss: 'https://login.police.example', provedAt: '2026-11-25T08:00:00.000Z' }
  const pageOf = async (changes: Partial<PageCall> = {}): Promise<PageCall> => {
    const { agency, officer } = await callOf()
    return { agency, officer, method: 'GET', url: `${origin}/console/search`, session, ...changes }
  }

  // Kills: a look that passes for one that somebody signed.
  test('is an entry that says by which login, and that nobody signed it', async () => {
    const [stored] = await enteredBy(async () =>
      expect(await lookAt(await pageOf())).toEqual({ kind: 'shown', answer: read.answer }),
    )
    expect(stored?.leaf).toMatchObject({ t: 'consultation', hj: 'DE', req: requestDigest('') })
    const opened = stored && (await openAny(stored, audited.world))
    expect(opened?.evidence).toEqual({ jws: '', body: '' })
    expect(opened?.values).toMatchObject({
      call: {
        ...{ agency: 'DE-DPA', officer: 'auditor-1', method: 'GET', body: null, session },
        url: `${origin}/console/search`,
      },
      consultation: { purpose: 'lawfulness', shown: read.shown },
    })
  })

  test('is one entry in a quarter of an hour, and another than that of a signed call', async () => {
    const looks = async (...calls: readonly (SignedCall | PageCall)[]) => {
      const entered = await enteredBy(async () => {
        for (const call of calls) expect(await lookAt(call)).toMatchObject({ kind: 'shown' })
      })
      return entered.length
    }
    const page = await pageOf()
    expect(await looks(page, page, await pageOf())).toBe(1)
    expect(await looks(await callOf())).toBe(1)
    const elsewhere = { session: { ...session, iss: 'https://other.example' } }
    expect(await looks(await pageOf(elsewhere))).toBe(1)
    expect(await looks(await pageOf({ officer: 'auditor-2' }))).toBe(1)
  })

  test('shows nothing without its entry, nor to an office without the right', async () => {
    away = true
    const shown = await lookAt(await pageOf()).finally(() => {
      away = false
    })
    expect(shown).toMatchObject({ kind: 'unavailable' })
    const { agency } = await callOf({}, 'DE-POL')
    expect(await lookAt(await pageOf({ agency }))).toEqual({ kind: 'not-your-role' })
  })
})

// Kills: a look that opens all it reads at once, be it to act on it or not, while others wait for their answers.
test('Each key that a look asks for comes in a turn of its own', async () => {
  let [turned, opened] = [0, 0]
  const turn = async () => {
    turned += 1
  }
  const open = async () => undefined
  const subjectKeys = { ...audited.auditWorld.subjectKeys, open, openToAct: open }
  const look: Look = {
    ...rowOf(read),
    async read(_, __, world) {
      for (const key of ['open', 'openToAct'] as const) {
        await world.subjectKeys[key]('kid')
        opened += 1
        expect(turned).toBe(opened)
      }
      return read
    },
  }
  const world = { ...audited.auditWorld, subjectKeys, turn }
  expect((await openLook(look, await callOf(), { purpose: 'lawfulness' }, world)).kind).toBe(
    'shown',
  )
  expect(opened).toBe(2)
})
