/** What would leave on a request, item by item, beside why; and the officer's decision on exactly that. */

import { wouldLeaveSchema } from '../answer/offices/would-leave.ts'
import { type WouldLeaveView, wouldLeaveViewSchema } from '../answer/offices/would-leave-view.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { isKeptFile } from '../decision/record.ts'
import { counted, factWords, subject, valueWords } from '../policy/words.ts'
import type { Done } from './act.ts'
import { subjectWords, treatments } from './answer.ts'
import { factsHidden } from './fact-fields.ts'
import { tokenHtml } from './frame.ts'
import { reasonHtml } from './lines.ts'
import { markHtml, momentHtml, type Term, tableHtml, termsHtml } from './page.ts'
import { sheetsHtml } from './paper.ts'
import { pictureHtml } from './picture.ts'
import type { Visitor } from './visitor.ts'
import { stepWords } from './ways-out.ts'

/** The page after a look that an officer signed. */
export const wouldLeaveDone: Done = {
  title: 'What would leave',
  styles: ['paper.css'],
  main(answer, visitor, { at, path, body, typed }) {
    const view = wouldLeaveViewSchema.parse(answer)
    const looked = { ...wouldLeaveSchema.parse(body), typed }
    const request = path.split('/')[3] ?? ''
    const carried = html`${tokenHtml(visitor.secret)}${carriedHtml(view, looked)}`
    const { agency, officer } = visitor
    const head = {
      ...{ what: `What would leave: ${view.caseReference}`, at, number: view.id },
      who: `For ${officer.id} of ${agency.id}`,
    }
    return html`${sheetsHtml(head, [
      html`${headHtml(view)}${whyNothingHtml(view)}${candidatesHtml(view, request, carried)}`,
      html`${leavesHtml(view, request, carried)}${takenOutHtml(looked, request)}${keptHtml(view)}`,
      html`${againstHtml(view, request, visitor)}${besideHtml(view)}`,
    ])}<div class="noprint">${decisionHtml(view, request, carried, visitor)}</div>`
  },
}

type Looked = ReturnType<typeof wouldLeaveSchema.parse> & { readonly typed: URLSearchParams }

/** The fields by which the next form speaks of the same: what the officer would vouch for, picked and took out. */
const carriedHtml = (view: WouldLeaveView, looked: Looked): Html =>
  html`${hidden('matter', view.matter)}${hidden('holder', view.holder)}${hidden('shown', view.shown)}${factsHidden(looked.facts ?? [])}${looked.record === undefined ? '' : hidden('record', looked.record)}${(looked.takenOut ?? []).map((item) => html`${hidden('takenOut', item)}${hidden(namedBy(item), takenWords(item, looked))}`)}`

/** The field that says in words what an item is: the signed text has its id alone. */
export const namedBy = (item: string): string => `item:${item}`
/** Longest value that stands beside an item's name, characters. */
const valueMax = 60

/** What an earlier look said that an item is, which was taken out since. */
const takenWords = (item: string, { typed }: Pick<Looked, 'typed'>): string =>
  typed.get(namedBy(item)) ?? `item ${item}`

/** An item by what it is, its class and its value. */
function itemWords({ id, element, class: of, value }: WouldLeaveView['items'][number]): string {
  const text = isKeptFile(value) ? 'a picture' : valueText(value)
  const short = text.length > valueMax ? `${text.slice(0, valueMax)}…` : text
  return `${element}, ${valueWords('item.class', of)}: ${short} (item ${id})`
}

const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`

const headHtml = (
  view: WouldLeaveView,
): Html => html`<p><strong>${view.items.length} of ${counted(view.items.length + view.kept.length, 'item')} would leave.</strong> Nothing has left yet.</p>
${termsHtml([
  ['Who asks', `${view.requester}, case ${view.caseReference}`],
  ...describedTerms(view.asked),
  ['About', subjectWords(view.subject)],
  ['Record', matches[view.match]],
  ['This look is the entry', html`<code>${view.id}</code>`],
])}`

/** How whoever asks describes the matter: what a decision is on, beside the record. */
function describedTerms({
  purpose,
  offence: { category, description, maxCustodyMonths },
  stage,
  urgency,
  classes,
  necessity,
}: WouldLeaveView['asked']): readonly Term[] {
  const conduct = description === undefined ? 'not described' : description
  return [
    ['For', `${valueWords('request.purpose', purpose)}; ${valueWords('request.urgency', urgency)}`],
    [
      'Offence, as they say',
      `${valueWords('request.offence.category', category)} (${conduct}), up to ${counted(maxCustodyMonths, 'month')}; ${valueWords('request.stage', stage)}`,
    ],
    ['Asked for', classes.map((of) => valueWords('item.class', of)).join(', ')],
    ['Why they need it', necessity.statement],
  ]
}

/** Where nothing would leave, the sentences against all of it. */
const whyNothingHtml = ({ items, reasons }: WouldLeaveView): Html =>
  items.length > 0 || reasons.length === 0
    ? html``
    : html`<h2>Why nothing would</h2><ul>${reasons.map((each) => html`<li>${reasonHtml(each)}</li>`)}</ul>`

const matches: Readonly<Record<WouldLeaveView['match'], string>> = {
  none: 'none fits',
  one: 'one fits',
  several: 'several fit: pick the one that is the person’s',
  away: 'the holder’s own system is away',
  unseen: 'not looked at: the law forbids it before',
}

const candidatesHtml = ({ candidates }: WouldLeaveView, request: string, carried: Html): Html =>
  candidates.length < 2
    ? html``
    : html`<h2>Which record is the person’s?</h2><form method="post" action="/console/inbox/${request}/look">${carried}
<fieldset><legend>Records that fit</legend>${candidates.map((id) => html`<p><label><input type="radio" name="record" value="${id}" required>${id}</label></p>`)}</fieldset>
<p><button class="second">Show what would leave of it</button></p></form>`

const valueText = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value)

/** Why an item is treated so: the sentences of its rules, with their articles and how well they were checked. */
const whyHtml = ({ reasons }: WouldLeaveView, rules: readonly string[]): Html =>
  html`<ul>${rules.map((rule) => {
    const reason = reasons.find((each) => each.rule === rule)
    return html`<li>${reason === undefined ? rule : reasonHtml(reason)}</li>`
  })}</ul>`

const leavesHtml = (view: WouldLeaveView, request: string, carried: Html): Html =>
  view.items.length === 0
    ? html``
    : html`<form method="post" action="/console/inbox/${request}/look">${carried}
${tableHtml(
  'What would leave, as it would leave',
  ['What', 'Value', 'How', 'Why it may', 'Take out'],
  view.items.map((item) => [
    html`${item.element}<br><span class="soft">${valueWords('item.class', item.class)}</span>`,
    isKeptFile(item.value)
      ? view.pass === undefined
        ? 'a picture: look anew to see it'
        : pictureHtml(
            { request, look: view.id, item: item.id, pass: view.pass },
            item.element,
            item.value,
          )
      : valueText(item.value),
    item.treatment === 'release' ? 'as it is' : markHtml('part', treatments[item.treatment]),
    whyHtml(view, item.rules),
    html`<label class="short"><input type="checkbox" name="takenOut" value="${item.id}">take out<span class="sr"> ${item.element} ${item.id}</span></label>`,
  ]),
)}
${view.items.map((item) => hidden(namedBy(item.id), itemWords(item)))}
<p><button class="second">Show what would leave without what is ticked</button></p></form>`

const takenOutHtml = ({ takenOut = [], typed }: Looked, request: string): Html =>
  takenOut.length === 0
    ? html``
    : html`<p>You took out:</p><ul>${takenOut.map((item) => html`<li>${takenWords(item, { typed })}</li>`)}</ul><p><a href="/console/inbox/${request}">Begin anew</a> to put it back.</p>`

const keptHtml = (view: WouldLeaveView): Html =>
  view.kept.length === 0
    ? html``
    : tableHtml(
        'What would stay',
        ['What', 'Value', 'Why it stays'],
        view.kept.map(({ id, element, class: of, value, rules }) => [
          html`${element ?? html`<code>${id}</code>`}${of === undefined ? '' : html`<br><span class="soft">${valueWords('item.class', of)}</span>`}`,
          value === null ? 'not known here' : valueText(value),
          whyHtml(view, rules),
        ]),
      )

/** What offices said against it; the officer's own office may take back what it said. */
function againstHtml({ against }: WouldLeaveView, request: string, { agency, secret }: Visitor) {
  if (against.length === 0) return html``
  const takeBack = (id: string) =>
    html`<form method="post" action="/console/inbox/${request}/take-back">${tokenHtml(secret)}${hidden('attestation', id)}<button class="second">Take it back …</button></form>`
  return html`<h2>What offices found against it, or doubt</h2><ul>${against.map(
    ({ office, enteredAt, facts, id }) =>
      html`<li>${office}, ${momentHtml(enteredAt)}: ${facts.map(({ fact, value }) => html`${value === undefined ? `doubts ${subject(fact)}` : factWords(fact, value)}; `)} <code>${id}</code>${office === agency.id ? takeBack(id) : ''}</li>`,
  )}</ul>`
}

const besideHtml = ({ earlier, todo, missing, obligations }: WouldLeaveView): Html => html`
${earlier.length === 0 ? '' : html`<h2>The matter was described otherwise before</h2><ul>${earlier.map(({ request: of, decidedAt, asked }) => html`<li>Refused, ${momentHtml(decidedAt)} <code>${of}</code>${asked === undefined ? ': the log says it no more' : termsHtml(describedTerms(asked))}</li>`)}</ul>`}
${todo.length === 0 ? '' : html`<h2>What would still be missing</h2><ul>${[...new Map(todo.map((each) => [factWords(each.fact, each.to) + each.by, each])).values()].map((each) => html`<li>${stepWords(each)}</li>`)}</ul>`}
${missing.length === 0 ? '' : html`<p class="soft">Not known: ${missing.join(', ')}.</p>`}
${obligations.length === 0 ? '' : html`<h2>Duties that would go with it</h2><ul>${obligations.map(({ text, onWhom }) => html`<li>${text} <span class="soft">(${onWhom})</span></li>`)}</ul>`}`

const decisionHtml = (
  view: WouldLeaveView,
  request: string,
  carried: Html,
  { agency }: Visitor,
): Html => html`<h2>Your decision</h2>
<p>It is for this matter alone, on exactly these items. If anything else would leave when ${view.requester} asks again, nothing does, and you are asked anew.</p>
${
  view.items.length === 0
    ? html`<p>Nothing would leave, so there is nothing to release.</p>`
    : html`<form method="post" action="/console/inbox/${request}/release">${carried}${view.items.map(({ id, element }) => hidden('what', `${element} (item ${id})`))}
<p><label for="release-ground">Why you release it <span class="hint">Only ${agency.name}’s side reads it. 8 to 600 characters.</span></label>
<textarea id="release-ground" name="ground" required minlength="8" maxlength="600" rows="3"></textarea></p>
<p><button>Release exactly this: ${counted(view.items.length, 'item')} …</button></p></form>`
}
<form method="post" action="/console/inbox/${request}/decline">${carried}
<p><label for="decline-ground">Why you release nothing <span class="hint">Only ${agency.name}’s side reads it, and ${view.requester} is not told: to have them told, refuse it on its page instead. 8 to 600 characters.</span></label>
<textarea id="decline-ground" name="ground" required minlength="8" maxlength="600" rows="3"></textarea></p>
<p><button class="second">Release nothing of it …</button></p></form>`
