/** Tokens whose header says what it must not, or not in plain JSON. */

import { createHmac } from 'node:crypto'
import { pairFrom, pairs } from './cast.ts'
import {
  base64url,
  type Forgery,
  honestClaims,
  honestHeader,
  type Part,
  type Stage,
  signed,
} from './forge.ts'

export function hostileHeaders(stage: Stage): readonly Forgery[] {
  return [
    ...algorithms(stage),
    ...types(stage),
    ...keyIds(stage),
    ...extraMembers(stage),
    ...headerTexts(stage),
  ]
}

function algorithms(stage: Stage): readonly Forgery[] {
  const claims = honestClaims(stage)
  const { desk, vault } = pairs
  const as = (alg: unknown, says: string): Forgery => [
    'algorithm-not-allowed',
    says,
    `Bearer ${signed({ ...honestHeader, alg }, claims)}`,
  ]
  const hmac = (says: string, secret: string | Buffer): Forgery => {
    const input = `${base64url({ ...honestHeader, alg: 'HS256' })}.${base64url(claims)}`
    const tag = createHmac('sha256', secret).update(input).digest('base64url')
    return ['algorithm-not-allowed', says, `Bearer ${input}.${tag}`]
  }
  const header = (alg: string, kid: string) => ({ ...honestHeader, alg, kid })
  return [
    [
      'token-not-compact-jws',
      'algorithm none without a signature',
      `Bearer ${base64url({ ...honestHeader, alg: 'none' })}.${base64url(claims)}.`,
    ],
    as('none', 'algorithm none with a signature'),
    as('nOnE', 'algorithm nOnE'),
    as('es256', 'algorithm es256 in small letters'),
    as('ES384', 'algorithm ES384'),
    as('ES256K', 'algorithm ES256K'),
    as('RS256', 'algorithm RS256'),
    as('PS256', 'algorithm PS256'),
    as('Ed448', 'algorithm Ed448'),
    as(undefined, 'no algorithm'),
    as(['ES256'], 'a list of algorithms'),
    hmac(
      'HS256 with the public key in PEM as the secret',
      desk.publicKey.export({ format: 'pem', type: 'spki' }),
    ),
    hmac(
      'HS256 with the public key in DER as the secret',
      desk.publicKey.export({ format: 'der', type: 'spki' }),
    ),
    hmac('HS256 with the public JWK as the secret', JSON.stringify(desk.jwk)),
    hmac(
      'HS256 with the x of the public key as the secret',
      Buffer.from(desk.jwk.x ?? '', 'base64url'),
    ),
    hmac('HS256 with an empty secret', ''),
    [
      'algorithm-not-of-key',
      'EdDSA under the id of an ES256 key',
      `Bearer ${signed(header('EdDSA', 'desk'), claims, vault)}`,
    ],
    [
      'algorithm-not-of-key',
      'Ed25519 under the id of an ES256 key',
      `Bearer ${signed(header('Ed25519', 'desk'), claims, vault)}`,
    ],
    [
      'algorithm-not-of-key',
      'ES256 under the id of an EdDSA key',
      `Bearer ${signed(header('ES256', 'vault'), claims, desk)}`,
    ],
  ]
}

function types(stage: Stage): readonly Forgery[] {
  const as = (typ: unknown, says: string): Forgery => [
    'type-wrong',
    says,
    `Bearer ${signed({ ...honestHeader, typ }, honestClaims(stage))}`,
  ]
  return [
    as(undefined, 'no type'),
    as('JWT', 'the type of any JWT'),
    as('dpop+jwt', 'the type of a DPoP proof'),
    as('comity-receipt+jwt', 'a receipt replayed as a call'),
    as('application/comity-request+jwt', 'our type with its media prefix'),
    as('Comity-Request+JWT', 'our type in other case'),
    as(['comity-request+jwt'], 'a list of types'),
  ]
}

function keyIds(stage: Stage): readonly Forgery[] {
  const as = (code: 'key-id-malformed' | 'key-unknown', kid: unknown, says: string): Forgery => [
    code,
    says,
    `Bearer ${signed({ ...honestHeader, kid }, honestClaims(stage))}`,
  ]
  return [
    as('key-id-malformed', undefined, 'no key id'),
    as('key-id-malformed', '', 'an empty key id'),
    as('key-id-malformed', 7, 'a number as key id'),
    as('key-id-malformed', ['desk'], 'a list of key ids'),
    as('key-id-malformed', { desk: true }, 'an object as key id'),
    as('key-id-malformed', '../../dev/null', 'a path as key id'),
    as('key-id-malformed', "desk' OR '1'='1", 'a query as key id'),
    as('key-id-malformed', 'desk\0', 'a NUL after the key id'),
    as('key-id-malformed', 'desk\n', 'a newline after the key id'),
    as('key-id-malformed', 'https://evil.example/key', 'an address as key id'),
    as('key-id-malformed', 'd'.repeat(65), 'a key id of 65 characters'),
    as('key-unknown', '..', 'a key id of dots'),
    as('key-unknown', 'Desk', 'a key id in other case'),
    as('key-unknown', 'constructor', 'a key id that every object has'),
    as('key-unknown', '__proto__', 'a key id that reaches a prototype'),
  ]
}

function extraMembers(stage: Stage): readonly Forgery[] {
  const forger = pairFrom('ES256', 'a forger')
  const extra = (members: object, says: string, pair = pairs.desk): Forgery => [
    'header-not-closed',
    says,
    `Bearer ${signed({ ...honestHeader, ...members }, honestClaims(stage), pair)}`,
  ]
  return [
    extra({ jwk: forger.jwk }, 'a key that the token brings itself', forger),
    extra(
      { alg: 'none', jwk: forger.jwk },
      'a key that the token brings itself, and algorithm none',
    ),
    extra({ jku: 'http://127.0.0.1:9/jwks' }, 'an address to fetch keys from', forger),
    extra({ x5u: 'http://127.0.0.1:9/chain' }, 'an address to fetch a certificate from', forger),
    extra({ x5c: ['AAAA'] }, 'a certificate that the token brings itself', forger),
    extra({ x5t: 'AAAA' }, 'a certificate thumbprint'),
    extra({ 'x5t#S256': 'AAAA' }, 'a certificate thumbprint by SHA-256'),
    extra({ crit: ['exp'] }, 'an extension that must be understood'),
    extra({ crit: [] }, 'an empty list of extensions'),
    extra({ b64: true }, 'a word on the encoding of the payload'),
    extra({ b64: false, crit: ['b64'] }, 'a payload that is not encoded'),
    extra({ zip: 'DEF' }, 'a compressed payload'),
    extra({ cty: 'JWT' }, 'a content type'),
    extra({ enc: 'A256GCM' }, 'an encryption'),
    extra({ iss: 'DE-TESTBKA' }, 'a claim in the header'),
    extra({ x: null }, 'an unknown member that is null'),
  ]
}

function headerTexts(stage: Stage): readonly Forgery[] {
  const text = JSON.stringify(honestHeader)
  const inside = text.slice(1)
  const as = (says: string, header: Part): Forgery => [
    'header-not-strict-json',
    says,
    `Bearer ${signed(header, honestClaims(stage))}`,
  ]
  return [
    as('a header with two algorithms', `{"alg":"none",${inside}`),
    as('a header with two algorithms, one in disguise', `{"\\u0061lg":"none",${inside}`),
    as('a header with two equal key ids', `{"kid":"desk",${inside}`),
    as('a header after a byte order mark', `\uFEFF${text}`),
    as('a header that reaches a prototype', `{"__proto__":{"kid":"desk"},${inside}`),
    as('a header that names a constructor', `{"constructor":{},${inside}`),
    as('a header with a comment', `/**/${text}`),
    as('a header with a trailing comma', `${text.slice(0, -1)},}`),
    as('a header with text after it', `${text}{}`),
    as('a header nested 500 deep', `${'['.repeat(500)}${']'.repeat(500)}`),
    as('a header that is not UTF-8', Buffer.from(text.replace('desk', '\xff'), 'latin1')),
    as('a header in UTF-16', Buffer.from(text, 'utf16le')),
    [
      'header-not-closed',
      'a header that is a list',
      `Bearer ${signed('["ES256"]', honestClaims(stage))}`,
    ],
    ['header-not-closed', 'a header that is null', `Bearer ${signed('null', honestClaims(stage))}`],
  ]
}
