/**
 * The printable page of an answer that leaves by another way: the data with its markings and duties, or the
 * refusal in words.
 */

import { argued, jurisdictionIn, waysByClass } from '../../decision/argument.ts'
import { isKeptFile } from '../../decision/record.ts'
import type { AccessRequest, Way } from '../../decision/request.ts'
import { confidences } from '../../policy/sentence.ts'
import { classes } from '../../policy/vocabulary.ts'
import { factWords, valueWords } from '../../policy/words.ts'
import { type Html, headHtml, html } from '../reply/html.ts'
import { dutyHtml, saysHtml } from '../reply/languages.ts'
import type { AnswerBody } from '../reply/reply-schema.ts'
import { say } from '../reply/say.ts'

/** The page. The same answer gives the same bytes. */
export function packagePage(
  answer: AnswerBody,
  { caseReference }: Pick<AccessRequest, 'caseReference'>,
  gateway: string,
): string {
  const { receivedBy, deliverBy, holder, handling, id, decidedAt } = answer
  const number =
    receivedBy === undefined
      ? undefined
      : say('package.yourRequest', {
          number: receivedBy.number,
          way: wayWords[receivedBy.way] ?? receivedBy.way,
        })
  return html`${headHtml(say('results.answerOf', { holder }))}
<body>
${handling.length === 0 ? '' : html`<p class="note"><strong>${handling.join(' · ')}</strong></p>`}
<h1>${titleOf(answer)}</h1>
<dl>
<dt>${say('terms.from')}</dt><dd>${holder}</dd>
<dt>${say('results.to')}</dt><dd>${receivedBy === undefined ? say('package.toAgency', { way: wayWords[deliverBy ?? ''] ?? deliverBy }) : `${receivedBy.from.name}, ${receivedBy.from.jurisdiction}`}</dd>
${number === undefined ? '' : html`<dt>${say('package.reference')}</dt><dd>${number}</dd>`}
<dt>${say('ask.caseYour')}</dt><dd>${caseReference}</dd>
<dt>${say('results.decided')}</dt><dd>${moment(decidedAt)}, ${decidedBy(answer)}</dd>
<dt>${say('terms.entry')}</dt><dd><code>${id}</code></dd>
</dl>
${answer.records.flatMap(({ items }) => items).length === 0 ? '' : itemsHtml(answer)}
${answer.reasons.length === 0 ? '' : reasonsHtml(answer)}
${answer.todo.length === 0 ? '' : todoHtml(answer)}
${dutiesHtml(answer)}
<h2>${say('entry.proof')}</h2>
<p>${say('package.proofSays', { gateway })}</p>
<p><code>${answer.receipt}</code></p>
</body>
</html>
`.write('en')
}

function titleOf({ outcome, standing }: AnswerBody): Html {
  const isOpen = standing === 'open'
  if (outcome === 'release') return say('package.outcomes.release')
  if (outcome === 'redact')
    return isOpen ? say('package.outcomes.redactOpen') : say('package.outcomes.redact')
  return isOpen ? say('package.outcomes.open') : say('package.outcomes.deny')
}

/** Other ways, as people call them. */
export const wayWords: Readonly<Record<string, string | Html>> = {
  siena: 'SIENA',
  'i-24-7': 'I-24/7',
  sirene: 'SIRENE',
  'e-codex': 'e-CODEX',
  letter: say('package.letter'),
} satisfies Readonly<Record<Way, string | Html>>

/** A day or a moment, as people read it. */
const moment = (at: string): string | Html =>
  at.length === 10 ? at : say('evidence.second', { day: at.slice(0, 10), time: at.slice(11, 16) })

const decidedBy = ({ decidedBy: by }: AnswerBody): Html =>
  by?.kind === 'officer' ? say('package.byOfficer', { office: by.office }) : say('package.byRule')

const itemsHtml = ({ records }: AnswerBody): Html => html`<h2>${say('package.data')}</h2>
<dl>${records
  .flatMap(({ items }) => items)
  .map(
    ({ element, class: of, treatment, value }) =>
      html`<dt>${element}</dt><dd>${textOf(value)} <small>(${classes[of]}${treatments[treatment]})</small></dd>`,
  )}</dl>`

const treatments = {
  release: '',
  generalise: say('package.treatments.generalise'),
  mask: say('package.treatments.mask'),
  pseudonymise: say('package.treatments.pseudonymise'),
  withhold: say('package.treatments.withhold'),
} as const satisfies Readonly<
  Record<AnswerBody['records'][number]['items'][number]['treatment'], string | Html>
>

const textOf = (value: AnswerBody['records'][number]['items'][number]['value']): string | Html =>
  isKeptFile(value)
    ? say('package.file', {
        type: value.type,
        length: value.length,
        digest: value.digest,
        salt: value.salt,
      })
    : typeof value === 'object'
      ? Object.entries(value)
          .map(([name, each]) => `${name}: ${each}`)
          .join(', ')
      : String(value)

/** Why: what was found. What nobody found is no ground; it stands apart while somebody can still check it. */
function reasonsHtml(answer: AnswerBody): Html {
  const { decisive, toCheck, further } = argued(answer, jurisdictionIn(answer.holder))
  const list = (reasons: AnswerBody['reasons']) =>
    html`<ul>${reasons.map(
      ({ cites, confidence, ...said }) =>
        html`<li>${saysHtml(said)} <cite>${cites.join('; ')}</cite>${cites.length === 0 || confidence.startsWith('V') ? '' : html` <em>(${confidences[confidence]})</em>`}</li>`,
    )}</ul>`
  return html`${
    decisive.length === 0
      ? ''
      : html`<h2>${say('terms.why')}</h2>
${list([...decisive])}`
  }
${toCheck.length === 0 || answer.standing !== 'open' ? '' : html`<h2>${say('lines.toCheck')}</h2>${list([...toCheck])}`}
${further.length === 0 ? '' : html`<h3>${say('package.further')}</h3>${list([...further])}`}`
}

const offices = {
  'holder-officer': say('ways.sayers.holder-officer'),
  'holder-ministry': say('package.authority'),
  originator: say('ways.sayers.originator'),
} as const satisfies Readonly<Record<AnswerBody['todo'][number]['by'], Html>>

/** What an open answer waits for: of each class, one list for each way out of it. */
const todoHtml = ({ todo }: AnswerBody): Html => html`<h2>${say('package.change')}</h2>
${waysByClass(todo).map(
  ({ classes: freed, ways }) =>
    html`<p>${freed.length === 0 ? '' : html`${say('ways.of', { classes: freed.map((of) => valueWords('item.class', of)).join(', ') })} `}${say('package.open', { n: ways.length })}</p>
${ways.map(wayHtml)}`,
)}`

const wayHtml = (steps: readonly AnswerBody['todo'][number][]): Html =>
  html`<ul>${steps.map(
    ({ fact, to, by, due }) =>
      html`<li>${say('package.step', { fact: factWords(fact, to), office: offices[by] })}${due === undefined ? '' : say('entry.dutyBy', { day: moment(due) })}</li>`,
  )}</ul>
`

function dutiesHtml({ obligations }: AnswerBody): Html {
  const yours = obligations.filter(({ onWhom }) => onWhom === 'requester')
  return yours.length === 0
    ? html``
    : html`<h2>${say('terms.duties')}</h2>
<ul>${yours.map(
        ({ cites, due, ...duty }) =>
          html`<li>${dutyHtml(duty)}${due === undefined ? '' : html` ${say('terms.dutyBy', { day: moment(due) })}`} <cite>${cites.join('; ')}</cite></li>`,
      )}</ul>`
}
