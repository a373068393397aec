/** Entries as earlier versions stored them: every later version reads them, and decides them alike. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Opened, open, openAny } from '../../functions/answer/entries/reader.ts'
import { decidedAgain, replay } from '../../functions/audit/replay.ts'
import { waived } from '../../functions/decision/ways.ts'
import { keptDigest, leafHash, readLeaf } from '../../functions/ledger/entry.ts'
import type { Book, SourceFile } from '../../functions/policy/book.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import type { Stored, World } from '../../functions/ports.ts'
import { leafIn } from '../../functions/proof/verify-entries.ts'
import { fixedLaw } from '../fixed-law.ts'

/** What was made is never made anew: the digest of each file, by its name. */
const files = {
  '2026-11.ndjson': '905412d3ff3482fc35bf1a772dae67f2e4e80ec96b064b6ee5661e54d1a85710',
  '2026-11-28.ndjson': 'f611f2f5617953b0253a0054d8fffd61cdf67c87715783431afc5725f94b20d3',
  '2026-11-29.ndjson': 'e7d8c07a54f442a6a2f068e2f1506d692a566df28bdc3a99faa457034777abdc',
  '2026-11-30.ndjson': 'bc13179f301981d97422d87e35aebd6a86fd3fc91c48d8be5fb6b9527bf29310',
  '2026-12-01.ndjson': '5da22c6ecbddea49eeeeba35632193807e7e5a6299d037e6eb3c9019937f6596',
} as const

const folder = join(import.meta.dirname, 'corpus')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))

/** When files were made whose entries say a later day: what was sealed since was no law to them. */
const madeAt: Readonly<Record<string, string>> = {
  '2026-11-28.ndjson': '2026-11-27T07:33:02Z',
  '2026-11-29.ndjson': '2026-11-28T06:53:50Z',
  '2026-11-30.ndjson': '2026-11-28T17:49:30Z',
  '2026-12-01.ndjson': '2026-11-29T08:10:00Z',
}
/**
 * Every reading of the policies that the entries name, and every list, each with the moment of its seal. The first
 * edition took their place in `policies/`; these entries are decided again by what decided them.
 */
const lawFile = 'law.json.br'
const lawDigest = '21d4a3cb92d4d04cb50ff3b4d36f9bce272b5a76cded73241a31b2890d31c51d'
const lawThen: readonly (SourceFile & { readonly sealedAt: string })[] = JSON.parse(
  brotliDecompressSync(readFileSync(join(folder, lawFile))).toString('utf8'),
)
const sealedAt = new Map(lawThen.map((each) => [each.path, each.sealedAt]))
/** The law as it was when a file was made. */
const lawOf = (name: string): Book => {
  const made = madeAt[name]
  const then = lawThen.filter((each) => made === undefined || each.sealedAt <= made)
  return readBook(then, (path) => sealedAt.get(path)).book
}

const corpus = Object.keys(files).flatMap((name) =>
  readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Readonly<Record<string, string>> => ({ ...JSON.parse(line), file: name })),
)
const entries = corpus.map(
  ({ leaf = '', lh = '', ev = '', att = '', kid = '', kek = '', file = '' }) => {
    const leafBytes = bytes(leaf)
    const read = readLeaf(leafBytes)
    if (typeof read === 'string') throw new Error(read)
    const stored = { leafBytes, leafHash: bytes(lh), attempt: att, ciphertext: bytes(ev), kid }
    return { stored: { leaf: read, ...stored } satisfies Stored, kek: bytes(kek), file }
  },
)
const keys = new Map(entries.map(({ stored, kek }) => [stored.kid, kek]))
const keyOf = async (kid: string) => keys.get(kid)
// A cast: opening an entry asks for its key, and for nothing else.
const subjectKeys = { open: keyOf, openToAct: keyOf } as World['subjectKeys']
// A cast: entries of then name no set, so that nothing else is read.
const ported = { subjectKeys } as Pick<World, 'subjectKeys' | 'ledger'>

describe('Entries of earlier versions', () => {
  test('are those that were made then, of every version and outcome', () => {
    const made = readdirSync(folder).filter((name) => name.endsWith('.ndjson'))
    expect(made.sort()).toEqual(Object.keys(files).sort())
    for (const [name, digest] of Object.entries({ ...files, [lawFile]: lawDigest }))
      expect(
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ).toBe(digest)
    const leaves = entries.map(({ stored }) => stored.leaf)
    expect(new Set(leaves.map(({ v }) => v))).toEqual(new Set([1, 2, 3, 4]))
    expect(new Set(leaves.map(({ t }) => t))).toEqual(
      new Set([
        'decision',
        'attestation',
        'record',
        'review',
        'countersignature',
        'objection',
        'withdrawal',
        'file',
      ]),
    )
    expect(new Set(leaves.map(({ out }) => out))).toEqual(
      new Set(['release', 'redact', 'deny', undefined]),
    )
    expect(new Set(leaves.map(({ hj }) => hj))).toEqual(new Set(['DE', 'GB']))
  })

  // Kills: a version no longer read; other bytes hashed, committed to or encrypted.
  test('are read, hashed and opened as they were', async () => {
    for (const { stored } of entries) {
      const { leaf, leafBytes } = stored
      expect(Buffer.from(leafHash(leafBytes)).equals(stored.leafHash)).toBe(true)
      expect(leafIn(leafBytes)).toEqual(leaf)
      expect(leaf.kept).toBe(leaf.v === 1 ? undefined : keptDigest(stored))
      // Throws if an opening does not fit its commitment.
      expect(await openAny(stored, { subjectKeys })).toHaveProperty('values.call')
    }
  })

  // Kills: a change of the engine, the vocabulary or a list that decides a past request otherwise.
  test('are decided again as they were, by the law that was sealed then', async () => {
    const books = new Map(Object.keys(files).map((name) => [name, lawOf(name)]))
    const came = await Promise.all(
      entries.map(({ stored, file }) => {
        const book = books.get(file)
        if (book === undefined) throw new Error('there is no such file')
        return replay(stored, { ...ported, law: fixedLaw(book) })
      }),
    )
    for (const [i, replayed] of came.entries())
      expect(replayed, entries[i]?.stored.leaf.eid).toEqual(
        entries[i]?.stored.leaf.t === 'decision' ? { kind: 'same' } : { kind: 'not-a-decision' },
      )
  })

  // Kills: a digest of the law that is not compared; a decision that is not.
  test('are not, once the law was changed, or what was known', async () => {
    const changed = (folder: string) =>
      readBook(
        lawThen
          // Corrections came later.
          .filter(({ path }) => !/\.r\d+\./.test(path))
          .map(({ path, text }) => ({
            path,
            text: path.startsWith(folder) ? `${text} ` : text,
          })),
        () => '2026-11-25T00:00:00Z',
      ).book
    const [german] = entries.filter(
      ({ stored: { leaf } }) => leaf.out === 'release' && leaf.hj === 'DE',
    )
    if (german === undefined) throw new Error('there is none')
    for (const [folder, version] of [
      ['de/bkag/', 'de/bkag@2026-02-14'],
      ['lists/led-adequacy/', 'led-adequacy@2021-06-28'],
    ] as const)
      expect(await replay(german.stored, { ...ported, law: fixedLaw(changed(folder)) })).toEqual({
        kind: 'differs',
        why: `${version} is not the version that decided`,
      })

    const law = lawOf('2026-11.ndjson')
    const { leaf } = german.stored
    const opened = await open(german.stored, { subjectKeys })
    if (opened === undefined) throw new Error('it does not open')
    const known = (fact: string, value: unknown): Opened => ({
      ...opened,
      facts: { ...opened.facts, facts: { ...opened.facts.facts, [fact]: value } },
    })
    expect(decidedAgain(leaf, opened, law)).toBe(undefined)
    expect(decidedAgain(leaf, known('risk.torture', 'real'), law)).toBe(
      'the outcome is deny; it was release',
    )
    expect(decidedAgain(leaf, known('request.urgency', 'urgent'), law)).toBe(undefined)
    const other = { ...opened, decision: { ...opened.decision, obligations: [] } }
    expect(decidedAgain(leaf, other, law)).toBe(
      'the outcome is the same; the reasons, items or duties are not',
    )
    const [denied] = entries.filter(({ stored }) => stored.leaf.standing === 'open')
    if (denied === undefined) throw new Error('there is none')
    const of = await open(denied.stored, { subjectKeys })
    if (of === undefined) throw new Error('it does not open')
    expect(decidedAgain({ ...denied.stored.leaf, standing: 'final' }, of, law)).toBe(
      'a denial is open; it was final',
    )
    // Kills: remedies that are not compared; their order, which has changed since, compared.
    let compared = 0
    for (const { stored, file } of entries) {
      if (stored.leaf.t !== 'decision') continue
      const each = await open(stored, { subjectKeys })
      const { todo = [] } = each?.decision ?? {}
      const isCut = todo.some(({ alternative }) => alternative === 6)
      if (each?.matter.classes === undefined || todo.length < 2 || isCut) continue
      // Of several classes it is the search before each had steps of its own: not compared.
      if (each.matter.classes.length > 1) continue
      compared += 1
      // Kills: a search that says by now that there is more, compared with one that did not.
      const { decision } = each
      const more = { ...each, decision: { ...decision, todo: [], todoComplete: false as const } }
      expect(decidedAgain(stored.leaf, more, lawOf(file))).toBe(undefined)
      const said = (changed: typeof todo) =>
        decidedAgain(
          stored.leaf,
          { ...each, decision: { ...each.decision, todo: changed } },
          lawOf(file),
        )
      expect(said(todo.toReversed())).toBe(undefined)
      // Without a waiver it is what was found before waivers were asked for, which holds.
      const first = todo.find(({ fact }) => fact !== waived)
      expect(said(todo.filter((step) => step !== first))).toBe(
        'the outcome is the same; the reasons, items or duties are not',
      )
    }
    expect(compared).toBeGreaterThan(0)
  })
})
