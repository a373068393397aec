/** One officer: what they asked for in a period, beside the median of the agency's officers. */

import { type Html, html } from '../answer/reply/html.ts'
import { looks } from '../audit/looks.ts'
import { dayField, show, textField } from './frame.ts'
import { type Looking, lookOnPage, purposeField, purposeIn } from './looking.ts'
import { type FieldFault, faultSummary, tableHtml, termsHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

const byCount = (table: Readonly<Record<string, number>>) =>
  Object.entries(table).toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))

const measures = {
  decisions: 'Decisions, dry runs among them',
  dryRuns: 'Dry runs',
  denials: 'Denials',
  atNight: 'At night, from 22:00 to 06:00 there',
  onWeekends: 'On weekends there',
  subjects: 'Different people',
  repeatedSubjects: 'People asked for more than once',
  cases: 'Different cases',
  mostInCase: 'Most people in one case',
  aloneInCase: 'Alone in their case',
} as const

/** What an officer asked for in a period, beside the median of the agency's officers. */
export async function officerPage(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const value = (name: string) => query.get(name) ?? ''
  const form = html`<form class="ask" method="get" action="/console/officer"><div class="fields">${purposeField(purposeIn(query))}
${textField('agency', 'Agency', 'such as FR-SPOC', value('agency'))}${textField('officer', 'Officer', 'by id', value('officer'))}
${dayField('from', 'From', 'the day, UTC', value('from'))}${dayField('until', 'Until', 'before this day', value('until'))}</div><p><button>Compare</button></p></form>`
  const page = (found: Html, faults: readonly FieldFault[] = []) =>
    show(c, looking.world, {
      title: 'An officer, compared',
      main: html`${faultSummary(faults)}${found}${form}`,
      status: faults.length > 0 ? 422 : 200,
    })
  if (!query.has('purpose')) return page(html``)
  const asked = Object.fromEntries(
    ['purpose', 'agency', 'officer', 'from', 'until'].map((name) => [name, value(name)]),
  )
  const looked = await lookOnPage(c, looks.officerProfile, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return page(html``, looked.faults)
  const { agency, officer, timeZone, complete, comparison, erased, restricted, ...profile } =
    looked.answer
  const { purpose = '', from = '', until = '' } = asked
  const theirs = `${new URLSearchParams({ purpose, requester: agency, officer, from, until })}`
  const median = 'median' in comparison ? comparison.median : undefined
  const whyNot = 'none' in comparison ? comparison.none : undefined
  return page(html`<h2>${officer} of ${agency}</h2>
${termsHtml([
  ['Their time', timeZone],
  [
    'Compared with',
    whyNot === undefined
      ? `the median of ${'officers' in comparison ? comparison.officers : 0} officers of the agency`
      : whyNot === 'fewer-than-five-officers'
        ? 'nobody: with fewer than five officers a median would show each one'
        : 'nobody: there are too many entries',
  ],
  [
    'Left out',
    `${erased} erased, ${restricted} restricted${complete ? '' : '; only the newest were read'}`,
  ],
])}
${tableHtml(
  'Counts',
  ['What', 'This officer', 'Median'],
  Object.entries(measures).map(([name, text]) => [
    text,
    profile.measures[name as keyof typeof measures],
    median?.[name] ?? '–',
  ]),
)}
${tableHtml('By purpose', ['Purpose', 'Decisions'], byCount(profile.purposes))}
<p><a class="button" href="/console/search?${theirs}">Their entries</a></p>`)
}
