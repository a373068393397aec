/** One request that waits for an office: what is known of it, and everything that the officer may do about it. */

import { type Html, html } from '../answer/html.ts'
import { type Curable, inboxOf } from '../answer/inbox.ts'
import type { PageCall } from '../answer/signed-call.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { ways } from '../decision/request.ts'
import { problem } from '../http/problem.ts'
import type { OfficerRole } from '../identity/officers.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { subject, valueWords } from '../policy/words.ts'
import { whyNot } from './act.ts'
import { show, tokenHtml } from './frame.ts'
import { waitingHtml } from './inbox.ts'
import { callOnPage } from './looking.ts'
import type { PageContext, Visitor } from './visitor.ts'

/** Most pages of the inbox that are looked through for one request. */
const pagesMax = 40

/** What waits for an office under this id; undefined if it does not wait, or not for this office. */
export async function waitingFor(
  call: PageCall,
  request: string,
  world: ConsoleWorld,
): Promise<Curable | undefined> {
  let after: string | undefined
  for (let i = 0; i < pagesMax; i += 1) {
    const page = await inboxOf(call, after, world)
    if ('kind' in page) return undefined
    const found = page.open.find((each) => each.request === request)
    if (found !== undefined || page.next === undefined) return found
    after = page.next
  }
  return undefined
}

/** The page. */
export async function waitingPage(c: PageContext, world: ConsoleWorld): Promise<Response> {
  const visitor = c.get('visitor')
  const waiting = await waitingFor(callOnPage(c, world), c.req.param('id') ?? '', world)
  if (waiting === undefined) return problem(c.get('traceId'), 'not-found')
  const requester = await world.register.agency(waiting.requester)
  const back = `/console/inbox/${waiting.request}`
  const missing = whyNot(visitor, world, back)
  const who = waiting.receivedFrom ?? requester?.name ?? waiting.requester
  const main = html`<p>${who} asks.</p>${waitingHtml(waiting, requester, world.now().toISOString())}
${missing ?? formsHtml(waiting, visitor)}
<p><a class="button second" href="/console/inbox">Back to the inbox</a></p>`
  return show(c, world, { title: `Case ${waiting.caseReference}`, main })
}

const may = ({ officer }: Visitor, duty: OfficerRole): boolean => officer.may.includes(duty)

/** The forms, each for one thing. None does anything: each leads to a page that says what would be signed. */
function formsHtml(waiting: Curable, visitor: Visitor): Html {
  const { because } = waiting
  const of = (does: string) => ({ does, request: waiting.request, secret: visitor.secret })
  const common = html`<input type="hidden" name="matter" value="${waiting.matter}"><input type="hidden" name="holder" value="${waiting.holder}">`
  const facts = factsHtml(waiting)
  return html`
${may(visitor, 'release') ? form(of('look'), 'What would leave', html`<p>Shows the record, item by item, as it would leave, and why. The look is entered in the log in your name.</p>${common}${facts}`, 'Show what would leave') : ''}
${may(visitor, 'attest') && facts.html !== '' ? form(of('vouch'), 'Say what is missing', html`<p>Your office vouches for it, for this matter alone, for 30 days.</p>${common}${facts}${ground('vouch-ground', 'Why your office may say so', 'The holder’s side alone reads it.')}`, 'Vouch for it') : ''}
${because.includes('delivery') ? deliveryHtml(waiting, of) : ''}
${because.includes('review') ? form(of('review'), 'Answer the review', ground('review-ground', 'What you found', 'The holder’s side alone reads it. It changes no decision.', 2000), 'Answer the review') : ''}
${form(of('ask-back'), 'Ask back', ground('ask-text', 'Your question', 'The requester reads it: say nothing of the record.'), 'Ask back')}
${form(of('refuse'), 'Refuse', ground('refuse-text', 'The ground', 'The requester reads it: say nothing of the record.'), 'Refuse')}
${form(
  of('object'),
  'Object to an attestation',
  html`<p><label for="attestation">The attestation <span class="hint">its id, 43 characters, as a look shows it</span></label><input id="attestation" name="attestation" required pattern="[A-Za-z0-9_\\-]{43}" autocomplete="off"></p>${common}${ground('object-ground', 'Why you doubt it', 'The holder’s side alone reads it.')}`,
  'Object',
)}`
}

type Of = { readonly does: string; readonly request: string; readonly secret: string }

const form = ({ does, request, secret }: Of, title: string, fields: Html, button: string): Html =>
  html`<details${does === 'look' ? html` open` : ''}><summary>${title}</summary><form method="post" action="/console/inbox/${request}/${does}">${tokenHtml(secret)}
${fields}<p><button${does === 'look' ? '' : html` class="second"`}>${button} …</button></p></form></details>`

const ground = (id: string, label: string, hint: string, max = 600): Html =>
  html`<p><label for="${id}">${label} <span class="hint">${hint} 8 to ${max} characters.</span></label>
<textarea id="${id}" name="text" required minlength="8" maxlength="${max}" rows="3"></textarea></p>`

/** The values that an officer may pick for a fact that is missing; none for a fact that is no list of words. */
export function pickable(fact: string): readonly (string | boolean)[] {
  const known = vocabulary[fact]
  if (known === undefined || fact === 'release.decision') return []
  if (known.type === 'boolean') return [true, false]
  if (known.type !== 'enum') return []
  return (known.attestable ?? Object.keys(known.values)).filter((each) => each !== known.unattested)
}

/** A choice for each fact that is missing and that this office may say; nothing is chosen beforehand. */
const factsHtml = ({ todo, request }: Curable): Html => {
  const facts = [...new Set(todo.map(({ fact }) => fact))].filter((of) => pickable(of).length > 0)
  if (facts.length === 0) return html``
  return html`<div class="fields">${facts.map((fact, i) => {
    const id = `f-${request.slice(0, 6)}-${i}`
    return html`<p><label for="${id}">${subject(fact)} <span class="hint"><code>${fact}</code></span></label><select id="${id}" name="fact:${fact}"><option value="">I say nothing of it</option>${pickable(fact).map((value) => html`<option value="${String(value)}">${valueWords(fact, value)}</option>`)}</select></p>`
  })}</div>`
}

const deliveryHtml = ({ request }: Curable, of: (does: string) => Of): Html => html`
${form(of('package'), 'Make the package', html`<p>The answer, to be printed or sent by its way. Data leaves by it: it is decided once more, and entered.</p>`, 'Make the package')}
${form(
  of('delivery'),
  'Say that it has left',
  html`<div class="fields"><p><label for="by-${request}">By which way</label><select id="by-${request}" name="by">${Object.keys(ways).map((way) => html`<option>${way}</option>`)}</select></p>
<p><label for="number-${request}">Its number there</label><input id="number-${request}" name="number" required maxlength="80" autocomplete="off"></p>
<p><label for="sent-${request}">When it left, UTC</label><input id="sent-${request}" name="sentAt" type="datetime-local" required></p></div>`,
  'Enter the number',
)}`
