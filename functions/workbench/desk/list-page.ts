/** The first page: every policy and list, by whose law it is. */

import { type Html, html } from '../../answer/reply/html.ts'
import { markHtml, tableHtml } from '../../console/page.ts'
import { type List, lawId, lawPath, type Policy, saying } from '../../policy/book.ts'
import { inForce } from '../../policy/history.ts'
import { folderWords } from '../../policy/words.ts'
import { uncheckedIn } from '../law/unchecked.ts'
import { addressOf, deskPage, versionLink } from './frame.ts'
import type { Shelf } from './shelf.ts'

/** Every policy and list, with what is in force of it at an instant. */
export function listPage({ book, faults }: Shelf, now: string): string {
  const { policies, listVersions } = inForce(book, now, now)
  const current = new Set<Policy | List>([...policies, ...listVersions])
  const folders = [...Map.groupBy(book.policies, ({ folder }) => folder)]
  const main = html`
<p>Each policy is our reading of one law. Choose one to read it beside its articles and its cases, or
<a href="/try">try a case</a>.</p>
${
  faults.length === 0
    ? ''
    : html`<div class="faults" role="alert"><h2>Files with faults</h2>
<ul>${faults.map((each) => html`<li><code>${each.path}</code> at <code>${each.place}</code>: ${saying(each)}</li>`)}</ul></div>`
}
<p class="folders">${folders.map(([folder]) => html`<a href="#${folder}">${folderWords(folder)}</a> `)}<a href="#lists">Lists</a></p>
${folders.map(
  ([folder, all]) => html`<section class="folder" id="${folder}"><h2>${folderWords(folder)}</h2>
${rowsOf(`Policies of ${folderWords(folder)}`, all, current)}</section>`,
)}
<section class="folder" id="lists"><h2>Lists shared by policies</h2>
${rowsOf('Lists', book.lists, current)}</section>`
  return deskPage('Policies', main, '/')
}

function rowsOf(
  caption: string,
  all: readonly (Policy | List)[],
  current: ReadonlySet<Policy | List>,
): Html {
  const rows = [...Map.groupBy(all, lawId)].flatMap(([id, versions]) => {
    const now = versions.find((each) => current.has(each))
    const shown = now ?? versions.at(-1)
    if (shown === undefined) return []
    const drafts = versions.filter(
      ({ sealedAt, version }) => sealedAt === undefined && !isSuperseded(version, versions),
    )
    const open = uncheckedIn(shown).length
    return [
      [
        html`<a href="${addressOf(shown)}">${shown.file.title}</a><br><code>${id}</code>`,
        'kind' in shown.file ? shown.file.kind : 'list',
        now === undefined ? markHtml('open', 'not in force') : versionLink(now),
        html`${drafts.map((each) => html`${versionLink(each)} `)}`,
        open === 0 ? '' : html`<a href="/unchecked/plan?file=${lawPath(shown)}">${open}</a>`,
      ],
    ]
  })
  return tableHtml(caption, ['Title', 'Kind', 'In force', 'Drafts', 'To be checked'], rows)
}

/** Whether another letter of the same day and revision was sealed. */
const isSuperseded = (version: string, all: readonly (Policy | List)[]): boolean =>
  all.some(
    (each) =>
      each.sealedAt !== undefined &&
      each.version.replace(/\.[b-z]$/, '') === version.replace(/\.[b-z]$/, ''),
  )
