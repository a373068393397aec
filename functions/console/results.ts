/** What is shown once an act is done: one row for each call that a page may have signed, and no other is taken. */

import * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import { answerSchema, whoReads } from '../answer/reply/reply-schema.ts'
import { isKeptFile } from '../decision/record.ts'
import { entryIdSchema } from '../decision/request.ts'
import { valueWords } from '../policy/words.ts'
import type { Done, SentCall } from './act.ts'
import { answerDone, dutiesOn, textOf, treatments } from './answer.ts'
import { tokenHtml } from './frame.ts'
import { outcomeHtml, reasonHtml } from './lines.ts'
import { momentHtml, tableHtml, termsHtml } from './page.ts'
import { sheetsHtml } from './paper.ts'
import { wouldLeaveDone } from './would-leave.ts'

const doneSchema = z.looseObject({
  id: z.string(),
  receipt: z.string(),
  says: z.string().optional(),
})

const entered = (title: string, says: string): Done => ({
  title,
  main: (answer) => {
    const { id, receipt, says: more } = doneSchema.parse(answer)
    return html`<p>${says}</p>${more === undefined ? '' : html`<p>${more}</p>`}
${termsHtml([['Entry', html`<code>${id}</code>`]])}
<details><summary>The receipt: who holds it can show that the entry is in the log</summary><pre>${receipt}</pre></details>`
  },
})

const plainly = entered(
  'What you said is entered',
  'It counts for this matter from now on. Whoever asked is told that they may ask again once all is said that is missing; what came by a letter or another way, you enter again.',
)
const declined = entered(
  'What you said is entered',
  'Nothing of it leaves in this matter while your decision stands. Whoever asked is not told of it, and learns it by asking again. To have them told, with a ground, take it back and refuse instead.',
)
/** What an officer said of one request, which `requestOf` finds in the call; whoever erred takes it back from there. */
const takenBackFromThere = (
  plainly: Done,
  requestOf: (sent: SentCall) => string | undefined,
): Done => ({
  ...plainly,
  main(answer, visitor, sent) {
    const { id } = doneSchema.parse(answer)
    const of = requestOf(sent)
    return html`${plainly.main(answer, visitor, sent)}${of === undefined ? '' : html`<form method="post" action="/console/inbox/${of}/take-back">${tokenHtml(visitor.secret)}<input type="hidden" name="attestation" value="${id}"><p>If you erred: <button class="second">Take it back …</button></p></form>`}`
  },
})
const said = takenBackFromThere(
  {
    ...plainly,
    main: (answer, visitor, sent) =>
      (isDeclined(sent.body) ? declined : plainly).main(answer, visitor, sent),
  },
  ({ body }) => saidSchema.safeParse(body).data?.scope.matter,
)
const saidSchema = z.looseObject({ scope: z.looseObject({ matter: entryIdSchema }) })
const isDeclined = (body: unknown): boolean => declinedSchema.safeParse(body).success
const declinedSchema = z.looseObject({
  fact: z.literal('release.decision'),
  value: z.literal('refuse'),
})

const answeredBy = takenBackFromThere(
  entered('Your office has answered', whoReads),
  ({ body, path }) => (refusalSchema.safeParse(body).success ? path.split('/')[3] : undefined),
)
const refusalSchema = z.looseObject({ what: z.literal('refuse') })

const packed: Done = {
  title: 'The package',
  styles: ['paper.css'],
  main: (answer, { agency, officer }) => {
    const whole = answerSchema.parse(answer)
    const items = whole.records.flatMap((each) => each.items)
    const what = [`Answer of ${whole.holder}`, ...whole.handling].join(' · ')
    const hasFiles = items.some(({ value }) => isKeptFile(value))
    const head = {
      what,
      who: `By ${officer.id} of ${agency.id}`,
      at: whole.decidedAt,
      number: whole.id,
    }
    const sheet = html`${whole.handling.length === 0 ? '' : html`<p class="panel"><strong>${whole.handling.join(' · ')}</strong></p>`}
<p>${outcomeHtml(whole.outcome)}</p>
${termsHtml([
  ['From', whole.holder],
  [
    'To',
    whole.receivedBy === undefined
      ? 'the agency that asked'
      : `${whole.receivedBy.from.name}, ${whole.receivedBy.from.jurisdiction}, your no. ${whole.receivedBy.number}`,
  ],
  ['Decided', momentHtml(whole.decidedAt)],
  ['Entry', html`<code>${whole.id}</code>`],
])}
${items.length === 0 ? '' : itemsHtml(items)}
<h2>Why</h2><ul>${whole.reasons.map((each) => html`<li>${reasonHtml(each)}</li>`)}</ul>
${dutiesOn('requester', 'Your duties', whole)}
<p class="soft">Receipt: <code>${whole.receipt}</code></p>`
    return html`<div class="noprint"><p>Print this, and send it by its way; then enter the number by which it left.</p>
${hasFiles ? html`<p>Send its files with it. You fetch each by a signed call within 15 minutes: <code>comity request file ${whole.id} --item ITEM --out FILE</code>.</p>` : ''}</div>
${sheetsHtml(head, [sheet])}`
  },
}

const itemsHtml = (items: z.infer<typeof answerSchema>['records'][number]['items']): Html =>
  tableHtml(
    'What is given',
    ['Item', 'What', 'Class', 'Value', 'How'],
    items.map(({ id, element, class: of, treatment, value }) => [
      id,
      element,
      valueWords('item.class', of),
      isKeptFile(value)
        ? `a file beside this, ${value.type}, ${value.length} bytes`
        : textOf(value),
      treatments[treatment],
    ]),
  )

const id = '[A-Za-z0-9_-]{43}'
const request = `/v1/access-requests/${id}`
const rows: readonly (readonly [method: string, path: string, done: Done])[] = [
  ['POST', '/v1/access-requests', answerDone],
  ['POST', `${request}/proposal`, wouldLeaveDone],
  ['POST', `${request}/responses`, answeredBy],
  [
    'POST',
    `${request}/review`,
    entered(
      'The review is entered',
      'Who asked for it is told that an officer looked, once one has; the holder’s officers alone read why it was asked for. It changes no decision.',
    ),
  ],
  ['POST', `${request}/package`, packed],
  [
    'POST',
    `${request}/delivery`,
    entered('Its number is entered', 'The answer has left, and its clock has stopped.'),
  ],
  ['POST', '/v1/attestations', said],
  [
    'DELETE',
    `/v1/attestations/${id}`,
    entered('It is taken back', 'What your office said there counts for no request any more.'),
  ],
  [
    'POST',
    `/v1/attestations/${id}/objections`,
    entered(
      'Your objection stands',
      'Until your office takes it back, what you doubt is unknown there: it lets nothing leave.',
    ),
  ],
]

/** What is shown of the answer to this call; undefined if no page has it signed. */
export const doneBy = (method: string, path: string): Done | undefined =>
  rows.find(([by, form]) => by === method && new RegExp(`^${form}$`).test(path))?.[2]
