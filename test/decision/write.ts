/** Short ways to write policies for tests; what is said is read by the engine as any file is. */

import type { SourceFile } from '../../functions/policy/book.ts'
import { type InForce, inForce } from '../../functions/policy/history.ts'
import { readBook } from '../../functions/policy/read-book.ts'

export type Json =
  | boolean
  | number
  | string
  | null
  | readonly Json[]
  | { readonly [name: string]: Json }

/** A duty as a policy states it. */
export type WrittenDuty = {
  readonly code: string
  readonly within?: string
  readonly value?: string
}
export type WrittenThen = {
  readonly effect: 'permit' | 'deny' | 'redact' | 'oblige'
  readonly code?: string
  readonly treatment?: string
  readonly keepLast?: number
  readonly obligations?: readonly WrittenDuty[]
  readonly tell?: { readonly cites: readonly string[] }
}
export type WrittenException = {
  readonly when: Json
  readonly obligations?: readonly WrittenDuty[]
}
export type WrittenRule = {
  readonly id: string
  readonly says?: Json
  readonly cites?: readonly string[]
  readonly nature?: string
  readonly relies?: { readonly cites: readonly string[] }
  readonly when: Json
  readonly unless?: readonly WrittenException[]
  readonly then: WrittenThen
}
export type WrittenPolicy = {
  /** `eu/a`. */
  readonly id: string
  readonly kind: 'ground' | 'limit'
  readonly applies?: Json
  readonly rules: readonly WrittenRule[]
  /** What its head says otherwise than the others'. */
  readonly head?: {
    readonly title?: string
    readonly timeZone?: string
    readonly translated?: Json
    readonly unchecked?: readonly string[]
  }
  /** The code of a ground's silence. */
  readonly silence?: string
  /** Whether its silence may be told. */
  readonly tellsSilence?: boolean
  readonly transposes?: Json
  /**
   * Of a ground: the conditions under which an item leaves by rule alone; by itself everything does.
   * `unsaid` as in versions from before it was asked.
   */
  readonly automation?: readonly Json[] | 'unsaid'
  /** What it says of that. */
  readonly reserves?: string
}

export const day = '2026-11-24'
/** Everything that tests write was sealed at this moment, and is known at it. */
export const sealed = '2026-11-25T00:00:00Z'

const cited = { cites: ['art. 1'], confidence: 'V' }
const said = { says: 'The law says so.', ...cited }
const head = {
  title: 'A test',
  notice: 'An engineering reading, not legal advice.',
  change: 'The first version.',
  owner: 'Legal',
  timeZone: 'UTC',
}

/** A rule with its effect. */
export const doing = <Rest>(rest: Rest, then: WrittenThen): Rest & { then: WrittenThen } => ({
  ...rest,
  then,
})

function ruleOf({ then, unless, ...rest }: WrittenRule) {
  const excepted = unless?.map((each) => ({ ...said, ...each }))
  return doing(
    {
      ...said,
      nature: 'mandatory',
      ...rest,
      ...(excepted === undefined ? {} : { unless: excepted }),
    },
    then.effect === 'oblige' ? then : { code: `${then.effect}-${rest.id}`, ...then },
  )
}

const automationOf = (byRule: readonly Json[], says = said.says) => {
  const choice = { ...said, nature: 'choice' }
  return { ...choice, says, byRule: byRule.map((when) => ({ ...choice, when })) }
}

/** The file of a policy, its version in force from `from` on. */
export function fileOf(policy: WrittenPolicy, from = '2020-01-01'): SourceFile {
  const { id, kind, applies = true, rules, tellsSilence = false, transposes } = policy
  const { automation = [true], silence = 'no-basis' } = policy
  const text = JSON.stringify({
    ...head,
    ...policy.head,
    instrument: { name: 'An instrument' },
    kind,
    ...(transposes === undefined ? {} : { transposes }),
    applies: { ...said, when: applies },
    ...(kind === 'limit'
      ? {}
      : {
          otherwise: {
            code: silence,
            ...said,
            ...(tellsSilence ? { tell: { cites: ['art. 6'] } } : {}),
          },
          ...(automation === 'unsaid'
            ? {}
            : { automation: automationOf(automation, policy.reserves) }),
        }),
    rules: rules.map(ruleOf),
  })
  return { path: `${id}/${from}.json`, text }
}

/** The file of a list with these members, good from 2020 on. */
export function listOf(
  id: string,
  members: readonly string[],
  over: Readonly<Record<string, unknown>> = {},
): SourceFile {
  const text = JSON.stringify({
    ...head,
    says: 'It is on the list.',
    members: members.map((value) => ({
      value,
      from: '2020-01-01',
      cites: 'art. 1',
      confidence: 'V',
    })),
    ...over,
  })
  return { path: `lists/${id}/2020-01-01.json`, text }
}

/** What is in force; a fault in what the test wrote is the test's own. */
export function nowOf(files: readonly SourceFile[], asOf = day): InForce {
  const { book, faults } = readBook(files, () => sealed)
  if (faults.length > 0) throw new Error(`the test wrote a fault: ${JSON.stringify(faults)}`)
  return inForce(book, asOf, sealed)
}

export const inForceOf = (
  policies: readonly WrittenPolicy[],
  lists: readonly SourceFile[] = [],
): InForce => nowOf([...policies.map((each) => fileOf(each)), ...lists])

type RestOfRule = Partial<Omit<WrittenRule, 'then'>>
type RestOfThen = Partial<WrittenThen>

export const permit = (
  id: string,
  when: Json,
  rest: RestOfRule = {},
  then: RestOfThen = {},
): WrittenRule => doing({ id, when, ...rest }, { effect: 'permit', ...then })
export const deny = (
  id: string,
  when: Json,
  rest: RestOfRule = {},
  then: RestOfThen = {},
): WrittenRule => doing({ id, when, ...rest }, { effect: 'deny', ...then })
export const redact = (
  id: string,
  when: Json,
  treatment: string,
  rest: RestOfRule = {},
  then: RestOfThen = {},
): WrittenRule => doing({ id, when, ...rest }, { effect: 'redact', treatment, ...then })
export const oblige = (
  id: string,
  when: Json,
  obligations: readonly WrittenDuty[],
  rest: RestOfRule = {},
): WrittenRule => doing({ id, when, ...rest }, { effect: 'oblige', obligations })

/** A fact's value is this one. */
export const is = (name: string, value: Json): Json => ({ '===': [{ var: name }, value] })
export const isNot = (name: string, value: Json): Json => ({ '!==': [{ var: name }, value] })

/** Of a request: what offices may answer with no, answered by nobody; where silence is no answer, answered well. */
export const quiet: Readonly<Record<string, string>> = {
  'arrangement.unlisted': 'not-asked',
  'necessity.case': 'not-asked',
  'use.compatible': 'not-asked',
  'assurance.specialty': 'none',
  'consent.person': 'not-asked',
  'match.confirmation': 'none',
  'approval.minister': 'not-asked',
  'approval.court': 'not-asked',
  'transfer.assessment': 'none',
  'transfer.rightsOverride': 'not-weighed',
  'transfer.caseCheck': 'not-checked',
  'risk.torture': 'none',
  'risk.mitigation': 'not-determined',
  'risk.persecution': 'none',
  'risk.unfairTrial': 'none',
}
/** The same of an item of the holder's own. */
export const quietItem: Readonly<Record<string, string>> = {
  'item.originConsent': 'own-data',
  'item.indicatesOffence': 'not-asked',
}
