/**
 * Time stamps of checkpoints in an exported log (RFC 3161): what the verdict gains by one, and what an operator
 * who has every key of the gateway and of its witnesses cannot do before one. Both verifiers are asked.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stampPath, writeStamp } from '../../functions/ledger/time-stamp.ts'
import { exitOf, verdictLines } from '../../functions/proof/commands/log-verify.ts'
import { trustFile } from '../../functions/proof/verify-trust.ts'
import { runs } from '../decision/runs.ts'
import { type Made, makeAuthority } from '../ledger/authority.ts'
import { exportLogs, stampsIn, startAttacked } from './exported.ts'

let attacked: Awaited<ReturnType<typeof startAttacked>>
beforeAll(async () => {
  attacked = await startAttacked()
})
afterAll(() => attacked.stop())

const authority = makeAuthority({ between: {} })
const log = 'comity.test/de/2026'
/** The times at which checkpoints were seen, by the witnesses. */
const seen = { 3: '2026-11-25T09:00:02Z', 5: '2026-11-25T09:10:04Z', 9: '2026-11-25T09:20:06Z' }

const noteOf = (size: number) =>
  attacked.exported.files.get(`${log}/checkpoints/${size}`) ?? new Uint8Array()

/** A stamp as the sealer keeps it, as changes of an export. */
function stamped(size: number, at: string, of: { by?: typeof authority; note?: Uint8Array } = {}) {
  const { by = authority, note = noteOf(size) } = of
  const path = stampPath(log, Date.parse(at))
  return { [path]: writeStamp({ size, token: by.stamp(note, at) }) }
}
const hours = (count: number, from: string) =>
  `${new Date(Date.parse(from) + count * 3_600_000).toISOString().slice(0, 19)}Z`

/** The pinned keys, with an authority. */
const keys = (trusted: object = authority.trusted, sources: readonly object[] = []) => ({
  ...attacked.exported.keys,
  authorities: [trusted],
  sources: [...attacked.exported.keys.sources, ...sources],
})

describe('A checkpoint that an authority stamped', () => {
  test('shows that every entry of its tree existed before', async () => {
    expect(Object.keys(seen).map((size) => noteOf(Number(size)).length > 0)).toEqual([
      true,
      true,
      true,
    ])
    const changes = { ...stamped(5, hours(1, seen[5])), ...stamped(9, hours(24, seen[9])) }
    const verdict = await attacked.verify({ changes, keys: keys() })
    expect(verdict.findings).toEqual([])
    expect(stampsIn(verdict)).toEqual({
      counted: [
        {
          log,
          size: 5,
          at: '2026-11-25T10:10:04.000Z',
          authority: 'Invented Authority',
          word: 'paper',
        },
        {
          log,
          size: 9,
          at: '2026-11-26T09:20:06.000Z',
          authority: 'Invented Authority',
          word: 'paper',
        },
      ],
      unnamed: 0,
    })
    const lines = verdictLines(verdict, trustFile.parse(keys()))
    expect(lines).toContain(
      'The first 9 entries of comity.test/de/2026 existed before 2026-11-26T09:20:06.000Z, says Invented Authority, whose certificate was had on paper.',
    )
    expect(lines).toContain('comity.test/gb/2026 has no stamp of an authority that you name.')
    expect(exitOf(verdict)).toBe(0)
  })

  // Kills: a stamp that lends its word to the keys, or takes theirs away.
  test('says whose word its certificate is, and leaves that of the keys as it is', async () => {
    const [key = ''] = (
      await attacked.verify({ changes: stamped(5, hours(1, seen[5])), keys: keys() })
    ).logs.flatMap(({ stamps }) => stamps.counted.map((each) => each.key.key))
    for (const [from, words] of [
      ['gateway', 'whose certificate is the gateway’s word alone'],
      ['publication', 'whose certificate its owner publishes'],
    ]) {
      const pinned = keys(authority.trusted, [
        { from, what: 'a test', on: '2026-11-25', keys: [key] },
      ])
      const verdict = await attacked.verify({
        changes: stamped(5, hours(1, seen[5])),
        keys: pinned,
      })
      expect([verdict.word, stampsIn(verdict).counted[0]?.word]).toEqual(['paper', from])
      expect(verdictLines(verdict, trustFile.parse(pinned)).join('\n')).toContain(words)
    }
  })

  // Kills: an authority that counts though nobody named it, or that the export names.
  test('counts for nothing where nobody named its authority', async () => {
    const changes = stamped(5, hours(1, seen[5]))
    const ownKeys = Buffer.from(JSON.stringify(keys()))
    const stranger = makeAuthority()
    const cases = [
      { changes, keys: attacked.exported.keys },
      { changes, keys: keys(stranger.trusted) },
      { changes, keys: keys({ ...authority.trusted, policy: '1.2.3.4.9' }) },
      {
        changes: { ...changes, 'keys.json': ownKeys, 'trust.json': ownKeys },
        keys: attacked.exported.keys,
      },
    ]
    for (const of of cases) {
      const verdict = await attacked.verify(of)
      expect(verdict.findings).toEqual([])
      expect(stampsIn(verdict)).toEqual({ counted: [], unnamed: 1 })
      expect(verdictLines(verdict, trustFile.parse(of.keys)).join('\n')).toContain(
        '1 stamp is by an authority that you do not name: it counts for nothing.',
      )
    }
  })

  test('counts for nothing, nor does another, where nobody named the authority of either', async () => {
    const changes = { ...stamped(5, hours(1, seen[5])), ...stamped(9, hours(24, seen[9])) }
    expect(verdictLines(await attacked.verify({ changes }))).toContain(
      '2 stamps are by authorities that you do not name: they count for nothing.',
    )
  })

  test('counts by its own certificate, and under the rules that are expected', async () => {
    const changes = stamped(5, hours(1, seen[5]))
    for (const trusted of [authority.trustedItself, { ...authority.trusted, policy: '1.2.3.4.1' }])
      expect(stampsIn(await attacked.verify({ changes, keys: keys(trusted) })).unnamed).toBe(0)
  })
})

describe('A stamp', () => {
  // Kills: a late stamp that is a fault, or nothing; every later stamp of the same checkpoint told as late.
  test('that came days after its checkpoint was seen is late, and the log is whole', async () => {
    const late = stamped(5, hours(49, seen[5]))
    const verdict = await attacked.verify({ changes: late, keys: keys() })
    expect(verdict).toMatchObject({ whole: true, late: 0, stampsLate: 1 })
    expect(exitOf(verdict)).toBe(8)
    expect(verdictLines(verdict, trustFile.parse(keys()))).toEqual(
      expect.arrayContaining([
        '1 checkpoint was stamped late:',
        `- ${log}/stamps/2026-11-27: its checkpoint was seen 49 h before [stamp-late]`,
      ]),
    )
    const inTime = stamped(5, hours(47, seen[5]))
    expect(await attacked.found({ changes: inTime, keys: keys() })).toEqual([])
    // Stamped once in time, it may be stamped again for as long as the log does not grow.
    const again = { ...stamped(5, hours(1, seen[5])), ...late }
    expect(await attacked.found({ changes: again, keys: keys() })).toEqual([])
    // Nobody whom one names says so.
    expect(await attacked.found({ changes: late })).toEqual([])
  })

  // Kills: an entry that is made up for a time after the stamp of its own tree.
  test('that came before the time of an entry that it covers is found, with the first such entry', async () => {
    const { exported } = attacked
    const [, , , fourth = ''] =
      exported.files
        .get(`${log}/entries.ndjson`)
        ?.toString()
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
        .sort((a, b) => (a.ts < b.ts ? -1 : 1))
        .map(({ ts }) => ts) ?? []
    const before = (seconds: number) =>
      `${new Date(Date.parse(fourth) - seconds * 1000).toISOString().slice(0, 19)}Z`
    const found = await attacked.found({ changes: stamped(5, before(6)), keys: keys() })
    expect(found).toEqual([expect.stringMatching(/^stamp-early stamps\/2026-11-25 \S{43} at 3$/)])
    expect(await attacked.found({ changes: stamped(5, before(5)), keys: keys() })).toEqual([])
    // Of the three before it, it may be.
    expect(await attacked.found({ changes: stamped(3, before(6)), keys: keys() })).toEqual([])
  })

  // Kills: a token of some other checkpoint; one under another day; each check of a token left out.
  test('that is not of its checkpoint and its day, or not made as it must be, is found', async () => {
    const at = hours(1, seen[5])
    const path = stampPath(log, Date.parse(at))
    const by = (made: Made) => makeAuthority(made)
    const noStamp = by({ own: { extensions: [] } })
    const kept = stamped(5, at)[path] ?? new Uint8Array()
    const cases: Readonly<Record<string, Record<string, Uint8Array>>> = {
      'of another checkpoint': stamped(5, at, { note: noteOf(9) }),
      'of a checkpoint that is not there': stamped(4, at),
      'under another day': { [stampPath(log, Date.parse(hours(24, at)))]: kept },
      'under what is no day': { [`${log}/stamps/first`]: kept },
      'by who may not': stamped(5, at, { by: noStamp }),
    }
    for (const [what, changes] of Object.entries(cases))
      expect(await attacked.found({ changes, keys: keys() }), what).toEqual([
        expect.stringMatching(/^stamp-invalid stamps\/\S+$/),
      ])
  })

  // Kills: a stamp that makes a checkpoint count which the log did not sign.
  test('of what the log did not sign counts for nothing', async () => {
    const note = Buffer.from(Buffer.from(noteOf(5)).toString().replace('\n5\n', '\n6\n'))
    const changes = { ...stamped(6, hours(1, seen[5]), { note }), [`${log}/checkpoints/6`]: note }
    const verdict = await attacked.verify({ changes, keys: keys() })
    expect(verdict.findings.map(({ code }) => code)).toEqual(['checkpoint-signature'])
    expect(stampsIn(verdict)).toEqual({ counted: [], unnamed: 0 })
  })

  // Kills: a byte of a stamp that is free.
  test('is found with any byte of its file changed', async () => {
    const changes = stamped(5, hours(1, seen[5]))
    const [[path = '', bytes = new Uint8Array()] = []] = Object.entries(changes)
    for (
      let at = 0;
      at < bytes.length - 1;
      at += Math.max(1, Math.floor(bytes.length / runs(40)))
    ) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await attacked.found({ changes: { [path]: changed }, keys: keys() }), `${at}`).toEqual(
        [expect.stringMatching(/^(form|stamp-invalid) stamps\/2026-11-25$/)],
      )
    }
  })
})

describe('An operator with every key who makes the log anew', () => {
  /** Another log of the same name, as if it had always been so, held to its own keys: he has them all. */
  let forged: Awaited<ReturnType<typeof exportLogs>>
  beforeAll(async () => {
    forged = await exportLogs()
  })
  afterAll(() => forged.close())
  const judge = (changes: Record<string, Uint8Array>) =>
    attacked.verifiers.of(forged)({
      changes,
      keys: { ...forged.keys, authorities: [authority.trusted] },
    })
  const trust = () => trustFile.parse({ ...forged.keys, authorities: [authority.trusted] })

  test('is found out by the stamp of what was there before', async () => {
    const { findings } = await judge(stamped(5, hours(1, seen[5])))
    expect(findings.map(({ code, says }) => [code, says])).toEqual([
      ['stamp-invalid', 'its authority stamped other bytes than this checkpoint'],
    ])
  })

  test('has no stamp any more where he takes it away, and is told so', async () => {
    const verdict = await judge({})
    expect(verdictLines(verdict, trust())).toContain(
      `${log} has no stamp of an authority that you name.`,
    )
  })

  test('gets a stamp of today alone, which says so and dates nothing before', async () => {
    const today = '2027-03-01T00:00:10Z'
    const note = forged.files.get(`${log}/checkpoints/9`) ?? new Uint8Array()
    const verdict = await judge(stamped(9, today, { note }))
    expect(verdict.findings.map(({ code }) => code)).toEqual(['stamp-late'])
    expect(verdictLines(verdict, trust()).join('\n')).toContain(
      `The first 9 entries of ${log} existed before 2027-03-01T00:00:10.000Z`,
    )
    expect(exitOf(verdict)).toBe(8)
  })
})
