/** Verifying exported logs: what is whole, what waits, and what is only claimed. Tampering: tamper.test.ts. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keysFile } from '../../functions/ledger/verify-files.ts'
import { folderFiles } from '../../functions/proof/commands/export-files.ts'
import { type Verdict, verifyLogs } from '../../functions/proof/verify-log.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import {
  type Exported,
  exportLogs,
  filesIn,
  placed,
  startSealed,
  startVerifiers,
} from './exported.ts'
import { linesIn, linesOf } from './forge.ts'
import { spare } from './second.ts'

let exported: Exported
let verifiers: ReturnType<typeof startVerifiers>
let verify: ReturnType<typeof verifiers.of>
beforeAll(async () => {
  exported = await exportLogs()
  verifiers = startVerifiers()
  verify = verifiers.of(exported)
})
afterAll(async () => {
  await verifiers.stop()
  await exported.close()
})

/** What both verifiers find in the logs of a gateway as they are now. */
async function now(sealed: Awaited<ReturnType<typeof startSealed>>): Promise<Verdict> {
  const exportFolder = await sealed.export()
  const now = sealed.gateway.clock.now.getTime()
  return verifiers.of({ ...sealed, exportFolder, files: filesIn(exportFolder), now })({})
}
const codes = ({ findings }: Verdict) => findings.map(({ code }) => code)
const pending = ({ logs }: Verdict) => logs.map((each) => each.pending)

describe('Logs that nobody touched', () => {
  test('are whole: sealed, proved, signed and cosigned', async () => {
    const { receipts, proofs, de, gb } = exported
    const verdict = await verify({ receipts, proofs })
    expect(verdict).toMatchObject({ whole: true, findings: [], witnesses: 2, quorum: 1 })
    expect(verdict.logs).toMatchObject([
      { log: de, entries: 9, size: 9, signed: 9, cosigned: 2, pending: 0 },
      { log: gb, entries: 3, size: 3, signed: 3, cosigned: 2, pending: 0 },
    ])
  })

  // Kills: reading entries before manifests, or anything else before what is written after it.
  test('are whole in an export that is taken while they grow', async () => {
    const sealed = await startSealed()
    const trust = keysFile.parse(sealed.keys)
    let growing = true
    const grow = (async () => {
      while (growing) {
        await sealed.append('DE', 3)
        await sealAll(sealed.world)
      }
    })()
    const sizes: number[] = []
    // On a busy machine the first eight may all be taken before the next batch is sealed.
    for (let round = 0; round < 8 || sizes.at(-1) === sizes[0]; round += 1) {
      const files = folderFiles(await sealed.export())
      const verdict = await verifyLogs({ files, trust, now: sealed.gateway.clock.now.getTime() })
      expect(verdict.findings.map(placed)).toEqual([])
      sizes.push(verdict.logs[0]?.size ?? 0)
    }
    growing = false
    await grow
    expect(sizes.at(-1)).toBeGreaterThan(sizes[0] ?? 0)
    await sealed.close()
  })
})

describe('An entry', () => {
  let sealed: Awaited<ReturnType<typeof startSealed>>
  beforeAll(async () => {
    sealed = await startSealed()
  })
  afterAll(() => sealed.close())

  // Kills: calling an entry late at once, or never.
  test('has 60 seconds to be sealed, and is late after', async () => {
    await sealed.append('DE', 2)
    sealed.pass(60)
    const early = await now(sealed)
    expect(early).toMatchObject({ whole: true })
    expect(pending(early)).toEqual([2, 0])
    sealed.pass(0.001)
    const late = await now(sealed)
    expect(codes(late)).toEqual(['unsealed', 'unsealed'])
    expect(pending(late)).toEqual([0, 0])
    await sealed.seal()
    expect(await now(sealed)).toMatchObject({ whole: true })
  })

  // Kills: holding an entry that was made during the export against the time that it began.
  test('may be younger than the export, but not than now', async () => {
    await sealed.append('DE', 1)
    const exportFolder = await sealed.export()
    const files = filesIn(exportFolder)
    const [logs = {}] = linesOf<object>(files, 'logs.json')
    const now = sealed.gateway.clock.now.getTime()
    const begun = linesIn([{ ...logs, at: new Date(now - 50_000).toISOString() }])
    const judge = verifiers.of({ ...sealed, exportFolder, files, now })
    const changes = { 'logs.json': begun }
    expect(codes(await judge({ changes }))).toEqual([])
    expect(codes(await judge({ changes, now: now - 5000 }))).toEqual([])
    expect(codes(await judge({ changes, now: now - 5001 }))).toEqual(['post-dated'])
    await sealed.seal()
  })

  // Kills: being content with a tree that nobody signed.
  test('has 60 seconds to be signed, and is late after', async () => {
    await sealed.append('DE', 3)
    await sealAll({ ...sealed.world, quorum: 3 })
    sealed.pass(60)
    const early = await now(sealed)
    expect(early).toMatchObject({ whole: true })
    expect(early.logs[0]).toMatchObject({ size: 6, signed: 3, pending: 3 })
    sealed.pass(0.001)
    const late = await now(sealed)
    expect(late.findings.map(placed)).toEqual([
      'unsigned comity.test/de/2026 comity.test/de/2026/checkpoint at 3',
    ])
    await sealed.seal()
    expect(await now(sealed)).toMatchObject({ whole: true })
  })

  // Kills: holding an outage of the sealer against the entries that waited; asking nothing of them.
  test('that waited through an outage is not late, unless the log had long been seen', async () => {
    const before = sealed.gateway.clock.now.toISOString()
    sealed.pass(3600)
    await sealed.append('DE', 1)
    await sealed.seal()
    sealed.pass(50)
    await sealed.append('DE', 1, before)
    await sealed.seal()
    expect(await now(sealed)).toMatchObject({ whole: true })
    sealed.pass(50)
    await sealed.append('DE', 1, before)
    await sealed.seal()
    const verdict = await now(sealed)
    expect(codes(verdict)).toEqual(['late'])
    expect(verdict.findings[0]?.where).toMatchObject({ index: 8 })
  })
})

describe('A table that was written to by hand', () => {
  let sealed: Awaited<ReturnType<typeof startSealed>>
  let item: Record<string, AttributeValue>
  beforeAll(async () => {
    sealed = await startSealed()
    await sealed.append('DE', 2)
    await sealed.seal()
    const [first] = await sealed.gateway.store.rows.decisions.everything()
    item = { ...first }
  })
  afterAll(() => sealed.close())

  // Kills: an export that leaves out, or stumbles over, what is not as it should be.
  test.each<[string, Record<string, AttributeValue>, readonly string[]]>([
    ['loses its key', { kid: { NULL: true } }, ['form', 'entry-missing']],
    ['names a place outside', { log: { S: '../../../etc/2026' } }, ['entry-changed']],
    ['says another log', { log: { S: 'comity.test/gb/2026' } }, ['entry-changed']],
    [
      'loses its leaf and log',
      { leaf: { NULL: true }, log: { NULL: true } },
      ['form', 'entry-missing'],
    ],
  ])('is exported as it is, and named: an item %s', async (_, change, says) => {
    const { put } = sealed.gateway.store.rows.decisions
    await put({ ...item, ...change })
    expect(codes(await now(sealed))).toEqual(says)
    await put(item)
    expect(codes(await now(sealed))).toEqual([])
  })
})

describe('Keys', () => {
  // Kills: asking for a new pin every New Year; taking any key for a log’s.
  test('of a log count for the same jurisdiction in the next year, and for no other', async () => {
    const sealed = await startSealed()
    sealed.pass(40 * 86_400)
    await sealed.append('DE', 2)
    await sealed.seal()
    const verdict = await now(sealed)
    expect(verdict).toMatchObject({ whole: true })
    expect(verdict.logs.map(({ log, signed }) => [log, signed])).toEqual([
      ['comity.test/de/2026', 0],
      ['comity.test/de/2027', 2],
      ['comity.test/gb/2026', 0],
    ])
    const gb = sealed.keys.logs.slice(1)
    const lacking = await now({ ...sealed, keys: { ...sealed.keys, logs: gb } })
    expect(codes(lacking)).toContain('unknown-key')
    await sealed.close()
  })

  test('that were not pinned are those of the export, and a warning says what that is worth', async () => {
    const { exportFolder, now } = exported
    const verdict = await verifyLogs({ files: folderFiles(exportFolder), now })
    expect(verdict).toMatchObject({ whole: true, findings: [] })
    expect(verdict.warnings).toEqual([expect.stringContaining('no keys were pinned')])
  })

  test('that are pinned and no longer published are named, and what they do not sign does not count', async () => {
    const { keys, world, de } = exported
    const other = { ...keys, witnesses: [], quorum: 0 }
    expect(await verify({ keys: other })).toMatchObject({ whole: true })
    const more = { ...keys, logs: [...keys.logs, world.vkey('comity.test/fr/2026')] }
    expect(codes(await verify({ keys: more }))).toEqual(['keys-differ', 'log-missing'])
    expect(codes(await verify({ keys: { ...keys, quorum: 3 } }))).toEqual(
      Array.from({ length: 7 }, () => 'checkpoint-cosignatures'),
    )
    const one = await verify({ keys: { ...keys, logs: [world.vkey(de)] } })
    expect(codes(one)).toEqual(['unknown-key', 'unsigned'])
  })
})

describe('What people hold', () => {
  // Kills: a receipt that counts though nobody signed it; a field of one that is not compared.
  test('counts only if a pinned key signed it, and must say what the entry says', async () => {
    const { receipts, proofs, world } = exported
    const [receipt = { name: '', text: '' }] = receipts
    const [header = '', payload = '', signature = ''] = receipt.text.split('.')
    const said = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const judge = async (text: string) =>
      codes(await verify({ receipts: [{ name: 'mine', text }] }))
    expect(await judge(`${receipt.text}\n`)).toEqual([])
    const other = signature.replace(/^./, (first) => (first === 'B' ? 'C' : 'B'))
    const changed = [other, spare(signature), `${signature}=`]
    for (const text of ['', 'a.b.c', ...changed.map((each) => `${header}.${payload}.${each}`)])
      expect(await judge(text)).toEqual(['receipt-invalid'])
    const again = (change: object) => world.secrets.receipt({ ...said, ...change })
    const lh = Buffer.alloc(32).toString('base64url')
    for (const change of [{ lh }, { out: 'release' }, { ts: said.sealBy }, { req: lh }])
      expect(await judge(await again(change))).toEqual(['receipt-differs'])
    expect(await judge(await again({ log: 'comity.test/fr/2026' }))).toEqual(['log-missing'])
    expect(await judge(await again({ eid: lh }))).toEqual(['receipt-broken'])
    // Of an entry that was made after the export, nothing can be said.
    const later = { eid: lh, ts: new Date(exported.now + 1).toISOString() }
    expect(await judge(await again(later))).toEqual([])
    const [proof = { name: '', text: '' }] = proofs
    const bad = ['', proof.text.replace('index ', 'index 0'), proof.text.replace('@v1', '@v2')]
    for (const text of bad)
      expect(codes(await verify({ proofs: [{ name: 'mine', text }] }))).toEqual(['proof-invalid'])
  })

  // Kills: a proof whose path, index, signatures or witnesses are not checked.
  test('as a proof must lead from the entry at its index to a tree that was signed', async () => {
    const [{ text } = { text: '' }] = exported.proofs
    const index = Number(/^index (\d+)$/m.exec(text)?.[1])
    const judge = async (text: string) => codes(await verify({ proofs: [{ name: 'mine', text }] }))
    expect(await judge(text)).toEqual([])
    expect(await judge(text.replace(/^index \d+$/m, `index ${(index + 1) % 3}`))).toEqual([
      'proof-invalid',
    ])
    // Of nothing that its checkpoint has, or even the log: then there is no leaf to begin at.
    const last = exported.proofs.find((each) => each.text.includes('\ncomity.test/de/2026\n9\n'))
    for (const beyond of ['9', '1000', '9007199254740993'])
      for (const each of [text, last?.text ?? ''])
        expect(await judge(each.replace(/^index \d+$/m, `index ${beyond}`))).toEqual([
          'proof-invalid',
        ])
    expect(await judge(text.replace(/^— witness.*\n/gm, ''))).toEqual(['proof-invalid'])
    expect(await judge(text.replace(/\n3\n/, '\n4\n'))).toEqual(['proof-invalid'])
    const elsewhere = text.replaceAll('comity.test/de', 'comity.test/fr')
    expect(await judge(elsewhere)).toEqual(['log-missing'])
  })
})

describe('An export that is no export', () => {
  // Kills: a path out of the folder; an export of a later time; a form that is not strict.
  test.each([
    ['has no list of logs', { 'logs.json': undefined }],
    ['lists a place outside', { 'logs.json': { logs: ['../../etc/de/2026'] } }],
    ['lists a log of another form', { 'logs.json': { logs: ['comity.test/de/26'] } }],
    ['is of a later time', { 'logs.json': { at: '2026-11-25T23:00:00.000Z' } }],
    ['is of no time', { 'logs.json': { at: '2026-02-30T00:00:00.000Z' } }],
    ['says more than it should', { 'logs.json': { more: 1 } }],
  ])('is named as such: it %s', async (_, change) => {
    const [logs = {}] = linesOf<object>(exported.files, 'logs.json')
    const text = change['logs.json'] && linesIn([{ ...logs, ...change['logs.json'] }])
    const verdict = await verify({ changes: { 'logs.json': text } })
    expect(verdict.findings.map(placed)).toEqual(['form  logs.json'])
  })

  // Kills: a key that is taken for one of another kind.
  test('is named as such: it publishes no keys', async () => {
    const { keys } = exported
    const mixed = [
      { ...keys, witnesses: keys.logs },
      { ...keys, logs: keys.witnesses },
    ]
    for (const text of [
      undefined,
      '',
      '[]',
      '{"v":1}',
      ...mixed.map((each) => JSON.stringify(each)),
    ])
      expect(codes(await verify({ changes: { 'keys.json': text } }))).toEqual(['form'])
  })
})

describe('A log of looks', () => {
  const looks = 'comity.test/de/looks-2026'
  let mine: Awaited<ReturnType<typeof startSealed>>
  beforeAll(async () => {
    mine = await startSealed()
  })
  afterAll(() => mine.close())
  // Kills: what no witness sees grow, as a place for what everybody is to see.
  test('has looks of its own people, and statements that these rest on, and nothing else', async () => {
    await mine.look(looks)
    await mine.seal()
    await mine.look(looks, undefined, { t: 'statement' })
    expect((await now(mine)).findings).toEqual([])
    const elsewhere: string[] = []
    for (const more of [{ t: 'decision' }, { t: 'record' }, { t: 'set' }, { aj: 'FR' }] as const)
      elsewhere.push(await mine.look(looks, undefined, more))
    elsewhere.push(await mine.look(looks, '2025-12-31T23:59:59.999Z'))
    elsewhere.push(await mine.look(looks, undefined, { hj: 'GB', aj: 'GB' }))
    const { findings } = await now(mine)
    const found = findings.flatMap(({ code, where }) =>
      code === 'entry-elsewhere' ? where.entry : [],
    )
    expect(found.sort()).toEqual(elsewhere.sort())
  })
})
