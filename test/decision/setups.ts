/**
 * Generators of whole requests. Refusals are made to fail often and permits to hold often, so that
 * all three outcomes come up.
 */

import fc from 'fast-check'
import type { SourceFile } from '../../functions/policy/book.ts'
import type { InForce } from '../../functions/policy/history.ts'
import {
  allKnown,
  claimed,
  conditionOver,
  factsOver,
  isItem,
  names,
  ofRequest,
  often,
  seldom,
  stated,
  unclaimed,
} from './arbitraries.ts'
import { type Facts, instruments, world, worldLists } from './oracle.ts'
import {
  doing,
  inForceOf,
  type Json,
  listOf,
  quiet,
  quietItem,
  type WrittenDuty,
  type WrittenException,
  type WrittenPolicy,
  type WrittenRule,
} from './write.ts'

export type Item = { readonly id: string; readonly facts: Facts }
export type Setup = {
  readonly policies: readonly WrittenPolicy[]
  readonly facts: Facts
  readonly items: readonly Item[]
}

const duty: fc.Arbitrary<WrittenDuty> = fc.constantFrom<WrittenDuty>(
  { code: 'O-USE' },
  { code: 'O-DP' },
  { code: 'O-LOG' },
  { code: 'O-DEL', within: 'P30D' },
  { code: 'O-DEL', within: 'PT48H' },
  { code: 'O-MARK', value: 'INTERPOL RESTRICTED' },
  { code: 'O-MARK', value: 'INTERPOL CONFIDENTIAL' },
  { code: 'O-NOTIFY-SA', value: 'yearly' },
)
const duties = fc.oneof(
  { arbitrary: fc.constant<readonly WrittenDuty[]>([]), weight: 2 },
  fc.uniqueArray(duty, { maxLength: 2 }),
)
const tell = fc.option(fc.constant({ cites: ['art. 6'] }), { nil: undefined })
const exceptions = (when: fc.Arbitrary<Json>): fc.Arbitrary<readonly WrittenException[]> =>
  fc.array(fc.record({ when, obligations: duties }), { maxLength: 2 })

type Rule = fc.Arbitrary<Omit<WrittenRule, 'id'>>

/** Permits over these facts. */
export const permits = (allowed: readonly string[]): Rule =>
  fc
    .record({
      when: often(allowed),
      unless: fc.oneof({ arbitrary: fc.constant([]), weight: 2 }, exceptions(seldom(allowed))),
      obligations: duties,
    })
    .map(({ obligations, ...rest }) => doing(rest, { effect: 'permit', obligations }))

/** Denials and redactions over these facts, and claims where they rely on an article. */
export const refusals = (allowed: readonly string[], claims: readonly string[] = []): Rule =>
  fc
    .record({
      nature: fc.constantFrom('mandatory', 'discretionary'),
      relying: fc.boolean().chain((relies) =>
        seldom(relies ? [...allowed, ...claims] : allowed).map((when) => ({
          when,
          ...(relies ? { relies: { cites: ['art. 2'] } } : {}),
        })),
      ),
      unless: exceptions(often(allowed)),
      obligations: duties,
      treatment: fc.constantFrom('deny', 'mask 2', 'mask 4', 'generalise', 'pseudonymise'),
      tell,
    })
    .map(({ nature, relying, unless, obligations, treatment, tell: told }) => {
      const [kind = '', keepLast] = treatment.split(' ')
      const effect = kind === 'deny' ? { effect: 'deny' as const } : redaction(kind, keepLast)
      const then = { ...effect, obligations, ...(told === undefined ? {} : { tell: told }) }
      return { nature, ...relying, unless, then }
    })

const redaction = (treatment: string, keepLast: string | undefined) => ({
  effect: 'redact' as const,
  treatment,
  ...(keepLast === undefined ? {} : { keepLast: Number(keepLast) }),
})

const obliging: Rule = fc
  .record({ when: often(unclaimed), obligations: fc.uniqueArray(duty, { minLength: 1 }) })
  .map(({ when, obligations }) => doing({ when }, { effect: 'oblige', obligations }))

/** What leaves by rule alone: everything, nothing, some of it, or it is not said. */
const letting: fc.Arbitrary<readonly Json[] | 'unsaid'> = fc.oneof(
  { arbitrary: fc.constant<readonly Json[]>([true]), weight: 3 },
  { arbitrary: fc.constant<'unsaid'>('unsaid'), weight: 1 },
  { arbitrary: fc.array(often(unclaimed), { maxLength: 2 }), weight: 4 },
)

/** A policy with this id. A ground mostly begins with a permit that nearly always holds. */
export const policyOf = (id: string, kinds: readonly ('ground' | 'limit')[]) =>
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      applies: fc.oneof(
        { arbitrary: fc.constant<Json>(true), weight: 2 },
        conditionOver(ofRequest),
      ),
      first: fc.oneof({ arbitrary: fc.constant<Json>(true), weight: 2 }, often(unclaimed)),
      rest: fc.array(fc.oneof(permits(unclaimed), refusals(unclaimed, claimed), obliging), {
        maxLength: 3,
      }),
      tellsSilence: fc.boolean(),
      automation: letting,
    })
    .map(({ kind, applies, first, rest, tellsSilence, automation }): WrittenPolicy => {
      const opening = doing({ when: first }, { effect: 'permit' })
      const rules = kind === 'ground' ? [...rest, opening] : rest
      const named = rules.map((rule, i) => ({ ...rule, id: `r${i}` }))
      return { id, kind, applies, rules: named, tellsSilence, automation }
    })

const policySet = fc
  .tuple(
    policyOf('de/own', ['ground']),
    fc.option(policyOf('eu/a', ['ground', 'limit'])),
    fc.option(policyOf('de/b', ['ground', 'limit'])),
    fc.option(policyOf('interpol/c', ['limit'])),
  )
  .map((all) => all.filter((each) => each !== null))

/** What the small world says nothing of, so that it stands as nobody's no. */
function beyond(all: Facts): Facts {
  return Object.fromEntries(Object.entries(all).filter(([name]) => world[name] === undefined))
}

const itemNames = stated.filter(isItem)
const requestNames = stated.filter((name) => !isItem(name))
const items = fc
  .array(factsOver(itemNames, 24), { minLength: 1, maxLength: 3 })
  .map((all) =>
    all.map((facts, i): Item => ({ id: String(i + 1), facts: { ...beyond(quietItem), ...facts } })),
  )

/** A whole request: policies, what is known of it, and the items that are asked for. */
export const setups: fc.Arbitrary<Setup> = fc.record({
  policies: policySet,
  facts: factsOver(requestNames, 24).map((facts) => ({ ...beyond(quiet), ...facts })),
  items,
})

/** What somebody may attest. */
export const attestable = names.filter((name) => world[name]?.attestable)
const asked = attestable.filter((name) => world[name]?.type !== 'list')

const openPolicies = fc
  .tuple(
    fc.array(permits([...asked, 'item.class']), { minLength: 1, maxLength: 2 }),
    fc.array(refusals([...asked, 'item.class']), { minLength: 1, maxLength: 3 }),
  )
  .map(([allowing, refusing]): readonly WrittenPolicy[] => [
    { id: 'de/own', kind: 'ground', rules: allowing.map((rule, i) => ({ ...rule, id: `r${i}` })) },
    { id: 'eu/a', kind: 'limit', rules: refusing.map((rule, i) => ({ ...rule, id: `r${i}` })) },
  ])

/** Requests of which much is still to be attested, under law that asks for attestations. */
export const openSetups: fc.Arbitrary<Setup> = fc
  .record({
    policies: openPolicies,
    facts: allKnown(requestNames),
    items,
    open: fc.subarray(attestable),
  })
  .map(({ policies, facts, items: all, open }) => {
    const reopened = Object.fromEntries(open.map((name) => [name, world[name]?.open?.[0]]))
    const ofItem = Object.keys(reopened).filter(isItem)
    return {
      policies,
      facts: {
        ...beyond(quiet),
        ...facts,
        ...reopened,
        'holder.jurisdiction': 'DE',
        'requester.cannotHonour': [],
      },
      items: all.map((item, i) =>
        i > 0 ? item : { ...item, facts: { ...item.facts, ...pick(reopened, ofItem) } },
      ),
    }
  })

const pick = (facts: Facts, some: readonly string[]): Facts =>
  Object.fromEntries(some.map((name) => [name, facts[name]]))

const lists: readonly SourceFile[] = Object.entries(worldLists).map(([id, members]) => {
  const instrument = Object.keys(instruments).find((each) => instruments[each] === id)
  return listOf(id, members, instrument === undefined ? {} : { instrument })
})

const read = new WeakMap<readonly WrittenPolicy[], InForce>()

/** The policies of a setup, read once and in force. */
export function nowFor(policies: readonly WrittenPolicy[]): InForce {
  const now = read.get(policies) ?? inForceOf(policies, lists)
  read.set(policies, now)
  return now
}
