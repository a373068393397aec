/** `comity log report`: the decisions of a year counted, month by month. */

import { type Command, InvalidArgumentError } from 'commander'
import { looks } from '../audit/looks.ts'
import {
  added,
  nothingCounted,
  type PublishedCounts,
  published,
  type YearCounts,
} from '../audit/year-report.ts'
import {
  type Asking,
  type Auditor,
  asAuditor,
  countryOf,
  elsewhere,
  firstFound,
  look,
  looksOf,
  tellAs,
} from './audit-call.ts'
import { beside, screen } from './columns.ts'
import { counter } from './log-export.ts'
import type { Gateway } from './profile.ts'
import { paint } from './say.ts'

type Options = Asking & {
  readonly year: string
  readonly published?: true
  readonly json?: true
}

const yearOf = (value: string): string => {
  if (/^2\d{3}$/.test(value)) return value
  throw new InvalidArgumentError('a year is written like 2026.')
}

/** Adds `report` to `comity log`. */
export function addLogReport(log: Command, gateway: Gateway): void {
  asAuditor(log.command('report'), gateway)
    .description('Count the decisions of a year that your jurisdiction’s agencies took as holders.')
    .option('--year <year>', 'the year', yearOf, String(new Date().getUTCFullYear()))
    .option('--published', 'as it may be published: rounded, and nothing below 5')
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const offices = looksOf(options, gateway)
      const { as, answer: counts } = await firstFound(
        offices,
        (each) => countsOf({ ...options, ...each }, gateway),
        ({ decisions, dryRuns }) => decisions + dryRuns > 0,
      )
      const report = options.published ? published(counts, options.year) : counts
      console.log(
        options.json
          ? JSON.stringify({ year: options.year, ...report }, null, 2)
          : reportLines(report, options.year).join('\n'),
      )
      const whose = ` Counted is what agencies of ${countryOf(as.agency)} decided.`
      tellAs(options, [as], whose + elsewhere(offices.filter((each) => each !== as)))
    })
}

async function countsOf(options: Options & Auditor, gateway: Gateway): Promise<YearCounts> {
  let all = nothingCounted
  for (let month = 1; month <= 12; month++) {
    const show = counter(`decisions counted, ${options.year}-${String(month).padStart(2, '0')}`)
    let cursor: string | undefined
    do {
      const asked = { year: options.year, month, cursor }
      const { counts, next } = await look(options, gateway, looks.yearReport, asked)
      all = added(all, counts)
      show(all.decisions + all.dryRuns)
      cursor = next
    } while (cursor !== undefined)
    show()
  }
  return all
}

const titles = {
  months: 'By month (UTC)',
  flows: 'Who asked whom',
  purposes: 'By purpose',
  outcomes: 'By outcome',
  standings: 'Denials by standing',
  policies: 'Policies relied on',
  articles: 'Articles relied on',
} as const

/** How many policies and articles are shown; the rest are in the JSON alone. */
const rowsMax = 20

function reportLines(report: YearCounts | PublishedCounts, year: string): readonly string[] {
  const width = Math.min(screen() - 20, 70)
  const row = (name: string, count: number | string) =>
    beside([[name], [count.toLocaleString('en')]], [width, 14])
  // A cast: `titles` has every table and nothing else.
  const names = Object.keys(titles) as (keyof typeof titles)[]
  return [
    paint('bold', `Decisions of ${year}`),
    ...row('decisions', report.decisions),
    ...row('of these, denials that were asked again and cured', report.curedDenials),
    ...row('of these, with their personal part erased', report.erased),
    ...row('dry runs, in no table', report.dryRuns),
    ...names.flatMap((name) => {
      const rows = Object.entries(report[name])
      const sorted =
        name === 'months'
          ? rows.sort(([a], [b]) => (a < b ? -1 : 1))
          : rows.sort(([, a], [, b]) => Number(b) - Number(a) || 0)
      return rows.length === 0
        ? []
        : [
            '',
            paint('bold', titles[name]),
            ...sorted.slice(0, rowsMax).flatMap(([of, count]) => row(of, count)),
            ...(rows.length > rowsMax ? [`${rows.length - rowsMax} more: add --json`] : []),
          ]
    }),
    '',
    ...('says' in report
      ? report.says
      : [
          'For the authority alone: a number below 5 may tell of one person. To publish, --published.',
        ]),
  ]
}
