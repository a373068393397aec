/** `comity policy impact`: which logged decisions would have gone otherwise under a draft. */

import { type Command, InvalidArgumentError } from 'commander'
import type { Draft } from '../law/as-if.ts'
import { type Impact, impactOf, withDrafts } from '../law/impact.ts'
import { type Chosen, choose, wholeBook } from './choose.ts'
import { screen, wrap } from './columns.ts'
import { exitCodes, Failure } from './exit.ts'
import { type LogOptions, loggedBy, withLog } from './logged-facts.ts'
import type { Gateway } from './profile.ts'
import { paint } from './say.ts'
import { countWords, percentOf, turnLines, turnsJson, whole } from './turn-lines.ts'

type Options = LogOptions & { readonly limit?: number; readonly json?: true }

/** Ids in the JSON of one row. */
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
    .option('--limit <percent>', 'exit with 6 if more than this would change', percent)
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
      const drafts = names.map((name) => replayable(choose(folder, name, now)))
      const book = wholeBook(folder)
      const impact = impactOf(await loggedBy(options, gateway, now), withDrafts(book, drafts, now))
      if (options.json) console.log(JSON.stringify(impactJson(impact, drafts), null, 2))
      else console.log(impactLines(impact, drafts, screen()).join('\n'))
      const { limit } = options
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
    throw new Failure(
      `couldn’t tell of which policy \`${name}\` is a version: put it where its path says so, such as policies/de/bkag/2027-01-01.json`,
      exitCodes.usage,
    )
  if (draft.kind === 'list' && draft.version.file.elements !== undefined)
    throw new Failure(
      `couldn’t replay with \`${name}\`: which fields a record has was settled when each request was answered`,
      exitCodes.usage,
    )
  return draft
}

/** `eu/2023-977@2027-01-01`. */
export const nameOf = ({ kind, version }: Draft): string =>
  `${kind === 'list' ? 'lists/' : ''}${version.id}@${version.version}`

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
