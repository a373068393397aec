/** Credentials that are not one canonical compact JWS. */

import { officer } from './cast.ts'
import {
  base64url,
  type Forgery,
  honestClaims,
  honestHeader,
  type Stage,
  signed,
  signedText,
  strayBits,
} from './forge.ts'

export function hostileForms(stage: Stage): readonly Forgery[] {
  return [...credentials(stage), ...forms(stage)]
}

function credentials(stage: Stage): readonly Forgery[] {
  const token = signed(honestHeader, honestClaims(stage))
  const long = signed(honestHeader, {
    ...honestClaims(stage),
    htu: `${stage.url}#${'x'.repeat(2500)}`,
  })
  return [
    ['credentials-missing', 'a call without a signature', undefined],
    ['credentials-oversized', 'a token of more than 3 KB', `Bearer ${long}`],
    ['credentials-oversized', 'a token of 5 KB of dots', `Bearer ${'.'.repeat(5000)}`],
    ['scheme-not-bearer', 'an empty Authorization', ''],
    [
      'scheme-not-bearer',
      'a password instead of a signature',
      `Basic ${base64url(`${officer}:x`)}`,
    ],
    ['scheme-not-bearer', 'a good token under the name DPoP', `DPoP ${token}`],
    ['scheme-not-bearer', 'a good token without a scheme', token],
    ['token-not-compact-jws', 'a scheme without a token', 'Bearer '],
    ['token-not-compact-jws', 'two good tokens in one header', `Bearer ${token}, Bearer ${token}`],
  ]
}

function forms(stage: Stage): readonly Forgery[] {
  const token = signed(honestHeader, honestClaims(stage))
  const [header = '', payload = '', signature = ''] = token.split('.')
  const base64 = (part: string) => Buffer.from(part, 'base64url').toString('base64')
  const form = (says: string, text: string): Forgery => [
    'token-not-compact-jws',
    says,
    `Bearer ${text}`,
  ]
  return [
    form('a token of two parts', `${header}.${payload}`),
    form('a token that ends in a dot', `${token}.`),
    form('an encrypted token (JWE) of five parts', `${header}.${payload}.${signature}.AAAA.AAAA`),
    form(
      'a token in JSON serialization',
      JSON.stringify({ protected: header, payload, signature }),
    ),
    form('an empty header', `.${payload}.${signature}`),
    form('an empty payload', `${header}..${signature}`),
    form('an empty signature', `${header}.${payload}.`),
    form(
      'a newline inside the signature',
      `${header}.${payload}.${signature.slice(0, 40)}\n${signature.slice(40)}`,
    ),
    form('a newline after the token', `${token}\n`),
    form('a space before the token', ` ${token}`),
    form(
      'a space inside the payload',
      signedText(`${header}.${payload.slice(0, 8)} ${payload.slice(8)}`),
    ),
    form('padding after the signature', `${token}==`),
    form('stray bits at the end of the signature', `${header}.${payload}.${strayBits(signature)}`),
    form(
      'stray bits at the end of the header',
      signedText(`${strayBits(spare(honestHeader))}.${payload}`),
    ),
    form(
      'stray bits at the end of the payload',
      signedText(`${header}.${strayBits(spare(honestClaims(stage)))}`),
    ),
    form('padding after the payload', signedText(`${header}.${spare(honestClaims(stage))}==`)),
    form('the other alphabet of base64', `${header}.${payload}.${base64(`__-_${signature}`)}`),
    form('a letter outside ASCII', `${header}.${payload}.é${signature.slice(1)}`),
  ]
}

/** The value in base64url whose last character has four bits to spare: white space fills up. */
function spare(value: object): string {
  const text = JSON.stringify(value)
  return base64url(text.padEnd(Math.ceil(text.length / 3) * 3 + 1))
}
