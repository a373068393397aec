/** When each version is in force, drawn and in a table. */

import { type Html, html } from '../../answer/reply/html.ts'
import { optionsHtml, tableHtml } from '../../console/page.ts'
import { folderWords } from '../../policy/words.ts'
import { type Stretch, type Strip, timeline } from '../law/timeline.ts'
import { deskPage, listHtml } from './frame.ts'
import type { Shelf } from './shelf.ts'

/** Years before today that a picture shows at most. */
const yearsShown = 12
const yearMs = 365.25 * 86_400_000

/** Every policy and list, or those of one folder. */
export function timelinePage({ book }: Shelf, now: string, folder: string | undefined): string {
  const today = now.slice(0, 10)
  const all = timeline(book, today)
  const folders = all.map(({ id }) => id.split('/')[0] ?? '')
  const whose = Object.fromEntries(
    folders.map((each) => [each, each === 'lists' ? 'Lists' : folderWords(each)]),
  )
  const shown = all.filter(({ id }) => folder === undefined || id.startsWith(`${folder}/`))
  const main = html`
<form class="ask" method="get" action="/timeline"><div class="fields"><div><label for="folder">Whose law</label>
<select id="folder" name="folder"><option value="">all</option>${optionsHtml(whose, folder)}</select></div><div><button>Show</button></div></div></form>
${shown.map(
  (strip) => html`<section><h2>${strip.title} <small class="soft">${strip.id}</small></h2>
${stripsHtml([strip], today)}</section>`,
)}`
  return deskPage('Timeline', main, '/timeline')
}

/** Strips on one axis, each with its versions in a table and what is odd about them. */
export function stripsHtml(strips: readonly Strip[], today: string): Html {
  const days = strips.flatMap(({ versions }) => versions.map(({ from }) => from))
  const first = days.sort()[0] ?? today
  const axis = {
    from: Math.max(Date.parse(first), Date.parse(today) - yearsShown * yearMs) - yearMs / 4,
    until: Date.parse(today) + yearMs,
  }
  return html`${strips.map(
    ({ id, versions, notes }) => html`${pictureHtml(id, versions, axis, today)}
${listHtml(notes)}
<details><summary>The days in a table</summary>
${tableHtml(
  `Versions of ${id}`,
  ['Version', 'From', 'Until', 'State'],
  versions.map(({ version, from, until, state }) => [
    html`<a href="/law/${id}/${version}">${version}</a>`,
    from,
    until ?? '',
    state,
  ]),
)}</details>`,
  )}`
}

type Axis = { readonly from: number; readonly until: number }

function pictureHtml(
  id: string,
  versions: readonly (Stretch & { readonly version: string })[],
  axis: Axis,
  today: string,
): Html {
  const at = (day: string) =>
    Math.max(0, Math.min(1000, ((Date.parse(day) - axis.from) / (axis.until - axis.from)) * 1000))
  const shown = versions.filter(({ state }) => state !== 'corrected' && state !== 'retired')
  const words = shown.map(
    ({ version, from, until, state }) =>
      `${version}: ${state}, from ${from}${until === undefined ? '' : ` until ${until}`}`,
  )
  const height = shown.length * 26 + 22
  const first = new Date(axis.from).getUTCFullYear() + 1
  const count = new Date(axis.until).getUTCFullYear() - first + 1
  const step = Math.ceil(count / 7)
  const years = Array.from({ length: Math.ceil(count / step) }, (_, i) => first + i * step)
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Days of ${id}"><svg class="strip" viewBox="0 0 1000 ${height}" role="img" aria-label="${id}: ${words.join('; ')}">
${years.map((year) => html`<line class="year" x1="${at(`${year}-01-01`)}" x2="${at(`${year}-01-01`)}" y1="0" y2="${height - 18}"/><text x="${at(`${year}-01-01`) + 3}" y="${height - 4}">${year}</text>`)}
${shown.map(({ from, until, state, version }, i) => {
  const [x, end] = [at(from), until === undefined ? 1000 : at(until)]
  return html`<rect class="${state.replace(' ', '-')}" x="${x}" y="${i * 26 + 3}" width="${Math.max(3, end - x)}" height="20"><title>${words[i]}</title></rect><text x="${Math.min(x + 6, 860)}" y="${i * 26 + 18}">${version}</text>`
})}
<line class="today" x1="${at(today)}" x2="${at(today)}" y1="0" y2="${height - 18}"/></svg></div>`
}
