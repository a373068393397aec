/**
 * The second reading goes on: items judged one by one, classes judged before the record is seen, who
 * decides, and what of it may be told.
 */

import { type Facts, kleene, read, requesterDuties, statable } from './oracle.ts'
import type { Json, WrittenDuty, WrittenPolicy, WrittenRule } from './write.ts'

export type Asked = { readonly id: string; readonly facts: Facts }

/** An answer, as far as the oracle knows it. */
export type Expected = {
  readonly outcome: 'release' | 'redact' | 'deny'
  /** `release`, `mask 3`, `withhold`, … by item id. */
  readonly treatments: Readonly<Record<string, string>>
  /** Duties on what leaves and of the refusals, by code; a stated claim with its value. */
  readonly duties: readonly string[]
  /** `code of rule`. */
  readonly reasons: readonly string[]
  readonly missing: readonly string[]
}

/** Nothing of the record is known; nothing but the class that is asked for; or all of the item. */
type Seen = 'nothing' | 'class' | 'item'

type Against = {
  readonly treatment: string
  readonly told: boolean
  readonly rule: string
  readonly code: string
  readonly missing: readonly string[]
}
type Owed = { readonly code: string; readonly told: boolean }
type Judged = {
  readonly id: string
  readonly seen: Seen
  readonly treatment: string
  readonly against: readonly Against[]
  readonly duties: readonly Owed[]
  /** What permits it, and the exceptions that lifted something. */
  readonly lets: readonly string[]
}

/** What is stated of all items at once is not believed. */
export const ofRequest = (facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => !name.startsWith('item.')))

/** The classes of which nothing may leave whatever the record holds; none named: the whole request. */
export function refusedBefore(
  policies: readonly WrittenPolicy[],
  facts: Facts,
  classes: readonly string[] | undefined,
): readonly Judged[] {
  const asked: readonly (Asked & { readonly seen: Seen })[] =
    classes === undefined
      ? [{ id: '', facts: {}, seen: 'nothing' }]
      : [...new Set(classes)].map((each) => ({
          id: `class ${each}`,
          facts: { 'item.class': each },
          seen: 'class',
        }))
  return asked
    .map((each) => judge(policies, facts, each, each.seen))
    .filter(({ treatment }) => treatment === 'withhold')
}

/** What the rules say of a request, combined as the design says: in full, and as it may be told. */
export function expected(
  policies: readonly WrittenPolicy[],
  facts: Facts,
  items: readonly Asked[],
  refused: readonly Judged[] = [],
): { readonly full: Expected; readonly told: Expected } {
  const seen = items.map((item) => judge(policies, facts, item, 'item'))
  const visible = seen.flatMap((item): readonly Judged[] => {
    const against = item.against.filter(({ told }) => told)
    if (item.treatment !== 'withhold') return [{ ...item, against }]
    if (strictest(against) !== 'withhold') return []
    return [{ ...item, against, duties: item.duties.filter(({ told }) => told) }]
  })
  return {
    full: answer(facts, refused, seen),
    told: answer(facts, refused, visible),
  }
}

/** No item that may be spoken of: what no hit is answered. */
function answer(facts: Facts, refused: readonly Judged[], items: readonly Judged[]): Expected {
  const all = [...refused, ...items]
  const kinds = new Set(all.map(({ treatment }) => treatment))
  const only = (kind: string) => kinds.size === 1 && kinds.has(kind)
  const isDenied = items.length === 0 || only('withhold')
  const outcome = isDenied ? 'deny' : only('release') ? 'release' : 'redact'
  const reasons = new Map<string, string>()
  for (const { rule, code } of all.flatMap(({ against }) => against))
    if (!reasons.has(rule) || reasons.get(rule) === 'fact-missing') reasons.set(rule, code)
  if (!isDenied)
    for (const let_ of items.flatMap(({ treatment, lets }) =>
      treatment === 'withhold' ? [] : lets,
    )) {
      const [code = '', rule = ''] = let_.split(' of ')
      if (!reasons.has(rule)) reasons.set(rule, code)
    }
  const rests = read(facts, 'request.instrument')
  const isOut =
    rests !== undefined && rests !== 'none' && read(facts, 'instrument.inForce') === 'none'
  if (isDenied && all.length > 0 && isOut)
    reasons.set('comity/instrument-not-in-force', 'instrument-not-in-force')
  if (items.length === 0) reasons.set('comity/nothing-transmissible', 'nothing-transmissible')
  const sorted = (some: readonly string[]) => [...new Set(some)].sort()
  return {
    outcome,
    treatments: Object.fromEntries(items.map(({ id, treatment }) => [id, treatment])),
    duties: sorted(all.flatMap(({ duties }) => duties.map(({ code }) => code))),
    reasons: sorted([...reasons].map(([rule, code]) => `${code} of ${rule}`)),
    missing: sorted(all.flatMap(({ against }) => against.flatMap(({ missing }) => missing))),
  }
}

/** What is said against one item, the duties on it and what lets it go. */
export function judge(
  policies: readonly WrittenPolicy[],
  request: Facts,
  { id, facts }: Asked,
  seen: Seen,
): Judged {
  const all = { ...ofRequest(request), ...facts }
  const applying = policies.filter((policy) => kleene(policy.applies ?? true, all) > 0)
  const looks = (...logics: readonly Json[]) =>
    logics
      .flatMap(namesIn)
      .some(
        (name) =>
          name.startsWith('item.') && (name !== 'item.class' || read(all, name) === undefined),
      )
  const world: World = { all, request, seen, looks }
  const said = applying.map((policy) => ofPolicy(policy, world))
  const stated = applying.flatMap(claimsOf)
  const leaving = [...said.flatMap(({ leaving: own }) => own), ...statedDuties(stated, all)]
  const holder = `${String(read(all, 'holder.jurisdiction') ?? '?').toLowerCase()}/`
  const isGrounded = applying.some(
    ({ id: policy, kind, applies = true }) =>
      kind === 'ground' && policy.startsWith(holder) && kleene(applies, all) === 1,
  )
  const builtIn = (code: string, told = true, missing: readonly string[] = []): Against => ({
    ...{ treatment: 'withhold', told, rule: `comity/${code}`, code, missing },
  })
  const against = [
    ...said.flatMap(({ against: own }) => own),
    ...(isGrounded ? [] : [builtIn('no-policy')]),
    ...(seen === 'item' && read(all, 'item.class') === undefined
      ? [builtIn('unknown-class', false)]
      : []),
    ...whoDecides(applying, world),
    ...unkept(leaving, all, builtIn),
  ]
  // Whatever would leave by rule alone does not while somebody's answer is no, or nobody knows what it is.
  const noes = Object.entries(answers).filter(([name, no]) => {
    const answer = read(all, name)
    return answer === undefined || no.includes(String(answer))
  })
  const isByRule = read(all, 'release.decision') !== 'release' && strictest(against) !== 'withhold'
  if (seen === 'item' && isByRule && noes.length > 0) {
    const unknown = noes.map(([name]) => name).filter((name) => read(all, name) === undefined)
    against.push(builtIn('answered-no', false, unknown))
  }
  const treatment = strictest(against)
  return {
    id,
    seen,
    treatment,
    // What is certain before the record is seen shows nothing of it.
    against: seen === 'item' ? against : against.map((each) => ({ ...each, told: true })),
    duties: treatment === 'withhold' ? said.flatMap(({ staying }) => staying) : leaving,
    lets: said.flatMap(({ lets }) => lets),
  }
}

/** The answers of offices that are no, of the small world. */
export const answers: Readonly<Record<string, readonly string[]>> = {
  'approval.minister': ['refused'],
  'risk.torture': ['substantial', 'real'],
  'item.originConsent': ['refused'],
}

type World = {
  readonly all: Facts
  readonly request: Facts
  readonly seen: Seen
  /** Whether conditions read of the record what is not asked for. */
  readonly looks: (...logics: readonly Json[]) => boolean
}

function ofPolicy(policy: WrittenPolicy, { all, seen, looks }: World) {
  const against: Against[] = []
  const leaving: Owed[] = []
  const staying: Owed[] = []
  const lets: string[] = []
  // What is given unasked is permitted by those alone that ask whether it is.
  const isUnasked = read(all, 'request.unasked') === true
  const permits = policy.rules.filter(
    (rule) =>
      rule.then.effect === 'permit' &&
      (!isUnasked || logicsOf(rule).flatMap(namesIn).includes('request.unasked')),
  )
  let isPermitted = false
  for (const rule of policy.rules) {
    const { then } = rule
    const id = `${policy.id}/${rule.id}`
    const truth = truthOf(policy.id, rule, all)
    const isBlind = seen !== 'item' && looks(...logicsOf(rule))
    const refuses = then.effect === 'deny' || then.effect === 'redact'
    const told = !looks(...logicsOf(rule)) || then.tell !== undefined
    if (permits.includes(rule) && (truth === 1 || (isBlind && truth > 0))) {
      isPermitted = true
      lets.push(`permit-${rule.id} of ${id}`)
    }
    if (refuses && truth > 0 && (truth === 1 || !isBlind))
      against.push({
        treatment: then.effect === 'deny' ? 'withhold' : treatmentOf(rule),
        told,
        rule: id,
        code: truth === 1 ? `${then.effect}-${rule.id}` : 'fact-missing',
        missing: missingIn(rule, all, truth),
      })
    for (const { when } of kleene(rule.when, all) === 0 ? [] : (rule.unless ?? []))
      if (kleene(when, all) === 1) lets.push(`exception of ${id}/unless`)
    if (isBlind) continue
    const owed = truth > 0 ? codesOf(then.obligations ?? []) : []
    const tells = (code: string) => ({ code, told })
    leaving.push(
      ...[...owed, ...exceptional(rule, all)].map((code) => ({
        code,
        told: !looks(...logicsOf(rule)),
      })),
    )
    if (refuses) staying.push(...owed.map(tells))
  }
  if (policy.kind === 'ground' && !isPermitted && isUnasked && permits.length === 0)
    against.push({
      treatment: 'withhold',
      told: true,
      rule: `${policy.id}/unasked`,
      code: 'asked-only',
      missing: [],
    })
  else if (policy.kind === 'ground' && !isPermitted)
    against.push({
      treatment: 'withhold',
      told: policy.tellsSilence === true || !looks(...permits.flatMap(logicsOf)),
      rule: `${policy.id}/otherwise`,
      code: 'no-basis',
      missing: permits.flatMap((rule) => missingIn(rule, all, truthOf(policy.id, rule, all))),
    })
  return { against, leaving, staying, lets }
}

/** A ground reserves what it does not let go by rule; told is what the question alone requires. */
function whoDecides(applying: readonly WrittenPolicy[], { all, request, seen, looks }: World) {
  const decision = read(all, 'release.decision')
  if (decision === 'release') return []
  const found: Against[] = []
  const keep = (told: boolean, rule: string, missing: readonly string[] = []) =>
    found.push({ treatment: 'withhold', told, rule, code: 'human-decision', missing })
  const rule = 'comity/many-persons'
  if (read(request, 'request.manyPersons') === true)
    found.push({ treatment: 'withhold', told: true, rule, code: 'many-persons', missing: [] })
  if (read(request, 'request.redescribed') === true) keep(true, 'comity/human-decision')
  if (read(all, 'item.redescribed') === true) keep(false, 'comity/human-decision')
  else if (read(all, 'item.foundAgainst') === true) keep(false, 'comity/human-decision')
  const question = { ...request, 'item.class': all['item.class'] }
  for (const { id, kind, automation = [true] } of applying) {
    if (kind !== 'ground') continue
    const ways = automation === 'unsaid' ? [] : automation
    const goes = ways.some((way) => kleene(way, all) === 1)
    if (goes && decision === 'none') continue
    // A way is closed for certain where what the question leaves open is nothing of the record.
    const isClosed = ways.every((way) => {
      const truth = kleene(way, question)
      return truth === 0 || (truth < 1 && !looks(way))
    })
    if (seen !== 'item' && !isClosed) continue
    const unsaid = decision === undefined ? ['release.decision'] : []
    const missing = ways
      .filter((way) => kleene(way, all) === 0.5)
      .flatMap((way) => unknownIn(way, all))
    const rule = automation === 'unsaid' ? 'comity/human-decision' : `${id}/automation`
    keep(isClosed, rule, [...unsaid, ...missing])
  }
  return found
}

/** The claims that a policy reads anywhere; an instrument in force is made of the one claimed. */
const claimsOf = ({ kind, applies = true, rules, automation = [true] }: WrittenPolicy) =>
  [
    applies,
    ...rules.flatMap(logicsOf),
    ...(kind === 'limit' || automation === 'unsaid' ? [] : automation),
  ]
    .flatMap(namesIn)
    .map((name) => (name === 'instrument.inForce' ? 'request.instrument' : name))

function statedDuties(reads: readonly string[], all: Facts): readonly Owed[] {
  const chosen = (read(all, 'request.restsOn') ?? []) as readonly string[]
  return statable
    .filter((claim) => reads.includes(claim) || chosen.includes(claim))
    .map((claim) => [claim, read(all, claim)] as const)
    .filter(([, value]) => value !== undefined && value !== 'none')
    .map(([claim, value]) => ({ code: `O-STATED ${claim} = ${String(value)}`, told: true }))
}

function unkept(
  leaving: readonly Owed[],
  all: Facts,
  builtIn: (code: string, told: boolean, missing?: readonly string[]) => Against,
): readonly Against[] {
  const cannot = read(all, 'requester.cannotHonour') as readonly string[] | undefined
  const codeOf = ({ code }: Owed) => code.split(' ')[0] ?? ''
  const kept = leaving
    .filter((each) => requesterDuties.includes(codeOf(each)))
    .filter((each) => cannot === undefined || cannot.includes(codeOf(each)))
  if (kept.length === 0) return []
  const told = kept.some((each) => each.told)
  return cannot === undefined
    ? [builtIn('fact-missing', told, ['requester.cannotHonour'])]
    : [builtIn('condition-unaccepted', told)]
}

const isWaivable = ({ nature, then: { effect } }: WrittenRule) =>
  nature === 'discretionary' && (effect === 'deny' || effect === 'redact')

function truthOf(policy: string, rule: WrittenRule, facts: Facts): number {
  const exceptions = (rule.unless ?? []).map(({ when }) => kleene(when, facts))
  const waived = read(facts, 'discretion.waived') as readonly string[] | undefined
  if (isWaivable(rule))
    exceptions.push(waived === undefined ? 0.5 : Number(waived.includes(`${policy}/${rule.id}`)))
  return Math.min(kleene(rule.when, facts), ...exceptions.map((each) => 1 - each))
}

function missingIn(rule: WrittenRule, facts: Facts, truth: number): readonly string[] {
  if (truth !== 0.5) return []
  const open = logicsOf(rule).filter((each) => kleene(each, facts) === 0.5)
  const names = [...open.flatMap(namesIn), ...(isWaivable(rule) ? ['discretion.waived'] : [])]
  return names.filter((name) => read(facts, name) === undefined)
}

const unknownIn = (logic: Json, facts: Facts) =>
  namesIn(logic).filter((name) => read(facts, name) === undefined)

const logicsOf = ({ when, unless = [] }: WrittenRule): readonly Json[] => [
  when,
  ...unless.map((each) => each.when),
]

function namesIn(node: Json): readonly string[] {
  if (node === null || typeof node !== 'object') return []
  if (!Array.isArray(node) && typeof (node as { var?: Json }).var === 'string')
    return [String((node as { var: Json }).var)]
  return Object.values(node).flatMap(namesIn)
}

const codesOf = (duties: readonly WrittenDuty[]) => duties.map(({ code }) => code)

/** The duties of exceptions on which the release of an item may rest. */
const exceptional = (rule: WrittenRule, facts: Facts): readonly string[] =>
  kleene(rule.when, facts) === 0
    ? []
    : (rule.unless ?? [])
        .filter(({ when }) => kleene(when, facts) > 0)
        .flatMap(({ obligations = [] }) => codesOf(obligations))

const treatmentOf = ({ then: { treatment = '', keepLast = 0 } }: WrittenRule) =>
  treatment === 'mask' ? `mask ${keepLast}` : treatment

/** Two kinds meet in `withhold`; masks sort by how much they keep. */
export function strictest(against: readonly Against[]): string {
  const treatments = [...new Set(against.map(({ treatment }) => treatment))].sort()
  const kinds = new Set(treatments.map((each) => each.split(' ')[0]))
  return kinds.size > 1 ? 'withhold' : (treatments[0] ?? 'release')
}
