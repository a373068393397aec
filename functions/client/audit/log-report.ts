/** `comity log report`: the decisions of a year counted, month by month. */

import { type Command, InvalidArgumentError } from 'commander'
import { looks } from '../../audit/looks.ts'
import {
  isSettled,
  type PublishedMonth,
  publishedMonth,
  publishedNotes,
  rowsInWords,
} from '../../audit/published.ts'
import { added, monthOfCounts, nothingCounted, type YearCounts } from '../../audit/year-report.ts'
import { beside, screen } from '../../terminal/columns.ts'
import { counter } from '../../terminal/counted.ts'
import { paint } from '../../terminal/say.ts'
import type { Gateway } from '../profile.ts'
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
    .option(
      '--published',
      'as it may be published: months that are over, rounded, and nothing below 5',
    )
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const offices = looksOf(options, gateway)
      const { year } = options
      const { as, answer: months } = await firstFound(
        offices,
        (each) => countsOf({ ...options, ...each }, gateway),
        (each) => each.some(({ counts }) => counts.decisions + counts.dryRuns > 0),
      )
      const [json, lines] = options.published ? toPublish(months, year) : inside(months, year)
      console.log(options.json ? JSON.stringify({ year, ...json }, null, 2) : lines.join('\n'))
      const whose = ` Counted is what agencies of ${countryOf(as.agency)} decided.`
      tellAs(options, [as], whose + elsewhere(offices.filter((each) => each !== as)))
    })
}

type Month = {
  readonly month: string
  readonly counts: YearCounts
  readonly settledUntil: string
}

async function countsOf(options: Options & Auditor, gateway: Gateway): Promise<readonly Month[]> {
  const months: Month[] = []
  for (let month = 1; month <= 12; month++) {
    const name = `${options.year}-${String(month).padStart(2, '0')}`
    const show = counter(`decisions counted, ${name}`)
    let counts = nothingCounted
    let settledUntil = ''
    let cursor: string | undefined
    do {
      const asked = { year: options.year, month, cursor }
      const part = await look(options, gateway, looks.yearReport, asked)
      counts = added(counts, part.counts)
      // As it was before the first part was read.
      if (cursor === undefined) settledUntil = part.settledUntil
      show(counts.decisions + counts.dryRuns)
      cursor = part.next
    } while (cursor !== undefined)
    show()
    months.push({ month: name, counts, settledUntil })
  }
  return months
}

/** A report, as JSON and as lines. */
type Report = readonly [json: object, lines: readonly string[]]

function inside(months: readonly Month[], year: string): Report {
  const counts = months.reduce((sum, each) => added(sum, each.counts), nothingCounted)
  return [counts, reportLines(counts, year)]
}

function toPublish(months: readonly Month[], year: string): Report {
  const published = months
    .filter(({ month, settledUntil }) => isSettled(month, settledUntil))
    .map(({ month, counts }) => publishedMonth(month, monthOfCounts(counts)))
  const lines = [
    paint('bold', `Decisions of ${year}, as they may be published`),
    ...(published.length === 0 ? ['No month of it is over and in the log yet.'] : []),
    ...published.flatMap(monthLines),
    '',
    ...publishedNotes,
  ]
  return [{ published, says: publishedNotes }, lines]
}

const monthLines = ({ month, decisions, tables }: PublishedMonth): readonly string[] => [
  '',
  paint('bold', month),
  ...row('decisions', decisions),
  ...Object.values(tables).flatMap((groups = []) =>
    groups.flatMap((each) => row(rowsInWords(each.rows), each.decisions)),
  ),
]

function row(name: string, count: number | string): readonly string[] {
  const width = Math.min(screen() - 20, 70)
  return beside([[name], [count.toLocaleString('en')]], [width, 14])
}

const titles = {
  months: 'By month (UTC)',
  flows: 'Who asked whom',
  callers: 'By the state whose agency called',
  purposes: 'By purpose',
  outcomes: 'By outcome',
  standings: 'Denials by standing',
  policies: 'Policies relied on',
  articles: 'Articles relied on',
} as const

/** How many policies and articles are shown; the rest are in the JSON alone. */
const rowsMax = 20

function reportLines(report: YearCounts, year: string): readonly string[] {
  // A cast: `titles` has every table and nothing else.
  const names = Object.keys(titles) as (keyof typeof titles)[]
  return [
    paint('bold', `Decisions of ${year}`),
    ...row('decisions', report.decisions),
    ...row('of these, denials that were remedied and asked again', report.curedDenials),
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
    'For the authority alone: a number below 5 may tell of one person. To publish, --published.',
  ]
}
