/** Asking, step by step: a form, what its request would be told, and the answers once more to check. */

import { wayWords } from '../answer/handovers/package-page.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { dutyHtml } from '../answer/reply/languages.ts'
import type { Reply } from '../answer/reply/reply-schema.ts'
import { ownWork, type Plain } from '../audit/look.ts'
import { ownLooks } from '../audit/own-requests.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import type { AccessRequest } from '../decision/request.ts'
import { problem } from '../http/problem.ts'
import { isServed } from '../identity/holds.ts'
import { channelOfKey, passkeysOf } from '../identity/register.ts'
import { inForce } from '../policy/history.ts'
import { classes } from '../policy/vocabulary.ts'
import { factWords, valueWords } from '../policy/words.ts'
import { type Act, signPage } from './act.ts'
import { subjectWords, whyHtml } from './answer.ts'
import type { FormChoices } from './ask-fields.ts'
import {
  faultAt,
  filledWith,
  formHtml,
  hypothesesIn,
  isReceived,
  requestIn,
  supposedWords,
} from './ask-form.ts'
import { show, tokenHtml } from './frame.ts'
import { hiddenHtml } from './kept-form.ts'
import { type Looking, lookOnPage } from './looking.ts'
import { aheadWords, type FieldFault, markHtml, momentHtml, type Term, termsHtml } from './page.ts'
import type { PageContext, Visitor } from './visitor.ts'
import { waysOutHtml } from './ways-out.ts'

/** Where requests are entered that came by another way. */
export const receivedPath = '/console/received'

/** The empty form; with `previous`, the request of that answer, to be asked again. */
export async function askPage(c: PageContext, looking: Looking): Promise<Response> {
  const previous = c.req.query('previous')
  const empty = { ...expected, ...(c.req.path === receivedPath && { 'receivedBy.way': '' }) }
  if (previous === undefined) return formPage(c, looking.world, new URLSearchParams(empty), [])
  const asked = { purpose: ownWork }
  const looked = await lookOnPage(c, ownLooks.answer, asked, looking, { id: previous })
  if ('response' in looked) return looked.response
  if ('faults' in looked) return c.redirect('/console/ask', 303)
  const filled = filledWith({ ...looked.answer.request, previous })
  filled.set('suppose.role', expected['suppose.role'])
  return formPage(c, looking.world, filled, [])
}

/** What most ask for. It is a supposition, and the officer may say another. */
const expected = { 'suppose.role': 'suspect' }

/** A form that was filled: its faults, or what would be told. */
export async function askedPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const filled = new URLSearchParams(c.get('form'))
  // What came by another way came to the officer's own agency; nothing else has this form.
  if (c.req.path === receivedPath) filled.set('holder', c.get('visitor').agency.id)
  if ((c.req.path === receivedPath) !== isReceived(filled))
    return problem(c.get('traceId'), 'invalid-request')
  const step = filled.get('step')
  filled.delete('step')
  if (step === 'edit') return formPage(c, world, filled, [])
  const read = requestIn(filled)
  if ('faults' in read) return formPage(c, world, filled, read.faults)
  const { request } = read
  const { receivedBy } = request
  const ahead = receivedBy && aheadWords(receivedBy.receivedAt, world.now())
  if (ahead !== undefined)
    return formPage(c, world, filled, [faultAt('/receivedBy/receivedAt', ahead, filled)])
  const visitor = c.get('visitor')
  if (step === 'send') return signPage(c, world, actOf(request, visitor))
  const tried = { ...request, dryRun: true, ...hypothesesIn(filled, request) }
  const asked = { purpose: ownWork, request: tried }
  const looked = await lookOnPage(c, ownLooks.dryRun, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) {
    const faults = looked.faults.map(({ pointer, detail }) =>
      faultAt(pointer.replace(/^\/request/, ''), detail, filled),
    )
    return formPage(c, world, filled, faults)
  }
  const main = html`${wouldHtml(looked.answer, filled)}
<h2>Check your answers</h2>
${termsHtml(checkTerms(request, visitor))}
${sendHtml(c, request, filled)}`
  const whose = isReceived(filled) ? 'they' : 'you'
  return show(c, world, { title: `What ${whose} would be told`, main })
}

async function formPage(
  c: PageContext,
  world: ConsoleWorld,
  filled: URLSearchParams,
  faults: readonly FieldFault[],
): Promise<Response> {
  const { secret } = c.get('visitor')
  const previous = filled.get('previous')
  const hidden = html`${tokenHtml(secret)}${previous === null ? '' : html`<input type="hidden" name="previous" value="${previous}">`}`
  const isEntered = isReceived(filled)
  const main = html`${previous === null ? '' : againHtml(previous, isEntered)}
<p>First you see what ${isEntered ? 'they' : 'you'} would be told: whether ${isEntered ? 'they' : 'you'} may have it, and what would help. Nobody is asked, no record is read, and
nothing leaves. That you looked is an entry.</p>
${formHtml(await choicesFor(c, world, isEntered), filled, faults, hidden, c.req.path)}`
  const what = isEntered ? 'Enter what came by another way' : 'Ask'
  const title = faults.length === 0 ? what : `${what}: something is missing`
  const scripts = isEntered ? ['/console/digest.js'] : []
  return show(c, world, { title, main, scripts, ...(faults.length > 0 && { status: 422 }) })
}

/** Of what is asked again: most send it as it was, and need not see before what they would be told. */
const againHtml = (previous: string, isEntered: boolean): Html =>
  html`${isEntered ? html`<p>You enter it again: what your office has said of it since counts.</p>` : html`<p>You ask again what <a href="/console/answers/${previous}">was answered</a>: what offices have said of it since counts.</p>`}
<p><button form="ask" name="step" value="send">${isEntered ? 'Enter' : 'Send'} it again as it is …</button> Or change it below.</p>`

async function choicesFor(
  c: PageContext,
  world: ConsoleWorld,
  isReceived: boolean,
): Promise<FormChoices> {
  const { agency } = c.get('visitor')
  const at = world.now().toISOString()
  const { book } = await world.law.now()
  const { arrangements = [] } = inForce(book, at, at)
  const holders = (await world.register.all()).filter(
    ({ holdsRecords, status, ...each }) =>
      holdsRecords && status === 'active' && isServed(each, world.holds),
  )
  return {
    holders: Object.fromEntries(holders.map(({ id, name }) => [id, `${name} (${id})`])),
    ...{ channels: agency.channels, isReceived },
    instruments: {
      none: 'none',
      ...Object.fromEntries(
        arrangements
          .filter(({ sides }) => sides.some((side) => side?.[agency.jurisdiction] !== undefined))
          .map(({ entry: { id, title } }) => [id, title]),
      ),
    },
  }
}

/** May I, and what would help? */
function wouldHtml(reply: Plain<Reply>, filled: URLSearchParams): Html {
  const { outcome, standing, obligations, todo } = reply
  const may =
    outcome === 'release'
      ? html`${markHtml('good', 'Yes')}: it would be given, by rule alone`
      : outcome === 'redact'
        ? html`${markHtml('part', 'In part')}: see below what would be given`
        : standing === 'open'
          ? html`${markHtml('open', 'Not yet')}: somebody there must first say what is missing`
          : html`${markHtml('bad', 'No')}: nobody can supply what is missing`
  const yours = obligations.filter(({ onWhom }) => onWhom === 'requester')
  return html`<h2>May ${isReceived(filled) ? 'they' : 'you'} have it?</h2>
<p>${may}. <span class="soft">${supposedWords(filled)}. No record was read, and what is held may change it.</span></p>
${filled.has('previous') && todo.some(({ fact }) => fact === 'release.decision') ? html`<p>If an officer decided to release it since, this does not see it: they decide on exactly what they were shown of the record. Send it, and you know.</p>` : ''}
<ul>${Object.entries(reply.classes).map(([of, told]) => html`<li>${valueWords('item.class', of)}: ${told === 'released' ? markHtml('good', 'would be given') : markHtml('bad', 'would not be given')}</li>`)}</ul>
${waysOutHtml(reply)}
${whyHtml(reply)}
${yours.length === 0 ? '' : html`<h2>Duties that ${isReceived(filled) ? 'they' : 'you'} would have</h2><ul>${yours.map(({ cites, ...duty }) => html`<li>${dutyHtml(duty)} <span class="soft">${cites.join('; ')} [${duty.code}]</span></li>`)}</ul>`}`
}

/** Sending it: the same call as an agency's system makes, signed by the officer's passkey. */
const actOf = (request: AccessRequest, visitor: Visitor): Act => ({
  ...{ path: '/v1/access-requests', body: request, says: checkTerms(request, visitor) },
  ...(request.receivedBy === undefined
    ? { title: `Send the request${again(request)}`, button: `Send it${again(request)}` }
    : { title: `Enter the request${again(request)}`, button: `Enter it${again(request)}` }),
  back: request.receivedBy === undefined ? '/console/ask' : '/console/inbox',
})

const again = ({ previous }: AccessRequest): string => (previous === undefined ? '' : ' again')

/** Of what is asked again: which answer, and what comes of it. */
const againTerms = ({ previous }: AccessRequest): readonly Term[] =>
  previous === undefined
    ? []
    : [
        [
          'It asks again',
          html`what <a href="/console/answers/${previous}">was answered</a>: what offices have said of that since counts. <code>${previous}</code>`,
        ],
      ]

/** Of a request that came by another way: from whom, and how. */
function cameTerms({ receivedBy }: AccessRequest): readonly Term[] {
  if (receivedBy === undefined) return []
  const { way, number, receivedAt, digest, from } = receivedBy
  const cannot = from.cannotHonour.length === 0 ? 'none' : from.cannotHonour.join(', ')
  return [
    [
      'Who asks',
      `${from.name}, ${valueWords('requester.jurisdiction', from.jurisdiction)}; ${valueWords('requester.authorityType', from.authorityType)}`,
    ],
    ['It came', html`by ${wayWords[way] ?? way}, number ${number}, ${momentHtml(receivedAt)}`],
    ['The message, by its SHA-256', html`<code>${digest}</code>`],
    ['Duties that they cannot keep', cannot],
  ]
}

/** Of whoever would sign by a passkey that is not of the channel: what comes of that, and what helps. */
function channelTerms({ channel }: AccessRequest, { agency, officer }: Visitor): readonly Term[] {
  const all = passkeysOf(agency, officer.id).map(({ kid }) => channelOfKey(agency, kid))
  if (all.length === 0 || all.includes(channel)) return []
  const enter = html`<code>comity agency passkey add ${agency.id} FILE --channel ${channel}</code>`
  return [
    [
      'The channel',
      html`None of your passkeys is of this one. By which a request comes that one of no channel signs is not known: the duties of each may be on you, and what the law gives by one alone is not given. What one of another channel signs is refused. Your agency enters one: ${enter}`,
    ],
  ]
}

/** The answers once more, in words. */
function checkTerms(request: AccessRequest, visitor: Visitor): readonly Term[] {
  const { holder, channel, purpose, offence, stage, urgency, instrument, necessity } = request
  const { assurances = {} } = request
  const strictly = necessity.strictlyNecessaryClasses.map((of) => classes[of])
  const isEntered = request.receivedBy !== undefined
  return [
    ...againTerms(request),
    ...cameTerms(request),
    [
      isEntered ? 'Who is asked' : 'Whom you ask',
      `${holder}, by ${valueWords('request.channel', channel)}`,
    ],
    ...(isEntered ? [] : channelTerms(request, visitor)),
    ['The person', subjectWords(request.subject)],
    [
      isEntered ? 'What they ask for' : 'What you ask for',
      request.classes.map((of) => classes[of]).join(', '),
    ],
    ['What for', valueWords('request.purpose', purpose)],
    [
      'Offence',
      `${valueWords('request.offence.category', offence.category)}${offence.description === undefined ? '' : ` (${offence.description})`}, up to ${offence.maxCustodyMonths} months`,
    ],
    [
      'Stage and urgency',
      `${valueWords('request.stage', stage)}; ${valueWords('request.urgency', urgency)}`,
    ],
    ['Instrument', instrument],
    [isEntered ? 'Why they need it' : 'Why you need it', necessity.statement],
    ...(strictly.length === 0 ? [] : [['Strictly necessary', strictly.join(', ')] as const]),
    ...Object.entries(assurances).map(
      ([name, value]) =>
        [isEntered ? 'They assure' : 'You assure', factWords(`assurance.${name}`, value)] as const,
    ),
    [isEntered ? 'Their case' : 'Your case', request.caseReference],
  ]
}

/** Sends it, changes it, or has the agency's own system send it. */
function sendHtml(c: PageContext, request: AccessRequest, filled: URLSearchParams): Html {
  const { agency, officer, secret } = c.get('visitor')
  return html`<form method="post" action="${c.req.path}">${tokenHtml(secret)}${hiddenHtml(filled)}<p><button name="step" value="send">Go on, to ${isReceived(filled) ? 'enter' : 'send'} it</button> <button class="second" name="step" value="edit">Change the answers</button></p></form>
<details><summary>Have your agency’s own system send it</summary><p>It signs for you as ${officer.id}. This is the text:</p>
<pre>${JSON.stringify(request, null, 2)}</pre>
<p>As a file, by the command: <code>comity request send FILE --as ${agency.id} --officer ${officer.id}</code></p></details>`
}
