/** What a draft does: which changes of it no case notices, and which logged decisions it would turn. */

import { type Html, html } from '../../answer/reply/html.ts'
import { markHtml, tableHtml } from '../../console/page.ts'
import { type List, lawPath, type Policy } from '../../policy/book.ts'
import { dayWords, factWords, subject } from '../../policy/words.ts'
import { changeOf, countWords, pairOf, percentOf } from '../commands/policy-impact.ts'
import { skippedSays, type Tested } from '../commands/policy-test.ts'
import type { Case } from '../law/cases.ts'
import type { Impact } from '../law/impact.ts'
import { testOf } from './drafts.ts'
import { deskPage, linksOf, listHtml, outcomeHtml } from './frame.ts'
import { type WorkState, workHtml } from './long-work.ts'

/** The cases of a file and their coverage, once somebody pressed the button; or how far that is. */
export function coverPage(version: Policy | List, tested: WorkState<Tested>, form: string): string {
  const path = lawPath(version)
  const main = html`
${linksOf(version, 'cover')}
<p>Each part of the law is changed in turn, to see that a case notices.</p>
<form class="ask" method="get" action="/cover"><input type="hidden" name="file" value="${path}"><button name="go" value="1">Run the cases and their coverage</button></form>
${workHtml(tested, html`<p class="soft">This takes some seconds, of a long law a minute.</p>`, (each) => testedHtml(each, form))}`
  return deskPage(`Coverage of ${path}`, main)
}

function testedHtml({ ran, coverage }: Tested, form: string): Html {
  const failing = ran.filter(({ failures }) => failures.length > 0)
  const { gaps = [], noticed = 0, cannotMatter = [], skipped = [] } = coverage ?? {}
  return html`<h2>${ran.length === 0 ? markHtml('open', 'no cases of its own') : failing.length === 0 ? markHtml('good', `all ${ran.length} cases pass`) : markHtml('bad', `${failing.length} of ${ran.length} cases fail`)}</h2>
${listHtml(failing.map(({ each, failures }) => html`${each.name}${listHtml(failures)}`))}
<h2>${gaps.length === 0 ? (skipped.length === 0 ? markHtml('good', 'a case notices each change') : markHtml('open', 'no change of it was tried')) : markHtml('part', `${gaps.length} of ${noticed + gaps.length} changes are not noticed`)}</h2>
${cannotMatter.length === 0 ? '' : html`<p>${cannotMatter.length} more cannot matter.</p>`}
${skipped.map(({ path, draft }) => html`<p>${skippedSays(path, draft)}.</p>`)}
${gaps.map(
  ({ change, place, example }) =>
    html`<section><h3>${change.rule}: ${change.says}</h3><p class="soft">${change.path}:${place.line}:${place.column}</p>
${example === undefined ? html`<p>No case that would notice it was found.</p>` : exampleHtml(testOf(change.path), example, form)}</section>`,
)}`
}

/** A case that would notice a change, as the law stands: somebody names it, and says that the law wants that. */
const exampleHtml = (
  own: string,
  { path, each }: { path: string; each: Case },
  form: string,
): Html =>
  html`<p>A case that would notice it, as the law stands: ${outcomeHtml(each.expect)}</p>
${listHtml([
  ...(each.asOf === undefined ? [] : [`on ${dayWords(each.asOf)}`]),
  ...Object.entries(each.facts ?? {}).map(([name, value]) => factWords(name, value)),
  ...(each.items ?? []).flatMap(({ id: _, ...item }) =>
    Object.entries(item).map(([name, value]) => factWords(`item.${name}`, value)),
  ),
])}
${
  path !== own
    ? html`<p>It would stand in <a href="/edit?file=${path}">${path}</a>.</p>`
    : html`<form class="ask" method="post" action="/case"><input type="hidden" name="form" value="${form}"><input type="hidden" name="file" value="${path}"><input type="hidden" name="case" value="${JSON.stringify(each)}">
<div><label>What the law wants of it, in a sentence<input name="name" maxlength="200" autocomplete="off"></label></div>
<p><button class="second">The law says so: add the case</button> <a href="/edit?file=${path}">or write it in the file</a></p></form>`
}`

/** Which decisions a draft would turn: counts alone, and of the first the facts that decided. */
export function impactPage(
  version: Policy | List,
  asked: ImpactAsked,
  impact: WorkState<Impact>,
): string {
  const path = lawPath(version)
  const main = html`
${linksOf(version, 'impact')}
<p>Logged decisions are replayed with the draft as if it had been in force all along. Only facts are replayed: of no person anything is fetched or shown.</p>
<form class="ask" method="get" action="/impact"><input type="hidden" name="file" value="${path}"><div class="fields">
<div><label for="as">Who asks the gateway</label><span class="hint" id="as-hint">an office of the profile, such as DE-LEGAL</span><input id="as" name="as" value="${asked.as}" aria-describedby="as-hint"></div>
<div><label for="officer">The acting officer</label><span class="hint" id="officer-hint">without it, as the profile says</span><input id="officer" name="officer" value="${asked.officer}" aria-describedby="officer-hint"></div>
<div><label for="last">Of so many days</label><input id="last" name="last" value="${asked.last}" inputmode="numeric"></div>
<div><button name="go" value="1">Replay</button></div></div></form>
${workHtml(impact, html``, impactHtml)}`
  return deskPage(`Impact of ${path}`, main)
}

/** Whose decisions are replayed, and of how many days. */
export type ImpactAsked = { readonly as: string; readonly officer: string; readonly last: string }

function impactHtml(impact: Impact): Html {
  const { decisions, changed, turns } = impact
  return html`<h2>${changed.toLocaleString('en')} would change (${percentOf(changed, decisions)})</h2>
<p>${countWords(impact)}, replayed by the law as it is known today.</p>
${
  turns.length === 0
    ? ''
    : tableHtml(
        'Decisions that would change',
        ['Requester → holder', 'Change', 'Decisions', 'In the first of them'],
        turns.map((turn) => {
          const { facts, items } = turn.example
          const words = (all: object) =>
            Object.entries(all).map(([name, value]) => factWords(name, value))
          const unknown = Object.entries(turn.unknown).map(
            ([name, count]) => `not known in ${count}, and it may decide: ${subject(name)}`,
          )
          return [
            pairOf(turn),
            changeOf(turn),
            turn.ids.length.toLocaleString('en'),
            listHtml([...words(facts), ...items.flatMap(words), ...unknown]),
          ]
        }),
      )
}`
}
