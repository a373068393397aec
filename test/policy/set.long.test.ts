/** The law as a set: whatever is done to its folder, at both levels, is refused by the one judgment. */

import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../functions/policy/book.ts'
import type { RunLaw } from '../../functions/policy/carried.ts'
import { judge, signSeal } from '../../functions/policy/check-seals.ts'
import { carry } from '../../functions/policy/read-book.ts'
import type { Seal } from '../../functions/policy/sealers.ts'
import { type LawSet, setOf, signSet } from '../../functions/policy/set.ts'
import { runs } from '../decision/runs.ts'
import { fileOf, listOf, permit } from '../decision/write.ts'
import { chainOf, lawOf, releaseKeys, type Said, sealingKeys, sealOf, setIn } from './sealing.ts'

const day = (n: number) => new Date(Date.UTC(2026, 10, n)).toISOString()
/** Each with words of its own. */
const titled = ({ path, text }: SourceFile): SourceFile => ({
  path,
  text: JSON.stringify({ ...JSON.parse(text), title: `The law of ${path}` }),
})
const version = (id: string) => titled(fileOf({ id, kind: 'ground', rules: [permit('a', true)] }))

const files = [
  ...['de/a', 'de/b', 'de/c', 'fr/a', 'fr/b', 'gb/a'].map(version),
  ...['one', 'two'].map((id) => titled(listOf(id, []))),
]
const retired = files[1] as SourceFile
const retiring: Said = {
  statedAt: day(9),
  body: {
    ...sealOf(retired, day(9)).body,
    ...{ act: 'retire', from: day(20), why: 'It was sealed by mistake.' },
  } as Said['body'],
}
/** What two people said, one statement a day; the second of the last came a day later. */
const said = (folder: string): readonly Said[] => [
  ...files
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map((each, i) => sealOf(each, day(i + 1))),
  ...(folder === 'de' ? [retiring] : []),
]
const folders = ['de', 'fr', 'gb', 'lists'] as const
const seals = Object.fromEntries(folders.map((each) => [each, chainOf(each, said(each))]))
const unsigned = { ...lawOf([], day(1)), files, seals }
const whole: RunLaw = { ...unsigned, set: setIn(unsigned) }

/** What lies beside a set and is none of it: drafts, what was sealed since, and what waits. */
const draft = { ...version('fr/draft'), text: '{ "title": ' }
const fresh = version('de/fresh')
const others = [draft, fresh, version('gb/waits')]
const [legal, dataProtection] = sealingKeys
const [one, two] = releaseKeys
if (legal === undefined || dataProtection === undefined || one === undefined || two === undefined)
  throw new Error('there are no keys')
const last = (folder: string, more: SourceFile, keys = sealingKeys): readonly Seal[] => {
  const all = chainOf(folder, [...said(folder), sealOf(more, day(15))])
  const link = all.at(-1) as Seal
  return [...all.slice(0, -1), { ...link, signatures: keys.map((key) => signSeal(link, key)) }]
}
const lively: RunLaw = {
  ...whole,
  files: [...files, ...others],
  seals: {
    ...seals,
    de: last('de', fresh),
    gb: last('gb', others[2] as SourceFile, [legal]),
  },
}

type Change = {
  readonly is: string
  readonly law: RunLaw
  /** Whatever a sentence must name one of. */
  readonly named: readonly string[]
}

const linksOf = ({ seals }: RunLaw, folder: string) => seals[folder] as readonly Seal[]
const withSeals = (law: RunLaw, folder: string, links: readonly unknown[]): RunLaw => ({
  ...law,
  seals: { ...law.seals, [folder]: links },
})
const withSet = (law: RunLaw, change: Partial<LawSet>, sign = false): RunLaw => {
  const { signatures, ...set } = { ...(law.set as LawSet), ...change }
  return { ...law, set: sign ? signSet(set, releaseKeys) : { ...set, signatures } }
}
const foreign = () => {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { kid: legal.kid, jwk: { kty: 'OKP', crv: 'Ed25519', x, d } } as const
}

/** Each way to change a law, of which the numbers choose file, folder, seal and what else there is. */
const changes: Readonly<Record<string, (law: RunLaw, a: number, b: number) => Change | undefined>> =
  {
    'a file is deleted': (law, a) => {
      const file = files[a % files.length] as SourceFile
      return of(law, file.path, { files: law.files.filter(({ path }) => path !== file.path) })
    },
    'a file is renamed': (law, a, b) => {
      const file = files[a % files.length] as SourceFile
      const path = file.path.replace(/\d{4}/, String(2030 + (b % 9)))
      return of(law, file.path, {
        files: law.files.map((each) => (each.path === file.path ? { ...each, path } : each)),
      })
    },
    'a file stands twice': (law, a, b) => {
      const file = files[a % files.length] as SourceFile
      const text = b % 2 === 0 ? file.text : `${file.text} `
      return of(law, file.path, { files: [...law.files, { ...file, text }] })
    },
    'a byte of a file is changed': (law, a, b) => {
      const file = files[a % files.length] as SourceFile
      const at = b % file.text.length
      const text = `${file.text.slice(0, at)}${file.text[at] === 'x' ? 'y' : 'x'}${file.text.slice(at + 1)}`
      return of(law, file.path, {
        files: law.files.map((each) => (each.path === file.path ? { ...each, text } : each)),
      })
    },
    'two files are swapped': (law, a, b) => {
      const [x, y] = [files[a % files.length], files[b % files.length]] as [SourceFile, SourceFile]
      if (x === y) return undefined
      const swapped = (each: SourceFile) =>
        each.path === x.path
          ? { ...x, text: y.text }
          : each.path === y.path
            ? { ...y, text: x.text }
            : each
      return of(law, x.path, { files: law.files.map(swapped) })
    },
    'a seal is cut out': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      return of(law, folder, withSeals(law, folder, links.toSpliced(at, 1)))
    },
    'the end of a chain is cut': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      return of(law, folder, withSeals(law, folder, links.slice(0, at)))
    },
    'a folder’s seals are deleted': (law, a) => {
      const { folder } = sealAt(law, a, 0)
      return of(law, folder, {
        seals: Object.fromEntries(Object.entries(law.seals).filter(([each]) => each !== folder)),
      })
    },
    'a seal stands twice': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      return of(law, folder, withSeals(law, folder, links.toSpliced(at, 0, links[at] as Seal)))
    },
    'two seals are swapped': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      const other = links[(at + 1) % said(folder).length] as Seal
      if (other === links[at]) return undefined
      const swapped = links.with(at, other).with(links.indexOf(other), links[at] as Seal)
      return of(law, folder, withSeals(law, folder, swapped))
    },
    'the chains of two folders are swapped': (law, a, b) => {
      const [x, y] = [sealAt(law, a, 0).folder, sealAt(law, b, 0).folder]
      if (x === y) return undefined
      const { [x]: one, [y]: other } = law.seals
      return of(law, x, { seals: { ...law.seals, [x]: other, [y]: one } })
    },
    'what a seal says is changed': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      const link = links[at] as Seal
      const why = { ...link, body: { ...link.body, why: 'It was agreed on otherwise.' } }
      return of(law, folder, withSeals(law, folder, links.with(at, why)))
    },
    'a signature is taken away': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      const link = links[at] as Seal
      const left = { ...link, signatures: link.signatures.slice(0, 1) }
      return of(law, folder, withSeals(law, folder, links.with(at, left)))
    },
    'a signature is another’s': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      const link = links[at] as Seal
      const forged = [signSeal(link, foreign()), signSeal(link, dataProtection)]
      return of(
        law,
        folder,
        withSeals(law, folder, links.with(at, { ...link, signatures: forged })),
      )
    },
    'one of the two sealed alone, with one key twice': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      const link = links[at] as Seal
      const signatures = [signSeal(link, legal), signSeal(link, legal, day(28))]
      return of(law, folder, withSeals(law, folder, links.with(at, { ...link, signatures })))
    },
    'one of the two says that they signed at another moment': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      const link = links[at] as Seal
      // Of a retirement that takes effect later anyway, it changes nothing.
      if (link.body.act === 'retire') return undefined
      const signatures = [signSeal(link, legal), signSeal(link, dataProtection, day(18))]
      return of(law, folder, withSeals(law, folder, links.with(at, { ...link, signatures })))
    },
    'a folder is put back, seals and files, validly signed': (law, a, b) => {
      const { folder, links, at } = sealAt(law, a, b)
      const gone = links.slice(at).map(({ body }) => body.path)
      const kept = links.slice(0, at).map(({ body }) => body.path)
      const left = law.files.filter(({ path }) => kept.includes(path) || !gone.includes(path))
      return of(law, folder, { ...withSeals(law, folder, links.slice(0, at)), files: left })
    },
    'all folders are put back but one, and the set is last month’s with this month’s signatures': (
      law,
      a,
    ) => {
      const { folder } = sealAt(law, a, 0)
      const old = setOf(
        judge({ ...whole, releaseKeys: undefined, seals: { [folder]: seals[folder] } }).folders,
        day(2),
      )
      return of(law, 'set.json', withSet(law, old))
    },
    'the same two sealed another history': (law, a, b) => {
      const { folder, at } = sealAt(law, a, b)
      const other = said(folder).map((each, i) =>
        i === at ? { ...each, body: { ...each.body, why: 'It was agreed on once more.' } } : each,
      )
      return of(law, folder, withSeals(law, folder, chainOf(folder, other)))
    },
    'a folder is left out of the set': (law, a) => {
      const { folder } = sealAt(law, a, 0)
      const { [folder]: _, ...left } = (law.set as LawSet).folders
      return of(law, 'set.json', withSet(law, { folders: left }))
    },
    'two folders’ heads are swapped in the set': (law, a, b) => {
      const [x, y] = [sealAt(law, a, 0).folder, sealAt(law, b, 0).folder]
      const { [x]: one, [y]: other } = (law.set as LawSet).folders
      if (x === y || one === undefined || other === undefined) return undefined
      const swapped = { ...(law.set as LawSet).folders, [x]: other, [y]: one }
      // Signed, as by a release that was deceived: the folders are not what it says.
      return of(law, x, withSet(law, { folders: swapped }, true))
    },
    'the set counts another number of files': (law, a, b) => {
      const { folder } = sealAt(law, a, 0)
      const own = (law.set as LawSet).folders[folder]
      if (own === undefined) return undefined
      const { folders: all } = law.set as LawSet
      const files = own.files + 1 + (b % 3)
      return of(
        law,
        folder,
        withSet(law, { folders: { ...all, [folder]: { ...own, files } } }, true),
      )
    },
    'the set has another digest of a folder': (law, a) => {
      const { folder } = sealAt(law, a, 0)
      const own = (law.set as LawSet).folders[folder]
      if (own === undefined) return undefined
      const { folders: all } = law.set as LawSet
      const digest = own.digest.replace(/./, (c) => (c === '0' ? '1' : '0'))
      return of(
        law,
        folder,
        withSet(law, { folders: { ...all, [folder]: { ...own, digest } } }, true),
      )
    },
    'a signature of the set is taken away': (law) =>
      of(law, 'set.json', withSet(law, { signatures: (law.set as LawSet).signatures.slice(0, 1) })),
    'somebody unknown signed the set, too': (law) =>
      of(law, 'set.json', { set: signSet(withoutSignatures(law), [...releaseKeys, foreign()]) }),
    'one release key signed the set twice': (law) =>
      of(law, 'set.json', { set: signSet(withoutSignatures(law), [one, { ...one }]) }),
    'one release key signed the set, under two names': (law) => {
      const again = { ...one, kid: 'another-name' }
      const named = (law.releaseKeys as readonly object[]).concat({
        ...{ kid: 'another-name', name: 'Another name of it' },
        jwk: { kty: 'OKP', crv: 'Ed25519', x: one.jwk.x },
      })
      return of(law, 'set.json', {
        releaseKeys: named,
        set: signSet(withoutSignatures(law), [one, again]),
      })
    },
    'sealers signed the set': (law) =>
      of(law, 'set.json', { set: signSet(withoutSignatures(law), sealingKeys) }),
    'the moment of the set is changed': (law, a) =>
      of(law, 'set.json', withSet(law, { madeAt: day(a % 28) })),
    'there is no set': ({ set: _, ...law }) => of(law, 'set.json', {}),
    'a sealer is taken away': (law, a) => {
      const sealers = (law.sealers as readonly unknown[]).toSpliced(a % 2, 1)
      return of(law, 'seals.json', { sealers })
    },
  }

function withoutSignatures(law: RunLaw): Omit<LawSet, 'signatures'> {
  const { signatures: _, ...set } = law.set as LawSet
  return set
}

function of(law: RunLaw, named: string, change: Partial<RunLaw>): Change {
  return { is: named, law: { ...law, ...change }, named: [named] }
}

/** One of the seals that the set has. */
function sealAt(law: RunLaw, a: number, b: number) {
  const folder = folders[a % folders.length] as (typeof folders)[number]
  const links = linksOf(law, folder)
  return { folder, links, at: b % said(folder).length }
}

/** The law as it lies in a folder, and as an archive carries it. */
const levels = {
  'in its folder': { law: lively, exactly: false },
  'in an archive': { law: JSON.parse(carry(lively)) as RunLaw, exactly: true },
} as const

const numbers = fc.nat({ max: 9999 })

describe.each(Object.entries(levels))('The law %s', (_, { law, exactly }) => {
  const standing = judge(law, exactly)

  test('is a signed set, and drafts and fresh seals disturb nobody', () => {
    expect(standing.faults).toEqual([])
    expect([...standing.counting.keys()].toSorted()).toEqual(
      files.map(({ path }) => path).toSorted(),
    )
  })

  test('counts as it was sealed and retired', () => {
    const { counting } = standing
    expect(counting.get(retired.path)).toMatchObject({ sealedAt: day(2), retiredAt: day(20) })
    expect(counting.get(files[0]?.path ?? '')).not.toHaveProperty('retiredAt')
  })

  // Kills: a folder that is too short taken for another one (set.ts, `judgeSet`).
  test('says of a folder that was put back how far it has come', () => {
    const cut = { ...law.seals, fr: linksOf(law, 'fr').slice(0, 1) }
    expect(judge({ ...law, seals: cut }, exactly).faults.map(({ message }) => message)).toContain(
      'the set names seal 2 of `fr`, and the folder has come to 1: it is older than the set, or cut',
    )
  })

  test('is refused after random changes, each by a sentence that names file or folder', () => {
    const kinds = Object.entries(changes)
    for (const [which, change] of kinds)
      fc.assert(
        fc.property(numbers, numbers, (a, b) => {
          const made = change(law, a, b)
          fc.pre(made !== undefined)
          const { faults } = judge(made.law, exactly)
          const naming = faults.filter(({ path, message }) =>
            made.named.some((each) => path.includes(each) || message.includes(`\`${each}\``)),
          )
          expect(naming, `${which} (${made.named})`).not.toEqual([])
          // And each says what to do.
          for (const each of faults) expect(each.fix, each.message).toMatch(/^\w.{9,}/)
        }),
        { numRuns: Math.ceil(runs(150) / kinds.length) },
      )
  })
})
