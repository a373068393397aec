/** What would leave on a request, item by item, beside why; and the officer's decision on exactly that. */

import { wouldLeaveSchema } from '../answer/offices/would-leave.ts'
import { type WouldLeaveView, wouldLeaveViewSchema } from '../answer/offices/would-leave-view.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { isKeptFile } from '../decision/record.ts'
import { factWords, subject, valueWords } from '../policy/words.ts'
import type { Done } from './act.ts'
import { subjectWords, treatments } from './answer.ts'
import { factsHidden } from './fact-fields.ts'
import { tokenHtml } from './frame.ts'
import { reasonHtml } from './lines.ts'
import { markHtml, momentHtml, type Term, tableHtml, termsHtml, type Words } from './page.ts'
import { sheetsHtml } from './paper.ts'
import { pictureHtml } from './picture.ts'
import type { Visitor } from './visitor.ts'
import { waysOutHtml } from './ways-out.ts'

/** The page after a look that an officer signed. */
export const wouldLeaveDone: Done = {
  title: say('waiting.look'),
  styles: ['paper.css'],
  main(answer, visitor, { at, path, body, typed }) {
    const view = wouldLeaveViewSchema.parse(answer)
    const looked = { ...wouldLeaveSchema.parse(body), typed }
    const request = path.split('/')[3] ?? ''
    const carried = html`${tokenHtml(visitor.secret)}${carriedHtml(view, looked)}`
    const { agency, officer } = visitor
    const head = {
      ...{ what: say('leave.of', { reference: view.caseReference }), at, number: view.id },
      who: say('leave.forOf', { officer: officer.id, agency: agency.id }),
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
const takenWords = (item: string, { typed }: Pick<Looked, 'typed'>): Words =>
  typed.get(namedBy(item)) ?? say('leave.item', { item })

/** An item by what it is, its class and its value. */
function itemWords({ id, element, class: of, value }: WouldLeaveView['items'][number]): Html {
  const text = isKeptFile(value) ? '' : valueText(value)
  const short = isKeptFile(value)
    ? say('leave.picture')
    : text.length > valueMax
      ? `${text.slice(0, valueMax)}…`
      : text
  return say('leave.named', { element, class: valueWords('item.class', of), value: short, id })
}

const hidden = (name: string, value: Words): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`

const headHtml = (
  view: WouldLeaveView,
): Html => html`<p><strong>${say('leave.count', { n: view.items.length, all: say('counts.items', { n: view.items.length + view.kept.length }) })}</strong>${view.unseen === undefined ? '' : html` ${say('leave.unseen', { classes: view.unseen.map((of) => valueWords('item.class', of)).join(', ') })}`} ${say('leave.notYet')}</p>
${termsHtml([
  [
    say('terms.asks'),
    say('leave.askedIn', { requester: view.requester, reference: view.caseReference }),
  ],
  ...describedTerms(view.asked),
  [say('leave.about'), subjectWords(view.subject)],
  [say('search.record'), matches[view.match]],
  [say('leave.look'), html`<code>${view.id}</code>`],
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
  const conduct = description === undefined ? say('leave.notDescribed') : description
  return [
    [
      say('terms.for'),
      `${valueWords('request.purpose', purpose)}; ${valueWords('request.urgency', urgency)}`,
    ],
    [
      say('leave.offence'),
      say('leave.offenceSays', {
        offence: valueWords('request.offence.category', category),
        conduct,
        months: say('counts.months', { n: maxCustodyMonths }),
        stage: valueWords('request.stage', stage),
      }),
    ],
    [say('terms.askedFor'), classes.map((of) => valueWords('item.class', of)).join(', ')],
    [say('ask.whyThey'), necessity.statement],
  ]
}

/** Where nothing would leave, the sentences against all of it. */
const whyNothingHtml = ({ items, reasons }: WouldLeaveView): Html =>
  items.length > 0 || reasons.length === 0
    ? html``
    : html`<h2>${say('leave.whyNothing')}</h2><ul>${reasons.map((each) => html`<li>${reasonHtml(each)}</li>`)}</ul>`

const matches: Readonly<Record<WouldLeaveView['match'], Html>> = {
  none: say('leave.matches.none'),
  one: say('leave.matches.one'),
  several: say('leave.matches.several'),
  away: say('leave.matches.away'),
  unseen: say('leave.matches.unseen'),
}

const candidatesHtml = ({ candidates }: WouldLeaveView, request: string, carried: Html): Html =>
  candidates.length < 2
    ? html``
    : html`<h2>${say('leave.which')}</h2><form method="post" action="/console/inbox/${request}/look">${carried}
<fieldset><legend>${say('leave.fits')}</legend>${candidates.map((id) => html`<p><label><input type="radio" name="record" value="${id}" required>${id}</label></p>`)}</fieldset>
<p><button class="second">${say('leave.showOf')}</button></p></form>`

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
  say('leave.leaves'),
  [
    say('terms.what'),
    say('terms.value'),
    say('terms.how'),
    say('leave.whyMay'),
    say('leave.takeOut'),
  ],
  view.items.map((item) => [
    html`${item.element}<br><span class="soft">${valueWords('item.class', item.class)}</span>`,
    isKeptFile(item.value)
      ? view.pass === undefined
        ? say('leave.pictureAnew')
        : pictureHtml(
            { request, look: view.id, item: item.id, pass: view.pass },
            item.element,
            item.value,
          )
      : valueText(item.value),
    item.treatment === 'release' ? say('leave.asIs') : markHtml('part', treatments[item.treatment]),
    whyHtml(view, item.rules),
    html`<label class="short"><input type="checkbox" name="takenOut" value="${item.id}">${say('leave.takeOutThis')}<span class="sr"> ${item.element} ${item.id}</span></label>`,
  ]),
)}
${view.items.map((item) => hidden(namedBy(item.id), itemWords(item)))}
<p><button class="second">${say('leave.showWithout')}</button></p></form>`

const takenOutHtml = ({ takenOut = [], typed }: Looked, request: string): Html =>
  takenOut.length === 0
    ? html``
    : html`<p>${say('leave.tookOut')}</p><ul>${takenOut.map((item) => html`<li>${takenWords(item, { typed })}</li>`)}</ul><p>${say('leave.anew', { a: (words) => html`<a href="/console/inbox/${request}">${words}</a>` })}</p>`

const keptHtml = (view: WouldLeaveView): Html =>
  view.kept.length === 0
    ? html``
    : tableHtml(
        say('leave.stays'),
        [say('terms.what'), say('terms.value'), say('leave.whyStays')],
        view.kept.map(({ id, element, class: of, value, rules }) => [
          html`${element ?? html`<code>${id}</code>`}${of === undefined ? '' : html`<br><span class="soft">${valueWords('item.class', of)}</span>`}`,
          value === null ? say('leave.notKnown') : valueText(value),
          whyHtml(view, rules),
        ]),
      )

/** What offices said against it; the officer's own office may take back what it said. */
function againstHtml({ against }: WouldLeaveView, request: string, { agency, secret }: Visitor) {
  if (against.length === 0) return html``
  const takeBack = (id: string) =>
    html`<form method="post" action="/console/inbox/${request}/take-back">${tokenHtml(secret)}${hidden('attestation', id)}<button class="second">${say('terms.takeBackGo')}</button></form>`
  return html`<h2>${say('leave.against')}</h2><ul>${against.map(
    ({ office, enteredAt, facts, id }) =>
      html`<li>${office}, ${momentHtml(enteredAt)}: ${facts.map(({ fact, value }) => html`${value === undefined ? say('statements.doubts', { fact: subject(fact) }) : factWords(fact, value)}; `)} <code>${id}</code>${office === agency.id ? takeBack(id) : ''}</li>`,
  )}</ul>`
}

const besideHtml = ({ earlier, todo, missing, obligations }: WouldLeaveView): Html => html`
${earlier.length === 0 ? '' : html`<h2>${say('leave.earlier')}</h2><ul>${earlier.map(({ request: of, decidedAt, asked }) => html`<li>${say('leave.refusedAt', { moment: momentHtml(decidedAt) })} <code>${of}</code>${asked === undefined ? say('leave.erased') : termsHtml(describedTerms(asked))}</li>`)}</ul>`}
${waysOutHtml({ todo }, html`<h2>${say('leave.missing')}</h2>`)}
${missing.length === 0 ? '' : html`<p class="soft">${say('why.notKnown', { facts: missing.join(', ') })}</p>`}
${obligations.length === 0 ? '' : html`<h2>${say('leave.duties')}</h2><ul>${obligations.map(({ text, onWhom }) => html`<li>${text} <span class="soft">(${onWhom})</span></li>`)}</ul>`}`

const decisionHtml = (
  view: WouldLeaveView,
  request: string,
  carried: Html,
  { agency }: Visitor,
): Html => html`<h2>${say('leave.decision')}</h2>
<p>${say('leave.decisionSays', { requester: view.requester })}</p>
${view.tells ? html`<p>${markHtml('open', say('leave.tells', { requester: view.requester }))}</p>` : ''}
${
  view.items.length === 0
    ? html`<p>${say('leave.nothing')}</p>`
    : html`<form method="post" action="/console/inbox/${request}/release">${carried}${view.items.map(({ id, element }) => hidden('what', say('leave.itemOf', { element, id })))}
<p><label for="release-ground">${say('leave.whyRelease')} <span class="hint">${say('leave.readsIt', { agency: agency.name })}</span></label>
<textarea id="release-ground" name="ground" required minlength="8" maxlength="600" rows="3"></textarea></p>
<p><button>${say('leave.releaseThis', { items: say('counts.items', { n: view.items.length }) })} …</button></p></form>`
}
<form method="post" action="/console/inbox/${request}/decline">${carried}
<p><label for="decline-ground">${say('leave.whyDecline')} <span class="hint">${say('leave.readsNot', { agency: agency.name, requester: view.requester })}</span></label>
<textarea id="decline-ground" name="ground" required minlength="8" maxlength="600" rows="3"></textarea></p>
<p><button class="second">${say('leave.declineDo')}</button></p></form>`
