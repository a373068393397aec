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
    for (const { name, decision, decisive, further } of decided) {
      const all = rules(decision.reasons)
      expect([...rules(decisive), ...rules(further)].toSorted(), name).toEqual(all.toSorted())
      expect(decisive.length > 0, name).toBe(all.length > 0)
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
    expect(denied('open', directive, own)).toEqual({ decisive: [own], further: [directive] })
  })

  // Kills: a sort by grade alone that drops what waits for an officer.
  test('what a person must still do is said, where that is what an open refusal waits for', () => {
    const person = reason('human-decision', 'de/own/automation')
    const consent = reason('origin-consent', 'eu/a/origin')
    const kept = reason('sis', 'eu/alerts/use')
    expect(denied('open', consent, kept, person).decisive).toEqual([person, consent, kept])
  })

  test('what is not known decides nothing where nothing can be supplied any more', () => {
    expect(denied('final', unknown, silent, refused)).toEqual({
      decisive: [refused],
      further: [silent, unknown],
    })
    expect(denied('open', unknown, silent, refused)).toEqual({
      decisive: [refused, silent, unknown],
      further: [],
    })
  })

  test('what is not known is all there is where nothing was refused', () => {
    const another = reason('fact-missing', 'de/b/r2')
    expect(denied('final', unknown, another)).toEqual({ decisive: [another], further: [unknown] })
  })

  test('an exception is told though its rule gave way to another of the same code', () => {
    const reasons = [reason('exception', 'eu/a/r1/unless'), reason('exception', 'eu/a/r2/unless')]
    expect(argued({ outcome: 'release', reasons }, 'DE').decisive).toEqual(reasons)
  })
})
