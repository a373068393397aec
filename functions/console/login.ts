/** Logging in and out. A provider says who somebody is; only the register says what they may look at. */

import { Hono } from 'hono'
import * as z from 'zod'
import { html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld, LoginProvider } from '../console-ports.ts'
import { countingByMinute, type Log } from '../http/guard.ts'
import { problem } from '../http/problem.ts'
import type { Trace } from '../http/trace.ts'
import type { Login } from '../identity/officers.ts'
import {
  formersMax,
  goesOn,
  isAhead,
  namedFor,
  officeFor,
  type Session,
} from '../identity/session.ts'
import { show, tokenHtml } from './frame.ts'
import { networkOf } from './network.ts'
import { openPage } from './open-page.ts'
import {
  type Caller,
  digestOf,
  formToken,
  giveSecret,
  hasLoggedOut,
  loggedOutPath,
  nextOf,
  noteLoggedOut,
  notOfSession,
  secretOf,
  takeSecret,
  type Visited,
} from './visitor.ts'

/** How long a person may take at the provider, ms. */
const loginMs = 10 * 60_000
/** Most logins begun in a minute, by whomever: each is a row until it ends. */
const begunMax = 600
/** Most of them from one network: an agency's shift logs in from one address. */
const begunFromOneMax = 120
/** Longest address of a return: code, state and issuer are far shorter. */
const returnMax = 4096

/** Where people come back to from the provider of this number: one address for each (RFC 9700 §4.4.2.1). */
export const returnTo = (origin: string, provider: number): string =>
  `${origin}/console/login/${provider}/return`

/** The pages of the login. Sessions are made here and nowhere else. */
export function loginPages(world: ConsoleWorld, log: Log) {
  const { gateway, origin, providers, sessions } = world
  const app = new Hono<{ Bindings: Caller; Variables: Trace }>()
  const countOf = countingByMinute()

  app.get('/login', async (c) => {
    const next = nextOf(c.req.query('next'))
    // After a logout, or a session that ended, another may sit here, whom a provider that knows the last one would not ask.
    const isLeft = hasLoggedOut(c) || secretOf(c, 'comity') !== undefined
    const anew = c.req.query('anew') === '' || isLeft
    const i = placeOf(c.req.query('by'), providers)
    const provider = providers[i]
    if (provider === undefined)
      return c.html(openPage(gateway, say('login.title'), choice(providers, next, anew)))
    const now = world.now().getTime()
    // One network alone does not use up what all have together: what it is refused is not counted.
    const network = networkOf(c.env?.address)
    const second = Math.floor(now / 1000)
    const isRefused =
      (network !== undefined && countOf(network, second) > begunFromOneMax) ||
      countOf('all', second) > begunMax
    if (isRefused) {
      log({ event: 'rate-limited', why: 'login', traceId: c.get('traceId') })
      return problem(c.get('traceId'), 'rate-limited', { retryAfter: 60 })
    }
    const begun = await provider.begin(returnTo(origin, i), anew)
    if (begun === undefined) {
      log({ event: 'failed', why: 'login-provider-away', traceId: c.get('traceId') })
      return c.html(openPage(gateway, say('login.away'), away(provider)), 503)
    }
    const { url, ...kept } = begun
    const secret = giveSecret(c, 'comity-login', world)
    await sessions.begin(secret, { ...kept, iss: provider.iss, next, until: now + loginMs })
    return c.redirect(url, 303)
  })

  app.get('/login/:i/return', async (c) => {
    const refuse = (why: string) => {
      log({ event: 'call-refused', why, traceId: c.get('traceId') })
      return c.html(openPage(gateway, say('login.notLoggedIn'), notLoggedIn), 403)
    }
    const secret = secretOf(c, 'comity-login')
    takeSecret(c, 'comity-login')
    const begun = secret && (await sessions.take(secret))
    const i = Number(c.req.param('i'))
    const provider = providers[i]
    const { search } = new URL(c.req.url)
    const now = world.now().getTime()
    // Only this browser, once, in time, from the provider that was asked (RFC 9700 §4.4: mix-up).
    if (!begun || begun.until < now || begun.iss !== provider?.iss || search.length > returnMax)
      return refuse('login-not-begun')
    const found = await provider.finish(`${returnTo(origin, i)}${search}`, begun)
    if (found.kind !== 'known') return refuse(`login-${found.kind}: ${found.why}`)
    if (isAhead(found.provedAt, now)) return refuse('login-ahead')
    const before = secretOf(c, 'comity')
    const had = before === undefined ? undefined : await sessions.get(before)
    const named = officeFor(found.login, had, await world.register.all())
    if (named === undefined) {
      log({ event: 'call-refused', why: 'login-not-named', traceId: c.get('traceId') })
      return c.html(openPage(gateway, say('login.notNamed'), notNamed(found.login)), 403)
    }
    if (before !== undefined) await sessions.end(before)
    await sessions.put(giveSecret(c, 'comity', world), {
      login: found.login,
      agency: named.agency.id,
      officer: named.officer.id,
      provedAt: found.provedAt,
      ...{ since: now, usedAt: now, former: formerOf(before, goesOn(named, found.login, had)) },
    })
    takeSecret(c, 'comity-out')
    return c.redirect(begun.next, 303)
  })

  app.get('/logged-out', (c) => c.html(openPage(gateway, say('login.loggedOut'), loggedOut())))
  return app
}

/** Which provider is asked for; with one alone, that one. -1 is none. */
const placeOf = (by: string | undefined, providers: readonly LoginProvider[]): number =>
  z.coerce
    .number()
    .int()
    .min(0)
    .catch(-1)
    .parse(by ?? (providers.length === 1 ? '0' : undefined))

/** The tokens of forms that were shown before a login and still count after it; none, if it is of somebody else. */
const formerOf = (secret: string | undefined, before: Session | undefined): readonly string[] =>
  secret === undefined || before === undefined
    ? []
    : [digestOf(formToken(secret)), ...before.former].slice(0, formersMax)

/** The pages of a session itself: which office it is of, and its end. */
export function sessionPages(world: ConsoleWorld) {
  const { gateway, origin, providers, sessions } = world
  const app = new Hono<{ Bindings: Caller; Variables: Visited }>()
  const officesOf = async ({ login }: Session) => namedFor(login, await world.register.all())

  app.get('/office', async (c) => {
    const { session, secret } = c.get('visitor')
    const offices = await officesOf(session)
    const list = offices.map(({ agency, officer }) => {
      const isHere = agency.id === session.agency && officer.id === session.officer
      return html`<li>${say('login.isOffice', { name: agency.name, agency: agency.id, officer: officer.id, duties: officer.may.join(', ') })} ${
        isHere
          ? say('login.here')
          : html`<form method="post" action="/console/office">${tokenHtml(secret)}<input type="hidden" name="agency" value="${agency.id}"><input type="hidden" name="officer" value="${officer.id}"><button class="second">${say('login.lookAs', { officer: officer.id, agency: agency.id })}</button></form>`
      }</li>`
    })
    const main = html`<p>${say('login.officeSays')}</p><ul>${list}</ul>
<p>${say('login.passkey', { a: (words) => html`<a href="/console/passkey">${words}</a>` })}</p>`
    return show(c, world, { title: say('login.office'), main })
  })

  app.post('/office', async (c) => {
    const [form, { session, secret }] = [c.get('form'), c.get('visitor')]
    const wanted = (await officesOf(session)).find(
      ({ agency, officer }) =>
        agency.id === form.get('agency') && officer.id === form.get('officer'),
    )
    if (wanted === undefined) return problem(c.get('traceId'), 'not-found')
    // Of one that was logged out meanwhile, no other begins.
    if (!(await sessions.end(secret))) return notOfSession(c, world)
    const { agency, officer } = wanted
    const office = { agency: agency.id, officer: officer.id }
    // What was typed for one office is not sent for another.
    await sessions.put(giveSecret(c, 'comity', world), { ...session, ...office, former: [] })
    return c.redirect('/console', 303)
  })

  app.get('/logged-in', (c) =>
    show(c, world, {
      title: say('login.again'),
      main: html`<p>${say('login.againSays')}</p>`,
    }),
  )

  app.post('/logout', async (c) => {
    const { secret, session } = c.get('visitor')
    // Another office was chosen meanwhile: that session is not this one, and goes on.
    if (!(await sessions.end(secret))) return notOfSession(c, world)
    takeSecret(c, 'comity')
    noteLoggedOut(c)
    const provider = providers.find(({ iss }) => iss === session.login.iss)
    const leave = await provider?.leave(`${origin}${loggedOutPath}`)
    const there = provider && { name: provider.name, leave }
    return c.html(openPage(gateway, say('login.loggedOut'), loggedOut(there)))
  })
  return app
}

const choice = (providers: readonly LoginProvider[], next: string, anew: boolean) =>
  html`<p>${say('login.who')}</p>
<ul>${providers.map(({ name }, i) => html`<li><a href="/console/login?by=${i}${anew ? html`&amp;anew` : ''}&amp;next=${encodeURIComponent(next)}">${name}</a></li>`)}</ul>`

const away = ({ name }: LoginProvider) =>
  html`<p>${say('login.awaySays', { provider: name })}</p>
<p><a href="/console/login">${say('login.tryAgain')}</a></p>`

const notLoggedIn = html`<p>${say('login.refused')}</p>
<p><a class="button" href="/console/login">${say('login.logInAgain')}</a></p>`

const notNamed = ({ iss, sub }: Login) =>
  html`<p>${say('login.unnamed')}</p>
<p><code>comity agency officer add AGENCY OFFICER --may DUTY --issuer ${iss} --subject ${sub}</code></p>
<p>${say('login.unnamedCounts')}</p>`

/** What somebody sees who logged out; `there` is a provider that may still know them. */
const loggedOut = (there?: { readonly name: string; readonly leave: string | undefined }) =>
  html`<p>${say('login.loggedOutSays')}</p>
${
  there === undefined
    ? ''
    : html`<p>${say('login.mayKnow', { provider: there.name })}</p>
${there.leave === undefined ? '' : html`<p><a class="button" href="${there.leave}">${say('login.logOutAt', { provider: there.name })}</a></p>`}`
}
<p><a class="button second" href="/console/login">${say('login.title')}</a></p>`
