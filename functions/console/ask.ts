/** Asking, step by step: a form, what its request would be told, and the answers once more to check. */

import { wayWords } from '../answer/handovers/package-page.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { dutyHtml } from '../answer/reply/languages.ts'
import type { Reply } from '../answer/reply/reply-schema.ts'
import { say } from '../answer/reply/say.ts'
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
<h2>${say('ask.check')}</h2>
${termsHtml(checkTerms(request, visitor))}
${sendHtml(c, request, filled)}`
  const whose = isReceived(filled) ? 'they' : 'you'
  return show(c, world, { title: say('ask.would', { who: whose }), main })
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
<p>${say('ask.first', { who: isEntered ? 'they' : 'you' })}</p>
${formHtml(await choicesFor(c, world, isEntered), filled, faults, hidden, c.req.path)}`
  const what = isEntered ? say('ask.titleReceived') : say('frame.pages.ask')
  const title = faults.length === 0 ? what : say('terms.missing', { title: what })
  const scripts = isEntered ? ['/console/digest.js'] : []
  return show(c, world, { title, main, scripts, ...(faults.length > 0 && { status: 422 }) })
}

/** Of what is asked again: most send it as it was, and need not see before what they would be told. */
const againHtml = (previous: string, isEntered: boolean): Html =>
  html`${isEntered ? html`<p>${say('ask.enterAgain')}</p>` : html`<p>${say('ask.askAgain', { a: (words) => html`<a href="/console/answers/${previous}">${words}</a>` })}</p>`}
<p><button form="ask" name="step" value="send">${say('ask.asItIs', { does: isEntered ? 'enter' : 'send' })}</button> ${say('ask.orChange')}</p>`

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
      ? say('ask.givenByRule', { may: markHtml('good', say('ask.yes')) })
      : outcome === 'redact'
        ? say('ask.givenInPart', { may: markHtml('part', say('ask.inPart')) })
        : standing === 'open'
          ? say('ask.saidFirst', { may: markHtml('open', say('ask.notYet')) })
          : say('ask.nobodyCan', { may: markHtml('bad', say('ask.no')) })
  const yours = obligations.filter(({ onWhom }) => onWhom === 'requester')
  return html`<h2>${say('ask.mayHave', { who: isReceived(filled) ? 'they' : 'you' })}</h2>
<p>${may}. <span class="soft">${say('ask.noRecord', { supposed: supposedWords(filled) })}</span></p>
${filled.has('previous') && todo.some(({ fact }) => fact === 'release.decision') ? html`<p>${say('ask.released')}</p>` : ''}
<ul>${Object.entries(reply.classes).map(([of, told]) => html`<li>${valueWords('item.class', of)}: ${told === 'released' ? markHtml('good', say('ask.wouldGive')) : markHtml('bad', say('ask.wouldNot'))}</li>`)}</ul>
${waysOutHtml(reply)}
${whyHtml(reply)}
${yours.length === 0 ? '' : html`<h2>${say('ask.duties', { who: isReceived(filled) ? 'they' : 'you' })}</h2><ul>${yours.map(({ cites, ...duty }) => html`<li>${dutyHtml(duty)} <span class="soft">${cites.join('; ')} [${duty.code}]</span></li>`)}</ul>`}`
}

/** Sending it: the same call as an agency's system makes, signed by the officer's passkey. */
const actOf = (request: AccessRequest, visitor: Visitor): Act => ({
  ...{ path: '/v1/access-requests', body: request, says: checkTerms(request, visitor) },
  ...(request.receivedBy === undefined
    ? {
        channel: request.channel,
        title: say('ask.sendRequest', { again: again(request) }),
        button: say('ask.sendIt', { again: again(request) }),
      }
    : {
        title: say('ask.enterRequest', { again: again(request) }),
        button: say('ask.enterIt', { again: again(request) }),
      }),
  back: request.receivedBy === undefined ? '/console/ask' : '/console/inbox',
})

const again = ({ previous }: AccessRequest): string => (previous === undefined ? 'no' : 'yes')

/** Of what is asked again: which answer, and what comes of it. */
const againTerms = ({ previous }: AccessRequest): readonly Term[] =>
  previous === undefined
    ? []
    : [
        [
          say('ask.again'),
          html`${html`${say('ask.askAgainWhat', { a: (words) => html`<a href="/console/answers/${previous}">${words}</a>` })} <code>${previous}</code>`}`,
        ],
      ]

/** Of a request that came by another way: from whom, and how. */
function cameTerms({ receivedBy }: AccessRequest): readonly Term[] {
  if (receivedBy === undefined) return []
  const { way, number, receivedAt, digest, from } = receivedBy
  const cannot = from.cannotHonour.length === 0 ? 'none' : from.cannotHonour.join(', ')
  return [
    [
      say('terms.asks'),
      `${from.name}, ${valueWords('requester.jurisdiction', from.jurisdiction)}; ${valueWords('requester.authorityType', from.authorityType)}`,
    ],
    [
      say('ask.came'),
      say('ask.cameBy', { way: wayWords[way] ?? way, number, moment: momentHtml(receivedAt) }),
    ],
    [say('ask.message'), html`<code>${digest}</code>`],
    [say('ask.cannotKeep'), cannot],
  ]
}

/** Of whoever would sign by a passkey that is not of the channel: what comes of that, and what helps. */
function channelTerms({ channel }: AccessRequest, { agency, officer }: Visitor): readonly Term[] {
  const all = passkeysOf(agency, officer.id).map(({ kid }) => channelOfKey(agency, kid))
  if (all.length === 0 || all.includes(channel)) return []
  return [
    [
      say('ask.channel'),
      say('ask.channelNone', { a: (words) => html`<a href="/console/passkey">${words}</a>` }),
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
      isEntered ? say('ask.whoAsked') : say('ask.whomYou'),
      say('ask.holderBy', { holder, channel: valueWords('request.channel', channel) }),
    ],
    ...(isEntered ? [] : channelTerms(request, visitor)),
    [say('terms.thePerson'), subjectWords(request.subject)],
    [
      isEntered ? say('ask.whatThey') : say('ask.whatYou'),
      request.classes.map((of) => classes[of]).join(', '),
    ],
    [say('terms.whatFor'), valueWords('request.purpose', purpose)],
    [
      say('ask.offence'),
      say('ask.offenceUpTo', {
        offence: valueWords('request.offence.category', offence.category),
        words: offence.description === undefined ? '' : ` (${offence.description})`,
        months: offence.maxCustodyMonths,
      }),
    ],
    [
      say('ask.stage'),
      `${valueWords('request.stage', stage)}; ${valueWords('request.urgency', urgency)}`,
    ],
    [say('ask.instrument'), instrument],
    [isEntered ? say('ask.whyThey') : say('ask.whyYou'), necessity.statement],
    ...(strictly.length === 0 ? [] : [[say('ask.strictly'), strictly.join(', ')] as const]),
    ...Object.entries(assurances).map(
      ([name, value]) =>
        [
          isEntered ? say('ask.theyAssure') : say('ask.youAssure'),
          factWords(`assurance.${name}`, value),
        ] as const,
    ),
    [isEntered ? say('ask.caseTheir') : say('ask.caseYour'), request.caseReference],
  ]
}

/** Sends it, changes it, or has the agency's own system send it. */
function sendHtml(c: PageContext, request: AccessRequest, filled: URLSearchParams): Html {
  const { agency, officer, secret } = c.get('visitor')
  return html`<form method="post" action="${c.req.path}">${tokenHtml(secret)}${hiddenHtml(filled)}<p><button name="step" value="send">${say('ask.goOn', { does: isReceived(filled) ? 'enter' : 'send' })}</button> <button class="second" name="step" value="edit">${say('ask.change')}</button></p></form>
<details><summary>${say('ask.ownSystem')}</summary><p>${say('ask.signs', { officer: officer.id })}</p>
<pre>${JSON.stringify(request, null, 2)}</pre>
<p>${say('ask.file', { agency: agency.id, officer: officer.id })}</p></details>`
}
