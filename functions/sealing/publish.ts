/** From a sealed tree to a published checkpoint: signed by the signer, cosigned by a quorum of witnesses. */

import { wasChanged } from '../failure.ts'
import { openCheckpoint, openCosigned } from '../ledger/checkpoint.ts'
import { isLooksLog } from '../ledger/looks-log.ts'
import {
  emptyRoot,
  proveConsistency,
  type ReadHash,
  readFrontier,
  rootOf,
} from '../ledger/merkle.ts'
import {
  checkSignature,
  type Note,
  type NoteSignature,
  parseNote,
  parseVkey,
  type VerifierKey,
  writeNote,
} from '../ledger/note.ts'
import { type GetFile, tileReader } from '../ledger/tiles.ts'
import type { Head, SealWorld, Signer, Witness } from '../log-ports.ts'

/** The parts of the world that publishing needs. */
type PublishWorld = Pick<
  SealWorld,
  'sealing' | 'archive' | 'signer' | 'vkey' | 'witnesses' | 'quorum'
>

/** How far a log is published. */
export type Published = {
  /** Entries in the tree. */
  readonly size: number
  /** How many of them the published checkpoint covers. */
  readonly published: number
  /** Why it does not cover all, in words: somebody should look. */
  readonly why?: string
  /**
   * The log differs from what the signer or the world has seen: nothing more is published until people have
   * looked.
   */
  readonly isForked?: true
}

/** How often to start again after another sealer went further. */
const racesMax = 5

/**
 * Publishes a checkpoint of everything sealed, if the last one covers less. It compares what is published
 * with what is sealed, whether or not anything was sealed just now, so that a crash cannot leave entries
 * unsigned for ever. Throws if the tiles do not give the root to be signed.
 */
export async function publish(log: string, world: PublishWorld): Promise<Published> {
  const logKey = keyOf(world.vkey(log))
  let last: Published | undefined
  for (let race = 0; race < racesMax; race++) {
    const head = await world.sealing.head(log)
    // Nobody went further, so the obstacle is still there.
    if (last?.size === head.size) return last
    const newest = await newestPublished(log, world)
    const published = newest.size
    if (published === head.size) return { size: head.size, published }
    last =
      published < head.size
        ? await attempt(log, logKey, head, newest, world)
        : {
            size: head.size,
            published,
            why: `a checkpoint of ${published} entries is published, and only ${head.size} are in the tree`,
            isForked: true,
          }
    if (last.published === head.size) return last
  }
  return last ?? { size: 0, published: 0 }
}

/** Throws unless the tiles of a log give the root of its head. */
export async function checkTiles(
  log: string,
  { size, root }: Pick<Head, 'size' | 'root'>,
  get: GetFile,
): Promise<ReadHash> {
  const read = tileReader(size, get)
  if (Buffer.compare(rootOf(await readFrontier(size, read)), root) !== 0)
    throw wasChanged(
      `couldn’t seal ${log}: its tiles give another root than its head has at ${size} entries`,
    )
  return read
}

async function attempt(
  log: string,
  logKey: VerifierKey,
  head: Head,
  newest: Pick<Head, 'size' | 'root'>,
  world: PublishWorld,
): Promise<Published> {
  const { size } = head
  const published = newest.size
  const read = await checkTiles(log, head, (path) => world.archive.get(`${log}/${path}`))
  // The signer and the witnesses check this, too; but one that lost its memory would sign a second tree.
  if (Buffer.compare(rootOf(await readFrontier(published, read)), newest.root) !== 0)
    throw wasChanged(
      `couldn’t seal ${log}: its first ${published} entries are not those that were published`,
    )
  const signing = await signed(log, head, published, read, world.signer)
  if (signing.kind === 'stale')
    return { size, published, why: `the signer has signed ${signing.size} entries` }
  if (signing.kind === 'refused')
    return { size, published, why: `the signer refused: ${signing.why}`, isForked: true }
  const note = noteOf(log, logKey, head, signing.note)

  const witnesses = isLooksLog(log) ? [] : world.witnesses
  const cosigned = await Promise.all(
    witnesses.map((witness) => cosign(witness, head, published, note, signing.note, read)),
  )
  const signatures = cosigned.flatMap((each) => ('signature' in each ? [each.signature] : []))
  const whole = writeNote({ text: note.text, signatures: [...note.signatures, ...signatures] })
  const witnessKeys = witnesses.map(({ vkey }) => keyOf(vkey))
  const opened = openCosigned(whole, logKey, witnessKeys, world.quorum)
  if ('wrong' in opened) {
    const whys = cosigned.flatMap((each) => ('why' in each ? [each.why] : []))
    return { size, published, why: [opened.wrong, ...whys].join('; ') }
  }
  await world.archive.publish(log, size, whole)
  return { size, published: size }
}

/** The size and root of the published checkpoint. Throws if the log did not sign it. */
export async function newestPublished(
  log: string,
  { archive, vkey }: Pick<PublishWorld, 'archive' | 'vkey'>,
): Promise<Pick<Head, 'size' | 'root'>> {
  const note = await archive.get(`${log}/checkpoint`)
  if (note === undefined) return { size: 0, root: emptyRoot }
  const opened = openCheckpoint(Buffer.from(note).toString('utf8'), keyOf(vkey(log)))
  if ('wrong' in opened)
    throw wasChanged(`couldn’t read the published checkpoint of ${log}: ${opened.wrong}`)
  return opened.checkpoint
}

/** Asks the signer, and asks again from the size it reports, if that differs. */
async function signed(
  log: string,
  { size, root }: Head,
  published: number,
  read: ReadHash,
  signer: Signer,
): ReturnType<Signer['sign']> {
  const ask = async (from: number) =>
    signer.sign({ log, size, root, from, proof: await proveConsistency(from, size, read) })
  const answer = await ask(published)
  return answer.kind === 'stale' && answer.size <= size ? ask(answer.size) : answer
}

/** The signer's note. Throws if it is not of this tree. */
function noteOf(log: string, logKey: VerifierKey, head: Head, written: string): Note {
  const opened = openCheckpoint(written, logKey)
  if ('wrong' in opened) throw wasChanged(`couldn’t use the checkpoint of ${log}: ${opened.wrong}`)
  const { size, root } = opened.checkpoint
  const read = parseNote(written)
  if ('wrong' in read || size !== head.size || Buffer.compare(root, head.root) !== 0)
    throw wasChanged(`couldn’t use the checkpoint of ${log}: the signer signed another tree`)
  return read.note
}

/** The cosignature of one witness, or why there is none. A failing witness affects no other. */
async function cosign(
  witness: Witness,
  { size }: Head,
  published: number,
  { text }: Note,
  note: string,
  read: ReadHash,
): Promise<{ readonly signature: NoteSignature } | { readonly why: string }> {
  const key = keyOf(witness.vkey)
  const add = async (from: number) =>
    witness.add(from, await proveConsistency(from, size, read), note)
  const why = (said: string) => ({ why: `${key.name}: ${said}` })
  try {
    const first = await add(published)
    const answer =
      first.kind === 'stale' && first.size <= size && first.size !== published
        ? await add(first.size)
        : first
    if (answer.kind === 'stale') return why(`it has seen ${answer.size} entries`)
    if (answer.kind !== 'cosigned') return why(answer.why)
    const line = parseNote(`${text}\n${answer.line.trimEnd()}\n`)
    const signature = 'note' in line ? line.note.signatures[0] : undefined
    if (signature === undefined) return why('its answer is no signature line')
    const checked = checkSignature(text, signature, key)
    return 'wrong' in checked ? why(checked.wrong) : { signature }
  } catch (error) {
    return why(error instanceof Error ? error.name : 'it failed')
  }
}

/** A configured key. */
function keyOf(vkey: string): VerifierKey {
  const read = parseVkey(vkey)
  if ('wrong' in read) throw wasChanged(`couldn’t use a key: ${read.wrong}`)
  return read.key
}
