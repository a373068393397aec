/** Judgement → decision: the outcome with its reasons, in full for the ledger and as it may be told. */

import { after, type InForce } from '../policy/history.ts'
import { duties } from '../policy/obligations.ts'
import type { Confidence, PolicyObligation } from '../policy/policy.ts'
import {
  type Blocker,
  type Judged,
  type Judgement,
  judge,
  judgeUnseen,
  type Owed,
  onWhom,
} from './combine.ts'
import { type Cure, type Counts, curesOf } from './cures.ts'
import { type Finding, missingFacts } from './evaluate.ts'
import type { Facts, Item } from './facts.ts'
import { join, type Outcome, outcomeOf, release, type Treatment } from './treatment.ts'

export type Reason = {
  /** Stable and kebab-case; `fact-missing` where the rule could not be answered. */
  readonly code: string
  /** `eu/led-transfers/adequate`, `<policy>/otherwise`, `<rule>/unless`, or `comity/<code>`. */
  readonly rule: string
  readonly says: string
  readonly cites: readonly string[]
  readonly confidence: Confidence
}

export type Obligation = {
  readonly code: string
  readonly text: string
  readonly onWhom: 'requester' | 'holder'
  readonly value?: string
  /** ISO 8601: an instant where the moment of the decision is known, else the duration after it. */
  readonly due?: string
}

/** One step of a cure. Steps with one `alternative` are needed together. */
export type Todo = {
  readonly alternative: number
  readonly fact: string
  readonly to: string | number | boolean | readonly string[]
  readonly by: 'holder-officer' | 'holder-ministry' | 'originator'
  readonly due?: string
}

export type PolicyRef = { readonly id: string; readonly version: string; readonly digest: string }

export type DecidedItem = {
  readonly id: string
  readonly treatment: Treatment
  /** The rules that led to the treatment. */
  readonly rules: readonly string[]
}

export type Decision = {
  readonly outcome: Outcome
  /** Of a denial: whether somebody can still supply what is missing. */
  readonly standing?: 'open' | 'final'
  readonly reasons: readonly Reason[]
  /** Facts for want of which a rule could not be answered. */
  readonly missing: readonly string[]
  readonly todo: readonly Todo[]
  readonly items: readonly DecidedItem[]
  readonly obligations: readonly Obligation[]
  readonly policies: readonly PolicyRef[]
  /** When the law wants the request answered, if it says so. */
  readonly answerBy?: string
}

const everything: Counts = () => true
const whatMayBeTold: Counts = ({ told }) => told

/**
 * Decides on facts alone, with every reason: what the ledger keeps.
 * `at` is the instant of the decision, from which deadlines run.
 * With no items it decides as for a record that was not found.
 */
export function decide(now: InForce, facts: Facts, items: readonly Item[], at?: string): Decision {
  if (items.length === 0) return decideUnseen(now, facts, at) ?? nothing(judge(now, facts, []), at)
  const judgement = judge(now, facts, items)
  return assemble(judgement, judgement.items, everything, at)
}

/**
 * The refusal that stands whatever the record holds, or undefined if the record may be fetched.
 * It shows nothing of the record, so it may be told whole.
 */
export function decideUnseen(now: InForce, facts: Facts, at?: string): Decision | undefined {
  const judgement = judgeUnseen(now, facts)
  const [unseen] = judgement.items
  if (unseen === undefined || unseen.treatment.kind !== 'withhold') return undefined
  return { ...assemble(judgement, [unseen], everything, at), items: [] }
}

/**
 * Decides with every reason and as the requester may be told (INVARIANT: a refusal tells nothing).
 * An item kept back by rules that may not be told vanishes, and the rest is read anew; where nothing
 * is left the answer is that of a record that was not found.
 */
export function decideAndTell(
  now: InForce,
  facts: Facts,
  items: readonly Item[],
  at?: string,
): { readonly decision: Decision; readonly told: Decision } {
  const judgement = judge(now, facts, items)
  const told = judgement.items.flatMap((item): readonly Judged[] => {
    const blockers = item.blockers.filter(whatMayBeTold)
    if (item.treatment.kind !== 'withhold') return [{ ...item, blockers }]
    return joined(blockers).kind === 'withhold' ? [{ ...item, blockers }] : []
  })
  return {
    decision:
      items.length === 0 ? nothing(judgement, at) : assemble(judgement, judgement.items, everything, at),
    told: told.length === 0 ? nothing(judgement, at) : assemble(judgement, told, whatMayBeTold, at),
  }
}

const joined = (blockers: readonly Blocker[]): Treatment =>
  blockers.reduce((all, { treatment }) => join(all, treatment), release)

/** No hit, and a record of which nothing may be told. */
function nothing(judgement: Judgement, at: string | undefined): Decision {
  return {
    ...assemble(judgement, [], everything, at),
    standing: 'final',
    reasons: [builtIn('nothing-transmissible')],
  }
}

function assemble(
  judgement: Judgement,
  items: readonly Judged[],
  counts: Counts,
  at: string | undefined,
): Decision {
  const outcome = outcomeOf(items.map(({ treatment }) => treatment))
  const cures = outcome === 'deny' ? curesOf(judgement, items, counts) : []
  const answerBy = deadline(judgement, at)
  return {
    outcome,
    ...(outcome === 'deny' ? { standing: cures.length > 0 ? 'open' : 'final' } : {}),
    reasons: reasonsFor(judgement, items, outcome),
    missing: missing(items),
    todo: cures.flatMap((cure, i) => steps(cure, i + 1, answerBy)),
    items: items.map(({ id, treatment, blockers, permits }) => ({
      id,
      treatment,
      rules: distinct(
        treatment.kind === 'release'
          ? permits.map(({ rule }) => rule.id)
          : blockers.map((blocker) => ruleOf(blocker)),
      ),
    })),
    obligations: obligations(items.flatMap((item) => item.duties), at),
    policies: judgement.applicable.map(({ policy: { id, version, digest } }) => ({ id, version, digest })),
    ...(answerBy === undefined ? {} : { answerBy }),
  }
}

const steps = (cure: Cure, alternative: number, due: string | undefined): readonly Todo[] =>
  cure.map((step) => ({ alternative, ...step, ...(due === undefined ? {} : { due }) }))

/** What stands against the items, then, where something leaves, what permits it. */
function reasonsFor(judgement: Judgement, items: readonly Judged[], outcome: Outcome): readonly Reason[] {
  const cites = transposed(judgement)
  const against = items.flatMap(({ blockers }) => [...blockers]).sort((a, b) => weight(a) - weight(b))
  const reasons = against.map((blocker) => reasonAgainst(blocker, cites))
  if (outcome === 'deny') {
    const { facts, request } = judgement
    const claimed = facts['request.instrument']
    if (typeof claimed === 'string' && claimed !== 'none' && request.flat['instrument.inForce'] === 'none')
      reasons.push(builtIn('instrument-not-in-force'))
  } else {
    const leaving = items.filter(({ treatment }) => treatment.kind !== 'withhold')
    for (const { permits, findings } of leaving) {
      for (const { rule } of permits) reasons.push(reasonOf(rule.id, rule.rule, codeOf(rule.rule.then), cites))
      for (const finding of findings) reasons.push(...lifted(finding, cites))
    }
  }
  return [...new Map(reasons.map((reason) => [reason.rule, reason])).values()]
}

/** Refusals that hold come first, then silence, then what could not be answered. */
function weight(blocker: Blocker): number {
  switch (blocker.because) {
    case 'no-policy':
      return 0
    case 'rule':
      if (blocker.finding.truth === 'unanswerable') return 4
      return blocker.finding.rule.rule.then.effect === 'deny' ? 1 : 2
    case 'duty':
      return blocker.unknown ? 4 : 2
    case 'silence':
      return 3
    case 'unknown-class':
      return 5
  }
}

function reasonAgainst(blocker: Blocker, cites: Transposed): Reason {
  switch (blocker.because) {
    case 'rule': {
      const { rule, truth } = blocker.finding
      const code = truth === 'unanswerable' ? 'fact-missing' : codeOf(rule.rule.then)
      return reasonOf(rule.id, rule.rule, code, cites)
    }
    case 'silence': {
      const { otherwise } = blocker.policy.file
      if (otherwise === undefined) return builtIn('no-policy')
      return reasonOf(`${blocker.policy.id}/otherwise`, otherwise, otherwise.code, cites)
    }
    case 'duty':
      return builtIn(blocker.unknown ? 'fact-missing' : 'condition-unaccepted')
    case 'no-policy':
    case 'unknown-class':
      return builtIn(blocker.because)
  }
}

const ruleOf = (blocker: Blocker): string => reasonAgainst(blocker, () => []).rule

const codeOf = (then: Finding['rule']['rule']['then']): string =>
  then.effect === 'oblige' ? 'duty' : then.code

/** The exceptions that lift a refusal which would otherwise hold. */
function lifted({ rule, when, exceptions }: Finding, cites: Transposed): readonly Reason[] {
  if (when === 'fails') return []
  return exceptions
    .filter(({ truth }) => truth === 'holds')
    .map(({ exception }) => reasonOf(`${rule.id}/unless`, exception, 'exception', cites))
}

type Said = Pick<Reason, 'says' | 'cites' | 'confidence'>

const reasonOf = (rule: string, said: Said, code: string, cites: Transposed): Reason => ({
  code,
  rule,
  says: said.says,
  cites: distinct([...said.cites, ...cites(rule)]),
  confidence: said.confidence,
})

/** Rule id → the national articles that transpose it, from the policies that apply. */
type Transposed = (rule: string) => readonly string[]

const transposed = (judgement: Judgement): Transposed => {
  const all = judgement.applicable.flatMap(({ policy }) => Object.entries(policy.file.transposes ?? {}))
  return (rule) =>
    all.flatMap(([id, articles]) =>
      rule.startsWith(`${id}/`) ? (articles[rule.slice(id.length + 1)] ?? []) : [],
    )
}

/** Reasons that no policy file states: the gateway's own floor. */
const builtIns = {
  'no-policy': "No policy of the holder's own law speaks of this request.",
  'nothing-transmissible': 'Nothing that may be transmitted is held.',
  'condition-unaccepted': "The requester's own law forbids it to keep a condition of the disclosure.",
  'fact-missing': 'It is not known whether the requester can keep the conditions of the disclosure.',
  'unknown-class': 'The item is of no class that the policies know.',
  'instrument-not-in-force': 'The instrument relied on does not bind both on that day.',
} as const

const builtIn = (code: keyof typeof builtIns): Reason => ({
  code,
  rule: `comity/${code}`,
  says: builtIns[code],
  cites: [],
  confidence: 'V',
})

function missing(items: readonly Judged[]): readonly string[] {
  const facts = items.flatMap(({ blockers }) =>
    blockers.flatMap((blocker) => {
      if (blocker.because === 'rule') return missingFacts(blocker.finding)
      if (blocker.because === 'silence') return blocker.permits.flatMap(missingFacts)
      return blocker.because === 'duty' && blocker.unknown ? ['requester.cannotHonour'] : []
    }),
  )
  return distinct(facts).sort()
}

/** The earliest deadline for an answer among the rules that read nothing of the record. */
function deadline(judgement: Judgement, at: string | undefined): string | undefined {
  const answers = judgement.applicable
    .flatMap(({ findings }) => findings)
    .filter(({ truth }) => truth !== 'fails')
    .flatMap((finding) => (finding.rule.rule.then.obligations ?? []).map((duty) => ({ duty, finding })))
    .filter(({ duty }) => duty.code === 'O-ANSWER')
  return obligations(answers, at)[0]?.due
}

/** One duty of each code (and value, where values have no order); of two, the stricter. */
function obligations(owed: readonly Owed[], at: string | undefined): readonly Obligation[] {
  const byKey = new Map<string, PolicyObligation>()
  for (const { duty } of owed) {
    const scale = duties[duty.code]?.scale ?? []
    const ranked = duty.value !== undefined && scale.includes(duty.value)
    const key = ranked || duty.value === undefined ? duty.code : `${duty.code} ${duty.value}`
    const other = byKey.get(key)
    byKey.set(key, other === undefined ? duty : stricter(other, duty, scale))
  }
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, duty]) => stated(duty, at))
}

function stricter(a: PolicyObligation, b: PolicyObligation, scale: readonly string[]): PolicyObligation {
  const value = scale.indexOf(a.value ?? '') >= scale.indexOf(b.value ?? '') ? a.value : b.value
  const within = [a.within, b.within].filter((each) => each !== undefined).sort(byDuration)[0]
  return {
    code: a.code,
    ...(value === undefined ? {} : { value }),
    ...(within === undefined ? {} : { within }),
  }
}

const epoch = '1970-01-01T00:00:00Z'
const byDuration = (a: string, b: string) => (after(epoch, a) < after(epoch, b) ? -1 : 1)

function stated(duty: PolicyObligation, at: string | undefined): Obligation {
  const { code, value, within } = duty
  return {
    code,
    text: (duties[code]?.text ?? code).replace('{value}', value ?? 'as the law says'),
    onWhom: onWhom(duty),
    ...(value === undefined ? {} : { value }),
    ...(within === undefined ? {} : { due: at === undefined ? within : after(at, within) }),
  }
}

const distinct = <T>(all: readonly T[]): readonly T[] => [...new Set(all)]
