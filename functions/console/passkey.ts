/** An officer's own passkeys: which the register has, and how one is made for the agency to enter. */

import * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { problem } from '../http/problem.ts'
import { fingerprintWords } from '../identity/held-keys.ts'
import { newPasskeySchema } from '../identity/register.ts'
import type { Named } from '../identity/session.ts'
import { parseJson } from '../policy/json-fault.ts'
import { kidOfCredential, rpIdOf } from '../policy/passkey.ts'
import { valueWords } from '../policy/words.ts'
import { statusHtml } from './act.ts'
import { show, tokenHtml } from './frame.ts'
import { markHtml, momentHtml, optionsHtml, tableHtml } from './page.ts'
import { asking, isNamedFor, type PageContext } from './visitor.ts'

/** The page. */
export function passkeyPage(c: PageContext, world: ConsoleWorld): Response {
  const { agency, officer, secret } = c.get('visitor')
  const { origin, gateway } = world
  const own = (agency.passkeys ?? []).filter(({ passkey }) => passkey.officer === officer.id)
  const here = own.filter(({ status, passkey }) => status === 'active' && passkey.origin === origin)
  // One is enough on each phone or key (WebAuthn 3 §5.4, `excludeCredentials`), unless the officer signs on several channels.
  const has = isOnSeveral({ agency, officer })
    ? ''
    : here.map(({ passkey }) => passkey.credential).join(' ')
  const list = tableHtml(
    say('passkey.list', { officer: officer.id }),
    [say('passkey.passkey'), say('terms.since'), say('passkey.signs'), say('passkey.fingerprint')],
    own.map(({ kid, from, status, jwk, passkey, channel }) => [
      html`${passkey.name === undefined ? '' : html`${passkey.name} `}<code>${kid}</code>${channel === undefined ? '' : html`<br>${valueWords('request.channel', channel)}`}`,
      momentHtml(from),
      status === 'active'
        ? markHtml('good', say('passkey.on', { origin: passkey.origin }))
        : markHtml('bad', say('passkey.noMore')),
      html`<code>${fingerprintWords(jwk)}</code>`,
    ]),
  )
  const main = html`<p>${say('passkey.says', { agency: agency.name })}</p>
${own.length === 0 ? html`<p>${say('passkey.none')}</p>` : list}
<h2>${say('passkey.make')}</h2>
<noscript><p class="faults">${say('passkey.needsScript')}</p></noscript>
<form method="post" action="/console/passkey" data-officer="${officer.id}@${agency.id}" data-rp="${rpIdOf({ origin })}" data-site="${gateway}" data-has="${has}">
${tokenHtml(secret)}<input type="hidden" name="credential" value=""><input type="hidden" name="alg" value=""><input type="hidden" name="jwk" value="">
<p><label for="name">${say('passkey.name')}</label><input id="name" name="name" required maxlength="40" autocomplete="off"></p>
<p class="soft">${say('passkey.nameSays')}</p>
${channelHtml({ agency, officer })}<p><button>${say('passkey.makeIt')}</button></p>${statusHtml}</form>
<p>${say('passkey.lose', { agency: agency.id })}</p>`
  return show(c, world, { title: say('passkey.title'), main, scripts: ['/console/act.js'] })
}

/** By which channel it signs, where an officer asks by more than one. */
const channelHtml = ({ agency, officer }: Named): Html =>
  isOnSeveral({ agency, officer })
    ? html`<p><label for="channel">${say('passkey.channel')}</label><select id="channel" name="channel" required><option value="">${say('fields.choose')}</option>${optionsHtml(Object.fromEntries(agency.channels.map((each) => [each, valueWords('request.channel', each)])), '')}</select></p>
<p class="soft">${say('passkey.oneChannel')}</p>`
    : html``

/** Whether an officer asks by more than one channel: a passkey signs on one. */
const isOnSeveral = (named: Named): boolean =>
  isNamedFor(named, asking) && named.agency.channels.length > 1

/** What a browser made, as the agency is to enter it. Nothing is kept of it here. */
export function passkeyMade(c: PageContext, world: ConsoleWorld): Response {
  const { agency, officer, secret } = c.get('visitor')
  const form = c.get('form')
  const made = madeSchema.safeParse(Object.fromEntries(form))
  const parsed = made.success ? parseJson(made.data.jwk) : undefined
  const key = newPasskeySchema.safeParse({
    kid: made.success ? kidOfCredential(made.data.credential) : '',
    alg: made.data?.alg,
    from: world.now().toISOString(),
    jwk: parsed !== undefined && 'value' in parsed ? parsed.value : undefined,
    passkey: {
      ...{ officer: officer.id, name: made.data?.name },
      ...{ credential: made.data?.credential, origin: world.origin },
    },
    ...(made.data?.channel && { channel: made.data.channel }),
  })
  const { channel } = key.data ?? {}
  const isOfAgency = channel === undefined || agency.channels.includes(channel)
  if (!made.success || !key.success || !isOfAgency)
    return problem(c.get('traceId'), 'invalid-request')
  const text = JSON.stringify(key.data, null, 2)
  if (made.data.as === 'file')
    return c.body(`${text}\n`, 200, {
      'Content-Type': 'application/json',
      'Content-Disposition': `attachment; filename="${key.data.kid}.json"`,
    })
  const fields = ['credential', 'alg', 'jwk', 'name', 'channel'] as const
  const main = html`<p>${say('passkey.made', { agency: agency.name })}</p>
<form method="post" action="/console/passkey">${tokenHtml(secret)}<input type="hidden" name="as" value="file">${fields.map(
    (name) => html`<input type="hidden" name="${name}" value="${made.data[name] ?? ''}">`,
  )}<p><button>${say('passkey.save', { kid: key.data.kid })}</button></p></form>
<p>${say('passkey.tell')}</p>
<p><strong><code>${fingerprintWords(key.data.jwk)}</code></strong></p>
<p>${say('passkey.enter')}</p>
<pre>comity agency passkey add ${agency.id} ${key.data.kid}.json --why "…" --key ONE --key TWO</pre>
<details><summary>${say('passkey.inFile')}</summary><pre>${text}</pre></details>
<p><a class="button second" href="/console/passkey">${say('terms.goBack')}</a></p>`
  return show(c, world, { title: say('passkey.entered'), main })
}

const madeSchema = z.strictObject({
  credential: z.string().max(1400),
  alg: z.enum(['ES256', 'EdDSA']),
  jwk: z.string().max(400),
  name: z.string().max(40),
  channel: z.string().max(40).optional(),
  as: z.literal('file').optional(),
})
