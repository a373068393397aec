/**
 * Training: twelve cases. The reader decides, then sees what the law says, decided at that moment by the engine and the
 * law that run here. Nobody logs in, nothing is about a real person, and nothing is kept but in the browser.
 */

import { Hono } from 'hono'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { type Decision, decide } from '../decision/decide.ts'
import { inForce } from '../policy/history.ts'
import { valueWords } from '../policy/words.ts'
import type { Assets } from './assets.ts'
import { argumentHtml, outcomeHtml } from './lines.ts'
import { siteOf } from './open-page.ts'
import { markHtml, pageText, tableHtml, type Words } from './page.ts'
import { type TrainingCase, trainingCases } from './training-cases.ts'

/** What a reader may decide. */
const choices = {
  release: say('training.choices.release'),
  redact: say('training.choices.redact'),
  open: say('training.choices.open'),
  final: say('training.choices.final'),
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
  const page = (title: Words, main: Html) =>
    pageText({ title, main, scripts: ['/console/training.js'], ...siteOf(world.gateway) })
  const app = new Hono()
  app.get('/training', async (c) => {
    const number = Number(c.req.query('case') ?? 0)
    const each = trainingCases[number - 1]
    if (each === undefined) return c.html(page(say('training.title'), listHtml))
    const { answer } = c.req.query()
    const main = html`${storyHtml(each, number)}${
      answer !== undefined && isChoice(answer)
        ? answeredHtml(each, number, answer, await lawSays(each, world))
        : questionHtml(number)
    }`
    return c.html(page(html`${number}. ${each.title}`, main))
  })
  return app
}

const isChoice = (given: string): given is Choice => Object.hasOwn(choices, given)

/** Where the script says how many were right; empty without it. */
const tallyHtml = (data: Html = html``): Html =>
  html`<p role="status" class="soft" id="tally" data-says="${say('training.tally', { right: '{right}', all: '{all}' })}"${data}></p>`

const listHtml = html`<p>${say('training.says')}</p>
<ol>${trainingCases.map(({ title }, i) => html`<li><a href="/console/training?case=${i + 1}">${title}</a></li>`)}</ol>
${tallyHtml()}
<p class="soft">${say('training.reading')}</p>`

const storyHtml = ({ story, asOf }: TrainingCase, number: number): Html =>
  html`<p class="soft">${say('training.caseOf', { number, all: trainingCases.length, day: asOf })}</p><p>${story}</p>`

const questionHtml = (number: number): Html =>
  html`<form method="get" action="/console/training"><input type="hidden" name="case" value="${number}">
<fieldset><legend>${say('training.question')}</legend>${Object.entries(choices).map(
    ([value, text]) =>
      html`<label><input type="radio" name="answer" value="${value}" required>${text}</label>`,
  )}</fieldset><p><button>${say('training.seeLaw')}</button></p></form>`

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
  return html`<h2>${say('training.lawSays')}</h2>
<p>${isRight ? markHtml('good', say('training.right')) : say('training.youSaid', { wrong: markHtml('bad', say('training.wrong')), answer: choices[answer] })}. ${choices[right]}: ${outcomeHtml(decision.outcome, decision.standing)}.</p>
${tallyHtml(html` data-case="${number}" data-right="${isRight ? 'yes' : 'no'}"`)}
${argumentHtml(decision, String(facts['holder.jurisdiction']))}
${tableHtml(
  say('training.items'),
  [say('terms.item'), say('terms.class'), say('training.happens')],
  items.map(({ id, facts: of }) => [
    id,
    valueWords('item.class', of['item.class']),
    treated.get(id) === 'release'
      ? markHtml('good', say('answer.isGiven'))
      : treated.get(id) === 'withhold'
        ? markHtml('bad', say('training.stays'))
        : markHtml('part', say('training.inPart')),
  ]),
)}
${duties.length === 0 ? '' : html`<h2>${say('terms.duties')}</h2><ul>${duties.map(({ text, cites, onWhom }) => html`<li>${text} <span class="soft">${say('training.dutyOn', { cites: cites.join('; '), whom: onWhom })}</span></li>`)}</ul>`}
<p>${next === undefined ? '' : html`<a class="button" href="/console/training?case=${next}">${say('training.next')}</a> `}<a class="button second" href="/console/training">${say('training.all')}</a></p>`
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
    tally.textContent = tally.dataset.says.replace('{right}', all.filter(Boolean).length).replace('{all}', all.length)
}
`
/** The script of the exercise. Without it the pages work, and count nothing. */
export const trainingScript: Assets = {
  'training.js': ['text/javascript; charset=utf-8', script],
}
