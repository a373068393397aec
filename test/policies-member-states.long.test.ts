/** Cases that lawyers stated among Member States, of the shipped law. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { itemOf } from './answer/people.ts'
import { containing, play } from './answer/play.ts'
import { shippedLaw } from './shipped.ts'
import { type Gateway, startGateway } from './world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ law: shippedLaw })
})
afterAll(() => gateway.close())

describe('Among Member States', () => {
  const directive = { instrument: 'EU-2023/977', channel: 'siena' } as const

  test('S01: a life is in danger; France gets identity and convictions, which were due within eight hours', async () => {
    const { told, answer, left, kept } = await play(
      {
        requester: 'FR-SPOC',
        items: [itemOf('name'), itemOf('conviction', { role: 'convicted' })],
        facts: { 'threat.life': 'imminent' },
        request: { ...directive, urgency: 'imminent-threat-to-life' },
      },
      gateway,
    )
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
    // It was answered: nothing is due any more.
    expect(answer.answerBy).toBeUndefined()
    expect(told.obligations).not.toContain('O-ANSWER')
    const { decision } = (await gateway.entry(answer.id)).opened
    expect(decision.answerBy).toBe('2026-11-25T17:00:00.000Z')
    expect(decision.obligations.find(({ code }) => code === 'O-ANSWER')).toMatchObject({
      due: '2026-11-25T17:00:00.000Z',
      cites: containing('Dir. 2023/977 art. 5(1)(a)'),
    })
  })

  test('S03: Spain gets the identity; the address that came back as wrong stays, and it is told why', async () => {
    const { told, full, answer, left, kept, text } = await play(
      {
        requester: 'ES-SPOC',
        items: [itemOf('name'), itemOf('address', { quality: 'known-wrong' })],
        request: directive,
      },
      gateway,
    )
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
    expect(answer.answerBy).toBeUndefined()
  })

  test('X7: immigration control is no ground for police data, whoever asks', async () => {
    for (const requester of ['FR-SPOC', 'GB-POL']) {
      const { told, full, left, match } = await play(
        {
          requester,
          request: { purpose: 'immigration' },
        },
        gateway,
      )
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

  // Kills: an alert that counts as the holder's own because its record does not say whose it is (record.ts, `originOf`).
  test('an alert whose state the record does not name is nobody’s: it stays, and no office is asked for consent', async () => {
    const asking = (originator?: string) =>
      play(
        {
          requester: 'FR-SPOC',
          items: [
            itemOf('report', {
              ...{ system: 'SIS', obtainedUnder: 'SIS-36' },
              ...(originator === undefined ? {} : { originator }),
            }),
          ],
          request: directive,
        },
        gateway,
      )
    const unsaid = await asking()
    expect(unsaid.told).toMatchObject({
      ...{ outcome: 'deny', standing: 'final', codes: ['fact-missing'] },
      rules: containing('eu/2023-977/origin', 'de/irg-92/origin'),
    })
    expect(unsaid.answer.todo).toEqual([])
    expect((await asking('DE')).told).toMatchObject({ outcome: 'release' })
    const belgian = await asking('BE')
    expect(belgian.full).toMatchObject({
      outcome: 'deny',
      standing: 'open',
      codes: containing('origin-consent'),
    })
  })
})
