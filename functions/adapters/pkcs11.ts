/**
 * Keys in a hardware module, by PKCS#11: `pkcs11-tool` (OpenSC) uses them, so that no private half leaves the module.
 * Named as RFC 7512 has it:
 *
 *     pkcs11:token=agency;object=requests?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/comity/pin
 */

import { execFile, execFileSync } from 'node:child_process'
import {
  createHash,
  createPublicKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { ComityError, faultOf } from '../failure.ts'
import type { CallKey } from '../identity/sign.ts'
import type { SigningKey } from '../ports.ts'
import { seal, unseal } from './aes-gcm.ts'
import type { Wrapper } from './secrets.ts'

/** Whether a key is named by such an address, and not by a file. */
export const isPkcs11 = (key: string): boolean => key.startsWith('pkcs11:')

/** The public half of a key on the curve P-256, as the register has it. */
export type ModulePublicKey = {
  readonly kid: string
  readonly jwk: {
    readonly kty: 'EC'
    readonly crv: 'P-256'
    readonly x: string
    readonly y: string
  }
}

/** Longest that a module may take, ms. Its driver may not hear that it is to end. */
const moduleMs = 10_000
const bounded = { timeout: moduleMs, killSignal: 'SIGKILL' } as const
/** Where the tool finds the PIN: in no argument, which every process of the machine could read. */
const pinVariable = 'COMITY_PKCS11_PIN'

/** An agency's key, to sign calls with (ES256). Throws a sentence if the module has none of this name. */
export function pkcs11Key(uri: string): CallKey & ModulePublicKey {
  const key = located(uri)
  const half = publicHalf(key)
  const check = { key: half, dsaEncoding: 'ieee-p1363' } as const
  return {
    ...named(half),
    alg: 'ES256',
    async sign(input) {
      const signature = await used(key, ['ECDSA', '--signature-format', 'rs'], hashOf(input), 64)
      return checked(signature, verify('sha256', input, check, signature))
    },
  }
}

/** The public half of an agency's key; its id is the thumbprint (RFC 7638), as that of each key made here. */
export const publicOf = (uri: string): ModulePublicKey => named(publicHalf(located(uri)))

function named(half: KeyObject): ModulePublicKey {
  const { kty, crv, x, y } = half.export({ format: 'jwk' })
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
    throw new ComityError('couldn’t use the key of the module: make one on the curve P-256')
  const members = JSON.stringify({ crv, kty, x, y })
  return { kid: hashOf(Buffer.from(members)).toString('base64url'), jwk: { kty, crv, x, y } }
}

/** The key of the checkpoints, Ed25519. Throws a sentence if the module has none of this name. */
export function pkcs11CheckpointKey(uri: string): SigningKey {
  const key = located(uri)
  const half = publicHalf(key)
  const { crv, x = '' } = half.export({ format: 'jwk' })
  if (crv !== 'Ed25519')
    throw new ComityError('couldn’t use the key of the module: checkpoints need one of Ed25519')
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    async sign(bytes) {
      const signature = await used(key, ['EDDSA'], bytes, 64)
      return checked(signature, verify(null, bytes, half, signature))
    },
  }
}

/** A signature that the key's own public half verifies: a module that fails must not look like a log that forked. */
function checked(signature: Uint8Array, isRight: boolean): Uint8Array {
  if (isRight) return signature
  throw new ComityError('couldn’t use the key of the module: its signature is wrong')
}

const context = 'comity secrets'
const saltBytes = 16

/**
 * Wraps secrets under a key that stays in the module: it makes a key for each wrapping, by HMAC-SHA-256 over the context
 * and a fresh salt. The wrapped bytes begin with the salt.
 */
export function pkcs11Wrapper(uri: string): Wrapper {
  const keyOf = (salt: Uint8Array): Promise<Uint8Array> =>
    used(located(uri), ['SHA256-HMAC'], Buffer.concat([Buffer.from(context), salt]), 32)
  return {
    async wrap(bytes) {
      const salt = randomBytes(saltBytes)
      return Buffer.concat([salt, seal(await keyOf(salt), bytes, context)])
    },
    async unwrap(bytes) {
      const key = await keyOf(bytes.subarray(0, saltBytes))
      return unseal(key, bytes.subarray(saltBytes), context)
    },
  }
}

const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** A key of a module: what the tool is called with, and the file of the PIN. */
type Located = { readonly args: readonly string[]; readonly pinFile: string }

/** Most uses that wait for a module at once: a module that is this far behind answers none of them in time. */
const waitingMax = 64
/** The last use of a module, whatever came of it; how many wait; and when one was last given up, ms since our start. */
let [last, waiting, gaveUpAt]: [Promise<unknown>, number, number] = [Promise.resolve(), 0, -1]

/**
 * Uses a key once those before have. If one of them takes too long it is given up, and with it whatever waits: so none
 * waits longer than for one use, and whoever asks afterwards finds out whether the module answers again.
 */
function used(...of: Parameters<typeof use>): ReturnType<typeof use> {
  if (waiting >= waitingMax)
    return Promise.reject(away(`${waitingMax} uses wait for it already, so that it answers late`))
  const askedAt = performance.now()
  waiting += 1
  // One after the other: modules have few sessions, and SoftHSM shows no token to some of those that look at once.
  const mine = last.then(() => {
    waiting -= 1
    if (askedAt < gaveUpAt) throw away(`another use of it took longer than ${moduleMs / 1000} s`)
    return use(...of)
  })
  last = mine.catch(() => undefined)
  return mine
}

const away = (why: string): ComityError =>
  new ComityError(`couldn’t use the key of the module: ${why}`, 'away')

function use(
  key: Located,
  mechanism: readonly string[],
  input: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const { args, env, pin } = callOf(key)
    const options = { env, ...bounded, encoding: 'buffer' } as const
    const tool = execFile(
      'pkcs11-tool',
      [...args, '--sign', '--mechanism', ...mechanism],
      options,
      (error, output, stderr) => {
        process.off('exit', end)
        if (error?.killed) gaveUpAt = performance.now()
        if (error !== null) reject(refusal(error, stderr, pin))
        else if (output.length === length) resolve(output)
        else reject(new ComityError('couldn’t use the key of the module: it gave something else'))
      },
    )
    // A tool that hangs would outlive us, and keep its session with the module.
    const end = () => tool.kill('SIGKILL')
    process.once('exit', end)
    tool.stdin?.on('error', () => undefined)
    tool.stdin?.end(input)
  })
}

function asked(key: Located, what: readonly string[]): Buffer<ArrayBuffer> {
  const { args, env, pin } = callOf(key)
  try {
    const options = { env, ...bounded, stdio: 'pipe' } as const
    return Buffer.from(execFileSync('pkcs11-tool', [...args, ...what], options))
  } catch (error) {
    throw refusal(error, Object(error).stderr, pin)
  }
}

function publicHalf(key: Located): KeyObject {
  const bytes = asked(key, ['--read-object', '--type', 'pubkey'])
  // Of a key on P-256 the tool gives DER, of Ed25519 PEM.
  const isPem = bytes.toString('latin1').startsWith('-----BEGIN')
  try {
    return createPublicKey(isPem ? bytes : { key: bytes, format: 'der', type: 'spki' })
  } catch {
    throw new ComityError('couldn’t use the key of the module: its public half can’t be read')
  }
}

/**
 * Finds a key by its label. The tool signs by the id of a key alone: asked by a label, it would take the first key of the
 * token, whatever its name.
 */
function located(uri: string): Located {
  const { label, ...token } = placeIn(uri)
  const keys = asked(token, ['--list-objects'])
    .toString()
    .split(/^(?=\S)/m)
    .filter((each) => /^(Private|Secret) Key Object/.test(each))
    .map((each) => ({
      label: /^ *label: +(.*)$/m.exec(each)?.[1]?.trim(),
      id: /^ *ID: +([0-9a-f]+)$/m.exec(each)?.[1],
    }))
  const mine = keys.filter((each) => each.label === label)
  const [id, others] = [mine[0]?.id, keys.length - mine.length]
  const isAlone = keys.filter((each) => each.id === id).length === 1
  const wrong =
    mine.length !== 1
      ? `${mine.length === 0 ? 'no key' : 'more than one key'} of the token is named \`${label}\``
      : others > 0 && (id === undefined || !isAlone)
        ? `give \`${label}\` an id of its own, since the token has other keys (--set-id)`
        : undefined
  if (wrong !== undefined) throw new ComityError(`couldn’t use the key of the module: ${wrong}`)
  return { ...token, args: [...token.args, '--label', label, ...(id ? ['--id', id] : [])] }
}

/** PINs that a module did not take, as digests. A module locks itself after a few: none is sent twice. */
const refused: Buffer[] = []

/** Why the tool failed, in a sentence that is ours, with at most one line of the tool's. */
function refusal(error: unknown, stderr: unknown, pin: string): ComityError {
  const { code, killed } = Object(error) as Record<string, unknown>
  const said = String(stderr ?? '')
  if (said.includes('CKR_PIN_INCORRECT')) refused.push(hashOf(Buffer.from(pin)))
  const line = /^(?:error: |(?=No slot))(.{1,200})/m.exec(said)?.[1]
  const why =
    code === 'ENOENT'
      ? 'install OpenSC, which has `pkcs11-tool`'
      : killed === true
        ? `it took longer than ${moduleMs / 1000} s`
        : (line ?? 'the tool failed without a word')
  return away(why)
}

/** Where a key is, as its address says. */
function placeIn(uri: string): Located & { readonly label: string } {
  const [path = '', query = ''] = uri.slice('pkcs11:'.length).split('?')
  const attributes = new Map(
    [...path.split(';'), ...query.split('&')].map((each) => {
      const [name = '', value = ''] = each.split(/=(.*)/s)
      return [name, decodeURIComponent(value)] as const
    }),
  )
  const of = (name: string): string => {
    const value = attributes.get(name)
    if (value !== undefined && value !== '') return value
    const form = 'pkcs11:token=T;object=O?module-path=M&pin-source=FILE'
    throw new ComityError(`couldn’t use the key of the module: no \`${name}\`; write ${form}`)
  }
  const args = ['--module', of('module-path'), '--token-label', of('token')]
  const label = of('object')
  return { args, label, pinFile: of('pin-source').replace(/^file:(\/\/)?/, '') }
}

/** How the tool is called. The PIN is read each time, so that a new one counts from then on. */
function callOf({ args, pinFile }: Located) {
  const pin = pinIn(pinFile)
  const digest = hashOf(Buffer.from(pin))
  if (refused.some((each) => timingSafeEqual(each, digest)))
    throw away('it refused this PIN, which is not tried again')
  const env = { ...process.env, [pinVariable]: pin }
  return { args: [...args, '--login', '--pin', `env:${pinVariable}`], env, pin }
}

function pinIn(file: string): string {
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new ComityError(`others can read the PIN: chmod 600 \`${file}\``)
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof ComityError) throw error
    throw new ComityError(`couldn’t read the PIN in \`${file}\`: ${faultOf(error)}`, 'away')
  }
}
