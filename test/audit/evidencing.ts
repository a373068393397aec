/**
 * A gateway whose log is sealed, witnessed and asked for evidence.
 *
 *     const evidencing = await startEvidencing()
 *     const id = await evidencing.askFor({ recordId: 'R-1' })
 *     await evidencing.sealLogs()
 *     const zip = await evidencing.evidence({ entries: [id] })
 *     await evidencing.check(zip)
 *     await evidencing.stop()                        // in `afterAll`
 */

import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileCheckpointKey } from '../../functions/adapters/key-files.ts'
import { decidesAgain } from '../../functions/audit/replay.ts'
import { localLog } from '../../functions/demo/sealing.ts'
import { entryId, logOf, makeEntry, requestDigest } from '../../functions/ledger/entry.ts'
import {
  fingerprintOf,
  type Manifest,
  type ManifestParts,
  makeBundle,
  manifestSchema,
} from '../../functions/ledger/evidence.ts'
import {
  cosignText,
  parseNote,
  signatureLine,
  verifierKey,
  writeVkey,
} from '../../functions/ledger/note.ts'
import { readZip } from '../../functions/ledger/zip.ts'
import type { AuditWorld, Witness } from '../../functions/log-ports.ts'
import {
  type CheckedBundle,
  checkBundle,
  type Trusted,
} from '../../functions/proof/evidence-check.ts'
import { caseIdentifier } from '../../functions/sealing/lookup-rows.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { localSealWorld } from '../demo/seal-world.ts'
import type { AuditOptions } from '../http/audit-gateway.ts'
import { freshJti } from '../world.ts'
import { startActing } from './acting.ts'

/** What is asked beside the purpose. */
type Asked = Readonly<Record<string, unknown>>

export type Evidencing = Awaited<ReturnType<typeof startEvidencing>>

/** Starts it: two witnesses, of whom one must cosign. */
export async function startEvidencing(
  change: Partial<AuditWorld> = {},
  options: Omit<AuditOptions, 'changeAudit'> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'comity-evidence-'))
  const later: { archive?: AuditWorld['archive']; vkey?: AuditWorld['vkey'] } = {}
  const archive: AuditWorld['archive'] = { get: async (path) => later.archive?.get(path) }
  const witnesses = ['one', 'two'].map((name) => witnessOf(name, () => acting.clock.now))
  const acting = await startActing({
    ...options,
    change: (made) => {
      const world = { ...made, sealed: { ...made.sealed, ...archive } }
      return { ...world, ...options.change?.(world) }
    },
    changeAudit: (world) => ({
      ...world,
      archive,
      vkey: (log) => later.vkey?.(log) ?? '',
      witnessVkeys: witnesses.map(({ vkey }) => vkey),
      quorum: 1,
      ...change,
    }),
  })
  const log = localLog(folder)
  Object.assign(later, log)
  const sealing = localSealWorld(acting.world, acting.store.client, log, witnesses, 1)
  const key = acting.world.secrets.evidence
  const fingerprint = fingerprintOf(key.publicKey)

  const post = async (path: string, body: Asked, office = 'DE-DPA', jti?: string) => {
    const call = { method: 'POST', path, body: { purpose: 'lawfulness', ...body } }
    return acting.callAudit(office, { ...call, ...(jti && { jti }) })
  }

  return {
    ...acting,
    fingerprint,
    sealing,
    post,
    async sealLogs(): Promise<void> {
      acting.clock.pass(2000)
      for (const swept of await sealAll(sealing, { what: 'new' }))
        if ('error' in swept || swept.why !== undefined) throw new Error(JSON.stringify(swept))
    },
    /** Enters so many attestations for a case that nobody sent. */
    async enter(count: number, caseReference: string): Promise<void> {
      const { world, clock } = acting
      const ts = clock.now.toISOString()
      const key = await world.subjectKeys.keyFor('DE', 'nobody', ts)
      const scope = { kind: 'case', requester: 'FR-SPOC', caseReference }
      const entries = Array.from({ length: count }, () =>
        makeEntry(
          {
            t: 'attestation',
            log: logOf(world.gateway, 'DE', ts),
            eid: entryId('DE-POL', freshJti()),
            ts,
            hj: 'DE',
            aj: 'DE',
            eng: 'test',
            req: requestDigest(''),
          },
          { call: { agency: 'DE-POL' }, subject: { asked: 'nobody' }, attestation: { scope } },
          { jws: 'a.b.c', body: '{}' },
          key,
          freshJti(),
          world.random,
        ),
      )
      await Promise.all(entries.map((entry) => world.ledger.append(entry)))
    },
    /** The bundle that is answered; throws with the problem if there is none. */
    async evidence(body: Asked, office?: string): Promise<Uint8Array> {
      const response = await post('/v1/evidence', body, office)
      if (!response.ok) throw new Error(`answered ${response.status}: ${await response.text()}`)
      return new Uint8Array(await response.arrayBuffer())
    },
    caseOf: (jurisdiction: string, agency: string, reference: string): string =>
      acting.world.secrets.pseudonym(jurisdiction, caseIdentifier(agency, reference)),
    check: (zip: Uint8Array, by: string | undefined = fingerprint): Promise<CheckedBundle> =>
      checkBundle(zip, { fingerprint: by }, decidesAgain),
    checkBy: (zip: Uint8Array, by: Trusted): Promise<CheckedBundle> =>
      checkBundle(zip, by, decidesAgain),
    /** The key that checkpoints are signed with, for an operator who would misuse it. */
    logKey: await fileCheckpointKey(join(folder, 'checkpoint.pem')),
    /** What the witnesses would sign, whatever it is. */
    cosign: (text: string, seconds: number) =>
      Promise.all(witnesses.map(({ signs }) => signs(text, seconds))),
    /** A bundle with some files changed or taken away, signed anew by the gateway’s own key. */
    async forge(
      zip: Uint8Array,
      change: (files: Map<string, Uint8Array>, manifest: ManifestParts) => unknown,
    ): Promise<Uint8Array> {
      const files = filesOf(zip)
      const { v: _, kind: __, files: ___, ...parts } = jsonIn(zip, 'manifest.json')
      for (const each of ['manifest.json', 'manifest.jws']) files.delete(each)
      change(files, parts)
      return makeBundle(parts, files, key)
    },
    async stop(): Promise<void> {
      await acting.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The files of a bundle, to be changed. */
export function filesOf(zip: Uint8Array): Map<string, Uint8Array> {
  const read = readZip(zip)
  if ('wrong' in read) throw new Error(read.wrong)
  return new Map([...read.files].map(([path, bytes]) => [path, Uint8Array.from(bytes)]))
}

/** The manifest of a bundle. */
export const manifestOf = (zip: Uint8Array): Manifest =>
  manifestSchema.parse(jsonIn(zip, 'manifest.json'))

/** A file of a bundle as JSON. */
export const jsonIn = (zip: Uint8Array, path: string) => JSON.parse(textIn(zip, path))

/** A file of a bundle as text. */
export const textIn = (zip: Uint8Array, path: string): string =>
  Buffer.from(filesOf(zip).get(path) ?? []).toString('utf8')

/** A witness that cosigns whatever it sees. */
function witnessOf(name: string, now: () => Date) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const bytes = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const key = verifierKey(`witness.example/${name}`, 4, bytes)
  const signs = (text: string, seconds: number) =>
    cosignText(text, key, seconds, async (message) => sign(null, message, privateKey))
  return {
    vkey: writeVkey(key),
    signs,
    async add(_, __, note) {
      const read = parseNote(note)
      if ('wrong' in read) return { kind: 'refused', why: read.wrong }
      const signature = await signs(read.note.text, Math.floor(now().getTime() / 1000))
      return { kind: 'cosigned', line: signatureLine(signature) }
    },
  } satisfies Witness & { readonly signs: unknown }
}
