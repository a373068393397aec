/** Cases that lawyers stated of the shipped law for data that leaves the Union, or the United Kingdom. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { itemOf } from './answer/people.ts'
import { type Case, containing, nothing, play } from './answer/play.ts'
import { shippedLaw } from './shipped.ts'
import { type Gateway, startGateway } from './world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ law: shippedLaw })
})
afterAll(() => gateway.close())

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
    obligations: containing('O-USE', 'O-DEL', 'O-ONWARD', 'O-LOG', 'O-NOTIFY-CORR'),
  }

  // An officer confirms before anything leaves; it was a duty afterwards.
  test('S05: Britain asks about a fraud and is answered on adequacy, by an officer', async () => {
    const { told, left, kept, lists, answer } = await play(fraud, gateway)
    expect(answer.decidedBy).toMatchObject({ kind: 'officer', office: 'DE-POL' })
    expect(told).toMatchObject(released)
    expect(kept).toEqual({ name: 'release', account: 'release' })
    expect(left.map(({ value }) => value)).toEqual(['Anton Beispiel', 'XX00 0000 1234'])
    expect(lists).toContain('led-adequacy')
  })

  test('S05: Britain is told by when what it got must be deleted', async () => {
    const { answer } = await play(
      {
        ...fraud,
        items: [itemOf('name'), itemOf('account', { retentionUntil: '2027-06-30' })],
      },
      gateway,
    )
    const duty = answer.obligations.find(({ code }) => code === 'O-DEL')
    expect(duty).toMatchObject({ onWhom: 'requester', due: '2027-06-30' })
  })

  test('X9: on 28 December 2025 Britain is still adequate; in 2032 it no longer is', async () => {
    const past = await startGateway({
      law: shippedLaw,
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
    const { told, full, left, kept } = await play(
      {
        requester: 'GB-POL',
        items: [
          itemOf('conviction', {
            minor: true,
            ageAtEvent: 12,
            eventDate: '2023-05-04',
            status: 'review-overdue',
          }),
        ],
      },
      gateway,
    )
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
    const alert = itemOf('report', { system: 'SIS', value: 'alert 5', originator: 'DE' })
    const alone = await play({ requester: 'GB-POL', items: [alert] }, gateway)
    expect(alone.told).toEqual(nothing)
    expect(alone.full).toMatchObject({
      outcome: 'deny',
      standing: 'final',
      codes: ['sis'],
      rules: ['eu/sis/no-third-country'],
      cites: ['Regulation (EU) 2018/1862 art. 65'],
    })
    const beside = await play({ requester: 'GB-POL', items: [itemOf('name'), alert] }, gateway)
    expect(beside.told).toMatchObject({ outcome: 'release' })
    expect(beside.full).toMatchObject({ outcome: 'redact', codes: containing('sis') })
    expect(beside.answer.classes).toEqual({ identification: 'released', case: 'not released' })
    expect(beside.text).not.toContain('alert 5')
    expect(beside.text).not.toContain('2018/1862 art. 65"')
  })

  // Kills: an alert that goes to a third country once it is kept in a national file (record.ts, `systemOf`).
  test('X1: nor does what came by an alert and is kept in a national file leave', async () => {
    const kept = itemOf('report', { system: 'national', obtainedUnder: 'SIS-36', value: 'alert 5' })
    const { told, full } = await play({ requester: 'GB-POL', items: [kept] }, gateway)
    expect(told).toEqual(nothing)
    expect(full).toMatchObject({
      ...{ outcome: 'deny', standing: 'final', codes: containing('sis') },
      rules: containing('eu/sis/no-third-country'),
    })
  })

  test('A bomb tonight: Belgian data goes although Belgium cannot be asked in time, and is told', async () => {
    const { told, full, left } = await play(
      {
        requester: 'US-POL',
        items: [itemOf('report', { originator: 'BE' })],
        facts: {
          'transfer.derogation': 'public-security-threat',
          'threat.publicSecurity': 'serious-immediate',
          'transfer.rightsOverride': 'no',
          'threat.life': 'imminent',
        },
        consent: ['DE-POL', { originator: 'BE', value: 'unobtainable-in-time' }],
      },
      gateway,
    )
    expect(full).toEqual(told)
    expect(told).toMatchObject({
      outcome: 'release',
      rules: containing('eu/led-transfers/threat', 'eu/led-transfers/origin/unless'),
      cites: containing('LED art. 35(2)', 'LED art. 38(1)(c)'),
      obligations: containing('O-NOTIFY-ORIG', 'O-DOC', 'O-USE', 'O-ONWARD', 'O-DEL', 'O-LOG'),
    })
    expect(left.map(({ value }) => value)).toEqual(['a report'])
  })

  test.each([
    ['the Cybercrime Convention of the United Nations', 'UN-CYBERCRIME'],
    ['the Second Additional Protocol', 'CETS-224'],
  ])('X11: Brazil cannot rest on %s, and is told so', async (_, instrument) => {
    const { told, full, left, match } = await play(
      {
        requester: 'BR-PROS',
        request: { instrument, purpose: 'prosecution' },
      },
      gateway,
    )
    expect(told).toMatchObject({
      outcome: 'deny',
      codes: ['approval-missing', 'no-transfer-basis', 'instrument-not-in-force'],
      rules: ['de/bkag/approval', 'eu/led-transfers/otherwise', 'comity/instrument-not-in-force'],
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
    const denied = await play(capital, gateway)
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

    const given = await play(
      {
        ...capital,
        facts: { ...capital.facts, 'assurance.deathPenalty': 'given-and-verified' },
      },
      gateway,
    )
    expect(given.told).toMatchObject({
      outcome: 'release',
      rules: containing('gb/osja/death-penalty/unless', 'gb/dpa-2018-part-3/safeguards'),
      obligations: containing('O-DP', 'O-ONWARD', 'O-DOC'),
    })
    expect(given.left).toHaveLength(1)
  })

  test('Nobody in Britain weighed anything, so nothing goes to the United States at all', async () => {
    const { told } = await play(
      {
        requester: 'US-POL',
        holder: 'GB-POL',
        facts: { 'request.offence.deathPenaltyAvailable': true },
      },
      gateway,
    )
    expect(told).toMatchObject({
      outcome: 'deny',
      codes: containing('approval-missing', 'death-penalty'),
      cites: containing('DPA 2018 ss. 73-76', 'Elgizouli [2020] UKSC 10'),
    })
  })
})
