/** Whether a denial is open, and whether the instrument relied on binds both. */

import { describe, expect, test } from 'vitest'
import { type Decision, decide } from '../../functions/decision/decide.ts'
import { decideUnseen } from './before-fetch.ts'
import {
  deny,
  inForceOf,
  is,
  isNot,
  listOf,
  oblige,
  permit,
  quiet,
  quietItem,
  redact,
  type WrittenPolicy,
  type WrittenRule,
} from './write.ts'

const facts = {
  ...quiet,
  'holder.jurisdiction': 'DE',
  'requester.jurisdiction': 'US',
  'requester.cannotHonour': [],
  'release.decision': 'none',
  'discretion.waived': [],
}
const item = {
  id: '1',
  facts: { ...quietItem, 'item.class': 'case', 'item.originConsent': 'own-data' },
}
const own = (...rules: readonly WrittenRule[]): WrittenPolicy => ({
  id: 'de/own',
  kind: 'ground',
  rules,
})
const limit = (...rules: readonly WrittenRule[]): WrittenPolicy => ({
  id: 'eu/a',
  kind: 'limit',
  rules,
})
const always = own(permit('always', true))
const reasons = ({ reasons: all }: Decision) => all.map(({ code, rule }) => `${code} of ${rule}`)
const steps = ({ todo }: Decision) =>
  todo.map(({ alternative, fact, to, by }) => `${alternative}: ${fact} ${to} by ${by}`)

/** Nobody has looked at the risk of torture yet. */
const unlooked = { ...facts, 'risk.torture': null }

describe('a denial', () => {
  const torture = deny('torture', isNot('risk.torture', 'none'))
  const verified = deny('penalty', isNot('assurance.deathPenalty', 'given-and-verified'))

  test('is open while a judgement is missing, and says who may make it', () => {
    const decision = decide(inForceOf([always, limit(torture)]), unlooked, [item])
    expect(decision.standing).toBe('open')
    expect(steps(decision)).toEqual(['1: risk.torture none by holder-officer'])
  })

  test('is final once the risk was found', () => {
    const found = { ...facts, 'risk.torture': 'real' }
    const decision = decide(inForceOf([always, limit(torture)]), found, [item])
    expect(decision).toMatchObject({ standing: 'final', todo: [] })
  })

  test('is open while an assurance is given but not verified', () => {
    const given = { ...facts, 'assurance.deathPenalty': 'given' }
    const decision = decide(inForceOf([always, limit(verified)]), given, [item])
    expect(steps(decision)).toEqual([
      '1: assurance.deathPenalty given-and-verified by holder-ministry',
    ])
  })

  test('names together what is needed together', () => {
    const decision = decide(inForceOf([always, limit(torture, verified)]), unlooked, [item])
    expect(steps(decision)).toEqual([
      '1: risk.torture none by holder-officer',
      '1: assurance.deathPenalty given-and-verified by holder-ministry',
    ])
  })

  test('names alternatives apart', () => {
    const either = own(
      permit('approved', is('approval.minister', 'given')),
      permit('necessary', is('necessity.case', 'necessary')),
    )
    const asked = { ...facts, 'approval.minister': 'not-asked' }
    const decision = decide(inForceOf([either]), asked, [item])
    expect(steps(decision).toSorted()).toEqual([
      '1: necessity.case necessary by holder-officer',
      '2: approval.minister given by holder-ministry',
    ])
    const refused = decide(inForceOf([either]), { ...facts, 'approval.minister': 'refused' }, [
      item,
    ])
    // Past a minister's no nothing leaves by rule alone.
    expect(steps(refused)).toEqual([
      '1: necessity.case necessary by holder-officer',
      '1: release.decision release by holder-officer',
    ])
  })

  // Kills: remedies in the order of their names alone (steps.ts, `askedFirst`).
  test('asks an officer whether death is possible at all before a ministry for an assurance', () => {
    const death = { '!==': [{ var: 'request.offence.deathPenaltyAvailable' }, false] }
    const exception = { when: is('assurance.deathPenalty', 'given-and-verified') }
    const law = inForceOf([always, limit(deny('death', death, { unless: [exception] }))])
    const theft = { ...facts, 'assurance.deathPenalty': 'none' }
    expect(steps(decide(law, theft, [item]))).toEqual([
      '1: request.offence.deathPenaltyAvailable false by holder-officer',
      '2: assurance.deathPenalty given-and-verified by holder-ministry',
    ])
  })

  test('is open though something would still be redacted', () => {
    const pseudonyms = redact('found', is('risk.persecution', 'real'), 'pseudonymise')
    const found = { ...unlooked, 'risk.persecution': 'real' }
    const decision = decide(inForceOf([always, limit(torture, pseudonyms)]), found, [item])
    expect(decision).toMatchObject({ outcome: 'deny', standing: 'open' })
    expect(steps(decision)).toEqual([
      '1: release.decision release by holder-officer',
      '1: risk.torture none by holder-officer',
    ])
  })

  test('is open where only an exception to the permit is still unanswered', () => {
    const unless = [{ when: is('risk.torture', 'real') }]
    const decision = decide(inForceOf([own(permit('a', true, { unless }))]), unlooked, [item])
    expect(decision.standing).toBe('open')
    expect(steps(decision)).toContain('1: risk.torture none by holder-officer')
  })

  test('is final where the originator refused, in whatever order the policies stand', () => {
    const consent = deny('origin', isNot('item.originConsent', 'given'))
    const foreign = {
      id: '1',
      facts: { ...quietItem, 'item.class': 'case', 'item.originConsent': 'refused' },
    }
    const decision = decide(inForceOf([always, limit(consent)]), facts, [foreign])
    expect(decision).toMatchObject({ standing: 'final', todo: [] })
    expect(reasons(decision)).toEqual(['deny-origin of eu/a/origin'])
  })

  test('is not open because an item that was answered could be answered otherwise', () => {
    const asksConsent = deny('origin', isNot('item.originConsent', 'given'))
    const health = { and: [is('item.originConsent', 'given'), is('item.class', 'health')] }
    const now = inForceOf([always, limit(asksConsent, deny('health', health))])
    const asked = { ...quietItem, 'item.class': 'health', 'item.originConsent': 'not-asked' }
    const refused = { ...quietItem, 'item.class': 'case', 'item.originConsent': 'refused' }
    const items = [asked, refused].map((known, i) => ({ id: `${i}`, facts: known }))
    expect(decide(now, facts, items)).toMatchObject({ standing: 'final', todo: [] })
  })

  test('is open while the holder has not said whether it waives a discretionary refusal', () => {
    const may = deny('may', true, { nature: 'discretionary' })
    const unsaid = { ...facts, 'discretion.waived': undefined }
    const decision = decide(inForceOf([always, limit(may)]), unsaid, [item])
    expect(steps(decision)).toEqual(['1: discretion.waived eu/a/may by holder-officer'])
  })

  // Kills: a waiver that nobody gave counted as one that was refused (fact-types.ts, `discretion.waived`).
  test('is open while nobody has waived a discretionary refusal: the holder still may', () => {
    const may = deny('may', true, { nature: 'discretionary' })
    const decision = decide(inForceOf([always, limit(may)]), facts, [item])
    expect(decision.standing).toBe('open')
    expect(steps(decision)).toEqual(['1: discretion.waived eu/a/may by holder-officer'])
    const must = deny('must', true)
    expect(decide(inForceOf([always, limit(must)]), facts, [item]).standing).toBe('final')
  })

  // Kills: one waiver that takes the place of another (steps.ts, `changes`).
  test('names two waivers that are needed together as one decision of the holder', () => {
    const may = ['one', 'two'].map((id) => deny(id, true, { nature: 'discretionary' }))
    const unsaid = { ...facts, 'discretion.waived': undefined }
    const decision = decide(inForceOf([always, limit(...may)]), unsaid, [item])
    expect(steps(decision)).toEqual(['1: discretion.waived eu/a/one,eu/a/two by holder-officer'])
  })

  // Kills: only what stood against the request at first is lifted (remedies.ts, `goOn`).
  test('names what becomes needful once something else is attested', () => {
    const derogation = permit('derogation', is('transfer.derogation', 'individual-case'))
    const weighed = {
      and: [is('transfer.derogation', 'individual-case'), isNot('transfer.rightsOverride', 'no')],
    }
    const asked = {
      ...facts,
      'transfer.derogation': 'none',
      'transfer.rightsOverride': 'not-weighed',
    }
    const decision = decide(inForceOf([own(derogation), limit(deny('weighed', weighed))]), asked, [
      item,
    ])
    expect(steps(decision)).toEqual([
      '1: transfer.derogation individual-case by holder-officer',
      '1: transfer.rightsOverride no by holder-officer',
    ])
  })

  // Kills: a permit that reads the record held to before it is seen (obstacles.ts, `speaking`).
  test('is open before the fetch where an approval would have the record looked at', () => {
    const both = { and: [is('approval.minister', 'given'), is('item.class', 'health')] }
    const asked = { ...facts, 'approval.minister': 'not-asked' }
    const refusal = decideUnseen(inForceOf([own(permit('approved', both))]), asked)
    expect(refusal?.standing).toBe('open')
    expect(refusal && steps(refusal)).toEqual(['1: approval.minister given by holder-ministry'])
  })

  // Kills: an exception that stays though its duty cannot be kept (obstacles.ts, `releasing`).
  test('is open where an exception whose duty cannot be kept may give way to another', () => {
    const unless = [
      { when: is('request.offence.isOffenceForHolder', true), obligations: [{ code: 'O-DP' }] },
      { when: is('approval.minister', 'given') },
    ]
    const asked = {
      ...facts,
      'requester.cannotHonour': ['O-DP'],
      'approval.minister': 'not-asked',
    }
    const now = inForceOf([always, limit(deny('health', true, { unless }))])
    expect(steps(decide(now, asked, [item]))).toEqual([
      '1: request.offence.isOffenceForHolder false by holder-officer',
      '1: approval.minister given by holder-ministry',
    ])
  })

  // Kills: every number that would do offered (lifting.ts, `isNeedless`).
  test('names the least number that would do', () => {
    const months = 'request.offence.maxCustodyMonthsHolder'
    const grave = own(permit('grave', { '>=': [{ var: months }, 12] }))
    const minor = limit(deny('minor', { '<=': [{ var: months }, 36] }))
    expect(steps(decide(inForceOf([grave]), facts, [item]))).toEqual([
      `1: ${months} 12 by holder-officer`,
    ])
    expect(steps(decide(inForceOf([grave, minor]), facts, [item]))).toEqual([
      `1: ${months} 37 by holder-officer`,
    ])
  })

  test('is to be remedied by the day on which the law wants an answer', () => {
    const answer = oblige('answer', true, [{ code: 'O-ANSWER', within: 'P3D' }])
    const now = inForceOf([always, limit(torture, answer)])
    const decision = decide(now, unlooked, [item], '2026-11-24T10:00:00Z')
    expect(Date.parse(decision.answerBy ?? '')).toBe(Date.parse('2026-11-27T10:00:00Z'))
    expect(decision.todo[0]?.due).toBe(decision.answerBy)
  })
})

describe('an instrument', () => {
  const parties = listOf('parties', ['DE', 'US'], { instrument: 'treaty-a' })
  const now = inForceOf([own(permit('treaty', is('instrument.inForce', 'treaty-a')))], [parties])
  const relying = (instrument: unknown, requester = 'US') =>
    decide(
      now,
      { ...facts, 'request.instrument': instrument, 'requester.jurisdiction': requester },
      [item],
    )

  test('that binds both grounds a release', () => {
    expect(relying('treaty-a').outcome).toBe('release')
  })

  test('that does not bind both grounds nothing, and the requester is told so', () => {
    for (const decision of [relying('treaty-a', 'JP'), relying('no-such-treaty')])
      expect(reasons(decision)).toEqual([
        'no-basis of de/own/otherwise',
        'instrument-not-in-force of comity/instrument-not-in-force',
      ])
  })

  // Kills: the same sentence for a treaty that waits for its ratifications.
  test('that binds nobody yet grounds nothing, and the requester is told why', () => {
    const waiting = listOf('waiting', [], {
      instrument: 'treaty-b',
      notYet: 'It waits for five ratifications.',
    })
    const told = ({ reasons: all }: Decision) => all.at(-1)?.says
    const today = inForceOf([own(permit('never', false))], [parties, waiting])
    const ask = (instrument: string) =>
      decide(today, { ...facts, 'request.instrument': instrument }, [item])
    expect(told(ask('treaty-b'))).toBe(
      'The instrument relied on does not bind both on that day. It waits for five ratifications.',
    )
    expect(told(ask('no-such-treaty'))).toBe(
      'The instrument relied on does not bind both on that day.',
    )
  })

  test('that nobody named is not said to be out of force', () => {
    expect(reasons(relying('none'))).toEqual(['no-basis of de/own/otherwise'])
    expect(relying(undefined).missing).toEqual(['instrument.inForce'])
  })

  test('of no name is unknown, and not none', () => {
    const without = inForceOf([own(permit('none', is('instrument.inForce', 'none')))], [parties])
    for (const odd of [
      { 'request.instrument': '' },
      { 'request.instrument': 'treaty-a', 'requester.jurisdiction': '' },
    ])
      expect(decide(without, { ...facts, ...odd }, [item]).missing).toEqual(['instrument.inForce'])
  })

  test('is derived and never believed', () => {
    const stated = { ...facts, 'request.instrument': 'none', 'instrument.inForce': 'treaty-a' }
    expect(decide(now, stated, [item]).outcome).toBe('deny')
  })
})
