/** One version as four columns: the law, its sentence, its condition in words, and the cases that rest on it. */

import { type Html, html } from '../../answer/reply/html.ts'
import { translationWords } from '../../answer/reply/languages.ts'
import { markHtml, type Term, tableHtml, termsHtml } from '../../console/page.ts'
import { ownersHtml } from '../../console/why.ts'
import { type CompiledRule, type List, lawId, lawPath, type Policy } from '../../policy/book.ts'
import { isLanguage, languageName, languagesOf, noneYet } from '../../policy/language.ts'
import type { Logic } from '../../policy/policy.ts'
import type { Confidence } from '../../policy/sentence.ts'
import { type Titles, wordLines } from '../../policy/words.ts'
import {
  arrangementTexts,
  automationWords,
  confidenceWords,
  dutyWords,
  elementWords,
  elsewhereWords,
  memberWords,
  natureWords,
  otherwiseWords,
  ownerWords,
  routineUseWords,
  thenWords,
} from '../law/clauses.ts'
import type { Ran } from '../law/coverage.ts'
import { timeline } from '../law/timeline.ts'
import { uncheckedIn } from '../law/unchecked.ts'
import { deskPage, linksOf, listHtml, sealWords, versionLink } from './frame.ts'
import { type Shelf, versionsOf } from './shelf.ts'
import { stripsHtml } from './timeline-page.ts'

/** A version of a policy or list. */
export function versionPage(
  shelf: Shelf,
  version: Policy | List,
  now: string,
  form: string,
): string {
  const { file } = version
  const others = versionsOf(shelf, version)
  const strips = timeline(shelf.book, now.slice(0, 10)).filter(({ id }) => id === lawId(version))
  const open = uncheckedIn(version).length
  const main = html`
${termsHtml([
  ['File', html`<code>policies/${lawPath(version)}</code>, ${sealWords(version)}`],
  ...aboutOf(version),
  ['What changed', file.change],
  ['Owner', file.owner],
  ['Days of', file.timeZone],
  ...languageTerms(version),
  ['SHA-256', html`<code>${version.digest}</code>`],
  [
    'Versions',
    html`${others.map((each) => html`${each === version ? html`<strong>${each.version}</strong>` : versionLink(each)} `)}`,
  ],
  [
    'To be checked',
    open === 0
      ? 'nothing'
      : html`<a href="/unchecked/plan?file=${lawPath(version)}">${open} items</a>`,
  ],
])}
${linksOf(version, 'read')}
${stripsHtml(strips, now.slice(0, 10))}
${'rules' in version ? policyHtml(version, shelf) : entriesHtml(version, shelf.titles)}
${draftHtml(version, others, now, form)}`
  return deskPage(file.title, main)
}

/** In which languages its sentences stand, how many of them, and how well that was checked. */
function languageTerms({ file, translations, ...version }: Policy | List): readonly Term[] {
  const own = 'folder' in version ? languagesOf(version.folder) : []
  const all = new Set(sentencesIn(file))
  const stands = Object.entries(file.translated ?? {}).flatMap(([tag, mark]) => {
    if (!isLanguage(tag)) return []
    const there = [...all].filter((each) => translations?.get(each)?.[tag] !== undefined).length
    const count = there === all.size ? '' : `, ${there} of ${all.size} sentences`
    return [`${languageName(tag)}${count} (${translationWords(mark)})`]
  })
  const none = own.length > 0 && !own.some((tag) => file.translated?.[tag] !== undefined)
  if (stands.length === 0 && !none) return []
  return [['Languages', ['English', ...stands, ...(none ? [noneYet(own)] : [])].join('; ')]]
}

/** Every sentence of a file, in English. */
const sentencesIn = (value: unknown): readonly string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, member]) =>
        name === 'says' && typeof member === 'string' ? [member] : sentencesIn(member),
      )

/** A form that copies the version and its cases to a new draft; of an older one, what such a draft would be without. */
function draftHtml(
  version: Policy | List,
  others: readonly (Policy | List)[],
  now: string,
  form: string,
): Html {
  const newest = others.findLast((each) => each.sealedAt && each.retiredAt === undefined)
  const isOlder = newest !== undefined && others.indexOf(version) < others.indexOf(newest)
  return html`<h2>Start a draft of it</h2>
${isOlder ? html`<p class="panel">${markHtml('part', 'There is a newer one')}: ${versionLink(newest)}. A draft of this one is without what changed since.</p>` : ''}
<form class="ask" method="post" action="/draft"><input type="hidden" name="form" value="${form}"><input type="hidden" name="of" value="${lawPath(version)}">
<div class="fields"><div><label for="kind">It is</label><select id="kind" name="kind"><option value="version">a version from a day on</option><option value="correction">a correction of this version</option></select></div>
<div><label for="day">From the day</label><input id="day" name="day" value="${Number(now.slice(0, 4)) + 1}-01-01" autocomplete="off"></div></div>
<div><label for="change">What it changes, as a full sentence</label><input id="change" name="change" maxlength="400" autocomplete="off"></div>
<p><button>Start a draft</button></p></form>`
}

/** The law and kind of a policy; what it means to be on a list. */
function aboutOf(version: Policy | List): readonly Term[] {
  if (!('rules' in version)) return [['What it means', ownersHtml(version.file.says, version)]]
  const { instrument, kind, repealed } = version.file
  const { name, url } = instrument
  return [
    ['Law', url === undefined ? name : html`<a href="${url}" rel="noreferrer">${name}</a>`],
    ['Kind', `${kind}${repealed ? ', repealed' : ''}`],
  ]
}

function policyHtml(policy: Policy, shelf: Shelf): Html {
  const { file } = policy
  const { ran, failure } = casesOf(shelf, policy)
  const { titles } = shelf
  const after = file.otherwise
  return html`
${file.unchecked === undefined ? '' : html`<h2>Counsel must check</h2>${listHtml(file.unchecked)}`}
${failure === undefined ? '' : html`<p class="panel">The cases were not run: ${failure}</p>`}
<h2>What it says</h2>
<div class="law">
<div class="heads" aria-hidden="true"><span>Law</span><span>Sentence</span><span>Condition</span><span>Cases</span></div>
${clauseHtml({ id: 'applies', title: 'When it applies', ...file.applies }, policy, titles)}
${policy.rules.flatMap((rule) => ruleHtml(rule, policy, ran, titles))}
${
  after === undefined
    ? ''
    : clauseHtml(
        {
          ...{ id: 'otherwise', title: 'Where no rule permits', ...after },
          then: otherwiseWords(after),
          cases: ran.filter((each) => restsOn(each, `${policy.id}/otherwise`)),
        },
        policy,
        titles,
      )
}
${file.kind === 'ground' ? automationHtml(policy, titles) : ''}
</div>
<p class="soft">Where a fact is not known, a refusal counts, and a permission or an exception does not.</p>
${casesHtml(ran)}`
}

function casesOf(shelf: Shelf, policy: Policy): { ran: readonly Ran[]; failure?: string } {
  try {
    return { ran: shelf.casesOf(policy) }
  } catch (error) {
    return { ran: [], failure: error instanceof Error ? error.message : String(error) }
  }
}

function ruleHtml(
  { id, rule, unless, readsRecord }: CompiledRule,
  policy: Policy,
  ran: readonly Ran[],
  titles: Titles,
) {
  const relies = rule.relies?.cites.join('; ')
  return [
    clauseHtml(
      {
        ...rule,
        title: rule.id,
        mark: natureWords(rule),
        then: [
          ...(relies === undefined ? [] : [`It relies on what the requester says, by ${relies}.`]),
          ...elsewhereWords(rule),
          ...thenWords(rule, readsRecord),
        ],
        cases: ran.filter((each) => restsOn(each, id)),
      },
      policy,
      titles,
    ),
    ...unless.map(({ exception }, i) =>
      clauseHtml(
        {
          ...{ id: `${rule.id}-unless-${i + 1}`, title: `${rule.id}, unless`, ...exception },
          then: (exception.obligations ?? []).map(dutyWords),
        },
        policy,
        titles,
      ),
    ),
  ]
}

function automationHtml(policy: Policy, titles: Titles): readonly Html[] {
  const { automation } = policy.file
  const then = automationWords(automation)
  if (automation === undefined) return [html`<p>${then.join(' ')}</p>`]
  return [
    clauseHtml(
      { id: 'automation', title: 'Who decides', mark: ownerWords(automation), ...automation, then },
      policy,
      titles,
    ),
    ...automation.byRule.map((each, i) =>
      clauseHtml(
        { id: `by-rule-${i + 1}`, title: 'By rule alone', mark: ownerWords(each), ...each },
        policy,
        titles,
      ),
    ),
  ]
}

type ShownClause = {
  readonly id: string
  readonly title: string
  readonly mark?: string
  readonly says: string
  readonly cites: readonly string[]
  readonly confidence: Confidence
  readonly when?: Logic
  readonly then?: readonly string[]
  readonly cases?: readonly Ran[]
}

function clauseHtml(
  { id, title, mark, says, cites, confidence, when, then = [], cases }: ShownClause,
  policy: Policy,
  titles: Titles,
): Html {
  return html`<section class="clause" id="${id}">
<h3>${title}${mark === undefined ? '' : html` <small class="soft">${mark}</small>`}</h3>
<div><span class="col">Law</span>${cites.map((each) => html`<p>${each}</p>`)}<p class="${confidence === 'V' ? 'soft' : 'part'}">${confidenceWords(confidence)}</p></div>
<div><span class="col">Sentence</span><p>${ownersHtml(says, policy)}</p>${listHtml(then)}</div>
<div><span class="col">Condition</span>${when === undefined ? html`<p class="soft">none</p>` : conditionHtml(when, titles)}</div>
<div><span class="col">Cases</span>${cases === undefined ? '' : cases.length === 0 ? html`<p class="part">no case of this file</p>` : listHtml(cases.map(caseLink))}</div>
</section>`
}

/** A condition line by line, each level further in. */
const conditionHtml = (when: Logic, titles: Titles): Html =>
  html`<div class="lines">${wordLines(when, titles).map((line) => {
    const indent = (line.length - line.trimStart().length) / 4
    return html`<p class="in${Math.min(indent, 6)}">${line.trimStart()}</p>`
  })}</div>`

/** Whether a case expects a rule, or its answer names it. */
const restsOn = ({ each, decision }: Ran, rule: string): boolean =>
  (each.expect.because ?? []).includes(rule) ||
  decision.reasons.some((reason) => reason.rule === rule)

const tryAddress = ({ path, file, each }: Ran): string =>
  `/try?${new URLSearchParams({ case: path, n: String(file.cases.indexOf(each) + 1) })}`

const caseLink = (ran: Ran): Html =>
  html`${ran.failures.length === 0 ? markHtml('good', 'passes') : markHtml('bad', 'fails')} <a href="${tryAddress(ran)}">${ran.each.name}</a>`

function casesHtml(ran: readonly Ran[]): Html {
  if (ran.length === 0) return html``
  const failing = ran.filter(({ failures }) => failures.length > 0).length
  return html`<h2 id="cases">Cases</h2>
<p>${failing === 0 ? markHtml('good', `all ${ran.length} pass`) : markHtml('bad', `${failing} of ${ran.length} fail`)}</p>
${tableHtml(
  'The cases of this file',
  ['Case', 'Answer', 'Result'],
  ran.map((each) => [
    html`<a href="${tryAddress(each)}">${each.each.name}</a>`,
    each.decision.standing === undefined
      ? each.decision.outcome
      : `${each.decision.outcome}, ${each.decision.standing}`,
    each.failures.length === 0
      ? markHtml('good', 'passes')
      : html`${markHtml('bad', 'fails')} ${listHtml(each.failures)}`,
  ]),
)}`
}

function entriesHtml({ file }: List, titles: Titles): Html {
  const { members = [], arrangements = [], routineUses = [], elements = [] } = file
  return html`
${file.unchecked === undefined ? '' : html`<h2>Counsel must check</h2>${listHtml(file.unchecked)}`}
<h2>Entries</h2>
${listHtml([
  ...members.map((each) => memberWords(each, titles)),
  ...routineUses.map(routineUseWords),
  ...elements.map(elementWords),
])}
${arrangements.map((each) => {
  const { title, ...rest } = arrangementTexts(each, titles)
  return html`<section id="${each.id}"><h3>${title} <small class="soft">${each.id}</small></h3>${termsHtml(Object.entries(rest))}</section>`
})}`
}
