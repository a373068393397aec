/** Try a case: facts as if on a day, and the answer with everything that each rule said. */

import { type Html, html } from '../../answer/reply/html.ts'
import { dutyHtml, inLanguages } from '../../answer/reply/languages.ts'
import { argumentHtml } from '../../console/lines.ts'
import { faultSummary, tableHtml } from '../../console/page.ts'
import { policyHtml } from '../../console/why.ts'
import { type Facts, unattested } from '../../decision/facts.ts'
import { type Book, lawId } from '../../policy/book.ts'
import { isRecordFact } from '../../policy/fact-types.ts'
import { inForce } from '../../policy/history.ts'
import { languagesOf } from '../../policy/language.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { factWords, type Titles } from '../../policy/words.ts'
import { type Explained, explain } from '../commands/explain.ts'
import { benignStart } from '../law/cases.ts'
import { asIfSealed } from '../law/law.ts'
import { addressOf, deskPage, listHtml, outcomeHtml } from './frame.ts'
import type { Shelf } from './shelf.ts'
import {
  factsThatCount,
  fieldsHtml,
  isStated,
  itemsMax,
  type ReadForm,
  readTried,
  type TriedCase,
} from './try-form.ts'

/** The form, and once something is asked, the answer above it. */
export function tryPage(shelf: Shelf, query: URLSearchParams, now: string): string {
  const today = now.slice(0, 10)
  const draft = query.get('with') ?? ''
  const book = bookWith(shelf.book, draft)
  const { tried, faults } = ordinary(readTried(query, today), query)
  const asks = query.has('decide') && faults.length === 0
  const main = html`
${faultSummary(faults)}
${asks ? answerHtml(explainTried(book, tried, now), book, shelf.titles) : html`<p>Say who asks whom for what, as if on a day. What is empty is not known; not knowing never makes an answer looser. Name nobody: only facts count.</p>`}
<h2>The case</h2>
<form class="ask" method="get" action="/try">
${formHtml(shelf, tried, inForce(book, tried.asOf, now), draft)}
<p><button name="decide" value="1">Decide</button> <button class="second" name="ordinary" value="1">Start from an ordinary request</button></p>
</form>`
  return deskPage('Try a case', main, '/try')
}

/** The book with a draft as if sealed. */
function bookWith(book: Book, name: string): Book {
  const policy = book.policies.find((each) => `${each.id}@${each.version}` === name)
  if (policy !== undefined) return asIfSealed(book, { kind: 'policy', version: policy })
  const list = book.lists.find((each) => `${lawId(each)}@${each.version}` === name)
  return list === undefined ? book : asIfSealed(book, { kind: 'list', version: list })
}

/** An ordinary request between the two parties, on which what was written is laid. */
function ordinary(read: ReadForm, query: URLSearchParams): ReadForm {
  if (!query.has('ordinary')) return read
  const { tried } = read
  const holder = String(tried.facts['holder.jurisdiction'] ?? 'DE')
  const start = benignStart(holder, tried.asOf)
  const facts = { ...start.facts, ...tried.facts }
  const items = tried.items.map(({ id, facts: own }) => ({ id, facts: { ...start.item, ...own } }))
  return { ...read, tried: { ...tried, facts, items } }
}

const explainTried = (book: Book, { asOf, facts, items }: TriedCase, now: string): Explained =>
  explain(
    {
      ...{ asOf, facts },
      items: items.map(({ id, facts: own }) => ({
        id,
        ...Object.fromEntries(
          Object.entries(own).map(([name, value]) => [name.slice('item.'.length), value]),
        ),
      })),
    },
    book,
    asOf,
    now,
  )

/** The address under which a case of a test file is tried; undefined if there is no such case. */
export function addressOfCase(shelf: Shelf, path: string, number: number): string | undefined {
  const all = [...shelf.book.policies, ...shelf.book.lists]
  const version = all.find((each) => `${lawId(each)}/${each.version}.test.json` === path)
  const ran = version === undefined ? undefined : shelf.casesOf(version)[number - 1]
  if (version === undefined || ran === undefined) return undefined
  const { asOf, facts, items } = ran.input
  const query = new URLSearchParams({ asOf, items: String(Math.min(itemsMax, items.length)) })
  if (version.sealedAt === undefined) query.set('with', `${lawId(version)}@${version.version}`)
  const write = (prefix: string, all: Facts) => {
    for (const [name, value] of Object.entries(all))
      if (isStated(name) && value !== null && value !== undefined)
        for (const text of written(value)) query.append(prefix + name, text)
  }
  write(
    '',
    Object.fromEntries(Object.entries(facts).filter(([name, value]) => unattested[name] !== value)),
  )
  for (const [i, item] of items.slice(0, itemsMax).entries()) write(`${i + 1}:`, item.facts)
  query.set('decide', '1')
  return `/try?${query}`
}

const written = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.length === 0
      ? ['none']
      : value.map(String)
    : [typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)]

function formHtml(
  shelf: Shelf,
  { asOf, facts, items }: TriedCase,
  now: ReturnType<typeof inForce>,
  draft: string,
): Html {
  const counting = factsThatCount(now, facts)
  const stated = Object.keys(vocabulary).filter(isStated)
  const first = ['holder.jurisdiction', 'requester.jurisdiction']
  const rest = stated.filter((name) => !isRecordFact(name) && !first.includes(name))
  const own = (name: string) => vocabulary[name]?.source === 'attestation'
  const shown = rest.filter((name) => counting.has(name))
  const other = rest.filter((name) => !counting.has(name))
  const ofItem = stated.filter(isRecordFact)
  const drafts = [...shelf.book.policies, ...shelf.book.lists].filter(
    ({ sealedAt }) => sealedAt === undefined,
  )
  return html`
<fieldset><legend>Who and when</legend><div class="fields"><div><label for="asOf">As if on the day</label><input id="asOf" name="asOf" value="${asOf}" autocomplete="off"></div>
<div><label for="items">Items asked for</label><input id="items" name="items" value="${items.length}" inputmode="numeric"><span class="hint">at most ${itemsMax}</span></div>
<div><label for="with">With a draft as if sealed</label><select id="with" name="with"><option value="">none</option>${drafts.map(
    (each) => {
      const name = `${lawId(each)}@${each.version}`
      return html`<option${name === draft ? html` selected` : ''}>${name}</option>`
    },
  )}</select></div></div>${fieldsHtml(first, facts)}</fieldset>
<fieldset><legend>The request</legend>${fieldsHtml(
    shown.filter((name) => !own(name)),
    facts,
  )}</fieldset>
${items.map(
  ({ id, facts: known }) => html`<fieldset><legend>Item ${id}</legend>${fieldsHtml(
    ofItem.filter((name) => counting.has(name)),
    known,
    `${id}:`,
  )}
<details><summary>Facts of an item that this law does not read</summary>${fieldsHtml(
    ofItem.filter((name) => !counting.has(name)),
    known,
    `${id}:`,
  )}</details></fieldset>`,
)}
<fieldset><legend>What an office vouches for</legend>${fieldsHtml(shown.filter(own), facts)}</fieldset>
<details><summary>Facts that the law between these two does not read (${other.length})</summary>${fieldsHtml(other, facts)}</details>`
}

function answerHtml(
  { decision, decidedBy, holder, why, warnings }: Explained,
  book: Book,
  titles: Titles,
): Html {
  const { missing, todo, items, answerBy } = decision
  const said = inLanguages(decision, book, languagesOf(holder.toLowerCase()))
  const { obligations } = said
  const alternatives = [...Map.groupBy(todo, ({ alternative }) => alternative).values()]
  return html`<section aria-labelledby="answer"><h2 id="answer">${outcomeHtml(decision)}</h2>
<p>${decidedBy === 'rule' ? 'Decided by rule alone.' : 'Decided by an officer.'}${answerBy === undefined ? '' : ` The law wants an answer by ${answerBy}.`}</p>
${listHtml(warnings)}
<h3>Because</h3>${argumentHtml(said, holder)}
${missing.length === 0 ? '' : html`<h3>Not known</h3>${listHtml(missing.map((name) => html`${vocabulary[name]?.label ?? name} <code>${name}</code>`))}`}
${
  alternatives.length === 0
    ? ''
    : html`<h3>What would help</h3>${alternatives.map(
        (steps, i) =>
          html`${alternatives.length > 1 ? html`<p>Alternative ${i + 1}:</p>` : ''}${listHtml(
            steps.map(({ fact, to, by }) => `${factWords(fact, to)}, by the ${offices[by]}`),
          )}`,
      )}`
}
${tableHtml(
  'Items',
  ['Item', 'What happens', 'Rules'],
  items.map(({ id, treatment, rules }) => [id, treatment.kind, rules.join(', ')]),
)}
${obligations.length === 0 ? '' : html`<h3>Duties</h3>${listHtml(obligations.map(({ onWhom, ...duty }) => html`${dutyHtml(duty)} <span class="soft">[${duty.code}, ${onWhom}]</span>`))}`}
<h3>Why: every law that applies</h3>
${why.map((each) => policyHtml(each, items.length, titles, html`<a href="${addressOf(each.policy)}">Read it.</a> `))}
</section>`
}

const offices = {
  'holder-officer': 'holder’s officer',
  'holder-ministry': 'holder’s ministry',
  originator: 'originator',
} as const
