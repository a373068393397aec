/** Pages that are printed as documents: each sheet says whose they are, of when, and which sheet it is. */

import { type Html, html, isEmpty } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { Assets } from './assets.ts'
import type { Words } from './page.ts'

/**
 * What each sheet says: of which page, for whom, printed when, and under which number. What is to be published names nobody,
 * and says when it was made.
 */
export type SheetHead = {
  readonly what: Words
  readonly who?: Words
  readonly at: string
  readonly number?: string
}

/**
 * A page whose parts are printed under a head on every sheet. A browser repeats the head of a table, and the sheets
 * are counted by its style (CSS Paged Media 3 §5); on a screen the table is none.
 */
export const sheetsHtml = ({ what, who, at, number }: SheetHead, parts: readonly Html[]): Html =>
  html`<table class="sheets" role="presentation"><thead><tr><td>${say(who === undefined ? 'paper.made' : 'paper.printed', { what, who, day: at.slice(0, 10), time: at.slice(11, 16) })}${number === undefined ? '' : html` ${say('paper.number', { number })}`}</td></tr></thead>
<tbody>${parts.filter((part) => !isEmpty(part)).map((part) => html`<tr><td>${part}</td></tr>\n`)}</tbody></table>`

const style = `
.sheets,.sheets>tbody,.sheets>tbody>tr,.sheets>tbody>tr>td{display:block;border:0;padding:0;width:auto}
.sheets>thead{display:none}.sheets>tbody>tr>td::before{content:none}
.marking{border:.2rem solid currentColor;padding:.4rem .75rem;font-weight:700;max-width:none}
.value{font-weight:600}
@media print{@page{@bottom-right{content:counter(page) " / " counter(pages);font:9pt sans-serif}}
header,h1{break-after:avoid}footer,.who{display:none}
.sheets{display:table;width:100%}.sheets>thead{display:table-header-group;position:static;clip-path:none;width:auto;height:auto;overflow:visible}
.sheets>tbody{display:table-row-group}.sheets>tbody>tr{display:table-row;break-inside:auto}.sheets>tbody>tr>td,.sheets>thead>tr>td{display:table-cell}
.sheets>thead>tr{display:table-row}.sheets>thead>tr>td{font-size:9pt;border-bottom:1px solid #000;padding:0 0 2mm}}
`.trimStart()

/** The stylesheet of these pages. */
export const paper: Assets = { 'paper.css': ['text/css; charset=utf-8', style] }
