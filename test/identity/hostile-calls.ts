/** Tokens that an agency did sign, for another call than the one they are sent with. */

import { digestOf } from '../../functions/identity/claims.ts'
import type { CallRefusal } from '../../functions/identity/signature.ts'
import { claiming, type Forgery, type Stage, strayBits } from './forge.ts'

export function hostileCallClaims(stage: Stage): readonly Forgery[] {
  return [...calls(stage), ...digests(stage)]
}

function calls(stage: Stage): readonly Forgery[] {
  const { method, url } = stage
  const as = (code: CallRefusal, says: string, changes: object): Forgery => [
    code,
    says,
    claiming(stage, changes),
  ]
  const at = (says: string, htu: string) => as('address-wrong', says, { htu })
  return [
    as('method-malformed', 'no method', { htm: undefined }),
    as('method-malformed', 'a list of methods', { htm: [method] }),
    as('method-wrong', 'a signature for another method', {
      htm: method === 'PUT' ? 'POST' : 'PUT',
    }),
    as('method-wrong', 'the method in other case', { htm: method.toLowerCase() }),
    as('method-wrong', 'an empty method', { htm: '' }),
    as('address-malformed', 'no address', { htu: undefined }),
    as('address-malformed', 'a list of addresses', { htu: [url] }),
    at('a signature for another path', new URL('/v1/other', url).href),
    at('a signature for another host', url.replace('://', '://x.')),
    at(
      'a signature for plain http',
      url.replace(/^https?/, (scheme) => (scheme === 'http' ? 'https' : 'http')),
    ),
    at('a signature for a path alone', new URL(url).pathname),
    at('a query that was not sent', `${url}${url.includes('?') ? '&' : '?'}dryRun=true`),
    at('the address with a question mark after it', `${url}?`),
    at('the address with a fragment', `${url}#x`),
    at('the address with a slash after it', `${url}/`),
    at('the address in capitals', url.toUpperCase()),
    at('an empty address', ''),
  ]
}

function digests(stage: Stage): readonly Forgery[] {
  const digest = digestOf(stage.body) ?? ''
  const hex = Buffer.from(digest, 'base64url').toString('hex')
  const as = (
    code: CallRefusal,
    says: string,
    claimed: unknown,
    body: Uint8Array | 'none' = stage.body,
  ): Forgery => [code, says, claiming(stage, { request_body_sha256: claimed }), body]
  const changed = Buffer.from(stage.body)
  changed.writeUInt8(changed.readUInt8(0) ^ 1, 0)
  // SHA-256 of nothing, which is how many clients sign a call without a body.
  const ofNothing = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
  return [
    as('digest-missing', 'a body that was not signed', undefined),
    as('digest-malformed', 'an empty digest', ''),
    as('digest-malformed', 'a digest that is null', null),
    as('digest-malformed', 'a digest with padding', `${digest}=`),
    as('digest-malformed', 'a digest in hexadecimal', hex),
    as('digest-malformed', 'a list of digests', [digest]),
    as('digest-wrong', 'a digest of nothing over a body', ofNothing),
    as('digest-wrong', 'a digest with stray bits', strayBits(digest)),
    as('digest-wrong', 'a body with one bit changed', digest, changed),
    as('digest-wrong', 'a body cut short', digest, stage.body.subarray(0, -1)),
    as(
      'digest-wrong',
      'a body with a space after it',
      digest,
      Buffer.concat([stage.body, Buffer.of(32)]),
    ),
    as('digest-without-body', 'a signed body that was not sent', digest, 'none'),
    as('digest-without-body', 'a signed body that arrived empty', digest, new Uint8Array()),
    as('digest-without-body', 'a digest of nothing over nothing', ofNothing, 'none'),
  ]
}
