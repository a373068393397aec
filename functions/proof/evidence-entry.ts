/**
 * Checks one entry of a bundle: that its agency signed the call, the log includes it, and the law gives its
 * decision.
 */

import { isSameLook, readCall, wrongCall } from '../ledger/agency-call.ts'
import { type Cosigner, openCosigned } from '../ledger/checkpoint.ts'
import {
  commitment,
  entryId,
  isUncalled,
  type Leaf,
  leafHash,
  newerIn,
  type Openings,
  type Refs,
  refsOf,
} from '../ledger/entry.ts'
import {
  type DecidesAgain,
  digestOf,
  type EntryFile,
  entryFileSchema,
  type Manifest,
  paths,
  readCanonical,
} from '../ledger/evidence.ts'
import { verifyProof } from '../ledger/log-proof.ts'
import type { VerifierKey } from '../ledger/note.ts'
import { stampOf } from '../ledger/time-stamp.ts'
import { logKeyOf, type Trust } from '../ledger/verify-files.ts'
import type { Files } from '../ledger/zip.ts'
import type { Book } from '../policy/book.ts'
import { belongs, leafIn } from './verify-entries.ts'
import { type CountedStamp, countedBy, stampClocksMs } from './verify-stamps.ts'
import { keysOf, type TrustFile, type UsedKey, type Word, wordOf } from './verify-trust.ts'

/** What is wrong, and with which file of the bundle; `null` means the zip itself. */
export type EvidenceFinding = { readonly file: string | null; readonly says: string }

/** An entry, checked as far as possible. */
export type CheckedEntry = {
  readonly leaf: Leaf
  readonly side: EntryFile['side']
  readonly closed?: EntryFile['closed']
  /** Whether the agency's own signature was there, and so was checked. */
  readonly isSigned: boolean
  /** Whether it was decided again from the bundle. */
  readonly isDecidedAgain: boolean
  /** The values behind its commitments that may be seen, each as it was committed to. */
  readonly values: Readonly<Record<string, unknown>>
  /** The versions of the law that its leaf names; absent if they are not known. */
  readonly law?: Refs['pol']
  /** How many witnesses cosigned the checkpoint that proves it. */
  readonly cosigners: number
  /** The keys that it was checked with. */
  readonly keys: readonly UsedKey[]
  /**
   * The time by which an authority says it existed. `unnamed`: an authority that the verifier does not name,
   * so the stamp does not count.
   */
  readonly stamp?: CountedStamp | 'unnamed'
  /** The file of that stamp. */
  readonly stampFile?: string
}

type Context = {
  readonly manifest: Manifest
  /** What the verifier trusts. Other keys come from the manifest, on its own word. */
  readonly trust: TrustFile | undefined
  readonly files: Files
  readonly book: Book
  readonly decidesAgain: DecidesAgain
}

/** Checks an entry and its proof. Each finding names its file. */
export async function checkEntry(
  { eid, log, index }: Manifest['entries'][number],
  context: Context,
): Promise<{ readonly findings: readonly EvidenceFinding[]; readonly entry?: CheckedEntry }> {
  const { files, book, decidesAgain } = context
  const findings: EvidenceFinding[] = []
  const keys: UsedKey[] = []
  const file = paths.entry(eid)
  const report = (says: string, of = file) => void findings.push({ file: of, says })
  const bytes = files.get(file)
  // A cast: the schema has said so; absent members are absent.
  const entry = bytes && (readCanonical(entryFileSchema, bytes) as EntryFile | undefined)
  const leafBytes = Buffer.from(entry?.leaf ?? '', 'base64url')
  const leaf = leafIn(leafBytes)
  if (entry === undefined || leaf === undefined || leafBytes.toString('base64url') !== entry.leaf) {
    report(newerIn(leafBytes) ?? 'it is not an entry, or of no version that is known here')
    return { findings }
  }
  if (leaf.eid !== eid || leaf.log !== log) report('it is another entry than the manifest says')
  if (!belongs(leaf)) report('its leaf is of another jurisdiction, year or kind than its log')

  const proved = checkProof(leafBytes, { eid, log, index }, context, report)
  keys.push(...proved.keys)
  const stamped = checkStamp(leaf, leafBytes, { eid, log, index }, context, report)
  const refs = refsOf(leaf, entry.refs)
  if (refs === undefined || (leaf.refs === undefined && entry.refs !== undefined))
    report('`refs` is not the law that its leaf names')
  for (const ref of refs === undefined ? [] : [...refs.pol, ...refs.lists]) {
    const text = files.get(paths.law(ref))
    const digest = text && Buffer.from(digestOf(text), 'base64url').toString('hex')
    if (digest !== ref.digest) report(`it is not the law that ${file} names`, paths.law(ref))
  }

  const { openings = {}, evidence } = entry
  for (const [name, opening] of Object.entries(openings))
    if (leaf.d[name] !== commitment(opening))
      report(`\`${name}\` does not fit the commitment in the leaf`)
  const isUnsigned = isUncalled(leaf) && evidence?.jws === '' && evidence.body === ''
  if (evidence !== undefined && !isUnsigned) {
    const called = await checkCall(evidence, leaf, openings, context)
    if ('wrong' in called) report(called.wrong)
    else keys.push(called.key)
  }
  const shown = Object.keys(openings).length > 0 || entry.reply !== undefined
  if (entry.closed === undefined ? evidence === undefined : shown || evidence !== undefined)
    report('it is neither open nor closed')

  const values = Object.fromEntries(
    Object.entries(openings).map(([name, { value }]) => [name, value]),
  )
  const isDecidedAgain = leaf.t === 'decision' && entry.side === 'holder' && !entry.closed
  if (isDecidedAgain && refs !== undefined && findings.length === 0) {
    const differs = again(decidesAgain, leaf, refs, values, book)
    if (differs !== undefined) report(`decided again, ${differs}`)
  }
  const { side, closed } = entry
  const isSigned = evidence !== undefined && !isUnsigned
  const { cosigners } = proved
  return {
    findings,
    entry: {
      ...{ leaf, side, ...(closed && { closed }), isSigned, isDecidedAgain, cosigners, keys },
      ...{ values, ...(refs && { law: refs.pol }) },
      ...stamped,
    },
  }
}

/**
 * The opened part may lack what a decision needs: then the entry cannot be decided again, for whatever
 * reason.
 */
function again(decidesAgain: DecidesAgain, ...of: Parameters<DecidesAgain>): string | undefined {
  try {
    return decidesAgain(...of)
  } catch {
    return 'it cannot be: what was known is not all there'
  }
}

/**
 * Counts the witnesses that cosigned, and lists the keys that prove the entry. Reports what is wrong with the
 * proof.
 */
function checkProof(
  leafBytes: Uint8Array,
  { eid, log, index }: Manifest['entries'][number],
  { manifest, trust, files }: Context,
  report: (says: string, file: string) => void,
): Pick<CheckedEntry, 'cosigners' | 'keys'> {
  const none = { cosigners: 0, keys: [] }
  const file = paths.proof(eid)
  const text = Buffer.from(files.get(file) ?? []).toString('utf8')
  const pinned = trust && logKeyOf(log, trust)
  const key = pinned ?? logKeyOf(log, manifest.keys)
  if (key === undefined) {
    report(`the manifest has no key of ${log}`, file)
    return none
  }
  const by: Trust = trust ?? manifest.keys
  const proved = verifyProof(text, leafHash(leafBytes), key, by.witnesses, by.quorum)
  if ('wrong' in proved) {
    report(proved.wrong, file)
    return none
  }
  const note = text.slice(text.indexOf('\n\n') + 2)
  if (proved.index !== index || note !== manifest.checkpoints[log])
    report('it proves another place, or in another checkpoint, than the manifest says', file)
  return {
    cosigners: proved.cosigners.length,
    keys: keysUsed(key, pinned !== undefined, proved.cosigners, by, trust),
  }
}

/** The keys of a checkpoint, with whose word each is. */
function keysUsed(
  key: VerifierKey,
  isPinned: boolean,
  cosigners: readonly Cosigner[],
  by: Trust,
  trust: TrustFile | undefined,
): readonly UsedKey[] {
  const word = (name: string): Word => (trust === undefined ? 'file' : wordOf(name, trust))
  const [ofLog, ...ofWitnesses] = keysOf(key, cosigners, by, word)
  return [
    ...(ofLog ? [isPinned ? ofLog : { ...ofLog, word: 'file' as const }] : []),
    ...ofWitnesses,
  ]
}

/**
 * The keys that show a checkpoint to be its log's, where no entry is proved in it: what a bundle says of all entries
 * up to there, that there are no more, rests on these alone.
 */
export function checkHead(
  log: string,
  { manifest, trust }: Pick<Context, 'manifest' | 'trust'>,
): { readonly keys: readonly UsedKey[] } | { readonly wrong: string } {
  const pinned = trust && logKeyOf(log, trust)
  const key = pinned ?? logKeyOf(log, manifest.keys)
  if (key === undefined) return { wrong: `the manifest has no key of ${log}` }
  const by: Trust = trust ?? manifest.keys
  const opened = openCosigned(manifest.checkpoints[log] ?? '', key, by.witnesses, by.quorum)
  if ('wrong' in opened) return { wrong: `its checkpoint of ${log}: ${opened.wrong}` }
  return { keys: keysUsed(key, pinned !== undefined, opened.cosigners, by, trust) }
}

/** The time by which an entry existed, if it has a stamp. Reports what is wrong with the stamp. */
function checkStamp(
  { ts }: Leaf,
  leafBytes: Uint8Array,
  { eid, log }: Manifest['entries'][number],
  { manifest, trust, files }: Context,
  report: (says: string, file: string) => void,
): Pick<CheckedEntry, 'stamp' | 'stampFile'> {
  const file = paths.stamped(eid)
  const text = Buffer.from(files.get(file) ?? []).toString('utf8')
  const key = (trust && logKeyOf(log, trust)) ?? logKeyOf(log, manifest.keys)
  if (!files.has(file) || key === undefined) return {}
  const { witnesses, quorum } = trust ?? manifest.keys
  const proved = verifyProof(text, leafHash(leafBytes), key, witnesses, quorum)
  if ('wrong' in proved) {
    report(proved.wrong, file)
    return {}
  }
  const stampFile = paths.stamp(log, proved.checkpoint.size)
  const note = Buffer.from(text.slice(text.indexOf('\n\n') + 2))
  const read = stampOf(files.get(stampFile) ?? new Uint8Array(), note)
  if ('wrong' in read) {
    report(read.wrong, stampFile)
    return { stampFile }
  }
  if (Date.parse(ts) > read.stamp.ms + stampClocksMs)
    report('its entry says a later time than its stamp', file)
  const counted = trust && countedBy(read.stamp, proved.checkpoint.size, trust)
  return { stampFile, stamp: counted ?? 'unnamed' }
}

const digestOfBody = (body: string): string | undefined =>
  body === '' ? undefined : digestOf(Buffer.from(body, 'utf8'))

/** Whether the body of a call was the content of a file, which no entry keeps: its digest is in `call` alone. */
const isOfFile = ({ t }: Leaf, { htm, htu }: { readonly htm: string; readonly htu: string }) =>
  t === 'record' && htm === 'PUT' && /\/v1\/records\/[^/?]+\/files\/[^/?]+$/.test(htu)

/** The agency's key that shows an entry to be what it asked for then; or why it does not. */
async function checkCall(
  { jws, body }: NonNullable<EntryFile['evidence']>,
  leaf: Leaf,
  openings: Openings,
  { manifest, trust }: Context,
): Promise<{ readonly key: UsedKey } | { readonly wrong: string }> {
  const call = readCall(jws)
  if (call === undefined) return { wrong: 'what its agency signed is no call' }
  const { iss, sub, htm, htu, request_body_sha256: digest } = call.claims
  const { kid } = call.head
  const pinned = trust?.agencies
    ?.find(({ id }) => id === iss)
    ?.keys.find((each) => each.kid === kid)
  const listed = manifest.keys.agencies
    .find(({ id, jurisdiction }) => id === iss && jurisdiction === leaf.aj)
    ?.keys.find((each) => each.kid === kid)
  const entered = { t: leaf.t, eid: leaf.eid, req: leaf.req, ms: Date.parse(leaf.ts) }
  const wrong = await wrongCall(call, entered, listed && (pinned ?? listed))
  if (wrong !== undefined) return { wrong }
  if (isOfFile(leaf, call.claims) ? body !== '' : digest !== digestOfBody(body))
    return { wrong: 'the body is not the one that its agency signed' }
  const look = openings.consultation?.value
  const isById = entryId(iss, call.claims.jti) === leaf.eid
  if (look !== undefined && !isById && !isSameLook(call, body, look))
    return { wrong: '`consultation` is not the look that its agency signed' }
  const said = openings.call?.value
  // What the gateway recorded of the call, and nothing else.
  const taken = { agency: iss, officer: sub, method: htm, url: htu, body: digest ?? null }
  const isTaken = (value: unknown) =>
    commitment({ salt: '', value }) === commitment({ salt: '', value: taken })
  if (said !== undefined && !isTaken(said))
    return { wrong: '`call` is not the call that its agency signed' }
  const key = `${iss}/${kid}`
  const word = pinned === undefined || trust === undefined ? 'file' : wordOf(key, trust)
  return { key: { use: 'agency', key, word } }
}
