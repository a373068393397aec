/** A case as a form: a field for each fact that the law of two parties reads, and what somebody wrote there. */

import { type Html, html } from '../../answer/reply/html.ts'
import { optionsHtml } from '../../console/page.ts'
import { applicable } from '../../decision/evaluate.ts'
import type { Facts } from '../../decision/facts.ts'
import { known } from '../../decision/facts.ts'
import { isDay, isRecordFact, isWorkedOut } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import { type Fact, vocabulary } from '../../policy/vocabulary.ts'
import { checksHtml } from './frame.ts'

/** A case as it is tried. Item facts have their full names. */
export type TriedCase = {
  readonly asOf: string
  readonly facts: Facts
  readonly items: readonly { readonly id: string; readonly facts: Facts }[]
}

/** What a form says, and what in it cannot be read, by the id of the field. */
export type ReadForm = {
  readonly tried: TriedCase
  readonly faults: readonly { readonly field: string; readonly fix: string }[]
}

/** Most items of a case. */
export const itemsMax = 5

/** Reads a form. What is empty is not known. */
export function readTried(query: URLSearchParams, today: string): ReadForm {
  const faults: { field: string; fix: string }[] = []
  const read = (field: string, name: string): unknown => {
    const fact = vocabulary[name]
    if (fact === undefined) return undefined
    const value = readValue(
      fact,
      query.getAll(field).map((text) => text.trim()),
    )
    if (typeof value !== 'object' || value === null || !('fix' in value)) return value
    faults.push({ field, fix: `${fact.label}: ${value.fix}` })
    return undefined
  }
  const named = (prefix: string, isMeant: (name: string) => boolean): Facts =>
    Object.fromEntries(
      Object.keys(vocabulary)
        .filter((name) => isMeant(name) && isStated(name))
        .map((name) => [name, read(prefix + name, name)] as const)
        .filter(([, value]) => value !== undefined),
    )
  const day = query.get('asOf')?.trim() ?? ''
  if (day !== '' && !isDay(day))
    faults.push({ field: 'asOf', fix: 'the day of the decision: write a day such as 2026-11-28' })
  const count = Math.min(itemsMax, Math.max(1, Number.parseInt(query.get('items') ?? '1', 10) || 1))
  const items = Array.from({ length: count }, (_, i) => ({
    id: String(i + 1),
    facts: named(`${i + 1}:`, isRecordFact),
  }))
  const facts = named('', (name) => !isRecordFact(name))
  return { tried: { asOf: isDay(day) ? day : today, facts, items }, faults }
}

/** Whether somebody states a fact; the others follow, or are the clock's. */
export const isStated = (name: string): boolean => name !== 'asOf' && !isWorkedOut(name)

function readValue(fact: Fact, texts: readonly string[]): unknown {
  const given = texts.filter((text) => text !== '')
  const [text] = given
  if (text === undefined) return undefined
  switch (fact.type) {
    case 'boolean':
      return text === 'yes' ? true : text === 'no' ? false : { fix: 'choose yes or no' }
    case 'integer':
      return /^\d{1,6}$/.test(text) ? Number(text) : { fix: `write a number of ${fact.unit}` }
    case 'day':
      return isDay(text) ? text : { fix: 'write a day such as 2026-11-28' }
    case 'code':
      return text.length <= 80 ? text : { fix: 'write a code of at most 80 characters' }
    case 'enum':
      return Object.hasOwn(fact.values, text) ? text : { fix: 'choose one of the values' }
    case 'list': {
      if (given.length === 1 && text === 'none') return []
      const all = given.flatMap((each) => each.split(/[\s,]+/)).filter((each) => each !== 'none')
      const { values } = fact
      const wrong = all.find((each) => values !== undefined && !Object.hasOwn(values, each))
      return wrong === undefined ? all : { fix: `\`${wrong}\` is none of its values` }
    }
  }
}

/** The facts that the law between two parties reads, in the order of the vocabulary. */
export function factsThatCount(now: InForce, facts: Facts): ReadonlySet<string> {
  const { 'holder.jurisdiction': holder, 'requester.jurisdiction': requester } = facts
  const between = known(
    { 'holder.jurisdiction': holder, 'requester.jurisdiction': requester },
    now.lists,
  )
  const reads = applicable(now, between).flatMap(({ policy }) => [
    ...policy.applies.facts,
    ...policy.rules.flatMap(({ reads: all }) => all),
    ...policy.byRule.flatMap(({ facts: all }) => all),
  ])
  const always = ['holder.jurisdiction', 'requester.jurisdiction', 'requester.cannotHonour']
  const all = [...always, ...reads].flatMap((name) => [name, ...(vocabulary[name]?.follows ?? [])])
  return new Set([...all, 'item.class', 'release.decision'])
}

/** The fields of some facts, with what is known of them. `prefix` is `1:` for the first item. */
export const fieldsHtml = (names: readonly string[], facts: Facts, prefix = ''): Html =>
  html`<div class="fields">${names
    .map((name) => {
      const fact = vocabulary[name]
      return fact === undefined ? '' : fieldHtml(prefix + name, fact, facts[name])
    })
    .filter((each) => typeof each !== 'string')}</div>`

function fieldHtml(field: string, fact: Fact, value: unknown): Html {
  const label = html`<label for="${field}">${capital(fact.label)}</label>`
  const unknown = fact.unattested === undefined ? 'not known' : 'nothing attested'
  switch (fact.type) {
    case 'boolean':
      return selectHtml(
        field,
        label,
        unknown,
        { yes: 'yes', no: 'no' },
        value === undefined ? '' : value ? 'yes' : 'no',
      )
    case 'enum':
      return selectHtml(field, label, unknown, fact.values, String(value ?? ''))
    case 'list':
      return fact.values === undefined
        ? inputHtml(field, label, 'codes with commas, or none', listText(value))
        : checksHtml(
            field,
            capital(fact.label),
            { none: 'known: none', ...fact.values },
            !Array.isArray(value) ? [] : value.length === 0 ? ['none'] : value,
          )
    case 'integer':
      return inputHtml(field, label, fact.unit, String(value ?? ''), 'numeric')
    case 'day':
      return inputHtml(field, label, 'such as 2026-11-28', String(value ?? ''))
    case 'code':
      return inputHtml(
        field,
        label,
        field.endsWith('jurisdiction') ? 'such as DE, or INTERPOL' : 'a code',
        String(value ?? ''),
      )
  }
}

const listText = (value: unknown): string =>
  !Array.isArray(value) ? '' : value.length === 0 ? 'none' : value.join(', ')

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

const selectHtml = (
  field: string,
  label: Html,
  unknown: string,
  values: Readonly<Record<string, string>>,
  chosen: string,
): Html =>
  html`<div>${label}<select id="${field}" name="${field}"><option value="">${unknown}</option>${optionsHtml(values, chosen)}</select></div>`

const inputHtml = (field: string, label: Html, hint: string, value: string, mode = 'text'): Html =>
  html`<div>${label}<span class="hint" id="${field}-hint">${hint}</span><input id="${field}" name="${field}" value="${value}" inputmode="${mode}" aria-describedby="${field}-hint" autocomplete="off"></div>`
