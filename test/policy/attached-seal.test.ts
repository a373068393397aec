/** Seals that people sign by certificates: they count as those with keys do, and for one person each. */

import { describe, expect, test } from 'vitest'
import { openedChecked } from '../../functions/policy/carried.ts'
import { carry, carryChecked, opened } from '../../functions/policy/carry.ts'
import { textOfLink } from '../../functions/policy/chain.ts'
import { checkChain, checkSeals, signSeal } from '../../functions/policy/check-seals.ts'
import { followLaw } from '../../functions/policy/law-chain.ts'
import {
  releaseKeySchema,
  type Sealer,
  type SealSignature,
} from '../../functions/policy/sealers.ts'
import { digestOfKeys } from '../../functions/policy/set.ts'
import { fileOf, permit } from '../decision/write.ts'
import { usage } from '../ledger/authority.ts'
import { startSecond } from '../proof/second.ts'
import { chainOf, demonstrationKey, lawOf, sealOf, setIn, statedLaw } from './sealing.ts'
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
    const twice = 'it needs a legal and a data-protection sealer, with two different keys'
    expect(wrong([signSeal(link, byKey), byErika])).toEqual([twice])
    expect(wrong([byErika, byErika])).toEqual([twice])
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
    const [keyed, early] = [signSeal(link, byKey), cms(erika.sign(text, '2026-11-01T09:59:59Z'))]
    for (const signatures of [
      ...[[byErika, byMax], [byMax, keyed], [keyed, byErika], [byErika], [byErika, byErika]],
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
