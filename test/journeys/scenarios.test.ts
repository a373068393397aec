/** Cases that lawyers stated, as agencies live them: from the record kept to the answer received. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import type { RecordItem } from '../../functions/decision/record.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { answered, type Gateway, startGateway } from '../world.ts'
import { attestAll, benign, itemOf, personOf, requestOf } from './people.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

type Case = {
  readonly requester: string
  readonly holder?: string
  readonly items?: readonly RecordItem[]
  /** What the officers find otherwise than in an ordinary case. */
  readonly facts?: Readonly<Record<string, AttestationBody['value']>>
  readonly request?: Partial<AccessRequest>
  /** What an agency says of the consent of an originator. */
  readonly consent?: readonly [agency: string, says: Partial<AttestationBody>]
}

let cases = 0

/** Keeps the record, attests, asks; gives what the requester is told and what was decided in full. */
async function play(
  { requester, holder = 'DE-POL', items = [itemOf('name')], facts, request, consent }: Case,
  at: Gateway = gateway,
) {
  cases += 1
  const id = `R-${cases}`
  const caseReference = `CASE-${cases}`
  await at.putRecord(holder, personOf(id, items))
  await attestAll(at, holder, { kind: 'case', requester, caseReference }, { ...benign, ...facts })
  if (consent !== undefined) {
    const [agency, says] = consent
    const scope = { kind: 'case', requester, caseReference } as const
    await at.attest(agency, { holder, fact: 'item.originConsent', scope, ...says })
  }
  const classes = [...new Set(items.map((item) => item.class))]
  const body = requestOf({ holder, subject: { recordId: id }, classes, caseReference, ...request })
  const response = await at.ask(requester, 'officer-7', body)
  const text = await response.clone().text()
  const told = await answered(response)
  const { stored, opened } = await at.entry(told.id)
  expect(stored.leaf.out).toBe(told.outcome)
  const full = opened.decision
  return {
    text,
    told: summary(told),
    full: summary(full),
    answer: told,
    left: told.records.flatMap((each) => each.items),
    kept: Object.fromEntries(full.items.map((item) => [item.id, item.treatment.kind])),
    match: opened.subject.match,
    lists: stored.leaf.lists.map(({ id: list }) => list),
  }
}

type Said = {
  readonly outcome: string
  readonly standing?: string | undefined
  readonly reasons: readonly {
    readonly code: string
    readonly rule: string
    readonly cites: readonly string[]
  }[]
  readonly obligations: readonly { readonly code: string; readonly value?: string | undefined }[]
}

const summary = ({ outcome, standing, reasons, obligations }: Said) => ({
  outcome,
  ...(standing === undefined ? {} : { standing }),
  codes: [...new Set(reasons.map(({ code }) => code))],
  rules: reasons.map(({ rule }) => rule),
  cites: [...new Set(reasons.flatMap(({ cites }) => cites))],
  obligations: obligations.map(({ code, value }) =>
    value === undefined ? code : `${code} ${value}`,
  ),
})

/** What is said of a record of which nothing may be told. */
const nothing = {
  outcome: 'deny',
  standing: 'final',
  codes: ['nothing-transmissible'],
  rules: ['comity/nothing-transmissible'],
  cites: [],
  obligations: [],
}

const containing = (...all: readonly string[]) => expect.arrayContaining([...all])

describe('Among Member States', () => {
  const directive = { instrument: 'EU-2023/977', channel: 'siena' } as const

  test('S01: a life is in danger; France gets identity and convictions, due within eight hours', async () => {
    const { told, answer, left, kept } = await play({
      requester: 'FR-SPOC',
      items: [itemOf('name'), itemOf('conviction', { role: 'convicted' })],
      facts: { 'threat.life': 'imminent' },
      request: { ...directive, urgency: 'imminent-threat-to-life' },
    })
    expect(told).toMatchObject({
      outcome: 'release',
      codes: ['police-cooperation'],
      rules: containing('eu/2023-977/request', 'de/bkag/directive', 'de/irg-92/request'),
      cites: containing(
        'Dir. 2023/977 art. 4',
        'Dir. 2023/977 art. 5(1)',
        'BKAG § 26a',
        'IRG § 92(1)',
      ),
      obligations: containing('O-LOG', 'O-USE', 'O-NOEVID', 'O-NOTIFY-CORR', 'O-DEL', 'O-MARK H1'),
    })
    expect(told.obligations).not.toContain('O-CONFIRM')
    expect(kept).toEqual({ name: 'release', conviction: 'release' })
    expect(left.map(({ id, treatment, value }) => [id, treatment, value])).toEqual([
      ['name', 'release', 'Anton Beispiel'],
      ['conviction', 'release', 'fraud, 2021'],
    ])
    expect(answer.answerBy).toBe('2026-11-25T17:00:00.000Z')
    expect(answer.obligations.find(({ code }) => code === 'O-ANSWER')).toMatchObject({
      due: '2026-11-25T17:00:00.000Z',
      cites: containing('Dir. 2023/977 art. 5(1)(a)'),
    })
  })

  test('S03: Spain gets the identity; the address that came back as wrong stays, and it is told why', async () => {
    const { told, full, answer, left, kept, text } = await play({
      requester: 'ES-SPOC',
      items: [itemOf('name'), itemOf('address', { quality: 'known-wrong' })],
      request: directive,
    })
    expect(told).toMatchObject({
      outcome: 'redact',
      codes: containing('quality'),
      rules: containing('eu/2023-977/quality', 'de/irg-92/quality'),
      cites: containing('Dir. 2023/977 art. 6(1)(e)', 'IRG § 92b(1) no. 5'),
      obligations: containing('O-LOG', 'O-NOTIFY-CORR', 'O-REASONS'),
    })
    expect(full).toMatchObject({
      outcome: 'redact',
      rules: containing('eu/led-data/quality'),
      cites: containing('LED art. 7(2)', 'BDSG § 74(1)'),
    })
    expect(told.rules).not.toContain('eu/led-data/quality')
    expect(kept).toEqual({ name: 'release', address: 'withhold' })
    expect(left.map(({ id }) => id)).toEqual(['name'])
    expect(answer.classes).toEqual({ identification: 'released', location: 'not released' })
    expect(text).not.toContain('Altstadt')
    expect(answer.answerBy).toBe('2026-12-02T09:00:00.000Z')
  })

  test('X7: immigration control is no ground for police data, whoever asks', async () => {
    for (const requester of ['FR-SPOC', 'GB-POL']) {
      const { told, full, left, match } = await play({
        requester,
        request: { purpose: 'immigration' },
      })
      expect(told).toMatchObject({
        outcome: 'deny',
        standing: 'final',
        codes: containing('purpose'),
        rules: containing('eu/led-data/purpose'),
        cites: containing('LED art. 1(1)', 'LED art. 9(1)', 'BDSG § 45'),
      })
      expect(full).toEqual(told)
      expect(left).toEqual([])
      expect(match).toBe('unseen')
    }
  })
})

describe('To third countries', () => {
  const fraud: Case = {
    requester: 'GB-POL',
    items: [itemOf('name'), itemOf('account')],
  }
  const released = {
    outcome: 'release',
    codes: containing('adequacy', 'police-cooperation'),
    rules: containing('eu/led-transfers/adequate', 'de/bkag/third-state'),
    cites: containing('BKAG § 27(1)', 'BDSG § 78(1) no. 2', 'LED art. 36'),
    obligations: containing('O-USE', 'O-DEL', 'O-ONWARD', 'O-LOG', 'O-NOTIFY-CORR', 'O-CONFIRM'),
  }

  test('S05: Britain asks about a fraud and is answered on adequacy', async () => {
    const { told, left, kept, lists } = await play(fraud)
    expect(told).toMatchObject(released)
    expect(kept).toEqual({ name: 'release', account: 'release' })
    expect(left.map(({ value }) => value)).toEqual(['Anton Beispiel', 'XX00 0000 1234'])
    expect(lists).toContain('led-adequacy')
  })

  test('S05: Britain is told by when what it got must be deleted', async () => {
    const { answer } = await play({
      ...fraud,
      items: [itemOf('name'), itemOf('account', { retentionUntil: '2027-06-30' })],
    })
    const duty = answer.obligations.find(({ code }) => code === 'O-DEL')
    expect(duty).toMatchObject({ onWhom: 'requester', due: '2027-06-30' })
  })

  test('X9: on 28 December 2025 Britain is still adequate; in 2032 it no longer is', async () => {
    const past = await startGateway({
      now: '2025-12-28T10:00:00.000Z',
      sealedSince: '2025-01-01T00:00:00Z',
    })
    try {
      expect((await play(fraud, past)).told).toMatchObject(released)
      past.clock.now = new Date('2031-12-28T10:00:00.000Z')
      const { told, left } = await play(fraud, past)
      expect(told).toMatchObject({
        outcome: 'deny',
        standing: 'open',
        codes: ['no-transfer-basis'],
        cites: containing('LED art. 35(1)(d)'),
      })
      expect(left).toEqual([])
    } finally {
      await past.close()
    }
  })

  test('S19: a theft at twelve, never reviewed, stays; the answer is that of an empty archive', async () => {
    const { told, full, left, kept } = await play({
      requester: 'GB-POL',
      items: [
        itemOf('conviction', {
          minor: true,
          ageAtEvent: 12,
          eventDate: '2023-05-04',
          status: 'review-overdue',
        }),
      ],
    })
    expect(told).toEqual(nothing)
    expect(left).toEqual([])
    expect(kept).toEqual({ conviction: 'withhold' })
    expect(full).toMatchObject({
      outcome: 'deny',
      standing: 'final',
      codes: ['retention'],
      rules: containing('de/bkag/child-review', 'eu/led-data/retention'),
      cites: containing(
        'BKAG § 77(1)',
        'BDSG § 75(2)',
        'BDSG § 75(4)',
        'LED art. 5',
        'LED art. 4(1)(e)',
      ),
      obligations: ['O-DEL'],
    })
  })

  test('X1: an alert of the Schengen system stays; the rest leaves as if there were none', async () => {
    const alert = itemOf('report', { system: 'SIS', value: 'alert 5' })
    const alone = await play({ requester: 'GB-POL', items: [alert] })
    expect(alone.told).toEqual(nothing)
    expect(alone.full).toMatchObject({
      outcome: 'deny',
      standing: 'final',
      codes: ['sis'],
      rules: ['eu/sis/no-third-country'],
      cites: ['Regulation (EU) 2018/1862 art. 65'],
    })
    const beside = await play({ requester: 'GB-POL', items: [itemOf('name'), alert] })
    expect(beside.told).toMatchObject({ outcome: 'release' })
    expect(beside.full).toMatchObject({ outcome: 'redact', codes: containing('sis') })
    expect(beside.answer.classes).toEqual({ identification: 'released', case: 'not released' })
    expect(beside.text).not.toContain('alert 5')
    expect(beside.text).not.toContain('2018/1862 art. 65"')
  })

  test('A bomb tonight: Belgian data goes although Belgium cannot be asked in time, and is told', async () => {
    const { told, full, left } = await play({
      requester: 'US-POL',
      items: [itemOf('report', { originator: 'BE' })],
      facts: {
        'transfer.derogation': 'public-security-threat',
        'threat.publicSecurity': 'serious-immediate',
        'transfer.rightsOverride': 'no',
        'threat.life': 'imminent',
      },
      consent: ['DE-POL', { originator: 'BE', value: 'unobtainable-in-time' }],
    })
    expect(full).toEqual(told)
    expect(told).toMatchObject({
      outcome: 'release',
      rules: containing('eu/led-transfers/threat', 'eu/led-transfers/origin/unless'),
      cites: containing('LED art. 35(2)', 'LED art. 38(1)(c)'),
      obligations: containing(
        'O-NOTIFY-ORIG',
        'O-DOC',
        'O-USE',
        'O-ONWARD',
        'O-DEL',
        'O-LOG',
        'O-CONFIRM',
      ),
    })
    expect(left.map(({ value }) => value)).toEqual(['a report'])
  })

  test.each([
    ['the Cybercrime Convention of the United Nations', 'UN-CYBERCRIME'],
    ['the Second Additional Protocol', 'CETS-224'],
  ])('X11: Brazil cannot rest on %s, and is told so', async (_, instrument) => {
    const { told, full, left, match } = await play({
      requester: 'BR-PROS',
      request: { instrument, purpose: 'prosecution' },
    })
    expect(told).toMatchObject({
      outcome: 'deny',
      codes: ['no-transfer-basis', 'instrument-not-in-force'],
      rules: ['eu/led-transfers/otherwise', 'comity/instrument-not-in-force'],
      cites: containing('LED art. 35(1)(d)', 'BDSG §§ 78-80'),
    })
    expect(full).toEqual(told)
    expect(left).toEqual([])
    expect(match).toBe('unseen')
  })

  test('The United States ask Britain; death may follow, so nothing does until somebody rules it out', async () => {
    const capital: Case = {
      requester: 'US-POL',
      holder: 'GB-POL',
      facts: {
        'transfer.assessment': 'safeguards-found',
        'request.offence.deathPenaltyAvailable': true,
      },
      request: { purpose: 'prosecution', stage: 'charged' },
    }
    const denied = await play(capital)
    expect(denied.told).toMatchObject({
      outcome: 'deny',
      standing: 'open',
      codes: ['death-penalty'],
      rules: ['gb/osja/death-penalty'],
      cites: ['OSJA guidance', 'ECHR Protocol 13', 'Elgizouli [2020] UKSC 10'],
    })
    expect(denied.answer.todo).toContainEqual(
      expect.objectContaining({
        fact: 'assurance.deathPenalty',
        to: 'given-and-verified',
        by: 'holder-ministry',
      }),
    )
    expect(denied.left).toEqual([])
    expect(denied.match).toBe('unseen')

    const given = await play({
      ...capital,
      facts: { ...capital.facts, 'assurance.deathPenalty': 'given-and-verified' },
    })
    expect(given.told).toMatchObject({
      outcome: 'release',
      rules: containing('gb/osja/death-penalty/unless', 'gb/dpa-2018-part-3/safeguards'),
      obligations: containing('O-DP', 'O-ONWARD', 'O-DOC'),
    })
    expect(given.left).toHaveLength(1)
  })

  test('Nobody in Britain weighed anything, so nothing goes to the United States at all', async () => {
    const { told } = await play({
      requester: 'US-POL',
      holder: 'GB-POL',
      facts: { 'request.offence.deathPenaltyAvailable': true },
    })
    expect(told).toMatchObject({
      outcome: 'deny',
      codes: containing('approval-missing', 'death-penalty'),
      cites: containing('DPA 2018 ss. 73-76', 'Elgizouli [2020] UKSC 10'),
    })
  })
})
