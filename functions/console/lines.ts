/** Lines of the log as a table, the newest first. */

import type * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import { type SpokenReason, saysHtml } from '../answer/reply/languages.ts'
import { say } from '../answer/reply/say.ts'
import type { Plain } from '../audit/look.ts'
import type { lineSchema } from '../audit/read-lines.ts'
import { argued, type Reasoned } from '../decision/argument.ts'
import { confidences } from '../policy/sentence.ts'
import { markHtml, momentHtml, tableHtml } from './page.ts'

/** An outcome as it was told. */
export function outcomeHtml(outcome: string | undefined, standing?: string): Html {
  if (outcome === 'release') return markHtml('good', say('lines.outcomes.release'))
  const isOpen = standing === 'open'
  if (outcome === 'redact')
    return isOpen
      ? markHtml('part', say('lines.outcomes.redactOpen'))
      : markHtml('part', say('lines.outcomes.redact'))
  if (outcome !== 'deny') return html``
  return isOpen
    ? markHtml('open', say('lines.outcomes.open'))
    : markHtml('bad', say('lines.outcomes.deny'))
}

/** The reasons that decide, the weightiest first, as a lawyer gives them; what is to be checked; the rest folded. */
export function argumentHtml(decision: Reasoned<SpokenReason>, holder: string): Html {
  const { decisive, toCheck, further } = argued(decision, holder)
  const title = decision.standing === 'open' ? say('lines.toCheck') : say('lines.notKnown')
  const list = (reasons: readonly SpokenReason[]) =>
    html`<ol>${reasons.map((each) => html`<li>${reasonHtml(each)}</li>`)}</ol>`
  return html`${decisive.length === 0 ? '' : list(decisive)}
${toCheck.length === 0 ? '' : html`<h3>${title}</h3>${list(toCheck)}`}
${further.length === 0 ? '' : html`<details><summary>${say('counts.reasons', { n: further.length })}</summary>${list(further)}</details>`}`
}

/** What is to be checked first, or else the one reason that weighs most; nothing, where there is neither. */
export function firstReasonHtml(decision: Reasoned<SpokenReason>, holder: string): Html {
  const { decisive, toCheck } = argued(decision, holder)
  const isOpen = decision.standing === 'open' && toCheck.length > 0
  const [first] = isOpen ? toCheck : decisive
  if (first === undefined) return html``
  return html`<p>${isOpen ? html`${say('lines.toCheck')}: ` : ''}${reasonHtml(first)}</p>`
}

/** A reason in its sentence, with its articles and how well they were checked. */
export const reasonHtml = ({ cites, rule, confidence, ...said }: SpokenReason): Html =>
  html`${saysHtml(said)} <span class="soft">${cites.join('; ')} [${rule}]${confidence === 'V' ? '' : `, ${confidences[confidence]}`}</span>`

type Line = Plain<z.infer<typeof lineSchema>>

/** How many rules a line shows, the weightiest; its page has all. */
const rulesShown = 3

/** Entries, each leading to its page, for the same purpose. */
export const linesHtml = (lines: readonly Line[], purpose: string): Html =>
  tableHtml(
    say('lines.newest'),
    [
      say('terms.outcome'),
      say('terms.when'),
      say('lines.who'),
      say('lines.rules'),
      say('terms.entry'),
    ],
    lines.map((line) => [
      line.outcome === undefined ? line.kind : outcomeHtml(line.outcome, line.standing),
      momentHtml(line.ts),
      html`${line.requester ?? line.agency ?? line.aj}${line.officer === undefined ? '' : html` <span class="soft">${line.officer}</span>`}${line.kind === 'decision' ? html` → ${line.holder ?? line.hj}` : ''}${line.dryRun ? say('lines.dryRun') : ''}`,
      html`${line.rules.slice(0, rulesShown).join(', ')}${line.rules.length > rulesShown ? say('lines.more', { n: line.rules.length - rulesShown }) : ''}`,
      html`<a href="/console/entries/${line.id}?purpose=${purpose}">${line.id.slice(0, 8)}…<span class="sr"> ${say('lines.of', { moment: line.ts })}</span></a>`,
    ]),
  )

/** How many entries a question has. */
export function countWords({
  total,
  outcomes,
  standings,
  complete,
}: {
  readonly total: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly standings: Readonly<Record<string, number>>
  readonly complete: boolean
}): Html {
  const parts = [
    [say('lines.outcomes.release'), outcomes.release],
    [say('treatments.mask'), outcomes.redact],
    [say('lines.outcomes.deny'), outcomes.deny],
    [say('lines.countOpen'), standings.open],
  ].flatMap(([word, count]) => (count === undefined ? [] : [html`${count} ${word}`]))
  const all = say(complete ? 'lines.found' : 'lines.foundMore', { n: total })
  return html`${all}${parts.map((each, i) => html`${i === 0 ? ': ' : ', '}${each}`)}.`
}
