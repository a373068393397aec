/** Whoever asked puts a denial before an officer of the holder, once. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { Plain } from '../audit/look.ts'
import type { OwnAnswer } from '../audit/own-requests.ts'
import { asOneLine } from '../decision/free-text.ts'
import { entryIdSchema } from '../decision/request.ts'
import { reviewSchema } from '../http/bodies.ts'
import { readAs } from '../http/faults.ts'
import { problem } from '../http/problem.ts'
import { signPage } from './act.ts'
import { show, tokenHtml } from './frame.ts'
import { hiddenHtml } from './kept-form.ts'
import type { Looking } from './looking.ts'
import { faultSummary, momentHtml, type Term, type Words } from './page.ts'
import type { PageContext } from './visitor.ts'

/** The form, where the denial can still be put before a person. */
export function reviewHtml({ standing, request }: Plain<OwnAnswer>, secret: string): Html {
  const isHere = [request.receivedBy, request.provided].every((each) => !each)
  const can = standing.outcome === 'deny' && !standing.dryRun && standing.review === undefined
  return can && isHere
    ? html`<details class="noprint"><summary>${say('review.object')}</summary>${formHtml(standing.id, secret, { case: `${standing.holder}: ${request.caseReference}` })}</details>`
    : html``
}

/** Since when a denial is before a person, and who looked. */
export const reviewTerms = ({
  review,
}: Pick<Plain<OwnAnswer>['standing'], 'review'>): readonly Term[] =>
  review === undefined
    ? []
    : [
        [
          say('review.asked'),
          html`${momentHtml(review.askedAt)}${review.askedBy === undefined ? '' : html` ${say('review.by', { who: review.askedBy })}`}; ${review.answeredAt === undefined ? say('review.notYet') : say('review.looked', { by: review.by ?? say('review.holder'), moment: momentHtml(review.answeredAt) })}`,
        ],
      ]

type Given = {
  readonly case: string
  readonly ground?: string
  readonly fault?: Words | undefined
}

function formHtml(id: string, secret: string, { ground = '', fault, ...of }: Given): Html {
  return html`<form method="post" action="/console/answers/${id}/review">${tokenHtml(secret)}${hiddenHtml([['case', of.case]])}
<p>${say('review.says')}</p>
<p><label for="ground">${say('review.why')} <span class="hint">${say('review.hint')}</span>${fault === undefined ? '' : html`<br><span class="bad">✕ ${fault}</span>`}</label>
<textarea id="ground" name="ground" required minlength="8" maxlength="2000" rows="4"${fault === undefined ? '' : html` aria-invalid="true"`}>${ground}</textarea></p>
<p><button class="second">${say('review.put')}</button></p></form>`
}

/** Shows the act, to be signed; or the form again, with its fault. */
export function reviewPage(c: PageContext, { world }: Looking): Response {
  const id = entryIdSchema.safeParse(c.req.param('id')).data
  if (id === undefined) return problem(c.get('traceId'), 'not-found')
  const form = c.get('form')
  const body = { ground: asOneLine(form.get('ground') ?? '') }
  const read = readAs(reviewSchema, body)
  const fix =
    'faults' in read ? say('review.whyFault', { fault: read.faults[0]?.detail ?? '' }) : undefined
  const title = say('review.title')
  // In words beside what is signed, which has the id alone.
  const named = form.get('case') ?? ''
  if (fix !== undefined || form.get('step') === 'edit') {
    const faults = fix === undefined ? [] : [{ field: 'ground', fix }]
    const main = html`${faultSummary(faults)}${formHtml(id, c.get('visitor').secret, { ...body, case: named, fault: fix })}`
    return show(c, world, { title, main, ...(fix !== undefined && { status: 422 }) })
  }
  return signPage(c, world, {
    ...{ title, button: say('review.putDo'), path: `/v1/access-requests/${id}/review`, body },
    says: [
      [say('review.denial'), html`${named} <code>${id}</code>`],
      [say('review.why'), body.ground],
    ],
    back: `/console/answers/${id}`,
  })
}
