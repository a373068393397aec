/** The inbox of an office, to look only: what waits for it, since when and until when, and whom to phone. */

import { inboxOf, type WaitingDenial } from '../answer/offices/inbox.ts'
import { decisionsToTakeBack } from '../answer/offices/statements.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { problem } from '../http/problem.ts'
import { isOnDuty } from '../identity/duty.ts'
import type { Agency } from '../identity/register.ts'
import { valueWords } from '../policy/words.ts'
import { show } from './frame.ts'
import { callOnPage, type Looking } from './looking.ts'
import { markHtml, momentHtml, type Term, termsHtml, timeLeft } from './page.ts'
import { telHtml } from './requests.ts'
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
  const main = html`${open.length === 0 ? html`<p>${say(next === undefined ? 'inbox.nothing' : 'inbox.nothingHere', { agency: agency.name })}</p>` : ''}
${open.map(
  (
    each,
    i,
  ) => html`<section aria-labelledby="w-${each.request}"><h2 id="w-${each.request}"><a href="/console/inbox/${each.request}">${each.receivedFrom ?? requesters[i]?.name ?? each.requester}: ${each.caseReference}</a></h2>
${waitingHtml(each, requesters[i], now)}</section>`,
)}
${next === undefined ? '' : html`<p><a class="button" href="/console/inbox?after=${next}">${say('inbox.further')}</a></p>`}
${doneHtml(done)}${standingHtml(standing, complete)}`
  return show(c, world, { title: say('inbox.title'), main })
}

/** What is known of a request that waits. */
export function waitingHtml(each: WaitingDenial, requester: Agency | undefined, now: string): Html {
  const { request, holder, purpose, offence, classes, urgency, decidedAt } = each
  const { answerBy, dueBy, todo, askedBackAt } = each
  const terms: readonly Term[] = [
    [
      say('terms.due'),
      answerBy === undefined
        ? say('terms.noTime')
        : say('inbox.dueAt', {
            moment: momentHtml(answerBy),
            left:
              answerBy < now
                ? markHtml('bad', say('inbox.ago', { time: timeLeft(answerBy, now) }))
                : say('terms.in', { time: timeLeft(answerBy, now) }),
            by: say(dueBy === 'holder' ? 'inbox.ownTime' : 'inbox.lawTime'),
          }),
    ],
    [say('terms.urgency'), valueWords('request.urgency', urgency)],
    [say('inbox.since'), html`${momentHtml(decidedAt)}, ${timeLeft(decidedAt, now)}`],
    [
      say('terms.askedFor'),
      say('inbox.askedFor', {
        classes: classes.map((of) => valueWords('item.class', of)).join(', '),
        purpose: valueWords('request.purpose', purpose),
        offence: valueWords('request.offence.category', offence),
      }),
    ],
    [say('terms.holder'), holder],
    ...(each.because.length === 0
      ? []
      : [
          [
            say('inbox.because'),
            html`${each.because.map((why, i) => html`${i === 0 ? '' : '; '}${say(`inbox.becauses.${why}`)}`)}`,
          ] as const,
        ]),
    ...(askedBackAt === undefined
      ? []
      : [[say('inbox.askedBack'), momentHtml(askedBackAt)] as const]),
    [say('terms.phone'), phoneHtml(requester, now)],
    [say('terms.request'), html`<code>${request}</code>`],
    [say('terms.matter'), html`<code>${each.matter}</code>`],
  ]
  return html`${termsHtml(terms)}
${waysOutHtml({ todo }, html`<h3>${say('inbox.mayBeSaid')}</h3>`)}
${todo.length === 0 ? '' : html`<p class="soft">${say('inbox.aboutWhom')}</p>`}`
}

/** The requester's duty desk, and whether somebody is there. */
export const phoneHtml = (requester: Agency | undefined, now: string): Html => {
  if (requester?.duty === undefined) return say('inbox.noNumber')
  const { telephone, languages } = requester.duty
  return say('inbox.number', {
    number: telHtml(telephone),
    languages: languages.join(', '),
    there: isOnDuty(requester, now)
      ? markHtml('good', say('terms.somebody'))
      : markHtml('open', say('terms.nobody')),
  })
}
