/** Decisions that turn, by pair of countries and by what they turn into, as people and programs read. */

import type { Impact, Turn } from '../law/impact.ts'
import type { Replayed } from '../law/two-laws.ts'
import { dayWords, factWords } from '../policy/words.ts'
import { wrap } from './columns.ts'
import { paint } from './say.ts'

/** Ids that are shown of each row of the table. */
const idsShown = 3

/** The table, with a few ids and the facts of the first below each row; nothing where none turns. */
export function turnLines(turns: readonly Turn[], width: number): readonly string[] {
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
export const whole = (count: number): string => count.toLocaleString('en')
const pairOf = ({ requester, holder }: Turn): string => `${requester} → ${holder}`

const changeOf = ({ before, after }: Turn): string => {
  const [was, is] = [before, after].map(replayedWords)
  return was === is ? `${was}, with other items` : `${was} → ${is}`
}

const outcomes: Readonly<Record<Replayed['outcome'], string>> = {
  release: 'released',
  redact: 'released in part',
  deny: 'denied',
  undecided: 'to be decided on the record',
}

const replayedWords = ({ outcome, standing }: Replayed): string =>
  standing === undefined ? outcomes[outcome] : `${outcomes[outcome]} (${standing})`

function exampleLines({ ids, example }: Turn): readonly string[] {
  const more = ids.length > idsShown ? ` and ${whole(ids.length - idsShown)} more` : ''
  const words = (facts: object) =>
    Object.entries(facts).map(([name, value]) => factWords(name, value))
  const facts = [...words(example.facts), ...example.items.map((item) => words(item).join(', '))]
  return [
    `${ids.slice(0, idsShown).join(' ')}${more}`,
    ...(facts.length === 0 ? [] : [`in the first: ${facts.join('; ')}`]),
  ]
}

/** `0.4 %`; a part that is not nothing is never shown as nothing. */
export function percentOf(part: number, all: number): string {
  const percent = all === 0 ? 0 : (100 * part) / all
  return percent > 0 && percent < 0.1 ? 'less than 0.1 %' : `${percent.toFixed(1)} %`
}

/** `5,000 decisions from 1 May 2026 to 24 November 2026`. */
export const countWords = ({ decisions, first, last }: Impact): string =>
  first === undefined || last === undefined
    ? 'No decisions'
    : `${whole(decisions)} ${decisions === 1 ? 'decision' : 'decisions'} from ${dayWords(first.slice(0, 10))} to ${dayWords(last.slice(0, 10))}`

/** The rows as programs read them, with at most so many ids. */
export const turnsJson = (turns: readonly Turn[], idsMax: number) =>
  turns.map(({ requester, holder, before, after, ids, example }) => ({
    requester,
    holder,
    before,
    after,
    decisions: ids.length,
    ids: ids.slice(0, idsMax),
    example,
  }))
