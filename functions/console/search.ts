/** Search: which entries there are, by anything but a name in an address. A person is asked for by a form alone. */

import { type Html, html } from '../answer/reply/html.ts'
import { outcomeWords } from '../audit/entry-terms.ts'
import { looks } from '../audit/looks.ts'
import { asNdjson, linesAsCsv } from '../audit/read-lines.ts'
import { show, tokenHtml } from './frame.ts'
import { countWords, linesHtml } from './lines.ts'
import {
  type Looking,
  labels,
  lookOnPage,
  purposeField,
  purposeIn,
  purposeWords,
} from './looking.ts'
import { type FieldFault, faultSummary, optionsHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

/** How many lines a page has, and a file. */
const [pageLines, fileLines] = ['25', '200']
const fields = [
  'purpose',
  'holder',
  'requester',
  'agency',
  'officer',
  'outcome',
  'standing',
  'rule',
  'policy',
  'kind',
  'from',
  'until',
  'subject',
  'case',
] as const

/** The question that an address has: only what the form asks. A day and an hour make a moment. */
function askedIn(query: URLSearchParams): Readonly<Record<string, string>> {
  const asked = Object.fromEntries(fields.map((name) => [name, query.get(name) ?? '']))
  // What a browser's field gives: to the minute, without a zone. All times here are UTC.
  for (const name of ['from', 'until']) {
    // As a link from a page of whole days has it; a field of minutes would show it empty, and then ask without it.
    if (/^\d{4}-\d\d-\d\d$/.test(asked[name] ?? '')) asked[name] += 'T00:00'
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(asked[name] ?? '')) asked[name] += ':00Z'
  }
  return asked
}

/** The page; with a purpose, it looks. */
export async function searchPage(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const asked = askedIn(query)
  const cursor = query.get('cursor') ?? ''
  if (!query.has('purpose')) return shown(c, looking, asked, [], html``)
  const listed = await lookOnPage(c, looks.list, { ...asked, limit: pageLines, cursor }, looking)
  if ('response' in listed) return listed.response
  if ('faults' in listed) return shown(c, looking, asked, listed.faults, html``)
  const counted = await lookOnPage(c, looks.count, asked, looking)
  if (!('answer' in counted))
    return 'response' in counted
      ? counted.response
      : shown(c, looking, asked, counted.faults, html``)
  const { entries, next } = listed.answer
  const here = `${new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''))}`
  const found = html`<h2 id="found">Found</h2>
<p role="status">${countWords(counted.answer)} ${entries.length} on this page. <a class="noprint" href="#asked">Change the search</a></p>
<p class="soft">${askedWords(asked)}</p>
${entries.length === 0 ? '' : linesHtml(entries, String(asked.purpose))}
<p class="noprint">${next === undefined ? '' : html`<a class="button" href="/console/search?${here}&amp;cursor=${next}">Older ones</a> `}<a href="/console/search.csv?${here}">As a table (CSV)</a> · <a href="/console/search.ndjson?${here}">as NDJSON</a>, ${counted.answer.total > Number(fileLines) ? `the newest ${fileLines}: for the others, ask for a period that ends earlier` : 'all of them'}</p>`
  return shown(c, looking, asked, [], found)
}

/** The same as a file. */
export async function searchFile(
  c: PageContext,
  looking: Looking,
  form: 'csv' | 'ndjson',
): Promise<Response> {
  const asked = askedIn(new URL(c.req.url).searchParams)
  const listed = await lookOnPage(c, looks.list, { ...asked, limit: fileLines }, looking)
  if ('response' in listed) return listed.response
  if ('faults' in listed) return shown(c, looking, asked, listed.faults, html``)
  const { entries } = listed.answer
  return c.body(form === 'csv' ? linesAsCsv(entries) : asNdjson(entries), 200, {
    'Content-Type':
      form === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
    'Content-Disposition': `attachment; filename="comity-log.${form}"`,
  })
}

/** Takes a person or a case from a form, and leads to the search by their pseudonym: no address has the name. */
export async function searchPerson(c: PageContext, looking: Looking): Promise<Response> {
  const form = c.get('form')
  const field = (name: string) => (form.get(name) ?? '').trim()
  const purpose = field('purpose')
  const subject =
    field('recordId') !== ''
      ? { recordId: field('recordId') }
      : field('number') !== ''
        ? { document: { number: field('number'), country: field('country') } }
        : {
            name: { given: field('given'), family: field('family') },
            birthDate: field('birthDate'),
          }
  const of =
    field('caseReference') !== ''
      ? { case: { agency: field('caseAgency'), caseReference: field('caseReference') } }
      : { subject }
  const made = await lookOnPage(c, looks.pseudonym, { purpose, ...of }, looking)
  if ('response' in made) return made.response
  if ('faults' in made) {
    const fix =
      'Say who: a record, a document with its country, or a name with a birth date; or a case with its agency'
    const field = purpose === '' ? 'person-purpose' : 'recordId'
    return shown(
      c,
      looking,
      { purpose },
      [{ field, fix: purpose === '' ? 'Say what you look for' : fix }],
      html``,
    )
  }
  const by = new URLSearchParams({ purpose, ...made.answer, kind: 'any' })
  return c.redirect(`/console/search?${by}`, 303)
}

function shown(
  c: PageContext,
  { world }: Looking,
  asked: Readonly<Record<string, string>>,
  faults: readonly FieldFault[],
  found: Html,
): Response {
  const main = html`${faultSummary(faults)}${found}<div class="noprint">${filterForm(asked)}${personForm(asked, c.get('visitor').secret)}</div>`
  return show(c, world, { title: 'Search', main, status: faults.length > 0 ? 422 : 200 })
}

/** What was asked, in words: what stands in the form is not on paper. */
const askedWords = (asked: Readonly<Record<string, string>>): string =>
  fields
    .flatMap((name) => {
      const value = asked[name] ?? ''
      const said = name === 'purpose' ? purposeWords(value) : value
      return value === '' ? [] : [`${labels[name] ?? name}: ${said}`]
    })
    .join('; ')

const options = {
  outcome: outcomeWords,
  standing: { open: 'open', final: 'final' },
  kind: {
    decision: 'decision',
    any: 'any',
    attestation: 'attestation',
    consultation: 'look at the log',
    review: 'review by a person',
    response: 'answer of an office',
    delivery: 'handover by another way',
    record: 'change of a record',
    erasure: 'erasure',
  },
} as const

const choose = (name: keyof typeof options, chosen: string, any: boolean): Html =>
  html`<p><label for="${name}">${labels[name]}</label><select id="${name}" name="${name}">${any ? html`<option value="">any</option>` : ''}${optionsHtml(options[name], chosen)}</select></p>`

const write = (name: string, value: string, hint: string, type = 'text'): Html =>
  html`<p><label for="${name}">${labels[name]}${hint === '' ? '' : html` <span class="hint">${hint}</span>`}</label><input id="${name}" name="${name}" type="${type}" value="${value}"></p>`

/** What the search is by. The address of the answer is the question: it can be kept, and says nobody's name. */
function filterForm(asked: Readonly<Record<string, string>>): Html {
  const value = (name: string) => asked[name] ?? ''
  const minute = (name: string) => value(name).replace(/:00Z$/, '')
  const by = ['subject', 'case'].flatMap((name) => (value(name) === '' ? [] : [name]))
  const purpose = purposeIn(new URLSearchParams({ purpose: value('purpose') }))
  return html`<h2 id="asked">By what was asked</h2>
<form class="ask" method="get" action="/console/search">
${by.map((name) => html`<p>Only of this ${name === 'subject' ? 'person' : 'case'}. <a href="/console/search">Of anybody</a><input type="hidden" name="${name}" value="${value(name)}"></p>`)}
<div class="fields">${purposeField(purpose)}
${write('requester', value('requester'), 'such as FR or FR-SPOC')}${write('holder', value('holder'), 'such as DE or DE-POL')}
${write('officer', value('officer'), 'by id; say who asked, too')}
${choose('outcome', value('outcome'), true)}${choose('standing', value('standing'), true)}${choose('kind', value('kind') || 'decision', false)}
${write('policy', value('policy'), 'such as de/bkag@2026-02-14')}${write('rule', value('rule'), 'such as de/bkag/member-state')}
${write('from', minute('from'), 'UTC', 'datetime-local')}${write('until', minute('until'), 'UTC', 'datetime-local')}</div>
<p><button>Search</button></p></form>`
}

/** A person or a case, by a form whose fields no address, history or log line has. */
function personForm(asked: Readonly<Record<string, string>>, secret: string): Html {
  const purpose = purposeIn(new URLSearchParams({ purpose: asked.purpose ?? '' }))
  const own = (name: string, text: string, hint = '', type = 'text') =>
    html`<p><label for="${name}">${text}${hint === '' ? '' : html` <span class="hint">${hint}</span>`}</label><input id="${name}" name="${name}" type="${type}" autocomplete="off"></p>`
  return html`<h2>By a person or a case</h2>
<p>One of these ways. What you write is not in the address; the search goes on by a pseudonym.</p>
<form class="ask" method="post" action="/console/search">${tokenHtml(secret)}
<div class="fields">${purposeField(purpose, 'person-purpose')}</div>
<div class="fields">${own('recordId', 'Record', 'its id')}</div>
<div class="fields">${own('number', 'Document', 'its number')}${own('country', 'Country', 'such as DE')}</div>
<div class="fields">${own('given', 'Given name')}${own('family', 'Family name')}${own('birthDate', 'Born', '', 'date')}</div>
<div class="fields">${own('caseReference', 'Case', 'as the agency wrote it')}${own('caseAgency', 'Agency of the case', 'such as FR-SPOC')}</div>
<p><button>Search</button></p></form>`
}
