/** Attestations and objections for tests of their rows. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodbActMarks } from '../../functions/adapters/attestation-marks.ts'
import type { Scope } from '../../functions/decision/attestation.ts'
import type { Matter } from '../../functions/decision/attested.ts'
import type { Attestations, KeptAttestation, KeptObjection } from '../../functions/ports.ts'
import type { Store } from '../dynalite.ts'
import { freshId } from './make.ts'

/** Marks in a store of tests, under places as they are. */
export const actMarksIn = (client: DynamoDBClient, { decisions }: Store['tables']) =>
  dynamodbActMarks(client, decisions, (place) => place)

/** A holder of its own for each test. */
let holders = 0
export const holderOf = () => `DE-H${++holders}A`

export const attestationOf = (
  holder: string,
  scope: Scope,
  changes: Partial<KeptAttestation> = {},
): KeptAttestation => ({
  holder,
  fact: 'risk.torture',
  value: 'none',
  scope,
  from: '2026-01-01T00:00:00Z',
  until: '2027-01-01T00:00:00Z',
  decidedBy: 'DE-BMI',
  id: freshId(),
  attester: 'DE-BMI',
  enteredBy: 'officer-2',
  enteredAt: '2026-11-24T22:25:46.123Z',
  ...changes,
})
/** When requests come: an hour after what is said by default. */
export const now = '2026-11-24T23:30:00.000Z'
/** With which key of the office that entered it. */
export const by = {
  agency: 'DE-BMI',
  kid: 'key-1',
  at: '2026-11-24T23:00:00Z',
  entry: 'E'.repeat(43),
}
export const general: Scope = { kind: 'general', requester: 'FR' }
export const inCase = { kind: 'case', requester: 'FR-SPOC', caseReference: 'K #1/2026' } as const
export const matter: Matter = {
  holder: 'DE-POL',
  id: freshId(),
  requester: 'FR-SPOC',
  requesterJurisdiction: 'FR',
  caseReference: 'K #1/2026',
  purpose: 'investigation',
  offenceCategory: 'other',
  asked: 'pseudonym-1',
  necessityPresumed: false,
}
export const objectionTo = ({ holder, id, scope }: KeptAttestation): KeptObjection => ({
  id: freshId(),
  holder,
  against: id,
  facts: ['risk.torture'],
  scope,
  agency: 'DE-POL',
  enteredBy: 'officer-3',
  enteredAt: '2026-11-25T08:00:00.000Z',
})
export const countedIn =
  (attestations: () => Attestations) =>
  async (holder: string, changes: Partial<Matter> = {}, of = attestations()) =>
    (await of.about(holder, { ...matter, ...changes }, now)).attestations
export const idsOf = (found: readonly { readonly id: string }[]): readonly string[] =>
  found.map(({ id }) => id).sort()

/** Puts a row as it was written some time ago, or wrongly. */
export const putRowIn =
  (store: () => Store) =>
  async (pk: string, sk: string, attestation: string, filling = 'x'): Promise<void> => {
    const texts = { pk, sk, attestation, filling }
    const Item = Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S }]))
    await store().rows.attestations.put(Item)
  }
