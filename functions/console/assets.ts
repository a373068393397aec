/** What pages need besides their text, and the headers that keep a browser to it. */

import { createHash } from 'node:crypto'
import { Hono, type MiddlewareHandler } from 'hono'
import { style } from './style.ts'

/**
 * What a page may load and do: only what this site serves, and nothing written into the page itself (CSP 3). Forms
 * go to this site alone, and nobody shows the page within another.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/**
 * Sets the headers of everything that a browser is shown. Pages are not kept, unless the answer sets its own
 * `Cache-Control`; their addresses are told to no other site.
 */
export const pageHeaders: MiddlewareHandler = async function pageHeaders(c, next) {
  await next()
  c.header('Content-Security-Policy', contentSecurityPolicy)
  c.header('X-Content-Type-Options', 'nosniff')
  c.header('Referrer-Policy', 'same-origin')
  c.header('Cross-Origin-Opener-Policy', 'same-origin')
  c.header('Cross-Origin-Resource-Policy', 'same-origin')
  c.header('Permissions-Policy', 'camera=(), geolocation=(), microphone=()')
  if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
}

/** A file that pages load, by its name. A text that is large is read once it is asked for. */
export type Assets = Readonly<
  Record<string, readonly [media: string, text: string | (() => string)]>
>

const own: Assets = {
  'style.css': ['text/css; charset=utf-8', style],
  'icon.svg': [
    'image/svg+xml',
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#16324f" d="M0 0h16v16H0z"/><path fill="none" stroke="#fff" stroke-width="2" d="M11.5 5a4.2 4.2 0 1 0 0 6"/></svg>\n',
  ],
}

/**
 * Serves the stylesheet, the icon and what else pages load. A browser keeps them, and asks each time whether they are
 * still the same (RFC 9110 §8.8.3).
 */
export function assets(more: Assets = {}): Hono {
  const app = new Hono()
  for (const [name, [media, text]] of Object.entries({ ...own, ...more })) {
    let etag: string | undefined
    app.get(`/${name}`, (c) => {
      const body = typeof text === 'string' ? text : text()
      etag ??= `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
      c.header('ETag', etag)
      c.header('Cache-Control', 'no-cache')
      const known = (c.req.header('If-None-Match') ?? '').split(/,\s*/)
      return known.includes(etag) || known.includes(`W/${etag}`)
        ? c.body(null, 304)
        : c.body(body, 200, { 'Content-Type': media })
    })
  }
  return app
}
