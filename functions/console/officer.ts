/** One officer: what they asked for in a period, beside the median of the agency's officers. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { looks } from '../audit/looks.ts'
import { dayField, show, textField } from './frame.ts'
import { type Looking, lookOnPage, purposeField, purposeIn } from './looking.ts'
import { type FieldFault, faultSummary, tableHtml, termsHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

const byCount = (table: Readonly<Record<string, number>>) =>
  Object.entries(table).toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))

const measures = {
  decisions: say('officer.counts.decisions'),
  dryRuns: say('officer.counts.dryRuns'),
  denials: say('officer.counts.denials'),
  atNight: say('officer.counts.atNight'),
  onWeekends: say('officer.counts.onWeekends'),
  subjects: say('officer.counts.subjects'),
  repeatedSubjects: say('officer.counts.repeatedSubjects'),
  cases: say('officer.counts.cases'),
  mostInCase: say('officer.counts.mostInCase'),
  aloneInCase: say('officer.counts.aloneInCase'),
} as const

/** What an officer asked for in a period, beside the median of the agency's officers. */
export async function officerPage(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const value = (name: string) => query.get(name) ?? ''
  const form = html`<form class="ask" method="get" action="/console/officer"><div class="fields">${purposeField(purposeIn(query))}
${textField('agency', say('terms.agency'), say('terms.agencyHint'), value('agency'))}${textField('officer', say('terms.officer'), say('officer.byId'), value('officer'))}
${dayField('from', say('terms.from'), say('terms.dayHint'), value('from'))}${dayField('until', say('terms.until'), say('terms.untilHint'), value('until'))}</div><p><button>${say('officer.compare')}</button></p></form>`
  const page = (found: Html, faults: readonly FieldFault[] = []) =>
    show(c, looking.world, {
      title: say('officer.title'),
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
  return page(html`<h2>${say('terms.officerOf', { officer, agency })}</h2>
${termsHtml([
  [say('terms.theirTime'), timeZone],
  [
    say('officer.comparedWith'),
    whyNot === undefined
      ? say('officer.medianOf', { n: 'officers' in comparison ? comparison.officers : 0 })
      : whyNot === 'fewer-than-five-officers'
        ? say('officer.tooFew')
        : say('officer.tooMany'),
  ],
  [
    say('terms.leftOut'),
    say('officer.leftOut', { erased, restricted, complete: String(complete) }),
  ],
])}
${tableHtml(
  say('officer.countsOf'),
  [say('terms.what'), say('officer.this'), say('terms.median')],
  Object.entries(measures).map(([name, text]) => [
    text,
    profile.measures[name as keyof typeof measures],
    median?.[name] ?? '–',
  ]),
)}
${tableHtml(say('officer.byPurpose'), [say('officer.purpose'), say('figures.decisions')], byCount(profile.purposes))}
<p><a class="button" href="/console/search?${theirs}">${say('officer.entries')}</a></p>`)
}
