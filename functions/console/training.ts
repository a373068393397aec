/**
 * Training: twelve cases. The reader decides, then sees what the law says, decided at that moment by the engine and the
 * law that run here. Nobody logs in, nothing is about a real person, and nothing is kept but in the browser.
 */

import { Hono } from 'hono'
import { type Html, html } from '../answer/reply/html.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { type Decision, decide } from '../decision/decide.ts'
import { inForce } from '../policy/history.ts'
import { valueWords } from '../policy/words.ts'
import type { Assets } from './assets.ts'
import { argumentHtml, outcomeHtml } from './lines.ts'
import { siteOf } from './open-page.ts'
import { markHtml, pageText, tableHtml } from './page.ts'
import { type TrainingCase, trainingCases } from './training-cases.ts'

/** What a reader may decide. */
const choices = {
  release: 'All of it is given',
  redact: 'A part of it is given',
  open: 'Nothing yet: somebody can still supply what is missing',
  final: 'Nothing, for good',
} as const
type Choice = keyof typeof choices

/** The decision as one of the choices. */
export const choiceOf = ({ outcome, standing }: Pick<Decision, 'outcome' | 'standing'>): Choice =>
  outcome !== 'deny' ? outcome : standing === 'open' ? 'open' : 'final'

/** What the law says of a case, by the policies that run here, as of the day of the case. */
export async function lawSays(
  { asOf, facts, items }: TrainingCase,
  world: Pick<ConsoleWorld, 'law' | 'now'>,
): Promise<Decision> {
  const { book } = await world.law.now()
  return decide(inForce(book, asOf, world.now().toISOString()), facts, items)
}

/** The pages of the exercise; the addresses say which case, and what the reader decided. */
export function trainingPages(world: Pick<ConsoleWorld, 'law' | 'now' | 'gateway'>): Hono {
  const page = (title: string, main: Html) =>
    pageText({ title, main, scripts: ['/console/training.js'], ...siteOf(world.gateway) })
  const app = new Hono()
  app.get('/training', async (c) => {
    const number = Number(c.req.query('case') ?? 0)
    const each = trainingCases[number - 1]
    if (each === undefined) return c.html(page('Twelve cases to decide', listHtml))
    const { answer } = c.req.query()
    const main = html`${storyHtml(each, number)}${
      answer !== undefined && isChoice(answer)
        ? answeredHtml(each, number, answer, await lawSays(each, world))
        : questionHtml(number)
    }`
    return c.html(page(`${number}. ${each.title}`, main))
  })
  return app
}

const isChoice = (given: string): given is Choice => Object.hasOwn(choices, given)

/** Where the script says how many were right; empty without it. */
const tallyHtml = (data: Html = html``): Html =>
  html`<p role="status" class="soft" id="tally"${data}></p>`

const listHtml = html`<p>An exercise for whoever answers or asks. Read a case, decide, then see what the law says and by which articles. Everybody in
it is invented; in each case, whatever it does not mention stands in nobody’s way. What you decide is kept in this browser until you close
it, and nowhere else.</p>
<ol>${trainingCases.map(({ title }, i) => html`<li><a href="/console/training?case=${i + 1}">${title}</a></li>`)}</ol>
${tallyHtml()}
<p class="soft">An engineering reading of the law, not legal advice.</p>`

const storyHtml = ({ story, asOf }: TrainingCase, number: number): Html =>
  html`<p class="soft">Case ${number} of ${trainingCases.length}, decided as of ${asOf}</p><p>${story}</p>`

const questionHtml = (number: number): Html =>
  html`<form method="get" action="/console/training"><input type="hidden" name="case" value="${number}">
<fieldset><legend>What may be given?</legend>${Object.entries(choices).map(
    ([value, text]) =>
      html`<label><input type="radio" name="answer" value="${value}" required>${text}</label>`,
  )}</fieldset><p><button>See what the law says</button></p></form>`

function answeredHtml(
  { items, facts }: TrainingCase,
  number: number,
  answer: Choice,
  decision: Decision,
): Html {
  const right = choiceOf(decision)
  const isRight = right === answer
  const treated = new Map(decision.items.map(({ id, treatment }) => [id, treatment.kind]))
  const next = number < trainingCases.length ? number + 1 : undefined
  const duties = decision.outcome === 'deny' ? [] : decision.obligations
  return html`<h2>What the law says</h2>
<p>${isRight ? markHtml('good', 'As you decided') : html`${markHtml('bad', 'Not as you decided')}: you said “${choices[answer]}”`}. ${choices[right]}: ${outcomeHtml(decision.outcome, decision.standing)}.</p>
${tallyHtml(html` data-case="${number}" data-right="${isRight ? 'yes' : 'no'}"`)}
${argumentHtml(decision, String(facts['holder.jurisdiction']))}
${tableHtml(
  'Each item',
  ['Item', 'Class', 'What happens'],
  items.map(({ id, facts: of }) => [
    id,
    valueWords('item.class', of['item.class']),
    treated.get(id) === 'release'
      ? markHtml('good', 'given')
      : treated.get(id) === 'withhold'
        ? markHtml('bad', 'stays')
        : markHtml('part', 'given in part'),
  ]),
)}
${duties.length === 0 ? '' : html`<h2>Duties</h2><ul>${duties.map(({ text, cites, onWhom }) => html`<li>${text} <span class="soft">${cites.join('; ')}; on the ${onWhom}</span></li>`)}</ul>`}
<p>${next === undefined ? '' : html`<a class="button" href="/console/training?case=${next}">Next case</a> `}<a class="button second" href="/console/training">All cases</a></p>`
}

/** Counts in `sessionStorage`, which ends with the tab. The first answer to a case is the one that counts. */
const script = `const name = 'comity-training'
const tally = document.getElementById('tally')
if (tally) {
  const kept = JSON.parse(sessionStorage.getItem(name) ?? '{}')
  const { case: number, right } = tally.dataset
  if (number && kept[number] === undefined) {
    kept[number] = right === 'yes'
    sessionStorage.setItem(name, JSON.stringify(kept))
  }
  const all = Object.values(kept)
  if (all.length > 0)
    tally.textContent = all.filter(Boolean).length + ' of ' + all.length + ' decided as the law does, so far.'
}
`
/** The script of the exercise. Without it the pages work, and count nothing. */
export const trainingScript: Assets = {
  'training.js': ['text/javascript; charset=utf-8', script],
}
