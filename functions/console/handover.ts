/** The handover of a shift, on one page to print: what is open, due and owed, of one officer or of the office. */

import type { PageCall } from '../answer/entries/signed-call.ts'
import { inboxOf, type WaitingDenial } from '../answer/offices/inbox.ts'
import { type Html, html } from '../answer/reply/html.ts'
import type { Plain } from '../audit/look.ts'
import type { OwnRequest } from '../audit/own-requests.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { valueWords } from '../policy/words.ts'
import { show } from './frame.ts'
import { phoneHtml } from './inbox.ts'
import { callOnPage, type Looking } from './looking.ts'
import { markHtml, momentHtml, tableHtml, timeLeft } from './page.ts'
import { sheetsHtml } from './paper.ts'
import { lookAtOwn, openOfHtml, owedHtml } from './requests.ts'
import { doneHtml } from './statements.ts'
import { answering, asking, isNamedFor, type PageContext, running } from './visitor.ts'

/** The page: of the office for whoever runs the shift, unless they want their own alone; for others, their own. */
export async function handoverPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const visitor = c.get('visitor')
  const { agency, officer } = visitor
  const [asks, runs] = [isNamedFor(visitor, asking), isNamedFor(visitor, running)]
  const isOwn = c.req.query('of') === 'mine'
  const of = isOwn || (asks && !runs) ? 'mine' : 'office'
  const looked = asks ? await lookAtOwn(c, of, looking) : undefined
  if (looked !== undefined && 'response' in looked) return looked.response
  const at = world.now().toISOString()
  const whose = of === 'mine' ? `${officer.id} of ${agency.id}` : agency.id
  const head = {
    ...{ what: `Handover of ${whose}`, who: `By ${officer.id} of ${agency.id}`, at },
    number: c.get('traceId'),
  }
  const main = html`<p class="noprint">${of === 'office' ? html`Of the whole office. <a href="/console/handover?of=mine">Your own alone</a>.` : runs ? html`Your own. <a href="/console/handover">Of the whole office</a>.` : html`What you asked yourself. What the whole office asked, whoever runs the shift hands over: an officer whom ${agency.name} names for <code>desk</code>.`} Print it with your browser: each sheet says who printed it, when, and which it is.</p>
${sheetsHtml(head, [
  ...(looked === undefined
    ? []
    : [
        html`${openHtml(looked.answer.open, of, at)}${openOfHtml(looked.answer)}`,
        owedHtml(looked.answer, at, `/console/handover?${isOwn ? 'of=mine&' : ''}`),
      ]),
  !isOwn && isNamedFor(visitor, answering)
    ? await inboxHtml(callOnPage(c, world), at, world)
    : html``,
  html`<h2>To hand over</h2><p>Taken over by ______________________ at ____________</p>`,
])}`
  return show(c, world, { title: `Handover of ${whose}`, main, styles: ['paper.css'] })
}

/** What waits for others, in a row each. */
const openHtml = (open: readonly Plain<OwnRequest>[], of: 'mine' | 'office', now: string): Html =>
  html`<h2>What ${of === 'mine' ? 'you' : 'your office'} asked, and is open</h2>
${
  open.length === 0
    ? html`<p>Nothing waits.</p>`
    : html`<p>What is asked cannot be taken back: phone the holder if it is needed no more.</p>${tableHtml(
        'Open requests, the first to be due first',
        ['Due', 'Case', 'Asked', 'Holder', 'Phone', 'State'],
        open.map(({ standing, about, officer }) => [
          clockHtml(standing.answerBy, now),
          html`<a href="/console/answers/${standing.id}">${about.caseReference}</a>${about.urgency === 'none' ? '' : html` ${markHtml('bad', valueWords('request.urgency', about.urgency))}`}`,
          html`${momentHtml(standing.decidedAt)} by ${officer}`,
          standing.holder,
          html`${(standing.offices ?? []).map(({ id, telephone, openedAt }) => html`<span>${id} ${telephone ?? 'no number'}${openedAt === undefined ? ', not opened' : ', opened'}. </span>`)}`,
          stateHtml(standing),
        ]),
      )}`
}`

function stateHtml({ cured, responses = [] }: Plain<OwnRequest>['standing']): Html {
  const said = responses.map(({ what, office, takenBackAt }) =>
    what === 'ask-back'
      ? `${office} asked back: answer it. `
      : `${office} ${takenBackAt === undefined ? 'refused' : 'took its refusal back'}. `,
  )
  return html`${cured ? markHtml('good', 'ask again now') : 'waits'}${said.length === 0 ? '' : html` ${said.join('')}`}`
}

const clockHtml = (due: string | undefined, now: string): Html =>
  due === undefined
    ? html`no time is set`
    : html`${momentHtml(due)} ${due < now ? markHtml('bad', html`overdue for ${timeLeft(due, now)}`) : html`<span class="soft">in ${timeLeft(now, due)}</span>`}`

/** What waits for the office, as the inbox has it. */
async function inboxHtml(call: PageCall, now: string, world: ConsoleWorld): Promise<Html> {
  if (call.agency.attests.length === 0) return html``
  const page = await inboxOf(call, undefined, world)
  if ('kind' in page) return html``
  const row = async ({ request, requester, caseReference, urgency, ...each }: WaitingDenial) => [
    clockHtml(each.answerBy, now),
    html`<a href="/console/inbox/${request}">${caseReference}</a>${urgency === 'none' ? '' : html` ${markHtml('bad', valueWords('request.urgency', urgency))}`}`,
    each.receivedFrom ?? requester,
    phoneHtml(await world.register.agency(requester), now),
    each.askedBackAt === undefined
      ? 'waits for you'
      : html`you asked back ${momentHtml(each.askedBackAt)}`,
  ]
  return html`<h2>What waits for your office</h2>
${
  page.open.length === 0
    ? html`<p>Nothing waits.</p>`
    : tableHtml(
        'Denials that the office may answer',
        ['Due', 'Case', 'Who asks', 'Phone', 'State'],
        await Promise.all(page.open.map(row)),
      )
}
${page.next === undefined ? '' : html`<p><strong>There is more in the inbox than stands here.</strong></p>`}
${doneHtml(page.done ?? [])}`
}
