/** The handover of a shift, on one page to print: what is open, due and owed, of one officer or of the office. */

import type { PageCall } from '../answer/entries/signed-call.ts'
import { inboxOf, type WaitingDenial } from '../answer/offices/inbox.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
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
  const whose =
    of === 'mine' ? say('terms.officerOf', { officer: officer.id, agency: agency.id }) : agency.id
  const head = {
    ...{
      what: say('handover.of', { whose }),
      who: say('terms.byOf', { officer: officer.id, agency: agency.id }),
      at,
    },
    number: c.get('traceId'),
  }
  const main = html`<p class="noprint">${of === 'office' ? say('handover.office', { a: (words) => html`<a href="/console/handover?of=mine">${words}</a>` }) : runs ? say('handover.own', { a: (words) => html`<a href="/console/handover">${words}</a>` }) : say('handover.self', { agency: agency.name })} ${say('handover.print')}</p>
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
  html`<h2>${say('handover.toHandOver')}</h2><p>${say('handover.takenOver')}</p>`,
])}`
  return show(c, world, { title: say('handover.of', { whose }), main, styles: ['paper.css'] })
}

/** What waits for others, in a row each. */
const openHtml = (open: readonly Plain<OwnRequest>[], of: 'mine' | 'office', now: string): Html =>
  html`<h2>${say('handover.openOf', { of })}</h2>
${
  open.length === 0
    ? html`<p>${say('handover.nothing')}</p>`
    : html`<p>${say('handover.cannotTakeBack')}</p>${tableHtml(
        say('handover.open'),
        [
          say('terms.due'),
          say('terms.case'),
          say('terms.asked'),
          say('terms.holder'),
          say('terms.phone'),
          say('handover.state'),
        ],
        open.map(({ standing, about, officer }) => [
          clockHtml(standing.answerBy, now),
          html`<a href="/console/answers/${standing.id}">${about.caseReference}</a>${about.urgency === 'none' ? '' : html` ${markHtml('bad', valueWords('request.urgency', about.urgency))}`}`,
          say('handover.momentBy', { moment: momentHtml(standing.decidedAt), who: officer }),
          standing.holder,
          html`${(standing.offices ?? []).map(({ id, telephone, openedAt }) => html`<span>${say(openedAt === undefined ? 'handover.notOpened' : 'handover.opened', { office: id, number: telephone ?? say('handover.noNumber') })} </span>`)}`,
          stateHtml(standing),
        ]),
      )}`
}`

function stateHtml({ cured, responses = [] }: Plain<OwnRequest>['standing']): Html {
  const said = responses.map(({ what, office, takenBackAt }) =>
    what === 'ask-back'
      ? say('handover.askedBack', { office })
      : say(takenBackAt === undefined ? 'handover.refused' : 'handover.tookBack', { office }),
  )
  return html`${cured ? markHtml('good', say('handover.askAgain')) : say('handover.waits')}${said.length === 0 ? '' : html` ${said.map((each) => html`${each} `)}`}`
}

const clockHtml = (due: string | undefined, now: string): Html =>
  due === undefined
    ? say('terms.noTime')
    : html`${momentHtml(due)} ${due < now ? markHtml('bad', say('terms.overdue', { time: timeLeft(due, now) })) : html`<span class="soft">${say('terms.in', { time: timeLeft(now, due) })}</span>`}`

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
      ? say('handover.waitsForYou')
      : say('handover.youAskedBack', { moment: momentHtml(each.askedBackAt) }),
  ]
  return html`<h2>${say('inbox.title')}</h2>
${
  page.open.length === 0
    ? html`<p>${say('handover.nothing')}</p>`
    : tableHtml(
        say('handover.denials'),
        [
          say('terms.due'),
          say('terms.case'),
          say('terms.asks'),
          say('terms.phone'),
          say('handover.state'),
        ],
        await Promise.all(page.open.map(row)),
      )
}
${page.next === undefined ? '' : html`<p><strong>${say('handover.more')}</strong></p>`}
${doneHtml(page.done ?? [])}`
}
