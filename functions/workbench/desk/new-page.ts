/** The form for a policy that is not here yet: what the law is, to what it applies, one rule, and a first case. */

import { type Html, html } from '../../answer/reply/html.ts'
import { type FieldFault, faultSummary, markHtml, optionsHtml } from '../../console/page.ts'
import type { Decision } from '../../decision/decide.ts'
import type { Book } from '../../policy/book.ts'
import { languageName } from '../../policy/language.ts'
import { confidences } from '../../policy/sentence.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { factWords, subject } from '../../policy/words.ts'
import { timeZones } from '../law/lint.ts'
import { type FirstStart, written } from './first-case.ts'
import { checksHtml, deskPage, listHtml } from './frame.ts'
import { comparable, languagesIn, type NewForm, operatorsOf } from './new-fields.ts'

/** What came of the last press of a button. */
export type NewState = {
  readonly faults: readonly FieldFault[]
  /** The request of the first case, once nothing is wrong with the policy. */
  readonly start?: FirstStart
  /** What the file answers, where somebody said that the law wants something else. */
  readonly answered?: Decision
}

/** Outcomes as people are asked for them. */
export const outcomes = {
  release: 'everything is given',
  redact: 'a part of it is given',
  deny: 'nothing is given',
} as const

type Choices = Readonly<Record<string, string>>
const natures = { mandatory: 'the law says so', choice: 'it is our choice' }

/** The page; `word` is the word of this start. */
export function newPage(form: NewForm, state: NewState, { lists }: Book, word: string): string {
  const { faults, start } = state
  const at = fieldsOf(form, faults)
  const groups = Object.fromEntries(
    lists
      .filter(({ file }) => file.elements === undefined && file.instrument === undefined)
      .map(({ id, file }) => [id, file.title]),
  )
  const main = html`
${faultSummary(faults)}
<p>One policy is one law, from one day on. This makes its file with a first rule, and a first case that tests it. Further rules are written in the file, which the desk opens for you. Nothing is written before the last button, and a draft decides nothing until two people seal it.</p>
<form class="ask" method="post" action="/new"><input type="hidden" name="form" value="${word}">
${lawHtml(at)}
${scopeHtml(at, groups)}
${groundHtml(at)}
${ruleHtml(at, form.one('rule.fact'))}
<p><button name="act" value="check">Check</button></p>
${start === undefined ? '' : caseHtml(at, start, state.answered)}
</form>`
  return deskPage('A new policy', main, '/new')
}

type Fields = ReturnType<typeof fieldsOf>

/** Fields with what the form says, and beside each what is wrong with it. */
function fieldsOf(form: NewForm, faults: readonly FieldFault[]) {
  const { one, many } = form
  const wrong = (id: string) => faults.filter(({ field }) => field === id)
  const described = (id: string) =>
    html`aria-describedby="${id}-hint${wrong(id).length === 0 ? '' : ` ${id}-wrong`}"${wrong(id).length === 0 ? '' : html` aria-invalid="true"`}`
  const framed = (id: string, label: string, hint: string, control: Html) =>
    html`<div><label for="${id}">${label}</label><span class="hint" id="${id}-hint">${hint}</span>${control}${wrong(id).length === 0 ? '' : html`<span class="bad" id="${id}-wrong">${wrong(id).map(({ fix }) => html`${markHtml('bad', fix)}<br>`)}</span>`}</div>`
  const select = (id: string, label: string, hint: string, choices: Choices) =>
    framed(
      id,
      label,
      hint,
      html`<select id="${id}" name="${id}" ${described(id)}>${optionsHtml(choices, one(id))}</select>`,
    )
  const text = (id: string, label: string, hint: string, max = 240, list = '') =>
    framed(
      id,
      label,
      hint,
      html`<input id="${id}" name="${id}" value="${one(id)}" maxlength="${max}" autocomplete="off"${list === '' ? '' : html` list="${list}"`} ${described(id)}>`,
    )
  const wide = (id: string, label: string, hint: string, max = 400) =>
    html`<div class="wide">${text(id, label, hint, max)}</div>`
  return {
    text,
    select,
    wide,
    checks: (id: string, label: string, choices: Choices) =>
      checksHtml(id, label, choices, many(id)),
    /** How well the sentences of each language of the law were checked. */
    translated: () =>
      languagesIn(form).map((tag) =>
        select(
          `translated.${tag}`,
          `How well the ${languageName(tag)} sentences were checked`,
          'an answer that shows one says so',
          confidences,
        ),
      ),
    /** A sentence, in each language of the law, with its articles, and how well they were checked. */
    cited: (part: string, label: string, example: string) =>
      html`${wide(`${part}.says`, label, `a full sentence, such as: ${example}`)}
${languagesIn(form).map((tag) => wide(`${part}.says.${tag}`, `The same in ${languageName(tag)}`, 'a person writes it; nothing until one has', 600))}
${text(`${part}.cites`, 'Its articles', 'several with semicolons, such as CPP art. 695-9-31; LED art. 8')}
${select(`${part}.confidence`, 'How well they were checked', 'an answer that rests on it says so', confidences)}`,
  }
}

const lawHtml = (at: Fields): Html => html`<fieldset><legend>The law</legend><div class="fields">
${at.text('whose', 'Whose law it is', 'a country’s code, or the folder of a body: fr, interpol', 40)}
<div><button class="second" name="act" value="show">Ask in its languages, too</button></div>
${at.text('name', 'A short name, for its folder', 'lower-case letters, digits and hyphens: procedure-code', 40)}
${at.text('day', 'From which day our reading is in force', 'such as 2027-01-01', 10)}
${at.text('timeZone', 'In which time zone its day begins', 'empty: that of the folder’s other files', 40, 'zones')}
<datalist id="zones">${timeZones().map((each) => html`<option value="${each}">`)}</datalist>
${at.text('law', 'The law by its full name', 'such as Code de procédure pénale (CPP)')}
${at.text('url', 'A link to it', 'https://…, or nothing')}
${at.text('title', 'What people call this policy', 'such as: The police give data abroad', 160)}
${at.text('owner', 'Who answers for it', 'such as: Legal team of the ministry', 80)}
${at.select('kind', 'What kind of law it is', 'a ground needs to say what its silence means', {
  ground: 'a ground: it gives a reason to release',
  limit: 'a limit: it only takes away',
})}
${at.translated()}</div></fieldset>`

function scopeHtml(at: Fields, groups: Choices): Html {
  const { 'request.purpose': purpose } = vocabulary
  return html`<fieldset><legend>To what it applies</legend><div class="fields">
${at.cited('applies', 'In one sentence', 'France holds the data.')}
${at.text('requester.codes', 'Who asks', 'codes of countries such as US, CA; nothing for all')}
${at.text('holder.codes', 'Whose data, if the law is a body’s', 'a country’s law speaks of what that country holds')}</div>
<details><summary>Who asks, or holds, by lists</summary>${at.checks('requester.lists', 'Who asks is on', groups)}${at.checks('holder.lists', 'Who holds is on (a body’s law alone)', groups)}</details>
${at.checks('purposes', 'For which purposes; none for all', purpose?.type === 'enum' ? purpose.values : {})}</fieldset>`
}

/** What only a ground says. */
function groundHtml(at: Fields): Html {
  const { 'item.class': fact } = vocabulary
  return html`<fieldset><legend>Only of a ground: what its silence means, and who decides</legend><div class="fields">
${at.cited('otherwise', 'What it means, by law, that none of its permissions holds', 'Without a legal basis nothing is given.')}
${at.select(
  'leaves',
  'What may leave by rule alone, without an officer',
  'nothing is the strictest',
  {
    nothing: 'nothing: an officer decides on all of it',
    classes: 'data of the classes below',
    everything: 'all that a rule permits',
  },
)}</div>
${at.checks('leaves.classes', 'Classes that leave by rule', fact?.type === 'enum' ? fact.values : {})}
<div class="fields">
${at.cited('byRule', 'What leaves by rule, if anything does', 'What is asked for daily leaves at once.')}
${at.select('byRule.nature', 'Whose word that is', 'a choice is marked as one', natures)}
${at.cited('automation', 'Who decides on the rest', 'An officer decides on the rest.')}
${at.select('automation.nature', 'Whose word that is', 'a choice is marked as one', natures)}</div></fieldset>`
}

function ruleHtml(at: Fields, name: string): Html {
  const fact = vocabulary[name]
  const facts = Object.fromEntries(
    comparable.map(([each, { label }]) => [each, `${label} (${each})`]),
  )
  const value =
    fact?.type === 'enum'
      ? at.checks('rule.value', 'With what it is compared', fact.values)
      : fact === undefined || fact.type === 'boolean'
        ? html``
        : at.text(
            'rule.value',
            'With what it is compared',
            fact.type === 'integer'
              ? fact.unit
              : fact.type === 'day'
                ? 'such as 2027-01-01'
                : 'a code, or several',
          )
  return html`<fieldset><legend>The first rule</legend><div class="fields">
${at.cited('rule', 'In one sentence of law', 'Data is given where the act carries 36 months or more.')}
${at.select(
  'rule.nature',
  'Whether the law leaves a choice',
  'a discretionary refusal may be waived',
  {
    mandatory: 'the law says so',
    discretionary: 'discretionary: the holder may',
    choice: 'a choice of ours',
  },
)}
${at.text('rule.id', 'A short name for it', 'such as serious-offence', 40)}
${at.select('rule.effect', 'What follows where it holds', 'only a ground permits', {
  permit: 'a reason to release',
  deny: 'the item stays',
  withhold: 'the item is withheld, the rest is given',
  generalise: 'the item is made general, such as a date to its year',
  pseudonymise: 'a pseudonym stands in its place',
})}
<div class="wide">${at.select('rule.fact', 'What it depends on', 'one fact; more are written in the file', { '': 'choose a fact', ...facts })}</div>
<div><button class="second" name="act" value="show">Show what it may be compared with</button></div>
${fact === undefined ? '' : at.select('rule.operator', `Where ${subject(name)} …`, fact.meaning, operatorsOf(fact))}
${value}</div></fieldset>`
}

function caseHtml(at: Fields, { scope, rule }: FirstStart, answered: Decision | undefined): Html {
  const words = [...Object.entries(scope), ...Object.entries(rule)].map(([name, value]) =>
    factWords(name, value),
  )
  return html`<fieldset id="case"><legend>The first case</legend>
<p>${markHtml('good', 'nothing is wrong with the policy')} Now say what should happen, by law, to an ordinary request in which the rule holds:</p>
${listHtml(words)}
${answered === undefined ? '' : html`<div class="panel"><p>As the file is written, ${outcomes[answered.outcome]}:</p>${listHtml(answered.reasons.map(({ says, rule: id }) => html`${says} <span class="soft">[${id}]</span>`))}<p>If the law wants something else, the rule is not what the law says: change it above. Nothing was written.</p></div>`}
<div class="fields">${at.wide('case.facts', 'What of it is otherwise', `fact = value, several with semicolons: ${written(rule) || 'request.purpose = prosecution'}`, 1000)}
${at.wide('case.name', 'What should happen, in a sentence', 'such as: Three years of custody suffice.', 200)}
${at.select('case.outcome', 'What the law wants', 'read the law, not the file', { '': 'choose', ...outcomes })}</div>
<p><button name="act" value="write">Write the policy and its case</button></p></fieldset>`
}
