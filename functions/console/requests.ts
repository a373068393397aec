/** My requests: what an officer asked, until when an answer is due, whom to phone, and what is still owed. */

import type { StandingReply } from '../answer/look-up.ts'
import type { OpenDuties } from '../answer/messages/open-duties.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { ownWork, type Plain } from '../audit/look.ts'
import { type OwnRequest, type OwnRequests, ownLooks } from '../audit/own-requests.ts'
import { problem } from '../http/problem.ts'
import { duties } from '../policy/obligations.ts'
import { valueWords } from '../policy/words.ts'
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
  const main = html`${isFirst && isNamedFor(c.get('visitor'), running) ? html`<p>${say('requests.own', { a: (words) => html`<a href="/console/handover">${words}</a>` })}</p>` : ''}${isFirst ? html`${openHtml(answer.open, now)}${openOfHtml(answer)}${owedHtml(answer, now, '/console/requests?')}` : ''}
${answersHtml(answer, '/console/requests')}
<div class="panel"><p>${say('requests.soon')}</p></div>`
  return show(c, world, { title: say('frame.pages.requests'), main })
}

/** The open denials, the first to be due first. */
export const openHtml = (open: Listed['open'], now: string): Html =>
  html`<h2>${say('requests.open', { n: open.length })}</h2>
${open.map((each) => waitingHtml(each, now))}`

/** That older ones may wait, too. */
export const openOfHtml = ({ openOf }: Pick<Listed, 'openOf'>): Html =>
  openOf === undefined
    ? html``
    : html`<p>${say('requests.amongNewest', { notAll: markHtml('bad', say('requests.notAll')), denials: say('counts.denials', { n: openOf }) })}</p>`

function waitingHtml({ standing, about, officer }: Plain<OwnRequest>, now: string): Html {
  const { id, holder, decidedAt, cured } = standing
  return html`<section aria-labelledby="o-${id}"><h3 id="o-${id}"><a href="/console/answers/${id}">${holder}: ${about.caseReference}</a></h3>
${
  cured
    ? html`<p>${say('terms.cured', { now: markHtml('good', say('terms.askAgainNow')) })}</p>`
    : ''
}${termsHtml([
  [say('terms.answerDue'), dueHtml(standing, now)],
  [say('terms.phone'), phonesHtml(standing, now)],
  ...responseTerms(standing),
  [
    say('terms.askedFor'),
    `${about.classes.map((of) => valueWords('item.class', of)).join(', ')}; ${valueWords('request.urgency', about.urgency)}`,
  ],
  [say('terms.asked'), say('terms.momentBy', { moment: momentHtml(decidedAt), who: officer })],
])}</section>`
}

/** Until when an open denial is to be answered, and whose time that is. */
export const dueHtml = (
  { answerBy, dueBy, dueUnder = [] }: Pick<Plain<StandingReply>, 'answerBy' | 'dueBy' | 'dueUnder'>,
  now: string,
): Html =>
  answerBy === undefined
    ? say('terms.noTime')
    : say('inbox.dueAt', {
        moment: momentHtml(answerBy),
        left:
          answerBy < now
            ? markHtml('bad', say('terms.overdue', { time: timeLeft(answerBy, now) }))
            : say('terms.in', { time: timeLeft(now, answerBy) }),
        by:
          dueBy === 'law'
            ? html`${say('inbox.lawTime')}${dueUnder.length === 0 ? '' : ` (${dueUnder.join('; ')})`}`
            : say('requests.holderTime'),
      })

/** Whom to phone first: the first office where somebody is there now, else the first that has a number. */
export function firstPhoneHtml({ offices = [] }: Pick<Plain<StandingReply>, 'offices'>): Html {
  const numbered = offices.filter(({ telephone }) => telephone !== undefined)
  const first = numbered.find(({ onDuty }) => onDuty) ?? numbered[0]
  return first?.telephone === undefined
    ? html``
    : html`<p>${say('requests.phone', { office: first.id, number: telHtml(first.telephone) })} ${dutyHtml(first.onDuty)}</p>`
}

/** A number to call. */
export const telHtml = (number: string): Html => html`<a href="tel:${number}">${number}</a>`

const dutyHtml = (onDuty: boolean | undefined): Html =>
  onDuty ? markHtml('good', say('terms.somebody')) : markHtml('open', say('terms.nobody'))

/** Whom to phone, whether somebody is there, and since when each office has had it before it. */
export const phonesHtml = (
  { offices = [] }: Pick<Plain<StandingReply>, 'offices'>,
  now: string,
): Html =>
  offices.length === 0
    ? say('requests.noOffice')
    : html`<ul>${offices.map(({ id, name, telephone, languages = [], onDuty, openedAt }) => {
        const number =
          telephone === undefined
            ? say('requests.noNumber')
            : say('inbox.number', {
                number: telHtml(telephone),
                languages: languages.join(', '),
                there: dutyHtml(onDuty),
              })
        const opened =
          openedAt === undefined
            ? markHtml('open', say('requests.notOpened'))
            : markHtml('good', say('requests.opened', { time: timeLeft(openedAt, now) }))
        return html`<li>${name} (${id}): ${number}; ${opened}</li>`
      })}</ul>`

/** What offices said to an open denial. */
export const responseTerms = ({ responses = [] }: Pick<Plain<StandingReply>, 'responses'>) =>
  responses.map(
    ({ what, office, text, at, takenBackAt }) =>
      [
        what === 'refuse' ? say('requests.refused') : say('requests.askedBack'),
        html`${office}, ${momentHtml(at)}: ${text ?? say('terms.erased')}${what === 'refuse' ? '' : html` <strong>${say('requests.oweAnswer')}</strong>`}${takenBackAt === undefined ? '' : html` <strong>${say('requests.takenBack', { moment: momentHtml(takenBackAt) })}</strong>`}`,
      ] as const,
  )

const became = {
  corrected: say('requests.became.corrected'),
  restricted: say('requests.became.restricted'),
  erased: say('requests.became.erased'),
  recalled: say('requests.became.recalled'),
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
    html`${each.due.length === 10 ? each.due : momentHtml(each.due)} ${each.due < now ? markHtml('bad', say('requests.over')) : html`<span class="soft">${say('terms.in', { time: timeLeft(now, each.due) })}</span>`}`,
    whatOwed(each),
    each.officer === undefined
      ? html`<code>${each.request.slice(0, 8)}…</code>`
      : html`<a href="/console/answers/${each.request}">${each.request.slice(0, 8)}…<span class="sr"> ${say('requests.untilDay', { day: each.due })}</span></a>`,
  ])
  return html`<h2>${say('requests.owed')}</h2>
${asked.length === 0 ? '' : html`<p>${say('requests.seeWords', { asked: markHtml('open', say('requests.nAskedBack', { n: asked.length })) })}</p>`}
${rows.length === 0 ? html`<p>${say('requests.noDates')}</p>` : tableHtml(say('requests.owedFirst'), [say('terms.until'), say('terms.what'), say('requests.answer')], rows)}
${owedNext === undefined ? '' : html`<p><a class="button second" href="${here}owedAfter=${owedNext}">${say('requests.further')}</a></p>`}
${duesOf === undefined ? '' : html`<p class="soft">${say('requests.lookedIn', { answers: say('counts.answers', { n: duesOf }) })}</p>`}`
}

function whatOwed(owed: Plain<OpenDuties>): Html {
  switch (owed.kind) {
    case 'notice':
      return html`${say('requests.noticeOwed', { holder: owed.holder, became: became[owed.what], ask: owed.ask ?? 'none', n: owed.items.length, items: owed.items.join(', ') })} <small><code>comity notice done ${owed.notice}</code></small>`
    case 'duty':
      return html`${say('requests.ownDuty', { duty: (duties[owed.code]?.text ?? owed.code).replace('{value}', () => owed.value ?? '') })} <small><code>comity request duty-done ${owed.request} --code ${owed.code}</code></small>`
    case 'condition':
      return html`${owed.text} <span class="soft">[${owed.code}]</span>`
    case 'provision':
      return html`${say('requests.unasked', { holder: owed.holder })} <small><code>comity collect ${owed.request}</code></small>`
  }
}

/** All answers, the newest first. */
function answersHtml({ all, next }: Listed, here: string): Html {
  return html`<h2>${say('requests.answers')}</h2>
${
  all.length === 0
    ? html`<p>${say(next === undefined ? 'requests.nothing' : 'requests.nothingHere')}</p>`
    : tableHtml(
        say('requests.newest'),
        [
          say('terms.outcome'),
          say('terms.when'),
          say('terms.case'),
          say('terms.holder'),
          say('terms.for'),
          say('terms.entry'),
        ],
        all.map(({ standing: { id, outcome, standing, decidedAt, holder, cured }, about }) => [
          html`${outcomeHtml(outcome, standing)}${cured && standing !== 'open' ? html` ${markHtml('good', say('terms.askAgainNow'))}` : ''}`,
          momentHtml(decidedAt),
          about.caseReference,
          holder,
          about.classes.map((of) => valueWords('item.class', of)).join(', '),
          html`<a href="/console/answers/${id}">${id.slice(0, 8)}…<span class="sr"> ${say('lines.of', { moment: decidedAt })}</span></a>`,
        ]),
      )
}
${next === undefined ? '' : html`<p><a class="button" href="${here}?cursor=${next}">${say('terms.older')}</a></p>`}`
}
