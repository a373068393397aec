/** Why a decision came out as it did, in the sentences and articles of the policies. */

import type { Confidence } from '../policy/sentence.ts'
import type { Blocker } from './blocker.ts'
import type { Judged, Judgement } from './combine.ts'
import { type Finding, missingFacts } from './evaluate.ts'
import type { Outcome } from './treatment.ts'

/** One sentence of a policy that led to the decision, with its articles. */
export type Reason = {
  /** Stable and kebab-case; `fact-missing` where the rule could not be answered. */
  readonly code: string
  /** `eu/led-transfers/adequate`, `<policy>/otherwise`, `<rule>/unless`, or `comity/<code>`. */
  readonly rule: string
  readonly says: string
  readonly cites: readonly string[]
  readonly confidence: Confidence
}

/** The reasons against the items; then, if something leaves, the reasons that permit it. */
export function reasonsFor(
  judgement: Judgement,
  items: readonly Judged[],
  outcome: Outcome,
): readonly Reason[] {
  const cites = transposed(judgement)
  const reasons = new Map<string, Reason>()
  /**
   * Keeps the first reason of a rule, the weightiest: it may hold for one item and be unanswerable for
   * another.
   */
  const add = (rule: string, reason: () => Reason) => {
    if (!reasons.has(rule)) reasons.set(rule, reason())
  }
  const against = items
    .flatMap(({ blockers }) => [...blockers])
    .sort((a, b) => weight(a) - weight(b))
  for (const blocker of against) {
    const reason = reasonAgainst(blocker, cites)
    add(reason.rule, () =>
      blocker.because === 'suspended'
        ? { ...reason, says: whoLifts(reason.says, against) }
        : reason,
    )
  }
  if (outcome === 'deny') {
    if (judgement.now.unheld) add('comity/policy-suspended', () => builtIn('policy-suspended'))
    if (restsOnNothing(judgement))
      add('comity/instrument-not-in-force', () => notInForce(judgement))
    return [...reasons.values()]
  }
  for (const { treatment, permits, findings } of items) {
    if (treatment.kind === 'withhold') continue
    for (const { rule } of permits)
      add(rule.id, () => reasonOf(rule.id, rule.rule, codeOf(rule.rule.then), cites))
    for (const finding of findings)
      for (const reason of exceptionsOf(finding, cites)) add(reason.rule, () => reason)
  }
  return [...reasons.values()]
}

/** No attestation ends a suspension, so the sentence says who can. */
function whoLifts(says: string, against: readonly Blocker[]): string {
  const folders = against.flatMap((each) =>
    each.because === 'suspended' ? [`\`${each.policy.folder}\``] : [],
  )
  return `${says} Those who seal the policies of ${[...new Set(folders)].sort().join(' and ')} may lift that.`
}

/** Whether the request relies on an instrument that does not bind both sides. */
function restsOnNothing({ facts, request }: Judgement): boolean {
  const claimed = facts['request.instrument']
  const relies = typeof claimed === 'string' && claimed !== 'none'
  return relies && request.get('instrument.inForce') === 'none'
}

/** For an instrument that binds nobody yet, adds the reason from the list of its parties. */
function notInForce({ facts, now }: Judgement): Reason {
  const reason = builtIn('instrument-not-in-force')
  const claimed = facts['request.instrument']
  const why = now.listVersions.find(({ file }) => file.instrument === claimed)?.file.notYet
  return why === undefined ? reason : { ...reason, says: `${reason.says} ${why}` }
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
    case 'reserved':
      return 2
    case 'silence':
    case 'suspended':
    case 'unasked':
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
    case 'suspended':
      return builtIn('policy-suspended')
    case 'unasked':
      return { ...builtIn('asked-only'), rule: `${blocker.policy.id}/unasked` }
    case 'reserved': {
      const { policy } = blocker
      const said = policy?.file.automation
      if (blocker.many) return builtIn('many-persons')
      if (blocker.answeredNo) return builtIn('answered-no')
      if (policy === undefined || said === undefined) return builtIn('human-decision')
      return reasonOf(`${policy.id}/automation`, said, 'human-decision', cites)
    }
    case 'no-policy':
    case 'unknown-class':
      return builtIn(blocker.because)
  }
}

/** The id of the rule behind a blocker. */
export const ruleOf = (blocker: Blocker): string =>
  blocker.because === 'rule' ? blocker.finding.rule.id : reasonAgainst(blocker, () => []).rule

const codeOf = (then: Finding['rule']['rule']['then']): string =>
  then.effect === 'oblige' ? 'duty' : then.code

/** The exceptions that lift a refusal which would otherwise hold. */
function exceptionsOf({ rule, when, exceptions }: Finding, cites: Transposed): readonly Reason[] {
  if (exceptions.length === 0 || when === 'fails') return []
  return exceptions
    .filter(({ truth }) => truth === 'holds')
    .map(({ exception }) => reasonOf(`${rule.id}/unless`, exception, 'exception', cites))
}

type Cited = Pick<Reason, 'says' | 'cites' | 'confidence'>

const reasonOf = (rule: string, said: Cited, code: string, cites: Transposed): Reason => ({
  code,
  rule,
  says: said.says,
  cites: distinct([...said.cites, ...cites(rule)]),
  confidence: said.confidence,
})

/** Rule id → the national articles that transpose it, from the policies that apply. */
export type Transposed = (rule: string) => readonly string[]

/** The national articles of every rule, from the policies that apply. */
export function transposed({ applicable }: Judgement): Transposed {
  const transposing = applicable.filter(({ policy }) => policy.transposes.size > 0)
  return (rule) => {
    const found: string[] = []
    for (const { policy } of transposing) found.push(...(policy.transposes.get(rule) ?? []))
    return found
  }
}

/** Reasons that no policy file states: the gateway's own floor. */
const builtIns = {
  'no-policy': "No policy of the holder's own law speaks of this request.",
  'policy-suspended': 'A policy that would have to permit this is suspended for the time being.',
  'asked-only':
    'This policy speaks of requests alone: none of its permits covers what is given unasked.',
  'nothing-transmissible': 'Nothing that may be transmitted is held.',
  'condition-unaccepted':
    "The requester's own law forbids it to keep a condition of the disclosure.",
  'fact-missing':
    'It is not known whether the requester can keep the conditions of the disclosure.',
  'human-decision': 'An officer of the holder must decide on this; none has released it.',
  'many-persons':
    'One officer asked for more persons in this case than the holder lets go by rule alone. No law sets that number; the holder chose it, and an officer of the holder confirms each further answer.',
  'answered-no':
    'Something that an office was asked in this matter it answered with no, or its answer is not known. Nothing leaves by rule alone then; an officer of the holder decides.',
  'unknown-class': 'The item is of no class that the policies know.',
  'instrument-not-in-force': 'The instrument relied on does not bind both on that day.',
} as const

/** The code of one of them. */
export type BuiltIn = keyof typeof builtIns

/** A reason of the gateway's own floor. */
export const builtIn = (code: BuiltIn): Reason => ({
  code,
  rule: `comity/${code}`,
  says: builtIns[code],
  cites: [],
  confidence: 'V',
})

/** The unknown facts that left items undecided, sorted. */
export function missing(items: readonly Judged[]): readonly string[] {
  const facts = items.flatMap(({ known, blockers }) =>
    blockers.flatMap((blocker) => {
      if (blocker.because === 'rule') return missingFacts(blocker.finding, known)
      if (blocker.because === 'silence')
        return blocker.permits.flatMap((each) => missingFacts(each, known))
      if (blocker.because === 'reserved') return blocker.missing
      return blocker.because === 'duty' && blocker.unknown ? ['requester.cannotHonour'] : []
    }),
  )
  return distinct(facts).toSorted()
}

const distinct = <T>(all: readonly T[]): readonly T[] => [...new Set(all)]
