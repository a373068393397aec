/** From a policy file to rules that can be asked. */

import type { CompiledRule, Policy, Version } from './book.ts'
import type { Condition } from './logic.ts'
import type { Logic, PolicyFile } from './policy.ts'
import { claimsThatBind, vocabulary } from './vocabulary.ts'

/** Takes what is wrong with a file: where, and in words. */
export type Note = (place: string, code: string, message: string) => void

/** Makes a policy ready to be asked. `ask` makes a condition at a place ready; `fault` hears what is wrong. */
export function compile(
  version: Version & { readonly folder: string; readonly file: PolicyFile },
  ask: (logic: Logic, place: string) => Condition,
  fault: Note,
): Policy {
  const { file } = version
  const applies = ask(file.applies.when, '/applies/when')
  noClaims(applies, '/applies/when', 'what a policy applies to', fault)
  if (applies.readsRecord)
    fault('/applies/when', 'record', 'what a policy applies to may not depend on the record')
  const ids = new Set<string>()
  const rules = file.rules.map((rule, i): CompiledRule => {
    const place = `/rules/${i}`
    if (ids.has(rule.id)) fault(`${place}/id`, 'id', `the id \`${rule.id}\` stands twice`)
    ids.add(rule.id)
    const when = ask(rule.when, `${place}/when`)
    if (rule.then.effect === 'permit') noClaims(when, `${place}/when`, 'a permit', fault)
    else if (rule.relies === undefined) noClaims(when, `${place}/when`, 'this rule', fault)
    const unless = (rule.unless ?? []).map((exception, j) => {
      const at = `${place}/unless/${j}/when`
      const excepted = ask(exception.when, at)
      noClaims(excepted, at, 'an exception', fault)
      return { exception, when: excepted }
    })
    if (
      rule.then.effect === 'redact' &&
      (rule.then.keepLast !== undefined) !== (rule.then.treatment === 'mask')
    )
      fault(`${place}/then`, 'shape', '`keepLast` goes with the treatment `mask`')
    const refuses = rule.then.effect === 'deny' || rule.then.effect === 'redact'
    const waivable = refuses && rule.nature === 'discretionary'
    const asked = { when, unless, waivable }
    return { id: `${version.id}/${rule.id}`, rule, ...asked, ...readIn(asked) }
  })
  const byRule = (file.automation?.byRule ?? []).map((each, i) => {
    const place = `/automation/byRule/${i}/when`
    const when = ask(each.when, place)
    noClaims(when, place, 'what leaves by rule alone', fault)
    return when
  })
  const read = readBy({ applies, byRule, rules })
  return { ...version, applies, rules, byRule, ...read, transposes: transposesOf(file) }
}

/** What the conditions of a rule read. */
export function readIn({
  when,
  unless,
  waivable,
}: Pick<CompiledRule, 'when' | 'unless' | 'waivable'>) {
  const conditions = [when, ...unless.map((each) => each.when)]
  const read = conditions.flatMap(({ reads }) => reads)
  return {
    reads: [...new Set([...read, ...(waivable ? ['discretion.waived'] : [])])],
    readsRecord: conditions.some(({ readsRecord }) => readsRecord),
    readsItem: conditions.some(({ readsItem }) => readsItem),
  }
}

/**
 * The claims that a policy reads, `instrument.inForce` being made of the claim beside it; and whether it
 * reads what the arrangements cover, since claims may count in that.
 */
export function readBy({ applies, byRule, rules }: Pick<Policy, 'applies' | 'byRule' | 'rules'>) {
  const reads = new Set([applies, ...byRule, ...rules].flatMap((each) => each.reads))
  if (reads.has('instrument.inForce')) reads.add('request.instrument')
  return {
    claims: claimsThatBind.filter((claim) => reads.has(claim)),
    readsArrangements: reads.has('arrangement.covers') || reads.has('arrangement.safeguards'),
  }
}

const transposesOf = (file: PolicyFile): Policy['transposes'] =>
  new Map(
    Object.entries(file.transposes ?? {}).flatMap(([policy, articles]) =>
      Object.entries(articles).map(([rule, cites]) => [`${policy}/${rule}`, cites]),
    ),
  )

/** A claim switches no law off: the purpose alone may be read, since use limitation answers it. */
function noClaims(asked: Condition, place: string, who: string, fault: Note): void {
  for (const fact of asked.facts)
    if (vocabulary[fact]?.source === 'claim' && fact !== 'request.purpose')
      fault(place, 'claim', `${who} may not read \`${fact}\`, which the requester merely says`)
}
