/** Seals that people sign by certificates: they count as those with keys do, and for one person each. */

import { describe, expect, test } from 'vitest'
import { openedChecked } from '../../functions/policy/carried.ts'
import { textOfLink } from '../../functions/policy/chain.ts'
import { checkChain, checkSeals, signSeal } from '../../functions/policy/check-seals.ts'
import { followLaw } from '../../functions/policy/law-chain.ts'
import { carry, carryChecked, opened } from '../../functions/policy/read-book.ts'
import {
  releaseKeySchema,
  type Sealer,
  type SealSignature,
} from '../../functions/policy/sealers.ts'
import { digestOfKeys } from '../../functions/policy/set.ts'
import { fileOf, permit } from '../decision/write.ts'
import { usage } from '../ledger/authority.ts'
import { spare, startSecond } from '../proof/second.ts'
import {
  chainOf,
  demonstrationKey,
  lawOf,
  sealingKeys,
  sealOf,
  setIn,
  statedLaw,
} from './sealing.ts'
import { makeSigner } from './signer.ts'

const key = demonstrationKey('legal')
const erika = makeSigner('Erika Muster', 'P-384')
const max = makeSigner('Max Muster', 'RSA')
const own = { folders: ['de'] }
const sealers: readonly Sealer[] = [
  // She has a key, too: for what is urgent.
  {
    ...{ kid: 'erika', name: 'Erika Muster', role: 'legal', ...own },
    ...{ jwk: { kty: 'OKP', crv: 'Ed25519', x: key.jwk.x }, certificate: erika.certificate },
  },
  { kid: 'max', name: 'Max Muster', role: 'data-protection', ...own, certificate: max.certificate },
]
const byKey = { ...key, kid: 'erika' }

/** Those who sign with the demonstration keys. */
const keyed = sealingKeys.map(({ kid, jwk: { kty, crv, x } }, i) => {
  const role = i === 0 ? 'legal' : 'data-protection'
  return { kid, name: role, role, folders: ['*'], jwk: { kty, crv, x } } satisfies Sealer
})

const path = 'de/own/2020-01-01.json'
const began = '2026-11-01T10:00:00.500Z'
const [link] = chainOf('de', [
  {
    statedAt: began,
    body: { act: 'seal', path, sha256: 'a'.repeat(64), why: 'It was agreed on.' },
  },
])
if (link === undefined) throw new Error('nothing is stated')
const text = textOfLink(link)
const cms = (bytes: Uint8Array): SealSignature => ({ cms: Buffer.from(bytes).toString('base64') })
const byErika = cms(erika.sign(text, '2026-11-01T10:00:00Z'))
const byMax = cms(max.sign(text, '2026-11-02T10:00:00Z'))

const check = (signatures: readonly SealSignature[], trusted = sealers, folder = 'de') =>
  checkChain(folder, [{ ...link, signatures }] satisfies readonly unknown[], trusted)
const twice = 'it needs two people, a legal and a data-protection sealer, with two different keys'
const wrong = (...of: Parameters<typeof check>) =>
  check(...of).faults.map(({ message }) => message.split(' does not count: ')[1])

describe('A seal', () => {
  test.each([
    ['two certificates', [byErika, byMax]],
    ['a key and a certificate', [signSeal(link, byKey), byMax]],
    ['a certificate and a key, in the other order', [byMax, byErika]],
  ])('signed by %s counts from the second signature on', (_, signatures) => {
    const { faults, sealed } = check(signatures)
    expect(faults).toEqual([])
    expect(sealed.get(path)).toEqual({ sha256: 'a'.repeat(64), sealedAt: '2026-11-02T10:00:00Z' })
  })

  test('signed by one certificate waits for the other person, and says by which it was', () => {
    const { faults, waiting, sealed } = check([byErika])
    expect([faults, sealed.size]).toEqual([[], 0])
    // A program states whole seconds, so it was made when the statement was.
    expect(waiting[0]?.signatures).toMatchObject([
      { by: { kid: 'erika' }, at: began, certificate: { bytes: erika.made } },
    ])
  })

  // Kills: a person who is counted by what they sign with (seal.ts, `checkSignatures`).
  test('that one person signs by key and by certificate is signed once', () => {
    expect(wrong([signSeal(link, byKey), byErika])).toEqual([twice])
    expect(wrong([byErika, byErika])).toEqual([twice])
  })

  // Kills: two roles of one person, by a key in one and by a certificate in the other (signed.ts, `isByBoth`).
  test('that one person signs in two roles waits for another, whatever they sign with', () => {
    const own = sealers.map((each) => ({ ...each, name: 'Erika Muster' }))
    for (const first of [byErika, signSeal(link, byKey)])
      expect(wrong([first, byMax], own)).toEqual([twice])
    // Nor does a second name for the same key help: no two of the three are of two people.
    const { jwk } = sealers[0] ?? {}
    const again = { ...own[1], kid: 'again', name: 'Moritz Muster', jwk } as Sealer
    const byAgain = signSeal(link, { ...key, kid: 'again' })
    expect(wrong([signSeal(link, byKey), byAgain, byMax], [...own, again])).toEqual([twice])
  })

  // Kills: a folder, a text or a time that is not compared for certificates.
  test('counts for nothing by whoever may not sign it, or signed something else, or before', () => {
    const elsewhere = sealers.map((each) => ({ ...each, folders: ['fr'] }))
    const nobody = 'of a signature that was attached: it is by another certificate than those'
    expect(wrong([byErika, byMax], elsewhere)).toEqual([expect.stringContaining(nobody)])
    const stranger = cms(makeSigner('Erika Muster', 'P-384').sign(text, '2026-11-01T10:00:00Z'))
    expect(wrong([stranger, byMax])).toEqual([expect.stringContaining(nobody)])
    const other = cms(erika.sign(text.replace('de/own', 'de/other'), '2026-11-01T10:00:00Z'))
    expect(wrong([other, byMax])).toEqual([
      'of a signature that was attached: it signs another text than this statement',
    ])
    const early = cms(erika.sign(text, '2026-11-01T09:59:59Z'))
    for (const signatures of [[early], [early, byMax]])
      expect(wrong(signatures)).toEqual(['a signature is older than what it signs'])
  })

  test('counts for a second verifier, which knows nothing of the first, or for neither', async () => {
    const second = startSecond<{ counts: readonly (string | null)[] }>('seals.py')
    const stranger = makeSigner('Erika Muster', 'P-384')
    const renewed = makeSigner('Max Muster', 'RSA', { extensions: [usage(0x40)] }, max.pair)
    const asMax = { ...sealers[1], kid: 'renewed', role: 'legal', name: 'Moritz Muster' } as const
    const inRoles = [...sealers, { ...asMax, certificate: renewed.certificate }]
    const named = sealers.map((each) => ({ ...each, name: 'Erika Muster' }))
    const [byHerKey, early] = [signSeal(link, byKey), cms(erika.sign(text, '2026-11-01T09:59:59Z'))]
    for (const signatures of [
      ...[[byErika, byMax], [byMax, byHerKey], [byHerKey, byErika], [byErika], [byErika, byErika]],
      ...[
        [early, byMax],
        [cms(stranger.sign(text, '2026-11-01T10:00:00Z')), byMax],
      ],
    ]) {
      const seals = [{ ...link, signatures }]
      const { counts } = await second.ask({ folder: 'de', seals, sealers })
      const { sealedAt } = check(signatures).sealed.get(path) ?? {}
      expect(counts.map((each) => each && Date.parse(each))).toEqual([
        sealedAt === undefined ? null : Date.parse(sealedAt),
      ])
    }
    const again = cms(renewed.sign(text, '2026-11-02T10:00:00Z'))
    const seals = (signatures: readonly SealSignature[]) => [{ ...link, signatures }]
    for (const [signatures, trusted] of [
      [[again, byMax], inRoles],
      [[byErika, byMax], named],
    ] as const) {
      expect(checkSeals({ de: seals(signatures) }, trusted).faults).toHaveLength(1)
      expect(
        await second.ask({ folder: 'de', seals: seals(signatures), sealers: trusted }),
      ).toEqual({ counts: [null] })
    }
    await second.stop()
  })

  // Kills: a second verifier that checks who signed, and not what can be said (seal.ts, `counts`).
  test('says what can be said of a file, for both verifiers, or counts for neither', async () => {
    const second = startSecond<{ counts: readonly (string | null)[] }>('seals.py')
    const [at, later] = ['2026-11-01T10:00:00Z', '2026-11-05T00:00:00Z']
    const of = { sha256: 'a'.repeat(64), why: 'It was agreed on.' }
    const seal = (file: string) => ({ act: 'seal', path: file, ...of }) as const
    const retire = (from: string, sha256 = of.sha256) =>
      ({ act: 'retire', path, ...of, sha256, from }) as const
    const letter = path.replace('.json', '.b.json')
    for (const [counts, ...bodies] of [
      [false, seal('fr/own/2020-01-01.json')],
      [false, seal(path), seal(path)],
      [false, seal(path), seal(letter)],
      [true, seal(path), retire(at), seal(letter)],
      [false, seal(path), retire(later), seal(letter)],
      [false, retire(at)],
      [false, seal(path), retire(at, 'b'.repeat(64))],
      [false, seal(path), retire('2026-10-31T00:00:00Z')],
      [false, seal(path), retire(later), retire(later)],
    ] as const) {
      const said = bodies.map((body) => ({ statedAt: at, body }))
      const { faults } = checkChain('de', chainOf('de', said), keyed)
      expect(faults.length, JSON.stringify(bodies)).toBe(counts ? 0 : 1)
      const theirs = await second.ask({ folder: 'de', seals: chainOf('de', said), sealers: keyed })
      expect(theirs.counts.at(-1) !== null, JSON.stringify(bodies)).toBe(counts)
    }
    await second.stop()
  })

  test('is of the chain that its statement names, and moves to no other', () => {
    const trusted = sealers.map((each) => ({ ...each, folders: ['*'] }))
    expect(check([byErika, byMax], trusted, 'fr').faults).toMatchObject([
      { message: expect.stringContaining('it belongs to another chain') },
    ])
  })

  test('with a signature that is neither is no seal', () => {
    for (const signatures of [[{ cms: 'not base64!' }], [{ cms: '', by: 'erika' }], [7]])
      expect(checkChain('de', [{ ...link, signatures }], sealers).faults).toMatchObject([
        { message: 'it is not a chain of seals' },
      ])
  })
})

describe('The list of sealers', () => {
  const faults = (...more: readonly unknown[]) =>
    checkSeals({}, [...sealers, ...more]).faults.map(({ place, message }) => `${place}: ${message}`)
  const third = { kid: 'third', name: 'Tom Muster', role: 'data-protection', ...own }

  // Kills: certificates that are compared, and not the keys in them.
  test('has no key for two people or two roles, be it in a renewed certificate', () => {
    expect(faults()).toEqual([])
    const renewed = makeSigner('Tom Muster', 'P-384', { extensions: [usage(0x40)] }, erika.pair)
    const one = { ...third, name: 'Erika Muster', role: 'legal' }
    for (const { certificate } of [erika, renewed]) {
      for (const other of [third, { ...third, name: 'Erika Muster' }, { ...third, role: 'legal' }])
        expect(faults({ ...other, certificate })).toEqual([
          '/2/certificate: its key is that of `erika`, whose name or role is another',
        ])
      expect(faults({ ...one, certificate })).toEqual([])
    }
  })

  // Kills: keys that are told apart by their spelling: a demonstration key that `prod` takes, one key as two people's.
  test('has each key in one spelling', () => {
    const spelled = (x: string) => ({ ...third, jwk: { kty: 'OKP', crv: 'Ed25519', x } })
    const { x } = key.jwk
    expect(faults(spelled(x))).toEqual([])
    expect(Buffer.from(spare(x), 'base64url')).toEqual(Buffer.from(x, 'base64url'))
    for (const other of [spare(x), `${x}=`, `${x}A`, x.slice(1)])
      expect(faults(spelled(other))).toEqual([': it is not a list of sealers'])
    const released = (other: string) => ({ kid: 'r', name: 'R', jwk: spelled(other).jwk })
    expect([x, spare(x)].map((each) => releaseKeySchema.safeParse(released(each)).success)).toEqual(
      [true, false],
    )
  })

  test('has certificates that may sign, and for each person a key or one of them', () => {
    expect(faults({ ...third, certificate: 'AAAA' })).toEqual([
      expect.stringContaining('/2/certificate: it is no certificate'),
    ])
    expect(faults(third)).toEqual([': it is not a list of sealers'])
  })
})

// A suspension is read on the path of each request, and made in minutes: by a key.
test('Whoever has a certificate alone suspends nothing', () => {
  const releaseKeys = releaseKeySchema.array().parse(lawOf([], began).releaseKeys)
  const body = { act: 'suspend', path, sha256: 'a'.repeat(64), why: 'A court stayed it.' } as const
  const rows = statedLaw([body, [byKey]])
  const broken = (trusted: readonly Sealer[]) =>
    followLaw(rows, { sealers: trusted, releaseKeys }).broken?.why
  expect(broken(sealers)).toBeUndefined()
  const certified = sealers.map(({ jwk: _, ...each }) => each)
  expect(broken(certified)).toBe('a signature is not of a sealer trusted here for it')
})

// Kills: a gateway that takes no law from an archive that was sealed so.
test('A law that was sealed by certificates runs from an archive and from a bundle', () => {
  const file = fileOf({ id: 'de/own', kind: 'ground', rules: [permit('a', true)] })
  const lawBy = (signers: readonly ReturnType<typeof makeSigner>[]) => {
    const [first] = chainOf('de', [sealOf(file, '2026-11-01T10:00:00Z')])
    if (first === undefined) throw new Error('nothing is stated')
    const signed = signers.map((each) => cms(each.sign(textOfLink(first), '2026-11-02T10:00:00Z')))
    const found = { files: [file], seals: { de: [{ ...first, signatures: signed }] }, sealers }
    return { ...found, releaseKeys: lawOf([], began).releaseKeys, set: setIn(found) }
  }
  const law = lawBy([erika, max])
  const keys = digestOfKeys(law)
  for (const { book } of [
    opened(carry(law), keys, true),
    openedChecked(Buffer.from(carryChecked(law)), keys, true),
  ])
    expect(book.policies.map(({ id, sealedAt }) => [id, sealedAt])).toEqual([
      ['de/own', '2026-11-02T10:00:00Z'],
    ])
  const forged = { ...law, seals: lawBy([erika, makeSigner('Max Muster', 'RSA')]).seals }
  expect(() => opened(JSON.stringify(forged), keys, true)).toThrow('by another certificate')
})
