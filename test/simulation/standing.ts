/**
 * What offices vouched for before every run, as the calls that they signed say it. Its entries are in no store of a run:
 * they are the same whatever goes wrong, and reading them takes no operation.
 */

import { hash } from 'node:crypto'
import { signCall } from '../../functions/identity/sign.ts'
import { entryId, logOf, makeEntry, requestDigest } from '../../functions/ledger/entry.ts'
import type { Durable, KeptAttestation } from '../../functions/ports.ts'
import { agencies, gateway, pseudonym, standingKeys } from './cast.ts'

const at = '2026-12-01T00:00:00.000Z'
const key = { kid: 'standing', kek: new Uint8Array(hash('sha256', 'standing', 'buffer')) }
const entries = new Map<string, Durable>()
const kept = new Map<string, KeptAttestation>()

/** An office's signed call, and its entry; gives the id. */
async function enter(
  agency: string,
  kind: 'attestation' | 'countersignature',
  path: string,
  body: object | undefined,
  values: object,
  jurisdiction: string,
  previous?: string,
): Promise<string> {
  const [officer, method, url] = ['officer-1', 'POST', `https://${gateway}${path}`]
  const text = body === undefined ? '' : JSON.stringify(body)
  const bytes = body === undefined ? undefined : Buffer.from(text)
  const jti = hash('sha256', `${agency} ${path} ${text}`, 'base64url').slice(0, 22)
  const claims = {
    agency,
    officer,
    audience: `https://${gateway}`,
    iat: Date.parse(at) / 1000,
    jti,
  }
  const signing = standingKeys[agency]
  if (signing === undefined) throw new Error(`${agency} has no key`)
  const jws = (await signCall({ method, url, body: bytes }, signing, claims)).slice(7)
  const eid = entryId(agency, jti)
  const digest = bytes && hash('sha256', bytes, 'base64url')
  const call = { agency, officer, method, url, body: digest ?? null }
  const asked = pseudonym(jurisdiction, 'standing')
  const header = {
    ...{ t: kind, log: logOf(gateway, jurisdiction, at), eid, ts: at },
    ...{ hj: jurisdiction, aj: agency.slice(0, 2), eng: 'simulated' },
    ...{ req: requestDigest(jws.slice(0, jws.lastIndexOf('.'))), ...(previous && { previous }) },
  }
  const said = { call, subject: { asked }, ...values }
  const zeros = (length: number) => new Uint8Array(length)
  const entry = makeEntry(header, said, { jws, body: text }, key, 'standing', zeros)
  // A cast: the store of every run would give it back.
  entries.set(eid, entry as Durable)
  return eid
}

/** The holder has looked at the country that asks, and found no risk: else an officer would decide on everything. */
for (const { id: holder, jurisdiction } of agencies.filter(({ holdsRecords }) => holdsRecords))
  for (const requester of new Set(agencies.map((each) => each.jurisdiction))) {
    const said = {
      ...{ holder, fact: 'risk.torture', value: 'none' },
      also: ['risk.persecution', 'risk.unfairTrial'].map((fact) => ({ fact, value: 'none' })),
      scope: { kind: 'general' as const, requester },
      ground: 'Assessed for every run.',
      ...{ from: at, until: '2027-11-30T00:00:00Z', decidedBy: holder },
    }
    const as = 'holder-officer' as const
    const values = { attestation: { ...said, as } }
    const id = await enter(holder, 'attestation', '/v1/attestations', said, values, jurisdiction)
    const signature = { agency: 'DE-DPO', officer: 'officer-1', as: 'data-protection' as const }
    const path = `/v1/attestations/${id}/signatures`
    const by = { signature }
    const second = await enter('DE-DPO', 'countersignature', path, undefined, by, jurisdiction, id)
    const { ground: _, ...row } = said
    const use = { agency: 'DE-DPO', kid: 'office-1', at, entry: second }
    kept.set(`${holder} ${requester}`, {
      ...{
        ...row,
        id,
        as,
        attester: holder,
        enteredBy: 'officer-1',
        enteredAt: at,
        kid: 'holder-1',
      },
      signatures: [signature],
      uses: [{ ...use, did: 'sign', of: 'data-protection' }],
    })
  }

/** What a holder found of a country, as its row has it. */
export function noRisk(holder: string, requester: string): KeptAttestation {
  const row = kept.get(`${holder} ${requester}`)
  if (row === undefined) throw new Error(`${holder} found nothing of ${requester}`)
  return row
}

/** The entries of these ids, if they are all from before the run. */
export const standingEntries = (
  eids: readonly string[],
): ReadonlyMap<string, Durable> | undefined => {
  const found = eids.flatMap((eid) => {
    const entry = entries.get(eid)
    return entry === undefined ? [] : [[eid, entry] as const]
  })
  return found.length > 0 && found.length === eids.length ? new Map(found) : undefined
}

/** The key that opens them; undefined for any other. */
export const standingKey = (kid: string): Uint8Array | undefined =>
  kid === key.kid ? key.kek : undefined
