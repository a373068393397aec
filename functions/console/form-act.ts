/** What an officer's form asks for, as the act that is to be signed: one row for each form of `waiting.ts`. */

import type * as z from 'zod'
import { matterDaysMax } from '../answer/ask/matter.ts'
import type { WaitingDenial } from '../answer/offices/inbox.ts'
import { responseSchema } from '../answer/offices/response.ts'
import { type MatterStatement, pastStatements } from '../answer/offices/statements.ts'
import { wouldLeaveSchema } from '../answer/offices/would-leave.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { dayMs, releaseHoursMax } from '../decision/attestation.ts'
import { attestationSchema } from '../decision/attestation-sent.ts'
import { asOneLine } from '../decision/free-text.ts'
import { deliverySchema, entryIdSchema } from '../decision/request.ts'
import { objectionSchema, reviewSchema } from '../http/bodies.ts'
import { readAs } from '../http/faults.ts'
import { problem } from '../http/problem.ts'
import { isAgainst } from '../policy/vouching.ts'
import { factWords, subject } from '../policy/words.ts'
import { type Act, signPage } from './act.ts'
import { type FormFact, factsIn, isValue } from './fact-fields.ts'
import { show, tokenHtml } from './frame.ts'
import { hiddenHtml } from './kept-form.ts'
import { callOnPage } from './looking.ts'
import {
  aheadWords,
  type FieldFault,
  faultSummary,
  momentHtml,
  type Term,
  type Words,
} from './page.ts'
import { isRefusal, statementWords } from './statements.ts'
import type { PageContext, Visitor } from './visitor.ts'
import { type FaultyForm, fieldId, waitingFor, waitingPage } from './waiting.ts'
import { namedBy } from './would-leave.ts'

/** What a form is made into an act with. */
type Asked = {
  readonly form: URLSearchParams
  readonly request: string
  readonly visitor: Visitor
  readonly now: Date
  /** Hours that a release of the holder stands. */
  readonly releaseHours: number
}
/** What an act needs beside its title: the call, and what is said of it. */
type Made = Pick<Act, 'path' | 'method'> & {
  readonly body?: unknown
  readonly schema?: z.ZodType
  readonly says: readonly Term[]
}
type Row = { readonly title: Words; readonly button: Words; make(asked: Asked): Made }

const text = (form: URLSearchParams): string =>
  asOneLine(form.get('text') ?? form.get('ground') ?? '')

const chosenIn = (form: URLSearchParams) => {
  const record = form.get('record')
  const takenOut = [...new Set(form.getAll('takenOut'))]
  return { ...(record && { record }), ...(takenOut.length > 0 && { takenOut }) }
}

/** What an officer took out, each by what it is: a look named it so, and what is signed has its id. */
const takenOutTerms = (term: Html, form: URLSearchParams): readonly Term[] =>
  (chosenIn(form).takenOut ?? []).map((id) => [term, form.get(namedBy(id)) ?? id] as const)

const factTerms = (facts: readonly FormFact[], how = say('act.vouch')): readonly Term[] =>
  facts.map(({ fact, value }) => [how, factWords(fact, value)] as const)

const respond = (what: 'refuse' | 'ask-back', title: Html, term: Html): Row => ({
  title,
  button: title,
  make: ({ form, request }) => ({
    path: `/v1/access-requests/${request}/responses`,
    body: { what, text: text(form) },
    schema: responseSchema,
    says: [[term, text(form)]],
  }),
})

/** A statement on one matter, by the office of whoever says it. */
const stated = ({ form, visitor, now }: Asked, until: Date) => ({
  holder: form.get('holder'),
  scope: { kind: 'matter', matter: form.get('matter') },
  ground: text(form),
  from: now.toISOString(),
  until: until.toISOString(),
  decidedBy: visitor.agency.id,
})

const decide = (value: 'release' | 'refuse', title: Html): Row => ({
  title,
  button: title,
  make(asked) {
    const { form, now, releaseHours } = asked
    // A refusal stands as long as a matter: where it ended with a release's hours, what a rule lets go would leave then.
    const standsMs = value === 'release' ? releaseHours * 3_600_000 : matterDaysMax * dayMs
    const until = new Date(now.getTime() + standsMs)
    // Whoever releases nothing vouches for nothing that they only supposed to look.
    const also = value === 'release' ? factsIn(form) : []
    const chosen = chosenIn(form)
    return {
      path: '/v1/attestations',
      body: {
        ...{ fact: 'release.decision', value, ...stated(asked, until) },
        ...(value === 'release' && { release: { shown: form.get('shown'), ...chosen } }),
        ...(also.length > 0 && { also }),
      },
      schema: attestationSchema,
      says: [
        [say('terms.matter'), String(form.get('matter'))],
        ...(value === 'release'
          ? [
              [say('act.released'), form.getAll('what').join(', ')] as const,
              [say('act.shownBy'), html`<code>${form.get('shown') ?? ''}</code>`] as const,
            ]
          : []),
        ...takenOutTerms(say('act.takenOut'), form),
        ...factTerms(also),
        [say('terms.why'), text(form)],
        [say('act.standsUntil'), momentHtml(until.toISOString())],
      ],
    }
  },
})

/** How long a fact of a matter stands, ms. */
const vouchedMs = 30 * dayMs

const rows: Readonly<Record<string, Row>> = {
  look: {
    title: say('act.look'),
    button: say('act.lookDo'),
    make({ form, request }) {
      const facts = factsIn(form)
      const chosen = chosenIn(form)
      return {
        path: `/v1/access-requests/${request}/proposal`,
        body: { ...(facts.length > 0 && { facts }), ...chosen },
        schema: wouldLeaveSchema,
        says: [
          [say('act.does'), say('act.lookSays')],
          ...factTerms(facts, say('act.asIf')),
          ...takenOutTerms(say('act.without'), form),
        ],
      }
    },
  },
  release: decide('release', say('act.release')),
  decline: decide('refuse', say('act.decline')),
  vouch: {
    title: say('act.vouchMissing'),
    button: say('waiting.vouchDo'),
    make(asked) {
      const [first, ...also] = factsIn(asked.form)
      const until = new Date(asked.now.getTime() + vouchedMs)
      const { agency } = asked.visitor
      return {
        path: '/v1/attestations',
        body: {
          ...first,
          ...stated(asked, until),
          ...(also.length > 0 && { also }),
          ...(first?.fact === 'item.originConsent' && { originator: agency.jurisdiction }),
        },
        schema: attestationSchema,
        says: [
          ...factTerms(first === undefined ? [] : [first, ...also]),
          [say('terms.why'), text(asked.form)],
          [say('act.standsUntil'), momentHtml(until.toISOString())],
        ],
      }
    },
  },
  'ask-back': respond('ask-back', say('terms.askBack'), say('act.question')),
  refuse: respond('refuse', say('terms.refuse'), say('act.ground')),
  review: {
    title: say('waiting.review'),
    button: say('act.reviewDo'),
    make: ({ form, request }) => ({
      path: `/v1/access-requests/${request}/review`,
      body: { ground: text(form) },
      schema: reviewSchema,
      says: [[say('waiting.reviewFound'), text(form)]],
    }),
  },
  package: {
    title: say('waiting.package'),
    button: say('act.packageDo'),
    make: ({ request }) => ({
      path: `/v1/access-requests/${request}/package`,
      says: [[say('act.does'), say('act.packageSays')]],
    }),
  },
  delivery: {
    title: say('act.left'),
    button: say('waiting.numberDo'),
    make({ form, request }) {
      const [by, number] = [form.get('by'), (form.get('number') ?? '').trim()]
      const sentAt = sentAtIn(form)
      return {
        path: `/v1/access-requests/${request}/delivery`,
        body: { by, number, sentAt },
        schema: deliverySchema,
        says: [
          [say('terms.by'), String(by)],
          [say('act.itsNumber'), number],
          [say('act.itLeft'), momentHtml(sentAt)],
        ],
      }
    },
  },
  object: {
    title: say('waiting.object'),
    button: say('waiting.objectDo'),
    make({ form }) {
      const attestation = attestationIn(form)
      return {
        path: `/v1/attestations/${attestation}/objections`,
        body: { scope: { kind: 'matter', matter: form.get('matter') }, ground: text(form) },
        schema: objectionSchema,
        says: [
          [say('act.itsEntry'), html`<code>${attestation}</code>`],
          [say('act.does'), say('act.objectSays')],
          [say('act.forMatter'), String(form.get('matter'))],
          [say('terms.why'), text(form)],
        ],
      }
    },
  },
  'take-back': {
    title: say('waiting.takeBack'),
    button: say('waiting.takeBackDo'),
    make: ({ form }) => ({
      method: 'DELETE',
      path: `/v1/attestations/${attestationIn(form)}`,
      says: [
        [say('act.itsEntry'), html`<code>${attestationIn(form)}</code>`],
        [say('act.does'), say('act.takeBackSays')],
      ],
    }),
  },
}

/** When an answer left: as a browser writes a moment without a zone; the form says that it is UTC. */
const sentAtIn = (form: URLSearchParams): string =>
  `${(form.get('sentAt') ?? '').slice(0, 16)}:00.000Z`

/** The attestation or objection that a form names. */
const attestationIn = (form: URLSearchParams): string => form.get('attestation')?.trim() ?? ''

/**
 * Shows what a form asks for, to be signed; if it has faults, the form again, with what was typed. One form is of one
 * matter.
 */
export async function formActPage(c: PageContext, world: ConsoleWorld): Promise<Response> {
  const traceId = c.get('traceId')
  const does = c.req.param('does') ?? ''
  const row = Object.hasOwn(rows, does) && rows[does]
  const request = entryIdSchema.safeParse(c.req.param('id')).data
  if (!row || request === undefined) return problem(traceId, 'not-found')
  const [form, visitor] = [new URLSearchParams(c.get('form')), c.get('visitor')]
  const isChanged = form.get('step') === 'edit'
  form.delete('step')
  const holder = await world.register.agency(form.get('holder') ?? visitor.agency.id)
  const releaseHours = Math.min(holder?.releaseHours ?? releaseHoursMax, releaseHoursMax)
  const made = row.make({ form, request, visitor, now: world.now(), releaseHours })
  const ahead = does === 'delivery' && aheadWords(sentAtIn(form), world.now())
  const faults = [
    ...faultsOf(does, form, made),
    ...(ahead
      ? [{ field: fieldId(does, 'sentAt'), fix: say('act.leftAhead', { fault: ahead }) }]
      : []),
  ]
  if (faults.length > 0 || isChanged)
    return isOnWouldLeave(form) && does !== 'look'
      ? mendPage(c, world, row, { does, form, faults })
      : waitingPage(c, world, { does, form, faults })
  const waiting = await waitingFor(callOnPage(c, world), request, world)
  const said = waiting?.said ?? (await pastStatements(callOnPage(c, world), request, world))
  const named = said.find(({ id }) => id === attestationIn(form))
  const which: readonly Term[] = [
    ...(waiting === undefined ? [] : [[say('terms.case'), caseWords(waiting)] as const]),
    [say('terms.request'), html`<code>${request}</code>`],
    ...(named === undefined ? [] : [[say('act.meant'), statementWords(named)] as const]),
    ...(does === 'take-back' && named?.facts.some(keepsBack) ? [mayLeaveAgain] : []),
  ]
  const { body, path, method = 'POST' } = made
  const says = does === 'take-back' && named && isRefusal(named) ? waitsAgain(named) : made.says
  const back = `/console/inbox/${request}`
  return signPage(c, world, {
    ...{ title: row.title, button: row.button, method, path, says: [...which, ...says], back },
    ...(body === undefined ? {} : { body: body as object }),
  })
}

/** What taking a refusal back does. */
const waitsAgain = ({ id }: MatterStatement): readonly Term[] => [
  [say('act.itsEntry'), html`<code>${id}</code>`],
  [say('act.does'), say('act.waitsAgain')],
]

/** Whether a fact that an office said, or doubts, keeps data back. */
const keepsBack = ({ fact, value }: MatterStatement['facts'][number]): boolean =>
  value === undefined || isAgainst(fact, value)
const mayLeaveAgain: Term = [say('act.mind'), html`<strong>${say('act.mayLeave')}</strong>`]

/** What is wrong with a form, each at its field. */
function faultsOf(does: string, form: URLSearchParams, made: Made): readonly FieldFault[] {
  const at = (name: string, fix: Words): FieldFault => ({ field: fieldId(does, name), fix })
  const unsaid = factsIn(form).filter((each) => !isValue(each))
  const isNamed =
    !['object', 'take-back'].includes(does) || entryIdSchema.safeParse(attestationIn(form)).success
  const read = made.schema === undefined ? undefined : readAs(made.schema, made.body)
  const others = read !== undefined && 'faults' in read ? read.faults : []
  return [
    ...unsaid.map(({ fact }) => at('facts', say('act.noValue', { fact: subject(fact) }))),
    ...(isNamed ? [] : [at('attestation', say('act.chooseWhich'))]),
    ...others
      .map(({ pointer, detail }) => at(...fieldOf(pointer, detail)))
      .filter(({ field }) => unsaid.length === 0 || field !== fieldId(does, 'facts')),
  ]
}

/** The field of a form that a member of the signed body comes from, and what to do there. */
function fieldOf(pointer: string, detail: string): [name: string, fix: Words] {
  const [, member = ''] = pointer.split('/')
  if (member === 'text' || member === 'ground')
    return ['text', say('act.sayFault', { fault: detail })]
  if (member === 'number') return ['number', say('act.numberFault', { fault: detail })]
  if (member === 'sentAt') return ['sentAt', say('act.leftFault')]
  if (member === 'by') return ['by', say('act.wayFault')]
  if (['fact', 'value', 'also', 'facts'].includes(member))
    return ['facts', member === 'fact' ? say('act.sayOne') : detail]
  return ['facts', `${pointer}: ${detail}`]
}

/** Whether a form stood below a look, which is shown once and signed. */
const isOnWouldLeave = (form: URLSearchParams): boolean => form.has('shown')

/** A form below a look, once more: what was looked at is carried on, and nothing need be looked at again. */
function mendPage(
  c: PageContext,
  world: ConsoleWorld,
  row: Row,
  { does, form, faults }: FaultyForm,
) {
  const id = fieldId(does, 'text')
  const carried = [...form].filter(([name]) => name !== 'ground' && name !== 'text')
  const main = html`${faultSummary(faults)}<form method="post" action="${c.req.path}">${tokenHtml(c.get('visitor').secret)}${hiddenHtml(carried)}
<p><label for="${id}">${say('terms.why')} <span class="hint">${say('act.length', { max: 600 })}</span></label>
<textarea id="${id}" name="ground" required minlength="8" maxlength="600" rows="3"${faults.length === 0 ? '' : html` aria-invalid="true"`}>${text(form)}</textarea></p>
<p><button>${say('act.goOn')}</button></p></form>`
  return faults.length === 0
    ? show(c, world, { title: row.title, main })
    : show(c, world, { title: say('terms.missing', { title: row.title }), main, status: 422 })
}

const caseWords = ({ caseReference, receivedFrom, requester }: WaitingDenial): Html =>
  say('act.caseOf', { reference: caseReference, who: receivedFrom ?? requester })
