/**
 * Time stamps in evidence (RFC 3161): by when an outsider says that an entry was there, checked by both
 * verifiers, and by no key that comes with the bundle.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalBytes, paths } from '../../functions/ledger/evidence.ts'
import { writeVkey } from '../../functions/ledger/note.ts'
import { bundleJson, bundleLines } from '../../functions/proof/verdict.ts'
import { trustFile } from '../../functions/proof/verify-trust.ts'
import { stampAll } from '../../functions/sealing/stamp.ts'
import { subjectsOf } from '../answer/people.ts'
import { type Evidencing, filesOf, manifestOf, startEvidencing } from '../audit/evidencing.ts'
import { makeAuthority } from '../ledger/authority.ts'
import { startSecond } from './second.ts'

type Theirs = {
  word: string
  findings: readonly { file: string | null }[]
  stamps: readonly {
    eid: string
    stamp: 'unnamed' | { at: string; authority: string; word: string }
  }[]
}

const authority = makeAuthority({ between: {} })
const log = 'comity.test/de/2026'
let evidencing: Evidencing
let second: ReturnType<typeof startSecond<Theirs>>
let eid: string
/** Asked on the same day, after the stamp; and the size of the log before that. */
let later: string
let small: number
let zip: Uint8Array
const now = () => `${evidencing.clock.now.toISOString().slice(0, 19)}Z`
beforeAll(async () => {
  second = startSecond('verify_evidence.py')
  evidencing = await startEvidencing()
  await evidencing.keepPerson('R-1')
  eid = await evidencing.askFor(subjectsOf('R-1').recordId)
  await evidencing.sealLogs()
  const noted = await evidencing.sealing.archive.get(`${log}/checkpoint`)
  small = Number(
    Buffer.from(noted ?? [])
      .toString()
      .split('\n')[1],
  )
  await evidencing.askFor(subjectsOf('R-1').recordId)
  await evidencing.sealLogs()
  expect(await stampNow()).toBeGreaterThan(0)
  later = await evidencing.askFor(subjectsOf('R-1').recordId)
  await evidencing.sealLogs()
  // The log goes on, and is stamped anew the next day.
  evidencing.clock.pass(86_400_000)
  await evidencing.askFor(subjectsOf('R-1').recordId)
  await evidencing.sealLogs()
  await stampNow()
  zip = await evidencing.evidence({ entries: [eid], purpose: 'criminal-proceedings' })
})
afterAll(async () => {
  await second.stop()
  await evidencing.stop()
})

/** Has the day’s checkpoints stamped; how many were. */
async function stampNow(): Promise<number> {
  const stamped = await stampAll({
    ...evidencing.sealing,
    authority: {
      stamp: async (note) => ({
        kind: 'stamped',
        token: authority.stamp(note, now()),
        ms: Date.parse(now()),
      }),
    },
  })
  return stamped.filter((each) => 'kind' in each && each.kind === 'stamped').length
}

/** A trust file of the keys that the bundle was made with, and some authorities. */
const trustOf = (authorities: readonly object[], from = 'publication') => {
  const { keys } = manifestOf(zip)
  return {
    v: 1,
    logs: keys.logs.map(writeVkey),
    witnesses: keys.witnesses.map(writeVkey),
    quorum: keys.quorum,
    receipts: keys.receipts,
    agencies: keys.agencies.map(({ id, keys: all }) => ({ id, keys: all })),
    evidence: [evidencing.fingerprint],
    authorities,
    sources: [{ from, what: 'read by the clerk of the court', on: '2026-11-26' }],
  }
}

/** What both verifiers say, of which they must agree. */
async function judge(bytes: Uint8Array, trust: object | undefined) {
  const checked = await evidencing.checkBy(bytes, {
    fingerprint: evidencing.fingerprint,
    trust: trust && trustFile.parse(trust),
  })
  const theirs = await second.ask({
    zip: Buffer.from(bytes).toString('base64'),
    key: evidencing.fingerprint,
    trust,
  })
  expect(theirs.findings.map(({ file }) => file)).toEqual(checked.findings.map(({ file }) => file))
  const stamps = checked.entries.map(({ stamp }) =>
    stamp === undefined || stamp === 'unnamed'
      ? stamp
      : { at: stamp.at, authority: stamp.authority, word: stamp.key.word },
  )
  expect(theirs.stamps.map(({ stamp }) => stamp)).toEqual(
    stamps.filter((each) => each !== undefined),
  )
  return { ...checked, stamps, says: bundleLines(checked).join('\n') }
}

describe('Evidence of an entry whose log was stamped', () => {
  // Kills: the newest stamp, or one of before the entry, in place of the first that covers it.
  test('has the first stamp of a checkpoint with the entry, and its proof in that', async () => {
    const files = [...filesOf(zip).keys()].filter((path) => path.startsWith('stamps/'))
    const [token = ''] = files.filter((path) => path.endsWith('.tst'))
    expect(token).toMatch(/^stamps\/comity\.test\/de\/2026\/\d+\.tst$/)
    expect(files.sort()).toEqual([token, paths.stamped(eid)].sort())
    const { findings, stamps, says, ...checked } = await judge(zip, trustOf([authority.trusted]))
    expect(findings).toEqual([])
    expect(stamps).toEqual([
      { at: expect.any(String), authority: 'Invented Authority', word: 'publication' },
    ])
    const [first] = stamps
    // Stamped on the day on which it was asked.
    expect(typeof first === 'object' && first.at.slice(0, 10)).toBe('2026-11-25')
    expect(says).toMatch(
      /; it existed before 2026-11-25T\S+Z, says Invented Authority \(its certificate: its owner publishes it\)/,
    )
    expect(bundleJson({ ...checked, findings }).entries[0]).toMatchObject({
      stamp: { authority: 'Invented Authority' },
    })
  })

  // Kills: a stamp that lends its word to the bundle; one that counts by a certificate of the bundle's.
  test('says that a stamp counts for nothing whose authority nobody named', async () => {
    const stranger = makeAuthority()
    for (const trust of [undefined, trustOf([]), trustOf([stranger.trusted])]) {
      const { findings, stamps, says, word } = await judge(zip, trust)
      expect(findings).toEqual([])
      expect(stamps).toEqual(['unnamed'])
      expect(says).toContain(
        'stamped by an authority that you do not name, which counts for nothing',
      )
      expect(word).toBe(trust === undefined ? 'file' : 'publication')
    }
  })

  test('and leaves the verdict by weak keys as it is', async () => {
    const { word, stamps } = await judge(zip, trustOf([authority.trusted], 'gateway'))
    expect(word).toBe('gateway')
    expect(stamps).toMatchObject([{ word: 'gateway' }])
  })

  test('still holds where there is no stamp', async () => {
    const without = await evidencing.forge(zip, (files) => {
      for (const path of [...files.keys()]) if (path.startsWith('stamps/')) files.delete(path)
    })
    const { findings, stamps } = await judge(without, trustOf([authority.trusted]))
    expect([findings, stamps]).toEqual([[], [undefined]])
  })
})

describe('A stamp of a checkpoint', () => {
  // Kills: a stamp of before the entry; one of a larger checkpoint than is asked about.
  test('without the entry, or beyond what is asked about, is left out', async () => {
    const of = async (body: object) => {
      const made = await evidencing.evidence({ purpose: 'criminal-proceedings', ...body })
      const { findings, stamps } = await judge(made, trustOf([authority.trusted]))
      expect(findings).toEqual([])
      const [stamp] = stamps
      return typeof stamp === 'object' ? stamp.at.slice(0, 10) : stamp
    }
    expect(await of({ entries: [eid] })).toBe('2026-11-25')
    expect(await of({ entries: [later] })).toBe('2026-11-26')
    expect(await of({ entries: [eid], at: { [log]: small } })).toBeUndefined()
  })
})

describe('An operator who has the key of evidence', () => {
  const forged = async (change: (files: Map<string, Uint8Array>, token: string) => unknown) =>
    judge(
      await evidencing.forge(zip, (files) => {
        const token = [...files.keys()].find((path) => path.endsWith('.tst')) ?? ''
        change(files, token)
      }),
      trustOf([authority.trusted]),
    )
  const noteIn = (files: Map<string, Uint8Array>) => {
    const text = Buffer.from(files.get(paths.stamped(eid)) ?? []).toString()
    return Buffer.from(text.slice(text.indexOf('\n\n') + 2))
  }

  // Kills: each check of a stamp in a bundle, dropped.
  test.each([
    [
      'stamps other bytes',
      'tst',
      (files: Map<string, Uint8Array>, token: string) =>
        files.set(token, authority.stamp(Buffer.from('something else'), '2026-11-25T10:00:00Z')),
    ],
    [
      'takes a token that is none',
      'tst',
      (files: Map<string, Uint8Array>, token: string) => files.set(token, Buffer.from('no token')),
    ],
    [
      'takes the token away',
      'tst',
      (files: Map<string, Uint8Array>, token: string) => files.delete(token),
    ],
    [
      'proves no place',
      'proof',
      (files: Map<string, Uint8Array>) => files.set(paths.stamped(eid), Buffer.from('no proof')),
    ],
    [
      'has a checkpoint that the log did not sign',
      'proof',
      (files: Map<string, Uint8Array>) =>
        files.set(
          paths.stamped(eid),
          Buffer.from(
            Buffer.from(files.get(paths.stamped(eid)) ?? [])
              .toString()
              .replace(/\n(\d+)\n(\S{43}=)\n/, (_, size) => `\n${Number(size) + 1}\n$2\n`),
          ),
        ),
    ],
    [
      'has the tree stamped before the entry says that it was made',
      'proof',
      (files: Map<string, Uint8Array>, token: string) =>
        files.set(token, authority.stamp(noteIn(files), '2026-11-25T08:00:00Z')),
    ],
  ] as const)('is found out that %s', async (_, where, change) => {
    const { findings } = await forged(change)
    const wrong = findings
      .map(({ file }) => file ?? '')
      .filter((file) => !file.endsWith('.tst') || where === 'tst')
    expect(wrong.length).toBeGreaterThan(0)
    for (const file of wrong)
      expect(file).toMatch(where === 'tst' ? /^stamps\/.*\.tst$/ : /^stamps\/\S{43}\.tlog-proof$/)
  })

  test('adds no file under stamps that belongs to nothing', async () => {
    const { findings } = await forged((files) =>
      files.set(paths.stamp(log, 999), canonicalBytes({})),
    )
    expect(findings).toEqual([{ file: paths.stamp(log, 999), says: 'it belongs to no entry' }])
  })
})
