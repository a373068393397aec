/** One whole answer, to nobody, while an instance starts: what is done for the first time is slow. */

import { findingCache } from '../decision/finding-cache.ts'
import { digestOf } from '../identity/claims.ts'
import { type Agency, agencySchema } from '../identity/register.ts'
import { callType } from '../identity/token.ts'
import { readOnce } from '../policy/json.ts'
import type { World } from '../ports.ts'
import { accessApi } from './access-api.ts'
import { eventHandler } from './api-event.ts'

/**
 * Answers a call that nobody made, so that the first that somebody makes finds all read, compiled and checked. `world`
 * has nothing, keeps nothing, and makes no entry durable: who asks, who holds and whom it is about are invented here.
 * So what it answers is 503. No line is printed.
 */
export async function rehearse(world: World, key: CallKey) {
  const served = holderOf(world)
  const asker = agencyOf('XX-ASKS', other(served), key)
  const holder = agencyOf('XX-HOLDS', served, key)
  const api = accessApi(
    {
      ...world,
      register: {
        agency: async (id) => [asker, holder].find((each) => each.id === id),
        all: async () => [],
      },
      // What is remembered of nobody would take the place of somebody.
      findings: findingCache(),
    },
    ignore,
  )
  const body = JSON.stringify(requestTo(holder))
  const signed = signedBy(key, { world, agency: asker.id, body })
  const answer = await eventHandler(api, world.random, ignore)(eventOf(world, signed, body))
  // Once an open denial is entered, it goes to an inbox, whose store may be one that is read late.
  await world.inbox.lastDecided(served)
  return answer
}

/** The key of whoever asks: its public half, and how it signs a text (ES256, base64url). */
type CallKey = { readonly jwk: object; readonly sign: (text: string) => string }

const ignore = () => {}
const path = '/v1/access-requests'
const kid = 'rehearsal'

/** A jurisdiction that the instance serves. Most of what is compiled for one pair of states serves any other. */
const holderOf = ({ holds }: World): string => holds?.[0] ?? 'DE'
const other = (jurisdiction: string): string => (jurisdiction === 'FR' ? 'DE' : 'FR')

/** An agency that nobody registered. */
const agencyOf = (id: string, jurisdiction: string, { jwk }: CallKey): Agency =>
  agencySchema.parse(
    {
      ...{ id, name: 'Nobody', jurisdiction, authorityType: 'police' },
      ...{ status: 'active', timeZone: 'Europe/Brussels', channels: ['siena'], cannotHonour: [] },
      ...{ attests: [], holdsRecords: true, requestsPerMinute: 1 },
      keys: [{ kid, alg: 'ES256', from: '2026-01-01T00:00:00Z', status: 'active', jwk }],
    },
    readOnce,
  )

/** A request that nobody made. */
const requestTo = ({ id }: Agency) => ({
  holder: id,
  subject: { name: { given: 'Nobody', family: 'Nobody' }, birthDate: '2000-01-01' },
  classes: ['identification'],
  ...{ purpose: 'investigation', instrument: 'EU-2023/977', channel: 'siena', stage: 'suspect' },
  offence: { category: 'ordinary', description: 'none', maxCustodyMonths: 60 },
  urgency: 'none',
  necessity: { statement: 'None at all.', strictlyNecessaryClasses: [] },
  caseReference: 'NONE',
})

/** The `Authorization` of a call, as an agency signs it. */
function signedBy(
  { sign }: CallKey,
  {
    world,
    agency,
    body,
  }: { readonly world: World; readonly agency: string; readonly body: string },
): string {
  const iat = Math.floor(world.now().getTime() / 1000)
  const claims = {
    ...{ iss: agency, sub: 'nobody', aud: world.origin, iat, exp: iat + 60 },
    jti: Buffer.from(world.random(16)).toString('base64url'),
    ...{ htm: 'POST', htu: `${world.origin}${path}` },
    request_body_sha256: digestOf(Buffer.from(body)),
  }
  const input = [{ alg: 'ES256', typ: callType, kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `Bearer ${input}.${sign(input)}`
}

/** The event of an HTTP API (payload format 2.0) that a call comes as. */
const eventOf = ({ origin }: World, authorization: string, body: string) => ({
  ...{ version: '2.0', rawPath: path, rawQueryString: '', body, isBase64Encoded: false },
  headers: { authorization, 'content-type': 'application/json' },
  requestContext: { domainName: new URL(origin).host, http: { method: 'POST' } },
})
