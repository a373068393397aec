/** What offices have said in a matter, in words: for whoever takes it back or doubts it, and for the next shift. */

import { idleWords, type StandingDecision } from '../answer/offices/expiry.ts'
import type { WaitingDenial } from '../answer/offices/inbox.ts'
import type { MatterStatement } from '../answer/offices/statements.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { factWords, subject } from '../policy/words.ts'
import { markHtml, momentHtml, tableHtml } from './page.ts'

/** One statement, objection or refusal: who said it, when, and what. */
export const statementWords = ({ office, officer, enteredAt, facts }: MatterStatement): Html =>
  html`${office}${officer === undefined ? '' : `, ${officer}`}, ${momentHtml(enteredAt)}: ${
    facts.length === 0
      ? say('statements.refused')
      : facts.map(
          ({ fact, value }, i) =>
            html`${i === 0 ? '' : '; '}${value === undefined ? say('statements.doubts', { fact: subject(fact) }) : factWords(fact, value)}`,
        )
  }`

/** Whether it is a refusal of the denial itself. */
export const isRefusal = ({ facts }: MatterStatement): boolean => facts.length === 0

/** What stands by the office's word, beside what its list of what waits has; nothing without any. */
export const standingHtml = (decisions: readonly StandingDecision[], complete: boolean): Html =>
  decisions.length === 0 && complete
    ? html``
    : html`<h2>${say('statements.stands')}</h2>
<p>${say('statements.until')}${complete ? '' : html` ${say('statements.more')}`}</p>
${tableHtml(
  say('statements.standing'),
  [
    say('terms.until'),
    say('terms.case'),
    say('terms.asks'),
    say('statements.heads.decided'),
    say('terms.by'),
  ],
  decisions.map((each) => [
    momentHtml(each.until),
    html`<a href="/console/inbox/${each.matter}">${each.caseReference ?? each.matter.slice(0, 8)}</a>`,
    each.requester ?? '',
    html`${factWords('release.decision', each.value)}${each.idle === undefined ? '' : html` ${markHtml('open', idleWords[each.idle])}`}`,
    html`${each.officer ?? each.decidedBy}, ${momentHtml(each.enteredAt)}`,
  ]),
)}`

/** Requests of which the office has said its part, apart from what is to be done; nothing without any. */
export const doneHtml = (done: readonly WaitingDenial[]): Html =>
  done.length === 0
    ? html``
    : html`<h2>${say('statements.done')}</h2>
<p>${say('statements.doneWaits')}</p>
${tableHtml(
  say('statements.doneList'),
  [say('terms.case'), say('terms.asks'), say('statements.heads.said')],
  done.map(({ request, caseReference, receivedFrom, requester, said = [] }) => [
    html`<a href="/console/inbox/${request}">${caseReference}</a>`,
    receivedFrom ?? requester,
    html`${said.filter(({ isOwn }) => isOwn).map((each) => html`<span>${statementWords(each)}. </span>`)}`,
  ]),
)}`
