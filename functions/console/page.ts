/** The frame of every page that a browser is shown: one layout, one stylesheet, and nothing from elsewhere. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'

/** A link of the navigation. */
export type NavLink = { readonly href: string; readonly text: Words }

/** A sentence of the catalogue, or words that are not ours. */
export type Words = Html | string

/** A script that a browser runs only if its bytes have this digest (Subresource Integrity). */
export type Script = { readonly src: string; readonly integrity: string }

/** What a page is made of. */
export type Page = {
  /** What the page shows, first in the title and in the heading. */
  readonly title: Words
  /** Whose page it is, such as the gateway's name. */
  readonly site: string
  /** Where the site's name leads. */
  readonly home: string
  /** Where `assets` are served, such as `/console`, and the addresses of scripts of this site. */
  readonly assets: string
  readonly scripts?: readonly (string | Script)[]
  /** Further stylesheets of this site. */
  readonly styles?: readonly string[]
  readonly nav?: readonly NavLink[]
  /** The link of `nav` under which the page stands. */
  readonly here?: string
  /** Whether it stands below that link’s own page. */
  readonly isBelow?: boolean
  /** Who looks, and how they leave. */
  readonly who?: Html
  /** BCP 47; English without. */
  readonly lang?: string
  readonly main: Html
  /** What stands below each page, and on paper below each print. */
  readonly foot?: Html
}

/** The page as HTML. `main` has no `h1`: the title is it. */
export const pageText = ({
  lang = 'en',
  nav = [],
  scripts = [],
  styles = [],
  ...page
}: Page): string =>
  html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} – ${page.site}</title>
${['style.css', ...styles].map((name) => html`<link rel="stylesheet" href="${page.assets}/${name}">\n`)}<link rel="icon" href="${page.assets}/icon.svg">
${scripts.map((each) => (typeof each === 'string' ? html`<script src="${each}" type="module"></script>\n` : html`<script src="${each.src}" integrity="${each.integrity}" type="module"></script>\n`))}</head>
<body>
<a class="skip" href="#main">${say('frame.skip')}</a>
<header>
<a class="brand" href="${page.home}">Comity</a><span class="site">${page.site}</span>
${page.who === undefined ? '' : html`<div class="who">${page.who}</div>`}
${nav.length === 0 ? '' : html`<nav aria-label="${say('frame.nav')}"><ul>${nav.map((link) => linkHtml(link, page))}</ul></nav>`}
</header>
<main id="main" tabindex="-1">
<h1>${page.title}</h1>
${page.main}
</main>
${page.foot === undefined ? '' : html`<footer>${page.foot}</footer>`}
</body>
</html>
`.write(lang)

const linkHtml = ({ href, text }: NavLink, { here, isBelow }: Pick<Page, 'here' | 'isBelow'>) =>
  html`<li><a href="${href}"${href === here ? html` aria-current="${isBelow ? 'true' : 'page'}"` : ''}>${text}</a></li>`

/** A fault of a form: where its field is, by id, and how to mend it. */
export type FieldFault = { readonly field: string; readonly fix: Words }

/** The faults of a form, first on the page; empty without any. Each leads to its field (GOV.UK error summary). */
export const faultSummary = (faults: readonly FieldFault[]): Html =>
  faults.length === 0
    ? html``
    : html`<div class="faults" role="alert" aria-labelledby="faults">
<h2 id="faults">${say('frame.faults')}</h2>
<ul>${faults.map(({ field, fix }) => html`<li><a href="#${field}">${fix}</a></li>`)}</ul>
</div>`

/** A moment for people, in UTC: `2026-11-28 13:02:11 UTC`. */
export const momentHtml = (ts: string): Html =>
  html`<time datetime="${ts}">${say('frame.moment', { day: ts.slice(0, 10), time: ts.slice(11, 19) })}</time>`

/**
 * What is wrong with a moment that somebody wrote of what was, if it is still to come: most likely it is in the time of
 * their own clock. Undefined if nothing is.
 */
export function aheadWords(ts: string, now: Date): Html | undefined {
  const utc = now.toISOString().slice(11, 16)
  return Date.parse(ts) - now.getTime() < 60_000 ? undefined : say('frame.ahead', { utc })
}

/** How long it is between two moments, and never more than that: `9 s`, `4 min`, `3 h`, `2 days`. */
export function timeLeft(from: string, until: string): Html {
  const seconds = Math.floor(Math.abs(Date.parse(until) - Date.parse(from)) / 1000)
  if (seconds < 120) return say('frame.seconds', { n: seconds })
  if (seconds < 7200) return say('frame.minutes', { n: Math.floor(seconds / 60) })
  const hours = Math.floor(seconds / 3600)
  return hours < 48
    ? say('frame.hours', { n: hours })
    : say('frame.days', { n: Math.floor(hours / 24) })
}

/** A term and what is said of it, one under the other on a phone. By `name`, a script finds what is said. */
export type Term = readonly [term: Words, says: Words, name?: string]

/** A list of terms. */
export const termsHtml = (terms: readonly Term[]): Html =>
  html`<dl>${terms.map(([term, says, name]) => html`<div><dt>${term}</dt><dd${name === undefined ? '' : html` data-said="${name}"`}>${says}</dd></div>`)}</dl>`

/**
 * A table. It scrolls by itself where it is too wide, by keyboard too; on a phone each row is a list under its heads, and
 * the roles say that it still is a table. `caption` says what it is of.
 */
export function tableHtml(
  caption: Words,
  heads: readonly Words[],
  rows: readonly (readonly (Words | number)[])[],
): Html {
  const cell = (part: Words | number, i: number) =>
    html`<td role="cell" data-head="${heads[i]}"><div>${part}</div></td>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads.map((head) => html`<th scope="col" role="columnheader">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => html`<tr role="row">${row.map(cell)}</tr>\n`)}</tbody>
</table></div>`
}

/** What may be chosen, by value; nothing is where no value is `chosen`. */
export const optionsHtml = (
  choices: Readonly<Record<string, Words>>,
  chosen: string | undefined,
): Html =>
  html`${Object.entries(choices).map(([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : ''}>${text}</option>`)}`

/** A word that marks something, told apart by its sign as well as by its colour. */
export const markHtml = (kind: 'good' | 'part' | 'bad' | 'open', text: Words): Html =>
  html`<span class="mark ${kind}"><span aria-hidden="true">${signs[kind]}</span> ${text}</span>`

const signs = { good: '✓', part: '◐', bad: '✕', open: '?' } as const
