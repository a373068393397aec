/**
 * Acts: what an officer does from a page. A session shows; an act is a call to the API for agencies that the officer's
 * passkey signs (`policy/passkey.ts`), and the API checks, enters and answers it as it does any call. Here it is shown,
 * and signed by a script; `sent-act.ts` sends it. To add one: `signPage` shows it, a row of
 * `identity/passkey-calls.ts` says whose passkey may sign it, and a row of `results.ts` what is shown once it is done.
 */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { digestOf, lifetimeSecondsMax } from '../identity/claims.ts'
import { maySignByPasskey } from '../identity/passkey-calls.ts'
import { channelOfKey, type OfficerPasskey } from '../identity/register.ts'
import { actMs, mayActNow } from '../identity/session.ts'
import { challengeOf, passkeyType, rpIdOf } from '../policy/passkey.ts'
import type { Assets } from './assets.ts'
import { show, tokenHtml } from './frame.ts'
import { hiddenHtml, keptFormHtml, typedAs } from './kept-form.ts'
import { momentHtml, type Term, termsHtml, type Words } from './page.ts'
import { formToken, lastPasskeyOf, type PageContext, type Visitor } from './visitor.ts'

/** An act that an officer is to sign: the call, and in words what it does. */
export type Act = {
  readonly method?: 'POST' | 'DELETE'
  /** Of the API for agencies, such as `/v1/attestations`. */
  readonly path: string
  readonly body?: object
  /** What it is called, and on the button: `Refuse`, `Release`. */
  readonly title: Words
  readonly button: Words
  readonly says: readonly Term[]
  /** Of a request: its channel, on which a passkey that is of another does not sign. */
  readonly channel?: string
  /** The page to which whoever thinks again goes back. */
  readonly back: string
}

/** What is shown of an answer of the API to an act. */
export type Done = {
  readonly title: Words
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
    : html`<div class="panel"><p>${say('act.notNamed', { agency: visitor.agency.name })}</p></div>`
  const back = html`${changeHtml(visitor, c.req.path, c.get('form'))}<p><a href="${act.back}">${say('act.back')}</a></p>`
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
  const [first, ...others] = fitting(c, ownPasskeys(visitor, world, now), act).map((key) => {
    const { kid, alg, passkey } = key
    const signed = `${encode({ alg, typ: passkeyType, kid })}.${encode(claims)}`
    return html`<form method="post" action="/console/acts" data-credential="${passkey.credential}" data-rp="${rpIdOf(passkey)}">
${tokenHtml(secret)}<input type="hidden" name="signed" value="${signed}"><input type="hidden" name="body" value="${body}"><input type="hidden" name="back" value="${act.back}"><input type="hidden" name="assertion" value="">${hiddenHtml(typedFields(c))}
<p><button>${act.button}</button> <span class="soft">${say('act.passkey', { name: passkey.name ?? kid })}</span></p>
${statusHtml}
<details><summary>${say('act.exactly')}</summary><p>${method} ${claims.htu}</p>
${body === '' ? '' : html`<pre>${JSON.stringify(act.body, null, 2)}</pre>`}
<pre>${JSON.stringify(claims, null, 2)}</pre>
<p class="soft">${say('act.digest', { digest: challengeOf(signed) })}</p></details></form>`
  })
  const until = new Date(exp * 1000).toISOString()
  const main = html`<p>${say('act.signAs', { officer: visitor.officer.id, agency: visitor.agency.name, until: momentHtml(until) })}</p>
${termsHtml(act.says)}
<noscript><p class="faults">${say('act.needsScript')}</p></noscript>
${first ?? ''}${others.length === 0 ? '' : html`<details><summary>${say('act.others')}</summary>${others}</details>`}${back}`
  return show(c, world, { title, main, scripts: ['/console/act.js'] })
}

/** Where a page says how far the signing is: its script has the words from here. */
export const statusHtml = html`<p role="status" class="soft" data-asks="${say('act.asks')}" data-signed="${say('act.signed')}" data-sent="${say('act.sent')}" data-unused="${say('act.unused')}" data-failed="${say('act.failed')}"></p>`

const typedFields = (c: PageContext) => typedAs(c.req.path, c.get('form'))

/** Leads back to the form as it was filled; nothing, where nothing was typed. */
export function changeHtml({ secret }: Visitor, to: string, fields: URLSearchParams): Html {
  if (fields.size === 0) return html``
  const others = [...fields].filter(([name]) => name !== 'step')
  return html`<form method="post" action="${to}">${tokenHtml(secret)}${hiddenHtml(others)}<p><button class="second" name="step" value="edit">${say('act.change')}</button></p></form>`
}

/** The way to a login that leads back to a page. */
export const loginBack = (back: string): Html =>
  html`<p><a class="button" href="/console/login?anew&amp;next=${back}">${say('act.loginAgain')}</a></p>`

/** Says why an officer cannot sign now, and what to do; undefined if they can. `login` says how they log in again. */
export function whyNot(visitor: Visitor, world: ConsoleWorld, login: Html): Html | undefined {
  const now = world.now().getTime()
  if (world.api === undefined)
    return html`<div class="panel"><p>${say('act.onlyShows', { agency: visitor.agency.id })}</p></div>`
  if (ownPasskeys(visitor, world, now).length === 0)
    return html`<div class="panel"><p>${say('act.noPasskey', { a: (words) => html`<a href="/console/passkey">${words}</a>` })}</p></div>`
  const isProved = mayActNow(visitor.session, now)
  if (isProved && visitor.session.provedAt + actMs - now >= readMs) return undefined
  return html`<div class="panel"><p>${say('act.prove')}</p>
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

/**
 * Of these, those with which the act is signed: of its channel, where one is, with that first by which this browser
 * signed last. No page can ask which of them is at hand.
 */
function fitting(c: PageContext, own: readonly OfficerPasskey[], { channel }: Act) {
  const { agency } = c.get('visitor')
  const ofChannel = own.filter(({ kid }) => channelOfKey(agency, kid) === channel)
  const last = lastPasskeyOf(c)
  const all = channel === undefined || ofChannel.length === 0 ? own : ofChannel
  return all.toSorted((a, b) => Number(b.kid === last) - Number(a.kid === last))
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/**
 * What it signs is the SHA-256 of the very text that the form sends, so a page can show one act and sign another only if
 * whoever serves it changes this script, too (SECURITY.md says what that means). It reads and writes fields of forms
 * alone, and sends nothing by itself.
 */
const actScript = `
const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (of) => of.charCodeAt(0))
const textOf = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
const digestOf = (text) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))

/** Has a passkey asked when a form is sent, and sends it with what came back. */
function asking(form, ask) {
  const says = form.querySelector('[role=status]')
  let isAsking = false
  let isDone = false
  // Whoever goes back finds the page as it was left, in the midst of sending.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted || !isDone) return
    isAsking = false
    says.textContent = says.dataset.sent
  })
  form.addEventListener('submit', async (event) => {
    // A press while the passkey is asked, or once it signed and the form is on its way, is the same press.
    if (isDone && !isAsking) return
    event.preventDefault()
    if (isAsking) return
    isAsking = true
    says.textContent = says.dataset.asks
    try {
      await ask(form.elements)
      isDone = true
      isAsking = false
      says.textContent = says.dataset.signed
      form.requestSubmit()
      isAsking = true
    } catch (error) {
      isAsking = false
      says.textContent =
        error.name === 'NotAllowedError'
          ? says.dataset.unused
          : says.dataset.failed + ' ' + error.message
    }
  })
}

for (const form of document.querySelectorAll('form[data-credential]'))
  asking(form, async ({ signed, assertion }) => {
    const { credential, rp } = form.dataset
    const { response } = await navigator.credentials.get({
      publicKey: {
        challenge: await digestOf(signed.value),
        rpId: rp,
        allowCredentials: [{ type: 'public-key', id: bytesOf(credential) }],
        userVerification: 'required',
        timeout: 120000,
      },
    })
    assertion.value = JSON.stringify({
      authenticatorData: textOf(response.authenticatorData),
      clientDataJSON: textOf(response.clientDataJSON),
      signature: textOf(response.signature),
    })
  })

for (const form of document.querySelectorAll('form[data-officer]'))
  asking(form, async ({ credential, alg, jwk }) => {
    const { officer, rp, site, has } = form.dataset
    const made = await navigator.credentials.create({
      publicKey: {
        rp: { id: rp, name: site },
        // Of this passkey alone: an authenticator holds one for each such id, and it says nothing of the officer
        // (WebAuthn 3, 5.4.3 and 14.6.1).
        user: { id: crypto.getRandomValues(new Uint8Array(32)), name: officer, displayName: officer },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [-7, -8].map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: has.split(' ').filter(Boolean).map((id) => ({ type: 'public-key', id: bytesOf(id) })),
        authenticatorSelection: { userVerification: 'required' },
        attestation: 'none',
        timeout: 120000,
      },
    })
    const isEc = made.response.getPublicKeyAlgorithm() === -7
    const scheme = isEc ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'Ed25519' }
    const key = await crypto.subtle.importKey('spki', made.response.getPublicKey(), scheme, true, ['verify'])
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key)
    credential.value = textOf(made.rawId)
    alg.value = isEc ? 'ES256' : 'EdDSA'
    jwk.value = JSON.stringify(isEc ? { kty, crv, x, y } : { kty, crv, x })
  })
`.trimStart()

/** Writes the SHA-256 of a file that is chosen into the field beside it. The file itself goes nowhere. */
const digestScript = `
for (const chosen of document.querySelectorAll('input[data-digest-of]'))
  chosen.addEventListener('change', async () => {
    const [file] = chosen.files
    if (file === undefined) return
    const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
    document.getElementById(chosen.dataset.digestOf).value = Array.from(new Uint8Array(digest), (of) =>
      of.toString(16).padStart(2, '0'),
    ).join('')
  })
`.trimStart()

/** The scripts, as they are served beside the stylesheet. */
export const actAssets: Assets = {
  'act.js': ['text/javascript; charset=utf-8', actScript],
  'digest.js': ['text/javascript; charset=utf-8', digestScript],
}
