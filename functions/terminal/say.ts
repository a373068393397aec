/** Answers and explanations as people read them: sentences first, codes beside them. */

import { styleText } from 'node:util'
import * as z from 'zod'
import type { AnswerBody } from '../answer/reply/reply-schema.ts'
import { argued, jurisdictionIn, type Reasoned, waysByClass } from '../decision/argument.ts'
import type { Reason } from '../decision/reasons.ts'
import { isKeptFile } from '../decision/record.ts'
import { confidences } from '../policy/sentence.ts'

/** A moment as people read it, to the minute. */
export const minute = (ts: string): string => ts.slice(0, 16).replace('T', ' ')
/** The same, to the second. */
export const second = (ts: string): string => ts.slice(0, 19).replace('T', ' ')

type Colour = Parameters<typeof styleText>[0]

/** Colour where standard output shows it; plain text in a file, a pipe or with NO_COLOR. */
export const paint = (colour: Colour, text: string): string => styleText(colour, text)

const outcomes = {
  release: ['RELEASED', 'green'],
  redact: ['RELEASED IN PART', 'yellow'],
  deny: ['DENIED', 'red'],
  open: ['NOT DECIDED YET', 'yellow'],
} as const satisfies Readonly<Record<string, readonly [string, Colour]>>

/** What an answer says, in a word. */
export const verdict = (outcome: Verdict, standing: string | null | undefined): string => {
  const [word, colour] = outcomes[standing === 'open' && outcome === 'deny' ? 'open' : outcome]
  return paint(['bold', colour], word)
}
type Verdict = Exclude<keyof typeof outcomes, 'open'>

/** `NOT DECIDED YET (somebody can still supply what is missing)`. */
export function headline(outcome: Verdict, standing: string | null | undefined): string {
  const said =
    standing === 'open'
      ? outcome === 'deny'
        ? ' (somebody can still supply what is missing)'
        : '; the rest is not decided yet'
      : standing === 'final'
        ? ' (final)'
        : ''
  return verdict(outcome, standing) + said
}

/** One reason: its sentence, then its articles, and whether counsel must still check them. */
export function reasonLines({ says, cites, code, rule, confidence }: Reason): readonly string[] {
  const unsure = confidence === 'V' ? '' : ` (${confidences[confidence]})`
  const articles = cites.length === 0 ? '' : `${cites.join('; ')}${unsure}  `
  return [`- ${says}`, paint('dim', `  ${articles}[${code}, ${rule}]`)]
}

/** The reasons that decide, as a lawyer gives them; the others by name, for whoever wants them all. */
export function argumentLines(decision: Reasoned<Reason>, holder: string): readonly string[] {
  const { decisive, toCheck, further } = argued(decision, holder)
  const others = further.map(({ rule }) => rule).join(', ')
  const title = decision.standing === 'open' ? 'To be checked' : 'Not known'
  return [
    ...decisive.flatMap(reasonLines),
    ...section(title, toCheck.flatMap(reasonLines)),
    ...(further.length === 0 ? [] : [paint('dim', `  Further reasons: ${others}`)]),
  ]
}

/** Who must do what: of each class, one of its alternatives. */
export function todoLines(todo: AnswerBody['todo']): readonly string[] {
  return waysByClass(todo).flatMap(({ classes, ways }) => [
    `To be asked again${classes.length === 0 ? '' : ` for ${classes.join(', ')}`} once ${ways.length === 1 ? 'this' : 'one of these'} is attested:`,
    ...ways.flatMap((steps, i) => [
      ...(ways.length === 1 ? [] : [`Alternative ${i + 1}:`]),
      ...steps.map(stepLine),
    ]),
  ])
}

const stepLine = ({ fact, to, by, due }: AnswerBody['todo'][number]): string =>
  `- ${stepText({ fact, to })}, by the ${by.replace('-', "'s ")}` +
  (due === undefined ? '' : `, by ${due}`)

/** A fact and its value: `necessity.case = necessary`. */
export const stepText = ({ fact, to }: Pick<AnswerBody['todo'][number], 'fact' | 'to'>): string =>
  `${fact} = ${Array.isArray(to) ? to.join(', ') : String(to)}`

/** A whole answer. */
export function answerLines(body: AnswerBody): readonly string[] {
  const { outcome, standing, todo, records, obligations, handling } = body
  const items = records.flatMap((record) => record.items)
  const kept = Object.entries(body.classes).filter(([, fate]) => fate === 'not released')
  return [
    headline(outcome, standing) + (body.dryRun ? ' (dry run: nothing was disclosed)' : ''),
    ...argumentLines(body, jurisdictionIn(body.holder)),
    ...section('What leaves', items.map(itemLine)),
    ...section(
      'Not released',
      kept.map(([name]) => `- ${name}`),
    ),
    ...section('Duties', dutyLines(obligations)),
    ...section('Handling', handling.length === 0 ? [] : [`- ${handling.join(', ')}`]),
    // All steps are due at once, which is said once.
    ...todoLines(todo.map(({ due: _, ...step }) => step)),
    ...dueLines(body),
    ...section('Whom to phone', (body.offices ?? []).map(officeLine)),
    ...(outcome === 'deny' ? [] : deciderLines(body)),
    paint('dim', `id ${body.id}`),
  ]
}

/** When an answer is due, and by whose time. */
function dueLines({ answerBy, dueBy = 'law', dueUnder = [] }: AnswerBody): readonly string[] {
  if (answerBy === undefined) return []
  if (dueBy === 'holder')
    return [`Due by ${answerBy}: the holder's own time, since no law names one.`]
  const under = dueUnder.length === 0 ? '' : ` (${dueUnder.join('; ')})`
  return [`The law wants an answer by ${answerBy}${under}.`]
}

/** An office, and how to reach it. */
function officeLine({
  id,
  name,
  telephone,
  languages = [],
  onDuty,
}: NonNullable<AnswerBody['offices']>[number]): string {
  if (telephone === undefined) return `- ${name} (${id}): no telephone is registered`
  const there = onDuty ? 'somebody is there now' : 'nobody is there now'
  return `- ${name} (${id}): ${telephone}, speaks ${languages.join(', ')}; ${there}`
}

/** Who decided: a rule, or an officer. */
function deciderLines({ decidedBy }: AnswerBody): readonly string[] {
  if (decidedBy === undefined) return []
  return decidedBy.kind === 'rule'
    ? ['Decided by rule.']
    : [`Decided by an officer of ${decidedBy.office}, attestation ${decidedBy.attestation}.`]
}

type DisclosedItem = AnswerBody['records'][number]['items'][number]

/** What became of an item that is not whole. */
const treated: Readonly<Record<Exclude<DisclosedItem['treatment'], 'release'>, string>> = {
  mask: 'masked',
  generalise: 'generalised',
  pseudonymise: 'pseudonymised',
  withhold: 'withheld',
}

/** An item as it leaves. */
export function itemLine({ id, element, value, treatment }: DisclosedItem): string {
  const named = isKeptFile(value) ? `  [item ${id}]` : ''
  const how = treatment === 'release' ? '' : ` (${treated[treatment]})`
  return `- ${element}: ${valueText(value)}${named}${how}`
}

/** The value of an item; of a file, what it is. */
export function valueText(value: DisclosedItem['value']): string {
  if (typeof value !== 'object') return String(value)
  if (isKeptFile(value))
    return `${value.type}, ${value.length} bytes: fetch it by comity request file`
  return Object.values(value).join(', ')
}

/** Duties, and on whom they are. */
export const dutyLines = (obligations: AnswerBody['obligations']): readonly string[] =>
  obligations.map(({ code, text, onWhom, due }) =>
    [`- ${text}`, paint('dim', `[${code}, ${onWhom}${due === undefined ? '' : `, ${due}`}]`)].join(
      ' ',
    ),
  )

/** A heading and its lines; nothing where there are none. */
export const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines]

const problemSchema = z.looseObject({
  title: z.string(),
  code: z.string(),
  traceId: z.string().optional(),
  errors: z.array(z.looseObject({ pointer: z.string(), detail: z.string() })).optional(),
})

/** A problem (RFC 9457): what is wrong, where, and the id to ask about. */
export function problemLines(body: unknown): readonly string[] {
  const { data } = problemSchema.safeParse(body)
  if (data === undefined) return ['The gateway answered something that is not a problem.']
  const { title, code, traceId, detail, errors = [] } = data
  return [
    `${title} (${code})`,
    ...(detail === undefined ? [] : [`- ${detail}`]),
    ...errors.map(({ pointer, detail }) => `- ${pointer === '' ? 'the body' : pointer}: ${detail}`),
    ...(traceId === undefined ? [] : [`trace ${traceId}`]),
  ]
}
