/** The frame that pages of the console share: where one may go, and who looks. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { problemSchema } from '../http/problem.ts'
import type { Named } from '../identity/session.ts'
import { openPage, siteOf } from './open-page.ts'
import { type NavLink, type Page, pageText, type Words } from './page.ts'
import {
  answering,
  asking,
  entering,
  formToken,
  isNamedFor,
  nextOf,
  type PageContext,
} from './visitor.ts'

const auditorPages: readonly NavLink[] = [
  { href: '/console/health', text: say('frame.pages.health') },
  { href: '/console/search', text: say('frame.pages.search') },
  { href: '/console/looks', text: say('frame.pages.looks') },
  { href: '/console/deadlines', text: say('frame.pages.deadlines') },
  { href: '/console/officers', text: say('frame.pages.officers') },
  { href: '/console/figures', text: say('frame.pages.figures') },
]

const inbox: NavLink = { href: '/console/inbox', text: say('frame.pages.inbox') }
const received: NavLink = { href: '/console/received', text: say('frame.pages.received') }
/** The pages of whoever may ask. */
const askingPages: readonly NavLink[] = [
  { href: '/console/requests', text: say('frame.pages.requests') },
  { href: '/console/ask', text: say('frame.pages.ask') },
]
const handover: NavLink = { href: '/console/handover', text: say('frame.pages.handover') }
const training: NavLink = { href: '/console/training', text: say('frame.pages.training') }

/** The pages of an office, as far as they are of what its officer is named for. */
export const pagesOf = (named: Named): readonly NavLink[] => {
  const { role, attests, holdsRecords } = named.agency
  if (role === 'auditor') return auditorPages
  const [asks, answers] = [isNamedFor(named, asking), isNamedFor(named, answering)]
  if (role !== undefined || !(asks || answers)) return []
  return [
    ...(answers && attests.length > 0 ? [inbox] : []),
    ...(holdsRecords && isNamedFor(named, entering) ? [received] : []),
    ...(asks ? askingPages : []),
    ...[handover, training],
  ]
}

/** Pages that stand below one of the navigation whose address they do not share. */
const below: Readonly<Record<string, string>> = {
  '/console/alarms': '/console/officers',
  '/console/answers': '/console/requests',
  '/console/entries': '/console/search',
  '/console/officer': '/console/officers',
}

/**
 * The page of the navigation below which a page stands: `/console/inbox` of `/console/inbox/ID`. What was signed stands where
 * it leads back to.
 */
const placeOf = (c: PageContext): string => {
  const isAct = c.req.path === '/console/acts'
  const path = isAct ? nextOf(c.get('form').get('back') ?? undefined) : c.req.path
  const [first = path] = /^\/console\/[^/?]+/.exec(path) ?? []
  return below[first] ?? first
}

/** A page for whoever is logged in. */
export function show(
  c: PageContext,
  { gateway }: Pick<ConsoleWorld, 'gateway'>,
  {
    title,
    main,
    status = 200,
    styles = [],
    scripts = [],
  }: { title: Words; main: Html; status?: 200 | 404 | 422 | 503 } & Pick<
    Page,
    'styles' | 'scripts'
  >,
): Response {
  const visitor = c.get('visitor')
  const { agency, officer, secret } = visitor
  const foot = html`<p>${say('frame.foot', { agency: agency.name, officer: officer.id, trace: c.get('traceId') })}</p>`
  const text = pageText({
    ...{ title, main, foot, styles, scripts, ...siteOf(gateway) },
    nav: pagesOf(visitor),
    here: placeOf(c),
    isBelow: placeOf(c) !== c.req.path,
    who: html`<a href="/console/office">${officer.id}, ${agency.id}</a><form method="post" action="/console/logout">${tokenHtml(secret)}<button>${say('frame.logout')}</button></form>`,
  })
  return c.html(text, status)
}

/** A field of a form. */
export const textField = (id: string, text: Words, hint: Words, value: string): Html =>
  html`<p><label for="${id}">${text} <span class="hint">${hint}</span></label><input id="${id}" name="${id}" type="text" value="${value}"></p>`

/** A field for a day. */
export const dayField = (id: string, text: Words, hint: Words, value: string): Html =>
  html`<p><label for="${id}">${text} <span class="hint">${hint}</span></label><input id="${id}" name="${id}" type="date" value="${value}"></p>`

/** The field by which a form is known to be of this session. */
export const tokenHtml = (secret: string): Html =>
  html`<input type="hidden" name="token" value="${formToken(secret)}">`

/** A problem as a page: what happened, and the request that operators can look for. */
export async function problemPage(gateway: string, problem: Response): Promise<Response> {
  const { title, detail, errors = [], traceId } = problemSchema.parse(await problem.json())
  const text = openPage(
    gateway,
    title,
    html`${detail === undefined ? '' : html`<p>${detail}</p>`}
<ul>${errors.map((each) => html`<li>${each.detail}</li>`)}</ul>
<p><a href="/console">${say('frame.start')}</a></p>
<p class="soft">${say('frame.request', { trace: traceId })}</p>`,
  )
  const headers = { 'Content-Type': 'text/html; charset=UTF-8' }
  return new Response(text, { status: problem.status, headers })
}
