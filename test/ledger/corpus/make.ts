/**
 * Makes a file of entries as a real gateway stores them, of varied outcomes, with the keys that open
 * them: `npm exec -- node test/ledger/corpus/make.ts 2027-03` writes `2027-03.ndjson` beside the older
 * ones, and never over one. Later versions must read and decide all of them as they were.
 */

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import type { Stored } from '../../../functions/ports.ts'
import {
  attestAll,
  benign,
  itemOf,
  personOf,
  requestOf,
  subjectsOf,
} from '../../journeys/people.ts'
import type { Case } from '../../journeys/play.ts'
import { answered, type Gateway, startGateway } from '../../world.ts'

const directive = { instrument: 'EU-2023/977', channel: 'siena' } as const
const capital: Case = {
  requester: 'US-POL',
  holder: 'GB-POL',
  facts: {
    'transfer.assessment': 'safeguards-found',
    'request.offence.deathPenaltyAvailable': true,
  },
  request: { purpose: 'prosecution', stage: 'charged' },
}
const alert = itemOf('report', { id: 'alert', system: 'SIS' })

/** What is asked, and what officers find otherwise than in an ordinary case. */
const cases: readonly Case[] = [
  { requester: 'GB-POL' },
  { requester: 'GB-POL', items: [itemOf('name'), itemOf('account')] },
  { requester: 'GB-POL', items: [itemOf('name'), alert] },
  { requester: 'GB-POL', items: [alert] },
  { requester: 'GB-POL', items: [itemOf('informant')] },
  { requester: 'GB-POL', items: [itemOf('religion'), itemOf('fingerprints')] },
  { requester: 'GB-POL', items: [itemOf('conviction', { minor: true, ageAtEvent: 13 })] },
  { requester: 'GB-POL', facts: { 'risk.torture': 'real' } },
  { requester: 'GB-POL', request: { dryRun: true } },
  { requester: 'GB-POL', request: { dryRun: true, classes: ['special', 'biometric'] } },
  { requester: 'GB-POL', request: { subject: { recordId: 'nobody' } } },
  { requester: 'GB-POL', request: { purpose: 'prevention', urgency: 'urgent' } },
  {
    requester: 'FR-SPOC',
    items: [itemOf('name'), itemOf('conviction', { role: 'convicted' })],
    facts: { 'threat.life': 'imminent' },
    request: { ...directive, urgency: 'imminent-threat-to-life' },
  },
  {
    requester: 'ES-SPOC',
    items: [itemOf('name'), itemOf('address', { quality: 'known-wrong' })],
    request: directive,
  },
  { requester: 'NL-POL', items: [itemOf('name', { originator: 'BE' })], request: directive },
  { requester: 'CH-POL', request: directive },
  { requester: 'FR-SPOC', holder: 'GB-POL' },
  { requester: 'US-POL', facts: { 'transfer.assessment': 'safeguards-found' } },
  {
    requester: 'US-POL',
    items: [itemOf('report', { originator: 'BE' })],
    facts: {
      'transfer.derogation': 'public-security-threat',
      'threat.publicSecurity': 'serious-immediate',
      'transfer.rightsOverride': 'no',
      'threat.life': 'imminent',
    },
    consent: ['DE-POL', { originator: 'BE', value: 'unobtainable-in-time' }],
  },
  capital,
  { ...capital, facts: { ...capital.facts, 'assurance.deathPenalty': 'given-and-verified' } },
  { requester: 'BR-PROS', request: { instrument: 'UN-CYBERCRIME', purpose: 'prosecution' } },
  { requester: 'BR-PROS', request: { instrument: 'CETS-224', purpose: 'prosecution' } },
  { requester: 'JP-NCB', request: { channel: 'interpol' } },
  { requester: 'JP-NCB', request: { purpose: 'missing-person', channel: 'interpol' } },
]

const [name = ''] = process.argv.slice(2)
if (!/^\d{4}-\d{2}$/.test(name)) throw new Error('say for which month, such as 2027-03')
const gateway = await startGateway()
const entries: Stored[] = []
for (const [i, each] of cases.entries()) entries.push(...(await play(each, i, gateway)))
const lines = await Promise.all(entries.map(lineOf))
await gateway.close()
const file = join(import.meta.dirname, `${name}.ndjson`)
writeFileSync(file, `${lines.join('\n')}\n`, { flag: 'wx' })
console.log(`${lines.length} entries: ${file}`)

/** Plays a case; gives the decision, and of the first case the other entries that it made. */
async function play(
  { requester, holder = 'DE-POL', items = [itemOf('name')], facts, request, consent }: Case,
  i: number,
  at: Gateway,
): Promise<readonly Stored[]> {
  const id = `R-${i}`
  const caseReference = `CASE-${i}`
  const kept = await at.putRecord(holder, personOf(id, items))
  const scope = { kind: 'case', requester, caseReference } as const
  await attestAll(at, holder, scope, { ...benign, ...facts })
  if (consent !== undefined)
    await at.attest(consent[0], { holder, fact: 'item.originConsent', scope, ...consent[1] })
  const attested = await at.attest(holder, {
    holder,
    fact: 'necessity.case',
    value: 'necessary',
    scope,
  })
  const ways = Object.values(subjectsOf(id))
  const subject = ways[i % ways.length] ?? { recordId: id }
  const classes = [...new Set(items.map((item) => item.class))]
  const body = requestOf({ holder, subject, classes, caseReference, ...request })
  const told = await answered(await at.ask(requester, 'officer-7', body))
  const ids = i === 0 ? [kept, attested, told.id] : [told.id]
  return [...(await at.world.ledger.readAll(ids)).values()]
}

/** An entry as it is stored, and its key; every eighth one as a program of version 1 stored it. */
async function lineOf(stored: Stored, i: number): Promise<string> {
  const { leaf, leafBytes, attempt, sealed, kid } = stored
  const { kept: _, ...rest } = leaf
  const first = Buffer.from(canonicalize({ ...rest, v: 1 }) ?? '', 'utf8')
  const bytes = i % 8 === 3 ? first : Buffer.from(leafBytes)
  const kek = (await gateway.world.subjectKeys.open(kid)) ?? new Uint8Array()
  const b64 = (of: Uint8Array) => Buffer.from(of).toString('base64url')
  const lh = createHash('sha256').update(Uint8Array.of(0)).update(bytes).digest()
  return JSON.stringify({
    eid: leaf.eid,
    leaf: b64(bytes),
    lh: b64(lh),
    ev: b64(sealed),
    att: attempt,
    kid,
    kek: b64(kek),
  })
}
