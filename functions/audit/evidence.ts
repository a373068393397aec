/**
 * Evidence for a court: entries of the log with their proofs and the law they name, under one signed
 * manifest. The same question as of the same checkpoints gives the same bytes.
 */

import { lawOf } from '../answer/law.ts'
import { ComityError } from '../failure.ts'
import type { Agency } from '../identity/register.ts'
import { canonicalBytes, type ManifestParts, makeBundle, paths } from '../ledger/evidence.ts'
import { writeProof } from '../ledger/log-proof.ts'
import { proveInclusion, verifyInclusion } from '../ledger/merkle.ts'
import { tileReader } from '../ledger/tiles.ts'
import { keysFile } from '../ledger/verify-files.ts'
import type { AuditWorld } from '../log-ports.ts'
import { agenciesOf, type Decided, lawFiles, namesOf, type ShownEntry } from './evidence-files.ts'
import { type FoundEntries, findEvidence } from './evidence-find.ts'
import { pageOf } from './evidence-page.ts'
import { type EvidenceQuestion, entriesMax, type Heads, headsFor } from './evidence-question.ts'
import { stampsOf } from './evidence-stamps.ts'
import { readmeOf, sayingsOf } from './evidence-words.ts'
import { type Asker, notFound, type Read, type Refused } from './look.ts'

/** Most bytes of a bundle: an answer of Lambda holds 6 MB, in base64. */
const bytesMax = 4 * 1024 * 1024

/** Makes a bundle of what the asker’s office may see. */
export async function createEvidence(
  question: EvidenceQuestion,
  agency: Asker,
  world: AuditWorld,
): Promise<Refused | Read<Uint8Array>> {
  const heads = await headsFor(question, agency.jurisdiction, world)
  if ('kind' in heads) return heads
  const found = await findEvidence(agency, question, heads, world)
  if (found === undefined) return notFound
  const { shown } = found
  const sizes = [...heads].map(([log, { size }]) => [log, size])
  const look = {
    question: { ...question, at: Object.fromEntries(sizes) },
    shown: shown.map(({ stored }) => stored.leaf.eid),
  }
  const tooMuch = { ...look, shown: [], instead: tooMuchFor(shown.length) }
  if (shown.length > entriesMax) return tooMuch
  const decided = await decidedBy(shown, world)
  if ('kind' in decided) return decided
  const zip = await pack(agency, question, { ...found, decided }, heads, world)
  return zip.length > bytesMax ? tooMuch : { ...look, answer: zip }
}

const tooMuchFor = (entries: number): Refused => ({
  kind: 'invalid',
  pointer: '/entries',
  detail: `it is too much for one bundle, ${entries} entries; ask for fewer than that, and at most ${entriesMax}, by their ids`,
})

/** Each entry with the law that decided it; or why that is not known here. */
async function decidedBy(
  shown: readonly ShownEntry[],
  world: AuditWorld,
): Promise<readonly Decided[] | { readonly kind: 'unavailable'; readonly why: string }> {
  const decided: Decided[] = []
  for (const each of shown) {
    const law = await lawOf(each.stored.leaf, world)
    if (typeof law === 'string')
      return { kind: 'unavailable', why: `couldn’t make evidence: ${law}` }
    decided.push({ ...each, law })
  }
  return decided
}

async function pack(
  agency: Agency,
  { at: _, entries, ...of }: EvidenceQuestion,
  found: FoundEntries & { readonly decided: readonly Decided[] },
  used: Heads,
  world: AuditWorld,
): Promise<Uint8Array> {
  const { shown } = found
  const heads = [...used.values()].sort((a, b) => (a.log < b.log ? -1 : 1))
  const files = new Map<string, Uint8Array>()
  for (const each of shown) {
    const { eid } = each.stored.leaf
    files.set(paths.entry(eid), canonicalBytes(each.file))
    files.set(paths.proof(eid), Buffer.from(await proofOf(each, world)))
  }
  const { tokens, stamped } = await stampsOf(shown, world)
  for (const [path, token] of tokens) files.set(path, token)
  for (const { entry, head } of stamped)
    files.set(
      paths.stamped(entry.stored.leaf.eid),
      Buffer.from(await proofOf({ ...entry, head }, world)),
    )
  const law = lawFiles(found.decided, world.law.files())
  for (const [path, { text }] of law) files.set(path, Buffer.from(text))
  const by = entries !== undefined ? 'entries' : of.case === undefined ? 'subject' : 'case'
  const parts: ManifestParts = {
    gateway: world.gateway,
    question: {
      office: agency.id,
      jurisdiction: agency.jurisdiction,
      ...of,
      ...(entries && { entries: [...new Set(entries)].sort() }),
    },
    checkpoints: Object.fromEntries(heads.map(({ log, note }) => [log, note])),
    entries: shown.map(({ stored: { leaf }, index }) => ({ eid: leaf.eid, log: leaf.log, index })),
    tooEarly: [...found.tooEarly],
    ...(found.completeness && { completeness: found.completeness }),
    says: sayingsOf({ by, jurisdiction: agency.jurisdiction, heads, ...found }),
    keys: {
      v: 1,
      logs: heads.map(({ log }) => world.vkey(log)),
      witnesses: [...world.witnessVkeys],
      quorum: world.quorum,
      receipts: keysFile.shape.receipts.parse({
        keys: world.secrets.jwks.keys.filter(({ kty }) => kty === 'EC'),
      }),
      agencies: await agenciesOf(shown, world),
    },
    law: Object.fromEntries([...law].map(([path, { stands }]) => [path, stands])),
  }
  const about = { parts, law, names: await namesOf(shown, world) }
  files.set('page.html', Buffer.from(pageOf(about, shown, world.secrets.evidence.publicKey)))
  files.set('README.txt', Buffer.from(readmeOf(world.gateway)))
  return makeBundle(parts, files, world.secrets.evidence)
}

/** The proof of an entry in the checkpoint as of which is asked. Throws if it does not hold. */
async function proofOf(
  { stored, index, head: { log, size, root, note } }: ShownEntry,
  { archive }: AuditWorld,
): Promise<string> {
  const read = tileReader(size, (path) => archive.get(`${log}/${path}`))
  const path = await proveInclusion(index, size, read)
  if (!verifyInclusion(stored.leafHash, index, size, path, root))
    throw new ComityError(
      `couldn’t prove ${stored.leaf.eid}: the tiles of ${log} do not lead to its checkpoint`,
    )
  return writeProof({ index, path, checkpoint: note })
}
