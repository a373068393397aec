/** Asks a witness over HTTP (C2SP tlog-witness), and believes only what it signed. */

import { ComityError } from '../failure.ts'
import {
  checkSignature,
  parseNote,
  parseVkey,
  signatureLine,
  type VerifierKey,
} from '../ledger/note.ts'
import type { Witness } from '../log-ports.ts'
import { post } from './post.ts'

/** How long we wait for a witness, ms. We ask all at once, and a checkpoint waits for them. */
const timeoutMs = 2000

/** Longest answer, bytes: a few signature lines. */
const answerBytesMax = 16_384

/** The witness with this key, at this submission prefix. Throws if the key is not a witness’s. */
export function httpWitness(vkey: string, prefix: string): Witness {
  const parsed = parseVkey(vkey)
  if ('wrong' in parsed) throw new ComityError(`couldn’t use a witness: ${parsed.wrong}`)
  const { key } = parsed
  if (key.type !== 4) throw new ComityError(`couldn’t use ${key.name}: its key is a log’s`)
  return {
    vkey,
    async add(from, proof, note) {
      const hashes = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`)
      const body = `old ${from}\n${hashes.join('')}\n${note}`
      const sent = { body, timeoutMs, bytesMax: answerBytesMax }
      const asked = await post(`${prefix}/add-checkpoint`, sent)
      if ('why' in asked) return { kind: 'away', why: asked.why }
      const { status, type } = asked
      const text = Buffer.from(asked.bytes).toString()
      if (status === 200) return cosignature(note, text, key)
      if (status === 409 && type === 'text/x.tlog.size') return stale(text)
      return { kind: 'refused', why: `it answered ${status}` }
    },
  }
}

type Added = Awaited<ReturnType<Witness['add']>>

/** The witness's own line, if it cosigned exactly this text. Ignores lines of other keys. */
function cosignature(note: string, lines: string, key: VerifierKey): Added {
  const read = parseNote(`${note}${lines}`)
  const sent = parseNote(note)
  if ('wrong' in read || 'wrong' in sent || read.note.text !== sent.note.text)
    return { kind: 'refused', why: 'its answer is not lines of signatures' }
  for (const signature of read.note.signatures.slice(sent.note.signatures.length)) {
    const checked = checkSignature(read.note.text, signature, key)
    // A time of zero would mean that it did not check (tlog-witness, add-checkpoint).
    if ('signed' in checked && checked.signed.seconds !== 0)
      return { kind: 'cosigned', line: signatureLine(signature) }
  }
  return { kind: 'refused', why: 'no line of its answer is its cosignature' }
}

function stale(text: string): Added {
  const size = /^(0|[1-9][0-9]{0,15})\n$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(size)
    ? { kind: 'stale', size }
    : { kind: 'refused', why: 'it named no size' }
}
