/** `comity log officers`, `alarms`, `deadlines` and `figures`: what the console shows auditors, in the terminal. */

import { type Command, Option } from 'commander'
import type * as z from 'zod'
import { notCounted, wentOff, type wentOffSchema } from '../../audit/alarms.ts'
import type { deadlinesSchema } from '../../audit/deadlines.ts'
import { type figuresSchema, tableWords } from '../../audit/figures.ts'
import type { Plain } from '../../audit/look.ts'
import { looks } from '../../audit/looks.ts'
import {
  partWords,
  type RankedBy,
  rankedBySchema,
  rankedWords,
  type rankingSchema,
} from '../../audit/officer-ranking.ts'
import { fewer } from '../../audit/published.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { dayOrHour } from '../../terminal/arguments.ts'
import { row, screen } from '../../terminal/columns.ts'
import { exitCodes } from '../../terminal/exit.ts'
import { minute, paint } from '../../terminal/say.ts'
import type { Gateway } from '../profile.ts'
import { type Asking, type Auditor, answerFirst, asAuditor, countryOf, look } from './audit-call.ts'

type Answer<Schema extends z.ZodType> = Plain<z.infer<Schema>>
type Options = Asking & { readonly json?: true }
type OfPeriod = Options & { readonly from: string; readonly until: string }

const unread = ({ complete }: { readonly complete: boolean }) =>
  complete ? undefined : 'ask for a shorter period'

const ofPeriod = (command: Command): Command => {
  const today = new Date().toISOString().slice(0, 10)
  return command
    .option(
      '--from <moment>',
      'from this day or hour on (UTC)',
      dayOrHour,
      `${today.slice(0, 7)}-01`,
    )
    .option('--until <moment>', 'before this day or hour (UTC)', dayOrHour, dayAfter(today, 1))
    .option('--json', 'print as JSON')
}

/** Adds `officers` to `comity log`. */
export function addLogOfficers(log: Command, gateway: Gateway): void {
  ofPeriod(asAuditor(log.command('officers'), gateway))
    .description(
      'Rank the officers of an agency by what they did in a period, against their median.',
    )
    .requiredOption('--agency <id>', 'the agency of the officers, such as GB-POL')
    .addOption(new Option('--most <count>', 'whom to list first').choices(rankedBySchema.options))
    .action(async (options: OfPeriod & { agency: string; most?: RankedBy }) => {
      const { agency, from, until, most: by } = options
      const asked = { agency, from, until, by }
      await answerFirst(options, gateway, (as) => look(as, gateway, looks.officerRanking, asked), {
        isFound: ({ officers }) => officers > 0,
        lines: rankingLines,
        country: countryOf(agency),
        unread: (answer) =>
          unread(answer) && (answer.part ? partWords(answer.part) : unread(answer)),
        note: () => ' Counted is what that office sees.',
      })
    })
}

// A cast: an object's own names.
const names = Object.keys(rankedWords) as RankedBy[]

function rankingLines(ranking: Answer<typeof rankingSchema>): readonly string[] {
  const { agency, officers, timeZone, median, ranked, erased, restricted } = ranking
  const widths = [18, ...names.map(() => 12)]
  return [
    paint('bold', `${agency}: ${officers} officers asked or released something`),
    `hours are those of ${timeZone}; left out: ${erased} erased, ${restricted} restricted`,
    ...(median === undefined
      ? ['Nobody is ranked: with fewer than five officers a median would show each one.']
      : [
          ...[
            ['', ...names.map((name) => rankedWords[name])],
            ['median', ...names.map((name) => String(median[name]))],
            ...ranked.map(({ officer, counts }) => [
              officer,
              ...names.map((name) => {
                const count = counts[name]
                const isOver = typeof count === 'number' && count > 2 * Number(median[name])
                return `${count}${isOver ? ' !' : ''}`
              }),
            ]),
          ].flatMap((cells) => row(cells, widths)),
          `“!” is more than twice the median, where to look and no fault; “${fewer}” may be none.`,
        ]),
  ]
}

/** Adds `alarms` to `comity log`. */
export function addLogAlarms(log: Command, gateway: Gateway): void {
  asAuditor(log.command('alarms'), gateway)
    .description(
      'Say whether alarms of your office went off, and for whom; exit code 6 if one did, or could not be counted.',
    )
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const ask = (as: Auditor) => look(as, gateway, looks.alarms, {})
      // What could not be counted says so on its own line.
      const { alarms } = await answerFirst(options, gateway, ask, {
        isFound: ({ alarms }) => alarms.length > 0,
        lines: alarmLines,
      })
      if (alarms.some(wentOff)) process.exitCode = exitCodes.limitExceeded
    })
}

/** What alarms found. */
export const alarmLines = ({ alarms }: Answer<typeof wentOffSchema>): readonly string[] =>
  alarms.length === 0
    ? ['No alarm is set.']
    : alarms.map(({ agency, by, days, over, officers, complete }) => {
        const who = officers.map(({ officer, count }) => `${officer} has ${count}`)
        const all = complete ? who : [...who, notCounted]
        const what = `${rankedWords[by]}: more than ${over} in ${days} days, ${agency}`
        return all.length === 0
          ? `${what}: for nobody`
          : paint('bold', `${what}: ${all.join(', ')}`)
      })

/** Adds `deadlines` to `comity log`. */
export function addLogDeadlines(log: Command, gateway: Gateway): void {
  asAuditor(log.command('deadlines'), gateway)
    .description(
      'List open denials and notices by when they are due; exit code 6 if one is overdue.',
    )
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const ask = (as: Auditor) => look(as, gateway, looks.deadlines, {})
      const { denials, told } = await answerFirst(options, gateway, ask, {
        isFound: ({ denials, told }) => denials.length + told.length > 0,
        lines: deadlineLines,
        unread,
        note: ({ agency }) => ` Listed is what holders of ${countryOf(agency)} owe.`,
      })
      if ([...denials, ...told].some(({ overdue }) => overdue))
        process.exitCode = exitCodes.limitExceeded
    })
}

function deadlineLines({ denials, told }: Answer<typeof deadlinesSchema>): readonly string[] {
  const due = (each: { readonly due: string; readonly overdue: boolean }) =>
    `${minute(each.due)} UTC${each.overdue ? ', OVERDUE' : ''}`
  const waiting = told.filter(({ did }) => did === undefined)
  return [
    paint('bold', `Open denials: ${denials.length}`),
    ...denials.flatMap((each) => [
      `${due(each)}${each.urgent ? ', urgent' : ''}: ${each.requester} asked ${each.holder}`,
      paint('dim', `id ${each.id}`),
    ]),
    paint('bold', `Told of a change and no answer yet: ${waiting.length} of ${told.length}`),
    ...waiting.flatMap((each) => [
      `${due(each)}: ${each.to}, what ${each.holder} gave was ${each.what}`,
      paint('dim', `id ${each.id}`),
    ]),
  ]
}

/** Adds `figures` to `comity log`. */
export function addLogFigures(log: Command, gateway: Gateway): void {
  ofPeriod(asAuditor(log.command('figures'), gateway))
    .description(
      'Count the decisions of your holders in any period, for the authority alone; to publish, `comity log report --published`.',
    )
    .action(async (options: OfPeriod) => {
      const { from, until } = options
      await answerFirst(
        options,
        gateway,
        (as) => look(as, gateway, looks.figures, { from, until }),
        {
          isFound: ({ decisions, dryRuns }) => decisions + dryRuns > 0,
          lines: figureLines,
          unread,
          note: ({ agency }) => ` Counted is what agencies of ${countryOf(agency)} decided.`,
        },
      )
    })
}

function figureLines(figures: Answer<typeof figuresSchema>): readonly string[] {
  const { from, until, decisions, dryRuns, tables, law } = figures
  const width = Math.min(screen() - 20, 70)
  const counted = (name: string, count: number) => row([name, String(count)], [width, 14])
  // A cast: the words have every table.
  const all = Object.keys(tableWords) as (keyof typeof tableWords)[]
  return [
    paint('bold', `${from.slice(0, 10)} until ${until.slice(0, 10)}`),
    ...counted('decisions', decisions),
    ...counted('dry runs, in no table', dryRuns),
    ...all.flatMap((name) => {
      const rows = Object.entries(tables[name])
      return rows.length === 0
        ? []
        : [
            '',
            paint('bold', tableWords[name]),
            ...rows.flatMap(([what, each]) => counted(what, each.decisions)),
          ]
    }),
    '',
    `The law of the last day: ${law.length === 0 ? 'none of your own was in force' : law.join(', ')}`,
    'For the authority alone, and not to be published: `comity log report --published` says what may be.',
  ]
}
