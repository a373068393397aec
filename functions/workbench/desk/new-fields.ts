/** What the form for a new policy says, and the file that it makes: `policy check` says what is wrong with that. */

import { isLanguage, type Language, languageName, languagesOf } from '../../policy/language.ts'
import type { Logic } from '../../policy/policy.ts'
import { type Fact, vocabulary } from '../../policy/vocabulary.ts'
import { holdsNothing } from '../../policy/words.ts'

/** The form as it was sent. */
export type NewForm = {
  readonly one: (field: string) => string
  readonly many: (field: string) => readonly string[]
}

/** A form, with spaces at the ends of its texts taken away. */
export const formOf = (sent: FormData): NewForm => {
  const many = (field: string) =>
    sent
      .getAll(field)
      .flatMap((each) => (typeof each === 'string' && each.trim() !== '' ? [each.trim()] : []))
  return { many, one: (field) => many(field)[0] ?? '' }
}

/** Whether a folder is that of a country (ISO 3166-1), whose law speaks of what that country holds. */
export function isCountry(code: string): boolean {
  const region = code.toUpperCase()
  if (!/^[a-z]{2}$/.test(code) || holdsNothing(code) || reserved.test(region)) return false
  // Codes that are withdrawn, or stand for another, have another for their canonical form: UK has GB.
  return new Intl.Locale(`und-${region}`).region === region && countries.of(region) !== undefined
}
/** Codes that have a name, and that ISO 3166-1 only reserves, for its users or for others. */
const reserved = /^(A[AC]|C[PQ]|DG|E[AUZ]|IC|Q[M-Z]|TA|UN|X[A-Z]|ZZ)$/
const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

/** Where the file goes: `fr/procedure/2027-01-01`. */
export const stemOf = ({ one }: NewForm): string =>
  [one('whose').toLowerCase(), one('name'), one('day')].join('/')

/** Facts that a rule may compare in the form: one value each, and none that the requester merely says. */
export const comparable: readonly (readonly [name: string, fact: Fact])[] = Object.entries(
  vocabulary,
).filter(
  ([name, { type, source }]) =>
    type !== 'list' && (source !== 'claim' || name === 'request.purpose'),
)

/** The languages in which the form asks for each sentence, beside English: those of whoever makes the law. */
export const languagesIn = ({ one }: NewForm): readonly Language[] =>
  languagesOf(one('whose').toLowerCase())

/** How a fact may be compared. */
export const operatorsOf = (fact: Fact | undefined): Readonly<Record<string, string>> => {
  switch (fact?.type) {
    case 'boolean':
      return { yes: fact.label, no: fact.denied }
    case 'integer':
    case 'day':
      return {
        '>=': 'is at least, or on or after',
        '>': 'is more than, or after',
        '<=': 'is at most, or on or before',
        '<': 'is less than, or before',
        '===': 'is',
        '!==': 'is not',
      }
    default:
      return { in: 'is one of', '===': 'is', '!==': 'is not' }
  }
}

/** The file that a form makes, whatever is wrong with it. */
export function fileFrom(form: NewForm): object {
  const { one } = form
  const isGround = one('kind') === 'ground'
  const spoken = isGround ? ['applies', 'rule', 'otherwise', 'automation'] : ['applies', 'rule']
  const parts = isGround && one('leaves') !== 'nothing' ? [...spoken, 'byRule'] : spoken
  const translated = languagesIn(form)
    .filter((tag) => parts.some((part) => one(`${part}.says.${tag}`) !== ''))
    .map((tag) => [tag, one(`translated.${tag}`)] as const)
  return {
    $schema: '../../policy.schema.json',
    title: one('title'),
    instrument: { name: one('law'), ...(one('url') === '' ? {} : { url: one('url') }) },
    kind: one('kind'),
    notice: 'An engineering reading, not legal advice.',
    change: 'First version.',
    owner: one('owner'),
    timeZone: one('timeZone'),
    ...(translated.length === 0 ? {} : { translated: Object.fromEntries(translated) }),
    unchecked: ['Only a first rule is written; counsel has checked nothing yet.'],
    applies: { ...cited(form, 'applies'), when: scopeOf(form) },
    ...(isGround
      ? {
          otherwise: { code: 'no-basis', ...cited(form, 'otherwise') },
          automation: whoDecides(form),
        }
      : {}),
    rules: [
      {
        id: one('rule.id'),
        ...cited(form, 'rule'),
        nature: one('rule.nature'),
        when: conditionOf(form),
        then: thenOf(form),
      },
    ],
  }
}

function cited(form: NewForm, part: string) {
  const { one } = form
  const others = languagesIn(form).flatMap((tag) => {
    const text = one(`${part}.says.${tag}`)
    return text === '' ? [] : [[tag, text] as const]
  })
  const en = one(`${part}.says`)
  const says = others.length === 0 ? en : { en, ...Object.fromEntries(others) }
  const cites = one(`${part}.cites`)
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  return { says, cites, confidence: one(`${part}.confidence`) }
}

/** Which requests it is about: holders, requesters and purposes; all of what nobody named. */
function scopeOf(form: NewForm): Logic {
  const whose = form.one('whose').toLowerCase()
  const holder = isCountry(whose)
    ? [among('holder.jurisdiction', [whose.toUpperCase()])]
    : parties(form, 'holder')
  const purposes = form.many('purposes')
  const asked = purposes.length === 0 ? [] : [among('request.purpose', purposes)]
  return joined('and', [...holder, ...parties(form, 'requester'), ...asked])[0] ?? true
}

/** Codes of the countries and bodies that somebody named on one side. */
export const codesOf = ({ one }: NewForm, side: 'holder' | 'requester'): readonly string[] =>
  wordsIn(one(`${side}.codes`)).map((each) => each.toUpperCase())

/** Who stands on one side: whoever is on one of the lists, or named by code. */
function parties(form: NewForm, side: 'holder' | 'requester'): readonly Logic[] {
  const fact = `${side}.jurisdiction`
  const codes = codesOf(form, side)
  return joined('or', [
    ...form
      .many(`${side}.lists`)
      .map((id): Logic => ({ in: [{ var: fact }, { var: `lists.${id}` }] })),
    ...(codes.length === 0 ? [] : [among(fact, codes)]),
  ])
}

const wordsIn = (text: string): readonly string[] =>
  text.split(/[\s,]+/).filter((each) => each !== '')

const among = (fact: string, values: readonly string[]): Logic =>
  values.length === 1 && values[0] !== undefined
    ? { '===': [{ var: fact }, values[0]] }
    : { in: [{ var: fact }, values] }

const joined = (operator: 'and' | 'or', parts: readonly Logic[]): readonly Logic[] =>
  parts.length < 2 ? parts : [{ [operator]: parts }]

function whoDecides(form: NewForm): object {
  const { one, many } = form
  const said = (part: string) => ({ ...cited(form, part), nature: one(`${part}.nature`) })
  const leaves = one('leaves')
  const when = leaves === 'classes' ? { in: [{ var: 'item.class' }, many('leaves.classes')] } : true
  return {
    ...said('automation'),
    byRule: leaves === 'nothing' ? [] : [{ ...said('byRule'), when }],
  }
}

function conditionOf({ one, many }: NewForm): Logic {
  const name = one('rule.fact')
  const fact = Object.hasOwn(vocabulary, name) ? vocabulary[name] : undefined
  const operator = one('rule.operator')
  if (fact?.type === 'boolean') return operator === 'no' ? { '!': [{ var: name }] } : { var: name }
  const given = many('rule.value')
  const all = fact?.type === 'code' ? given.flatMap(wordsIn) : given
  const values = all.map((each) =>
    fact?.type === 'integer' && /^\d{1,9}$/.test(each) ? Number(each) : each,
  )
  const isSeveral = operator === 'in' || values.length > 1
  if (isSeveral && operator !== '!==') return { in: [{ var: name }, values] }
  const [value = ''] = values
  return values.length > 1
    ? { '!': [{ in: [{ var: name }, values] }] }
    : { [operator || '===']: [{ var: name }, value] }
}

function thenOf({ one }: NewForm): object {
  const [effect = '', code] = [one('rule.effect'), one('rule.id')]
  return ['generalise', 'pseudonymise', 'withhold'].includes(effect)
    ? { effect: 'redact', treatment: effect, code }
    : { effect, code }
}

/** The field of the form that made a part of the file, by its JSON Pointer. */
const fields: readonly (readonly [pointer: RegExp, field: string])[] = [
  [/^\/instrument\/url/, 'url'],
  [/^\/instrument/, 'law'],
  [/^\/(title|kind|owner|timeZone)/, '$1'],
  [/^\/translated\/([a-z]{2})/, 'translated.$1'],
  [/^\/(applies|otherwise|automation)\/says\/(?!en)([a-z]{2})/, '$1.says.$2'],
  [/^\/automation\/byRule\/0\/says\/(?!en)([a-z]{2})/, 'byRule.says.$1'],
  [/^\/rules\/0\/says\/(?!en)([a-z]{2})/, 'rule.says.$1'],
  [/^\/applies\/when/, 'requester.codes'],
  [/^\/automation\/byRule\/0\/when/, 'leaves'],
  [/^\/automation\/byRule\/0\/(says|cites|confidence|nature)/, 'byRule.$1'],
  [/^\/automation\/byRule/, 'leaves'],
  [/^\/(applies|otherwise|automation)\/(says|cites|confidence|nature)/, '$1.$2'],
  [/^\/rules\/0\/(says|cites|confidence|nature|id)/, 'rule.$1'],
  [/^\/rules\/0\/when/, 'rule.value'],
  [/^\/rules\/0\/then\/code/, 'rule.id'],
  [/^\/rules\/0\/then/, 'rule.effect'],
]

/** The field to mend for a finding at a place of the file. */
export function fieldAt(pointer: string): string {
  const row = fields.find(([form]) => form.test(pointer))
  if (row === undefined) return 'title'
  const [form, field] = row
  return (form.exec(pointer)?.[0] ?? '').replace(form, field)
}

const parts: Readonly<Record<string, string>> = {
  applies: 'To what it applies',
  otherwise: 'What its silence means',
  byRule: 'What leaves by rule',
  automation: 'Who decides',
  rule: 'The first rule',
}

/** Which part of the form a field is in, and in which language, for a list of faults; empty for the law itself. */
export function partOf(field: string): string {
  const [name = '', , tag = ''] = field.split('.')
  const part = parts[name]
  if (part === undefined) return ''
  return isLanguage(tag) ? `${part}, in ${languageName(tag)}: ` : `${part}: `
}
