/** The login provider of this machine: OpenID Connect as it is, but whoever asks chooses who they are. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider'
import type { LoginKey } from '../adapters/key-files.ts'
import { byKey, type ProviderSettings } from '../adapters/login-openid.ts'
import { html, htmlBy } from '../answer/reply/html.ts'
import { contentSecurityPolicy } from '../console/assets.ts'
import { pageText } from '../console/page.ts'
import { style } from '../console/style.ts'
import { loggedOutPath } from '../console/visitor.ts'
import { ComityError } from '../failure.ts'
import { type Person, people } from './people.ts'

/** The provider, what the console is to it, and its end. */
export type LocalLogin = { readonly settings: ProviderSettings; stop(): Promise<void> }

/**
 * Starts the provider, on `port` or, if that is taken, on another. People come back to `redirect`. The console proves
 * who it is by the key of `client`, or by one that nobody else has. Refused outside `dev`: it asks nobody for a password.
 */
export async function startLogin(
  environment: string | undefined,
  redirect: string,
  port: number,
  client?: LoginKey,
): Promise<LocalLogin> {
  if (environment !== 'dev')
    throw new ComityError('couldn’t start: a login provider of invented people is for `dev` alone')
  const { key, jwk } = client ?? (await freshKey())
  const clientId = 'comity-console'
  let answer: Answer = (_, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => answer(request, response))
  const listen = (at: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject)
      server.listen(at, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  const iss = `http://localhost:${await listen(port).catch(() => listen(0))}`
  answer = answering(await provider(iss, clientId, { keys: [jwk] }, redirect))
  return {
    settings: {
      ...{ iss, clientId, name: 'Login of this machine' },
      proof: byKey(key),
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** A key of the console's own, for as long as it runs. */
async function freshKey(): Promise<LoginKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { key: privateKey, jwk: await exportJWK(publicKey) }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

async function provider(
  iss: string,
  clientId: string,
  jwks: { readonly keys: JWK[] },
  redirect: string,
): Promise<Provider> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const own = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(own)
  return new Provider(iss, {
    adapter: inMemory(),
    jwks: { keys: [{ ...own, kid, alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [kid] },
    clients: [
      {
        client_id: clientId,
        redirect_uris: [redirect],
        post_logout_redirect_uris: [new URL(loggedOutPath, redirect).href],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        id_token_signed_response_alg: 'ES256',
        jwks,
      },
    ],
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        logoutSource(ctx, form) {
          ctx.set(headers)
          ctx.body = leavePage(form)
        },
      },
    },
    interactions: { url: (_, { uid }) => `/people/${uid}` },
    // Seconds.
    ttl: {
      ...{ AccessToken: 60, AuthorizationCode: 60, IdToken: 300, Interaction: 600 },
      ...{ Grant: 43_200, Session: 43_200 },
    },
    pkce: { required: () => true },
    findAccount: (_, sub) =>
      people.some((each) => each.sub === sub)
        ? { accountId: sub, claims: () => ({ sub }) }
        : undefined,
    // Whoever logs in here agrees to be known to the console.
    async loadExistingGrant({ oidc }) {
      const { client, session } = oidc
      const known = { clientId: client?.clientId, accountId: session?.accountId }
      const grant = new oidc.provider.Grant(known)
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
  })
}

/** Asks who somebody is, and takes their word; everything else is the provider's. */
function answering(oidc: Provider): Answer {
  const answer = oidc.callback()
  return (request, response) => {
    const [, page, uid, sub] = (request.url ?? '').split('/')
    if (page !== 'people') return void answer(request, response)
    if (uid === 'style.css')
      return void response.writeHead(200, { 'Content-Type': 'text/css' }).end(style)
    const done =
      request.method === 'POST'
        ? oidc.interactionFinished(request, response, { login: { accountId: String(sub) } })
        : oidc
            .interactionDetails(request, response)
            .then(({ uid }) => void response.writeHead(200, headers).end(peoplePage(uid)))
    // The login was begun by another browser, or is over.
    done.catch(() => void response.writeHead(400).end())
  }
}

const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': contentSecurityPolicy.replace("form-action 'self'; ", ''),
}

const peoplePage = (uid: string): string =>
  pageText({
    ...{ title: 'Who are you?', site: 'login of this machine', home: '#', assets: '/people' },
    main: html`<p>These people are invented. A real provider would ask for a passkey.</p>
${people.map(
  ({
    sub,
    name,
    agency,
    officer,
  }: Person) => html`<form method="post" action="/people/${uid}/${sub}">
<p><button>${name}</button> ${officer.id} of ${agency}: ${officer.may.join(', ')}</p></form>
`,
)}`,
  })

/** Asks whether somebody wants to log out here, too. `form` is the provider's own, without a button. */
const leavePage = (form: string): string =>
  pageText({
    ...{ title: 'Log out here, too?', site: 'login of this machine', home: '#', assets: '/people' },
    main: html`<p>Whoever sits here next is then asked who they are.</p>
${htmlBy(() => form)}<p><button form="op.logoutForm" name="logout" value="yes">Log out</button></p>`,
  })

/** What the provider keeps, for as long as it runs. */
function inMemory(): (name: string) => Adapter {
  const kept = new Map<string, AdapterPayload>()
  return (name) => {
    const at = (id: string) => `${name} ${id}`
    const find = async (id: string) => kept.get(at(id))
    const byUid = async (uid: string) =>
      [...kept].find(([key, value]) => key.startsWith(`${name} `) && value.uid === uid)?.[1]
    return {
      find,
      findByUid: byUid,
      findByUserCode: async () => undefined,
      async upsert(id, payload) {
        kept.set(at(id), payload)
      },
      async consume(id) {
        const found = kept.get(at(id))
        if (found !== undefined) found.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        kept.delete(at(id))
      },
      async revokeByGrantId(grant) {
        // Of this kind alone: who logs in instead of another has the other's grant in their interaction, and goes on.
        for (const [key, value] of kept)
          if (key.startsWith(at('')) && value.grantId === grant) kept.delete(key)
      },
    }
  }
}
