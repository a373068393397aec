/**
 * The desk as a browser uses it, in memory.
 *
 *     const desk = await atDesk(folder)
 *     const { status, text } = await desk.get('/law/de/police')
 */

import { setTimeout } from 'node:timers/promises'
import { deskApp } from '../../../functions/workbench/desk/desk.ts'

/** Where the desk of a test is. */
export const origin = 'http://127.0.0.1:8971'
/** The day of a test: after the last seal of its law, since nothing is signed before that. */
export const today = '2026-12-01'
/** The secrets of a test's desk. */
export const secrets = { link: 'the-link', session: 'the-session', form: 'the-form' }

/** What came back; `text` is what people read of it. */
export type Seen = {
  readonly status: number
  readonly html: string
  readonly text: string
  readonly headers: Headers
}

const entities: Readonly<Record<string, string>> = { 38: '&', 60: '<', 62: '>', 34: '"', 39: "'" }

/** The text of a page, without its marks. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&#(\d+);/g, (_, code: string) => entities[code] ?? '')
    .replaceAll(/\s+/g, ' ')

/** The desk of a folder. */
export const appOf = (folder: string, gateway = { data: folder, url: 'http://127.0.0.1:9' }) =>
  deskApp(folder, origin, secrets, () => new Date(`${today}T12:00:00Z`), gateway)

/** A desk, and a browser that opened it by its link. */
export function atDesk(folder: string, gateway?: Parameters<typeof appOf>[1]) {
  const app = appOf(folder, gateway)
  const call = async (path: string, init: RequestInit = {}): Promise<Seen> => {
    const answer = await app.request(origin + path, init)
    const html = await answer.text()
    return { status: answer.status, html, text: textOf(html), headers: answer.headers }
  }
  const get = (path: string, headers: Record<string, string> = {}) =>
    call(path, { headers: { ...own, ...headers } })
  const own = { Host: new URL(origin).host, Cookie: `comity-desk-8971=${secrets.session}` }
  return {
    call,
    get,
    /** The page that work ends with, as a browser gets there: it looks again for as long as the page says so. */
    async ended(path: string): Promise<Seen> {
      for (let at = path; ; ) {
        const seen = await get(at)
        at = seen.headers.get('Location') ?? at
        if (seen.status !== 303 && !seen.headers.has('Refresh')) return seen
        await setTimeout(50)
      }
    },
    post: (
      path: string,
      fields: Readonly<Record<string, string>>,
      headers: Record<string, string> = {},
    ) => {
      const body = new URLSearchParams({ form: secrets.form, ...fields }).toString()
      return call(path, {
        method: 'POST',
        body,
        headers: {
          ...own,
          Origin: origin,
          'Content-Type': 'application/x-www-form-urlencoded',
          'Content-Length': String(Buffer.byteLength(body)),
          ...headers,
        },
      })
    },
    /** Sends a form with files, as a browser does. */
    send: async (
      path: string,
      fields: Readonly<Record<string, string>>,
      files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
    ) => {
      const body = new FormData()
      for (const [name, value] of Object.entries({ form: secrets.form, ...fields }))
        body.append(name, value)
      for (const [name, content] of Object.entries(files))
        body.append(name, new File([content], name))
      const sent = new Response(body)
      const bytes = await sent.arrayBuffer()
      return call(path, {
        method: 'POST',
        body: bytes,
        headers: {
          ...own,
          Origin: origin,
          'Content-Type': sent.headers.get('Content-Type') ?? '',
          'Content-Length': String(bytes.byteLength),
        },
      })
    },
    own,
  }
}
