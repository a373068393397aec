/** What is shown once an act is done: one row for each call that a page may have signed, and no other is taken. */

import * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import { answerSchema, whoReads } from '../answer/reply/reply-schema.ts'
import { say } from '../answer/reply/say.ts'
import { isKeptFile } from '../decision/record.ts'
import { entryIdSchema } from '../decision/request.ts'
import { valueWords } from '../policy/words.ts'
import type { Done, SentCall } from './act.ts'
import { answerDone, dutiesOn, markedWith, textOf, treatments } from './answer.ts'
import { tokenHtml } from './frame.ts'
import { outcomeHtml, reasonHtml } from './lines.ts'
import { momentHtml, tableHtml, termsHtml, type Words } from './page.ts'
import { sheetsHtml } from './paper.ts'
import { wouldLeaveDone } from './would-leave.ts'

const doneSchema = z.looseObject({
  id: z.string(),
  receipt: z.string(),
  says: z.string().optional(),
})

const entered = (title: Words, says: Words): Done => ({
  title,
  main: (answer) => {
    const { id, receipt, says: more } = doneSchema.parse(answer)
    return html`<p>${says}</p>${more === undefined ? '' : html`<p>${more}</p>`}
${termsHtml([[say('terms.entry'), html`<code>${id}</code>`]])}
<details><summary>${say('results.receipt')}</summary><pre>${receipt}</pre></details>`
  },
})

const plainly = entered(say('results.said'), say('results.saidPlainly'))
const declined = entered(say('results.said'), say('results.saidDeclined'))
/** What an officer said of one request, which `requestOf` finds in the call; whoever erred takes it back from there. */
const takenBackFromThere = (
  plainly: Done,
  requestOf: (sent: SentCall) => string | undefined,
): Done => ({
  ...plainly,
  main(answer, visitor, sent) {
    const { id } = doneSchema.parse(answer)
    const of = requestOf(sent)
    return html`${plainly.main(answer, visitor, sent)}${of === undefined ? '' : html`<form method="post" action="/console/inbox/${of}/take-back">${tokenHtml(visitor.secret)}<input type="hidden" name="attestation" value="${id}"><p>${say('results.ifErred', { button: (words) => html`<button class="second">${words}</button>` })}</p></form>`}`
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
  entered(say('results.answered'), whoReads),
  ({ body, path }) => (refusalSchema.safeParse(body).success ? path.split('/')[3] : undefined),
)
const refusalSchema = z.looseObject({ what: z.literal('refuse') })

const packed: Done = {
  title: say('results.package'),
  styles: ['paper.css'],
  main: (answer, { agency, officer }) => {
    const whole = answerSchema.parse(answer)
    const items = whole.records.flatMap((each) => each.items)
    const what = markedWith(say('results.answerOf', { holder: whole.holder }), whole.handling)
    const hasFiles = items.some(({ value }) => isKeptFile(value))
    const head = {
      what,
      who: say('terms.byOf', { officer: officer.id, agency: agency.id }),
      at: whole.decidedAt,
      number: whole.id,
    }
    const sheet = html`${whole.handling.length === 0 ? '' : html`<p class="panel"><strong>${whole.handling.join(' · ')}</strong></p>`}
<p>${outcomeHtml(whole.outcome)}</p>
${termsHtml([
  [say('terms.from'), whole.holder],
  [
    say('results.to'),
    whole.receivedBy === undefined
      ? say('results.toAgency')
      : say('results.toOther', {
          name: whole.receivedBy.from.name,
          country: whole.receivedBy.from.jurisdiction,
          number: whole.receivedBy.number,
        }),
  ],
  [say('results.decided'), momentHtml(whole.decidedAt)],
  [say('terms.entry'), html`<code>${whole.id}</code>`],
])}
${items.length === 0 ? '' : itemsHtml(items)}
<h2>${say('terms.why')}</h2><ul>${whole.reasons.map((each) => html`<li>${reasonHtml(each)}</li>`)}</ul>
${dutiesOn('requester', say('terms.yourDuties'), whole)}
<p class="soft">${say('results.receiptIs', { receipt: whole.receipt })}</p>`
    return html`<div class="noprint"><p>${say('results.print')}</p>
${hasFiles ? html`<p>${say('results.files', { request: whole.id })}</p>` : ''}</div>
${sheetsHtml(head, [sheet])}`
  },
}

const itemsHtml = (items: z.infer<typeof answerSchema>['records'][number]['items']): Html =>
  tableHtml(
    say('results.given'),
    [
      say('terms.item'),
      say('terms.what'),
      say('terms.class'),
      say('terms.value'),
      say('terms.how'),
    ],
    items.map(({ id, element, class: of, treatment, value }) => [
      id,
      element,
      valueWords('item.class', of),
      isKeptFile(value)
        ? say('results.file', { type: value.type, length: value.length })
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
  ['POST', `${request}/review`, entered(say('results.reviewed'), say('results.reviewedSays'))],
  ['POST', `${request}/package`, packed],
  ['POST', `${request}/delivery`, entered(say('results.delivered'), say('results.deliveredSays'))],
  ['POST', '/v1/attestations', said],
  [
    'DELETE',
    `/v1/attestations/${id}`,
    entered(say('results.takenBack'), say('results.takenBackSays')),
  ],
  [
    'POST',
    `/v1/attestations/${id}/objections`,
    entered(say('results.objected'), say('results.objectedSays')),
  ],
]

/** What is shown of the answer to this call; undefined if no page has it signed. */
export const doneBy = (method: string, path: string): Done | undefined =>
  rows.find(([by, form]) => by === method && new RegExp(`^${form}$`).test(path))?.[2]
