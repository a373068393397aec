/**
 * A second, naive reading of the design, to hold against the engine. It shares no code with it:
 * truth is a number (0 fails, ½ unanswerable, 1 holds), facts are judged by the table below, and the
 * combination is written down as the design says it.
 */

import type { Json, WrittenDuty, WrittenPolicy, WrittenRule } from './write.ts'

export type Facts = Readonly<Record<string, unknown>>

/** A fact of the small world that generated policies speak of. */
export type WorldFact = {
  readonly type: 'enum' | 'boolean' | 'integer' | 'code' | 'day' | 'list'
  /** Values that it may have; of a list, its members. */
  readonly values: readonly (string | number | boolean)[]
  /** A claim, which only a rule that relies on an article may read. */
  readonly claim?: true
  /** Whether somebody may still attest it while it is unknown. */
  readonly attestable?: true
  /** The values which nobody has answered yet. */
  readonly open?: readonly string[]
  /** The values that nobody vouches for. */
  readonly unattested?: readonly string[]
}

const classes = ['identification', 'health', 'genetic', 'case']

export const world: Readonly<Record<string, WorldFact>> = {
  asOf: { type: 'day', values: ['2019-05-01', '2026-11-24'] },
  'holder.jurisdiction': { type: 'code', values: ['DE', 'DE', 'DE', 'DE', 'DE', 'FR'] },
  'requester.jurisdiction': { type: 'code', values: ['US', 'JP', 'FR'] },
  'requester.authorityType': { type: 'enum', values: ['police', 'court', 'intelligence'] },
  'requester.cannotHonour': { type: 'list', values: ['O-DP', 'O-DEL'] },
  'request.purpose': { type: 'enum', values: ['investigation', 'immigration'] },
  'request.instrument': { type: 'code', values: ['treaty-a', 'treaty-b', 'none'], claim: true },
  'request.offence.category': { type: 'enum', values: ['ordinary', 'political'], claim: true },
  'request.offence.isOffenceForHolder': {
    type: 'boolean',
    values: [true, false],
    attestable: true,
  },
  'request.offence.maxCustodyMonthsHolder': {
    type: 'integer',
    values: [0, 6, 12],
    attestable: true,
  },
  'risk.torture': { type: 'enum', values: ['none', 'substantial', 'real'], attestable: true },
  'assurance.deathPenalty': {
    type: 'enum',
    values: ['none', 'given', 'given-and-verified'],
    attestable: true,
    open: ['none', 'given'],
  },
  'approval.minister': {
    type: 'enum',
    values: ['not-asked', 'given', 'refused'],
    attestable: true,
    open: ['not-asked'],
  },
  'necessity.strictClasses': { type: 'list', values: classes, attestable: true, open: [] },
  'discretion.waived': { type: 'list', values: ['eu/a/r0', 'de/b/r1'], attestable: true },
  'item.class': { type: 'enum', values: classes },
  'item.role': { type: 'enum', values: ['suspect', 'victim'] },
  'item.minor': { type: 'boolean', values: [true, false] },
  'item.ageAtEvent': { type: 'integer', values: [12, 17, 40] },
  'item.originConsent': {
    type: 'enum',
    values: ['own-data', 'not-asked', 'given', 'refused'],
    attestable: true,
    open: ['not-asked'],
    unattested: ['own-data'],
  },
}

/** The shared lists, and which of them name the parties of an instrument. */
export const worldLists: Readonly<Record<string, readonly string[]>> = {
  partners: ['US', 'FR'],
  'treaty-a-parties': ['DE', 'US', 'FR'],
  'treaty-b-parties': ['JP'],
}
export const instruments: Readonly<Record<string, string>> = {
  'treaty-a': 'treaty-a-parties',
  'treaty-b': 'treaty-b-parties',
}
/** Duties of the small world that are the requester's to keep. */
const requesterDuties = ['O-USE', 'O-DP', 'O-DEL']

/** Whether a value counts as known. */
export function isKnown(name: string, value: unknown): boolean {
  const fact = world[name]
  if (fact === undefined) return false
  switch (fact.type) {
    case 'boolean':
      return value === true || value === false
    case 'integer':
      return Number.isInteger(value)
    case 'day':
      return typeof value === 'string' && value.length === 10 && value[4] === '-'
    case 'code':
      return typeof value === 'string' && value.length > 0
    case 'enum':
      return (fact.values as readonly unknown[]).includes(value)
    case 'list':
      return (
        Array.isArray(value) &&
        value.every((each) =>
          name === 'discretion.waived'
            ? typeof each === 'string'
            : (fact.values as readonly unknown[]).includes(each),
        )
      )
  }
}

/** What a name stands for, or undefined where it is unknown. */
export function read(facts: Facts, name: string): unknown {
  if (name.startsWith('lists.')) return worldLists[name.slice(6)]
  if (name !== 'instrument.inForce') return isKnown(name, facts[name]) ? facts[name] : undefined
  const claimed = read(facts, 'request.instrument')
  if (claimed === 'none' || claimed === undefined) return claimed
  const parties = ['holder.jurisdiction', 'requester.jurisdiction'].map((side) => read(facts, side))
  if (parties.includes(undefined)) return undefined
  const bound: readonly unknown[] = worldLists[instruments[String(claimed)] ?? ''] ?? []
  return parties.every((party) => bound.includes(party)) ? claimed : 'none'
}

/** 1 holds, 0 fails, ½ cannot be said. */
export function kleene(node: Json, facts: Facts): number {
  if (typeof node === 'boolean') return Number(node)
  const [[operator, right] = ['', null]] = Object.entries(node as Readonly<Record<string, Json>>)
  const operands = Array.isArray(right) ? (right as readonly Json[]) : [right]
  const truths = () => operands.map((each) => kleene(each, facts))
  if (operator === 'and') return Math.min(...truths())
  if (operator === 'or') return Math.max(...truths())
  if (operator === '!') return 1 - kleene(operands[0] ?? false, facts)
  if (operator === 'var') return Number(read(facts, String(right)) ?? 0.5)
  const [a, b] = operands.map((each) => side(each, facts))
  if (a === undefined || b === undefined) return 0.5
  return Number(compare(operator, a, b))
}

function side(node: Json, facts: Facts): unknown {
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return node
  return read(facts, String((node as { readonly var?: Json }).var))
}

function compare(operator: string, a: unknown, b: unknown): boolean {
  const [x, y] = [a as number, b as number]
  switch (operator) {
    case '===':
      return a === b
    case '!==':
      return !(a === b)
    case '<':
      return x < y
    case '<=':
      return x <= y
    case '>':
      return x > y
    case '>=':
      return x >= y
    case 'in':
      return (b as readonly unknown[]).includes(a)
    default:
      throw new Error(`no such operator: ${operator}`)
  }
}

/** What is said of a request, as the ledger keeps it or as it may be told. */
export type Said = {
  readonly outcome: 'release' | 'redact' | 'deny'
  /** `release`, `mask 3`, `withhold`, … by item id. */
  readonly treatments: Readonly<Record<string, string>>
  /** Codes of the duties on what leaves and of the refusals. */
  readonly duties: readonly string[]
  /** `<code> of <rule>`. */
  readonly reasons: readonly string[]
}
export type Expected = Said & { readonly told: Said }
export type OracleItem = { readonly id: string; readonly facts: Facts }

/** What the rules say of a request, combined as the design says. */
export function expected(
  policies: readonly WrittenPolicy[],
  facts: Facts,
  items: readonly OracleItem[],
): Expected {
  const judged = items.map(({ id, facts: own }) => ({ id, ...judge(policies, facts, own) }))
  const decision = said(judged, facts)
  if (judged.every(({ against }) => against.every(({ told }) => told)))
    return { ...decision, told: decision }
  const shown = judged.flatMap((item) => {
    const against = item.against.filter(({ told }) => told)
    if (item.treatment !== 'withhold') return [{ ...item, against }]
    const duties = item.duties.filter(({ told }) => told)
    return joined(against) === 'withhold' ? [{ ...item, against, duties }] : []
  })
  return { ...decision, told: shown.length > 0 ? said(shown, facts) : nothingTold }
}

const nothingTold: Said = {
  outcome: 'deny',
  treatments: {},
  duties: [],
  reasons: ['nothing-transmissible of comity/nothing-transmissible'],
}

/** One thing that stands against an item, and whether the requester may hear of it. */
export type Against = {
  readonly treatment: string
  readonly told: boolean
  readonly reason: string
}

type OracleJudged = {
  readonly treatment: string
  readonly against: readonly Against[]
  readonly duties: readonly { readonly code: string; readonly told: boolean }[]
  /** What speaks for a release, if one comes about. */
  readonly because: readonly string[]
}

function said(judged: readonly (OracleJudged & { readonly id: string })[], facts: Facts): Said {
  const treatments = Object.fromEntries(judged.map(({ id, treatment }) => [id, treatment]))
  const all = (kind: string) => judged.every(({ treatment }) => treatment === kind)
  const outcome = all('withhold') ? 'deny' : all('release') ? 'release' : 'redact'
  const against = new Set(judged.flatMap((item) => item.against.map(({ reason }) => reason)))
  // A rule that holds for one item may be unanswerable for another: then that it holds is said.
  const reasons = [...against].filter((reason) => {
    const rule = reason.slice('fact-missing of '.length)
    const isWeaker = reason.startsWith('fact-missing of ') && !rule.startsWith('comity/')
    return (
      !isWeaker || ![...against].some((each) => each !== reason && each.endsWith(` of ${rule}`))
    )
  })
  if (outcome !== 'deny')
    for (const { treatment, because } of judged)
      if (treatment !== 'withhold') reasons.push(...because)
  const relied = facts['request.instrument']
  const isNotInForce = read(facts, 'instrument.inForce') === 'none'
  if (outcome === 'deny' && typeof relied === 'string' && relied !== 'none' && isNotInForce)
    reasons.push('instrument-not-in-force of comity/instrument-not-in-force')
  const duties = judged.flatMap((item) => item.duties.map(({ code }) => code))
  return {
    outcome,
    treatments,
    duties: [...new Set(duties)].sort(),
    reasons: [...new Set(reasons)].sort(),
  }
}

/** What the policies say of one item. */
export function judge(
  policies: readonly WrittenPolicy[],
  request: Facts,
  own: Facts,
): OracleJudged {
  // Of an item counts what is stated of it, and nothing that is stated of all at once.
  const ofRequest = Object.entries(request).filter(([name]) => !name.startsWith('item.'))
  const facts: Facts = { ...Object.fromEntries(ofRequest), ...own }
  const against: Against[] = []
  const because: string[] = []
  const onLeaving: { readonly code: string; readonly told: boolean; readonly kept: boolean }[] = []
  const onStaying: { readonly code: string; readonly told: boolean }[] = []
  let ownGround = false
  for (const policy of policies) {
    const applies = kleene(policy.applies ?? true, facts)
    if (applies === 0) continue
    const holder = String(read(facts, 'holder.jurisdiction') ?? '?').toLowerCase()
    if (applies === 1 && policy.kind === 'ground' && policy.id.startsWith(`${holder}/`))
      ownGround = true
    const permits = policy.rules.filter(({ then }) => then.effect === 'permit')
    const holding = permits.filter((rule) => truthOf(policy.id, rule, facts) === 1)
    for (const rule of policy.rules) {
      const { effect, obligations = [], treatment = '', keepLast = 0 } = rule.then
      const id = `${policy.id}/${rule.id}`
      const truth = truthOf(policy.id, rule, facts)
      const refuses = effect === 'deny' || effect === 'redact'
      const seen = readsItem(rule)
      const told = !seen || (refuses && rule.then.tell !== undefined)
      const wanted = treatment === 'mask' ? `mask ${keepLast}` : treatment
      if (refuses && truth > 0)
        against.push({
          treatment: effect === 'deny' ? 'withhold' : wanted,
          told,
          reason: `${truth === 1 ? `${effect}-${rule.id}` : 'fact-missing'} of ${id}`,
        })
      const codes = truth > 0 ? codesOf(obligations) : []
      for (const code of [...codes, ...exceptional(rule, facts)])
        onLeaving.push({ code, told, kept: !seen })
      if (refuses) onStaying.push(...codes.map((code) => ({ code, told })))
      if (holding.includes(rule)) because.push(`permit-${rule.id} of ${id}`)
      if (isExcepted(rule, facts)) because.push(`exception of ${id}/unless`)
    }
    if (policy.kind === 'ground' && holding.length === 0)
      against.push({
        treatment: 'withhold',
        told: policy.tellsSilence === true || !permits.some(readsItem),
        reason: `no-basis of ${policy.id}/otherwise`,
      })
  }
  const builtIn = (code: string, told: boolean) =>
    against.push({ treatment: 'withhold', told, reason: `${code} of comity/${code}` })
  const cannot = read(facts, 'requester.cannotHonour') as readonly string[] | undefined
  const broken = onLeaving.filter(
    ({ code }) => requesterDuties.includes(code) && (cannot === undefined || cannot.includes(code)),
  )
  if (broken.length > 0)
    builtIn(
      cannot === undefined ? 'fact-missing' : 'condition-unaccepted',
      broken.some(({ kept }) => kept),
    )
  if (!ownGround) builtIn('no-policy', true)
  if (read(facts, 'item.class') === undefined) builtIn('unknown-class', false)
  const treatment = joined(against)
  return { treatment, against, duties: treatment === 'withhold' ? onStaying : onLeaving, because }
}

const joined = (against: readonly Against[]): string =>
  strictest([...new Set(against.map(({ treatment }) => treatment))].sort())

/** Whether something still leaves, of what counts against it. */
export const isFree = (against: readonly Against[]): boolean => joined(against) !== 'withhold'

const readsItem = ({ when, unless = [] }: WrittenRule): boolean =>
  JSON.stringify([when, unless.map((each) => each.when)]).includes('"var":"item.')

const isExcepted = ({ when, unless = [] }: WrittenRule, facts: Facts): boolean =>
  kleene(when, facts) > 0 && unless.some((each) => kleene(each.when, facts) === 1)

function truthOf(policy: string, rule: WrittenRule, facts: Facts): number {
  const exceptions = (rule.unless ?? []).map(({ when }) => kleene(when, facts))
  const waived = read(facts, 'discretion.waived') as readonly string[] | undefined
  const refuses = rule.then.effect === 'deny' || rule.then.effect === 'redact'
  if (refuses && rule.nature === 'discretionary')
    exceptions.push(waived === undefined ? 0.5 : Number(waived.includes(`${policy}/${rule.id}`)))
  return Math.min(kleene(rule.when, facts), ...exceptions.map((each) => 1 - each))
}

const codesOf = (duties: readonly WrittenDuty[]) => duties.map(({ code }) => code)

/** The duties of exceptions on which the release of an item may rest. */
const exceptional = (rule: WrittenRule, facts: Facts): readonly string[] =>
  kleene(rule.when, facts) === 0
    ? []
    : (rule.unless ?? [])
        .filter(({ when }) => kleene(when, facts) > 0)
        .flatMap(({ obligations = [] }) => codesOf(obligations))

/** Two kinds meet in `withhold`; masks sort by how much they keep. */
function strictest(treatments: readonly string[]): string {
  const [first = 'release'] = treatments
  const kinds = new Set(treatments.map((each) => each.split(' ')[0]))
  return kinds.size > 1 ? 'withhold' : first
}
