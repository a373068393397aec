/**
 * Who may use the desk: one browser on this machine, opened by the link that the terminal printed.
 *
 * The desk listens on 127.0.0.1 alone. A page elsewhere could still make the browser call it, so each call must name
 * this address as `Host` (a name that was bound anew to 127.0.0.1 does not), and come from no other site (`Origin`,
 * `Sec-Fetch-Site`). Whoever else is on this machine lacks the session. Cookies are not kept apart by port, so another
 * server of this machine that the browser visits could read it: that is the limit.
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { html } from '../../answer/reply/html.ts'
import { pageText } from '../../console/page.ts'

/** The secrets of one start, each of 32 random bytes. */
export type DeskSecrets = {
  /** Opens the desk once; it is in the address that the terminal prints. */
  readonly link: string
  readonly session: string
  /** Stands in every form, so that only forms of this desk are taken. */
  readonly form: string
}

/** Most bytes of a form. */
export const formBytesMax = 1_048_576

/** The name of the cookie, which differs by port so that two desks do not log each other out. */
const cookieName = (origin: string): string => `comity-desk-${new URL(origin).port}`

/** Lets in only whoever has the session, and calls only from this desk's own pages. */
export function guard(origin: string, secrets: DeskSecrets): MiddlewareHandler {
  const { host } = new URL(origin)
  return async function guard(c, next) {
    if (c.req.header('Host') !== host) return refused(c, 'Use the address that the terminal shows.')
    if (!isFromHere(c, origin)) return refused(c, 'This call comes from another site.')
    if (!['GET', 'HEAD', 'POST'].includes(c.req.method)) return refused(c, 'Nothing does that.')
    if (!isSame(getCookie(c, cookieName(origin)), secrets.session))
      return refused(c, 'Open the desk by the link that the terminal shows.')
    if (c.req.method === 'POST') {
      const size = c.req.header('Content-Length') ?? ''
      if (!/^\d{1,9}$/.test(size) || Number(size) > formBytesMax)
        return refused(c, 'The form is too large.')
      const { form } = await c.req.parseBody()
      if (typeof form !== 'string' || !isSame(form, secrets.form))
        return refused(c, 'This form is of an earlier start: load its page again.')
    }
    return next()
  }
}

/** Opens the desk by its link. The link works once, so the address that a browser remembers opens nothing. */
export function openOnce(origin: string, secrets: DeskSecrets): (c: Context) => Response {
  let isSpent = false
  const { host } = new URL(origin)
  return (c) => {
    if (c.req.header('Host') !== host || !isFromHere(c, origin))
      return refused(c, 'Use the address that the terminal shows.')
    if (isSame(getCookie(c, cookieName(origin)), secrets.session)) return c.redirect('/', 303)
    if (isSpent || !isSame(c.req.query('link'), secrets.link))
      return refused(
        c,
        'This link was used before, or is of an earlier start. Start the desk anew.',
      )
    isSpent = true
    const cookie = { httpOnly: true, sameSite: 'Strict', path: '/' } as const
    setCookie(c, cookieName(origin), secrets.session, cookie)
    return c.redirect('/', 303)
  }
}

/** Whether no other site made the browser call. Whoever calls without a browser sends neither header. */
function isFromHere(c: Context, origin: string): boolean {
  const from = c.req.header('Origin')
  if (from === undefined ? c.req.method === 'POST' : from !== origin) return false
  return ['same-origin', 'none', undefined].includes(c.req.header('Sec-Fetch-Site'))
}

function isSame(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

const refused = (c: Context, why: string): Response =>
  c.html(
    pageText({
      title: 'Not here',
      site: 'Desk',
      home: '/',
      assets: '/assets',
      main: html`<p>${why}</p>`,
    }),
    403,
  )
