/** The inbox of an office, to look only: what waits for it, since when and until when, and whom to phone. */

import { inboxOf, type WaitingDenial } from '../answer/offices/inbox.ts'
import { decisionsToTakeBack } from '../answer/offices/statements.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { problem } from '../http/problem.ts'
import { isOnDuty } from '../identity/duty.ts'
import type { Agency } from '../identity/register.ts'
import { valueWords } from '../policy/words.ts'
import { show } from './frame.ts'
import { callOnPage, type Looking } from './looking.ts'
import { markHtml, momentHtml, type Term, termsHtml, timeLeft } from './page.ts'
import { doneHtml, standingHtml } from './statements.ts'
import type { PageContext } from './visitor.ts'
import { waysOutHtml } from './ways-out.ts'

/** The page: it shows. Each request has a page of its own, on which officers act. */
export async function inboxPage(c: PageContext, { world }: Looking): Promise<Response> {
  const { agency } = c.get('visitor')
  const after = c.req.query('after')
  const page = await inboxOf(callOnPage(c, world), after, world)
  // A link of yesterday, or of another office.
  if ('kind' in page)
    return after === undefined
      ? problem(c.get('traceId'), 'internal')
      : c.redirect('/console/inbox', 303)
  const { open, done = [], next } = page
  const requesters = await Promise.all(
    open.map(({ requester }) => world.register.agency(requester)),
  )
  const now = world.now().toISOString()
  const listed = new Set(done.map(({ matter }) => matter))
  const { decisions, complete } = await decisionsToTakeBack(callOnPage(c, world), world)
  const standing = decisions.filter(({ matter }) => !listed.has(matter))
  const main = html`${open.length === 0 ? html`<p>Nothing waits for ${agency.name}${next === undefined ? '' : ' on this page'}.</p>` : ''}
${open.map(
  (
    each,
    i,
  ) => html`<section aria-labelledby="w-${each.request}"><h2 id="w-${each.request}"><a href="/console/inbox/${each.request}">${each.receivedFrom ?? requesters[i]?.name ?? each.requester}: ${each.caseReference}</a></h2>
${waitingHtml(each, requesters[i], now)}</section>`,
)}
${next === undefined ? '' : html`<p><a class="button" href="/console/inbox?after=${next}">What waits further on</a></p>`}
${doneHtml(done)}${standingHtml(standing, complete)}`
  return show(c, world, { title: 'What waits for your office', main })
}

const because: Readonly<Record<WaitingDenial['because'][number], string>> = {
  review: 'the requester put the denial before a person',
  delivery: 'the answer is to be sent by the way the request came',
  'human-decision': 'the law reserves the decision to an officer',
  'many-persons': 'the officer who asks has asked for many persons in this case',
  'answered-no': 'an office answered no, or it is not known what it answered',
  'ambiguous-subject': 'several persons fit',
}

/** What is known of a request that waits. */
export function waitingHtml(each: WaitingDenial, requester: Agency | undefined, now: string): Html {
  const { request, holder, purpose, offence, classes, urgency, decidedAt } = each
  const { answerBy, dueBy, todo, askedBackAt } = each
  const terms: readonly Term[] = [
    [
      'Due',
      answerBy === undefined
        ? 'no time is set'
        : html`${momentHtml(answerBy)}, ${answerBy < now ? markHtml('bad', `${timeLeft(answerBy, now)} ago`) : html`in ${timeLeft(answerBy, now)}`}, by ${dueBy === 'holder' ? 'your own time' : 'the law'}`,
    ],
    ['Urgency', valueWords('request.urgency', urgency)],
    ['Waits since', html`${momentHtml(decidedAt)}, ${timeLeft(decidedAt, now)}`],
    [
      'Asked for',
      `${classes.map((of) => valueWords('item.class', of)).join(', ')}, for ${valueWords('request.purpose', purpose)}; ${valueWords('request.offence.category', offence)}`,
    ],
    ['Holder', holder],
    ...(each.because.length === 0
      ? []
      : [['A person, because', each.because.map((why) => because[why]).join('; ')] as const]),
    ...(askedBackAt === undefined ? [] : [['You asked back', momentHtml(askedBackAt)] as const]),
    ['Phone', phoneHtml(requester, now)],
    ['Request', html`<code>${request}</code>`],
    ['Matter', html`<code>${each.matter}</code>`],
  ]
  return html`${termsHtml(terms)}
${waysOutHtml({ todo }, html`<h3>What your office may say</h3>`)}
${todo.length === 0 ? '' : html`<p class="soft">Whom it is about, and what others would have to say, a look at what would leave shows.</p>`}`
}

/** The requester's duty desk, and whether somebody is there. */
export const phoneHtml = (requester: Agency | undefined, now: string): Html => {
  if (requester?.duty === undefined) return html`the register has no number`
  const { telephone, languages } = requester.duty
  return html`<a href="tel:${telephone}">${telephone}</a>, speaks ${languages.join(', ')}; ${isOnDuty(requester, now) ? markHtml('good', 'somebody is there now') : markHtml('open', 'nobody is there now')}`
}
