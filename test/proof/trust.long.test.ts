/**
 * Whose word evidence and logs are. An operator who has every key of the gateway makes a bundle about a
 * call that no agency ever signed; no verdict on it may read like one on what others vouch for.
 */

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import canonicalize from 'canonicalize'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signCall } from '../../functions/identity/sign.ts'
import { checkpointText } from '../../functions/ledger/checkpoint.ts'
import {
  entryId,
  leafHash,
  makeEntry,
  openEntry,
  requestDigest,
} from '../../functions/ledger/entry.ts'
import { canonicalBytes, type ManifestParts, paths } from '../../functions/ledger/evidence.ts'
import { writeProof } from '../../functions/ledger/log-proof.ts'
import {
  cosignText,
  signText,
  type VerifierKey,
  verifierKey,
  writeNote,
  writeVkey,
} from '../../functions/ledger/note.ts'
import { verdictLines } from '../../functions/proof/verdict.ts'
import { trustFile } from '../../functions/proof/verify-trust.ts'
import { subjectsOf } from '../answer/people.ts'
import { type Evidencing, manifestOf, startEvidencing } from '../audit/evidencing.ts'
import { freshJti } from '../world.ts'
import { startSecond } from './second.ts'

let evidencing: Evidencing
let zip: Uint8Array
let second: ReturnType<
  typeof startSecond<{ word: string; findings: readonly { file: string | null }[] }>
>
beforeAll(async () => {
  second = startSecond('verify_evidence.py')
  evidencing = await startEvidencing()
  await evidencing.keepPerson('R-1')
  await evidencing.askFor(subjectsOf('R-1').recordId)
  await evidencing.sealLogs()
  const subject = evidencing.pseudonym(subjectsOf('R-1').recordId)
  zip = await evidencing.evidence({ subject, purpose: 'criminal-proceedings' })
})
afterAll(async () => {
  await second.stop()
  await evidencing.stop()
})

type Source = { from: string; what: string; on: string; keys?: readonly string[] }
const had = (from: string, keys?: readonly string[]): Source => ({
  from,
  what: 'read by the clerk of the court',
  on: '2026-11-26',
  ...(keys && { keys }),
})

/** A trust file of all keys that the honest bundle was made with; what is changed of it. */
const trustOf = (sources: readonly Source[], changes: object = {}) => {
  const { keys } = manifestOf(zip)
  const vkeys = (all: readonly VerifierKey[]) => all.map(writeVkey)
  return {
    v: 1,
    logs: vkeys(keys.logs),
    witnesses: vkeys(keys.witnesses),
    quorum: keys.quorum,
    receipts: keys.receipts,
    agencies: keys.agencies.map(({ id, keys: all }) => ({ id, keys: all })),
    evidence: [evidencing.fingerprint],
    sources,
    ...changes,
  }
}

/** What both verifiers say. */
async function judge(bytes: Uint8Array, trust: object | undefined, key?: string) {
  const mine = await evidencing.checkBy(bytes, {
    fingerprint: key,
    trust: trust && trustFile.parse(trust),
  })
  const theirs = await second.ask({ zip: Buffer.from(bytes).toString('base64'), key, trust })
  expect(theirs.word).toBe(mine.findings.length > 0 ? theirs.word : mine.word)
  expect(theirs.findings.length > 0).toBe(mine.findings.length > 0)
  return { ...mine, says: verdictLines('e.zip', mine)[0] }
}

describe('Evidence', () => {
  test('holds where every key that it was checked with came in another way', async () => {
    const { findings, word, says } = await judge(zip, trustOf([had('publication')]))
    expect([findings, word]).toEqual([[], 'publication'])
    expect(says).toContain('holds: every key')
    expect((await judge(zip, trustOf([had('paper')]))).word).toBe('paper')
  })

  // Kills: the strongest word in place of the weakest; a source that is taken for every key.
  test('is as strong as the weakest key that it used', async () => {
    const { agencies, logs } = manifestOf(zip).keys
    const [agency] = agencies
    const one = `${agency?.id}/${agency?.keys[0]?.kid}`
    const log = `${logs[0]?.name}+${logs[0]?.keyId}`
    for (const from of ['gateway', 'demonstration'] as const)
      for (const key of [one, log, evidencing.fingerprint]) {
        const { word, keys, says } = await judge(
          zip,
          trustOf([had('publication'), had(from, [key])]),
        )
        expect(word).toBe(from)
        expect(keys.find((each) => each.key === key)?.word).toBe(from)
        expect(says).not.toContain('holds')
      }
    // Of a key that nobody told of, the gateway's; nobody but the file's of one that is not pinned.
    expect((await judge(zip, trustOf([]))).word).toBe('gateway')
    expect((await judge(zip, trustOf([had('paper')], { agencies: [] }))).word).toBe('file')
    expect((await judge(zip, trustOf([had('paper')], { evidence: [] }))).word).toBe('file')
    // One witness must have cosigned: the better of two counts.
    const [witness] = manifestOf(zip).keys.witnesses
    const weak = had('gateway', [`${witness?.name}+${witness?.keyId}`])
    expect((await judge(zip, trustOf([had('publication'), weak]))).word).toBe('publication')
    const both = { quorum: 2 }
    expect((await judge(zip, trustOf([had('publication'), weak], both))).word).toBe('gateway')
  })

  // Kills: a checkpoint that nobody looks at, since no entry is proved in it.
  test('that there is nothing rests on a checkpoint that others vouch for, too', async () => {
    const subject = evidencing.pseudonym({ recordId: 'R-of-nobody' })
    const empty = await evidencing.evidence({ subject, purpose: 'criminal-proceedings' })
    const { entries, checkpoints } = manifestOf(empty)
    expect(entries).toEqual([])
    expect((await judge(empty, trustOf([had('paper')]))).word).toBe('paper')
    const weak = trustOf([had('paper')], { logs: [] })
    expect((await judge(empty, weak)).word).toBe('file')
    expect((await judge(empty, undefined, evidencing.fingerprint)).word).toBe('file')
    // Of the size and root that the reader saw, by a key that the log never had.
    const [[log = '', note = ''] = []] = Object.entries(checkpoints)
    const rolledBack = await evidencing.forge(empty, (_, manifest) => {
      Object.assign(manifest.checkpoints, { [log]: note.replace(/\n\d+\n/, '\n99\n') })
      countAll(manifest, 99)
    })
    const { findings } = await judge(rolledBack, trustOf([had('paper')]))
    expect(findings.map(({ file }) => file)).toEqual(['manifest.json'])
  })

  // Kills: the first source that stands for every key in place of the one that names none.
  test('takes the word for a key from the source that names it, and else from the one for all', async () => {
    const { logs } = manifestOf(zip).keys
    const log = `${logs[0]?.name}+${logs[0]?.keyId}`
    const wordOfLog = async (sources: readonly Source[]) =>
      (await judge(zip, trustOf(sources))).keys.find(({ use }) => use === 'log')?.word
    const other = had('paper', ['somebody else’s'])
    expect(await wordOfLog([other, had('publication')])).toBe('publication')
    expect(await wordOfLog([other, had('publication'), had('paper', [log])])).toBe('paper')
    // The other’s source says nothing of it, and no source is for all.
    expect(await wordOfLog([other])).toBe('gateway')
    const { word } = await judge(zip, trustOf([had('publication', ['somebody else’s'])]))
    expect(word).toBe('gateway')
  })

  // Kills: a log's key that goes by the name of the log, or of the first log with that key, not as it was pinned.
  test('takes the word for the log’s key by the name under which it was pinned', async () => {
    const [{ name = '', publicKey = new Uint8Array() } = {}] = manifestOf(zip).keys.logs
    const pinned = (as: string) => {
      const key = verifierKey(as, 1, publicKey)
      return { vkey: writeVkey(key), name: `${as}+${key.keyId}` }
    }
    const [own, lastYear, other] = [
      name,
      name.replace(/\d{4}$/, '2025'),
      name.replace('/de/', '/gb/'),
    ].map(pinned)
    if (!own || !lastYear || !other) throw new Error('there are three')
    const by = async (logs: readonly { vkey: string }[], weak: { name: string }) => {
      const trust = trustOf([had('publication'), had('gateway', [weak.name])], {
        logs: logs.map(({ vkey }) => vkey),
      })
      const { word, keys } = await judge(zip, trust)
      return [word, keys.find(({ use }) => use === 'log')?.key]
    }
    // Pinned last year, and signing on.
    expect(await by([lastYear], lastYear)).toEqual(['gateway', lastYear.name])
    expect(await by([lastYear], own)).toEqual(['publication', lastYear.name])
    // One key signs all logs of the gateway: that of this log’s name speaks for it.
    expect(await by([other, own], other)).toEqual(['publication', own.name])
    expect(await by([other, own], own)).toEqual(['gateway', own.name])
  })

  // Kills: a plain "holds" for what the gateway alone says.
  test('by a fingerprint alone is the gateway’s own word, and says whose keys that leaves', async () => {
    const { findings, word, keys, says } = await judge(zip, undefined, evidencing.fingerprint)
    expect([findings, word]).toEqual([[], 'file'])
    expect(says).toContain('by its own word')
    expect(keys.map(({ use, word: of }) => [use, of])).toEqual([
      ['evidence', 'paper'],
      ['log', 'file'],
      ['witness', 'file'],
      ['agency', 'file'],
    ])
  })

  // Kills: a key of the bundle that counts where another is pinned; a quorum of the bundle's own.
  test('does not hold by other keys than those that are trusted', async () => {
    const other = { logs: [], witnesses: [], quorum: 0 }
    const fresh = (name: string, type: 1 | 4) =>
      writeVkey(verifierKey(name, type, freshKey().publicKey))
    const [log = ''] = manifestOf(zip).keys.logs.map(({ name }) => name)
    const cases = {
      log: { logs: [fresh(log, 1)] },
      witnesses: { witnesses: [fresh('witness.example/one', 4)] },
      quorum: { quorum: 3 },
      evidence: { evidence: ['A'.repeat(43)] },
      agency: {
        agencies: manifestOf(zip).keys.agencies.map(({ id, keys }) => ({
          id,
          keys: keys.map((each) => ({ ...each, jwk: { ...each.jwk, x: 'A'.repeat(43) } })),
        })),
      },
    }
    for (const [what, change] of Object.entries(cases))
      expect((await judge(zip, trustOf([had('paper')], change))).findings, what).not.toEqual([])
    expect((await judge(zip, trustOf([had('paper')], other))).word).toBe('file')
  })
})

describe('An operator with every key of the gateway', () => {
  /**
   * What each verdict says of an invented call: whose keys the operator had to invent, what is trusted, and
   * what comes of it. Nothing of it is a plain "holds".
   */
  test.each([
    ['nothing', undefined, undefined, 'file', 'by its own word'],
    ['the fingerprint', undefined, 'fingerprint', 'file', 'by its own word'],
    ['all but agencies', { agencies: [] }, undefined, 'file', 'by its own word'],
    ['all keys, with the true ones of agencies', {}, undefined, 'file', 'by its own word'],
  ] as const)('is not believed by whoever trusts %s', async (_, changes, by, word, words) => {
    const forged = await invented({ logKey: 'true', kid: 'invented' })
    const trust = changes && trustOf([had('publication')], changes)
    const judged = await judge(forged, trust, by && evidencing.fingerprint)
    expect(judged.findings).toEqual([])
    expect(judged.word).toBe(word)
    expect(judged.says).toContain(words)
    expect(judged.says).not.toContain('holds')
    const weak = judged.keys.filter((each) => each.word === 'file').map(({ use }) => use)
    expect(weak).toContain('agency')
  })

  // Kills: an agency's key that is looked for by its id alone.
  test('is found out where it takes the name of a key that is pinned', async () => {
    const forged = await invented({ logKey: 'true', kid: 'taken' })
    const { findings } = await judge(forged, trustOf([had('publication')]))
    expect(findings.map(({ says }) => says)).toEqual(['the signature of FR-SPOC does not hold'])
  })

  // Kills: `typ` that is not looked at; a call that was signed after its entry.
  test('is found out where the agency signed another kind of token, or signed too late', async () => {
    const by = async (token: { typ: string; later: number }) =>
      (
        await judge(
          await invented({ logKey: 'true', kid: 'taken', token }),
          trustOf([had('publication')]),
        )
      ).findings.map(({ says }) => says)
    const typ = 'comity-request+jwt'
    expect(await by({ typ, later: 0 })).toEqual([])
    expect(await by({ typ: 'comity-approval+jwt', later: 0 })).toEqual([
      'what its agency signed is no call',
    ])
    expect(await by({ typ, later: 60 })).toEqual([])
    expect(await by({ typ, later: 61 })).toEqual(['its agency signed the call at another time'])
  })

  test('is found out where it had to invent the log, though three invented witnesses saw it', async () => {
    const forged = await invented({ logKey: 'invented', kid: 'invented' })
    const alone = await judge(forged, undefined, evidencing.fingerprint)
    expect([alone.findings, alone.word]).toEqual([[], 'file'])
    expect(alone.entries[0]?.cosigners).toBe(3)
    const { findings } = await judge(forged, trustOf([had('publication')]))
    expect(findings).not.toEqual([])
  })

  // Kills: a trust file of the bundle's own that counts.
  test('gains nothing by a trust file in the bundle', async () => {
    const trust = Buffer.from(JSON.stringify(trustOf([had('publication')])))
    const with_ = await evidencing.forge(zip, (files) => files.set('trust.json', trust))
    const { findings, word } = await judge(with_, undefined, evidencing.fingerprint)
    expect(findings).toEqual([{ file: 'trust.json', says: 'it belongs to no entry' }])
    expect(word).toBe('file')
  })
})

function freshKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    sign: async (bytes: Uint8Array) => sign(null, bytes, privateKey),
  }
}

/** An operator who forges says to have examined as many entries as the log has. */
function countAll(
  { completeness }: object & Partial<Pick<ManifestParts, 'completeness'>>,
  size: number,
) {
  if (completeness) Object.assign(completeness, { examined: size, tagged: 0 })
}

/**
 * A bundle about a call that FR-SPOC never made, its signature and all else made by the operator; or about
 * a `token` that it signed, of some `typ` and so many seconds after the entry's time.
 */
async function invented(how: {
  logKey: 'true' | 'invented'
  kid: 'taken' | 'invented'
  token?: { typ: string; later: number }
}) {
  const { clock, fingerprint: _ } = evidencing
  const [log = ''] = manifestOf(zip).keys.logs.map(({ name }) => name)
  const ts = clock.now.toISOString()
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const privateJwk = await exportJWK(privateKey)
  const [agency] = manifestOf(zip).keys.agencies
  if (agency === undefined) throw new Error('there is no agency')
  const taken = agency.keys[0]?.kid ?? ''
  const kid = how.kid === 'taken' ? taken : 'invented'
  const body = '{"purpose":"investigation"}'
  const jti = freshJti()
  const url = 'https://gateway.comity.example/v1/access-requests'
  const bearer = await signCall(
    { method: 'POST', url, body: Buffer.from(body) },
    { kid, alg: 'ES256', privateJwk },
    {
      agency: 'FR-SPOC',
      officer: 'an-invented-officer',
      audience: 'https://gateway.comity.example',
      iat: Math.floor(clock.now.getTime() / 1000),
      jti,
    },
  )
  const claims = decodeJwt(bearer.slice('Bearer '.length))
  const own = evidencing.keys.get('FR-SPOC')
  const { typ, later } = how.token ?? {}
  const iat = (claims.iat ?? 0) + (later ?? 0)
  const jws =
    typ === undefined || own === undefined
      ? bearer.slice('Bearer '.length)
      : await new SignJWT({ ...claims, iat, exp: iat + 300 })
          .setProtectedHeader({ alg: own.alg, typ, kid: own.kid })
          .sign(own.privateJwk)
  const eid = entryId('FR-SPOC', jti)
  const digest = String(decodeJwt(jws).request_body_sha256)
  const key = { kid: 'any', kek: randomBytes(32) }
  const call = {
    agency: 'FR-SPOC',
    officer: 'an-invented-officer',
    method: 'POST',
    url,
    body: digest,
  }
  const evidence = { jws, body }
  const [header = '', payload = ''] = jws.split('.')
  const entry = makeEntry(
    {
      t: 'attestation',
      log,
      eid,
      ts,
      hj: 'DE',
      aj: 'FR',
      eng: 'test',
      req: requestDigest(`${header}.${payload}`),
    },
    { call, subject: { asked: 'nobody' }, attestation: { fact: 'necessity.case' } },
    evidence,
    key,
    freshJti(),
    randomBytes,
  )
  const { openings } = openEntry(entry.leaf, entry.ciphertext, key.kek)
  const logKey = how.logKey === 'true' ? evidencing.logKey : freshKey()
  const witnesses = ['one', 'two', 'three'].map((name) => {
    const signing = freshKey()
    return { signing, key: verifierKey(`witness.example/invented-${name}`, 4, signing.publicKey) }
  })
  const text = checkpointText({ origin: log, size: 1, root: leafHash(entry.leafBytes) })
  const seconds = Math.floor(clock.now.getTime() / 1000)
  const true_ = await evidencing.cosign(text, seconds)
  const signatures = [
    await signText(text, verifierKey(log, 1, logKey.publicKey), logKey.sign),
    ...(how.logKey === 'true' ? true_ : []),
  ]
  if (how.logKey === 'invented')
    for (const { key: witness, signing } of witnesses)
      signatures.push(await cosignText(text, witness, seconds, signing.sign))
  const note = writeNote({ text, signatures })
  const { d: __, ...publicJwk } = privateJwk
  return evidencing.forge(zip, (files, manifest) => {
    for (const each of [...files.keys()]) if (!/^(page|README)/.test(each)) files.delete(each)
    files.set(
      paths.entry(eid),
      canonicalBytes({
        v: 1,
        side: 'holder',
        leaf: Buffer.from(entry.leafBytes).toString('base64url'),
        openings,
        evidence,
      }),
    )
    files.set(paths.proof(eid), Buffer.from(writeProof({ index: 0, path: [], checkpoint: note })))
    const parts = manifest as { -readonly [K in keyof ManifestParts]: ManifestParts[K] }
    parts.entries = [{ eid, log, index: 0 }]
    parts.checkpoints = { [log]: note }
    parts.law = {}
    countAll(manifest, 1)
    const jwk = { kty: 'EC', crv: 'P-256', x: publicJwk.x ?? '', y: publicJwk.y ?? '' } as const
    const signer = decodeProtectedHeader(jws).kid ?? ''
    const made = {
      kid: signer,
      alg: 'ES256',
      status: 'active',
      from: '2026-01-01T00:00:00Z',
      jwk,
    } as const
    const agencies = [{ ...agency, id: 'FR-SPOC', jurisdiction: 'FR', keys: [made] }]
    parts.keys = {
      ...parts.keys,
      agencies,
      ...(how.logKey === 'invented' && {
        logs: [writeVkey(verifierKey(log, 1, logKey.publicKey))],
        witnesses: witnesses.map((each) => writeVkey(each.key)),
        quorum: 3,
      }),
    }
    if (canonicalize(parts) === undefined) throw new Error('no manifest')
  })
}
