/**
 * What an entry keeps beside its leaf since version 3, encrypted under the key of its subject: what the caller
 * wrote, and what the gateway found. Each is deflated by itself, so that no text of a caller shows by a length
 * what was found; and filled to whole kilobytes, so that no length says anything. FORMAT.md defines the bytes.
 */

import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { ComityError } from '../failure.ts'
import { canonical } from './canonical.ts'
import usual3 from './dictionary-v3.json' with { type: 'json' }
import usual from './dictionary-v4.json' with { type: 'json' }

/** Most bytes of a part before it is deflated, so that a small ciphertext cannot fill the memory. */
export const partBytesMax = 1_048_576
const block = 1024
const nonceBytes = 12
const tagBytes = 16
const lengthBytes = 4

/** What most entries have in common, by part. It is part of the format: a changed word opens nothing any more. */
const dictionaries = { caller: dictionary(usual.caller), findings: dictionary(usual.findings) }
/** The same in version 3, where both parts have one. */
const dictionary3 = dictionary(usual3)

function dictionary(usual: object): Buffer {
  return Buffer.from(canonical(usual), 'utf8')
}

/** The keys of one entry: of each part, and the salts of its commitments. */
export type PartKeys = {
  readonly caller: KeyObject
  readonly findings: KeyObject
  /** 32 bytes for each commitment, in the order of their names. */
  readonly salts: readonly Uint8Array[]
}

/** Derives the keys of an entry with so many commitments, at most 253, from the key of its subject. */
export function partKeys(kek: Uint8Array, eid: string, commitments: number): PartKeys {
  const info = `comity entry 3 ${eid}`
  const all = new Uint8Array(
    hkdfSync('sha256', createSecretKey(kek), '', info, 32 * (commitments + 2)),
  )
  const at = (i: number) => all.subarray(32 * i, 32 * (i + 1))
  return {
    caller: createSecretKey(at(0)),
    findings: createSecretKey(at(1)),
    salts: Array.from({ length: commitments }, (_, i) => at(i + 2)),
  }
}

/** The two parts as texts. */
export type Parts = { readonly caller: string; readonly findings: string }

/**
 * Encrypts both parts, bound to `boundTo`, and fills the findings to so many kilobytes at least; `random` gives their
 * nonces. Throws if a part is longer than `partBytesMax`.
 */
export function closeParts(
  { caller, findings }: Parts,
  keys: PartKeys,
  boundTo: string,
  least: number,
  random: (bytes: number) => Uint8Array,
): Buffer {
  const nonces = random(2 * nonceBytes)
  const first = encrypted(
    filled(deflated(caller, dictionaries.caller), 1),
    keys.caller,
    `${boundTo}\u001fcaller`,
    nonces.subarray(0, nonceBytes),
  )
  const second = encrypted(
    filled(deflated(findings, dictionaries.findings), least),
    keys.findings,
    `${boundTo}\u001ffindings`,
    nonces.subarray(nonceBytes),
  )
  const blocks = Buffer.alloc(2)
  blocks.writeUInt16BE(first.length / block)
  return Buffer.concat([blocks, first, second])
}

/**
 * How deflate works: with room for parts as short as ours and their dictionary, for it takes longer to make room than to
 * fill it; and with little search, for their dictionary has most of what there is to find. Whatever inflates does not ask.
 */
const quickly = { windowBits: 14, memLevel: 6, chunkSize: 4096, level: 3 }

function deflated(text: string, dictionary: Buffer): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length > partBytesMax)
    throw new ComityError(`couldn’t make the entry: a part has ${bytes.length} bytes`)
  return deflateRawSync(bytes, { dictionary, ...quickly })
}

/** A deflated text after its length, with zeros up to whole kilobytes once it is encrypted. */
function filled(deflated: Buffer, least: number): Buffer {
  const beside = nonceBytes + tagBytes + lengthBytes
  const blocks = Math.max(least, Math.ceil((deflated.length + beside) / block))
  const plain = Buffer.alloc(blocks * block - nonceBytes - tagBytes)
  plain.writeUInt32BE(deflated.length)
  deflated.copy(plain, lengthBytes)
  return plain
}

function encrypted(plain: Buffer, key: KeyObject, boundTo: string, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(boundTo, 'utf8'))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/**
 * Opens both parts of an entry of version `v`. Throws if a key or a byte is wrong, or a part inflates to more than
 * `partBytesMax`.
 */
export function openParts(
  v: number,
  ciphertext: Uint8Array,
  keys: PartKeys,
  boundTo: string,
): Parts {
  const bytes = Buffer.from(ciphertext)
  const second = 2 + bytes.readUInt16BE() * block
  const opened = (name: keyof Parts, from: number, to?: number) => {
    const plain = decrypted(bytes.subarray(from, to), keys[name], `${boundTo}\u001f${name}`)
    const deflated = plain.subarray(lengthBytes, lengthBytes + plain.readUInt32BE())
    const dictionary = v === 3 ? dictionary3 : dictionaries[name]
    const text = inflateRawSync(deflated, { dictionary, maxOutputLength: partBytesMax })
    return text.toString('utf8')
  }
  return { caller: opened('caller', 2, second), findings: opened('findings', second) }
}

function decrypted(part: Buffer, key: KeyObject, boundTo: string): Buffer {
  const nonce = part.subarray(0, nonceBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(boundTo, 'utf8'))
  decipher.setAuthTag(part.subarray(part.length - tagBytes))
  return Buffer.concat([
    decipher.update(part.subarray(nonceBytes, part.length - tagBytes)),
    decipher.final(),
  ])
}
