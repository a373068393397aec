/** Figures: what was decided in a year or a month, counted, and what one officer asked for beside the others. */

import { type Html, html } from '../answer/html.ts'
import { looks } from '../audit/looks.ts'
import { show } from './frame.ts'
import { type Looking, lookOnPage, purposeField, purposeIn } from './looking.ts'
import { type FieldFault, faultSummary, tableHtml, termsHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

const field = (id: string, text: string, hint: string, value: string, type = 'text'): Html =>
  html`<p><label for="${id}">${text} <span class="hint">${hint}</span></label><input id="${id}" name="${id}" type="${type}" value="${value}"></p>`

/** The counts of a year or a month, by holder's side. */
export async function figuresPage(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const value = (name: string) => query.get(name) ?? ''
  const year = value('year') || looking.world.now().toISOString().slice(0, 4)
  const form = html`<form class="ask" method="get" action="/console/figures"><div class="fields">${purposeField(purposeIn(query))}
${field('year', 'Year', 'UTC', year)}${field('month', 'Month', '1 to 12; all without', value('month'))}</div><p><button>Count</button></p></form>`
  const page = (found: Html, faults: readonly FieldFault[] = []) =>
    show(c, looking.world, {
      title: 'Figures',
      main: html`${faultSummary(faults)}${found}${form}`,
      status: faults.length > 0 ? 422 : 200,
    })
  if (!query.has('purpose')) return page(html``)
  const asked = { purpose: value('purpose'), month: value('month'), cursor: value('cursor') }
  const looked = await lookOnPage(c, looks.yearReport, asked, looking, { year })
  if ('response' in looked) return looked.response
  if ('faults' in looked) return page(html``, looked.faults)
  const { counts, published, note, next } = looked.answer
  const parts = [
    ['By month', counts.months],
    ['Who asked whom', counts.flows],
    ['By purpose', counts.purposes],
    ['By outcome, as told', counts.outcomes],
    ['Denials', counts.standings],
    ['By policy; a decision relies on several', counts.policies],
    ['By article; several, too', counts.articles],
  ] as const
  const more = `${new URLSearchParams({ purpose: asked.purpose, year, month: asked.month, cursor: next ?? '' })}`
  return page(html`<p role="status">${counts.decisions} decisions; ${counts.dryRuns} dry runs, in no table; of ${counts.erased} the personal part is gone; ${counts.curedDenials} released something that was denied before. ${note}</p>
${next === undefined ? '' : html`<p>These are counts of one part; the parts are added up. <a class="button" href="/console/figures?${more}">The next part</a></p>`}
${
  published === undefined
    ? ''
    : html`<div class="panel">${published.says.map((each) => html`<p>${each}</p>`)}<p>What may be published of it, small numbers hidden: ${Object.entries(
        published.outcomes,
      )
        .map(([what, count]) => `${what}: ${count}`)
        .join('; ')}.</p></div>`
}
${parts.filter(([, table]) => Object.keys(table).length > 0).map(([caption, table]) => tableHtml(caption, ['What', 'Decisions'], byCount(table)))}`)
}

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
  const form = html`<form class="ask" method="get" action="/console/officers"><div class="fields">${purposeField(purposeIn(query))}
${field('agency', 'Agency', 'such as FR-SPOC', value('agency'))}${field('officer', 'Officer', 'by id', value('officer'))}
${field('from', 'From', 'the day, UTC', value('from'), 'date')}${field('until', 'Until', 'before this day', value('until'), 'date')}</div><p><button>Compare</button></p></form>`
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
${tableHtml('By purpose', ['Purpose', 'Decisions'], byCount(profile.purposes))}`)
}
