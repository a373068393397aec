/** Figures: what was decided in any period, counted; on paper and for a spreadsheet, too. */

import { type Html, html } from '../answer/html.ts'
import { figuresAsCsv, tableWords } from '../audit/figures.ts'
import { looks } from '../audit/looks.ts'
import { fewer } from '../audit/year-report.ts'
import { type Confidence, confidences } from '../policy/policy.ts'
import { valueWords } from '../policy/words.ts'
import { dayField, show } from './frame.ts'
import { outcomeWords } from './lines.ts'
import { type Looking, lookOnPage, purposeField, purposeIn } from './looking.ts'
import { type FieldFault, faultSummary, tableHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

/** The counts of a period, with what of them may be published beside each. */
export async function figuresPage(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const asked = askedIn(query)
  const form = html`<form class="ask" method="get" action="/console/figures"><div class="fields">${purposeField(purposeIn(query))}
${dayField('from', 'From', 'the day, UTC', asked.from)}${dayField('until', 'Until', 'before this day', asked.until)}</div><p><button>Count</button></p></form>`
  const page = (found: Html, faults: readonly FieldFault[] = []) =>
    show(c, looking.world, {
      title: 'Figures',
      main: html`${faultSummary(faults)}${found}${form}`,
      status: faults.length > 0 ? 422 : 200,
    })
  if (!query.has('purpose')) return page(html``)
  const looked = await lookOnPage(c, looks.figures, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return page(html``, looked.faults)
  const { from, until, decisions, dryRuns, published, tables, law, complete, note } = looked.answer
  const file = `${new URLSearchParams(asked)}`
  // A cast: the words have every table.
  const names = Object.keys(tableWords) as (keyof typeof tableWords)[]
  return page(html`<h2>${from.slice(0, 10)} until ${until.slice(0, 10)}</h2>
<p role="status">${decisions} decisions (to publish: ${published}); ${dryRuns} dry runs, in no table.${complete ? '' : ' Only the newest were read: ask for a shorter period.'}</p>
<p class="soft">${note}</p>
<p><a href="/console/figures.csv?${file}">As a table (CSV)</a></p>
${names
  .filter((name) => Object.keys(tables[name]).length > 0)
  .map((name) =>
    tableHtml(
      tableWords[name],
      ['What', 'Decisions', 'To publish'],
      Object.entries(tables[name]).map(([row, each]) => [
        rowWords(name, row),
        each.decisions,
        each.published ?? `not named: ${fewer}`,
      ]),
    ),
  )}
<h2>The law of the last day</h2>
${law.length === 0 ? html`<p>None of your own was in force.</p>` : html`<ul>${law.map((version) => html`<li><a href="/v1/policies/${version}">${version}</a></li>`)}</ul>`}`)
}

/** A row in words. The file keeps what it is called in the log. */
function rowWords(table: keyof typeof tableWords, row: string): string {
  if (table === 'outcomes') return outcomeWords[row] ?? row
  if (table === 'purposes') return valueWords('request.purpose', row)
  const [, cite, checked] = /^(.+) \[(V~|M\??|V)\]$/.exec(row) ?? []
  if (table !== 'articles' || cite === undefined || checked === 'V') return cite ?? row
  // A cast: the expression has only these.
  return `${cite}, ${confidences[checked as Confidence]}`
}

/** The same as a file. */
export async function figuresFile(c: PageContext, looking: Looking): Promise<Response> {
  const asked = askedIn(new URL(c.req.url).searchParams)
  const looked = await lookOnPage(c, looks.figures, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return c.redirect('/console/figures', 303)
  return c.body(figuresAsCsv(looked.answer), 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': 'attachment; filename="comity-figures.csv"',
  })
}

const askedIn = (query: URLSearchParams) => {
  const value = (name: string) => query.get(name) ?? ''
  return { purpose: value('purpose'), from: value('from'), until: value('until') }
}
