/** INVARIANT (a claim only tightens): that keys are compromised makes nothing known, and no refusal go away. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attested } from '../../functions/decision/attested.ts'
import {
  attestedBy,
  type CompromisedKeys,
  isDoubtful,
} from '../../functions/decision/compromised.ts'
import { attestable } from './attested-oracle.ts'
import { type World, worlds } from './attested-worlds.ts'
import { patience, runs } from './runs.ts'

const at = '2026-11-24T10:00:00Z'
const offices = ['DE-BKA', 'DE-MIN', 'DE-DSB']
const keysOf = (compromised: Readonly<Record<string, string>>): CompromisedKeys =>
  new Map(
    offices.map((id) => [
      id,
      new Map(
        Object.entries(compromised).flatMap(([key, since]) =>
          key.startsWith(id) ? [[key, since] as const] : [],
        ),
      ),
    ]),
  )

const allKeys = offices.flatMap((id) => [`${id} 1`, `${id} 2`])
const times = ['2026-10-01T00:00:00Z', '2026-11-20T00:00:00Z', at]
const compromised = fc.dictionary(fc.constantFrom(...allKeys), fc.constantFrom(...times))

/** A world in which most signatures are known to be of one of two keys. */
const keyed = fc.tuple(worlds, fc.infiniteStream(fc.nat(5))).map(([world, chance]) => {
  const next = () => chance.next().value as number
  const acts = world.acts.map((act) => {
    const kid = next() === 0 ? {} : { kid: `${act.attester} ${(next() % 2) + 1}` }
    const uses = (act.signatures ?? []).flatMap(({ agency, as }) =>
      next() === 0
        ? []
        : [{ did: 'sign', agency, of: as, kid: `${agency} ${(next() % 2) + 1}`, at: times[1] }],
    )
    return { ...act, ...kid, uses }
  })
  return { ...world, acts }
})

type Act = World['acts'][number] & {
  readonly kid?: string
  readonly uses: readonly { agency: string; of: string; kid: string; at: string }[]
}

const isAgainst = (fact: string, value: unknown): boolean =>
  (attestable[fact]?.against ?? []).includes(value as never)

/** Whether somebody else may have signed, read anew. */
const mayBeStolen = (
  agency: string,
  kid: string | undefined,
  when: string,
  keys: CompromisedKeys,
) =>
  [...(keys.get(agency) ?? [])].some(
    ([key, since]) => (kid === undefined || key === kid) && Date.parse(since) <= Date.parse(when),
  )

/** The acts without what may have been stolen: none that lets go, and none of its signatures. */
const withoutStolen = (acts: readonly Act[], keys: CompromisedKeys): readonly Act[] =>
  acts
    .filter((act) => !mayBeStolen(act.attester, act.kid, act.enteredAt, keys))
    .map((act) => ({
      ...act,
      signatures: (act.signatures ?? []).filter(({ agency, as }) => {
        const uses = act.uses.filter((each) => each.agency === agency && each.of === as)
        // Without any, nobody knows by which key, nor when. Of an office that signed twice, one sound signature is enough.
        if (uses.length === 0) return !mayBeStolen(agency, undefined, '9999-01-01T00:00:00Z', keys)
        return uses.some(({ kid, at: when }) => !mayBeStolen(agency, kid, when, keys))
      }),
    }))

// Kills: each condition of `isDoubtful`; a signature, or an act, that lets go though it may be stolen.
test(
  'what is known with compromised keys is known without what they signed, and is the same',
  () => {
    let unknown = 0
    fc.assert(
      fc.property(keyed, compromised, (world, dictionary) => {
        const { doubts, asking, at: now } = world
        const acts = world.acts as unknown as readonly Act[]
        const keys = keysOf(dictionary)
        const said = attested(acts as never, doubts as never, asking, now)
        const sound = attestedBy(keys, acts as never, doubts as never, asking, now)
        const left = attested(withoutStolen(acts, keys) as never, doubts as never, asking, now)
        for (const [key, { value }] of sound) {
          const [fact = ''] = key.split('@')
          if (value === undefined || isAgainst(fact, value)) continue
          expect(value, key).toEqual(said.get(key)?.value)
          expect(value, key).toEqual(left.get(key)?.value)
        }
        for (const [key, { value }] of said) {
          const [fact = ''] = key.split('@')
          if (isAgainst(fact, value)) expect(isAgainst(fact, sound.get(key)?.value), key).toBe(true)
          else if (value !== undefined && sound.get(key)?.value === undefined) unknown += 1
        }
        if (Object.keys(dictionary).length === 0) expect(sound).toEqual(said)
      }),
      { numRuns: runs(2000) },
    )
    expect(unknown).toBeGreaterThan(5)
  },
  patience,
)

test('a signature is doubtful from the moment on, and without a key by the first of any', () => {
  const keys = keysOf({ 'DE-BKA 1': times[1] ?? '', 'DE-BKA 2': at })
  const of = (kid: string | undefined, when?: string) =>
    isDoubtful(
      {
        did: 'enter',
        agency: 'DE-BKA',
        ...(kid === undefined ? {} : { kid }),
        ...(when === undefined ? {} : { at: when }),
      },
      keys,
    )
  expect(of('DE-BKA 1', '2026-11-19T23:59:59.999Z')).toBe(false)
  expect(of('DE-BKA 1', '2026-11-20T00:00:00.000Z')).toBe(true)
  expect(of('DE-BKA 2', '2026-11-20T00:00:00.000Z')).toBe(false)
  expect(of('DE-BKA 3', at)).toBe(false)
  expect(of(undefined, '2026-11-20T00:00:00.000Z')).toBe(true)
  expect(of(undefined, '2026-11-19T00:00:00.000Z')).toBe(false)
  expect(of('DE-BKA 1')).toBe(true)
  expect(of('DE-BKA 1', 'some time')).toBe(true)
  // Whose keys nobody knows signs nothing that lets go.
  expect(isDoubtful({ did: 'enter', agency: 'XX-NONE', kid: 'k', at }, keys)).toBe(true)
})

// Kills: a risk that hides behind a narrower word which may be somebody else's.
test('what an office refused of the country stands, whatever its stolen key says of the matter', () => {
  const { asking, at: now } = fc.sample(worlds, 1)[0] as World
  const act = {
    ...{ holder: 'DE-BKA', attester: 'DE-MIN', decidedBy: 'DE-MIN', as: 'holder-ministry' },
    ...{ fact: 'assurance.specialty', enteredAt: '2026-11-01T00:00:00Z' },
    ...{ from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
  }
  const refused = {
    ...{ ...act, id: 'wide', value: 'refused', kid: 'DE-MIN 1' },
    ...{ scope: { kind: 'general', requester: 'US' } },
    signatures: [{ agency: 'DE-DSB', officer: 'dpo-1', as: 'data-protection' }],
  }
  const given = {
    ...{ ...act, id: 'near', value: 'given', kid: 'DE-MIN 2' },
    ...{ scope: { kind: 'matter', matter: asking.id } },
  }
  const said = (keys: CompromisedKeys) =>
    attestedBy(keys, [refused, given] as never, [], asking, now).get('assurance.specialty')
  expect(said(keysOf({}))).toMatchObject({ value: 'given', ids: ['near'] })
  expect(said(keysOf({ 'DE-MIN 2': '2026-10-01T00:00:00Z' }))).toMatchObject({
    value: 'refused',
    ids: ['wide'],
  })
})
