/** Edit a draft or its cases: the text, and what the check says of it, line by line. */

import { type Html, html } from '../../answer/reply/html.ts'
import { markHtml } from '../../console/page.ts'
import type { PlacedFlaw } from '../commands/policy-check.ts'
import type { OpenFile } from './drafts.ts'
import { deskPage, versionLinks } from './frame.ts'

/** What came of the last press of a button. */
export type EditState =
  | { readonly is: 'open' }
  | { readonly is: 'saved' }
  | { readonly is: 'checked' | 'faulty'; readonly findings: readonly PlacedFlaw[] }
  /** Somebody changed the file meanwhile: what it says now. */
  | { readonly is: 'changed-meanwhile'; readonly now: OpenFile }

/** The page of one file; `form` is the word of this start. */
export function editPage(file: OpenFile, state: EditState, form: string): string {
  const { path, text, digest } = file
  const isTest = path.endsWith('.test.json')
  const law = path.replace(/\.test\.json$/, '.json')
  const main = html`
${versionLinks(law, true, isTest ? 'cases' : 'law')}
${stateHtml(state, path)}
<form class="edit" method="post" action="/edit">
<input type="hidden" name="form" value="${form}"><input type="hidden" name="file" value="${path}"><input type="hidden" name="digest" value="${state.is === 'changed-meanwhile' ? state.now.digest : digest}">
<label for="text">The text of <code>policies/${path}</code></label>
<textarea id="text" name="text" rows="36" spellcheck="false" autocomplete="off" wrap="off">
${text}</textarea>
<p class="printed">As it was when this page was opened, checked or saved last.</p><pre class="printed">${text}</pre>
<p><button name="act" value="check">Check</button> <button name="act" value="save">Save</button>
${state.is === 'faulty' ? html`<button class="second" name="act" value="save-faulty">Save with its errors</button>` : ''}</p>
</form>
<p class="soft">Both check it first, which takes some seconds. Save writes this file and nothing else, if no error is found and nobody changed it meanwhile. A draft decides nothing until two people seal it.</p>`
  return deskPage(`Edit ${path}`, main)
}

function stateHtml(state: EditState, path: string): Html {
  switch (state.is) {
    case 'open':
      return html``
    case 'saved':
      return html`<p class="panel" role="status">${markHtml('good', 'saved')}${path.endsWith('.test.json') ? '' : html` It is being proved <a href="/statements?file=${path}">which statements about all of the law it breaks</a>.`}</p>`
    case 'checked':
      return html`<div role="status">${findingsHtml(state.findings)}</div>`
    case 'faulty':
      return html`<div class="faults" role="alert"><h2>Not saved: mend the errors first</h2>${findingsHtml(state.findings)}</div>`
    case 'changed-meanwhile':
      return html`<div class="faults" role="alert"><h2>Not saved: somebody changed the file meanwhile</h2>
<p>Below is your text. Save again to put it in place of what the file says now:</p>
<details><summary>What the file says now</summary><pre>${state.now.text}</pre></details></div>`
  }
}

const kinds = { error: 'bad', warning: 'part', note: 'open' } as const
const ranks = Object.keys(kinds)

/** Findings, errors first, each with its line, the place marked, and what to do. */
export function findingsHtml(findings: readonly PlacedFlaw[]): Html {
  if (findings.length === 0) return html`<p>${markHtml('good', 'nothing was found')}</p>`
  const sorted = findings.toSorted((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity))
  return html`<ul class="findings">${sorted.map(
    ({ path, line, column, length, severity, code, message, fix, text }) => {
      const source = text.split('\n')[line - 1] ?? ''
      const [start, end] = [column - 1, column - 1 + Math.max(1, length)]
      return html`<li>${markHtml(kinds[severity], severity)} <strong>${message}</strong> <small class="soft">${path}:${line}:${column} [${code}]</small><br>${fix}
${source.trim() === '' ? '' : html`<pre>${line} │ ${source.slice(0, start)}<mark>${source.slice(start, end)}</mark>${source.slice(end)}</pre>`}</li>`
    },
  )}</ul>`
}
