/** Fields by which an officer says facts that are missing, and what they said. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { type FactValue, knownValue } from '../policy/fact-types.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { subject, valueWords } from '../policy/words.ts'
import { optionsHtml } from './page.ts'

/** What an officer says of a fact. */
export type FormFact = { readonly fact: string; readonly value: FactValue }

/** The name of a fact's field. */
const nameOf = (fact: string): string => `fact:${fact}`

/** Whether a page has a field for a fact: an office says it, and it is no decision of its own page. */
const isSayable = (fact: string): boolean =>
  vocabulary[fact]?.attester !== undefined && fact !== 'release.decision'

/** The values that may be picked for a fact; none where it is written. */
function pickable(fact: string): readonly (string | boolean)[] {
  const known = vocabulary[fact]
  if (known?.type === 'boolean') return [true, false]
  if (known?.type === 'list') return Object.keys(known.values ?? {})
  if (known?.type !== 'enum') return []
  return (known.attestable ?? Object.keys(known.values)).filter((each) => each !== known.unattested)
}

/** A field for each fact that is missing and that an office may say; nothing is chosen beforehand. */
export function factsHtml(
  todo: readonly { readonly fact: string }[],
  does: string,
  filled = new URLSearchParams(),
): Html {
  const facts = [...new Set(todo.map(({ fact }) => fact))].filter(isSayable)
  return facts.length === 0
    ? html``
    : html`<div class="fields" id="${does}.facts">${facts.map((fact, i) => factHtml(fact, `${does}.${i}`, filled.getAll(nameOf(fact))))}</div>`
}

function factHtml(fact: string, id: string, given: readonly string[]): Html {
  const known = vocabulary[fact]
  const name = nameOf(fact)
  const says = html`${subject(fact)} <span class="hint">${known?.type === 'integer' ? say('facts.unit', { unit: known.unit }) : ''}<code>${fact}</code></span>`
  const choices = pickable(fact)
  if (known?.type === 'list' && choices.length > 0)
    return html`<fieldset id="${id}"><legend>${says}</legend>${choices.map(
      (value) =>
        html`<label><input type="checkbox" name="${name}" value="${String(value)}"${given.includes(String(value)) ? html` checked` : ''}>${valueWords(fact, value)}</label>`,
    )}</fieldset>`
  if (choices.length === 0)
    return html`<p><label for="${id}">${says}${known?.type === 'list' ? html` <span class="hint">${say('facts.several')}</span>` : ''}</label><input id="${id}" name="${name}" value="${given.join(' ')}"${known?.type === 'integer' ? html` inputmode="numeric"` : ''} autocomplete="off"></p>`
  return html`<p><label for="${id}">${says}</label><select id="${id}" name="${name}"><option value="">${say('facts.nothing')}</option>${optionsHtml(Object.fromEntries(choices.map((value) => [String(value), valueWords(fact, value)])), given[0])}</select></p>`
}

/**
 * The facts that were said in a form. A text that is no value of its fact stays as it is, to be refused by the schema
 * of what is signed: nothing that an officer wrote is dropped.
 */
export const factsIn = (form: URLSearchParams): readonly FormFact[] =>
  [...new Set(form.keys())].flatMap((name) => {
    const fact = name.startsWith('fact:') ? name.slice(5) : ''
    const given = form.getAll(name).filter((each) => each.trim() !== '')
    return isSayable(fact) && given.length > 0 ? [{ fact, value: asWritten(fact, given) }] : []
  })

function asWritten(fact: string, given: readonly string[]): FactValue {
  const [first = ''] = given
  const text = first.trim()
  switch (vocabulary[fact]?.type) {
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : text)
    case 'integer':
      return /^\d{1,9}$/.test(text) ? Number(text) : text
    case 'list':
      return [...new Set(given.flatMap((each) => each.trim().split(/[\s,]+/)))]
    default:
      return text
  }
}

/** The same facts as fields of the next form. */
export const factsHidden = (facts: readonly FormFact[]): Html =>
  html`${facts.flatMap(({ fact, value }) =>
    (Array.isArray(value) ? value : [value]).map(
      (each) => html`<input type="hidden" name="${nameOf(fact)}" value="${String(each)}">`,
    ),
  )}`

/** Whether a fact has the value that is written for it. */
export const isValue = (of: FormFact): boolean => knownValue(of.fact, of.value) !== undefined
