/** What a version changes: a redline, and what is proved of what follows. */

import { type Html, html } from '../../answer/reply/html.ts'
import { optionsHtml } from '../../console/page.ts'
import { type List, lawId, type Policy } from '../../policy/book.ts'
import { type Compared, caseWords, proofWords, verdict } from '../commands/policy-diff.ts'
import type { ClauseChange } from '../law/diff.ts'
import { deskPage, linksOf, listHtml } from './frame.ts'
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
${workHtml(compared, html`<p>It is proved for which holders nothing differs in what leaves, by whom and under which duties. That takes some seconds.</p>`, comparedHtml)}`
  return deskPage(`What changes in ${lawId(version)}`, main)
}

function comparedHtml({ before, after, changes, unchanged, proofs }: Compared): Html {
  const what = after.kind === 'list' ? ['entry', 'entries'] : ['rule', 'rules']
  return html`<p>From <strong>${before.name}</strong> to <strong>${after.name}</strong>. ${unchanged} ${what[unchanged === 1 ? 0 : 1]} unchanged.</p>
${proofs.map(proofHtml)}
${changes.length === 0 ? html`<p>Nothing is written differently.</p>` : changes.map(changeHtml)}`
}

const changeHtml = (change: ClauseChange): Html => {
  const words = verdict(change)
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
${words === '' ? '' : html`<p>${words}</p>`}</section>`
}

const proofHtml = (proof: Compared['proofs'][number]): Html =>
  html`<section class="change"><h2>What follows, for all facts</h2>${proofWords(proof).map(
    ({ says, holders, least }) =>
      html`<p>${says}${holders.length === 0 ? '' : `: ${holders.join(', ')}`}.</p>${least === undefined ? '' : caseHtml(caseWords(least))}`,
  )}<p class="soft">Not of what is told, of steps, clocks and reasons.</p></section>`

const caseHtml = ({ from, facts, before, after }: ReturnType<typeof caseWords>): Html =>
  html`<div class="panel"><p>${from}</p>${listHtml(facts)}
<div class="two"><div><h3>Before</h3><p>${before}</p></div><div><h3>After</h3><p>${after}</p></div></div></div>`
