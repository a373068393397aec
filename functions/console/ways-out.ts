/** What would help against a denial: for each way out of it, who has to say what. */

import { type Html, html } from '../answer/reply/html.ts'
import type { Reply } from '../answer/reply/reply-schema.ts'
import { say } from '../answer/reply/say.ts'
import type { Plain } from '../audit/look.ts'
import { waysByClass } from '../decision/argument.ts'
import { factWords, valueWords } from '../policy/words.ts'

type Step = Pick<Plain<Reply>['todo'][number], 'fact' | 'to' | 'by'>

/**
 * The ways out, of each class by itself where the steps name several: the first open and the others for whoever opens
 * them; nothing, where nobody can help.
 */
export function waysOutHtml(
  { todo, todoComplete }: Plain<Pick<Reply, 'todo' | 'todoComplete'>>,
  heading = html`<h3>${say('ways.help')}</h3>`,
): Html {
  const named = waysByClass(todo)
  return html`${named.length === 0 ? '' : heading}${named.map(
    ({ classes, ways: [first, ...others] }) =>
      html`${classes.length === 0 ? '' : html`<p>${say('ways.of', { classes: classes.map((of) => valueWords('item.class', of)).join(', ') })}</p>`}${first === undefined ? '' : wayHtml(first)}
${others.length === 0 ? '' : html`<details><summary>${say('ways.others', { n: others.length })}</summary>${others.map(wayHtml)}</details>`}`,
  )}
${todoComplete === false ? html`<p class="soft">${say('ways.more')}</p>` : ''}`
}

const wayHtml = (steps: readonly Step[]): Html =>
  html`<ul>${[...Map.groupBy(steps, ({ by }) => by)].map(
    ([by, said]) =>
      html`<li>${say(`ways.says.${by}`, { facts: html`${said.map(({ fact, to }, i) => html`${i === 0 ? '' : '; '}<strong>${factWords(fact, to)}</strong>`)}` })}</li>`,
  )}</ul>`
