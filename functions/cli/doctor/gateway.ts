/** The doctor's look at a gateway over the network: its address, build, clock, keys and law. */

import * as z from 'zod'
import { aheadSecondsMax, lifetimeSecondsMax } from '../../identity/claims.ts'
import type { Book } from '../../policy/book.ts'
import { inForce } from '../../policy/history.ts'
import { published } from '../../terminal/published.ts'
import { type Check, fault, listSome, ok, warning } from './check.ts'

/** What a gateway is checked against. */
export type Expected = {
  readonly url: string
  readonly auditUrl: string
  /** The digest of the build that must answer, and that of this folder, which should. */
  readonly build?: string | undefined
  readonly ownBuild?: string | undefined
  /** What to do if another build answers. */
  readonly renew: string
  /** Ids of the pinned receipt keys, if any. */
  readonly receiptKeys?: readonly string[] | undefined
  readonly book?: Book | undefined
  /** What to do if no gateway answers. */
  readonly start: string
}

/** Checks a gateway; `answers` says whether one answered. */
export async function checkGateway(
  expected: Expected,
): Promise<{ readonly checks: readonly Check[]; readonly answers: boolean }> {
  const { url, auditUrl } = expected
  const addresses = [...new Set([url, auditUrl])].map(checkAddress)
  const sentAt = Date.now()
  const health = await published(url, '/healthz', healthSchema)
  const receivedAt = Date.now()
  if ('why' in health)
    return {
      checks: [...addresses, fault('Gateway', `${url} ${health.why}`, expected.start)],
      answers: false,
    }
  const checks = [
    ...addresses,
    ok('Gateway', `${url} answers`),
    checkBuild(health.body.build, expected),
    checkClock(health.date, (sentAt + receivedAt) / 2),
    await checkReceiptKeys(expected),
    await checkOrigin(url, '/openapi.json', 'Origin'),
    await checkOrigin(auditUrl, '/audit/openapi.json', 'Audit origin'),
    ...(await checkSameLaw(expected)),
  ]
  return { checks, answers: true }
}

const healthSchema = z.looseObject({ status: z.literal('ok'), build: z.string() })

function checkAddress(url: string): Check {
  const { protocol, hostname } = new URL(url)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol === 'https:') return ok('Address', `${url} is reached by TLS`)
  return isHere
    ? ok('Address', `${url} is on this machine`)
    : fault('Address', `${url} is reached without TLS`, 'call it by https, and close http')
}

function checkBuild(runs: string, { build, ownBuild, renew }: Expected): Check {
  if (build !== undefined && build !== runs)
    return fault('Build', `${runs} runs, not ${build}`, renew)
  if (build === undefined && ownBuild !== undefined && ownBuild !== runs)
    return warning('Build', `${runs} runs, and not what is in this folder now`, renew)
  return ok('Build', runs)
}

/** Reads the gateway's clock from the header `Date` (RFC 9110 §6.6.1), in whole seconds. */
function checkClock(date: string | null, at: number): Check {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs))
    return warning(
      'Clock',
      'the gateway does not say what time it is',
      'compare the clocks by hand',
    )
  // Half a second, since the header drops the fraction of its second.
  const ahead = Math.round((at - theirs - 500) / 1000)
  const found = `this machine’s is ${Math.abs(ahead)} s ${ahead < 0 ? 'behind' : 'ahead of'} the gateway’s`
  const fix = 'set both clocks by NTP'
  if (ahead > aheadSecondsMax)
    return fault('Clock', `${found}; what is signed ${aheadSecondsMax} s ahead is refused`, fix)
  if (-ahead >= lifetimeSecondsMax)
    return fault('Clock', `${found}; what is signed here is out of date at once`, fix)
  return Math.abs(ahead) > aheadSecondsMax / 2 ? warning('Clock', found, fix) : ok('Clock', found)
}

const jwksSchema = z.looseObject({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })),
})

async function checkReceiptKeys({ url, receiptKeys }: Expected): Promise<Check> {
  const looked = 'Receipt keys'
  const fix = 'look at what the gateway logged when it started: it makes its keys then'
  const jwks = await published(url, '/.well-known/jwks.json', jwksSchema)
  if ('why' in jwks) return fault(looked, `/.well-known/jwks.json ${jwks.why}`, fix)
  const kids = jwks.body.keys.filter(({ kty }) => kty === 'EC').map(({ kid }) => kid)
  if (kids.length === 0) return fault(looked, 'none is published', fix)
  const gone = (receiptKeys ?? []).filter((kid) => !kids.includes(kid))
  if (gone.length > 0)
    return fault(
      looked,
      `${listSome(gone)} was pinned and is not published`,
      'find out who changed the keys: receipts of before cannot be verified by what is published',
    )
  return ok(looked, `${listSome(kids)}${receiptKeys === undefined ? '' : ', as pinned'}`)
}

const openApiSchema = z.looseObject({ servers: z.tuple([z.looseObject({ url: z.string() })]) })

/** Checks the address: a gateway refuses calls that are signed for another, and does not say why. */
async function checkOrigin(url: string, path: string, looked: string): Promise<Check> {
  const document = await published(url, path, openApiSchema)
  if ('why' in document)
    return fault(looked, `${url}${path} ${document.why}`, 'look whether it is the right address')
  const [{ url: own }] = document.body.servers
  const { origin } = new URL(url)
  return own === origin
    ? ok(looked, `calls are signed for ${own}`)
    : fault(
        looked,
        `it is called as ${origin}, but knows itself as ${own}; calls signed for ${origin} are answered with 401`,
        `call ${own}, or set its domain (COMITY_ORIGIN) to ${origin}`,
      )
}

const versionSchema = z.looseObject({
  ...{ id: z.string(), version: z.string(), digest: z.string() },
  suspended: z.literal(true).optional(),
})
const lawSchema = z.looseObject({
  asOf: z.string(),
  policies: z.array(versionSchema),
  lists: z.array(versionSchema),
})

/** Whether the gateway decides by the policies of this folder. */
async function checkSameLaw({ url, book, renew }: Expected): Promise<readonly Check[]> {
  if (book === undefined) return []
  const looked = 'Law of the gateway'
  const law = await published(url, '/v1/policies', lawSchema)
  if ('why' in law) return [fault(looked, `/v1/policies ${law.why}`, renew)]
  const { asOf, policies, lists } = law.body
  const here = inForce(book, asOf, asOf)
  const theirs = [...policies, ...lists].map(keyOf)
  const ours = [...here.policies, ...here.listVersions].map(keyOf)
  const differ = [
    ...theirs.filter((each) => !ours.includes(each)),
    ...ours.filter((each) => !theirs.includes(each)),
  ].map((each) => each.split(' ')[0] ?? '')
  return [
    differ.length === 0
      ? ok(looked, `the ${theirs.length} versions in force are those of this folder`)
      : warning(looked, `it differs from this folder in ${listSome([...new Set(differ)])}`, renew),
    checkSuspended(policies),
  ]
}

/** The policies that the gateway says are suspended; `policy suspended` says until when, and who signed. */
function checkSuspended(policies: readonly z.infer<typeof versionSchema>[]): Check {
  const suspended = policies.filter((each) => each.suspended)
  const named = suspended.map(({ id, version }) => `${id}@${version}`)
  return named.length === 0
    ? ok('Suspensions', 'none is in force')
    : warning(
        'Suspensions',
        `${listSome(named)}: what rests on it cannot be permitted`,
        'see until when and who signed: `comity policy suspended`; confirm it, or lift it',
      )
}

const keyOf = ({ id, version, digest }: z.infer<typeof versionSchema>) =>
  `${id}@${version} ${digest}`
