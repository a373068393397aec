/** The proof that a leaf is in a log, to check offline: C2SP tlog-proof (c2sp.org/tlog-proof@v1). */

import { ComityError } from '../failure.ts'
import { type Checkpoint, type Cosigner, fromDecimal, openCosigned } from './checkpoint.ts'
import { type Hash, verifyInclusion } from './merkle.ts'
import { fromBase64, noteBytesMax, type VerifierKey } from './note.ts'

/** A proof as written. */
export type LogProof = {
  /** Bytes with any meaning. Nothing signs them. */
  readonly extra?: Uint8Array
  readonly index: number
  /** The hashes from the leaf's sibling up. */
  readonly path: readonly Hash[]
  /** The signed note, word for word. */
  readonly checkpoint: string
}

/** Most hashes in a path: a tree of 2^63 leaves, the largest that C2SP allows, has 63. */
const pathMax = 63

/** Longest extra line, characters. */
const extraMax = 65_536

/** A proof as text. Throws if it would not read back. */
export function writeProof({ extra, index, path, checkpoint }: LogProof): string {
  const lines = [
    title,
    ...(extra === undefined ? [] : [`extra ${base64(extra)}`]),
    `index ${index}`,
    ...path.map(base64),
  ]
  const text = `${lines.join('\n')}\n\n${checkpoint}`
  const read = parseProof(text)
  if ('wrong' in read) throw new ComityError(`couldn’t write the proof: ${read.wrong}`)
  return text
}

/** Reads a proof, or says what is wrong with it. Checks neither what it proves nor its checkpoint. */
export function parseProof(
  text: string,
): { readonly proof: LogProof } | { readonly wrong: string } {
  if (text.length > noteBytesMax + extraMax + pathMax * 45 + 100)
    return { wrong: 'the proof is too long' }
  const end = text.indexOf('\n\n')
  if (end === -1) return { wrong: 'the proof has no empty line before a checkpoint' }
  const [first, ...lines] = text.slice(0, end).split('\n')
  if (first !== title) return { wrong: `the proof does not begin with ${title}` }
  const extraLine = lines[0]?.startsWith('extra ') ? lines.shift() : undefined
  const extra = extraLine === undefined ? undefined : fromBase64(extraLine.slice(6))
  if (extraLine !== undefined && (extra === undefined || extra.length === 0))
    return { wrong: 'the extra line of the proof is not base64' }
  const [indexLine = '', ...hashes] = lines
  const index = indexLine.startsWith('index ') ? fromDecimal(indexLine.slice(6)) : undefined
  if (index === undefined) return { wrong: 'the proof has no index line with a plain number' }
  if (hashes.length > pathMax) return { wrong: `the path of the proof is longer than ${pathMax}` }
  const path = hashes.map(fromBase64).filter((hash) => hash !== undefined)
  if (path.length !== hashes.length || path.some(({ length }) => length !== 32))
    return { wrong: 'a hash of the proof is not 32 bytes in base64' }
  const checkpoint = text.slice(end + 2)
  return { proof: { ...(extra === undefined ? {} : { extra }), index, path, checkpoint } }
}

/**
 * Checks that a proof shows the leaf in the log of this key, in a tree that at least `quorum` of the
 * witnesses saw. Returns its checkpoint, its index and the cosigners; or what is wrong.
 */
export function verifyProof(
  text: string,
  leafHash: Hash,
  logKey: VerifierKey,
  witnessKeys: readonly VerifierKey[],
  quorum: number,
):
  | {
      readonly index: number
      readonly checkpoint: Checkpoint
      readonly cosigners: readonly Cosigner[]
    }
  | { readonly wrong: string } {
  const read = parseProof(text)
  if ('wrong' in read) return read
  const { index, path } = read.proof
  const opened = openCosigned(read.proof.checkpoint, logKey, witnessKeys, quorum)
  if ('wrong' in opened) return opened
  const { checkpoint, cosigners } = opened
  if (index >= checkpoint.size)
    return { wrong: `index ${index} lies outside a tree of ${checkpoint.size}` }
  if (!verifyInclusion(leafHash, index, checkpoint.size, path, checkpoint.root))
    return { wrong: `the path does not lead from this leaf at index ${index} to the root` }
  return { index, checkpoint, cosigners }
}

const title = 'c2sp.org/tlog-proof@v1'
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
