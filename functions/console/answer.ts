/** One answer on one page: what was asked, what came of it and why, with markings and duties; to read and to print. */

import { type Html, html } from '../answer/reply/html.ts'
import { dutyHtml } from '../answer/reply/languages.ts'
import { type AnswerBody, answerSchema, type Reply } from '../answer/reply/reply-schema.ts'
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
import { markHtml, momentHtml, type Term, tableHtml, termsHtml } from './page.ts'
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
  const head = { who: `${officer.id} of ${agency.id}`, at }
  const main = html`${answerHtml(whole, head)}${reviewHtml(whole, secret)}`
  return show(c, world, { title: titleOf(looked.answer), main, styles: ['paper.css'] })
}

/** An answer as a page has it: how it stands, and the data where it comes with it. */
export type AnswerToShow = Plain<OwnAnswer> & { readonly records?: AnswerBody['records'] }

/** What the page of an answer is called. */
export const titleOf = ({ request, standing }: AnswerToShow): string =>
  `Answer of ${standing.holder}: ${request.caseReference}`

/** The answer, each part under the head that every sheet has. */
export function answerHtml(
  answer: AnswerToShow,
  { who, at }: { readonly who: string; readonly at: string },
): Html {
  const { standing, request, askedAgain } = answer
  const marked = [titleOf(answer), ...standing.handling].join(' · ')
  const head = { what: marked, who: `For ${who}`, at, number: standing.id }
  const isDenied = standing.outcome === 'deny'
  // Of a denial, first why, what would help and whom to phone: that is one screen of a telephone. On paper all is open.
  const folded = (title: string, part: Html) =>
    isDenied ? html`<details><summary>${title}</summary>${part}</details>` : part
  return sheetsHtml(head, [
    markingsHtml(standing.handling),
    html`<p>${outcomeHtml(standing.outcome, standing.standing)}${standing.dryRun ? ' A dry run: nothing could leave.' : ''} ${decidedBy(standing)}</p>
${isDenied ? firstReasonHtml(standing, jurisdictionIn(standing.holder)) : ''}${standing.review === undefined ? '' : termsHtml(reviewTerms(standing))}${askedAgain ? html`<div class="panel"><p>It was asked again since: that answer stands, and this one no longer waits.</p></div>` : ''}`,
    waitsHtml(answer, at),
    folded('What was asked, and its number', aboutHtml(answer)),
    dataHtml(answer, request),
    folded('Every reason, and the law of that day', whyHtml(standing)),
    dutiesHtml(standing),
    proofHtml(standing),
  ])
}

/** The answer to a request that the officer's passkey signed: with the data, as any answer to a signed call. */
export const answerDone: Done = {
  title: 'The answer',
  styles: ['paper.css'],
  main: (answer, { agency, officer }, { body }) => {
    const { records, ...reply } = answerSchema.parse(answer)
    const request = accessRequestSchema.parse(body)
    const waits =
      request.receivedBy === undefined
        ? html``
        : html`<div class="panel noprint"><p>It waits in your inbox once it is in the log, within seconds: <a href="/console/inbox/${reply.id}">there</a> you ${reply.standing === 'open' ? 'say what is missing, or release it; then you enter it again' : 'make the package to be sent'}.</p></div>`
    return html`${waits}${answerHtml(
      { standing: reply, records, request, officer: officer.id, askedAgain: false },
      { who: `${officer.id} of ${agency.id}`, at: reply.decidedAt },
    )}`
  },
}

type Standing = AnswerToShow['standing']

const markingsHtml = (handling: readonly string[]): Html =>
  handling.length === 0 ? html`` : html`<p class="marking">${handling.join(' · ')}</p>`

const decidedBy = ({ decidedBy: by }: Standing): string =>
  by?.kind === 'officer' ? `Decided by an officer of ${by.office}.` : 'Decided by rule alone.'

/** Whom somebody asked for, as they were asked for. */
export function subjectWords(subject: AccessRequest['subject']): string {
  if ('recordId' in subject) return `the record ${subject.recordId}`
  if ('document' in subject)
    return `document ${subject.document.number} of ${subject.document.country}`
  const { name, birthDate } = subject
  return `${name.given} ${name.family}, born ${birthDate}`
}

function aboutHtml({ standing, request, officer }: AnswerToShow): Html {
  const { offence, necessity } = request
  const terms: readonly Term[] = [
    ['Number', html`<code>${standing.id}</code>`],
    ['Asked', html`${momentHtml(standing.decidedAt)}, by ${officer}`],
    ['Holder', standing.holder],
    ['Case', request.caseReference],
    ['Person', subjectWords(request.subject)],
    [
      'For',
      `${valueWords('request.purpose', request.purpose)}; ${valueWords('request.offence.category', offence.category)}${offence.description === undefined ? '' : ` (${offence.description})`}`,
    ],
    ['Why it is needed', necessity.statement],
    ...(standing.receivedBy === undefined
      ? []
      : [['Asked for', standing.receivedBy.from.name] as const]),
    ...(standing.delivery === undefined
      ? []
      : [
          [
            'Sent',
            html`by ${standing.delivery.by}, number ${standing.delivery.number}, ${momentHtml(standing.delivery.sentAt)}`,
          ] as const,
        ]),
  ]
  return termsHtml(terms)
}

/** Of an open denial: until when, whom to phone, and what would help. */
function waitsHtml({ standing, request, askedAgain }: AnswerToShow, now: string): Html {
  if (standing.standing !== 'open') return html``
  // What came or goes by another way is asked again by that way.
  const isHere = [request.receivedBy, request.deliverBy, request.provided].every((each) => !each)
  const { cured, id } = standing
  const said = responseTerms(standing)
  const again =
    askedAgain || !isHere
      ? html``
      : html`<p><a class="button${cured ? '' : ' second'}" href="/console/ask?previous=${id}">Ask again</a></p>`
  return html`${cured ? html`<p>${markHtml('good', 'Ask again now')}: all that was missing is attested.</p>${again}` : ''}
${firstPhoneHtml(standing)}${said.length === 0 ? '' : termsHtml(said)}
${waysOutHtml(standing, html`<h2>What would help</h2>`)}
${termsHtml([
  ['Answer due', dueHtml(standing, now)],
  ['Phone', phonesHtml(standing, now)],
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
    return html`<h2>The data</h2>
${tableHtml(
  'Items that were given',
  ['Item', 'Value', 'Class', 'How'],
  items.map(({ id, element, class: of, treatment, value }) => [
    html`${element} <span class="soft">${id}</span>`,
    isKeptFile(value)
      ? html`a file, ${value.type}, ${value.length} bytes: your agency fetches it by a signed call within 15 minutes, <code>comity request file ${standing.id} --item ${id}</code>. Digest <code>${value.digest}</code>`
      : html`<span class="value">${textOf(value)}</span>`,
    classes[of],
    treatments[treatment],
  ]),
)}
${kept.length === 0 ? '' : html`<p>${markHtml('bad', 'Not given')}: ${kept.map((of) => classes[of]).join(', ')}.</p>`}`
  const { dryRun } = standing
  const given = !dryRun && Object.values(standing.classes).includes('released')
  return html`<h2>What ${dryRun ? 'would be' : 'was'} given</h2>
<ul>${asked.map((of) => html`<li>${classes[of]}: ${standing.classes[of] === 'released' ? markHtml('good', 'given') : markHtml('bad', 'not given')}</li>`)}</ul>
${given ? html`<p>The data itself was in the answer to your agency’s signed call. A login shows none: the same call, sent again, gives it again while it is unchanged.</p>` : ''}`
}

/** What became of an item, to whoever reads its value. */
export const treatments = {
  release: 'as it is held',
  generalise: 'made less exact',
  mask: 'in part',
  pseudonymise: 'a pseudonym for this case',
  withhold: 'kept back',
} as const

/** A value in words, but for a file. */
export const textOf = (value: AnswerBody['records'][number]['items'][number]['value']): string =>
  typeof value === 'object' ? Object.values(value).join(', ') : String(value)

/** Why, as a lawyer would say it: each rule in its sentence, with its articles and how well they were checked. */
export const whyHtml = (standing: Plain<Omit<Reply, 'id'>>): Html => html`<h2>Why</h2>
${
  standing.reasons.length === 0
    ? html`<p>Every law that applies lets it be given.</p>`
    : argumentHtml(standing, jurisdictionIn(standing.holder))
}
<p class="soft">By the law of that day: ${standing.policies.map(({ id, version }, i) => html`${i === 0 ? '' : ', '}<a href="/console/law/${id}@${version}">${id}@${version}</a>`)}.</p>`

/** Duties of whoever got it, then those that the holder took on itself. */
const dutiesHtml = (standing: Standing): Html =>
  html`${dutiesOn('requester', 'Your duties', standing)}${dutiesOn('holder', 'Duties of the holder', standing)}`

/** The duties of one side; nothing, if it has none. */
export function dutiesOn(
  party: 'requester' | 'holder',
  heading: string,
  { obligations }: Pick<Standing, 'obligations'>,
): Html {
  const all = obligations.filter(({ onWhom }) => onWhom === party)
  return all.length === 0
    ? html``
    : html`<h2>${heading}</h2>
<ul>${all.map(({ due, cites, ...duty }) => html`<li>${dutyHtml(duty)}${due === undefined ? '' : html` <strong>By ${due.length === 10 ? due : momentHtml(due)}.</strong>`} <span class="soft">${cites.join('; ')} [${duty.code}]</span></li>`)}</ul>`
}

const proofHtml = ({ receipt }: Standing): Html => html`<h2>Receipt</h2>
<p>The gateway’s signed word that the answer is in the log. Whoever holds it can have it proved.</p>
<details><summary>The receipt</summary><pre>${receipt}</pre></details>`
