/** Who looks: a session, as the register has its officer at this moment. */

import { createHash } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { bodyBytesMax } from '../decision/request.ts'
import { countingByMinute, type Log, readBody, runtimeTimer, textOf } from '../http/guard.ts'
import { type ProblemCode, problem } from '../http/problem.ts'
import type { Trace } from '../http/trace.ts'
import type { OfficerRole } from '../identity/officers.ts'
import { isOver, type Named, officerOf, type Session } from '../identity/session.ts'
import {
  doneBefore,
  enteredBefore,
  keptFormHtml,
  stillNotKnownHtml,
  typedIn,
  wasSentBefore,
} from './kept-form.ts'
import { openPage } from './open-page.ts'

/** An officer with a session. */
export type Visitor = Named & {
  readonly session: Session
  /** The secret of the session, which only the browser has. */
  readonly secret: string
}

/** What a page behind the login may rely on. */
export type Visited = Trace & { visitor: Visitor; form: URLSearchParams }

/** From where a browser calls, as whatever stands before the gateway says; not known on one machine. */
export type Caller = { readonly address?: string }

/** The context of a page. */
export type PageContext = Context<{ Bindings: Caller; Variables: Visited }>

/**
 * Cookies of this site alone (`__Host-`, RFC 6265bis §4.1.3.2), which no script reads. `Lax`, since a person comes
 * back from the login provider by a link; no form of another site sends them.
 */
const cookie = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
/** 32 random bytes, base64url. */
const secretForm = /^[A-Za-z0-9_-]{43}$/

/** Of a session, of a login that was begun, and of a logout. */
export type CookieName = 'comity' | 'comity-login' | 'comity-out'

/** Makes a secret and gives it to the browser. It replaces the one that the browser had. */
export function giveSecret(
  c: Context,
  name: CookieName,
  { random }: Pick<ConsoleWorld, 'random'>,
): string {
  const secret = Buffer.from(random(32)).toString('base64url')
  setCookie(c, name, secret, cookie)
  return secret
}

/** The secret that the browser has; undefined if it is none that was given. */
export function secretOf(c: Context, name: CookieName): string | undefined {
  const secret = getCookie(c, name, 'host')
  return secret !== undefined && secretForm.test(secret) ? secret : undefined
}

/**
 * Notes in the browser that somebody logged out of it, and has the browser drop what it keeps of pages to go back to
 * (Clear Site Data §3.1).
 */
export function noteLoggedOut(c: Context): void {
  setCookie(c, 'comity-out', '1', cookie)
  c.header('Clear-Site-Data', '"cache"')
}

/** Whether somebody logged out of this browser, and nobody logged in since. */
export const hasLoggedOut = (c: Context): boolean =>
  getCookie(c, 'comity-out', 'host') !== undefined

/** Notes in the browser by which passkey it signed, so that the next act offers that first. It is no secret. */
export const noteSigned = (c: Context, kid: string): void =>
  setCookie(c, 'comity-passkey', kid, { ...cookie, maxAge: 34_560_000 })

/** The passkey by which this browser signed last. */
export const lastPasskeyOf = (c: Context): string | undefined =>
  getCookie(c, 'comity-passkey', 'host')

/** Takes a secret from the browser. */
export const takeSecret = (c: Context, name: CookieName): void =>
  void deleteCookie(c, name, { prefix: 'host', path: '/', secure: true })

/** What each form of a session has, so that a form of another site is known (OWASP: synchronizer token). */
export const formToken = (secret: string): string =>
  createHash('sha256').update(`comity form\u001f${secret}`).digest('base64url')

/** SHA-256, base64url: how a session knows the tokens of those that it goes on from. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url')

/**
 * Longest form, bytes: a call as long as the API takes, each byte of which may be three in a form (`%E1`), with what was
 * typed for it, as long again, and what signs it.
 */
const formBytesMax = 8 * bodyBytesMax
/** Pages whose sight is an entry, or is told to whoever asked, without a question what for. */
const entersLook = /^\/console\/(ask|inbox|handover|requests|answers|received|health)(\/|$)/
/** For how long after a login a browser is led by the provider, ms: it tells no redirect from a link. */
const ledMs = 60_000
/** How long a use of a session is not written down again, ms. */
const useMs = 60_000
/** Most pages of one session in a minute. */
const pagesMax = 120

/**
 * Lets only officers with a session pass. A page leads to the login and back; a form is refused. A session counts no
 * longer than the register names its officer for that login. Each running instance counts pages on its own.
 */
export function visitors(
  world: ConsoleWorld,
  log: Log,
): MiddlewareHandler<{ Bindings: Caller; Variables: Visited }> {
  const countOf = countingByMinute()
  return async function visitors(c, next) {
    const traceId = c.get('traceId')
    // Another site may lead here, but not say what somebody looks for: that is entered in their name.
    const isLed = ['cross-site', 'same-site'].includes(c.req.header('Sec-Fetch-Site') ?? '')
    if (c.req.method === 'GET' && isLed && c.req.query('purpose') !== undefined)
      return c.redirect(c.req.path, 303)
    const now = world.now().getTime()
    const secret = secretOf(c, 'comity')
    const session = secret && (await world.sessions.get(secret))
    if (!secret || !session) return toLogin(c, world)
    const named = officerOf(session, await world.register.agency(session.agency))
    if (named === undefined) {
      await world.sessions.end(secret)
      takeSecret(c, 'comity')
      log({ event: 'call-refused', why: 'officer-not-named', traceId })
      return toLogin(c, world)
    }
    // It stays until the next login, which tells by it whether what was typed in it is the same officer's.
    const hasEnded = isOver(session, now)
    if (hasEnded && c.req.method === 'GET') return toLogin(c, world)
    if (
      c.req.method === 'GET' &&
      isLed &&
      entersLook.test(c.req.path) &&
      now - session.since > ledMs
    )
      return ledHere(c, world)
    if (countOf(secret, Math.floor(now / 1000)) > pagesMax) {
      log({ event: 'rate-limited', why: named.agency.id, traceId })
      return problem(traceId, 'rate-limited', { retryAfter: 60 })
    }
    if (c.req.method !== 'GET') {
      const form = await formOf(c, world.origin, secret, session)
      if (typeof form === 'string') {
        log({ event: 'call-refused', why: form, traceId })
        return form === 'form-of-another-site' ? notOfSession(c, world) : problem(traceId, form)
      }
      c.set('form', form)
      if (hasEnded) {
        if (c.req.path !== logoutPath) return keptOpen(c, world, { named, secret, form })
        // Not noted as used, which would have it go on.
        c.set('visitor', { ...named, session, secret })
        return next()
      }
    }
    if (now - session.usedAt > useMs) await world.sessions.use(secret, now)
    c.set('visitor', { ...named, session, secret })
    return next()
  }
}

/** Whether the agency named an officer for one of these duties. */
export const isNamedFor = ({ officer }: Named, duties: readonly OfficerRole[]): boolean =>
  duties.some((each) => officer.may.includes(each))

/** Lets only officers pass whom their agency named for one of these duties: a session is its officer's alone. */
export const onlyFor = (
  duties: readonly OfficerRole[],
): MiddlewareHandler<{ Bindings: Caller; Variables: Visited }> =>
  async function onlyFor(c, next) {
    if (!isNamedFor(c.get('visitor'), duties)) return problem(c.get('traceId'), 'not-your-role')
    return next()
  }

/** The duties of whoever asks. */
export const asking: readonly OfficerRole[] = ['ask']
/** The duty of whoever enters what came by another way. */
export const entering: readonly OfficerRole[] = ['attest']
/** The duty of whoever runs the shift. */
export const running: readonly OfficerRole[] = ['desk']
/** The duties of whoever answers for an office. */
export const answering: readonly OfficerRole[] = ['attest', 'release']

/**
 * A path of the console, without a query but the answer that is asked again: nothing else is gone back to after a login.
 * A form that lost that answer would ask anew what offices have said something of.
 */
const ownPath = /^\/console(\/[A-Za-z0-9_-]+)*(\?previous=[A-Za-z0-9_-]{43})?$/
/** Where somebody goes after a login. */
export const nextOf = (path: string | undefined): string =>
  path !== undefined && ownPath.test(path) ? path : '/console'

/** Where a page is gone back to: its path, with the answer that it asks again. */
function placeOf({ req }: PageContext): string {
  const whole = `${req.path}${new URL(req.url).search}`
  return ownPath.test(whole) ? whole : req.path
}

/** Where the form goes by which somebody logs out, and what they see then, or once they had no session any more. */
export const [logoutPath, loggedOutPath] = ['/console/logout', '/console/logged-out'] as const

function toLogin(c: PageContext, world: ConsoleWorld): Response {
  if (c.req.path === logoutPath && c.req.header('Origin') === world.origin) {
    // They want to be logged out, and are.
    noteLoggedOut(c)
    return c.redirect(loggedOutPath, 303)
  }
  if (c.req.method !== 'GET') return notOfSession(c, world)
  return c.redirect(`/console/login?next=${encodeURIComponent(nextOf(placeOf(c)))}`, 303)
}

/** Asks somebody whom another site led here whether they want to look, before that is entered in their name. */
const ledHere = (c: PageContext, { gateway }: Pick<ConsoleWorld, 'gateway'>): Response => {
  const main = html`<p>${say('visitor.led')}</p>
<p><a class="button" href="${placeOf(c)}">${say('visitor.goOn')}</a></p>`
  return c.html(openPage(gateway, say('visitor.ledTitle'), main))
}

/** Says that a form did nothing. */
export const notOfSession = (
  c: PageContext,
  { gateway }: Pick<ConsoleWorld, 'gateway'>,
): Response => {
  const main = html`<p>${say('visitor.notOfSessionSays')}</p>
<p><a class="button" href="/console">${say('frame.start')}</a></p>`
  return c.html(openPage(gateway, say('visitor.notOfSession'), main), 403)
}

/**
 * A form that a session sent after its end: it did nothing, and what was typed is not lost. Of an act, that is what led to
 * it: what was signed before is too old by then, and if it was done in time, that is said.
 */
async function keptOpen(
  c: PageContext,
  world: Pick<ConsoleWorld, 'gateway' | 'ledger'>,
  { named, secret, form }: { named: Named; secret: string; form: URLSearchParams },
): Promise<Response> {
  const isAct = c.req.path === '/console/acts'
  const entry = isAct ? await enteredBefore(form, named, world) : undefined
  if (entry !== undefined) {
    const { title, main } = doneBefore(entry)
    return c.html(openPage(world.gateway, title, main))
  }
  const { to, fields } = isAct ? typedIn(form, nextOf) : { to: c.req.path, fields: form }
  if (isAct && wasSentBefore(form))
    return c.html(openPage(world.gateway, say('sent.notKnown'), stillNotKnownHtml), 403)
  if (fields.size === 0) return notOfSession(c, world)
  const main = html`<p>${say('visitor.endedSays')}</p>
${keptFormHtml(to, [['token', formToken(secret)], ...fields])}`
  return c.html(openPage(world.gateway, say('visitor.ended'), main), 403)
}

/**
 * The fields of a form that a page of this session sent, or of one that it goes on from; otherwise why not. A browser
 * says from which site a form comes (`Origin`, RFC 6454 §7), and only a page of the session has its token. Digests of
 * tokens are compared, so how long that takes says nothing of one.
 */
async function formOf(
  c: Context,
  origin: string,
  secret: string,
  { former }: Session,
): Promise<URLSearchParams | ProblemCode | 'form-of-another-site'> {
  if (c.req.header('Origin') !== origin) return 'form-of-another-site'
  const type = c.req.header('Content-Type') ?? ''
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(type)) return 'unsupported-media-type'
  const body = await readBody(c.req.raw, runtimeTimer, formBytesMax)
  if (typeof body === 'string') return body
  const fields = new URLSearchParams(textOf(body))
  const own = [digestOf(formToken(secret)), ...former]
  if (!own.includes(digestOf(fields.get('token') ?? ''))) return 'form-of-another-site'
  fields.delete('token')
  return fields
}
