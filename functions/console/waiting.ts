/** One request that waits for an office: what is known of it, and everything that the officer may do about it. */

import type { PageCall } from '../answer/entries/signed-call.ts'
import { wayWords } from '../answer/handovers/package-page.ts'
import { inboxOf, type WaitingDenial } from '../answer/offices/inbox.ts'
import { objectionTo } from '../answer/offices/review.ts'
import { type MatterStatement, pastStatements } from '../answer/offices/statements.ts'
import { type Html, html, isEmpty } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { entryIdSchema } from '../decision/request.ts'
import type { OfficerRole } from '../identity/officers.ts'
import { loginBack, whyNot } from './act.ts'
import { receivedPath } from './ask.ts'
import { factsHtml } from './fact-fields.ts'
import { show, tokenHtml } from './frame.ts'
import { waitingHtml } from './inbox.ts'
import { callOnPage } from './looking.ts'
import {
  type FieldFault,
  faultSummary,
  momentHtml,
  optionsHtml,
  termsHtml,
  type Words,
} from './page.ts'
import { isRefusal, statementWords } from './statements.ts'
import type { PageContext, Visitor } from './visitor.ts'

/** Most pages of the inbox that are looked through for one request. */
const pagesMax = 40

/** A request, and whether the office has said its part of it: then it waits for others. */
export type WaitingRequest = WaitingDenial & { readonly isSaid?: true }

/** What waits under this id, for an office or since it spoke; undefined if it does not wait, or not by this office. */
export async function waitingFor(
  call: PageCall,
  request: string,
  world: ConsoleWorld,
): Promise<WaitingRequest | undefined> {
  let after: string | undefined
  for (let i = 0; i < pagesMax; i += 1) {
    const page = await inboxOf(call, after, world)
    if ('kind' in page) return undefined
    const isIt = (each: WaitingDenial) => each.request === request
    const said = page.done?.find(isIt)
    const found = page.open.find(isIt) ?? (said && { ...said, isSaid: true as const })
    if (found !== undefined || page.next === undefined) return found
    after = page.next
  }
  return undefined
}

/** A form that was sent with faults, or is to be changed: which it was, and what was filled in. */
export type FaultyForm = {
  readonly does: string
  readonly form: URLSearchParams
  readonly faults: readonly FieldFault[]
}

/** The page; after a form with faults, with what was typed, and what to mend first. */
export async function waitingPage(
  c: PageContext,
  world: ConsoleWorld,
  sent?: FaultyForm,
): Promise<Response> {
  const visitor = c.get('visitor')
  const waiting = await waitingFor(callOnPage(c, world), c.req.param('id') ?? '', world)
  if (waiting === undefined) return waitsNoMorePage(c, world)
  const requester = await world.register.agency(waiting.requester)
  const back = `/console/inbox/${waiting.request}`
  // Whoever typed something has it before them, and is asked for a login once they go on.
  const missing = sent === undefined ? whyNot(visitor, world, loginBack(back)) : undefined
  const who = waiting.receivedFrom ?? requester?.name ?? waiting.requester
  // Only on its own page: a list of all that waits is read over a shoulder.
  const objection = waiting.because.includes('review')
    ? objectedHtml(waiting, await objectionTo(waiting.request, world))
    : ''
  const main = html`${faultSummary(sent?.faults ?? [])}<p>${say('waiting.asks', { who })}${waiting.isSaid ? saidPartHtml(waiting) : ''}</p>${waitingHtml(waiting, requester, world.now().toISOString())}${objection}
${waiting.receivedFrom === undefined || isReadyToLeave(waiting) ? '' : html`<p><a class="button second" href="${receivedPath}?previous=${waiting.request}">${say('waiting.enter')}</a> ${say('waiting.enterOnce')}</p>`}
${missing ?? formsHtml(waiting, visitor, sent)}
<p><a class="button second" href="/console/inbox">${say('waiting.back')}</a></p>`
  const title = say('waiting.title', { reference: waiting.caseReference })
  return show(c, world, {
    title,
    main,
    ...(sent !== undefined && sent.faults.length > 0 && { status: 422 }),
  })
}

/** Why a denial was put before a person, who is to answer just that. */
const objectedHtml = (
  { requester }: WaitingRequest,
  objection: Awaited<ReturnType<typeof objectionTo>>,
): Html =>
  objection === undefined
    ? html``
    : termsHtml([
        [
          say('waiting.objects'),
          html`${objection.officer ?? requester}, ${momentHtml(objection.at)}: ${objection.ground ?? say('terms.erased')}`,
        ],
      ])

const saidPartHtml = ({ said = [] }: WaitingRequest): Html =>
  said.some((each) => each.isOwn && isRefusal(each))
    ? html` ${say('waiting.refused')}`
    : html` ${say('waiting.saidPart')}`

/** What does not wait: what the officer's office said of it that still counts, to be taken back, or that it waits not. */
async function waitsNoMorePage(c: PageContext, world: ConsoleWorld): Promise<Response> {
  const request = entryIdSchema.safeParse(c.req.param('id')).data
  const visitor = c.get('visitor')
  const said =
    request === undefined ? [] : await pastStatements(callOnPage(c, world), request, world)
  if (request === undefined || said.length === 0) return show(c, world, waitsNoMore)
  const takeBack = { does: 'take-back', request, secret: visitor.secret, isFirst: true } as const
  const login = whyNot(visitor, world, loginBack(`/console/inbox/${request}`))
  const main = html`<p>${say('waiting.stillCounts')}</p>
${login ?? form(takeBack, say('waiting.takeBack'), saidField(takeBack, say('waiting.takeBackWhat'), said), say('waiting.takeBackDo'))}
<p><a class="button second" href="/console/inbox">${say('waiting.back')}</a></p>`
  return show(c, world, { title: say('waiting.stillCountsTitle'), main })
}

/** The same of whatever does not wait, whether it ever did. */
const waitsNoMore = {
  title: say('waiting.waitsNot'),
  main: html`<p>${say('waiting.waitsNotWhy')}</p>
<p><a class="button second" href="/console/inbox">${say('waiting.back')}</a></p>`,
  status: 404,
} as const

const may = ({ officer }: Visitor, duty: OfficerRole): boolean => officer.may.includes(duty)

/** Whether nothing is missing of what is to be sent: it is to be packed, first of all. */
const isReadyToLeave = ({ because, todo }: WaitingDenial): boolean =>
  todo.length === 0 && because.length > 0 && because.every((each) => each === 'delivery')

/** The forms, each for one thing. None does anything: each leads to a page that says what would be signed. */
function formsHtml(waiting: WaitingRequest, visitor: Visitor, sent: FaultyForm | undefined): Html {
  const { because, request, todo, said = [] } = waiting
  const opensFirst = isReadyToLeave(waiting) ? 'package' : 'look'
  const of = (does: string): Of => ({
    ...{ does, request, secret: visitor.secret, isFirst: does === opensFirst },
    ...(sent?.does === does && { sent }),
  })
  const common = html`<input type="hidden" name="matter" value="${waiting.matter}"><input type="hidden" name="holder" value="${waiting.holder}">`
  const facts = (each: Of) => factsHtml(todo, each.does, each.sent?.form)
  const look = of('look')
  const vouch = of('vouch')
  const ownOf = (may: MatterStatement['may']) => said.filter((each) => each.may === may)
  const [own, others] = [ownOf('take-back'), ownOf('object')]
  const [takeBack, object] = [of('take-back'), of('object')]
  const ofColleagues = said.filter((each) => each.isOwn && each.may === undefined)
  return html`
${may(visitor, 'release') ? form(look, say('waiting.look'), html`<p>${say('waiting.lookSays')}</p>${common}${facts(look)}`, say('waiting.lookDo')) : ''}
${may(visitor, 'attest') && !isEmpty(facts(vouch)) ? form(vouch, say('waiting.vouch'), html`<p>${say('waiting.vouchSays')}</p>${common}${facts(vouch)}${ground(vouch, say('waiting.vouchWhy'), say('waiting.holderReads'))}`, say('waiting.vouchDo')) : ''}
${because.includes('delivery') ? deliveryHtml(of) : ''}
${because.includes('review') ? form(of('review'), say('waiting.review'), ground(of('review'), say('waiting.reviewFound'), say('waiting.reviewReads'), 2000), say('waiting.review')) : ''}
${waiting.isSaid || isReadyToLeave(waiting) ? '' : responseForms(of, waiting.receivedFrom)}
${own.length === 0 ? '' : form(takeBack, say('waiting.takeBack'), saidField(takeBack, say('waiting.takeBackWhat'), own), say('waiting.takeBackDo'))}
${
  ofColleagues.length === 0
    ? ''
    : html`<h2>${say('waiting.colleague')}</h2>
<p>${say('waiting.colleagueSays')}</p>
<ul>${ofColleagues.map((each) => html`<li>${statementWords(each)}</li>`)}</ul>`
}
${
  others.length === 0
    ? ''
    : form(
        object,
        say('waiting.object'),
        html`<p>${say('waiting.objectSays')}</p>${saidField(object, say('waiting.objectWhat'), others)}${common}${ground(object, say('waiting.objectWhy'), say('waiting.holderReads'))}`,
        say('waiting.objectDo'),
      )
}`
}

/** How an office answers otherwise than by what it may say. Whoever asked by another way is told by that way alone. */
function responseForms(of: (does: string) => Of, receivedFrom: string | undefined): Html {
  const who =
    receivedFrom === undefined
      ? say('waiting.requesterReads')
      : say('waiting.readsElsewhere', { who: receivedFrom })
  return html`${form(of('ask-back'), say('terms.askBack'), ground(of('ask-back'), say('waiting.question'), who), say('terms.askBack'))}
${form(of('refuse'), say('terms.refuse'), ground(of('refuse'), say('waiting.ground'), who), say('terms.refuse'))}`
}

/** Which of what offices said is meant. */
function saidField(of: Of, legend: Words, said: readonly MatterStatement[]): Html {
  const { id, wrong, given } = about(of, 'attestation')
  return html`<fieldset id="${id}"><legend>${legend}${wrong}</legend>${said.map(
    (each) =>
      html`<p><label><input type="radio" name="attestation" value="${each.id}" required${each.id === given ? html` checked` : ''}>${statementWords(each)}</label></p>`,
  )}</fieldset>`
}

type Of = {
  readonly does: string
  readonly request: string
  readonly secret: string
  /** Whether it is what most do next. */
  readonly isFirst: boolean
  /** If this is the form that was sent with faults. */
  readonly sent?: FaultyForm
}

/** The id of a field, by which a fault leads to it. */
export const fieldId = (does: string, name: string): string => `${does}.${name}`

function form(
  { does, request, secret, isFirst, sent }: Of,
  title: Words,
  fields: Html,
  button: Words,
) {
  const isOpen = isFirst || sent !== undefined
  return html`<details${isOpen ? html` open` : ''}><summary>${title}</summary><form method="post" action="/console/inbox/${request}/${does}">${tokenHtml(secret)}
${fields}<p><button${isFirst ? '' : html` class="second"`}>${button} …</button></p></form></details>`
}

/** The attributes of a field, and what is wrong with it. */
function about({ does, sent }: Of, name: string) {
  const id = fieldId(does, name)
  const fault = sent?.faults.find((each) => each.field === id)
  return {
    id,
    attributes: html`id="${id}" name="${name}"${fault === undefined ? '' : html` aria-invalid="true"`}`,
    wrong: fault === undefined ? html`` : html`<br><span class="bad">✕ ${fault.fix}</span>`,
    given: sent?.form.get(name) ?? '',
  }
}

/** A field for what an officer says in words. */
function ground(of: Of, label: Words, hint: Words, max = 600): Html {
  const { id, attributes, wrong, given } = about(of, 'text')
  return html`<p><label for="${id}">${label} <span class="hint">${hint} ${say('waiting.length', { max })}</span>${wrong}</label>
<textarea ${attributes} required minlength="8" maxlength="${max}" rows="3">${given}</textarea></p>`
}

function field(of: Of, name: string, label: Words, more: Html): Html {
  const { id, attributes, wrong, given } = about(of, name)
  return html`<p><label for="${id}">${label}${wrong}</label><input ${attributes} value="${given}" autocomplete="off" ${more}></p>`
}

function deliveryHtml(of: (does: string) => Of): Html {
  const delivery = of('delivery')
  const { id, attributes, given } = about(delivery, 'by')
  const options = optionsHtml(wayWords, given)
  return html`
${form(of('package'), say('waiting.package'), html`<p>${say('waiting.packageSays')}</p>`, say('waiting.package'))}
${form(
  delivery,
  say('waiting.left'),
  html`<div class="fields"><p><label for="${id}">${say('terms.way')}</label><select ${attributes}>${options}</select></p>
${field(delivery, 'number', say('terms.itsNumber'), html`required maxlength="80"`)}${field(delivery, 'sentAt', say('waiting.sentAt'), html`type="datetime-local" required`)}</div>`,
  say('waiting.numberDo'),
)}`
}
