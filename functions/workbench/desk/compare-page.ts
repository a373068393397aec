/** What a version changes: a redline, and for each change a request that is answered otherwise. */

import { type Html, html } from '../../answer/reply/html.ts'
import { optionsHtml } from '../../console/page.ts'
import { type List, lawId, type Policy } from '../../policy/book.ts'
import { isRecordFact } from '../../policy/fact-types.ts'
import { dayWords, factWords } from '../../policy/words.ts'
import { type Compared, own, type Searched, verdict } from '../commands/policy-diff.ts'
import type { FullAnswer } from '../law/differ.ts'
import type { DifferingCase } from '../law/search.ts'
import { deskPage, linksOf, listHtml, outcomeHtml } from './frame.ts'
import { type WorkState, workHtml } from './long-work.ts'

/** The choice of two versions of the law of `version`, and what differs once they are compared. */
export function comparePage(
  version: Policy | List,
  all: readonly (Policy | List)[],
  chosen: { readonly before: string; readonly after: string },
  compared: WorkState<Compared>,
): string {
  const versions = Object.fromEntries(
    all.map((each) => [`${lawId(each)}@${each.version}`, each.version]),
  )
  const choice = (name: 'before' | 'after', label: string) =>
    html`<div><label for="${name}">${label}</label><select id="${name}" name="${name}">${optionsHtml(versions, chosen[name])}</select></div>`
  const main = html`
${linksOf(version, 'changes')}
<form class="ask" method="get" action="/compare"><div class="fields">${choice('before', 'Before')}${choice('after', 'After')}<div><button name="go" value="1">Compare</button></div></div></form>
${workHtml(compared, html`<p>For each change a request is looked for that is answered otherwise. That takes some seconds.</p>`, comparedHtml)}`
  return deskPage(`What changes in ${lawId(version)}`, main)
}

function comparedHtml(compared: Compared): Html {
  const { before, after, changes, unchanged } = compared
  const what = after.kind === 'list' ? ['entry', 'entries'] : ['rule', 'rules']
  return html`<p>From <strong>${before.name}</strong> to <strong>${after.name}</strong>. ${unchanged} ${what[unchanged === 1 ? 0 : 1]} unchanged.</p>
${changes.length === 0 ? html`<p>Nothing differs.</p>` : changes.map((each) => changeHtml(each, compared))}`
}

const changeHtml = (searched: Searched, compared: Compared): Html => {
  const { change, found } = searched
  const words = verdict(change, found)
  return html`<section class="change"><h2>${change.title} <small class="soft">${change.kind}</small></h2>
<dl>${change.clauses.map(
    ({ name, marks }) =>
      html`<div><dt>${name}</dt><dd>${marks.map(({ kind, text }) =>
        kind === 'added'
          ? html`<ins>${text}</ins> `
          : kind === 'removed'
            ? html`<del>${text}</del> `
            : html`${text} `,
      )}</dd></div>`,
  )}</dl>
${words === '' ? '' : html`<p>${words}</p>`}
${found?.differing === undefined ? '' : caseHtml(found.differing, compared)}</section>`
}

function caseHtml(differing: DifferingCase, { start, given }: Compared): Html {
  const facts = differing.matter
    .filter((name) => name !== 'asOf')
    .map((name) => {
      const [now, first] = [differing, start].map(({ facts: all, item }) =>
        isRecordFact(name) ? item[name] : all[name],
      )
      const words = factWords(name, now)
      return JSON.stringify(now) === JSON.stringify(first) ? words : html`<strong>${words}</strong>`
    })
  const { before, after, together } = differing
  return html`<div class="panel">${listHtml(facts)}
<p class="soft">Else ${given === undefined ? 'an ordinary request' : `as given in ${given}`}, on ${dayWords(differing.asOf)}. What differs from it is in bold.</p>
<div class="two">${answerHtml('Before', before, differing)}${answerHtml('After', after, differing)}</div>
${together === undefined ? '' : html`<p>With the other changes of this version: ${outcomeHtml(together.decision)}</p>`}</div>`
}

const answerHtml = (when: string, answer: FullAnswer, differing: DifferingCase): Html =>
  html`<div><h3>${when}</h3><p>${outcomeHtml(answer.decision)}</p>${listHtml(own(answer, differing))}</div>`
