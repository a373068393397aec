/**
 * Acts: what an officer does from a page. A session shows; an act is a call to the API for agencies that the officer's
 * passkey signs (`policy/passkey.ts`), and the API checks, enters and answers it as it does any call. To add one:
 * `signPage` shows an act and has it signed, a row of `identity/passkey-calls.ts` says whose passkey may sign it, and
 * a row of `results.ts` what is shown once it is done.
 */

import * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { problem, problemSchema } from '../http/problem.ts'
import { failed } from '../http/refusal.ts'
import { digestOf, lifetimeSecondsMax } from '../identity/claims.ts'
import { maySignByPasskey } from '../identity/passkey-calls.ts'
import type { OfficerPasskey } from '../identity/register.ts'
import { actMs, mayActNow } from '../identity/session.ts'
import { challengeOf, passkeyType, rpIdOf } from '../policy/passkey.ts'
import { show, tokenHtml } from './frame.ts'
import {
  asSentBefore,
  hiddenHtml,
  keptFormHtml,
  stillNotKnownHtml,
  typedAs,
  typedIn,
  wasSentBefore,
} from './kept-form.ts'
import type { Looking } from './looking.ts'
import { momentHtml, type Term, termsHtml } from './page.ts'
import { doneBefore, enteredBefore, jsonIn, signedIn } from './sent-act.ts'
import { formToken, nextOf, type PageContext, type Visitor } from './visitor.ts'

/** An act that an officer is to sign: the call, and in words what it does. */
export type Act = {
  readonly method?: 'POST' | 'DELETE'
  /** Of the API for agencies, such as `/v1/attestations`. */
  readonly path: string
  readonly body?: object
  /** What it is called, and on the button: `Refuse`, `Release`. */
  readonly title: string
  readonly button: string
  readonly says: readonly Term[]
  /** The page to which whoever thinks again goes back. */
  readonly back: string
}

/** What is shown of an answer of the API to an act. */
export type Done = {
  readonly title: string
  /** Further stylesheets that it needs. */
  readonly styles?: readonly string[]
  readonly main: (answer: unknown, visitor: Visitor, sent: SentCall) => Html
}
/** The call that was answered: when, its path, its body, and what was typed to get there. */
export type SentCall = {
  readonly at: string
  readonly path: string
  readonly body: unknown
  readonly typed: URLSearchParams
}

/** Least time that is left to read an act and sign it, ms. */
const readMs = 60_000

/** Shows an act in words and in full, to be signed. It says what is missing where it cannot be signed here. */
export function signPage(c: PageContext, world: ConsoleWorld, act: Act): Response {
  const visitor = c.get('visitor')
  const { secret, session } = visitor
  const now = world.now().getTime()
  const { title, path, method = 'POST' } = act
  const missing = maySignByPasskey(visitor.officer, { method, path })
    ? whyNot(
        visitor,
        world,
        keptFormHtml(c.req.path, [['token', formToken(secret)], ...c.get('form')]),
      )
    : html`<div class="panel"><p>${visitor.agency.name} has not named you for this, so your passkey does not sign it.</p></div>`
  const back = html`${changeHtml(visitor, c.req.path, c.get('form'))}<p><a href="${act.back}">Go back: nothing was done</a></p>`
  if (missing !== undefined || world.api === undefined)
    return show(c, world, { title, main: html`${termsHtml(act.says)}${missing}${back}` })
  const exp = Math.floor(Math.min(now + lifetimeSecondsMax * 1000, session.provedAt + actMs) / 1000)
  const body = act.body === undefined ? '' : JSON.stringify(act.body)
  const claims = {
    iss: visitor.agency.id,
    sub: visitor.officer.id,
    aud: world.api.origin,
    iat: Math.floor(now / 1000),
    exp,
    jti: Buffer.from(world.random(16)).toString('base64url'),
    htm: method,
    htu: `${world.api.origin}${path}`,
    ...(body === '' ? {} : { request_body_sha256: digestOf(Buffer.from(body)) }),
  }
  const forms = ownPasskeys(visitor, world, now).map((key) => {
    const { kid, alg, passkey } = key
    const signed = `${encode({ alg, typ: passkeyType, kid })}.${encode(claims)}`
    return html`<form method="post" action="/console/acts" data-credential="${passkey.credential}" data-rp="${rpIdOf(passkey)}">
${tokenHtml(secret)}<input type="hidden" name="signed" value="${signed}"><input type="hidden" name="body" value="${body}"><input type="hidden" name="back" value="${act.back}"><input type="hidden" name="assertion" value="">${hiddenHtml(typedFields(c))}
<p><button>${act.button}</button> <span class="soft">with your passkey ${kid}</span></p>
<p role="status" class="soft"></p>
<details><summary>Exactly what is signed</summary><p>${method} ${claims.htu}</p>
${body === '' ? '' : html`<pre>${JSON.stringify(act.body, null, 2)}</pre>`}
<pre>${JSON.stringify(claims, null, 2)}</pre>
<p class="soft">The passkey signs the SHA-256 of this as it is sent, <code>${challengeOf(signed)}</code>. It is kept in the log as it was signed.</p></details></form>`
  })
  const until = new Date(exp * 1000).toISOString()
  const main = html`<p>You sign this as ${visitor.officer.id} of ${visitor.agency.name}. It is entered in the log in your name, and your agency is told of it. Sign before ${momentHtml(until)}.</p>
${termsHtml(act.says)}
<noscript><p class="faults">To sign, this page needs its script: allow scripts of this site. All other pages work without.</p></noscript>
${forms}${back}`
  return show(c, world, { title, main, scripts: ['/console/act.js'] })
}

const typedFields = (c: PageContext) => typedAs(c.req.path, c.get('form'))

/** Leads back to the form as it was filled; nothing, where nothing was typed. */
function changeHtml({ secret }: Visitor, to: string, fields: URLSearchParams): Html {
  if (fields.size === 0) return html``
  const others = [...fields].filter(([name]) => name !== 'step')
  return html`<form method="post" action="${to}">${tokenHtml(secret)}${hiddenHtml(others)}<p><button class="second" name="step" value="edit">Change what you typed</button></p></form>`
}

/** The way to a login that leads back to a page. */
export const loginBack = (back: string): Html =>
  html`<p><a class="button" href="/console/login?anew&amp;next=${back}">Log in again, to act</a></p>`

/** Says why an officer cannot sign now, and what to do; undefined if they can. `login` says how they log in again. */
export function whyNot(visitor: Visitor, world: ConsoleWorld, login: Html): Html | undefined {
  const now = world.now().getTime()
  if (world.api === undefined)
    return html`<div class="panel"><p>This console only shows. To act, sign with a key of ${visitor.agency.id}.</p></div>`
  if (ownPasskeys(visitor, world, now).length === 0)
    return html`<div class="panel"><p>You have no passkey here that your agency entered in the register, so nothing can be signed. <a href="/console/passkey">Your passkey</a> says how you get one.</p></div>`
  const isProved = mayActNow(visitor.session, now)
  if (isProved && visitor.session.provedAt + actMs - now >= readMs) return undefined
  return html`<div class="panel"><p>To act, you must have proved who you are within the last five minutes.</p>
${login}</div>`
}

/** The passkeys with which an officer can sign on pages of this console. */
const ownPasskeys = (
  { agency, officer }: Visitor,
  { origin }: ConsoleWorld,
  now: number,
): readonly OfficerPasskey[] =>
  (agency.passkeys ?? []).filter(
    ({ passkey, status, from, until }) =>
      status === 'active' &&
      passkey.officer === officer.id &&
      passkey.origin === origin &&
      Date.parse(from) <= now &&
      (until === undefined || now <= Date.parse(until)),
  )

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/**
 * Takes an act that was signed, and sends it to the API. The form must be of this session (`visitors` saw to that), and
 * the act of its officer: what another signed is not done here, whoever sends it. All else the API checks.
 */
export async function takeAct(
  c: PageContext,
  { world, log }: Looking,
  doneBy: (method: string, path: string) => Done | undefined,
): Promise<Response> {
  const traceId = c.get('traceId')
  const [form, visitor] = [c.get('form'), c.get('visitor')]
  const field = (name: string) => form.get(name) ?? ''
  const back = nextOf(field('back'))
  const act = signedIn(form)
  if (world.api === undefined || act === undefined) return problem(traceId, 'not-found')
  const { claims, authorization } = act
  const { pathname } = new URL(claims.htu)
  const done = doneBy(claims.htm, pathname)
  const isOwn = claims.iss === visitor.agency.id && claims.sub === visitor.officer.id
  if (!isOwn || done === undefined || claims.htu !== `${world.api.origin}${pathname}`)
    return problem(traceId, 'not-found')
  if (!mayActNow(visitor.session, world.now().getTime()))
    return late(c, world, back, () => tooLate(c, world, form))
  const body = field('body')
  const call = new Request(claims.htu, {
    method: claims.htm,
    headers: {
      authorization,
      // The page shows sentences in the officer's language, as any caller asks for them.
      'accept-language': c.req.header('Accept-Language') ?? 'en',
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === '' ? {} : { body }),
  })
  const answered = await answerTo(call, world.api, (error) =>
    failed(traceId, error, world.isStoreAway, log),
  )
  if (answered === undefined) return notKnown(c, world, form, back)
  const { said, isDone } = answered
  if (!isDone) {
    const isTooLate = problemSchema.parse(said).code === 'unauthorized'
    const refused = () => notDone(c, world, said, form)
    return isTooLate ? late(c, world, back, refused) : refused()
  }
  try {
    const sent = {
      ...{ at: world.now().toISOString(), path: pathname },
      ...{ body: jsonIn(body), typed: typedIn(form, nextOf).fields },
    }
    const main = html`${done.main(said, visitor, sent)}${ending(back)}`
    return show(c, world, { title: done.title, main, styles: done.styles ?? [] })
  } catch (error) {
    failed(traceId, error, world.isStoreAway, log)
    return notShown(c, world, said, back)
  }
}

/**
 * The answer of the API. Undefined if there is none, or if it failed: then nobody knows here whether the act was
 * entered. `report` takes what went wrong on the way.
 */
async function answerTo(
  sent: Request,
  api: NonNullable<ConsoleWorld['api']>,
  report: (error: unknown) => void,
): Promise<{ readonly said: unknown; readonly isDone: boolean } | undefined> {
  try {
    const answer = await api.call(sent)
    if (answer.status >= 500) return undefined
    return { said: await answer.json(), isDone: answer.ok }
  } catch (error) {
    report(error)
    return undefined
  }
}

/** An act whose answer did not come. It is one call however often it is sent, so the officer sends the same again. */
function notKnown(
  c: PageContext,
  world: ConsoleWorld,
  form: URLSearchParams,
  back: string,
): Response {
  const main = html`<p>The gateway did not answer, so it is not known here whether your act was entered. Send it again: what you signed counts once, however often it is sent, and you need not sign again.</p>
<form method="post" action="/console/acts">${tokenHtml(c.get('visitor').secret)}${hiddenHtml(asSentBefore(form))}
<p><button>Send the same again</button></p></form>${ending(back)}`
  return show(c, world, { title: 'It is not known whether it was done', main, status: 503 })
}

/**
 * An act that comes too late now. If it was done when it was sent before, the page says so; `refused` says that nothing
 * was done, for one that was not.
 */
async function late(
  c: PageContext,
  world: ConsoleWorld,
  back: string,
  refused: () => Response,
): Promise<Response> {
  const form = c.get('form')
  const entry = await enteredBefore(form, c.get('visitor'), world)
  if (entry !== undefined) {
    const { title, main } = doneBefore(entry)
    return show(c, world, { title, main: html`${main}${ending(back)}` })
  }
  return wasSentBefore(form) ? stillNotKnown(c, world, back) : refused()
}

/** An act that was sent before and comes too late now: that it is refused does not say that it was not entered. */
const stillNotKnown = (c: PageContext, world: ConsoleWorld, back: string): Response =>
  show(c, world, {
    title: 'It is not known whether it was done',
    main: html`${stillNotKnownHtml}${ending(back)}`,
    status: 422,
  })

/** An act that was entered, and whose answer this page cannot show. */
function notShown(c: PageContext, world: ConsoleWorld, said: unknown, back: string): Response {
  const { id, receipt } = z
    .looseObject({ id: z.string(), receipt: z.string() })
    .partial()
    .catch({})
    .parse(said)
  const main = html`<p>Your act was entered, and counts. This page could not show all of its answer; do not do it again.</p>
${id === undefined ? '' : termsHtml([['Entry', html`<code>${id}</code>`]])}
${receipt === undefined ? '' : html`<details><summary>The receipt</summary><pre>${receipt}</pre></details>`}${ending(back)}`
  return show(c, world, { title: 'It was done', main })
}

const ending = (back: string): Html =>
  html`<p><a class="button second" href="${back}">Go back</a></p>`

function tooLate(c: PageContext, world: ConsoleWorld, form: URLSearchParams): Response {
  const { to, fields } = typedIn(form, nextOf)
  const token = formToken(c.get('visitor').secret)
  const main = html`<p>You proved who you are more than five minutes ago.</p>
${keptFormHtml(to, [['token', token], ...fields])}`
  return show(c, world, { title: 'Nothing was done: it took too long', main, status: 422 })
}

function notDone(
  c: PageContext,
  world: ConsoleWorld,
  said: unknown,
  form: URLSearchParams,
): Response {
  const { to, fields } = typedIn(form, nextOf)
  const { title, code, detail, errors = [] } = problemSchema.parse(said)
  const why =
    code === 'unauthorized'
      ? html`<p>The signature does not count: it came too late, the passkey was revoked, or it signed something else.</p>`
      : html`<p>${title}.</p>`
  const main = html`${why}${detail === undefined ? '' : html`<p>${detail}</p>`}
<ul>${errors.map((each) => html`<li><code>${each.pointer}</code> ${each.detail}</li>`)}</ul>${changeHtml(c.get('visitor'), to, fields)}${ending(nextOf(form.get('back') ?? undefined))}`
  return show(c, world, { title: 'Nothing was done', main, status: 422 })
}
