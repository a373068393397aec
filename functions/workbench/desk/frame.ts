/** The frame of the desk's pages, and how they name versions and moments. */

import { type Html, html } from '../../answer/reply/html.ts'
import { markHtml, pageText } from '../../console/page.ts'
import type { Decision } from '../../decision/decide.ts'
import { type List, lawId, lawPath, type Policy, type Version } from '../../policy/book.ts'

const nav = [
  { href: '/', text: 'Policies' },
  { href: '/try', text: 'Try a case' },
  { href: '/new', text: 'New policy' },
  { href: '/unchecked', text: 'To be checked' },
  { href: '/timeline', text: 'Timeline' },
  { href: '/facts', text: 'Facts' },
  { href: '/permits', text: 'Permits' },
]

/** A page of the desk: `here` in the navigation, or below a page of it. */
export const deskPage = (title: string, main: Html, here?: string, above = '/'): string =>
  pageText({
    ...{ title, main, nav },
    here: here ?? above,
    isBelow: here === undefined,
    site: 'Desk of the legal team',
    home: '/',
    assets: '/assets',
    foot: html`<p>An engineering reading, not legal advice. This desk runs on this machine alone.</p>`,
  })

/** Where a version is shown. */
export const addressOf = (version: Policy | List): string =>
  `/law/${lawId(version)}/${version.version}`

/** What one does with a version, each on a page of its own. */
export type VersionAct =
  | 'read'
  | 'law'
  | 'cases'
  | 'changes'
  | 'statements'
  | 'cover'
  | 'impact'
  | 'sign'

/**
 * Where a version is read, changed, tried and signed: on each of its pages, in one order. `path` is its file; the page
 * `at` which one is, is no link.
 */
export function versionLinks(path: string, isDraft: boolean, at: VersionAct): Html {
  const stem = path.replace(/\.json$/, '')
  const links: readonly (readonly [VersionAct, text: string, href: string])[] = [
    ['read', 'Read it', `/law/${stem}`],
    ...(isDraft ? ([['law', 'Edit the draft', `/edit?file=${path}`]] as const) : []),
    ['cases', 'Edit its cases', `/edit?file=${stem}.test.json`],
    ['changes', 'What it changes', `/compare?after=${stem.replace(/\/([^/]*)$/, '@$1')}`],
    ['statements', 'Statements', `/statements?file=${path}`],
    ['cover', 'Coverage', `/cover?file=${path}`],
    ['impact', 'Impact', `/impact?file=${path}`],
    ['sign', isDraft ? 'Sign it' : 'Signatures', `/sign?file=${path}`],
  ]
  return html`<p class="noprint">${links.map(
    ([act, text, href], i) =>
      html`${i === 0 ? '' : ' · '}${act === at ? html`<strong>${text}</strong>` : html`<a href="${href}">${text}</a>`}`,
  )}</p>`
}

/** The same of a version that was read. */
export const linksOf = (version: Policy | List, at: VersionAct): Html =>
  versionLinks(lawPath(version), version.sealedAt === undefined, at)

/** A version by its day, with a link to its page. */
export const versionLink = (version: Policy | List): Html =>
  html`<a href="${addressOf(version)}">${version.version}</a>`

/** Whether a version counts: `sealed 2026-11-24`, `a draft`. */
export const sealWords = ({ sealedAt, retiredAt }: Version): string =>
  retiredAt !== undefined
    ? `retired ${retiredAt.slice(0, 10)}`
    : sealedAt === undefined
      ? 'a draft'
      : `sealed ${sealedAt.slice(0, 10)}`

/** Sentences as a list; nothing for none. */
export const listHtml = (sentences: readonly (string | Html)[]): Html =>
  sentences.length === 0
    ? html``
    : html`<ul>${sentences.map((each) => html`<li>${each}</li>`)}</ul>`

/** What went wrong, in the words of the command that found it. */
export const failureHtml = (message: string): Html =>
  html`<div class="faults" role="alert"><h2>There is a problem</h2><pre>${message}</pre></div>`

/** Boxes to tick, by value. */
export const checksHtml = (
  field: string,
  label: string,
  choices: Readonly<Record<string, string>>,
  ticked: readonly unknown[],
): Html =>
  html`<fieldset class="wide" id="${field}"><legend>${label}</legend><div class="checks">${Object.entries(choices).map(([value, text]) => html`<label class="check"><input type="checkbox" name="${field}" value="${value}"${ticked.includes(value) ? html` checked` : ''}>${text}</label>`)}</div></fieldset>`

const outcomes = {
  release: ['good', 'Released'],
  redact: ['part', 'Released in part'],
  deny: ['bad', 'Denied'],
  open: ['open', 'Not decided yet'],
} as const

/** How a request is answered, in a word with its sign. */
export const outcomeHtml = ({
  outcome,
  standing,
}: Pick<Decision, 'outcome'> & { readonly standing?: Decision['standing'] | undefined }): Html => {
  const [mark, word] = outcomes[standing === 'open' && outcome === 'deny' ? 'open' : outcome]
  const open =
    outcome === 'deny'
      ? ': somebody can still supply what is missing'
      : '; the rest is not decided yet'
  const said = standing === undefined ? '' : { open, final: ', final' }[standing]
  return html`${markHtml(mark, word)}${said}`
}
