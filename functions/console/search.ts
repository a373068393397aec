/** Search: which entries there are, by anything but a name in an address. A person is asked for by a form alone. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
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
import { type FieldFault, faultSummary, optionsHtml, type Words } from './page.ts'
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
  const found = html`<h2 id="found">${say('search.found')}</h2>
<p role="status">${countWords(counted.answer)} ${say('search.onPage', { n: entries.length })} <a class="noprint" href="#asked">${say('search.change')}</a></p>
<p class="soft">${askedWords(asked)}</p>
${entries.length === 0 ? '' : linesHtml(entries, String(asked.purpose))}
<p class="noprint">${next === undefined ? '' : html`<a class="button" href="/console/search?${here}&amp;cursor=${next}">${say('terms.older')}</a> `}<a href="/console/search.csv?${here}">${say('terms.csv')}</a> · <a href="/console/search.ndjson?${here}">${say('search.ndjson')}</a>, ${counted.answer.total > Number(fileLines) ? say('search.newest', { n: fileLines }) : say('search.all')}</p>`
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
    const fix = say('search.sayWho')
    const field = purpose === '' ? 'person-purpose' : 'recordId'
    return shown(
      c,
      looking,
      { purpose },
      [{ field, fix: purpose === '' ? say('search.sayWhat') : fix }],
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
  return show(c, world, {
    title: say('frame.pages.search'),
    main,
    status: faults.length > 0 ? 422 : 200,
  })
}

/** What was asked, in words: what stands in the form is not on paper. */
const askedWords = (asked: Readonly<Record<string, string>>): Html =>
  html`${fields
    .flatMap((name) => {
      const value = asked[name] ?? ''
      const said = name === 'purpose' ? purposeWords(value) : value
      return value === '' ? [] : [html`${labels[name] ?? name}: ${said}`]
    })
    .map((each, i) => html`${i === 0 ? '' : '; '}${each}`)}`

const options = {
  outcome: outcomeWords,
  standing: { open: say('search.standings.open'), final: say('search.standings.final') },
  kind: {
    decision: say('search.kinds.decision'),
    any: say('search.any'),
    attestation: say('search.kinds.attestation'),
    consultation: say('search.kinds.consultation'),
    review: say('search.kinds.review'),
    response: say('search.kinds.response'),
    delivery: say('search.kinds.delivery'),
    record: say('search.kinds.record'),
    erasure: say('search.kinds.erasure'),
  },
} as const

const choose = (name: keyof typeof options, chosen: string, any: boolean): Html =>
  html`<p><label for="${name}">${labels[name]}</label><select id="${name}" name="${name}">${any ? html`<option value="">${say('search.any')}</option>` : ''}${optionsHtml(options[name], chosen)}</select></p>`

const write = (name: string, value: string, hint: Words, type = 'text'): Html =>
  html`<p><label for="${name}">${labels[name]}${hint === '' ? '' : html` <span class="hint">${hint}</span>`}</label><input id="${name}" name="${name}" type="${type}" value="${value}"></p>`

/** What the search is by. The address of the answer is the question: it can be kept, and says nobody's name. */
function filterForm(asked: Readonly<Record<string, string>>): Html {
  const value = (name: string) => asked[name] ?? ''
  const minute = (name: string) => value(name).replace(/:00Z$/, '')
  const by = ['subject', 'case'].flatMap((name) => (value(name) === '' ? [] : [name]))
  const purpose = purposeIn(new URLSearchParams({ purpose: value('purpose') }))
  return html`<h2 id="asked">${say('search.byAsked')}</h2>
<form class="ask" method="get" action="/console/search">
${by.map((name) => html`<p>${say('search.onlyOf', { name })} <a href="/console/search">${say('search.ofAnybody')}</a><input type="hidden" name="${name}" value="${value(name)}"></p>`)}
<div class="fields">${purposeField(purpose)}
${write('requester', value('requester'), say('search.requesterHint'))}${write('holder', value('holder'), say('search.holderHint'))}
${write('officer', value('officer'), say('search.officerHint'))}
${choose('outcome', value('outcome'), true)}${choose('standing', value('standing'), true)}${choose('kind', value('kind') || 'decision', false)}
${write('policy', value('policy'), say('search.policyHint'))}${write('rule', value('rule'), say('search.ruleHint'))}
${write('from', minute('from'), 'UTC', 'datetime-local')}${write('until', minute('until'), 'UTC', 'datetime-local')}</div>
<p><button>${say('frame.pages.search')}</button></p></form>`
}

/** A person or a case, by a form whose fields no address, history or log line has. */
function personForm(asked: Readonly<Record<string, string>>, secret: string): Html {
  const purpose = purposeIn(new URLSearchParams({ purpose: asked.purpose ?? '' }))
  const own = (name: string, text: Words, hint: Words = '', type = 'text') =>
    html`<p><label for="${name}">${text}${hint === '' ? '' : html` <span class="hint">${hint}</span>`}</label><input id="${name}" name="${name}" type="${type}" autocomplete="off"></p>`
  return html`<h2>${say('search.byPerson')}</h2>
<p>${say('search.byPersonSays')}</p>
<form class="ask" method="post" action="/console/search">${tokenHtml(secret)}
<div class="fields">${purposeField(purpose, 'person-purpose')}</div>
<div class="fields">${own('recordId', say('search.record'), say('search.recordHint'))}</div>
<div class="fields">${own('number', say('search.document'), say('search.documentHint'))}${own('country', say('search.country'), say('search.countryHint'))}</div>
<div class="fields">${own('given', say('search.given'))}${own('family', say('fields.family'))}${own('birthDate', say('search.born'), '', 'date')}</div>
<div class="fields">${own('caseReference', say('terms.case'), say('search.caseHint'))}${own('caseAgency', say('search.caseAgency'), say('terms.agencyHint'))}</div>
<p><button>${say('frame.pages.search')}</button></p></form>`
}
