/** The order in which reasons are shown, and what is left for whoever asks for more. */

import { describe, expect, test } from 'vitest'
import { argued } from '../../functions/decision/argument.ts'
import { decideCase, inputOf } from '../../functions/workbench/law/cases.ts'
import { law, lawOn, testFiles } from './law.ts'

const scenarios = testFiles.filter(({ path }) => path.startsWith('scenarios/'))

/** Each scenario, decided, and argued for its holder. */
const decided = scenarios.flatMap(({ read }) => {
  const file = read()
  return file.cases.map((each) => {
    const input = inputOf(file, each)
    const decision = decideCase(lawOn(input.asOf), input)
    const holder = String(input.facts['holder.jurisdiction'])
    return { name: each.name, holder, decision, ...argued(decision, holder) }
  })
})
/** The codes by which shipped law permits, and by nothing else. */
const codesOf = (isPermit: boolean) =>
  law.book.policies.flatMap(({ rules: all }) =>
    all.flatMap(({ rule: { then } }) =>
      then.effect !== 'oblige' && (then.effect === 'permit') === isPermit ? [then.code] : [],
    ),
  )
const refusals = new Set(codesOf(false))
const permits = new Set(codesOf(true).filter((code) => !refusals.has(code)))

const rules = (reasons: readonly { readonly rule: string }[]) => reasons.map(({ rule }) => rule)
describe('The reasons of a decision', () => {
  // Kills: a reason that is lost on the way, or told twice; the decision itself put in another order.
  test('are all told, each once, and something decides', () => {
    expect(decided.length).toBeGreaterThan(400)
    for (const { name, decision, decisive, toCheck, further } of decided) {
      const all = rules(decision.reasons)
      const told = [...rules(decisive), ...rules(toCheck), ...rules(further)]
      expect(told.toSorted(), name).toEqual(all.toSorted())
      expect(decisive.length + toCheck.length > 0, name).toBe(all.length > 0)
    }
  })

  // Kills: a letter that says *torture* where nobody looked; an officer's word, still to come, told as a refusal.
  test('are what somebody found: what nobody found is to be checked, and so is what is not decided yet', () => {
    const isFound = ({ code }: (typeof decided)[number]['decisive'][number]) =>
      code !== 'fact-missing'
    expect(decided.some(({ toCheck }) => toCheck.length > 0)).toBe(true)
    for (const { name, decision, decisive, toCheck, further } of decided) {
      expect([...decisive, ...further].every(isFound), name).toBe(true)
      if (decision.standing === 'open')
        expect(
          decisive.some(({ code }) => code === 'human-decision'),
          name,
        ).toBe(false)
      else
        expect(
          toCheck.every((each) => !isFound(each)),
          name,
        ).toBe(true)
    }
  })

  // Kills: one code said twice; a permit of a second ground left out, though each ground must permit.
  test('are no more than needed: a refusal is said once, and every ground that permits is named', () => {
    for (const { name, decision, decisive } of decided) {
      if (decision.outcome === 'deny')
        expect(new Set(decisive.map(({ code }) => code)).size, name).toBe(decisive.length)
      const grounds = (reasons: typeof decisive) =>
        new Set(
          reasons.flatMap(({ code, rule }) =>
            permits.has(code) ? [rule.slice(0, rule.lastIndexOf('/'))] : [],
          ),
        )
      expect(grounds(decisive), name).toEqual(grounds(decision.reasons))
    }
  })
})

describe('Of reasons that were made up', () => {
  const reason = (code: string, rule: string) => ({ code, rule })
  const unknown = reason('fact-missing', 'eu/a/r1')
  const silent = reason('no-transfer-basis', 'eu/a/otherwise')
  const refused = reason('purpose', 'eu/a/purpose')
  const denied = (standing: 'open' | 'final', ...reasons: (typeof unknown)[]) =>
    argued({ outcome: 'deny', standing, reasons }, 'DE')

  test('life and limb come first, by the article of the holder', () => {
    const danger = reason('human-rights', 'de/own/danger')
    const political = reason('political-offence', 'de/own/political')
    const floor = reason('human-rights', 'un/floor/danger')
    const given = denied('final', refused, floor, political, danger)
    expect(given.decisive.slice(0, 2)).toEqual([danger, political])
    expect(given.further).toEqual([floor])
  })

  test('the law of the state is named, and the directive for whoever asks for more', () => {
    const own = reason('seriousness', 'de/own/seriousness')
    const directive = reason('seriousness', 'eu/a/seriousness')
    expect(denied('final', own).further).toEqual([])
    expect(denied('open', directive, own)).toEqual({
      ...{ decisive: [own], toCheck: [], further: [directive] },
    })
  })

  // Kills: a sort by grade alone that drops what waits for an officer.
  test('what a person must still do is to be checked, and no ground, where an open answer waits for it', () => {
    const person = reason('human-decision', 'de/own/automation')
    const consent = reason('origin-consent', 'eu/a/origin')
    const kept = reason('sis', 'eu/alerts/use')
    expect(denied('open', consent, kept, person)).toEqual({
      ...{ decisive: [consent, kept], toCheck: [person], further: [] },
    })
    expect(denied('final', person).decisive).toEqual([person])
  })

  // Kills: what no permit covers yet, told as a ground; what is suspended, told as if somebody could check it.
  test('what is not known is never a ground, and silence only where nothing can be supplied any more', () => {
    expect(denied('final', unknown, silent, refused)).toEqual({
      ...{ decisive: [refused], toCheck: [unknown], further: [silent] },
    })
    expect(denied('open', unknown, silent, refused)).toEqual({
      ...{ decisive: [refused], toCheck: [silent, unknown], further: [] },
    })
    const suspended = reason('policy-suspended', 'comity/policy-suspended')
    expect(denied('open', suspended).decisive).toEqual([suspended])
  })

  test('each thing that nobody found is named', () => {
    const another = reason('fact-missing', 'de/b/r2')
    expect(denied('final', unknown, another)).toEqual({
      ...{ decisive: [], toCheck: [another, unknown], further: [] },
    })
  })

  test('an exception is told though its rule gave way to another of the same code', () => {
    const reasons = [reason('exception', 'eu/a/r1/unless'), reason('exception', 'eu/a/r2/unless')]
    expect(argued({ outcome: 'release', reasons }, 'DE').decisive).toEqual(reasons)
  })
})
