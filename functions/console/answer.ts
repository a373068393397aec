/** One answer on one page: what was asked, what came of it and why, with markings and duties; to read and to print. */

import { type Html, html } from '../answer/reply/html.ts'
import { dutyHtml } from '../answer/reply/languages.ts'
import { type AnswerBody, answerSchema, type Reply } from '../answer/reply/reply-schema.ts'
import { say } from '../answer/reply/say.ts'
import { ownWork, type Plain } from '../audit/look.ts'
import { type OwnAnswer, ownLooks } from '../audit/own-requests.ts'
import { jurisdictionIn } from '../decision/argument.ts'
import { isKeptFile } from '../decision/record.ts'
import { type AccessRequest, accessRequestSchema } from '../decision/request.ts'
import { inCallersLanguages } from '../http/accept-language.ts'
import { classes } from '../policy/vocabulary.ts'
import { valueWords } from '../policy/words.ts'
import type { Done } from './act.ts'
import { show } from './frame.ts'
import { argumentHtml, firstReasonHtml, outcomeHtml } from './lines.ts'
import { type Looking, lookOnPage } from './looking.ts'
import { markHtml, momentHtml, type Term, tableHtml, termsHtml, type Words } from './page.ts'
import { sheetsHtml } from './paper.ts'
import { dueHtml, firstPhoneHtml, phonesHtml, responseTerms } from './requests.ts'
import { reviewHtml, reviewTerms } from './review.ts'
import type { PageContext } from './visitor.ts'
import { waysOutHtml } from './ways-out.ts'

/** The page. A session shows what was decided and never the data, as the API's own look-up does. */
export async function answerPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const id = c.req.param('id') ?? ''
  const looked = await lookOnPage(c, ownLooks.answer, { purpose: ownWork }, looking, { id })
  if ('response' in looked) return looked.response
  if ('faults' in looked) return c.redirect('/console/requests', 303)
  const { agency, officer, secret } = c.get('visitor')
  const at = world.now().toISOString()
  const standing = await inCallersLanguages(c, looked.answer.standing, world.law)
  const whole = { ...looked.answer, standing }
  const head = { who: say('terms.officerOf', { officer: officer.id, agency: agency.id }), at }
  const main = html`${answerHtml(whole, head)}${reviewHtml(whole, secret)}`
  return show(c, world, { title: titleOf(looked.answer), main, styles: ['paper.css'] })
}

/** An answer as a page has it: how it stands, and the data where it comes with it. */
export type AnswerToShow = Plain<OwnAnswer> & { readonly records?: AnswerBody['records'] }

/** What the page of an answer is called. */
export const titleOf = ({ request, standing }: AnswerToShow): Html =>
  say('answer.title', { holder: standing.holder, reference: request.caseReference })

/** A title, and the markings of what it is of. */
export const markedWith = (title: Html, handling: readonly string[]): Html =>
  html`${title}${handling.map((each) => html` · ${each}`)}`

/** The answer, each part under the head that every sheet has. */
export function answerHtml(
  answer: AnswerToShow,
  { who, at }: { readonly who: Words; readonly at: string },
): Html {
  const { standing, request, askedAgain } = answer
  const marked = markedWith(titleOf(answer), standing.handling)
  const head = { what: marked, who: say('answer.for', { who }), at, number: standing.id }
  const isDenied = standing.outcome === 'deny'
  // Of a denial, first why, what would help and whom to phone: that is one screen of a telephone. On paper all is open.
  const folded = (title: Html, part: Html) =>
    isDenied ? html`<details><summary>${title}</summary>${part}</details>` : part
  return sheetsHtml(head, [
    markingsHtml(standing.handling),
    html`<p>${outcomeHtml(standing.outcome, standing.standing)}${standing.dryRun ? html` ${say('terms.dryRun')}` : ''} ${decidedBy(standing)}</p>
${isDenied ? firstReasonHtml(standing, jurisdictionIn(standing.holder)) : ''}${standing.review === undefined ? '' : termsHtml(reviewTerms(standing))}${askedAgain ? html`<div class="panel"><p>${say('answer.askedAgain')}</p></div>` : ''}`,
    waitsHtml(answer, at),
    folded(say('answer.foldAsked'), aboutHtml(answer)),
    dataHtml(answer, request),
    folded(say('answer.foldReasons'), whyHtml(standing)),
    dutiesHtml(standing),
    proofHtml(standing),
  ])
}

/** The answer to a request that the officer's passkey signed: with the data, as any answer to a signed call. */
export const answerDone: Done = {
  title: say('answer.theAnswer'),
  styles: ['paper.css'],
  main: (answer, { agency, officer }, { body }) => {
    const { records, ...reply } = answerSchema.parse(answer)
    const request = accessRequestSchema.parse(body)
    const waits =
      request.receivedBy === undefined
        ? html``
        : html`<div class="panel noprint"><p>${say('answer.waits', { a: (words) => html`<a href="/console/inbox/${reply.id}">${words}</a>`, does: reply.standing === 'open' ? say('answer.waitsRelease') : say('answer.waitsPackage') })}</p></div>`
    return html`${waits}${answerHtml(
      { standing: reply, records, request, officer: officer.id, askedAgain: false },
      {
        who: say('terms.officerOf', { officer: officer.id, agency: agency.id }),
        at: reply.decidedAt,
      },
    )}`
  },
}

type Standing = AnswerToShow['standing']

const markingsHtml = (handling: readonly string[]): Html =>
  handling.length === 0 ? html`` : html`<p class="marking">${handling.join(' · ')}</p>`

const decidedBy = ({ decidedBy: by }: Standing): Html =>
  by?.kind === 'officer' ? say('terms.byOfficer', { office: by.office }) : say('terms.byRule')

/** Whom somebody asked for, as they were asked for. */
export function subjectWords(subject: AccessRequest['subject']): Html {
  if ('recordId' in subject) return say('subject.record', { record: subject.recordId })
  if ('document' in subject)
    return say('subject.document', {
      number: subject.document.number,
      country: subject.document.country,
    })
  const { name, birthDate } = subject
  return say('subject.name', { given: name.given, family: name.family, day: birthDate })
}

function aboutHtml({ standing, request, officer }: AnswerToShow): Html {
  const { offence, necessity } = request
  const terms: readonly Term[] = [
    [say('terms.number'), html`<code>${standing.id}</code>`],
    [
      say('terms.asked'),
      say('terms.momentBy', { moment: momentHtml(standing.decidedAt), who: officer }),
    ],
    [say('terms.holder'), standing.holder],
    [say('terms.case'), request.caseReference],
    [say('answer.person'), subjectWords(request.subject)],
    [
      say('terms.for'),
      `${valueWords('request.purpose', request.purpose)}; ${valueWords('request.offence.category', offence.category)}${offence.description === undefined ? '' : ` (${offence.description})`}`,
    ],
    [say('ask.whyNeeded'), necessity.statement],
    ...(standing.receivedBy === undefined
      ? []
      : [[say('terms.askedFor'), standing.receivedBy.from.name] as const]),
    ...(standing.delivery === undefined
      ? []
      : [
          [
            say('answer.sent'),
            say('answer.sentBy', {
              by: standing.delivery.by,
              number: standing.delivery.number,
              moment: momentHtml(standing.delivery.sentAt),
            }),
          ] as const,
        ]),
  ]
  return termsHtml(terms)
}

/**
 * Of an open answer: until when, whom to phone, and what would help. Of any other, that it is worth asking again, once an
 * officer released something.
 */
function waitsHtml({ standing, request, askedAgain }: AnswerToShow, now: string): Html {
  const isOpen = standing.standing === 'open'
  if (!isOpen && !standing.cured) return html``
  // What came or goes by another way is asked again by that way.
  const isHere = [request.receivedBy, request.deliverBy, request.provided].every((each) => !each)
  const { cured, id } = standing
  const said = responseTerms(standing)
  const again =
    askedAgain || !isHere
      ? html``
      : html`<p><a class="button${cured ? '' : ' second'}" href="/console/ask?previous=${id}">${say('terms.askAgain')}</a></p>`
  const worth = html`<p>${say(isOpen ? 'terms.cured' : 'terms.released', { now: markHtml('good', say('terms.askAgainNow')) })}</p>${again}`
  if (!isOpen) return askedAgain ? html`` : worth
  return html`${cured ? worth : ''}
${firstPhoneHtml(standing)}${said.length === 0 ? '' : termsHtml(said)}
${waysOutHtml(standing, html`<h2>${say('ways.help')}</h2>`)}
${termsHtml([
  [say('terms.answerDue'), dueHtml(standing, now)],
  [say('terms.phone'), phonesHtml(standing, now)],
])}${cured ? '' : again}`
}

/** The data where it is here; else which classes were given, and where the data is. */
function dataHtml(
  { standing, records }: AnswerToShow,
  { classes: asked }: Plain<AccessRequest>,
): Html {
  const items = (records ?? []).flatMap((record) => record.items)
  const kept = asked.filter((of) => standing.classes[of] !== 'released')
  if (items.length > 0)
    return html`<h2>${say('answer.data')}</h2>
${tableHtml(
  say('answer.given'),
  [say('terms.item'), say('terms.value'), say('terms.class'), say('terms.how')],
  items.map(({ id, element, class: of, treatment, value }) => [
    html`${element} <span class="soft">${id}</span>`,
    isKeptFile(value)
      ? say('answer.file', {
          type: value.type,
          length: value.length,
          request: standing.id,
          item: id,
          digest: value.digest,
        })
      : html`<span class="value">${textOf(value)}</span>`,
    classes[of],
    treatments[treatment],
  ]),
)}
${kept.length === 0 ? '' : html`<p>${markHtml('bad', say('answer.notGiven'))}: ${kept.map((of) => classes[of]).join(', ')}.</p>`}`
  const { dryRun } = standing
  const given = !dryRun && Object.values(standing.classes).includes('released')
  return html`<h2>${say(dryRun ? 'answer.whatWould' : 'answer.whatGiven')}</h2>
<ul>${asked.map((of) => html`<li>${classes[of]}: ${standing.classes[of] === 'released' ? markHtml('good', say('answer.isGiven')) : markHtml('bad', say('answer.isNot'))}</li>`)}</ul>
${given ? html`<p>${say('answer.dataWas')}</p>` : ''}`
}

/** What became of an item, to whoever reads its value. */
export const treatments = {
  release: say('treatments.release'),
  generalise: say('treatments.generalise'),
  mask: say('treatments.mask'),
  pseudonymise: say('treatments.pseudonymise'),
  withhold: say('treatments.withhold'),
} as const

/** A value in words, but for a file. */
export const textOf = (value: AnswerBody['records'][number]['items'][number]['value']): string =>
  typeof value === 'object' ? Object.values(value).join(', ') : String(value)

/** Why, as a lawyer would say it: each rule in its sentence, with its articles and how well they were checked. */
export const whyHtml = (
  standing: Plain<Omit<Reply, 'id'>>,
): Html => html`<h2>${say('terms.why')}</h2>
${
  standing.reasons.length === 0
    ? html`<p>${say('answer.nothingAgainst')}</p>`
    : argumentHtml(standing, jurisdictionIn(standing.holder))
}
<p class="soft">${say('answer.lawOf', { laws: standing.policies.filter(({ id: law }) => standing.reasons.some(({ rule }) => rule.startsWith(`${law}/`))).map(({ id, version }, i) => html`${i === 0 ? '' : ', '}<a href="/console/law/${id}@${version}">${id}@${version}</a>`) })}</p>`

/** Duties of whoever got it, then those that the holder took on itself. */
const dutiesHtml = (standing: Standing): Html =>
  html`${dutiesOn('requester', say('terms.yourDuties'), standing)}${dutiesOn('holder', say('answer.holderDuties'), standing)}`

/** The duties of one side; nothing, if it has none. */
export function dutiesOn(
  party: 'requester' | 'holder',
  heading: Words,
  { obligations }: Pick<Standing, 'obligations'>,
): Html {
  const all = obligations.filter(({ onWhom }) => onWhom === party)
  return all.length === 0
    ? html``
    : html`<h2>${heading}</h2>
<ul>${all.map(({ due, cites, ...duty }) => html`<li>${dutyHtml(duty)}${due === undefined ? '' : html` <strong>${say('terms.dutyBy', { day: due.length === 10 ? due : momentHtml(due) })}</strong>`} <span class="soft">${cites.join('; ')} [${duty.code}]</span></li>`)}</ul>`
}

const proofHtml = ({ receipt }: Standing): Html => html`<h2>${say('answer.receipt')}</h2>
<p>${say('answer.receiptSays')}</p>
<details><summary>${say('terms.theReceipt')}</summary><pre>${receipt}</pre></details>`
