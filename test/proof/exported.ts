/**
 * A real gateway's logs, sealed, witnessed and exported; and both verifiers to judge them.
 *
 *     const exported = await exportLogs()              // two logs; `exported.de` has checkpoints of 3, 5 and 9
 *     const verifiers = startVerifiers()
 *     const { findings } = await verifiers.of(exported)({ changes: { 'logs.json': bytes } })
 *     await verifiers.stop(); await exported.close()   // in `afterAll`
 */

import { generateKeyPairSync, hash, randomBytes, randomUUID, sign } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileCheckpointKey } from '../../functions/adapters/key-files.ts'
import { exportLogs as exportFrom } from '../../functions/adapters/log-export.ts'
import { prove } from '../../functions/answer/look-up.ts'
import { localLog } from '../../functions/demo/sealing.ts'
import {
  entryId,
  type Leaf,
  logOf,
  makeEntry,
  requestDigest,
} from '../../functions/ledger/entry.ts'
import { parseVkey, type VerifierKey, verifierKey, writeVkey } from '../../functions/ledger/note.ts'
import type { ExportFiles } from '../../functions/ledger/verify-files.ts'
import type { Memory, Witness } from '../../functions/log-ports.ts'
import type { SigningKey } from '../../functions/ports.ts'
import type { LogFinding } from '../../functions/proof/verify-findings.ts'
import { type ToVerify, type Verdict, verifyLogs } from '../../functions/proof/verify-log.ts'
import type { HeldFile } from '../../functions/proof/verify-memory.ts'
import { seenFile } from '../../functions/proof/verify-memory.ts'
import { trustFile } from '../../functions/proof/verify-trust.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { addCheckpoint } from '../../functions/sealing/witness.ts'
import { requestOf } from '../answer/people.ts'
import { localSealWorld } from '../demo/seal-world.ts'
import { answered, type Gateway, type Options, startGateway } from '../world.ts'
import { startSecond } from './second.ts'

/** The bytes of an export, by path. */
export type Files = ReadonlyMap<string, Uint8Array>

/** What is exported, and what people hold of it. */
export type Exported = Awaited<ReturnType<typeof exportLogs>>

/** A gateway that is sealed when a test says so, by a signer and two witnesses, of whom one must cosign. */
export async function startSealed(options: Options = {}) {
  const gateway = await startGateway(options)
  const { client, tables } = gateway.store
  const folder = mkdtempSync(join(tmpdir(), 'comity-exported-'))
  const log = localLog(folder)
  const witnesses = ['one', 'two'].map((name) =>
    witnessOf(`witness.example/${name}`, log.vkey, gateway),
  )
  const world = localSealWorld(gateway.world, client, log, witnesses, 1)
  const year = gateway.clock.now.getUTCFullYear()
  const keys = {
    v: 1,
    logs: ['de', 'gb'].map((each) => log.vkey(`comity.test/${each}/${year}`)),
    witnesses: witnesses.map(({ vkey }) => vkey),
    quorum: 1,
    receipts: { keys: gateway.world.secrets.jwks.keys.filter(({ kty }) => kty === 'EC') },
    sources: [{ from: 'paper', what: 'handed over at the start', on: '2026-11-25' }],
  }
  const store = { client, tables, archive: join(folder, 'log') }
  let exports = 0
  return {
    gateway,
    folder,
    store,
    keys,
    world,
    witnesses,
    logKey: fileCheckpointKey(join(folder, 'checkpoint.pem')),
    /** Asks a holder, and gives the receipt. */
    async ask(holder: string): Promise<HeldFile> {
      const { receipt } = await answered(
        await gateway.ask('FR-SPOC', 'officer-7', requestOf({ holder })),
      )
      return { name: `receipt ${eidIn(receipt)}`, text: receipt }
    },
    /** Enters something that no agency asked for. */
    append: (holder: 'DE' | 'FR' | 'GB', count: number, ts = gateway.clock.now.toISOString()) =>
      append(gateway, holder, count, ts),
    /** Enters a look on a page, in a log: that of looks, or the one beside it, as builds before did; `more` is forged. */
    look: (log: string, ts = gateway.clock.now.toISOString(), more: Partial<Leaf> = {}) =>
      look(gateway, log, { ts, ...more }),
    pass: (seconds: number) => pass(gateway, seconds),
    async seal(): Promise<void> {
      pass(gateway, 2)
      for (const swept of await sealAll(world))
        if ('error' in swept || swept.why !== undefined) throw new Error(JSON.stringify(swept))
    },
    /** A proof of an entry, as it could be had now. */
    async prove(eid: string): Promise<HeldFile> {
      const sealed = { placeOf: world.sealing.placeOf, get: world.archive.get }
      const proved = await prove(eid, { sealed, ledger: world.ledger })
      if (proved.kind !== 'proved') throw new Error(proved.kind)
      return { name: `proof ${eid}`, text: proved.text }
    },
    async export(): Promise<string> {
      exports += 1
      const out = join(folder, `export-${exports}`)
      await exportFrom(store, keys, gateway.clock.now, out, () => {})
      return out
    },
    async close(): Promise<void> {
      await gateway.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A day in the life of two logs. */
export async function exportLogs() {
  const sealed = await startSealed()
  const receipts: HeldFile[] = []
  const waves = [
    ['DE-POL', 'DE-POL', 'DE-POL', 'GB-POL'],
    ['DE-POL', 'DE-POL'],
    ['DE-POL', 'DE-POL', 'DE-POL', 'DE-POL', 'GB-POL', 'GB-POL'],
  ]
  const proofs: HeldFile[] = []
  for (const wave of waves) {
    for (const holder of wave) receipts.push(await sealed.ask(holder))
    await sealed.seal()
    for (const receipt of receipts.slice(proofs.length))
      proofs.push(await sealed.prove(eidOf(receipt)))
    sealed.pass(600)
  }
  const folder = await sealed.export()
  return {
    ...sealed,
    receipts,
    proofs,
    exportFolder: folder,
    files: filesIn(folder),
    de: 'comity.test/de/2026',
    gb: 'comity.test/gb/2026',
    now: sealed.gateway.clock.now.getTime(),
  }
}

/** A day of a log, to be attacked: what both verifiers find in it, as `code file …` without the log's name. */
export async function startAttacked() {
  const exported = await exportLogs()
  const verifiers = startVerifiers()
  const verify = verifiers.of(exported)
  const { de: log } = exported
  return {
    exported,
    verifiers,
    verify,
    log,
    async found(of: Case): Promise<readonly string[]> {
      const { whole, findings } = await verify(of)
      if (whole !== (findings.length === 0)) throw new Error('it is whole, or has findings')
      return findings.map((each) =>
        placed(each).replaceAll(`${log} `, '').replaceAll(`${log}/`, ''),
      )
    },
    async stop(): Promise<void> {
      await verifiers.stop()
      await exported.close()
    },
  }
}

/** The entry that a receipt is of. */
export const eidOf = ({ text }: HeldFile): string => eidIn(text)

const eidIn = (receipt: string): string =>
  String(JSON.parse(Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString()).eid)

/** All files of a folder. */
export function filesIn(folder: string): Files {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
  return new Map(
    all
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [path.slice(folder.length + 1).replaceAll('\\', '/'), readFileSync(path)]
      }),
  )
}

/** Files with some changed, or, without bytes, taken away. */
export type Changes = Readonly<Record<string, Uint8Array | string | undefined>>

/** What is asked of both verifiers, where it is not what the export is pinned to. */
export type Case = { readonly changes?: Changes; readonly keys?: object } & Pick<
  ToVerify,
  'receipts' | 'proofs' | 'checkpoints' | 'calls'
> & { readonly now?: number; readonly since?: { readonly name: string; readonly seen: object } }

/** An export, the keys that it is held to, and when. */
export type Judged = Pick<Exported, 'exportFolder' | 'files' | 'folder' | 'keys' | 'now'>

/** What the second verifier says. */
type TheirVerdict = Pick<Verdict, 'whole' | 'findings' | 'word'> & {
  readonly stamps: ReturnType<typeof stampsIn>
}

/** The stamps of all logs that count, and how many do not. */
export const stampsIn = ({ logs }: Verdict) => ({
  counted: logs.flatMap(({ log, stamps }) =>
    stamps.counted.map(({ size, at, authority, key: { word } }) => ({
      ...{ log, size, at, authority, word },
    })),
  ),
  unnamed: logs.reduce((sum, { stamps }) => sum + stamps.unnamed, 0),
})

/** Judges cases by both verifiers, the second in one process. They must agree, or it throws. */
export function startVerifiers() {
  const second = startSecond<TheirVerdict>('verify_log.py')
  const judge = async (
    { exportFolder, files, folder, ...given }: Judged,
    { changes = {}, keys = given.keys, since, ...rest }: Case,
  ): Promise<Verdict> => {
    const held = { now: given.now, ...rest }
    const trust = trustFile.parse(keys)
    const verdict = await verifyLogs({
      ...held,
      ...(since && { since: { ...since, seen: seenFile.parse(since.seen) } }),
      trust,
      files: reader(files, changes),
    })
    const file = join(folder, `keys-${hash('sha256', JSON.stringify(keys))}.json`)
    writeFileSync(file, JSON.stringify(keys))
    const changed = Object.fromEntries(
      Object.entries(changes).map(([path, bytes]) => [
        path,
        bytes === undefined ? null : Buffer.from(bytes).toString('base64'),
      ]),
    )
    const theirVerdict = await second.ask({
      folder: exportFolder,
      keys: file,
      changed,
      since,
      ...held,
    })
    const [mine, theirs] = [sorted(verdict.findings), sorted(theirVerdict.findings)]
    if (JSON.stringify(mine) !== JSON.stringify(theirs))
      throw new Error(`the verifiers disagree:\n${mine.join('\n')}\nand\n${theirs.join('\n')}`)
    const stamps = JSON.stringify(stampsIn(verdict))
    if (stamps !== JSON.stringify(theirVerdict.stamps))
      throw new Error(`of stamps, one says ${stamps}, the other ${theirVerdict.stamps}`)
    if (verdict.word !== theirVerdict.word)
      throw new Error(`one says ${verdict.word}, the other ${theirVerdict.word}`)
    return verdict
  }
  return {
    /** Judges cases of an export. */
    of:
      (judged: Judged) =>
      (of: Case): Promise<Verdict> =>
        judge(judged, of),
    stop: second.stop,
  }
}

/** A finding as both say it. */
const sorted = (
  findings: readonly Pick<LogFinding, 'code' | 'log' | 'where'>[],
): readonly string[] => findings.map(placed).sort()

/** `code log file:line entry index bytes`, for telling findings apart. */
export const placed = ({
  code,
  log,
  where,
}: Pick<LogFinding, 'code' | 'log' | 'where'>): string => {
  const { file, line, entry, index, bytes } = where
  const rest = [line && `line ${line}`, entry, index !== undefined && `at ${index}`, bytes]
  return [code, log, file, ...rest].filter((each) => each !== undefined && each !== false).join(' ')
}

function reader(files: Files, changes: Changes): ExportFiles {
  const get = (path: string): Uint8Array | undefined => {
    const changed = changes[path]
    if (path in changes) return changed === undefined ? undefined : Buffer.from(changed)
    return files.get(path)
  }
  return {
    get: async (path) => get(path),
    async *lines(path) {
      const lines = Buffer.from(get(path) ?? '')
        .toString()
        .split('\n')
      if (lines.at(-1) === '') lines.pop()
      yield* lines
    },
    async list(folder) {
      const paths = new Set([...files.keys(), ...Object.keys(changes)])
      return [...paths]
        .filter(
          (path) => path.slice(0, path.lastIndexOf('/')) === folder && get(path) !== undefined,
        )
        .map((path) => path.slice(folder.length + 1))
    },
  }
}

function pass({ clock }: Gateway, seconds: number): void {
  clock.pass(seconds * 1000)
}

async function append(gateway: Gateway, holder: string, count: number, ts: string) {
  const { secrets, subjectKeys, ledger } = gateway.world
  const subject = { asked: secrets.pseudonym(holder, randomUUID()) }
  const key = await subjectKeys.keyFor(holder, subject.asked, ts)
  const entries = Array.from({ length: count }, () => {
    const eid = entryId(`${holder}-POL`, randomUUID())
    const log = logOf(gateway.world.gateway, holder, ts)
    const header = { t: 'record', log, eid, ts, hj: holder, aj: holder, req: eid } as const
    const values = {
      call: { agency: `${holder}-POL`, officer: 'officer-1' },
      subject,
      act: { what: 'put', recordId: 'r-1' },
    }
    const evidence = { jws: 'a.b.c', body: '{}' }
    const rest = { eng: 'test' }
    return makeEntry({ ...header, ...rest }, values, evidence, key, randomUUID(), randomBytes)
  })
  await Promise.all(entries.map((entry) => ledger.append(entry)))
  return entries.map(({ leaf }) => leaf.eid)
}

async function look({ world }: Gateway, log: string, more: Partial<Leaf> & { ts: string }) {
  const holder = log.split('/')[1]?.toUpperCase() ?? ''
  const subject = { asked: world.secrets.pseudonym(holder, `consultations:${holder}-DPA`) }
  const key = await world.subjectKeys.keyFor(holder, subject.asked, more.ts)
  const eid = entryId(`${holder}-DPA`, randomUUID())
  const entry = makeEntry(
    {
      ...({ t: 'consultation', log, eid, hj: holder, aj: holder } as const),
      ...{ eng: 'test', req: requestDigest(''), ...more },
    },
    {
      call: { agency: `${holder}-DPA`, officer: 'auditor-1' },
      subject,
      consultation: { purpose: 'lawfulness', question: {}, shown: [] },
    },
    { jws: '', body: '' },
    key,
    randomUUID(),
    randomBytes,
  )
  await world.ledger.append(entry)
  return eid
}

/** A witness in this process, and its key for who would misuse it. */
function witnessOf(name: string, vkey: (log: string) => string, gateway: Gateway) {
  const signing = freshKey()
  const key = verifierKey(name, 4, signing.publicKey)
  const memory = memoryOf()
  const logKey = (origin: string) => {
    const read = parseVkey(vkey(origin))
    return 'key' in read ? read.key : undefined
  }
  return {
    key,
    signing,
    vkey: writeVkey(key),
    async add(from, proof, note) {
      const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`)
      const seconds = Math.floor(gateway.clock.now.getTime() / 1000)
      const body = `old ${from}\n${lines.join('')}\n${note}`
      const answer = await addCheckpoint(body, seconds, { key, signing, memory, logKey })
      return answer.kind === 'cosigned' || answer.kind === 'stale'
        ? answer
        : { kind: 'refused', why: answer.why }
    },
  } satisfies Witness & { readonly key: VerifierKey; readonly signing: SigningKey }
}

/** A key that only this process has. */
export function freshKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return {
    publicKey: Buffer.from(x, 'base64url'),
    sign: async (bytes) => sign(null, bytes, privateKey),
  }
}

function memoryOf(): Memory {
  const heads = new Map<string, { readonly size: number; readonly root: Uint8Array }>()
  return {
    last: async (log) => heads.get(log),
    async advance(log, from, to) {
      if ((heads.get(log)?.size ?? 0) !== from) return false
      heads.set(log, to)
      return true
    },
  }
}
