/** Lines of the log as a table, the newest first. */

import type * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import { type SpokenReason, saysHtml } from '../answer/reply/languages.ts'
import type { Plain } from '../audit/look.ts'
import type { lineSchema } from '../audit/read-lines.ts'
import { argued, type Reasoned } from '../decision/argument.ts'
import { confidences } from '../policy/sentence.ts'
import { counted } from '../policy/words.ts'
import { markHtml, momentHtml, tableHtml } from './page.ts'

/** An outcome as it was told. */
export function outcomeHtml(outcome: string | undefined, standing?: string): Html {
  if (outcome === 'release') return markHtml('good', 'released')
  if (outcome === 'redact') return markHtml('part', 'released in part')
  if (outcome !== 'deny') return html``
  return standing === 'open' ? markHtml('open', 'denied, open') : markHtml('bad', 'denied')
}

/** The reasons that decide, the weightiest first, as a lawyer gives them; the rest for whoever opens it. */
export function argumentHtml(decision: Reasoned<SpokenReason>, holder: string): Html {
  const { decisive, further } = argued(decision, holder)
  const list = (reasons: readonly SpokenReason[]) =>
    html`<ol>${reasons.map((each) => html`<li>${reasonHtml(each)}</li>`)}</ol>`
  return html`${list(decisive)}
${further.length === 0 ? '' : html`<details><summary>${counted(further.length, 'further reason')}</summary>${list(further)}</details>`}`
}

/** The one reason that weighs most; nothing, where there is none. */
export function firstReasonHtml(decision: Reasoned<SpokenReason>, holder: string): Html {
  const [first] = argued(decision, holder).decisive
  return first === undefined ? html`` : html`<p>${reasonHtml(first)}</p>`
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
    'Entries, the newest first',
    ['Outcome', 'When', 'Who asked whom', 'Rules', 'Entry'],
    lines.map((line) => [
      line.outcome === undefined ? line.kind : outcomeHtml(line.outcome, line.standing),
      momentHtml(line.ts),
      html`${line.requester ?? line.agency ?? line.aj}${line.officer === undefined ? '' : html` <span class="soft">${line.officer}</span>`}${line.kind === 'decision' ? html` → ${line.holder ?? line.hj}` : ''}${line.dryRun ? ', dry run' : ''}`,
      `${line.rules.slice(0, rulesShown).join(', ')}${line.rules.length > rulesShown ? `, and ${line.rules.length - rulesShown} more` : ''}`,
      html`<a href="/console/entries/${line.id}?purpose=${purpose}">${line.id.slice(0, 8)}…<span class="sr"> of ${line.ts}</span></a>`,
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
}): string {
  const parts = [
    ['released', outcomes.release],
    ['in part', outcomes.redact],
    ['denied', outcomes.deny],
    ['of the denials open', standings.open],
  ].flatMap(([word, count]) => (count === undefined ? [] : [`${count} ${word}`]))
  const all = complete ? `${total} found` : `More than ${total} found; of the newest ${total}`
  return parts.length === 0 ? `${all}.` : `${all}: ${parts.join(', ')}.`
}
