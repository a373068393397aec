/** What leaves by rule alone, and what waits for a person. */

import { describe, expect, test } from 'vitest'
import {
  beforeFetch,
  type Decision,
  decide,
  decideAndTell,
} from '../../functions/decision/decide.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { answersAsked } from '../../functions/policy/vouching.ts'
import {
  explain,
  explainedJson,
  explainedLines,
} from '../../functions/workbench/commands/explain.ts'
import {
  day,
  deny,
  fileOf,
  inForceOf,
  is,
  isNot,
  type Json,
  permit,
  quiet,
  quietItem,
  sealed,
  type WrittenPolicy,
} from './write.ts'

const facts = {
  ...quiet,
  'holder.jurisdiction': 'DE',
  'requester.jurisdiction': 'US',
  'requester.cannotHonour': [],
  'request.purpose': 'investigation',
  'request.redescribed': false,
  'request.restsOn': [],
  'release.decision': 'none',
}
const adult = { ...quietItem, 'item.class': 'case', 'item.minor': false }
const item = (over: object = {}, id = '1') => ({ id, facts: { ...adult, ...over } })
const ground = (
  automation: readonly Json[] | 'unsaid',
  over: Partial<WrittenPolicy> = {},
): WrittenPolicy => ({
  ...{ id: 'de/own', kind: 'ground', rules: [permit('a', true)], automation },
  ...over,
})
const grown = { '!': [{ var: 'item.minor' }] }
const cases = is('item.class', 'case')

const reasons = (decision: Decision | undefined) =>
  decision?.reasons.map(({ code, rule }) => `${code} of ${rule}`)
const ask = (policies: readonly WrittenPolicy[], over: object = {}, of = [item()]) =>
  decide(inForceOf(policies), { ...facts, ...over }, of)

describe('an item leaves by rule alone', () => {
  test('where an alternative of the ground holds for it, and waits where none does', () => {
    expect(ask([ground([cases])]).outcome).toBe('release')
    const mixed = ask([ground([grown])], {}, [item(), item({ 'item.minor': true }, '2')])
    expect(mixed.items.map(({ treatment }) => treatment.kind)).toEqual(['release', 'withhold'])
    expect(reasons(mixed)).toContain('human-decision of de/own/automation')
  })

  // Kills: one ground that lets go for another (`reserved`).
  test('only where every ground lets it go', () => {
    const law = ground([], { id: 'eu/b' })
    expect(reasons(ask([ground([true]), law]))).toEqual(['human-decision of eu/b/automation'])
  })

  // Kills: an alternative that cannot be answered taken for one that holds.
  test('not where it is not known whether it may, and the fact is named', () => {
    const decision = ask([ground([grown])], {}, [item({ 'item.minor': null })])
    expect(reasons(decision)).toEqual(['human-decision of de/own/automation'])
    expect(decision.missing).toEqual(['item.minor'])
  })

  test('never by a ground of before that does not say', () => {
    const decision = ask([ground('unsaid')])
    expect(reasons(decision)).toEqual(['human-decision of comity/human-decision'])
    expect(decision).toMatchObject({ outcome: 'deny', standing: 'open' })
    expect(decision.todo).toMatchObject([{ fact: 'release.decision', to: 'release' }])
  })
})

describe('an officer', () => {
  test('lets go what the grounds reserve, and nothing that a rule refuses', () => {
    const decided = { 'release.decision': 'release' }
    expect(ask([ground([])], decided).outcome).toBe('release')
    const never: WrittenPolicy = { id: 'eu/a', kind: 'limit', rules: [deny('never', cases)] }
    expect(reasons(ask([ground([]), never], decided))).toEqual(['deny-never of eu/a/never'])
  })

  // Kills: a refusal that a rule overrides; a decision that is not known taken for none (`reserved`).
  test('keeps back what a rule would let go, and so does a decision that nobody knows', () => {
    expect(ask([ground([true])], { 'release.decision': 'refuse' })).toMatchObject({
      outcome: 'deny',
      standing: 'final',
    })
    const unknown = ask([ground([true])], { 'release.decision': null })
    expect(unknown).toMatchObject({ outcome: 'deny', missing: ['release.decision'] })
  })

  // Kills: a person who was refused and is described otherwise (`reserved`).
  test('decides on whoever was refused before, or found at risk, by another name', () => {
    for (const [asked, found] of [
      [{ 'request.redescribed': true }, {}],
      [{}, { 'item.redescribed': true }],
      [{}, { 'item.foundAgainst': true }],
    ]) {
      expect(reasons(ask([ground([true])], asked, [item(found)]))).toEqual([
        'human-decision of comity/human-decision',
      ])
    }
    const decided = { 'request.redescribed': true, 'release.decision': 'release' }
    expect(ask([ground([true])], decided).outcome).toBe('release')
  })
})

/** What an office may answer, so that its answer is no. */
const noes: readonly (readonly [string, string])[] = [
  ['use.compatible', 'no'],
  ['approval.court', 'refused'],
  ['approval.minister', 'refused'],
  ['assurance.specialty', 'refused'],
  ['consent.person', 'refused'],
  ['arrangement.unlisted', 'refused'],
  ['match.confirmation', 'refuted'],
  ['transfer.assessment', 'safeguards-lacking'],
  ['transfer.caseCheck', 'concerns'],
  ['transfer.rightsOverride', 'yes'],
  ['necessity.case', 'not-necessary'],
  ['risk.torture', 'substantial'],
  ['risk.torture', 'real'],
  ['risk.persecution', 'real'],
  ['risk.unfairTrial', 'real'],
  ['risk.mitigation', 'impossible'],
  ['item.originConsent', 'refused'],
  ['item.indicatesOffence', 'no'],
]
/** A law that lets everything leave by rule, and reads no answer of anybody. */
const deaf = [ground([true])]
const withAnswer = (name: string, value: string | null, over: object = {}) => {
  const own = { [name]: value }
  return name.startsWith('item.') ? ask(deaf, over, [item(own)]) : ask(deaf, { ...own, ...over })
}

describe('while an office’s answer is no, though no rule reads it', () => {
  // Kills: an answer left out of what is heard; one of its values (`answersNo`, vouching.ts).
  test.each(noes)(
    '%s %s: nothing leaves by rule alone, and an officer may let it go',
    (name, no) => {
      const kept = withAnswer(name, no)
      expect(reasons(kept)).toEqual(['answered-no of comity/answered-no'])
      expect(kept).toMatchObject({ outcome: 'deny', standing: 'open', missing: [] })
      expect(kept.todo).toMatchObject([{ fact: 'release.decision', to: 'release' }])
      expect(withAnswer(name, no, { 'release.decision': 'release' }).outcome).toBe('release')
    },
  )

  // Kills: an answer that is not known taken for silence.
  test.each([...new Set(noes.map(([name]) => name))])(
    '%s in dispute: nothing leaves by rule alone, and the fact is named',
    (name) => {
      const kept = withAnswer(name, null)
      expect(reasons(kept)).toEqual(['answered-no of comity/answered-no'])
      expect(kept.missing).toEqual([name])
    },
  )

  // Kills: silence, or a yes, taken for a no; what describes an offence taken for an answer.
  test('silence, a yes and what rules weigh keep nothing back', () => {
    expect(ask(deaf).outcome).toBe('release')
    for (const over of [
      { 'approval.court': 'given' },
      { 'match.confirmation': 'confirmed' },
      { 'request.offence.isOffenceForHolder': false },
      { 'necessity.victimIdentity': false },
    ])
      expect(ask(deaf, over).outcome).toBe('release')
  })

  // Kills: a purpose that presupposes no offence asked for one, and the other way round.
  test('no indication of an offence counts where the purpose presupposes one', () => {
    const none = (purpose: string) =>
      withAnswer('item.indicatesOffence', 'no', { 'request.purpose': purpose }).outcome
    for (const purpose of ['prevention', 'investigation', 'execution-of-penalty', 'intelligence'])
      expect(none(purpose)).toBe('deny')
    for (const purpose of ['missing-person', 'identification', 'public-security-threat'])
      expect(none(purpose)).toBe('release')
  })

  // Kills: a no that is told (`blockersByNo`), or that shows before anybody looked (`item.unseen`).
  test('the requester is told what no hit is told, and the officer why', () => {
    const now = inForceOf(deaf)
    const refused = { ...facts, 'approval.court': 'refused' }
    const before = beforeFetch(now, refused, ['case'])
    expect(before.refusal).toBeUndefined()
    const answer = (items: readonly ReturnType<typeof item>[]) =>
      decideAndTell(now, refused, items, undefined, before)
    const hit = answer([item()])
    expect(hit.told).toEqual(answer([]).told)
    expect(reasons(hit.told)).toEqual(['nothing-transmissible of comity/nothing-transmissible'])
    expect(hit.decision.standing).toBe('open')
  })

  // An entry of version 5 lacks a fact that is newer, so that a replay would hear it as one in dispute.
  test('the facts heard are those of entries of version 5: another needs another version', () => {
    expect([...answersAsked].sort()).toEqual([...new Set(noes.map(([name]) => name))].sort())
  })

  test('it is not heard in a decision of before, nor in a dry run, which would tell of it', () => {
    const deafItem = { ...item(), unheard: true as const }
    expect(ask(deaf, { 'approval.court': 'refused' }, [deafItem]).outcome).toBe('release')
  })

  // Kills: a reason added to a refusal of the law's own (`joined`, combine.ts).
  test('the law’s own no stands alone', () => {
    const law: WrittenPolicy = {
      ...{ id: 'eu/a', kind: 'limit' },
      rules: [deny('court', is('approval.court', 'refused'))],
    }
    const kept = ask([...deaf, law], { 'approval.court': 'refused' })
    expect(reasons(kept)).toEqual(['deny-court of eu/a/court'])
    expect(kept.standing).toBe('final')
  })
})

describe('the requester', () => {
  const told = (
    policies: readonly WrittenPolicy[],
    ...items: readonly ReturnType<typeof item>[]
  ) => {
    const now = inForceOf(policies)
    const before = beforeFetch(now, facts, ['case'])
    return {
      before,
      told: before.refusal ?? decideAndTell(now, facts, items, undefined, before).told,
    }
  }

  // Kills: a person whom the question alone requires, asked for only at a hit (`isCertain`).
  test('is told that a person decides where purpose, parties and class alone require it', () => {
    for (const automation of [
      [],
      [is('request.purpose', 'prevention')],
      [is('item.class', 'object')],
    ]) {
      const answer = told([ground(automation)], item()).told
      expect(reasons(answer)).toEqual(['human-decision of de/own/automation'])
      expect(answer.standing).toBe('open')
    }
  })

  // Kills: what the record alone requires told (`isCertain`).
  test('is told no more than at no hit where only the record requires one', () => {
    const policies = [ground([grown])]
    const minor = told(policies, item({ 'item.minor': true }))
    expect(minor.before.refusal).toBeUndefined()
    expect(JSON.stringify(minor.told)).toBe(JSON.stringify(told(policies).told))
  })
})

describe('what the requester states', () => {
  const own = (when: Json) => ground([true], { rules: [permit('a', when)] })
  const stated = ({ obligations }: Decision) =>
    obligations.filter(({ code }) => code === 'O-STATED').map(({ value }) => value)

  // Kills: a claim that counted and is no duty (`stated`).
  test('leaves as a duty with its value where a policy reads it, or an attestation was chosen by it', () => {
    expect(stated(ask([own(is('request.purpose', 'investigation'))]))).toEqual([
      'request.purpose = investigation',
    ])
    expect(stated(ask([own(true)]))).toEqual([])
    const chosen = { 'request.restsOn': ['request.caseReference'], 'request.caseReference': 'K-1' }
    expect(stated(ask([own(true)], chosen))).toEqual(['request.caseReference = K-1'])
    const none = { 'request.instrument': 'none' }
    const either = { or: [true, isNot('instrument.inForce', 'none')] }
    expect(stated(ask([own(either)], none))).toEqual([])
  })

  test('keeps everything back where the requester cannot be held to it', () => {
    const cannot = { 'requester.cannotHonour': ['O-STATED'] }
    expect(reasons(ask([own(is('request.purpose', 'investigation'))], cannot))).toEqual([
      'condition-unaccepted of comity/condition-unaccepted',
    ])
  })
})

describe('an explanation', () => {
  const { book } = readBook([fileOf(ground([grown]))], () => sealed)
  const items = [
    { id: 'old', class: 'case', minor: false, originConsent: 'own-data' },
    { id: 'young', class: 'case', minor: true, originConsent: 'own-data' },
  ]
  const explained = (decision: string) =>
    explain({ facts: { ...facts, 'release.decision': decision }, items }, book, day, sealed)

  // Kills: a tree without what leaves by rule alone (explain.ts, `whoDecides`).
  test('says of each item whether a rule lets it go or it waits for an officer', () => {
    const lines = explainedLines(explained('none'))
    expect(lines).toContain('Decided by rule alone.')
    const text = lines.join('\n')
    expect(text).toMatch(/held\s+by rule alone: The law says so\. \(item old\)/)
    expect(text).toMatch(/failed\s+by rule alone: The law says so\. \(item young\)/)
    expect(text).toMatch(/waits\s+an officer decides: The law says so\. \(item young\)/)
  })

  test('says whether an officer decided', () => {
    expect(explainedJson(explained('none'))).toMatchObject({ decidedBy: 'rule', outcome: 'redact' })
    const released = explained('release')
    expect(explainedJson(released)).toMatchObject({ decidedBy: 'officer', outcome: 'release' })
    expect(explainedLines(released).join('\n')).not.toContain('waits')
  })
})
