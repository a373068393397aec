/**
 * The printable page of an answer that leaves by another way: the data with its markings and duties, or the
 * refusal in words.
 */

import { argued, jurisdictionIn } from '../../decision/argument.ts'
import { isKeptFile } from '../../decision/record.ts'
import type { AccessRequest, Way } from '../../decision/request.ts'
import { confidences } from '../../policy/sentence.ts'
import { classes } from '../../policy/vocabulary.ts'
import { factWords } from '../../policy/words.ts'
import { type Html, headHtml, html } from '../reply/html.ts'
import { dutyHtml, saysHtml } from '../reply/languages.ts'
import type { AnswerBody } from '../reply/reply-schema.ts'

/** The page. The same answer gives the same bytes. */
export function packagePage(
  answer: AnswerBody,
  { caseReference }: Pick<AccessRequest, 'caseReference'>,
  gateway: string,
): string {
  const { outcome, receivedBy, deliverBy, holder, handling, id, decidedAt } = answer
  const number =
    receivedBy === undefined
      ? ''
      : `Your request ${receivedBy.number}, by ${wayWords[receivedBy.way] ?? receivedBy.way}`
  return html`${headHtml(`Answer of ${holder}`)}
<body>
${handling.length === 0 ? '' : html`<p class="note"><strong>${handling.join(' · ')}</strong></p>`}
<h1>${outcomes[outcome]}</h1>
<dl>
<dt>From</dt><dd>${holder}</dd>
<dt>To</dt><dd>${receivedBy === undefined ? `the agency that asked, by ${wayWords[deliverBy ?? ''] ?? deliverBy}` : `${receivedBy.from.name}, ${receivedBy.from.jurisdiction}`}</dd>
${number === '' ? '' : html`<dt>Reference</dt><dd>${number}</dd>`}
<dt>Your case</dt><dd>${caseReference}</dd>
<dt>Decided</dt><dd>${moment(decidedAt)}, ${decidedBy(answer)}</dd>
<dt>Entry</dt><dd><code>${id}</code></dd>
</dl>
${answer.records.flatMap(({ items }) => items).length === 0 ? '' : itemsHtml(answer)}
${answer.reasons.length === 0 ? '' : reasonsHtml(answer)}
${answer.todo.length === 0 ? '' : todoHtml(answer)}
${dutiesHtml(answer)}
<h2>Proof</h2>
<p>The answer is an entry of the decision log of ${gateway}. Who holds this receipt can show that it is:</p>
<p><code>${answer.receipt}</code></p>
</body>
</html>
`.write('en')
}

const outcomes = {
  release: 'The data that was asked for',
  redact: 'Part of the data that was asked for',
  deny: 'Nothing can be given',
} as const satisfies Readonly<Record<AnswerBody['outcome'], string>>

/** Other ways, as people call them. */
export const wayWords: Readonly<Record<string, string>> = {
  siena: 'SIENA',
  'i-24-7': 'I-24/7',
  sirene: 'SIRENE',
  'e-codex': 'e-CODEX',
  letter: 'letter',
} satisfies Readonly<Record<Way, string>>

/** A day or a moment, as people read it. */
const moment = (at: string): string =>
  at.length === 10 ? at : `${at.slice(0, 10)}, ${at.slice(11, 16)} UTC`

const decidedBy = ({ decidedBy: by }: AnswerBody): string =>
  by?.kind === 'officer' ? `by an officer of ${by.office}` : 'by rule'

const itemsHtml = ({ records }: AnswerBody): Html => html`<h2>Data</h2>
<dl>${records
  .flatMap(({ items }) => items)
  .map(
    ({ element, class: of, treatment, value }) =>
      html`<dt>${element}</dt><dd>${textOf(value)} <small>(${classes[of]}${treatments[treatment]})</small></dd>`,
  )}</dl>`

const treatments = {
  release: '',
  generalise: '; made less exact',
  mask: '; in part',
  pseudonymise: '; a pseudonym for this case',
  withhold: '; kept back',
} as const satisfies Readonly<
  Record<AnswerBody['records'][number]['items'][number]['treatment'], string>
>

const textOf = (value: AnswerBody['records'][number]['items'][number]['value']): string =>
  isKeptFile(value)
    ? `a file beside this page: ${value.type}, ${value.length} bytes, commitment ${value.digest} with the salt ${value.salt}`
    : typeof value === 'object'
      ? Object.entries(value)
          .map(([name, each]) => `${name}: ${each}`)
          .join(', ')
      : String(value)

function reasonsHtml(answer: AnswerBody): Html {
  const { decisive, further } = argued(answer, jurisdictionIn(answer.holder))
  const list = (reasons: AnswerBody['reasons']) =>
    html`<ul>${reasons.map(
      ({ cites, confidence, ...said }) =>
        html`<li>${saysHtml(said)} <cite>${cites.join('; ')}</cite>${cites.length === 0 || confidence.startsWith('V') ? '' : html` <em>(${confidences[confidence]})</em>`}</li>`,
    )}</ul>`
  return html`<h2>Why</h2>
${list([...decisive])}
${further.length === 0 ? '' : html`<h3>Further reasons</h3>${list([...further])}`}`
}

const offices = {
  'holder-officer': 'an officer of the holder',
  'holder-ministry': 'the holder’s central authority',
  originator: 'the originator of the data',
} as const satisfies Readonly<Record<AnswerBody['todo'][number]['by'], string>>

/** What an open refusal waits for: one list for each way out of it. */
function todoHtml({ todo }: AnswerBody): Html {
  const alternatives = [...Map.groupBy(todo, ({ alternative }) => alternative).values()]
  return html`<h2>What could change it</h2>
<p>The refusal is open: ask again once all of ${alternatives.length === 1 ? 'this' : 'one of these lists'} is attested.</p>
${alternatives.map(
  (steps) =>
    html`<ul>${steps.map(
      ({ fact, to, by, due }) =>
        html`<li>${factWords(fact, to)}; from ${offices[by]}${due === undefined ? '' : `, by ${moment(due)}`}</li>`,
    )}</ul>
`,
)}`
}

function dutiesHtml({ obligations }: AnswerBody): Html {
  const yours = obligations.filter(({ onWhom }) => onWhom === 'requester')
  return yours.length === 0
    ? html``
    : html`<h2>Duties</h2>
<ul>${yours.map(
        ({ cites, due, ...duty }) =>
          html`<li>${dutyHtml(duty)}${due === undefined ? '' : ` By ${moment(due)}.`} <cite>${cites.join('; ')}</cite></li>`,
      )}</ul>`
}
