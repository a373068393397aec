/** What files of law are once they are read: versions, named by their paths, with their conditions compiled. */

import { createHash } from 'node:crypto'
import { claimsThatBind, factTypes } from './fact-types.ts'
import type { Translations } from './language.ts'
import type { Condition } from './logic.ts'
import type { Exception, ListFile, Logic, PolicyFile, Rule } from './policy.ts'
import type { SuspendedSpan } from './suspension.ts'

/** A file of the policies folder, its path with `/` and relative to that folder. */
export type SourceFile = { readonly path: string; readonly text: string }

/** What identifies a file: `eu/led-transfers`, `2018-05-06` or `2018-05-06.r2`, and its SHA-256 in hex. */
export type Version = {
  readonly id: string
  readonly version: string
  readonly digest: string
  readonly day: string
  readonly revision: number
  /** When it was sealed; a draft has none and is never in force. */
  readonly sealedAt?: string
  /** Since when it no longer counts, though it was sealed. */
  readonly retiredAt?: string
  /** When its permits were or are suspended. */
  readonly suspensions?: readonly SuspendedSpan[]
  /** What its sentences say in other languages; absent where all stand in English alone. */
  readonly translations?: Translations | undefined
}

/** Sorts the oldest first: by day, then by revision, of which the tenth comes after the ninth, then by letter. */
export const oldestFirst = (a: Version, b: Version): number =>
  a.day !== b.day
    ? a.day < b.day
      ? -1
      : 1
    : a.revision - b.revision || (a.version < b.version ? -1 : 1)

/** A rule with its conditions checked. */
export type CompiledRule = {
  /** `eu/led-transfers/adequate`. */
  readonly id: string
  readonly rule: Rule
  readonly when: Condition
  readonly unless: readonly { readonly exception: Exception; readonly when: Condition }[]
  /** Every name that its conditions read. */
  readonly reads: readonly string[]
  readonly readsRecord: boolean
  /** Whether they read anything of the record besides an item's class, which the request names. */
  readonly readsItem: boolean
  /** Whether it is a discretionary refusal, which an attested decision may waive. */
  readonly waivable: boolean
}

/** One version of a policy. */
export type Policy = Version & {
  /** The folder: the jurisdiction or body whose law it is. */
  readonly folder: string
  readonly file: PolicyFile
  readonly applies: Condition
  readonly rules: readonly CompiledRule[]
  /** The conditions of its scope, its rules and their exceptions, as they are written. */
  readonly conditions: readonly Logic[]
  /** What a ground lets leave by rule alone; empty in versions from before `automation`. */
  readonly byRule: readonly Condition[]
  /** The requester's claims that it reads anywhere. */
  readonly claims: readonly string[]
  /** Whether it reads anywhere what listed arrangements cover. */
  readonly readsArrangements: boolean
  /** Its own articles for rules of other policies, by the full id of the rule. */
  readonly transposes: ReadonlyMap<string, readonly string[]>
}

/** One version of a shared list. */
export type List = Version & { readonly file: ListFile }

/** `de/bkag`, `lists/led-states`. */
export const lawId = (version: Policy | List): string =>
  'rules' in version ? version.id : `lists/${version.id}`

/** `de/bkag/2026-02-14.json`. */
export const lawPath = (version: Policy | List): string =>
  `${lawId(version)}/${version.version}.json`

/** Everything that a set of files says. */
export type Book = {
  readonly policies: readonly Policy[]
  readonly lists: readonly List[]
  /** It may not be the law: what it refuses, the law of the moment may well permit. */
  readonly unheld?: true
}

/** What is wrong with a file, and where. */
export type Fault = {
  readonly path: string
  /** JSON Pointer, or `line:column` where the text itself is broken. */
  readonly place: string
  readonly code: string
  readonly message: string
  /** What to do about it, if the message does not say so. */
  readonly fix?: string
}

/** A fault as one sentence, without its place. */
export const saying = ({ message, fix }: Fault): string =>
  fix === undefined ? message : `${message}; ${fix}`

const pathPattern =
  /^(?<id>(?:lists|[a-z0-9-]+)\/[a-z0-9-]+)\/(?<day>\d{4}-\d{2}-\d{2})(?:\.r(?<revision>[2-9]|[1-9]\d))?(?:\.(?<letter>[b-z]))?\.json$/

/** Whether a path names a policy or list, not tests, schemas, seals or keys. */
export const isVersionPath = (path: string): boolean => pathPattern.test(path)

/**
 * The path without the letter that distinguishes several drafts for one day, of which only one can be sealed.
 */
export const withoutLetter = (path: string): string => path.replace(/\.[b-z](?=\.json$)/, '')

/** What the seals say of a path with a digest. */
type Stands = {
  readonly sealedAt: (path: string, digest: string) => string | undefined
  readonly suspensionsOf: (path: string, digest: string) => readonly SuspendedSpan[]
  readonly retiredAt: (path: string, digest: string) => string | undefined
}

/** What a file is, by its path, its seals, and its digest. */
export function nameOf(
  file: SourceFile,
  { sealedAt, suspensionsOf, retiredAt }: Stands,
  digest = createHash('sha256').update(file.text).digest('hex'),
) {
  const { id = '', day = '', revision, letter } = pathPattern.exec(file.path)?.groups ?? {}
  const sealed = sealedAt(file.path, digest)
  const retired = retiredAt(file.path, digest)
  const suspensions = suspensionsOf(file.path, digest)
  const [folder = '', name = ''] = id.split('/')
  return {
    id,
    folder,
    listId: name,
    day,
    revision: Number(revision ?? 1),
    version: [day, ...(revision ? [`r${revision}`] : []), ...(letter ? [letter] : [])].join('.'),
    digest,
    ...(sealed === undefined ? {} : { sealedAt: sealed }),
    ...(retired === undefined ? {} : { retiredAt: retired }),
    ...(suspensions.length === 0 ? {} : { suspensions }),
  }
}

/** Takes a fault of a file: its place, a code, a message, and a fix if there is one. */
export type TakeFault = (place: string, code: string, message: string, fix?: string) => void

/** Compiles a policy. `ask` compiles the condition at a place; `fault` takes each fault. */
export function compile(
  version: Version & { readonly folder: string; readonly file: PolicyFile },
  ask: (logic: Logic, place: string) => Condition,
  fault: TakeFault,
): Policy {
  const { file } = version
  const applies = ask(file.applies.when, '/applies/when')
  noClaims(applies, '/applies/when', readers.scope, fault)
  if (applies.readsRecord)
    fault('/applies/when', 'record', 'what a policy applies to may not depend on the record')
  const ids = new Set<string>()
  const rules = file.rules.map((rule, i): CompiledRule => {
    const place = `/rules/${i}`
    if (ids.has(rule.id)) fault(`${place}/id`, 'id', `the id \`${rule.id}\` stands twice`)
    ids.add(rule.id)
    const when = ask(rule.when, `${place}/when`)
    if (rule.then.effect === 'permit') noClaims(when, `${place}/when`, readers.permit, fault)
    else if (rule.relies === undefined) noClaims(when, `${place}/when`, readers.rule, fault)
    const unless = (rule.unless ?? []).map((exception, j) => {
      const at = `${place}/unless/${j}/when`
      const excepted = ask(exception.when, at)
      noClaims(excepted, at, readers.exception, fault)
      return { exception, when: excepted }
    })
    if (
      rule.then.effect === 'redact' &&
      (rule.then.keepLast !== undefined) !== (rule.then.treatment === 'mask')
    )
      fault(
        `${place}/then`,
        'shape',
        '`keepLast` goes with the treatment `mask`',
        'with `mask` write `"keepLast": 4`; without it take `keepLast` away',
      )
    const refuses = rule.then.effect === 'deny' || rule.then.effect === 'redact'
    const waivable = refuses && rule.nature === 'discretionary'
    const asked = { when, unless, waivable }
    return { id: `${version.id}/${rule.id}`, rule, ...asked, ...readIn(asked) }
  })
  const byRule = (file.automation?.byRule ?? []).map((each, i) => {
    const place = `/automation/byRule/${i}/when`
    const when = ask(each.when, place)
    noClaims(when, place, readers.byRule, fault)
    return when
  })
  const read = readBy({ applies, byRule, rules })
  return { ...version, applies, rules, byRule, ...read, transposes: transposesOf(file) }
}

/** What a rule's conditions read. */
export function readIn({
  when,
  unless,
  waivable,
}: Pick<CompiledRule, 'when' | 'unless' | 'waivable'>) {
  const conditions = conditionsOf({ when, unless })
  const read = conditions.flatMap(({ reads }) => reads)
  return {
    reads: [...new Set([...read, ...(waivable ? ['discretion.waived'] : [])])],
    readsRecord: conditions.some(({ readsRecord }) => readsRecord),
    readsItem: conditions.some(({ readsItem }) => readsItem),
  }
}

/**
 * The claims that a policy reads, counting `instrument.inForce` as the claim that it derives from;
 * whether it reads what the arrangements cover, since claims may count there; and its conditions.
 */
export function readBy({ applies, byRule, rules }: Pick<Policy, 'applies' | 'byRule' | 'rules'>) {
  const reads = new Set([applies, ...byRule, ...rules].flatMap((each) => each.reads))
  if (reads.has('instrument.inForce')) reads.add('request.instrument')
  return {
    claims: claimsThatBind.filter((claim) => reads.has(claim)),
    readsArrangements: reads.has('arrangement.covers') || reads.has('arrangement.safeguards'),
    conditions: [applies, ...rules.flatMap(conditionsOf)].map(({ logic }) => logic),
  }
}

/** The conditions of a rule and its exceptions. */
const conditionsOf = ({ when, unless }: Pick<CompiledRule, 'when' | 'unless'>) => [
  when,
  ...unless.map((each) => each.when),
]

/** What `conditions` are in a file: nothing is compiled for them. */
export const conditionsIn = ({ applies, rules }: PolicyFile): readonly Logic[] => [
  applies.when,
  ...rules.flatMap(({ when, unless = [] }) => [when, ...unless.map((each) => each.when)]),
]

const transposesOf = (file: PolicyFile): Policy['transposes'] =>
  new Map(
    Object.entries(file.transposes ?? {}).flatMap(([policy, articles]) =>
      Object.entries(articles).map(([rule, cites]) => [`${policy}/${rule}`, cites]),
    ),
  )

/**
 * The readers that may read no claim. A permit reads what an instrument covers, not whether one is in force.
 */
const readers = {
  scope: { who: 'what a policy applies to', instead: {}, or: '' },
  permit: { who: 'a permit', instead: { 'request.instrument': 'arrangement.covers' }, or: '' },
  rule: { who: 'this rule', instead: {}, or: ', or name the article in `relies`' },
  exception: { who: 'an exception', instead: {}, or: '' },
  byRule: { who: 'what leaves by rule alone', instead: {}, or: '' },
} as const

/** The checked fact to read instead of each claim. */
const checkedInstead: Readonly<Record<string, string>> = {
  'request.instrument': 'instrument.inForce',
  'request.offence.category': 'request.offence.character',
  'request.offence.maxCustodyMonthsRequester': 'request.offence.maxCustodyMonthsHolder',
  'request.urgency': 'threat.life',
}

/** A claim may not switch off the law. Only the purpose may be read, since use limitation answers it. */
function noClaims(
  asked: Condition,
  place: string,
  { who, instead, or }: (typeof readers)[keyof typeof readers],
  fault: TakeFault,
): void {
  const better: Readonly<Record<string, string>> = { ...checkedInstead, ...instead }
  for (const fact of asked.facts)
    if (factTypes[fact]?.source === 'claim' && fact !== 'request.purpose')
      fault(
        place,
        'claim',
        `${who} may not read \`${fact}\`, which the requester merely says`,
        (better[fact] === undefined ? 'read a checked fact' : `read \`${better[fact]}\``) + or,
      )
}
