/**
 * Signed notes: C2SP signed-note (c2sp.org/signed-note), with Ed25519 signatures (type 0x01) and the Ed25519
 * cosignatures of witnesses (type 0x04, c2sp.org/tlog-cosignature). Signatures of other types and of unknown
 * keys are kept but ignored.
 */

import { createPublicKey, hash, verify } from 'node:crypto'
import { ComityError } from '../failure.ts'

/** A text that ends in a newline, and its signatures. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] }

/** One signature line: who is said to have signed, and with which key. */
export type NoteSignature = {
  readonly name: string
  /** 8 hex digits. */
  readonly keyId: string
  /** What follows the key's id in the line; for type 0x04, 8 bytes of time and the signature. */
  readonly bytes: Uint8Array
}

/** A public key to check notes with. */
export type VerifierKey = {
  readonly name: string
  /** 1 signs a note's text, as a log does; 4 cosigns it with a time, as a witness does. */
  readonly type: 1 | 4
  /** 8 hex digits: the first four bytes of SHA-256 of the name, a newline, the type and the key. */
  readonly keyId: string
  /** Ed25519, 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array
}

/** A key that signed a note, and when, if it says so: seconds since the epoch. */
export type NoteSigner = { readonly key: VerifierKey; readonly seconds?: number }

/** Signs a message with Ed25519: 64 bytes. */
export type SignBytes = (message: Uint8Array) => Promise<Uint8Array>

/** Longest note, UTF-8 bytes. The 16 ML-DSA-44 signatures that a reader must accept take 55,000. */
export const noteBytesMax = 131_072

/** Most signatures in a note; a reader must accept 16. */
export const signaturesMax = 32

/** Reads a note, or says what is wrong with it. Signatures are not checked. */
export function parseNote(written: string): { readonly note: Note } | { readonly wrong: string } {
  if (!written.isWellFormed()) return { wrong: 'the note is not Unicode' }
  if (Buffer.byteLength(written) > noteBytesMax)
    return { wrong: `the note is longer than ${noteBytesMax} bytes` }
  if (controls.test(written)) return { wrong: 'the note has control characters' }
  const end = written.lastIndexOf('\n\n')
  if (end === -1) return { wrong: 'the note has no empty line before signatures' }
  const lines = written.slice(end + 2).split('\n')
  if (lines.pop() !== '' || lines.length === 0)
    return { wrong: 'the note ends in no signature line' }
  if (lines.length > signaturesMax)
    return { wrong: `the note has more than ${signaturesMax} signatures` }
  const signatures = lines.map(signatureOf)
  const bad = signatures.indexOf(undefined)
  if (bad !== -1) return { wrong: `signature line ${bad + 1} is malformed` }
  return {
    note: {
      text: written.slice(0, end + 1),
      signatures: signatures.filter((each) => each !== undefined),
    },
  }
}

/** A note as text. Throws if it would not read back the same. */
export function writeNote({ text, signatures }: Note): string {
  const written = `${text}\n${signatures.map(signatureLine).join('')}`
  const read = parseNote(written)
  if ('wrong' in read) throw new ComityError(`couldn’t write the note: ${read.wrong}`)
  if (read.note.text !== text)
    throw new ComityError('couldn’t write the note: its text does not end in a newline')
  return written
}

/** The line of a signature in a note, with its newline. */
export const signatureLine = ({ name, keyId, bytes }: NoteSignature): string =>
  `— ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), bytes]).toString('base64')}\n`

/**
 * Opens a note that at least one of the keys signed. As the specification requires, a wrong signature by a
 * known key invalidates the whole note. A key is listed once for each of its signatures.
 */
export function openNote(
  written: string,
  keys: readonly VerifierKey[],
): { readonly text: string; readonly signed: readonly NoteSigner[] } | { readonly wrong: string } {
  const read = parseNote(written)
  if ('wrong' in read) return read
  const { text, signatures } = read.note
  const signed: NoteSigner[] = []
  for (const signature of signatures) {
    const key = keys.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId)
    if (key === undefined) continue
    const checked = checkSignature(text, signature, key)
    if ('wrong' in checked) return checked
    signed.push(checked.signed)
  }
  return signed.length > 0 ? { text, signed } : { wrong: 'no known key signed the note' }
}

/** Checks a signature on a note's text against the key that it names. */
export function checkSignature(
  text: string,
  { name, keyId, bytes }: NoteSignature,
  key: VerifierKey,
): { readonly signed: NoteSigner } | { readonly wrong: string } {
  if (name !== key.name || keyId !== key.keyId) return { wrong: `this is not ${key.name}’s key` }
  const timed = key.type === 4
  if (bytes.length !== (timed ? 72 : 64))
    return { wrong: `the signature of ${name} has ${bytes.length} bytes` }
  const seconds = timed ? Number(Buffer.from(bytes).readBigUInt64BE()) : undefined
  if (seconds !== undefined && !Number.isSafeInteger(seconds))
    return { wrong: `the cosignature of ${name} has an impossible time` }
  if (!verify(null, messageOf(text, seconds), keyObject(key), bytes.subarray(-64)))
    return { wrong: `the signature of ${name} does not fit the text` }
  return { signed: seconds === undefined ? { key } : { key, seconds } }
}

/**
 * Signs a note's text with a key of type 0x01. Rejects if `sign` does, or if its result does not verify under
 * the key.
 */
export const signText = (text: string, key: VerifierKey, sign: SignBytes): Promise<NoteSignature> =>
  made(text, key, undefined, sign)

/** Cosigns a note's text with a key of type 0x04, which saw it at this second. Rejects as `signText` does. */
export const cosignText = (
  text: string,
  key: VerifierKey,
  seconds: number,
  sign: SignBytes,
): Promise<NoteSignature> => made(text, key, seconds, sign)

/** A verifier key with its id. Throws if the name or the key is invalid. */
export function verifierKey(name: string, type: 1 | 4, publicKey: Uint8Array): VerifierKey {
  if (!keyName.test(name))
    throw new ComityError('couldn’t make a key: its name has a space or a plus')
  if (publicKey.length !== 32)
    throw new ComityError(`couldn’t make the key ${name}: it has ${publicKey.length} bytes, not 32`)
  const digest = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed(type, publicKey)]))
  return { name, type, keyId: digest.slice(0, 8), publicKey }
}

/** A verifier key as text: `<name>+<key id>+<base64>`. */
export const writeVkey = ({ name, type, keyId, publicKey }: VerifierKey): string =>
  `${name}+${keyId}+${typed(type, publicKey).toString('base64')}`

/** Reads a verifier key of type 0x01 or 0x04, or says what is wrong with it. */
export function parseVkey(
  vkey: string,
): { readonly key: VerifierKey } | { readonly wrong: string } {
  // The base64 may itself contain a plus.
  const [, name = '', keyId, base64 = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/.exec(vkey) ?? []
  const bytes = fromBase64(base64)
  if (!keyName.test(name) || bytes === undefined)
    return { wrong: 'the key is not <name>+<8 hex digits>+<base64>' }
  const [type, ...publicKey] = bytes
  if (type !== 1 && type !== 4) return { wrong: `the key ${name} is not of type 0x01 or 0x04` }
  if (publicKey.length !== 32) return { wrong: `the key ${name} is not an Ed25519 key` }
  const key = verifierKey(name, type, Uint8Array.from(publicKey))
  return key.keyId === keyId ? { key } : { wrong: `the id of the key ${name} is not ${keyId}` }
}

/** The bytes of standard, padded base64 (RFC 4648 §4); undefined if it is written otherwise. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that a note may not have.
const controls = /[\u0000-\u0009\u000b-\u001f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: nor may a name.
const keyName = /^[^+\p{White_Space}\u0000-\u001f\p{Surrogate}]+$/u

async function made(
  text: string,
  key: VerifierKey,
  seconds: number | undefined,
  sign: SignBytes,
): Promise<NoteSignature> {
  const { name, keyId } = key
  const time = seconds === undefined ? Buffer.alloc(0) : uint64(seconds)
  const signature = await sign(messageOf(text, seconds))
  const line = { name, keyId, bytes: Buffer.concat([time, signature]) }
  const checked = checkSignature(text, line, key)
  if ('wrong' in checked) throw new ComityError(`couldn’t sign the note: ${checked.wrong}`)
  return line
}

/** What Ed25519 signs: the text, preceded by two lines if the signature has a time. */
const messageOf = (text: string, seconds: number | undefined): Uint8Array =>
  Buffer.from(seconds === undefined ? text : `cosignature/v1\ntime ${seconds}\n${text}`, 'utf8')

function signatureOf(line: string): NoteSignature | undefined {
  const [, name = '', base64 = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? []
  const bytes = fromBase64(base64)
  if (!keyName.test(name) || bytes === undefined || bytes.length < 5) return undefined
  return {
    name,
    keyId: Buffer.from(bytes.subarray(0, 4)).toString('hex'),
    bytes: bytes.subarray(4),
  }
}

const typed = (type: number, publicKey: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of(type), publicKey])

function uint64(n: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(n))
  return bytes
}

const keyObject = ({ publicKey }: VerifierKey) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') },
    format: 'jwk',
  })
