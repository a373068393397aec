/** Tokens that an agency did sign, with claims that it may not make. */

import type { CallRefusal } from '../../functions/identity/signature.ts'
import {
  claiming,
  type Forgery,
  honestClaims,
  honestHeader,
  type Part,
  type Stage,
  signed,
} from './forge.ts'

export function hostileClaims(stage: Stage): readonly Forgery[] {
  return [
    ...payloadTexts(stage),
    ...names(stage),
    ...audiences(stage),
    ...times(stage),
    ...callIds(stage),
  ]
}

function payloadTexts(stage: Stage): readonly Forgery[] {
  const text = JSON.stringify(honestClaims(stage))
  const inside = text.slice(1)
  const as = (says: string, payload: Part): Forgery => [
    'payload-not-strict-json',
    says,
    `Bearer ${signed(honestHeader, payload)}`,
  ]
  const number = (says: string, value: string): Forgery =>
    as(says, text.replace(/"exp":\d+/, `"exp":${value}`))
  return [
    as('claims with two issuers', `{"iss":"FR-TESTPJ",${inside}`),
    as('claims with two issuers, one in disguise', `{"\\u0069ss":"FR-TESTPJ",${inside}`),
    as('claims with two equal addresses', `{"htu":${JSON.stringify(stage.url)},${inside}`),
    as('claims after a byte order mark', `\uFEFF${text}`),
    as('claims that reach a prototype', `{"__proto__":{"aud":"x"},${inside}`),
    as('claims that name a prototype', `{"prototype":1,${inside}`),
    as('claims with a comment', `${text}//`),
    as('claims with a trailing comma', `${text.slice(0, -1)},}`),
    as('claims nested 300 deep', `{"x":${'['.repeat(300)}${']'.repeat(300)},${inside}`),
    as('claims that are not UTF-8', Buffer.from(text.replace('/v1', '\xff'), 'latin1')),
    as('claims with a NUL in two bytes', Buffer.from(text.replace('/v1', '\xc0\x80'), 'latin1')),
    as('claims that are not JSON', 'iss=DE-TESTBKA'),
    number('an end that is NaN', 'NaN'),
    number('an end that is Infinity', 'Infinity'),
    number('an end in hexadecimal', '0x7fffffff'),
    number('an end with a leading zero', '01'),
    ['issuer-malformed', 'claims that are a list', `Bearer ${signed(honestHeader, `[${text}]`)}`],
    ['issuer-malformed', 'claims that are null', `Bearer ${signed(honestHeader, 'null')}`],
  ]
}

function names(stage: Stage): readonly Forgery[] {
  const as = (code: CallRefusal, says: string, changes: object): Forgery => [
    code,
    says,
    claiming(stage, changes),
  ]
  return [
    as('issuer-malformed', 'no issuer', { iss: undefined }),
    as('issuer-malformed', 'a list of issuers', { iss: ['DE-TESTBKA'] }),
    as('issuer-malformed', 'an issuer in small letters', { iss: 'de-testbka' }),
    as('issuer-malformed', 'an issuer with a space after it', { iss: 'DE-TESTBKA ' }),
    as('issuer-malformed', 'an issuer with a newline after it', { iss: 'DE-TESTBKA\n' }),
    as('officer-malformed', 'no officer', { sub: undefined }),
    as('officer-malformed', 'an officer without a name', { sub: '' }),
    as('officer-malformed', 'an officer of 65 characters', { sub: 'k'.repeat(65) }),
    as('officer-malformed', 'an officer with a line break', { sub: 'k.maier\nl.huber' }),
    as('officer-malformed', 'two officers', { sub: ['k.maier', 'l.huber'] }),
    as('claims-not-closed', 'a claim that we do not know', { scope: 'everything' }),
    as('claims-not-closed', 'a claim not-before', { nbf: stage.now }),
    as('claims-not-closed', 'a claim in other case', { AUD: stage.audience }),
    as('claims-not-closed', 'a confirmation key', { cnf: { jkt: 'AAAA' } }),
  ]
}

function audiences(stage: Stage): readonly Forgery[] {
  const { audience } = stage
  const as = (code: CallRefusal, says: string, aud: unknown): Forgery => [
    code,
    says,
    claiming(stage, { aud }),
  ]
  return [
    as('audience-malformed', 'no audience', undefined),
    as('audience-malformed', 'a list of one audience', [audience]),
    as('audience-malformed', 'a list of two audiences', [audience, 'https://evil.example']),
    as('audience-malformed', 'an audience that is null', null),
    as('audience-wrong', 'an empty audience', ''),
    as('audience-wrong', 'a call meant for the staging gateway', 'https://staging.comity.example'),
    as('audience-wrong', 'our audience with a slash after it', `${audience}/`),
    as('audience-wrong', 'our audience with more after it', `${audience}.evil.example`),
    as('audience-wrong', 'our audience with more before it', `x${audience}`),
    as('audience-wrong', 'our audience cut short', audience.slice(0, -1)),
    as('audience-wrong', 'our audience in capitals', audience.toUpperCase()),
    as('audience-wrong', 'our audience with a space after it', `${audience} `),
  ]
}

function times(stage: Stage): readonly Forgery[] {
  const { now } = stage
  const as = (code: CallRefusal, says: string, iat: unknown, exp: unknown): Forgery => [
    code,
    says,
    claiming(stage, { iat, exp }),
  ]
  return [
    as('issued-at-malformed', 'no time of issue', undefined, now + 60),
    as('issued-at-malformed', 'a time of issue as text', String(now), now + 60),
    as('issued-at-malformed', 'a negative time of issue', -1, 100),
    as('issued-at-malformed', 'a time of issue with a fraction', now - 0.5, now + 60),
    as('issued-at-malformed', 'a time of issue that is null', null, now + 60),
    as('expiry-malformed', 'no end', now, undefined),
    as('expiry-malformed', 'an end as text', now, String(now + 60)),
    as('expiry-malformed', 'a negative end', now, -1),
    as('expiry-malformed', 'an end at 1e308', now, 1e308),
    as('expiry-malformed', 'an end beyond what a number holds exactly', now, 2 ** 53),
    as('lifetime-wrong', 'a life of 301 s', now, now + 301),
    as('lifetime-wrong', 'a life of ten years', now, now + 315_360_000),
    as('lifetime-wrong', 'a life of nothing', now, now),
    as('lifetime-wrong', 'an end before the time of issue', now + 1, now),
    as('lifetime-wrong', 'times in milliseconds', now * 1000, (now + 60) * 1000),
    as('issued-in-future', 'a call from 31 s ahead', now + 31, now + 60),
    as('expired', 'a call that ended 5 s ago', now - 65, now - 5),
    as('expired', 'a call of last year', now - 31_536_000, now - 31_535_940),
    as('expired', 'a call of 1970', 0, 60),
  ]
}

function callIds(stage: Stage): readonly Forgery[] {
  const as = (says: string, jti: unknown): Forgery => [
    'call-id-malformed',
    says,
    claiming(stage, { jti }),
  ]
  return [
    as('no call id', undefined),
    as('an empty call id', ''),
    as('a call id of 21 characters', 'a'.repeat(21)),
    as('a call id of 65 characters', 'a'.repeat(65)),
    as('a call id with a separator in it', `${'a'.repeat(22)}\x1f`),
    as('a call id with a slash in it', `${'a'.repeat(22)}/`),
    as('a call id with a newline after it', `${'a'.repeat(22)}\n`),
    as('a number as call id', 1234567890123456),
    as('an object as call id', { id: 'a'.repeat(22) }),
  ]
}
