/**
 * Evidence that was tampered with: whatever was changed is named, even if the gateway itself signed it.
 * Both verifiers are asked, and must name the same files.
 *
 *     COMITY_EVERY_BYTE=1 npx vitest run test/proof/evidence.test.ts     each byte once, half an hour
 */

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { type Look, openLook } from '../../functions/audit/look.ts'
import { looks } from '../../functions/audit/looks.ts'
import { entryId, logOf, makeEntry } from '../../functions/ledger/entry.ts'
import { canonicalBytes, type ManifestParts, makeBundle } from '../../functions/ledger/evidence.ts'
import { writeZip } from '../../functions/ledger/zip.ts'
import { subjectsOf } from '../answer/people.ts'
import {
  type Evidencing,
  filesOf,
  jsonIn,
  manifestOf,
  startEvidencing,
} from '../audit/evidencing.ts'
import { exitOf, spare, startSecond } from './second.ts'

let evidencing: Evidencing
let zip: Uint8Array
let eids: readonly string[] = []
let second: ReturnType<typeof startSecond<{ findings: readonly { file: string | null }[] }>>
beforeAll(async () => {
  second = startSecond('verify_evidence.py')
  evidencing = await startEvidencing()
  await evidencing.keepPerson('R-1')
  for (const way of ['recordId', 'name'] as const) await evidencing.askFor(subjectsOf('R-1')[way])
  await evidencing.sealLogs()
  const subject = evidencing.pseudonym(subjectsOf('R-1').recordId)
  zip = await evidencing.evidence({ subject, purpose: 'criminal-proceedings' })
  eids = manifestOf(zip).entries.map(({ eid }) => eid)
})
afterAll(async () => {
  await second.stop()
  await evidencing.stop()
})

/** What is found, once the second verifier has named the same files; it decides nothing again. */
const findingsIn = async (bytes: Uint8Array, key = evidencing.fingerprint) => {
  const { findings } = await evidencing.check(bytes, key)
  const asked = { zip: Buffer.from(bytes).toString('base64'), key }
  const theirs = (await second.ask(asked)).findings
  const mine = findings.filter(({ says }) => !says.startsWith('decided again'))
  expect(namesIn(theirs)).toEqual(namesIn(mine))
  return findings
}
const namesIn = (findings: readonly { readonly file: string | null }[]) =>
  [...new Set(findings.map(({ file }) => file ?? 'the zip'))].sort()
const flipped = (bytes: Uint8Array, at: number, change = 1): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ change
  return copy
}
const everyByte = process.env.COMITY_EVERY_BYTE !== undefined
const changedFile = (path: string, change: (bytes: Uint8Array) => Uint8Array | undefined) => {
  const files = filesOf(zip)
  const bytes = change(files.get(path) ?? new Uint8Array())
  if (bytes === undefined) files.delete(path)
  else files.set(path, bytes)
  return writeZip(files)
}

describe('Evidence that was tampered with', () => {
  test('holds as long as nobody does', async () => {
    expect(await findingsIn(zip)).toEqual([])
    expect(await findingsIn(writeZip(filesOf(zip)))).toEqual([])
  })

  const signed = ['manifest.json', 'manifest.jws']
  const expectNamed = async (bytes: Uint8Array, path: string, what: string) => {
    const findings = await findingsIn(bytes)
    if (!signed.includes(path))
      expect(findings, what).toEqual([{ file: path, says: 'it was changed' }])
    else expect(signed, what).toContain(findings[0]?.file)
    expect(findings, what).toHaveLength(1)
  }

  // Kills: a file that is not hashed; a digest compared with itself; a signature with bits to spare.
  test('by one byte of any file, packed anew, is found, and the file is named', async () => {
    for (const [path, { length }] of filesOf(zip)) {
      const places = everyByte ? Array(length).keys() : [0, length >> 1, length - 1]
      for (const at of places)
        await expectNamed(
          changedFile(path, (bytes) => flipped(bytes, at)),
          path,
          `byte ${at} of ${path}`,
        )
    }
    for (const path of signed) {
      const longer = changedFile(path, (bytes) => Buffer.concat([bytes, Buffer.from('\n')]))
      await expectNamed(longer, path, `a line more in ${path}`)
    }
    const jws = Buffer.from(filesOf(zip).get('manifest.jws') ?? []).toString()
    const again = spare(jws.slice(jws.lastIndexOf('.') + 1))
    const other = changedFile('manifest.jws', () =>
      Buffer.from(jws.slice(0, jws.lastIndexOf('.') + 1) + again),
    )
    await expectNamed(other, 'manifest.jws', 'the same signature, written otherwise')
  }, 7_200_000)

  // Kills: a zip of which only the files count: something else could hide between them.
  test('by one byte anywhere in the zip is found, and the file or the byte is named', async () => {
    const places = placesIn(zip)
    const expectFound = async (at: number, change: number) => {
      const what = `byte ${at} of the zip changed by ${change}`
      const path = places.find(({ from, until }) => from <= at && at < until)?.path
      if (path !== undefined) await expectNamed(flipped(zip, at, change), path, what)
      else expect(await findingsIn(flipped(zip, at, change)), what).not.toEqual([])
    }
    if (everyByte) for (const at of zip.keys()) await expectFound(at, 1 + ((at * 7) % 255))
    else
      await fc.assert(
        fc.asyncProperty(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), expectFound),
      )
    const { length } = zip
    for (const at of [4, 10, 14, length - 10, length - 4, length - 1]) await expectFound(at, 1)
    expect(await findingsIn(flipped(zip, 10))).toEqual([
      { file: null, says: 'byte 10, around its files, is not as it was written' },
    ])
    expect(await findingsIn(new Uint8Array(17 * 1024 * 1024))).toEqual([
      { file: null, says: 'it is larger than evidence can be' },
    ])
  }, 7_200_000)

  // Kills: exit code 0 of the second verifier for what does not hold.
  test('makes the second verifier end with 5, too; without a key, whole evidence is not enough', () => {
    const folder = mkdtempSync(join(tmpdir(), 'comity-evidence-'))
    const file = join(folder, 'evidence.zip')
    const path = `entries/${eids[0]}.json`
    const key = ['--fingerprint', evidencing.fingerprint]
    writeFileSync(file, zip)
    // By the gateway’s own word: see trust.long.test.ts.
    expect(exitOf('verify_evidence.py', [file, ...key]).code).toBe(7)
    expect(exitOf('verify_evidence.py', [file]).code).toBe(2)
    writeFileSync(
      file,
      changedFile(path, (bytes) => flipped(bytes, 9)),
    )
    const { code, stdout } = exitOf('verify_evidence.py', [file, ...key])
    rmSync(folder, { recursive: true })
    expect(code).toBe(5)
    expect(JSON.parse(stdout).findings).toEqual([{ file: path, says: 'it was changed' }])
  })

  // Kills: files of the zip that the manifest does not have, or has and the zip does not.
  test('by a file taken away or put in is found', async () => {
    for (const path of filesOf(zip).keys())
      expect(await findingsIn(changedFile(path, () => undefined))).toEqual([
        { file: path, says: 'it is not there' },
      ])
    const more = changedFile('entries/more.json', () => Buffer.from('{}'))
    expect(await findingsIn(more)).toEqual([
      { file: 'entries/more.json', says: 'the manifest does not have it' },
    ])
  })

  test('by two entries that change places is found, and both are named', async () => {
    const [one = '', two = ''] = eids.map((eid) => `entries/${eid}.json`)
    const files = filesOf(zip)
    const [a, b] = [files.get(one), files.get(two)]
    if (a === undefined || b === undefined) throw new Error('there are not two')
    const findings = await findingsIn(writeZip(files.set(one, b).set(two, a)))
    expect(findings.map(({ file }) => file).sort()).toEqual([one, two].sort())
  })

  // Kills: a signature that is not checked.
  test('in its manifest, with all else made to fit, is found', async () => {
    const files = filesOf(zip)
    const manifest = jsonIn(zip, 'manifest.json')
    files.set('manifest.json', canonicalBytes({ ...manifest, gateway: 'another.test' }))
    expect(await findingsIn(writeZip(files))).toEqual([
      { file: 'manifest.json', says: 'it is not what was signed' },
    ])
  })

  // Kills: the key in the bundle trusted because it signed.
  test('and signed anew by somebody else is found by the fingerprint', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const forged = await makeBundle(partsIn(zip), contentsOf(zip), {
      publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
      sign: async (bytes) => sign(null, bytes, privateKey),
    })
    const checked = await evidencing.check(forged)
    expect(await findingsIn(forged)).toEqual([
      { file: 'manifest.jws', says: `it is signed with another key, ${checked.fingerprint}` },
    ])
    expect(checked.fingerprint).not.toBe(evidencing.fingerprint)
    expect(checked.entries).toEqual([])
  })
})

/** Where the bytes of each file are in a zip, from its directory. */
function placesIn(bytes: Uint8Array) {
  const view = Buffer.from(bytes)
  const places: { readonly path: string; readonly from: number; readonly until: number }[] = []
  for (let at = view.readUInt32LE(view.length - 6); at < view.length - 22; ) {
    const path = view.toString('latin1', at + 46, at + 46 + view.readUInt16LE(at + 28))
    const from = view.readUInt32LE(at + 42) + 30 + path.length
    places.push({ path, from, until: from + view.readUInt32LE(at + 24) })
    at += 46 + path.length
  }
  return places
}

type Change = (files: Map<string, Uint8Array>, manifest: ManifestParts) => unknown

const partsIn = (bytes: Uint8Array): ManifestParts => {
  const { v: _, kind: __, files: ___, ...parts } = jsonIn(bytes, 'manifest.json')
  return parts
}
const contentsOf = (bytes: Uint8Array) => {
  const files = filesOf(bytes)
  for (const each of ['manifest.json', 'manifest.jws']) files.delete(each)
  return files
}

/** Changes what stands at a place of a value, `a/b/0`; to undefined takes it away. */
function put(of: object, place: string, change: (was: never) => unknown): void {
  const steps = place.split('/')
  const last = steps.pop() ?? ''
  const inner = steps.reduce((each, step) => Reflect.get(each, step), of)
  const changed = change(Reflect.get(inner, last) as never)
  if (changed === undefined) Reflect.deleteProperty(inner, last)
  else Reflect.set(inner, last, changed)
}
const inManifest =
  (place: string, change: (was: never) => unknown): Change =>
  (_, manifest) =>
    put(manifest, place, change)
/** Changes the file of the first entry. */
const inEntry =
  (place: string, change: (was: never) => unknown): Change =>
  (files) => {
    const entry = JSON.parse(Buffer.from(files.get(entryPath()) ?? []).toString())
    put(entry, place, change)
    files.set(entryPath(), canonicalBytes(entry))
  }
const inLeaf = (place: string, change: () => unknown): Change =>
  inEntry('leaf', (leaf: string) => {
    const changed = JSON.parse(Buffer.from(leaf, 'base64url').toString())
    put(changed, place, change)
    return Buffer.from(canonicalBytes(changed)).toString('base64url')
  })
const to = (value: unknown) => () => value
const gone = () => undefined

const entryPath = () => `entries/${eids[0]}.json`
const proofPath = () => `proofs/${eids[0]}.tlog-proof`
const ground = 'policies/de/police/2026-02-14.json'
const list = 'policies/lists/led-states/2020-01-01.json'
const log = 'comity.test/de/2026'
const unsigned = 'comity.test/de/2025\n9\nAAAA\n\n— comity.test/de/2025 AAAAAAAA\n'
const place = 'it proves another place, or in another checkpoint, than the manifest says'
const ended = { until: '2026-01-01T00:00:00Z' }

/** What a gateway that lies could sign, and what is found of it. */
const lies: Readonly<Record<string, readonly [Change, file: () => string, says: string]>> = {
  'an opening that was not committed to': [
    inEntry('openings/matter/value/purpose', to('prevention')),
    entryPath,
    '`matter` does not fit the commitment in the leaf',
  ],
  'an opening that the leaf has no commitment to': [
    inEntry('openings/more', to({ salt: '', value: 1 })),
    entryPath,
    '`more` does not fit the commitment in the leaf',
  ],
  'another outcome': [
    inLeaf('out', to('deny')),
    proofPath,
    'the path does not lead from this leaf at index',
  ],
  'a leaf of another log': [
    inLeaf('log', to('comity.test/gb/2026')),
    entryPath,
    'it is another entry than the manifest says',
  ],
  'a leaf of a version to come': [
    inLeaf('v', to(99)),
    entryPath,
    'a newer build wrote it, in format 99; this one knows 5',
  ],
  'a call that its agency did not sign': [
    inEntry('evidence/jws', (jws: string) => `${jws.slice(0, -4)}AAAA`),
    entryPath,
    'the signature of FR-SPOC does not hold',
  ],
  'the call of another entry': [
    inEntry('evidence', () => jsonIn(zip, `entries/${eids[1]}.json`).evidence),
    entryPath,
    'its agency signed another call',
  ],
  'another body': [
    inEntry('evidence/body', (body: string) => `${body} `),
    entryPath,
    'the body is not the one that its agency signed',
  ],
  'a call that was taken down otherwise': [
    inEntry('openings/call/value/officer', to('officer-8')),
    entryPath,
    '`call` is not the call that its agency signed',
  ],
  'a call of another day': [
    inLeaf('ts', to('2026-11-26T09:00:00.000Z')),
    entryPath,
    'its agency signed the call at another time',
  ],
  'the digest of another call': [
    inLeaf('req', () => jsonIn(zip, 'manifest.json').entries[1].eid),
    entryPath,
    'the leaf is of another call',
  ],
  'a key for another algorithm': [
    inManifest('keys/agencies/0/keys/0/alg', to('EdDSA')),
    entryPath,
    'the key of FR-SPOC is for another algorithm',
  ],
  'the proof of another place': [
    (files) => files.set(proofPath(), files.get(`proofs/${eids[1]}.tlog-proof`) ?? Buffer.of()),
    proofPath,
    'the path does not lead from this leaf at index',
  ],
  'no proof at all': [
    (files) => files.set(proofPath(), Buffer.of()),
    proofPath,
    'the proof has no empty line before a checkpoint',
  ],
  'a place that is not the proof’s': [
    inManifest('entries/0/index', (index: number) => index + 1),
    proofPath,
    place,
  ],
  'a checkpoint that is not the proof’s': [
    (_, { checkpoints }) => Object.assign(checkpoints, { [log]: `${checkpoints[log]} ` }),
    proofPath,
    place,
  ],
  'a checkpoint, of a log without an entry, that nobody signed': [
    (_, { checkpoints }) => Object.assign(checkpoints, { [log.replace('2026', '2025')]: unsigned }),
    () => 'manifest.json',
    'its checkpoint of comity.test/de/2025',
  ],
  'fewer witnesses than are wanted': [
    inManifest('keys/quorum', to(3)),
    proofPath,
    '2 of the witnesses cosigned, not 3',
  ],
  'no key of the log': [
    inManifest('keys/logs', to([])),
    proofPath,
    'the manifest has no key of comity.test/de/2026',
  ],
  'another law than decided': [
    (files) => files.set(ground, Buffer.from(`${Buffer.from(files.get(ground) ?? [])} `)),
    () => ground,
    'it is not the law that entries/',
  ],
  'another list than was read': [
    (files) => files.set(list, Buffer.from(`${Buffer.from(files.get(list) ?? [])} `)),
    () => list,
    'it is not the law that entries/',
  ],
  'a law that is left out': [
    (files, { law }) => files.delete(ground) && Reflect.deleteProperty(law, ground),
    () => ground,
    'it is not the law that entries/',
  ],
  'another law beside its leaf': [
    inEntry('refs/lists', () => []),
    entryPath,
    '`refs` is not the law that its leaf names',
  ],
  'no law beside its leaf': [
    inEntry('refs', gone),
    entryPath,
    '`refs` is not the law that its leaf names',
  ],
  'a law that was not sealed then': [
    (_, { law }) => Object.assign(law, { [ground]: { sealedAt: '2027-01-01T00:00:00Z' } }),
    entryPath,
    `decided again, de/police@2026-02-14 is not the version that decided`,
  ],
  'a law that was suspended then': [
    (_, { law }) =>
      Object.assign(law[ground] ?? {}, { suspensions: [{ from: '2026-11-25T00:00:00Z' }] }),
    entryPath,
    'decided again, the outcome is deny; it was release',
  ],
  'an entry that lacks what it was decided on': [
    inEntry('openings/facts', gone),
    entryPath,
    'decided again, it cannot be: what was known is not all there',
  ],
  'an entry that is closed and open': [
    inEntry('closed', to('erased')),
    entryPath,
    'it is neither open nor closed',
  ],
  'an agency that is not registered': [
    inManifest('keys/agencies', to([])),
    entryPath,
    'the manifest has no such key of FR-SPOC',
  ],
  'an agency of another country': [
    inManifest('keys/agencies/0/jurisdiction', to('GB')),
    entryPath,
    'the manifest has no such key of FR-SPOC',
  ],
  'a key that was not valid then': [
    inManifest('keys/agencies/0/keys/0', (key: object) => ({ ...key, ...ended })),
    entryPath,
    'the key of FR-SPOC was not valid then',
  ],
  'a file that belongs to nothing': [
    (files) => files.set('entries/more.json', Buffer.from('{}')),
    () => 'entries/more.json',
    'it belongs to no entry',
  ],
}

describe('A gateway that signs what is not so', () => {
  // Kills: any check of an entry, its call, its proof or its law left out.
  test.each(Object.entries(lies))('is found out: %s', async (_, [change, file, says]) => {
    const findings = await findingsIn(await evidencing.forge(zip, change))
    const said = findings.filter((each) => each.file === file()).map((each) => each.says)
    expect(said.join('; ')).toContain(says)
  })
})

describe('A look that the operator makes of a call', () => {
  /** Enters a look under an id that no call gives, as if the call of an entry had asked for it. */
  const forge = async (of: string, consultation: object): Promise<string> => {
    const { ledger, subjectKeys, gateway, random } = evidencing.world
    const stored = await ledger.read(of)
    const opened = stored && (await openAny(stored, evidencing.world))
    if (opened === undefined || !('call' in opened.values)) throw new Error('it has no call')
    const { ts, aj, req } = stored?.leaf ?? { ts: '', aj: '', req: '' }
    const eid = entryId('nobody', randomUUID())
    const header = { t: 'consultation', log: logOf(gateway, 'DE', ts), eid, ts, hj: 'DE' } as const
    await ledger.append(
      makeEntry(
        { ...header, aj, req, eng: 'test' },
        { call: opened.values.call, subject: { asked: 'nobody' }, consultation },
        opened.evidence,
        await subjectKeys.keyFor('DE', 'nobody', ts),
        randomUUID(),
        random,
      ),
    )
    await evidencing.sealLogs()
    return eid
  }
  const findingsOn = async (eid: string) =>
    findingsIn(await evidencing.evidence({ entries: [eid], purpose: 'criminal-proceedings' }))

  // Kills: a look that any signed call stands for (agency-call.ts, `isLook`).
  test('for data is found by both verifiers', async () => {
    const question = { action: 'report-subject', subject: { recordId: 'R-1' } }
    const eid = await forge(eids[0] ?? '', { purpose: 'lawfulness', question, shown: [] })
    expect(await findingsOn(eid)).toEqual([
      { file: `entries/${eid}.json`, says: 'its agency signed another call' },
    ])
  })

  // Kills: a look that stands for any other (agency-call.ts, `isSameLook`).
  test('of one look for another, or for another purpose, is found by both verifiers', async () => {
    const path = '/v1/decisions?purpose=lawfulness'
    expect((await evidencing.get('DE-DPA', path)).status).toBe(200)
    const look = evidencing.looks.at(-1) ?? ''
    await evidencing.sealLogs()
    expect(await findingsOn(look)).toEqual([])
    for (const consultation of [
      { purpose: 'lawfulness', question: { action: 'report-subject' }, shown: [] },
      { purpose: 'self-monitoring', question: { action: 'list-entries' }, shown: [] },
      { purpose: 'lawfulness', question: {}, shown: [] },
      { purpose: 'lawfulness', question: { action: 'constructor' }, shown: [] },
    ]) {
      const eid = await forge(look, consultation)
      expect(await findingsOn(eid)).toEqual([
        {
          file: `entries/${eid}.json`,
          says: '`consultation` is not the look that its agency signed',
        },
      ])
    }
  })
})

// Kills: a look that nobody signed taken for any entry whose call is away, or refused as no call.
test('A look on a page holds as what it is; with a call that it never had it does not', async () => {
  const agency = await evidencing.auditWorld.register.agency('DE-DPA')
  if (agency === undefined) throw new Error('there is no DE-DPA')
  const session = { iss: 'https://login.police.example', provedAt: '2026-11-25T08:00:00.000Z' }
  const page = { method: 'GET', url: 'https://gateway.example/console/entries/x', session }
  const by = { agency, officer: 'auditor-1', ...page }
  const before = evidencing.looks.length
  const asked = { id: eids[0], purpose: 'lawfulness' } as const
  expect(await openLook(looks.entry as Look, by, asked, evidencing.auditWorld)).toMatchObject({
    kind: 'shown',
  })
  const look = String(evidencing.looks[before])
  await evidencing.sealLogs()
  const bundle = await evidencing.evidence({ entries: [look] })
  expect(await findingsIn(bundle)).toEqual([])
  const path = `entries/${look}.json`
  expect(jsonIn(bundle, path).evidence).toEqual({ jws: '', body: '' })
  const signedAfterwards = await evidencing.forge(bundle, (files) => {
    const entry = JSON.parse(Buffer.from(files.get(path) ?? []).toString())
    files.set(path, canonicalBytes({ ...entry, evidence: { jws: 'a.b.c', body: '' } }))
  })
  expect((await findingsIn(signedAfterwards)).map(({ file }) => file)).toEqual([path])
})
