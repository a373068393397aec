/** The chain of a folder's seals: what counts in it, and what cannot be said. */

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { textOfLink } from '../../functions/policy/chain.ts'
import { checkChain, signSeal } from '../../functions/policy/check-seals.ts'
import { type Sealer, sealerSchema } from '../../functions/policy/sealers.ts'
import { signStatement } from '../../functions/policy/signed.ts'
import { chainOf, lawOf, type Said, sealingKeys } from './sealing.ts'

const sealers = sealerSchema.array().parse(lawOf([], '2026-11-01T00:00:00Z').sealers)
const [legal] = sealingKeys
if (legal === undefined) throw new Error('there is no key')

const day = (n: number) => new Date(Date.UTC(2026, 10, n)).toISOString()
const sha256 = 'a'.repeat(64)
const seal = (path: string, at = day(1)): Said => ({
  statedAt: at,
  body: { act: 'seal', path, sha256, why: 'It was agreed on.' },
})
const retire = (path: string, at: string, from: string, digest = sha256): Said => ({
  statedAt: at,
  body: { act: 'retire', path, sha256: digest, from, why: 'It was sealed by mistake.' },
})
const [a, b] = ['de/own/2020-01-01.json', 'de/own/2020-01-01.b.json']

const check = (said: readonly Said[], trusted: readonly Sealer[] = sealers) =>
  checkChain('de', chainOf('de', said), trusted)
const faults = (...said: readonly Said[]) => check(said).faults.map(({ message }) => message)

describe('In the chain of a folder', () => {
  test.each<[string, readonly Said[], string]>([
    // Kills: each comparison of `counts` and of `checkChain` left out.
    ['a file is sealed once', [seal(a), seal(a, day(2))], `${a} is sealed twice`],
    [
      'of two drafts for one day one is sealed',
      [seal(a), seal(b, day(2))],
      `${b} cannot be sealed: ${a} is, for the same day`,
    ],
    [
      'the day of a file that is retired later is not free yet',
      [seal(a), retire(a, day(2), day(5)), seal(b, day(4))],
      `${b} cannot be sealed: ${a} is, for the same day`,
    ],
    [
      'what is not sealed is not retired',
      [retire(a, day(2), day(2))],
      `${a} cannot be retired: it is not sealed like this`,
    ],
    [
      'what is sealed otherwise is not retired',
      [seal(a), retire(a, day(2), day(2), 'b'.repeat(64))],
      `${a} cannot be retired: it is not sealed like this`,
    ],
    [
      'a file is retired once',
      [seal(a), retire(a, day(2), day(5)), retire(a, day(3), day(3))],
      `${a} is retired twice`,
    ],
    [
      'nothing ends before it is said',
      [seal(a), retire(a, day(3), day(2))],
      `${a} cannot be retired: nothing ends before that is said`,
    ],
    [
      'nobody seals the files of another folder',
      [seal('fr/own/2020-01-01.json')],
      'the statement on fr/own/2020-01-01.json does not count: it is not of the folder de',
    ],
  ])('%s', (_, said, message) => {
    expect(faults(...said)).toEqual([message])
  })

  test('the day of a retired file is free, and both are known to whoever looks back', () => {
    const { faults, sealed, head } = check([seal(a), retire(a, day(2), day(3)), seal(b, day(3))])
    expect(faults).toEqual([])
    expect(Object.fromEntries(sealed)).toEqual({
      [a]: { sha256, sealedAt: day(1), retiredAt: day(3) },
      [b]: { sha256, sealedAt: day(3) },
    })
    expect(head.number).toBe(3)
  })

  // Kills: a retirement that takes effect with its first signature.
  test('a retirement takes effect at its second signature, if that comes later', () => {
    const links = chainOf('de', [seal(a), retire(a, day(2), day(3))])
    const [last] = links.slice(-1)
    const other = sealingKeys[1]
    if (last === undefined || other === undefined) throw new Error('nothing is signed')
    const late = { ...last, signatures: [signSeal(last, legal), signSeal(last, other, day(9))] }
    const { sealed } = checkChain('de', [...links.slice(0, -1), late], sealers)
    expect(sealed.get(a)?.retiredAt).toBe(day(9))
  })

  // Kills: sealers who sign for every folder; a statement that counts with one signature.
  test('those alone count who are trusted for the folder', () => {
    const others = sealers.map((each) => ({ ...each, folders: ['fr'] }))
    const { faults, head } = check([seal(a)], others)
    expect(faults).toMatchObject([
      { path: 'de/seals.json', place: '/0', fix: expect.stringContaining('restore the file') },
    ])
    expect(head.number).toBe(0)
  })

  // Kills: two keys of one role; a signature that was made for something else.
  test('two of one role are one, and what was signed as something else is not signed', () => {
    const [link] = chainOf('de', [seal(a)])
    const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
    const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const
    const another: Sealer = { kid: 'another', name: 'Another', role: 'legal', folders: ['*'], jwk }
    if (link === undefined) throw new Error('nothing is signed')
    const wrongs = (signatures: readonly string[]) =>
      checkChain('de', [{ ...link, signatures }], [...sealers, another]).faults.map(
        ({ message }) => message.split(' does not count: ')[1],
      )
    const key = { kid: 'another', jwk: { ...jwk, d } }
    expect(wrongs([signSeal(link, legal), signSeal(link, key)])).toEqual([
      'it needs two people, a legal and a data-protection sealer, with two different keys',
    ])
    const asSet = sealingKeys.map((each) => signStatement('comity-set+jws', textOfLink(link), each))
    expect(wrongs(asSet)).toEqual(['a signature is not of a sealer trusted here for it'])
  })

  test('what one has signed waits at the end, and is not the head', () => {
    const [first, second] = chainOf('de', [seal(a), seal('de/other/2020-01-01.json', day(2))])
    if (first === undefined || second === undefined) throw new Error('nothing is signed')
    const waits = { ...second, signatures: [signSeal(second, legal)] }
    const { faults, head, waiting, sealed } = checkChain('de', [first, waits], sealers)
    expect([faults, head.number, [...sealed.keys()]]).toEqual([[], 1, [a]])
    expect(waiting.map(({ seal: { body } }) => body.path)).toEqual(['de/other/2020-01-01.json'])
  })

  // Kills: what counts behind what waits (seal.ts, `checkChain`).
  test('nothing counts behind what waits', () => {
    const [first, second] = chainOf('de', [seal(a), seal('de/other/2020-01-01.json', day(2))])
    if (first === undefined || second === undefined) throw new Error('nothing is signed')
    const waits = { ...first, signatures: [signSeal(first, legal)] }
    const { faults, sealed } = checkChain('de', [waits, second], sealers)
    expect(faults.map(({ message }) => message)).toEqual([
      `the statement on de/other/2020-01-01.json follows that on ${a}, which waits`,
    ])
    expect(sealed.size).toBe(0)
  })
})
