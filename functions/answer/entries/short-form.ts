/**
 * What a decision says, as its entry keeps it since version 3: nothing twice. What was told is kept by where it
 * differs from what was decided, of where facts came from only what the vocabulary does not say, and of policies,
 * since version 4, only the digests, for the leaf names them.
 */

import * as z from 'zod'
import type { PolicyRef } from '../../decision/decide.ts'
import type { Sources } from '../../decision/gather.ts'
import { ComityError } from '../../failure.ts'
import { byId, type Leaf, policyNames } from '../../ledger/entry.ts'
import { factTypes, isRecordFact } from '../../policy/fact-types.ts'
import type { Reply } from '../reply/reply-schema.ts'
import type { Values } from './values.ts'

type Whole = Values['decision']

/** The lists that a decision and its reply both have. */
const shared = ['reasons', 'missing', 'todo', 'policies', 'obligations'] as const

const list = z.array(z.unknown())
const onceSchema = z.object({
  facts: z.object({
    facts: z.custom<Whole['facts']['facts']>(
      (given) => typeof given === 'object' && given !== null,
    ),
    /** The attestations of each fact that has some, by its name. */
    attested: z.record(z.string(), z.array(z.string())),
  }),
  decision: z.looseObject({ items: list, ...listsOf(list) }),
  told: z.looseObject({
    ...listsOf(list),
    decided: list,
    recordId: z.unknown(),
    paySalt: z.string(),
  }),
})

/** A decision as its entry keeps it. */
type Once = Omit<Whole, 'facts' | 'decision' | 'told'> &
  Pick<z.infer<typeof onceSchema>, 'facts' | 'told'> & { readonly decision: DecisionOnce }

/** What was decided, as its entry keeps it: of policies the digests, base64url; in version 3 all. */
type DecisionOnce = Omit<Whole['decision'], 'policies'> & {
  readonly policies: readonly (PolicyRef | string)[]
}

function listsOf<T>(each: T): Readonly<Record<(typeof shared)[number], T>> {
  return { reasons: each, missing: each, todo: each, policies: each, obligations: each }
}

/** What a decision says, without what its leaf and its other values say already. */
export function shortFormOf({
  facts: { facts, sources },
  decision: given,
  told,
  ...rest
}: Whole): Once {
  // In the order in which the leaf names them, since told ones are kept by their places.
  const decision = { ...given, policies: byId(given.policies) }
  // The leaf and `matter` say these.
  const { id, outcome, standing, dryRun, decidedAt, matter, holder, ...reply } = told.reply
  const lists = shared.map((name) => [name, places(reply[name], decision[name])])
  return {
    ...rest,
    facts: { facts, attested: attestedIn(sources) },
    decision: { ...decision, policies: decision.policies.map(digestText) },
    told: {
      ...reply,
      ...(Object.fromEntries(lists) as ReturnType<typeof listsOf<unknown[]>>),
      decided: places(told.decided, decision.items),
      recordId: told.recordId,
      paySalt: told.paySalt,
    },
  }
}

/** What a decision says, from its entry's leaf and what the entry keeps; undefined if it keeps no decision. */
export function wholeFormOf(
  leaf: Leaf,
  values: Readonly<Record<string, unknown>>,
): Whole | undefined {
  if (!onceSchema.safeParse(values).success) return undefined
  // A cast: the schema has just held; its output is not used, as it drops unknown members.
  const { facts, told, ...rest } = values as Once
  const { decided, recordId, paySalt, ...reply } = told
  const { matter } = rest
  if (!hasNames(leaf, rest.decision)) return undefined
  const decision = decisionWhole(leaf, rest.decision)
  const lists = shared.map((name) => [name, atPlaces(reply[name], decision[name])])
  const whole = {
    ...reply,
    id: leaf.eid,
    outcome: leaf.out,
    ...(leaf.standing && { standing: leaf.standing }),
    ...(leaf.dryRun && { dryRun: leaf.dryRun }),
    decidedAt: leaf.ts,
    ...(matter.id !== undefined && { matter: matter.id }),
    holder: matter.holder,
    ...Object.fromEntries(lists),
  }
  return {
    ...rest,
    decision,
    facts: { facts: facts.facts, sources: sourcesOf(facts) },
    told: {
      // Casts: what was kept is what `shortFormOf` was given.
      reply: whole as Reply,
      decided: atPlaces(decided, decision.items) as Whole['told']['decided'],
      recordId: recordId as string | null,
      paySalt,
    },
  }
}

/** Whether the leaf has a name for each digest, and no other: else somebody changed one of them. */
const hasNames = (leaf: Leaf, { policies }: DecisionOnce): boolean =>
  leaf.v < 4 || policies.length === policyNames(leaf).length

/** What was decided, from its entry's leaf and what the entry keeps of it. Throws if they do not fit. */
export function decisionWhole(leaf: Leaf, once: DecisionOnce): Whole['decision'] {
  if (!hasNames(leaf, once))
    throw new ComityError(`couldn’t read entry ${leaf.eid}: its leaf names other policies`)
  const { policies, ...rest } = once
  const names = policyNames(leaf)
  const whole = policies.map((each, i): PolicyRef => {
    if (typeof each !== 'string') return each
    const [id = '', version = ''] = names[i]?.split('@') ?? []
    return { id, version, digest: Buffer.from(each, 'base64url').toString('hex') }
  })
  return { ...rest, policies: whole }
}

const digestTexts = new WeakMap<PolicyRef, string>()

/** The digest of a version in base64url, which is shorter than hex; many decisions name the same. */
function digestText(ref: PolicyRef): string {
  const known = digestTexts.get(ref) ?? Buffer.from(ref.digest, 'hex').toString('base64url')
  digestTexts.set(ref, known)
  return known
}

/** Each value, or its place in `others` if it is there: mostly as the very same object. */
function places(values: readonly unknown[], others: readonly unknown[]): unknown[] {
  let at: ReadonlyMap<unknown, number> | undefined
  let byName: ReadonlyMap<unknown, readonly number[]> | undefined
  return values.map((each, i) => {
    if (each === others[i]) return i
    at ??= new Map(others.map((other, j) => [other, j]))
    const same = at.get(each)
    if (same !== undefined) return same
    byName ??= Map.groupBy(others.keys(), (j) => nameOf(others[j]))
    return byName.get(nameOf(each))?.find((j) => isSame(each, others[j])) ?? each
  })
}

/** By what the entries of these lists differ first: few have one name. */
function nameOf(entry: unknown): unknown {
  // A cast: each entry has some of these names.
  const { id, rule, code, fact } = entry as Readonly<Record<string, unknown>>
  return id ?? rule ?? code ?? fact
}

/** Whether both are the same JSON, names in whatever order. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  // A cast: any object may be read by any name.
  const other = b as Readonly<Record<string, unknown>>
  const members = Object.entries(a)
  return (
    members.length === Object.keys(b).length &&
    members.every(([name, value]) => Object.hasOwn(b, name) && isSame(value, other[name]))
  )
}

const atPlaces = (values: readonly unknown[], others: readonly unknown[]): readonly unknown[] =>
  values.map((each) => (typeof each === 'number' ? others[each] : each))

function attestedIn(sources: Sources): Record<string, string[]> {
  const attested: Record<string, string[]> = {}
  for (const name of Object.keys(sources)) {
    const { attestations = [] } = sources[name] ?? {}
    if (attestations.length > 0) attested[name] = [...attestations]
  }
  return attested
}

/** Where each fact came from. */
const sourcesOf = ({ facts, attested }: Once['facts']): Sources =>
  Object.fromEntries(
    Object.keys({ ...facts, ...attested })
      .filter((name) => !isRecordFact(name))
      .map((name) => {
        const source = factTypes[name]?.source ?? 'derived'
        const attestations = attested[name] ?? (source === 'attestation' ? [] : undefined)
        return [name, { source, ...(attestations && { attestations }) }]
      }),
  )
