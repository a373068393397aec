/** `comity policy impact` and `affected`: which logged decisions a draft or a correction would change. */

import { type Command, InvalidArgumentError } from 'commander'
import { toldWords } from '../../audit/entry-terms.ts'
import type { Gateway } from '../../client/profile.ts'
import { lawId } from '../../policy/book.ts'
import { dayWords, factWords, subject } from '../../policy/words.ts'
import { printed, screen, wrap } from '../../terminal/columns.ts'
import { exitCodes, misuse } from '../../terminal/exit.ts'
import { paint } from '../../terminal/say.ts'
import type { Aspect, LoggedOutcome } from '../law/differ.ts'
import {
  type Affected,
  affectedBy,
  type Impact,
  impactOf,
  type TurnedRow,
  withDrafts,
} from '../law/impact.ts'
import type { Draft } from '../law/law.ts'
import { type Chosen, choose, readLaw, wholeBook } from './choose.ts'
import { type LogOptions, loggedBy, withLog } from './logged-facts.ts'

type Options = LogOptions & { readonly mostChanged?: number; readonly json?: true }

/** How many ids the JSON of one row has, at most. */
const idsMax = 10

/** Adds `impact` to the policy commands. */
export function addPolicyImpact(policy: Command, folder: string, gateway: Gateway): void {
  withLog(
    policy
      .command('impact')
      .description('Replay logged decisions with a draft, and count those that would change.')
      .argument('<drafts...>', 'files or ids of versions, such as de/bkag/2027-01-01.json'),
    gateway,
  )
    .option(
      '--most-changed <percent>',
      'exit with 6 if more than this would be answered otherwise, in whatever aspect',
      percent,
    )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
A draft counts as if it had been in force all along in place of the versions before it; a correction
(.r2) only on the days of the version that it corrects. Of a list, new entries count from the first
day, and ended ones have ended. Only facts are replayed: of no person anything is fetched or shown.`,
    )
    .action(async (names: string[], options: Options) => {
      const now = new Date().toISOString()
      const law = readLaw(folder)
      const drafts = names.map((name) => replayable(choose(law, name, now)))
      const laws = withDrafts(wholeBook(law), drafts, now)
      const impact = impactOf(await loggedBy(options, gateway, now), laws)
      printed(options.json, impactJson(impact, drafts), () => impactLines(impact, drafts, screen()))
      const { mostChanged: limit } = options
      if (limit === undefined || impact.changed * 100 <= limit * impact.decisions) return
      console.error(
        `More would change than allowed: ${percentOf(impact.changed, impact.decisions)}; the limit is ${limit} %.`,
      )
      process.exitCode = exitCodes.limitExceeded
    })
}

const percent = (value: string): number => {
  const number = Number(value.replace(/ ?%$/, ''))
  if (value !== '' && number >= 0 && number <= 100) return number
  throw new InvalidArgumentError('a limit is written like 1 or 0.5, in percent.')
}

/** A version that past decisions can be replayed with. Throws a Failure that says why not. */
export function replayable({ name, ...draft }: Chosen): Draft {
  if (draft.version.id.startsWith('draft/'))
    throw misuse(
      `couldn’t tell of which policy \`${name}\` is a version: put it where its path says so, such as policies/de/bkag/2027-01-01.json`,
    )
  if (draft.kind === 'list' && draft.version.file.elements !== undefined)
    throw misuse(
      `couldn’t replay with \`${name}\`: which fields a record has was settled when each request was answered`,
    )
  return draft
}

/** `eu/2023-977@2027-01-01`. */
const nameOf = ({ version }: Draft): string => `${lawId(version)}@${version.version}`

function impactLines(impact: Impact, drafts: readonly Draft[], width: number): readonly string[] {
  const { decisions, changed, turns } = impact
  return [
    ...drafts.flatMap((draft) => [
      paint('bold', draft.version.file.title),
      paint('dim', `${nameOf(draft)}, ${placeWords(draft)}`),
    ]),
    ...wrap(`${countWords(impact)}, replayed by the law as it is known today.`, width),
    `${whole(changed)} would change (${percentOf(changed, decisions)}).`,
    ...turnLines(turns, width),
  ]
}

const placeWords = ({ version: { day, revision } }: Draft): string =>
  revision > 1
    ? `in place of the version of ${day}, on the days of that version`
    : 'as if in force all along, in place of the versions before it'

const impactJson = ({ turns, ...impact }: Impact, drafts: readonly Draft[]) => ({
  drafts: drafts.map(nameOf),
  ...impact,
  percent: impact.decisions === 0 ? 0 : (100 * impact.changed) / impact.decisions,
  turns: turnsJson(turns, idsMax),
})

/** Adds `affected` to the policy commands. */
export function addPolicyAffected(policy: Command, folder: string, gateway: Gateway): void {
  withLog(
    policy
      .command('affected')
      .description(
        'List past decisions that rested on what a file corrects, and which would change.',
      )
      .argument('<file>', 'the corrected version, such as de/bkag/2026-02-14.r2.json'),
    gateway,
  )
    .option('--json', 'print as JSON, with every id')
    .addHelpText(
      'after',
      `
A decision is touched if it was made while the file should have been in force, and rested on another
version. A file that is no correction is asked about the days from its own on, before it was sealed.
An office is given what was asked of holders in its own jurisdiction: each asks for itself.`,
    )
    .action(async (name: string, options: LogOptions & { readonly json?: true }) => {
      const now = new Date().toISOString()
      const law = readLaw(folder)
      const draft = replayable(choose(law, name, now))
      const decisions = await loggedBy(options, gateway, now)
      const affected = affectedBy(decisions, wholeBook(law), draft, now)
      printed(options.json, affectedJson(affected, draft), () =>
        affectedLines(affected, draft, whoseOf(options), screen()),
      )
    })
}

/** Whose decisions were looked at, so that nobody takes “none of these” for “none at all”. */
const whoseOf = ({ facts, as }: LogOptions): readonly string[] =>
  facts === undefined ? [`Looked at: what was asked of holders in the jurisdiction of ${as}.`] : []

function affectedLines(
  affected: Affected,
  draft: Draft,
  whose: readonly string[],
  width: number,
): readonly string[] {
  const { rested, on, changed, turns } = affected
  const both = changedOf(affected).length
  const others = changed - both
  const lines = [
    ...whose,
    rested.length === 0
      ? 'No decision rested on what it replaces.'
      : `${whole(rested.length)} rested on ${on.join(' or ')}; ${whole(both)} of them would be answered differently.`,
    ...(others === 0
      ? []
      : [`So would ${whole(others)} to which it did not apply, and now would.`]),
  ]
  return [
    paint('bold', draft.version.file.title),
    paint('dim', nameOf(draft)),
    ...lines.flatMap((line) => wrap(line, width)),
    ...turnLines(turns, width),
  ]
}

/** The ids of decisions that rested on the other version and would be answered differently. */
function changedOf({ turns, rested }: Affected): readonly string[] {
  const all = new Set(rested)
  return turns.flatMap(({ ids }) => ids).filter((id) => all.has(id))
}

const affectedJson = (affected: Affected, draft: Draft) => ({
  file: nameOf(draft),
  rested: { on: affected.on, ids: affected.rested },
  changed: affected.changed,
  turns: turnsJson(affected.turns, affected.changed),
})

/** How many ids each row of the table shows. */
const idsShown = 3

/** The table, with a few ids and the facts of the first below each row; empty if no decision turns. */
function turnLines(turns: readonly TurnedRow[], width: number): readonly string[] {
  if (turns.length === 0) return []
  const rows = turns.map((each) => [pairOf(each), changeOf(each), whole(each.ids.length)] as const)
  const head = ['requester → holder', 'change', 'decisions'] as const
  const widths = head.map((text, i) =>
    Math.max(...[head, ...rows].map((row) => (row[i] ?? text).length)),
  )
  const lineOf = ([pair, change, count]: readonly [string, string, string]) =>
    `${pair.padEnd(widths[0] ?? 0)}   ${change.padEnd(widths[1] ?? 0)}   ${count.padStart(widths[2] ?? 0)}`
  return [
    '',
    paint('dim', lineOf(head)),
    ...turns.flatMap((turn, i) => [
      lineOf(rows[i] ?? head),
      ...exampleLines(turn).flatMap((line) =>
        wrap(`    ${line}`, width).map((each) => paint('dim', each)),
      ),
    ]),
  ]
}

/** A count as people write it. */
const whole = (count: number): string => count.toLocaleString('en')
/** `FR → DE`. */
export const pairOf = ({ requester, holder }: TurnedRow): string => `${requester} → ${holder}`

/** `released → denied (open)`, `released, with other duties`. */
export const changeOf = ({ before, after, aspect }: TurnedRow): string => {
  const [was, is] = [before, after].map(outcomeWords)
  return was === is ? `${was}, ${aspectWords[aspect]}` : `${was} → ${is}`
}

const aspectWords: Readonly<Record<Aspect, string>> = {
  outcome: 'with other items',
  duties: 'with other duties',
  standing: 'with other facts missing',
  told: 'told otherwise',
  reasons: 'for other reasons',
}

const outcomeWords = ({ outcome, standing }: LoggedOutcome): string =>
  outcome === 'undecided' ? 'to be decided on the record' : toldWords(outcome, standing)

function exampleLines({ ids, example, unknown }: TurnedRow): readonly string[] {
  const more = ids.length > idsShown ? ` and ${whole(ids.length - idsShown)} more` : ''
  const words = (facts: object) =>
    Object.entries(facts).map(([name, value]) => factWords(name, value))
  const facts = [...words(example.facts), ...example.items.map((item) => words(item).join(', '))]
  return [
    `${ids.slice(0, idsShown).join(' ')}${more}`,
    ...(facts.length === 0 ? [] : [`in the first: ${facts.join('; ')}`]),
    ...Object.entries(unknown).map(
      ([name, count]) => `not known in ${whole(count)}, and it may decide: ${subject(name)}`,
    ),
  ]
}

/** `0.4 %`; a part above zero is never shown as zero. */
export function percentOf(part: number, all: number): string {
  const percent = all === 0 ? 0 : (100 * part) / all
  return percent > 0 && percent < 0.1 ? 'less than 0.1 %' : `${percent.toFixed(1)} %`
}

/** `5,000 decisions from 1 May 2026 to 24 November 2026`. */
export const countWords = ({ decisions, first, last }: Impact): string =>
  first === undefined || last === undefined
    ? 'No decisions'
    : `${whole(decisions)} ${decisions === 1 ? 'decision' : 'decisions'} from ${dayWords(first.slice(0, 10))} to ${dayWords(last.slice(0, 10))}`

/** The rows as programs read them, with at most `idsMax` ids each. */
const turnsJson = (turns: readonly TurnedRow[], idsMax: number) =>
  turns.map(({ requester, holder, before, after, aspect, ids, unknown, example }) => ({
    requester,
    holder,
    before,
    after,
    aspect,
    decisions: ids.length,
    ids: ids.slice(0, idsMax),
    unknown,
    example,
  }))
