/** The form of a request: shown with its faults, read into a request, and filled from one. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { Plain } from '../audit/look.ts'
import { asOneLine } from '../decision/free-text.ts'
import { type AccessRequest, accessRequestSchema } from '../decision/request.ts'
import { readAs } from '../http/faults.ts'
import { enumOf } from '../policy/fact-types.ts'
import { factWords, valueWords } from '../policy/words.ts'
import { type FormChoices, type FormField, sectionsOf } from './ask-fields.ts'
import { type FieldFault, faultSummary, optionsHtml, type Words } from './page.ts'

/** The form as it was filled, with its faults first and at their fields. */
export function formHtml(
  choices: FormChoices,
  filled: URLSearchParams,
  faults: readonly FieldFault[],
  hidden: Html,
  action: string,
): Html {
  const faultAt = new Map(faults.map(({ field, fix }) => [field, fix]))
  return html`${faultSummary(faults)}
<form id="ask" method="post" action="${action}" novalidate>${hidden}
${sectionsOf(choices).map(
  ({ heading, hint, fields }) => html`<h2>${heading}</h2>
${hint === undefined ? '' : html`<p>${hint}</p>`}${fields.map((field) => fieldHtml(field, filled, faultAt.get(field.name)))}`,
)}
<p><button name="step" value="check">${say('fields.seeWhat', { who: isReceived(filled) ? 'they' : 'you' })}</button></p></form>`
}

function fieldHtml(field: FormField, filled: URLSearchParams, fault: Words | undefined): Html {
  const { name, label, hint, kind, options = {}, optional } = field
  const says = html`${label}${optional && fault === undefined ? html` <span class="hint">${say('fields.ifAny')}</span>` : ''}${hint === undefined ? '' : html` <span class="hint">${hint}</span>`}${fault === undefined ? '' : html`<br><span class="bad">✕ ${fault}</span>`}`
  const given = filled.get(name) ?? ''
  const about = html`id="${name}" name="${name}"${fault === undefined ? '' : html` aria-invalid="true"`}`
  if (kind === 'many') {
    const chosen = filled.getAll(name)
    return html`<fieldset id="${name}"><legend>${says}</legend>${Object.entries(options).map(
      ([value, text]) =>
        html`<label><input type="checkbox" name="${name}" value="${value}"${chosen.includes(value) ? html` checked` : ''}>${text}</label>`,
    )}</fieldset>`
  }
  const listed = kind === 'text' && Object.keys(options).length > 0
  const input =
    kind === 'one'
      ? html`<select ${about}><option value="">${say('fields.choose')}</option>${optionsHtml(options, given)}</select>`
      : kind === 'long'
        ? html`<textarea ${about} rows="5" maxlength="2000">${given}</textarea>`
        : html`<input ${about} value="${given}"${kind === 'number' ? html` inputmode="numeric"` : kind === 'day' ? html` type="date"` : kind === 'moment' ? html` type="datetime-local"` : ''}${listed ? html` list="${name}.list"` : ''} autocomplete="off">${listed ? html`<datalist id="${name}.list">${optionsHtml(options, undefined)}</datalist>` : ''}`
  const file =
    kind === 'file-digest'
      ? html` <input type="file" data-digest-of="${name}" aria-label="${say('fields.chooseFile', { label })}">`
      : ''
  return html`<p><label for="${name}">${says}</label>${input}${file}</p>`
}

/** The request that a filled form makes; or its faults, each at its field. */
export function requestIn(
  filled: URLSearchParams,
): { readonly request: AccessRequest } | { readonly faults: readonly FieldFault[] } {
  const text = (name: string) => asOneLine(filled.get(name) ?? '') || undefined
  const many = (name: string) => [...new Set(filled.getAll(name))]
  const months = text('offence.maxCustodyMonths')
  const description = text('offence.description')
  const assurances = Object.fromEntries(
    ['deathPenalty', 'reciprocity'].flatMap((each) =>
      text(`assurances.${each}`) === 'given' ? [[each, 'given']] : [],
    ),
  )
  const previous = text('previous')
  const body = {
    holder: text('holder'),
    subject: subjectIn(text),
    classes: many('classes'),
    purpose: text('purpose'),
    instrument: text('instrument'),
    channel: text('channel'),
    offence: {
      category: text('offence.category'),
      ...(description && { description }),
      maxCustodyMonths: months && /^\d+$/.test(months) ? Number(months) : months,
    },
    stage: text('stage'),
    urgency: text('urgency'),
    necessity: {
      statement: text('necessity.statement'),
      strictlyNecessaryClasses: many('necessity.strictlyNecessaryClasses'),
    },
    ...(Object.keys(assurances).length > 0 && { assurances }),
    caseReference: text('caseReference'),
    ...(isReceived(filled) && { receivedBy: receivedIn(text) }),
    ...(previous && { previous }),
  }
  const empty = emptyIn(filled)
  const read = readAs(accessRequestSchema, body)
  if (empty.length === 0 && 'value' in read) return { request: read.value }
  const others = 'faults' in read ? read.faults : []
  const wrong = others
    .map(({ pointer, detail }) => faultAt(pointer, detail, filled))
    .filter(({ field }) => !empty.some((each) => each.field === field))
  const order = fieldsOf(filled).map(({ name }) => name)
  const placeOf = ({ field }: FieldFault) => order.indexOf(field)
  return { faults: [...empty, ...wrong].toSorted((a, b) => placeOf(a) - placeOf(b)) }
}

/** What the dry run supposes to be held, in words; nothing, unless a role was said. */
export const supposedWords = (filled: URLSearchParams): Html =>
  filled.get('suppose.role')
    ? say('fields.supposes', {
        role: valueWords('item.role', filled.get('suppose.role')),
        minor: factWords('item.minor', filled.has('suppose.minor')),
      })
    : say('fields.supposesNothing')

/** The items that a dry run supposes, one of each class. */
export function hypothesesIn(
  filled: URLSearchParams,
  { classes: asked }: Pick<AccessRequest, 'classes'>,
): Pick<AccessRequest, 'hypotheses'> {
  const role = enumOf('item.role').safeParse(filled.get('suppose.role'))
  const minor = filled.has('suppose.minor')
  if (!role.success) return {}
  const ordinary = {
    ...{ role: role.data, minor, ageAtEvent: minor ? 16 : 35, origin: 'holder' },
    ...{ originConsent: 'own-data', system: 'national', quality: 'verified', status: 'active' },
    ...{ youthRecord: 'none', obtainedUnder: 'none', yearsSinceEvent: 1, yearsSinceValidation: 1 },
  }
  return { hypotheses: asked.map((each) => ({ class: each, ...ordinary })) }
}

/** The ways to say whom: by the field that begins each, the others that it needs. */
const ways = {
  'subject.recordId': [],
  'subject.document.number': ['subject.document.country'],
  'subject.name.given': ['subject.name.family', 'subject.birthDate'],
} as const

type Text = (name: string) => string | undefined

function subjectIn(text: Text): unknown {
  const [recordId, number] = [text('subject.recordId'), text('subject.document.number')]
  if (recordId !== undefined) return { recordId }
  if (number !== undefined)
    return { document: { number, country: text('subject.document.country') } }
  const [given, family] = [text('subject.name.given'), text('subject.name.family')]
  return { name: { given, family }, birthDate: text('subject.birthDate') }
}

/** Whether the form is one by which a request is entered that came by another way. */
export const isReceived = (filled: URLSearchParams): boolean => filled.has('receivedBy.way')

/** How a request came that is entered. What is no digest or code stays as it was written, to be refused there. */
function receivedIn(text: Text): unknown {
  const of = (name: string) => text(`receivedBy.${name}`)
  const duties = of('from.cannotHonour') ?? ''
  const digest = of('digest') ?? ''
  return {
    ...{ way: of('way'), number: of('number') },
    // As a browser writes a moment without a zone; the form says that it is UTC.
    receivedAt: `${(of('receivedAt') ?? '').slice(0, 16)}:00.000Z`,
    digest: /^[0-9a-f]{64}$/i.test(digest)
      ? Buffer.from(digest, 'hex').toString('base64url')
      : digest.replace(/=$/, ''),
    from: {
      ...{ name: of('from.name'), jurisdiction: of('from.jurisdiction')?.toUpperCase() },
      authorityType: of('from.authorityType'),
      cannotHonour: duties.toLowerCase() === 'none' ? [] : duties.split(/[\s,]+/),
    },
  }
}

const fieldsOf = (filled: URLSearchParams): readonly FormField[] =>
  sectionsOf({
    ...{ holders: {}, channels: [], instruments: {} },
    isReceived: isReceived(filled),
  }).flatMap(({ fields }) => fields)

/** The fields that must be filled and are not; of the person, those of the one way that was begun. */
function emptyIn(filled: URLSearchParams): readonly FieldFault[] {
  const isEmpty = (name: string) => !filled.get(name)?.trim()
  const missing = fieldsOf(filled)
    .filter(({ name, optional }) => !optional && isEmpty(name))
    .map(({ name, label, kind }) => ({
      field: name,
      fix: say(kind === 'one' || kind === 'many' ? 'fields.chooseThis' : 'fields.enterThis', {
        label,
      }),
    }))
  const begun = Object.entries(ways).filter(([first, others]) =>
    [first, ...others].some((each) => !isEmpty(each)),
  )
  const [way = ['subject.name.given', ways['subject.name.given']] as const, second] = begun
  if (second !== undefined) {
    const fix = say('fields.oneWay')
    return [...missing, { field: second[0], fix }]
  }
  const [first, others] = way
  const labels = new Map(fieldsOf(filled).map(({ name, label }) => [name, label]))
  const unsaid = [first, ...others].filter(isEmpty)
  return [
    ...missing,
    ...unsaid.map((field) => ({
      field,
      fix: say('fields.enterThis', { label: labels.get(field) ?? field }),
    })),
  ]
}

/** Where a fault of the request is in the form. */
export function faultAt(pointer: string, detail: Words, filled: URLSearchParams): FieldFault {
  const name = pointer.slice(1).replaceAll('/', '.')
  const fields = fieldsOf(filled)
  const found =
    fields.find((each) => each.name === name) ??
    fields.find((each) => name.startsWith(`${each.name}.`)) ??
    fields.find((each) => each.name.startsWith(`${name}.`) && filled.get(each.name)) ??
    fields.find((each) => each.name.startsWith(`${name}.`))
  return found === undefined
    ? { field: fields[0]?.name ?? 'holder', fix: detail }
    : { field: found.name, fix: html`${found.label}: ${detail}` }
}

/** A request as a form has it, such as one that is to be asked again. */
export function filledWith(request: Plain<AccessRequest>): URLSearchParams {
  const filled = new URLSearchParams()
  const put = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) filled.append(name, String(each))
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value))
        put(name === '' ? key : `${name}.${key}`, each)
    else if (value !== undefined && value !== null) filled.append(name, String(value))
  }
  put('', request)
  const { receivedBy } = request
  if (receivedBy !== undefined) {
    filled.set('receivedBy.receivedAt', receivedBy.receivedAt.slice(0, 16))
    const { cannotHonour } = receivedBy.from
    filled.set('receivedBy.from.cannotHonour', cannotHonour.join(' ') || 'none')
  }
  return filled
}
