/**
 * The console over a whole gateway, with a real login provider, and browsers that keep cookies.
 *
 *     const site = await startConsole()
 *     const browser = site.browser()
 *     await browser.logIn('p-1001')                 // Paula Prüfer, auditor-1 of DE-DPA
 *     const { status, text } = await browser.get('/console/office')
 */

import { rmSync } from 'node:fs'
import { openidProvider } from '../../functions/adapters/login-openid.ts'
import { dynamodbSessions } from '../../functions/adapters/sessions-dynamodb.ts'
import { seePicture } from '../../functions/answer/offices/picture.ts'
import { consolePages } from '../../functions/console/console.ts'
import { returnTo } from '../../functions/console/login.ts'
import { startLogin } from '../../functions/demo/login.ts'
import { namePeople } from '../../functions/demo/people.ts'
import type { CallLine } from '../../functions/lines.ts'
import { temporaryFolder } from '../demo/process.ts'
import { startAudited } from '../http/audit-gateway.ts'
import { origin } from '../world.ts'

/** A page as a browser sees it. */
export type Seen = { readonly status: number; readonly url: string; readonly text: string }

/** A console that can be browsed. */
export type Site = Awaited<ReturnType<typeof startConsole>>

/** Starts it. The clock goes on by itself, since the provider's does. */
export async function startConsole() {
  // The register believes what is a minute old, so people are named before.
  const audited = await startAudited({ now: new Date(Date.now() - 120_000).toISOString() })
  const { client, tables } = audited.store
  const data = temporaryFolder()
  const logins = await Promise.all([0, 1].map((i) => startLogin('dev', returnTo(origin, i), 0)))
  const [first] = logins
  if (first === undefined) throw new Error('there is no login')
  const { keys, clock } = audited
  await namePeople(client, tables.register, keys, first.settings.iss, data, clock.now)
  clock.now = new Date()
  const lines: CallLine[] = []
  const pages = consolePages(
    {
      ...audited.auditWorld,
      sessions: dynamodbSessions(client, tables.sessions),
      providers: logins.map(({ settings }) => openidProvider(settings, true)),
      api: {
        origin,
        call: (signed) => audited.app.fetch(signed),
        picture: (call, asked) => seePicture(call, asked, audited.auditWorld),
      },
    },
    (line) => lines.push(line),
  )
  return {
    ...audited,
    pages,
    data,
    lines,
    logins,
    browser: () => browserOf(origin, (url, init) => pages.request(url, init)),
    async close() {
      await audited.close()
      await Promise.all(logins.map((each) => each.stop()))
      rmSync(data, { recursive: true })
    },
  }
}

type Fetch = (url: string, init: RequestInit) => Response | Promise<Response>

export type Browser = ReturnType<typeof browserOf>

/** A browser: it keeps cookies by site, and follows where it is led. `here` answers for the site at `origin`. */
export function browserOf(origin: string, here: Fetch) {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: string): Map<string, string> => {
    const { origin: site } = new URL(url)
    const jar = jars.get(site) ?? new Map<string, string>()
    jars.set(site, jar)
    return jar
  }
  /** One step, as it comes. */
  async function step(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = jarOf(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...Object(init.headers), ...(cookie && { cookie }) }
    const asked = { redirect: 'manual', ...init, headers } as const
    const answer = await (url.startsWith(origin) ? here(url, asked) : fetch(url, asked))
    for (const set of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = set.split(/;\s*/)
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      const isGone = value === '' || attributes.some((each) => /^max-age=0$/i.test(each))
      if (isGone) jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }
  /** Follows to a page, or to an address that `until` wants to see first. */
  async function go(url: string, init?: RequestInit, until?: RegExp): Promise<Seen> {
    let [at, answer] = [url, await step(url, init)]
    for (let i = 0; i < 10 && answer.headers.has('location'); i += 1) {
      at = new URL(answer.headers.get('location') ?? '', at).href
      if (until?.test(at)) return { status: 0, url: at, text: '' }
      answer = await step(at)
    }
    return { status: answer.status, url: at, text: await answer.text() }
  }
  const post = (path: string, fields: Record<string, string>, more: Record<string, string> = {}) =>
    go(`${origin}${path}`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded', ...more },
      body: new URLSearchParams(fields).toString(),
    })
  return {
    step,
    go,
    post,
    cookies: jarOf(origin),
    get: (path: string) => go(`${origin}${path}`),
    /** Goes through the login as somebody, up to the address of the return. */
    async returning(sub: string, path = '/console/login?by=0'): Promise<string> {
      const asked = await go(`${origin}${path}`)
      const chosen = `${asked.url}/${sub}`
      return (await go(chosen, { method: 'POST' }, /\/return\?/)).url
    },
    async logIn(sub: string, path?: string): Promise<Seen> {
      return go(await this.returning(sub, path))
    },
  }
}

/** The token in the forms of a page. */
export const tokenIn = ({ text }: Seen): string =>
  /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
