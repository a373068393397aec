/** What an officer reads of what others said in a matter, to doubt it: what an objection of theirs would reach, and no more. */

import { expect, test } from 'vitest'
import { saidFor } from '../../../functions/answer/offices/statements.ts'
import { agencies } from '../../../functions/demo/agencies.ts'
import type { Agency } from '../../../functions/identity/register.ts'
import type { KeptAttestation } from '../../../functions/ports.ts'

const unused = { keys: [], cannotHonour: [], requestsPerMinute: 60 }
const holder: Agency = { ...named('GB-POL'), ...unused, status: 'active' }
function named(id: string) {
  const found = agencies.find((each) => each.id === id)
  if (found === undefined) throw new Error(`${id} is none of them`)
  return found
}
const doubts = ['threat.life']
/** An office of the same state that judges one fact of the holder's, and releases nothing. */
const prosecutor: Agency = {
  ...holder,
  ...{ id: 'GB-CPS', holdsRecords: false, attests: [{ holder: 'GB-POL', facts: doubts }] },
}
const at = '2026-11-29T00:00:00.000Z'
const said = (attester: string, also: object[]): KeptAttestation =>
  ({
    ...{ id: 'A', holder: 'GB-POL', fact: 'release.decision', value: 'release', also },
    ...{ scope: { kind: 'matter', matter: 'M' }, from: at, until: at, as: 'holder-officer' },
    ...{ decidedBy: attester, attester, enteredBy: 'officer-1', enteredAt: at, kid: 'k' },
    // A cast: what is left out plays no part.
  }) as unknown as KeptAttestation
const shownTo = async (reader: Parameters<typeof saidFor>[0], attestation: KeptAttestation) => {
  const vouching = { facts: new Map(), attestations: [attestation], objections: [] }
  const found = await saidFor(reader, 'GB-POL', vouching, {
    // A cast: one method is called.
    register: { agency: async () => holder } as unknown as Parameters<
      typeof saidFor
    >[3]['register'],
  })
  return found.map(({ facts, may }) => [may, ...facts.map(({ fact }) => fact)])
}
const withThreat = [{ fact: 'threat.life', value: 'imminent' }]

// Kills: an office that judges one fact, and reads beside it that an officer of the holder released: so a record is held.
test('An office reads the facts that it may doubt, and no other of the same act', async () => {
  expect(await shownTo(prosecutor, said('GB-POL', withThreat))).toEqual([['object', ...doubts]])
  expect(await shownTo(prosecutor, said('GB-POL', []))).toEqual([])
})

// Kills: an officer named to attest, who is shown a release, objects, and is told that nothing leaves while it stands.
test('An officer is offered to doubt what they are named to doubt', async () => {
  const officers = [{ id: 'officer-2', may: ['attest' as const] }]
  const attests = { ...holder, officers, officer: 'officer-2' }
  expect(await shownTo(attests, said('GB-CPS', withThreat))).toEqual([['object', ...doubts]])
  expect(await shownTo(attests, said('GB-CPS', []))).toEqual([])
})

// Kills: a button to take back a colleague's release, which the API then refuses.
test('Of what their own office said, an officer reads all, and is offered to take back what they are named for', async () => {
  const whole = ['release.decision', ...doubts]
  const named = async (...may: ('attest' | 'release')[]) =>
    shownTo(
      { ...holder, officers: [{ id: 'officer-2', may }], officer: 'officer-2' },
      said('GB-POL', withThreat),
    )
  expect(await named('attest')).toEqual([[undefined, ...whole]])
  expect(await named('attest', 'release')).toEqual([['take-back', ...whole]])
})
