/** My requests: what an officer asked, until when an answer is due, whom to phone, and what is still owed. */

import type { StandingReply } from '../answer/look-up.ts'
import type { OpenDuties } from '../answer/messages/open-duties.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { ownWork, type Plain } from '../audit/look.ts'
import { type OwnRequest, type OwnRequests, ownLooks } from '../audit/own-requests.ts'
import { problem } from '../http/problem.ts'
import { duties } from '../policy/obligations.ts'
import { counted, valueWords } from '../policy/words.ts'
import { show } from './frame.ts'
import { outcomeHtml } from './lines.ts'
import { type Looking, lookOnPage } from './looking.ts'
import { markHtml, momentHtml, tableHtml, termsHtml, timeLeft } from './page.ts'
import { isNamedFor, type PageContext, running } from './visitor.ts'

/** What lists of own requests are shown. */
export type Listed = Plain<OwnRequests>

/** Reads the officer's own requests, or those of the office. A cursor of yesterday begins anew. */
export async function lookAtOwn(
  c: PageContext,
  of: 'mine' | 'office',
  looking: Looking,
): Promise<{ readonly answer: Listed } | { readonly response: Response }> {
  const { cursor = '', owedAfter = '' } = c.req.query()
  const asked = { purpose: ownWork, of, cursor, owedAfter }
  const looked = await lookOnPage(c, ownLooks.requests, asked, looking)
  if (!('faults' in looked)) return looked
  const isFirst = cursor === '' && owedAfter === ''
  return {
    response: isFirst ? problem(c.get('traceId'), 'internal') : c.redirect(c.req.path, 303),
  }
}

/** The page. */
export async function requestsPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const looked = await lookAtOwn(c, 'mine', looking)
  if ('response' in looked) return looked.response
  const { answer } = looked
  const now = world.now().toISOString()
  const isFirst = c.req.query('cursor') === undefined
  const main = html`${isFirst && isNamedFor(c.get('visitor'), running) ? html`<p>These are your own. <a href="/console/handover">What your whole office asked</a> is on the handover.</p>` : ''}${isFirst ? html`${openHtml(answer.open, now)}${openOfHtml(answer)}${owedHtml(answer, now, '/console/requests?')}` : ''}
${answersHtml(answer, '/console/requests')}
<div class="panel"><p>A request is here once it is in the log, within seconds. What you see here is entered there, as is each
answer that you open.</p></div>`
  return show(c, world, { title: 'My requests', main })
}

/** The open denials, the first to be due first. */
export const openHtml = (open: Listed['open'], now: string): Html =>
  html`<h2>Open: ${open.length === 0 ? 'nothing waits' : `${open.length} ${open.length === 1 ? 'waits' : 'wait'} for somebody there`}</h2>
${open.map((each) => waitingHtml(each, now))}`

/** That older ones may wait, too. */
export const openOfHtml = ({ openOf }: Pick<Listed, 'openOf'>): Html =>
  openOf === undefined
    ? html``
    : html`<p>${markHtml('bad', 'Not all were looked at')}: these wait among the newest ${counted(openOf, 'denial')}. Older ones may, too.</p>`

function waitingHtml({ standing, about, officer }: Plain<OwnRequest>, now: string): Html {
  const { id, holder, decidedAt, cured } = standing
  return html`<section aria-labelledby="o-${id}"><h3 id="o-${id}"><a href="/console/answers/${id}">${holder}: ${about.caseReference}</a></h3>
${
  cured ? html`<p>${markHtml('good', 'Ask again now')}: all that was missing is attested.</p>` : ''
}${termsHtml([
  ['Answer due', dueHtml(standing, now)],
  ['Phone', phonesHtml(standing, now)],
  ...responseTerms(standing),
  [
    'Asked for',
    `${about.classes.map((of) => valueWords('item.class', of)).join(', ')}; ${valueWords('request.urgency', about.urgency)}`,
  ],
  ['Asked', html`${momentHtml(decidedAt)}, by ${officer}`],
])}</section>`
}

/** Until when an open denial is to be answered, and whose time that is. */
export const dueHtml = (
  { answerBy, dueBy, dueUnder = [] }: Pick<Plain<StandingReply>, 'answerBy' | 'dueBy' | 'dueUnder'>,
  now: string,
): Html =>
  answerBy === undefined
    ? html`no time is set`
    : html`${momentHtml(answerBy)}, ${answerBy < now ? markHtml('bad', html`overdue for ${timeLeft(answerBy, now)}`) : html`in ${timeLeft(now, answerBy)}`}, by ${dueBy === 'law' ? `the law${dueUnder.length === 0 ? '' : ` (${dueUnder.join('; ')})`}` : 'the holder’s own time'}`

/** Whom to phone first: the first office where somebody is there now, else the first that has a number. */
export function firstPhoneHtml({ offices = [] }: Pick<Plain<StandingReply>, 'offices'>): Html {
  const numbered = offices.filter(({ telephone }) => telephone !== undefined)
  const first = numbered.find(({ onDuty }) => onDuty) ?? numbered[0]
  return first?.telephone === undefined
    ? html``
    : html`<p>Phone ${first.id}: <a href="tel:${first.telephone}">${first.telephone}</a> ${dutyHtml(first.onDuty)}</p>`
}

const dutyHtml = (onDuty: boolean | undefined): Html =>
  onDuty ? markHtml('good', 'somebody is there now') : markHtml('open', 'nobody is there now')

/** Whom to phone, whether somebody is there, and since when each office has had it before it. */
export const phonesHtml = (
  { offices = [] }: Pick<Plain<StandingReply>, 'offices'>,
  now: string,
): Html =>
  offices.length === 0
    ? html`the register names no office to phone`
    : html`<ul>${offices.map(({ id, name, telephone, languages = [], onDuty, openedAt }) => {
        const number =
          telephone === undefined
            ? html`no number in the register`
            : html`<a href="tel:${telephone}">${telephone}</a>, speaks ${languages.join(', ')}; ${dutyHtml(onDuty)}`
        const opened =
          openedAt === undefined
            ? markHtml('open', 'nobody has opened it')
            : markHtml('good', html`opened ${timeLeft(openedAt, now)} ago`)
        return html`<li>${name} (${id}): ${number}; ${opened}</li>`
      })}</ul>`

/** What offices said to an open denial. */
export const responseTerms = ({ responses = [] }: Pick<Plain<StandingReply>, 'responses'>) =>
  responses.map(
    ({ what, office, text, at, takenBackAt }) =>
      [
        what === 'refuse' ? 'Refused' : 'Asked back',
        html`${office}, ${momentHtml(at)}: ${text ?? 'the words were erased'}${what === 'refuse' ? '' : html` <strong>You owe an answer: ask again, and say it there.</strong>`}${takenBackAt === undefined ? '' : html` <strong>Taken back, ${momentHtml(takenBackAt)}: the office refuses it no more.</strong>`}`,
      ] as const,
  )

const became = {
  corrected: 'was corrected: correct it with you, too',
  restricted: 'was restricted: keep it as evidence only',
  erased: 'was erased: erase it with you, too',
  recalled: 'should not have been given',
} as const

/** What is still owed, the first to be due first; `here` is the page's address, to which a question is added. */
export function owedHtml(
  { owed, owedNext, duesOf, open }: Listed,
  now: string,
  here: string,
): Html {
  const asked = open.filter(({ standing }) =>
    (standing.responses ?? []).some(({ what }) => what === 'ask-back'),
  )
  const rows = owed.map((each) => [
    html`${each.due.length === 10 ? each.due : momentHtml(each.due)} ${each.due < now ? markHtml('bad', 'its time is over') : html`<span class="soft">in ${timeLeft(now, each.due)}</span>`}`,
    whatOwed(each),
    each.officer === undefined
      ? html`<code>${each.request.slice(0, 8)}…</code>`
      : html`<a href="/console/answers/${each.request}">${each.request.slice(0, 8)}…<span class="sr"> until ${each.due}</span></a>`,
  ])
  return html`<h2>What is still owed</h2>
${asked.length === 0 ? '' : html`<p>${markHtml('open', `${asked.length} asked back`)}: see the words of the office above.</p>`}
${rows.length === 0 ? html`<p>Nothing with a date.</p>` : tableHtml('Owed, the first to be due first', ['Until', 'What', 'Answer'], rows)}
${owedNext === undefined ? '' : html`<p><a class="button second" href="${here}owedAfter=${owedNext}">Go on: there are further events</a></p>`}
${duesOf === undefined ? '' : html`<p class="soft">Duties with a date were looked for in the newest ${counted(duesOf, 'answer')}.</p>`}`
}

function whatOwed(owed: Plain<OpenDuties>): Html {
  switch (owed.kind) {
    case 'notice':
      return html`Say what you did: what ${owed.holder} gave ${became[owed.what]}${owed.ask === undefined ? '' : owed.ask === 'erased' ? ': erase it' : ': restrict it'} (${owed.items.length === 1 ? 'item' : 'items'} ${owed.items.join(', ')}). <small><code>comity notice done ${owed.notice}</code></small>`
    case 'duty':
      return html`Your own duty as holder: ${(duties[owed.code]?.text ?? owed.code).replace('{value}', owed.value ?? '')} <small><code>comity request duty-done ${owed.request} --code ${owed.code}</code></small>`
    case 'condition':
      return html`${owed.text} <span class="soft">[${owed.code}]</span>`
    case 'provision':
      return html`${owed.holder} gives you something unasked: collect it. <small><code>comity collect ${owed.request}</code></small>`
  }
}

/** All answers, the newest first. */
function answersHtml({ all, next }: Listed, here: string): Html {
  return html`<h2>Answers</h2>
${
  all.length === 0
    ? html`<p>Nothing was asked${next === undefined ? '' : ' on this page'}.</p>`
    : tableHtml(
        'Answers, the newest first',
        ['Outcome', 'When', 'Case', 'Holder', 'For', 'Entry'],
        all.map(({ standing: { id, outcome, standing, decidedAt, holder }, about }) => [
          outcomeHtml(outcome, standing),
          momentHtml(decidedAt),
          about.caseReference,
          holder,
          about.classes.map((of) => valueWords('item.class', of)).join(', '),
          html`<a href="/console/answers/${id}">${id.slice(0, 8)}…<span class="sr"> of ${decidedAt}</span></a>`,
        ]),
      )
}
${next === undefined ? '' : html`<p><a class="button" href="${here}?cursor=${next}">Older ones</a></p>`}`
}
