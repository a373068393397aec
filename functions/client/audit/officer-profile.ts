/** `comity log profile`: what an officer asked for in a period, beside the agency's other officers. */

import type { Command } from 'commander'
import type * as z from 'zod'
import type { Plain } from '../../audit/look.ts'
import { looks } from '../../audit/looks.ts'
import type { Measures, profileSchema } from '../../audit/officer-profile.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { day } from '../../terminal/arguments.ts'
import { row } from '../../terminal/columns.ts'
import { paint } from '../../terminal/say.ts'
import type { Gateway } from '../profile.ts'
import { type Asking, answerFirst, asAuditor, countryOf, look } from './audit-call.ts'

type Options = Asking & {
  readonly agency: string
  readonly of: string
  readonly from: string
  readonly until: string
  readonly json?: true
}

/** Adds `profile` to `comity log`. */
export function addLogProfile(log: Command, gateway: Gateway): void {
  const today = new Date().toISOString().slice(0, 10)
  asAuditor(log.command('profile'), gateway)
    .description('Count what an officer asked for in a period, beside the agency’s other officers.')
    .requiredOption('--agency <id>', 'the agency of the officer, such as GB-POL')
    .requiredOption('--of <id>', 'the officer')
    .option('--from <day>', 'from this day on (UTC)', day, `${today.slice(0, 4)}-01-01`)
    .option('--until <day>', 'before this day (UTC)', day, dayAfter(today, 1))
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const { agency, of: officer, from, until } = options
      const asked = { agency, officer, from, until }
      await answerFirst(options, gateway, (as) => look(as, gateway, looks.officerProfile, asked), {
        isFound: ({ measures }) => measures.decisions > 0,
        lines: profileLines,
        // The agency’s own auditor sees all that it asked.
        country: countryOf(agency),
        note: () => ' Counted is what that office sees.',
      })
    })
}

const words: Readonly<Record<keyof Measures, string>> = {
  decisions: 'decisions, dry runs among them',
  dryRuns: 'dry runs',
  denials: 'denials, as told',
  atNight: 'at night (22:00 to 06:00)',
  onWeekends: 'on a Saturday or Sunday',
  subjects: 'different people',
  repeatedSubjects: 'people asked for more than once',
  cases: 'different cases',
  mostInCase: 'different people in one case, at most',
  aloneInCase: 'alone in their case',
}

const without = {
  'fewer-than-five-officers': 'No median: fewer than five officers asked in this period.',
  'too-many-entries': 'No median: the agency has too many entries; choose a shorter period.',
} as const

function profileLines(profile: Plain<z.infer<typeof profileSchema>>): readonly string[] {
  const { agency, officer, from, until, timeZone, measures, purposes, comparison } = profile
  const median = 'median' in comparison ? comparison.median : undefined
  const widths = [34, 7, 7]
  // A cast: `words` has every measure and nothing else.
  const names = Object.keys(words) as (keyof Measures)[]
  return [
    paint('bold', `${agency} ${officer}`),
    `${from.slice(0, 10)} until ${until.slice(0, 10)} (UTC); hours are those of ${timeZone}`,
    ...[
      ['', 'officer', ...(median === undefined ? [] : ['median'])],
      ...names.map((name) => [
        words[name],
        String(measures[name]),
        ...(median ? [String(median[name] ?? '')] : []),
      ]),
      ...Object.entries(purposes).map(([purpose, count]) => [`for ${purpose}`, `${count}`]),
    ].flatMap((cells) => row(cells, widths)),
    ...('none' in comparison
      ? [without[comparison.none]]
      : [
          `The median is that of ${comparison.officers} officers of the agency, this one included.`,
        ]),
    ...(profile.erased + profile.restricted === 0
      ? []
      : [
          `${profile.erased} erased and ${profile.restricted} restricted: not counted by person and case.`,
        ]),
    ...(profile.complete ? [] : ['Only the newest were read; choose a shorter period.']),
  ]
}
