/** `comity upgrade --dry-run`, on data of earlier versions. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addUpgrade, type Looked, lookAt, stops } from '../../functions/cli/upgrade.ts'
import { enrol } from '../../functions/demo/enrol.ts'
import type { InForce } from '../../functions/policy/history.ts'
import { agencyOf, freshId } from '../adapters/make.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { copyOfPolicies, removeCopies, run } from './in-process.ts'

const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()

let store: Store
let policies: string
beforeAll(async () => {
  store = await startDynalite()
  policies = copyOfPolicies()
})
afterAll(async () => {
  await store.close()
  removeCopies()
})

/** An attestation as an earlier version kept it: in two rows, with its ground, by an officer’s name. */
async function keptBefore(said: object, scopeRow: object = {}): Promise<string> {
  const id = freshId()
  const attestation = {
    id,
    holder: 'DE-POL',
    scope: { kind: 'standing', requester: 'FR' },
    ground: 'Assessed once.',
    from: day(-10),
    until: day(200),
    decidedBy: 'officer-2',
    attester: 'DE-POL',
    enteredBy: 'officer-1',
    enteredAt: day(-10),
    ...said,
  }
  for (const [pk, sk, more] of [
    [`A#${id}`, 'attestation', {}],
    ['A#DE-POL#standing#FR', id, scopeRow],
  ] as const) {
    const row = { pk: { S: pk }, sk: { S: sk }, attestation: { S: JSON.stringify(attestation) } }
    await store.rows.attestations.put({ ...row, ...more })
  }
  return id
}

const comity = (...args: string[]) =>
  run(
    (program, folder) =>
      addUpgrade(program, folder, {
        data: 'data',
        openStore: async () => ({
          client: store.client,
          tables: store.tables,
          archive: '',
          close: async () => {},
        }),
      }),
    policies,
    ['upgrade', ...args],
  )

const signed = (as: string, entry?: string) => ({
  [`signature#${as}#DE-DPO`]: { S: JSON.stringify({ agency: 'DE-DPO', officer: 'o-1', as }) },
  [`use#sign#${as}#DE-DPO#key`]: {
    S: JSON.stringify({ did: 'sign', agency: 'DE-DPO', kid: 'key', at: day(-9), of: as, entry }),
  },
})

/** A key that the register knows, on a channel or on none. */
const keyOf = (kid: string, channel?: 'siena') => ({
  kid,
  alg: 'ES256' as const,
  status: 'active' as const,
  from: '2026-01-01T00:00:00Z',
  jwk: { kty: 'EC' as const, crv: 'P-256' as const, x: 'x', y: 'y' },
  ...(channel === undefined ? {} : { channel }),
})

describe('An operator who will run a newer version', () => {
  // Kills: rows by id counted, too; what was taken back or has ended counted; a reason taken for another;
  // a row that cannot be read passed over; a key of one channel named.
  test('reads which attestations stop counting, and why, and what is to be done', async () => {
    const fact = 'transfer.assessment'
    const value = 'safeguards-found'
    const waits = await keptBefore({ fact, value })
    const long = await keptBefore({ fact, value, from: day(-10), until: day(900) })
    const judged = await keptBefore({ fact: 'risk.mitigation', value: 'impossible' })
    const byMinistry = await keptBefore({
      fact: 'assurance.specialty',
      value: 'given',
      attester: 'DE-MIN',
    })
    const byClaim = await keptBefore({
      fact: 'risk.torture',
      value: 'none',
      scope: { kind: 'standing', requester: 'FR', offenceCategory: 'ordinary' },
    })
    const inCase = { kind: 'case', requester: 'FR-SPOC', caseReference: 'K 1' }
    const check = { fact: 'transfer.caseCheck', scope: inCase }
    const nameless = await keptBefore({ ...check, value: 'clean' })
    const ofCase = await keptBefore({ fact: 'risk.torture', value: 'none', scope: inCase })
    const later = await keptBefore({ fact, value, from: day(40) }, signed('data-protection'))
    // These count, or count no more anyway: a risk and a refusal, whomever they name.
    await keptBefore({ fact: 'risk.torture', value: 'real', scope: inCase })
    await keptBefore({ ...check, value: 'concerns' })
    await keptBefore({ fact, value, until: day(20) }, signed('data-protection', freshId()))
    const added = await keptBefore(
      { fact, value },
      { ...signed('data-protection', freshId()), 'request#R': { S: 'R' } },
    )
    const unentered = await keptBefore({ fact, value }, signed('data-protection'))
    await keptBefore({
      fact: 'necessity.case',
      value: 'necessary',
      scope: { kind: 'request', request: freshId() },
      until: day(20),
    })
    await keptBefore({ fact, value }, { withdrawn: { BOOL: true } })
    await keptBefore({ fact, value, until: day(-1) })
    await keptBefore({ fact: 'no.longer.known', value: 'x' })
    const entered = [
      agencyOf('FR-SPOC', {
        channels: ['siena', 'bilateral'],
        keys: [keyOf('old'), keyOf('new', 'siena'), { ...keyOf('gone'), status: 'revoked' }],
      }),
      agencyOf('NL-POL', { channels: ['siena'], keys: [keyOf('only')] }),
      agencyOf('DE-DPA', { role: 'auditor', keys: [keyOf('office')] }),
      agencyOf('DE-POL', { attests: [{ holder: 'DE-POL', facts: ['*'] }] }),
    ]
    await enrol(store.client, store.tables.register, entered, new Date())

    const { code, stdout } = await comity('--dry-run', '--json')
    const looked: Looked = JSON.parse(stdout)
    expect(new Map(looked.stopping.map(({ id, why }) => [id, why]))).toEqual(
      new Map([
        [waits, 'not-countersigned'],
        [long, 'too-long'],
        [judged, 'scope-not-of-fact'],
        [byMinistry, 'not-of-that-office'],
        [byClaim, 'life-and-limb-by-claim'],
        [nameless, 'persons-not-named'],
        [ofCase, 'scope-not-of-fact'],
        [later, 'too-far-ahead'],
        [unentered, 'signature-without-entry'],
        [added, 'person-without-entry'],
      ]),
    )
    expect(looked.stopping).toHaveLength(10)
    expect(looked).toMatchObject({
      attestations: 14,
      unreadable: 1,
      keys: [{ agency: 'FR-SPOC', kid: 'old' }],
      rights: [{ agency: 'DE-POL', holder: 'DE-POL' }],
      ending: [{ fact, holder: 'DE-POL', requester: 'FR' }],
    })
    expect(code).toBe(6)

    const told = await comity('--dry-run')
    expect(told.stdout).toMatch(/^Of 14 attestations, 10 would stop counting, at once; .+\n/)
    const end = day(900).slice(0, 10)
    expect(told.stdout).toMatch(new RegExp(`\\ntoo-long +1 +${end} +Attest it anew, for a year`))
    expect(told.stdout).toContain('\n1 row of attestations cannot be read:')
    expect(told.stdout).toContain('\n- FR-SPOC, key old: write its `channel`\n')
    expect(told.stdout).toMatch(/\nSomething stops\.$/)
    expect(told.code).toBe(6)
  })

  // Kills: a store that takes the format of a version by which something stops; a look that writes.
  test('has the store say its format once nothing stops, and not before', async () => {
    const stopped = await comity()
    expect([stopped.code, stopped.stdout]).toEqual([
      6,
      expect.stringContaining('has format 0; this version'),
    ])
    for (const { pk, sk } of await store.rows.attestations.everything())
      if (pk && sk) await store.rows.attestations.remove({ pk, sk })
    for (const { pk, sk } of await store.rows.register.everything())
      if (pk && sk) await store.rows.register.remove({ pk, sk })
    const looked = await comity('--dry-run')
    expect([looked.code, looked.stdout]).toEqual([
      0,
      expect.stringMatching(/has format 0; .*\nNothing stops/),
    ])
    const done = await comity()
    expect([done.code, done.stdout]).toEqual([
      0,
      expect.stringContaining('had format 0, and has 1'),
    ])
    expect((await comity('--dry-run', '--json')).stdout).toMatch(/"before": ?1,\s*"after": ?1/)
  })
})

/** Law in force: a ground, and what it says of going by rule alone. */
const lawOf = (file: object, lists: InForce['lists'] = {}) =>
  // A cast: of the law, nothing else is looked at.
  ({ policies: [{ id: 'xx/ground', version: '2026-01-01', file }], lists }) as unknown as InForce

describe('What is looked at of the law', () => {
  const now = new Date('2026-11-27T00:00:00Z')

  // Kills: limits or repealed grounds named; a ground that speaks named.
  test('is each ground in force that does not say what leaves by rule alone', () => {
    const groundsOf = (file: object) => lookAt([], [], lawOf(file), now).grounds
    expect(groundsOf({ kind: 'ground' })).toEqual(['xx/ground@2026-01-01'])
    expect(groundsOf({ kind: 'ground', automation: { byRule: [] } })).toEqual([])
    expect(groundsOf({ kind: 'ground', repealed: true })).toEqual([])
    expect(groundsOf({ kind: 'limit' })).toEqual([])
    expect(stops(lookAt([], [], lawOf({ kind: 'ground' }), now))).toBe(true)
    expect(stops(lookAt([], [], lawOf({ kind: 'limit' }), now))).toBe(false)
  })

  // Kills: either state left out of the comparison.
  test.each([
    { presumed: ['DE', 'FR'], why: undefined },
    { presumed: ['DE'], why: 'necessity-not-presumed' },
    { presumed: ['FR'], why: 'necessity-not-presumed' },
  ])('is where necessity is presumed: between $presumed', ({ presumed, why }) => {
    const general = {
      id: freshId(),
      holder: 'DE-POL',
      fact: 'necessity.case',
      value: 'necessary',
      scope: { kind: 'general', requester: 'FR' } as const,
      from: '2026-11-01T00:00:00Z',
      until: '2027-06-01T00:00:00Z',
      decidedBy: 'DE-POL',
      attester: 'DE-POL',
      enteredBy: 'officer-1',
      enteredAt: '2026-11-01T00:00:00.000Z',
      as: 'holder-officer' as const,
      signatures: [{ agency: 'DE-DPO', officer: 'o-1', as: 'data-protection' as const }],
      uses: [
        {
          ...{ did: 'sign' as const, agency: 'DE-DPO', kid: 'key', at: '2026-11-01T00:00:00.000Z' },
          ...{ of: 'data-protection', entry: freshId() },
        },
      ],
    }
    const law = lawOf({ kind: 'limit' }, { 'necessity-presumed': presumed })
    const { stopping } = lookAt([general], [agencyOf('DE-POL')], law, now)
    expect(stopping[0]?.why).toBe(why)
  })
})
