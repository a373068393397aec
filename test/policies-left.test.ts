/**
 * What files say is left to an officer is not merely said. What leaves by rule alone nobody looks at, so that its holder
 * must be able to hold it back; and what mutual assistance asks for waits for whoever approves it.
 */

import { describe, expect, test } from 'vitest'
import { decide } from '../functions/decision/decide.ts'
import type { Policy } from '../functions/policy/book.ts'
import { benignOfMember } from './answer/people.ts'
import { lawOn } from './decision/law.ts'

const day = '2026-11-28'
const now = lawOn(day)
const holders = now.lists['led-states'] ?? []

/** What is known of an ordinary request between two states of the directive, and of an ordinary item. */
const facts = {
  ...{ asOf: day, 'request.unasked': false, 'request.manyPersons': false },
  ...{ 'requester.cannotHonour': [], 'request.instrument': 'none', 'request.urgency': 'none' },
  ...{ 'request.redescribed': false, 'request.notice': 'none', 'request.restsOn': [] },
  ...{ 'request.offence.maxCustodyMonthsRequester': 60, 'transfer.caseCheck': 'clean' },
  ...{ 'threat.publicSecurity': 'none', 'threat.life': 'none', 'use.compatible': 'yes' },
  ...{ 'necessity.strictClasses': [], 'necessity.victimIdentity': true },
  ...{ 'assurance.deathPenalty': 'none', 'assurance.reciprocity': 'given' },
  ...{
    'assurance.specialty': 'given',
    'consent.person': 'not-asked',
    'match.confirmation': 'none',
  },
  ...{ 'approval.minister': 'not-asked', 'approval.court': 'not-asked', 'discretion.waived': [] },
  ...{ 'transfer.assessment': 'none', 'transfer.derogation': 'none' },
  ...{ 'transfer.rightsOverride': 'not-weighed', 'risk.mitigation': 'not-determined' },
  ...{ 'arrangement.unlisted': 'not-asked', 'release.decision': 'none', ...benignOfMember },
}
const item = {
  ...{ 'item.class': 'identification', 'item.role': 'suspect', 'item.minor': false },
  ...{ 'item.ageAtEvent': 35, 'item.origin': 'holder', 'item.originConsent': 'own-data' },
  ...{ 'item.system': 'national', 'item.obtainedUnder': 'none', 'item.quality': 'verified' },
  ...{ 'item.status': 'active', 'item.youthRecord': 'none', 'item.yearsSinceEvent': 1 },
  ...{ 'item.yearsSinceValidation': 1, 'item.indicatesOffence': 'yes' },
  ...{ 'item.redescribed': false, 'item.foundAgainst': false },
}

type Changes = Readonly<Record<string, unknown>>
function answer(holder: string, request: Changes, ofItem: Changes = {}) {
  const requester = holder === 'FR' ? 'ES' : 'FR'
  const parties = { 'holder.jurisdiction': holder, 'requester.jurisdiction': requester }
  const of = { 'requester.authorityType': 'spoc', 'request.channel': 'siena', ...request }
  return decide(
    now,
    { ...facts, 'request.purpose': 'investigation', ...parties, ...of } as never,
    [{ id: '1', facts: { ...item, ...ofItem } as never }],
    `${day}T12:00:00Z`,
  )
}

/** The holders whose law lets something of an ordinary request go by rule alone. */
const byRule = holders.filter((each) => answer(each, {}).outcome === 'release')

describe('What leaves by rule alone', () => {
  test('leaves most states of the directive so, or these tests look at nothing', () => {
    expect(byRule.length).toBeGreaterThan(25)
  })

  // Kills: a retention that lets go what a holder blocked for want of somebody's leave (eu/led-data).
  test.each(byRule)('of %s stays where its holder blocked it, or a court refused', (holder) => {
    for (const status of ['blocked', 'under-review'])
      expect(answer(holder, {}, { 'item.status': status })).toMatchObject({
        outcome: 'deny',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'retention' })]),
      })
    expect(answer(holder, { 'approval.court': 'refused' })).toMatchObject({
      outcome: 'deny',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'approval-missing' })]),
    })
  })

  // Kills: a state's own law that repeats the directive's refusal and reaches further, of which only the first is here
  // (IRG § 92b(1) no. 1, SIEA art. 8(1)(k)).
  test.each(['DE', 'CH'])('of %s stays for a trial, too, where a court refused', (holder) => {
    const trial = { 'request.purpose': 'prosecution' }
    expect(answer(holder, trial).outcome).toBe('release')
    expect(answer(holder, { ...trial, 'approval.court': 'refused' })).toMatchObject({
      ...{ outcome: 'deny', standing: 'final' },
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'approval-missing' })]),
    })
  })

  // Kills: the same of what may be exchanged at all (PolG art. 35k(1)(f), IRG § 92b(1) no. 4, SIEA art. 8(1)(f)).
  test.each(['DE', 'CH', 'LI'])('of %s is no data on health for a trial', (holder) => {
    const needed = { 'request.purpose': 'prosecution', 'necessity.strictClasses': ['health'] }
    expect(answer(holder, needed, { 'item.class': 'health' })).toMatchObject({
      ...{ outcome: 'deny', standing: 'final' },
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'special-category' })]),
    })
  })

  // Kills: a state whose own ground forgets what the directive says of others' data (art. 6(1)(h)) where that ends.
  test.each(byRule)('of %s is nothing of another state that was not asked', (holder) => {
    const others = { 'item.origin': 'BE', 'item.originConsent': 'not-asked' }
    for (const purpose of [
      'investigation',
      'prosecution',
      'execution-of-penalty',
      'public-security-threat',
      'identification',
      'missing-person',
    ])
      expect(answer(holder, { 'request.purpose': purpose }, others).outcome, purpose).toBe('deny')
  })

  test('is never of a holder outside the directive, where a file says that a person decides on all', () => {
    const outside = now.policies.filter(
      ({ byRule, file }) => file.automation !== undefined && byRule.length > 0,
    )
    const held = (policy: Policy) => policy.id.split('/')[0]?.toUpperCase() ?? ''
    const strangers = outside.map(held).filter((each) => each !== 'EU' && !holders.includes(each))
    expect(strangers).toEqual([])
  })
})

// Kills: a state whose courts and prosecutors are answered by rule, though its file leaves to whoever approves what no
// fact tells of mutual assistance.
describe('What mutual assistance asks for', () => {
  test.each(holders)('of %s waits for whoever approves it', (holder) => {
    for (const kind of ['court', 'prosecutor', 'central-authority'])
      for (const channel of ['bilateral', 'mla-central']) {
        const { outcome, reasons } = answer(holder, {
          ...{ 'requester.authorityType': kind, 'request.channel': channel },
        })
        const codes = reasons.map(({ code }) => code)
        expect(outcome, `${kind} by ${channel}`).toBe('deny')
        // Two grounds permit nothing else, rather than deny until then; of one state nothing is here.
        const why = { CZ: 'competence', DE: 'competence', HR: 'no-policy' }[holder]
        expect(codes, `${kind} by ${channel}`).toContain(why ?? 'approval-missing')
      }
  })
})
