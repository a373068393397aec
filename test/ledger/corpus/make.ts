/**
 * Makes a file of entries as a real gateway stores them, of varied outcomes, with the keys that open
 * them: `npm exec -- node test/ledger/corpus/make.ts 2027-03-24` writes `2027-03-24.ndjson` beside the
 * older ones, and never over one; the gateway's day is that day, by which the law must be sealed. Later versions must read and decide all of them as they were.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { agencies } from '../../../functions/demo/agencies.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { vocabulary } from '../../../functions/policy/vocabulary.ts'
import type { Stored } from '../../../functions/ports.ts'
import {
  attestAll,
  benign,
  benignOfMember,
  directive,
  inThisCase,
  itemOf,
  personOf,
  requestOf,
  subjectsOf,
} from '../../answer/people.ts'
import type { Case } from '../../answer/play.ts'
import { picture } from '../../picture/pictures.ts'
import { answered, done, freshJti, startGateway } from '../../world.ts'

const capital: Case = {
  requester: 'US-POL',
  holder: 'GB-POL',
  facts: {
    'transfer.assessment': 'safeguards-found',
    'request.offence.deathPenaltyAvailable': true,
  },
  request: { purpose: 'prosecution', stage: 'charged' },
}
const alert = itemOf('report', { id: 'alert', system: 'SIS', originator: 'DE' })

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
if (!/^\d{4}-\d{2}-\d{2}$/.test(name)) throw new Error('say for which day, such as 2027-03-24')
const gateway = await startGateway({ now: `${name}T09:00:00.000Z` })
const ids: string[] = []
for (const [i, each] of cases.entries()) ids.push(...(await play(each, i)))
ids.push(...(await playActs()))
const stored = await Promise.all(ids.map((id) => gateway.world.ledger.read(id)))
const lines = await Promise.all(stored.filter((each) => each !== undefined).map(lineOf))
await gateway.close()
const file = join(import.meta.dirname, `${name}.ndjson`)
writeFileSync(file, `${lines.join('\n')}\n`, { flag: 'wx' })
console.log(`${lines.length} entries: ${file}`)

/** Plays a case: asked, and if an officer may let it go, released and asked again. Gives the last decision; of some cases, both. */
async function play(
  { requester, holder = 'DE-POL', items = [itemOf('name')], facts = {}, request, consent }: Case,
  i: number,
): Promise<readonly string[]> {
  const caseReference = `CASE-${i}`
  await gateway.putRecord(holder, personOf(`R-${i}`, items))
  const ways = Object.values(subjectsOf(`R-${i}`))
  const subject = ways[i % ways.length] ?? { recordId: `R-${i}` }
  const classes = [...new Set(items.map((item) => item.class))]
  const asked = { holder, subject, classes, caseReference, ...request }
  const real = requestOf({ ...asked, ...channelOf(requester) })
  const { dryRun: _, ...anew } = real
  const { id: previous } = await answered(await gateway.ask(requester, 'officer-7', anew))
  await attestAll(gateway, holder, { kind: 'matter', matter: previous }, benign)
  const body = { ...real, previous }
  const first = await answered(await gateway.ask(requester, 'officer-7', body))
  if (first.standing !== 'open' || body.dryRun) return [first.id]
  const matter = { kind: 'matter', matter: first.id } as const
  for (const [fact, value] of Object.entries(facts)) {
    const isMinistry = vocabulary[fact]?.attester === 'holder-ministry'
    const office = isMinistry ? `${holder.slice(0, 2)}-MIN` : holder
    await gateway.attest(office, { holder, fact, value, scope: matter })
  }
  if (consent !== undefined)
    await gateway.attest(consent[0], {
      ...{ holder, fact: 'item.originConsent', scope: matter },
      ...consent[1],
    })
  await gateway.releaseBy(holder, first.id, { facts: inThisCase })
  const again = { ...body, previous: first.id }
  const second = await answered(await gateway.ask(requester, 'officer-7', again))
  return i < 4 ? [first.id, second.id] : [second.id]
}

/** The channel of an agency’s key here. */
function channelOf(id: string): Partial<AccessRequest> {
  const channel = agencies.find((each) => each.id === id)?.channels[0]
  return channel === undefined ? {} : { channel }
}

/** One entry of each other kind: gives their ids. */
async function playActs(): Promise<readonly string[]> {
  const holder = 'GB-POL'
  const acts: string[] = []
  const act = async (agency: string, method: string, path: string, body?: unknown) => {
    const id = await done(await gateway.call(agency, { method, path: `/v1${path}`, body }))
    acts.push(id)
    return id
  }
  acts.push(await gateway.putRecord(holder, personOf('ACTS', [itemOf('name')])))
  const body = requestOf({ holder, subject: { recordId: 'ACTS' }, caseReference: 'ACTS' })
  const { id: request } = await answered(await gateway.ask('US-POL', 'agent-12', body))
  await act('US-POL', 'POST', `/access-requests/${request}/review`, {
    ground: 'Please look again.',
  })
  await act(holder, 'POST', `/access-requests/${request}/review`, { ground: 'Looked at again.' })
  const general = { kind: 'general', requester: 'US' } as const
  const said = { holder, fact: 'transfer.assessment', value: 'safeguards-found', scope: general }
  const attestation = await gateway.attest(holder, said)
  await act('GB-DPO', 'POST', `/attestations/${attestation}/signatures`)
  const objected = `/attestations/${attestation}/objections`
  await act(holder, 'POST', objected, { ground: 'It is to be judged anew.' })
  await act(holder, 'DELETE', `/attestations/${attestation}`)
  const inCase = { kind: 'case', requester: 'US-POL', caseReference: 'ACTS' } as const
  const named = { ...inCase, persons: [request] }
  const assured = { holder, fact: 'assurance.deathPenalty', value: 'given-and-verified' }
  const ofCase = await gateway.attest('GB-MIN', { ...assured, scope: named })
  await act('GB-MIN', 'POST', `/attestations/${ofCase}/persons`, { request })
  await gateway.releaseBy(holder, request, { facts: inThisCase })
  return [...acts, ...(await playFile()), request, attestation, ofCase]
}

/** A photograph that its holder sends, and that is fetched. */
async function playFile(): Promise<readonly string[]> {
  const face = { element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' } } as const
  await gateway.putRecord('DE-POL', personOf('FACE', [itemOf('name', { id: 'face', ...face })]))
  const path = '/v1/records/FACE/files/face'
  const headers = { 'content-type': 'image/jpeg' }
  const sent = await done(
    await gateway.call('DE-POL', { method: 'PUT', path, body: picture('baseline'), headers }),
  )
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  const body = requestOf({ subject: { recordId: 'FACE' }, caseReference: 'FACE', ...directive })
  const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-7', body))
  const jti = freshJti()
  const fetched = { path: `/v1/access-requests/${id}/files/face`, officer: 'officer-7', jti }
  const response = await gateway.call('FR-SPOC', fetched)
  if (!response.ok) throw new Error(await response.text())
  return [sent, id, entryId('FR-SPOC', jti)]
}

/** An entry as it is stored, and its key. */
async function lineOf({
  leaf,
  leafBytes,
  leafHash,
  attempt,
  ciphertext,
  kid,
}: Stored): Promise<string> {
  const kek = (await gateway.world.subjectKeys.open(kid)) ?? new Uint8Array()
  const b64 = (of: Uint8Array) => Buffer.from(of).toString('base64url')
  return JSON.stringify({
    eid: leaf.eid,
    leaf: b64(leafBytes),
    lh: b64(leafHash),
    ev: b64(ciphertext),
    att: attempt,
    kid,
    kek: b64(kek),
  })
}
