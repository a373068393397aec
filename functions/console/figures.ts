/**
 * Figures: what was decided in any period, counted, for the authority alone; and apart from it, of whole months, what may be
 * published. Each on paper and for a spreadsheet, too.
 */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { toldWords } from '../audit/entry-terms.ts'
import { type Figures, figuresAsCsv, publishedAsCsv, tableWords } from '../audit/figures.ts'
import type { Plain } from '../audit/look.ts'
import { looks } from '../audit/looks.ts'
import {
  type PublishedMonth,
  type PublishedTable,
  publishedNotes,
  rowsInWords,
} from '../audit/published.ts'
import { type Confidence, confidences } from '../policy/sentence.ts'
import { valueWords } from '../policy/words.ts'
import { dayField, show } from './frame.ts'
import { type Looking, lookOnPage, purposeField, purposeIn } from './looking.ts'
import { type FieldFault, faultSummary, tableHtml, type Words } from './page.ts'
import { sheetsHtml } from './paper.ts'
import type { PageContext } from './visitor.ts'

/** The counts of a period; with `publish` in the address, what alone may be published of it. */
export async function figuresPage(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const asked = askedIn(query)
  const isToPublish = query.has('publish')
  const title = isToPublish ? say('figures.toPublish') : say('frame.pages.figures')
  const form = html`<form class="ask" method="get" action="/console/figures"><div class="fields">${purposeField(purposeIn(query))}
${dayField('from', say('terms.from'), say('terms.dayHint'), asked.from)}${dayField('until', say('terms.until'), say('terms.untilHint'), asked.until)}</div>
<p><button>${say('figures.count')}</button> <button class="second" name="publish" value="yes">${say('figures.show')}</button></p></form>`
  const page = (found: Html, faults: readonly FieldFault[] = []) =>
    show(c, looking.world, {
      title,
      main: html`${faultSummary(faults)}${found}${form}`,
      styles: ['paper.css'],
      status: faults.length > 0 ? 422 : 200,
    })
  if (!query.has('purpose')) return page(html``)
  const looked = await lookOnPage(c, looks.figures, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return page(html``, looked.faults)
  const file = `/console/figures.csv?${new URLSearchParams(asked)}`
  const at = looking.world.now().toISOString()
  if (isToPublish) {
    const months = looked.answer.published.map(({ month }) => month)
    const period =
      months.length === 0 ? '' : say('figures.period', { first: months[0], last: months.at(-1) })
    const what = say('figures.what', { period, gateway: looking.world.gateway })
    return page(sheetsHtml({ what, at }, publishedParts(looked.answer, file)))
  }
  const { agency, officer } = c.get('visitor')
  const head = {
    ...{
      what: say('figures.inside'),
      who: say('terms.byOf', { officer: officer.id, agency: agency.id }),
    },
    ...{ at, number: c.get('traceId') },
  }
  return page(sheetsHtml(head, insideParts(looked.answer, file)))
}

/** What is for the authority alone, in parts. */
function insideParts(
  { from, until, decisions, dryRuns, tables, law, complete }: Figures,
  file: string,
): readonly Html[] {
  // A cast: the words have every table.
  const names = Object.keys(tableWords) as (keyof typeof tableWords)[]
  return [
    html`<h2>${say('figures.between', { from: momentWords(from), until: momentWords(until) })}</h2>
<div class="panel"><p>${say('figures.notPublished', { soft: (words) => html`<span class="noprint">${words}</span>` })}</p></div>
<p role="status">${say('figures.inNoTable', { decisions: say('counts.decisions', { n: decisions }), dryRuns: say('counts.dryRuns', { n: dryRuns }) })}${complete ? '' : html` ${say('figures.newest')}`}</p>
<p class="noprint"><a href="${file}">${say('figures.csvInside')}</a></p>`,
    ...names
      .filter((name) => Object.keys(tables[name]).length > 0)
      .map((name) =>
        tableHtml(
          tableWords[name],
          [say('terms.what'), say('figures.decisions')],
          Object.entries(tables[name]).map(([row, each]) => [rowWords(name, row), each.decisions]),
        ),
      ),
    html`<h2>${say('figures.law')}</h2>
${law.length === 0 ? html`<p>${say('figures.noLaw')}</p>` : html`<ul>${law.map((version) => html`<li><a href="/console/law/${version}">${version}</a></li>`)}</ul>`}`,
  ]
}

const publishedWords: Readonly<Record<PublishedTable, Html>> = {
  outcomes: say('figures.tables.outcomes'),
  callers: say('figures.tables.callers'),
  purposes: say('terms.whatFor'),
}

function publishedParts({ published, complete }: Figures, file: string): readonly Html[] {
  if (published.length === 0)
    return [
      html`<p role="status">${say('figures.nothing')} ${complete ? say('figures.onlyWhole') : say('figures.tooMany')}</p>`,
    ]
  const tablesOf = ({ month, tables }: Plain<PublishedMonth>) =>
    // A cast: an object's own names.
    (Object.keys(publishedWords) as PublishedTable[]).flatMap((name) => {
      const groups = tables[name]?.map(({ rows, decisions }) => [
        rowsInWords(rows, (row) => rowWords(name, row)),
        decisions,
      ])
      const caption = html`${publishedWords[name]}, ${month}`
      return groups === undefined
        ? []
        : [tableHtml(caption, [say('terms.what'), say('figures.decisions')], groups)]
    })
  return [
    html`<ul>${publishedNotes.map((each) => html`<li>${each}</li>`)}</ul>
<p class="noprint" role="status">${say('counts.months', { n: published.length })}. <a href="${file}&amp;publish=yes">${say('terms.csv')}</a></p>`,
    ...published.map(
      (each) =>
        html`<section><h2>${each.month}</h2><p>${say('figures.decided', { n: each.decisions })}</p>${tablesOf(each)}</section>`,
    ),
  ]
}

/** A moment as a day, unless it has hours. */
const momentWords = (ts: string): Words =>
  /T00:00(:00)?(\.0+)?Z?$/.test(ts)
    ? ts.slice(0, 10)
    : say('figures.minute', { moment: ts.slice(0, 16).replace('T', ' ') })

/** A row in words. The file keeps what it is called in the log. */
function rowWords(table: keyof typeof tableWords | PublishedTable, row: string): string {
  if (table === 'outcomes') {
    const [outcome = '', standing] = row.split(', ')
    return toldWords(outcome, standing)
  }
  if (table === 'purposes') return valueWords('request.purpose', row)
  const [, cite, checked] = /^(.+) \[(V~|M\??|V)\]$/.exec(row) ?? []
  if (table !== 'articles' || cite === undefined || checked === 'V') return cite ?? row
  // A cast: the expression has only these.
  return `${cite}, ${confidences[checked as Confidence]}`
}

/** The same as a file. */
export async function figuresFile(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const asked = askedIn(query)
  const looked = await lookOnPage(c, looks.figures, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return c.redirect('/console/figures', 303)
  const isToPublish = query.has('publish')
  const name = isToPublish ? 'comity-figures-to-publish' : 'comity-figures-inside'
  const text = isToPublish ? publishedAsCsv(looked.answer.published) : figuresAsCsv(looked.answer)
  return c.body(text, 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="${name}.csv"`,
  })
}

const askedIn = (query: URLSearchParams) => {
  const value = (name: string) => query.get(name) ?? ''
  return { purpose: value('purpose'), from: value('from'), until: value('until') }
}
