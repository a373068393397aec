/** A login provider by OpenID Connect: the code flow with PKCE, and nothing of the provider that is not checked. */

import type { CryptoKey } from 'jose'
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type ClientAuth,
  ClientError,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  PrivateKeyJwt,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { LoginProvider } from '../console-ports.ts'
import { ComityError } from '../failure.ts'

/** A provider, and what we are to it. */
export type ProviderSettings = {
  readonly iss: string
  readonly name: string
  readonly clientId: string
  /** How we prove to the provider who asks: by a key of ours (RFC 7523), never by a secret that is shared. */
  readonly proof: ClientAuth
}

/** Proves who asks by a key that this process holds. */
export const byKey = (key: CryptoKey): ClientAuth => PrivateKeyJwt(key)

/** How long the provider may take to answer, s. */
const answerSeconds = 5
/** How old a login at the provider may be, s: no older than a session may become. */
const provedSecondsMax = 12 * 3600
/** How old it may be where a person must prove anew who they are, s. */
const anewSecondsMax = 300

/** The provider. It is first asked when somebody logs in. Only a trial may use one without TLS, on this machine. */
export function openidProvider(
  { iss, name, clientId, proof }: ProviderSettings,
  isTrial = false,
): LoginProvider {
  const isHere = new URL(iss).protocol === 'http:' && new URL(iss).hostname === 'localhost'
  if (isHere && !isTrial)
    throw new ComityError('couldn’t start: a login provider without TLS is for `dev` alone')
  let found: Promise<Configuration> | undefined
  const configuration = (): Promise<Configuration> => {
    found ??= discover(iss, clientId, proof, isHere).catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }
  return {
    iss,
    name,
    async begin(redirect, anew) {
      const known = await configuration().catch(() => undefined)
      if (known === undefined) return undefined
      const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()]
      const url = buildAuthorizationUrl(known, {
        redirect_uri: redirect,
        scope: 'openid',
        response_type: 'code',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        max_age: String(anew ? anewSecondsMax : provedSecondsMax),
        ...(anew ? { prompt: 'login' } : {}),
      })
      return { url: url.href, state, nonce, verifier, anew }
    },
    async finish(url, { state, nonce, verifier, anew }) {
      try {
        const tokens = await authorizationCodeGrant(await configuration(), new URL(url), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          // A provider may pass over `max_age` and `prompt`: what counts is what it says of the time.
          maxAge: anew ? anewSecondsMax : provedSecondsMax,
        })
        const claims = tokens.claims()
        if (claims?.auth_time === undefined)
          return { kind: 'refused', why: 'the provider does not say when the person logged in' }
        const login = { iss: claims.iss, sub: claims.sub }
        return { kind: 'known', login, provedAt: claims.auth_time * 1000 }
      } catch (error) {
        return { kind: isRefusal(error) ? 'refused' : 'away', why: codeOf(error) }
      }
    },
    async leave(back) {
      const known = await configuration().catch(() => undefined)
      if (known?.serverMetadata().end_session_endpoint === undefined) return undefined
      return buildEndSessionUrl(known, { post_logout_redirect_uri: back }).href
    },
  }
}

/** What the provider says of itself. One that does not name itself in its answers could be mixed up with another. */
async function discover(
  iss: string,
  clientId: string,
  proof: ClientAuth,
  isHere: boolean,
): Promise<Configuration> {
  const known = await discovery(new URL(iss), clientId, {}, proof, {
    timeout: answerSeconds,
    ...(isHere ? { execute: [allowInsecureRequests] } : {}),
  })
  if (known.serverMetadata().authorization_response_iss_parameter_supported !== true)
    throw new ComityError('couldn’t log in: the login provider does not name itself (RFC 9207)')
  return known
}

const isRefusal = (error: unknown): boolean =>
  error instanceof AuthorizationResponseError ||
  error instanceof ResponseBodyError ||
  (error instanceof ClientError && error.code !== 'OAUTH_TIMEOUT')

/** The code of what went wrong: nothing of the person. */
const codeOf = (error: unknown): string =>
  error instanceof ResponseBodyError || error instanceof AuthorizationResponseError
    ? error.error
    : error instanceof Error && 'code' in error
      ? String(error.code)
      : 'unknown'
