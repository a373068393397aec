/**
 * A key in a hardware module, by PKCS#11: `pkcs11-tool` (OpenSC) signs, so that the private half never leaves the
 * module. Named as RFC 7512 has it:
 *
 *     pkcs11:token=agency;object=requests?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/comity/pin
 */

import { execFile, execFileSync } from 'node:child_process'
import { createHash, createPublicKey } from 'node:crypto'
import { statSync } from 'node:fs'
import type { CallKey } from '../identity/sign.ts'
import { exitCodes, Failure } from './exit.ts'
import { readText } from './files.ts'

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

/** Longest that a module may take, ms. */
const moduleMs = 10_000
/** Where the tool finds the PIN: in no argument, which every process of the machine could read. */
const pin = 'COMITY_PKCS11_PIN'

/** A key to sign with (ES256). Throws a Failure if the module has none of this name. */
export function pkcs11Key(uri: string): CallKey & ModulePublicKey {
  const { args, env } = toolFor(uri)
  const sign = (input: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const asked = [...args, '--sign', '--mechanism', 'ECDSA', '--signature-format', 'rs']
      const options = { env, timeout: moduleMs, encoding: 'buffer' } as const
      const tool = execFile('pkcs11-tool', asked, options, (error, signature) => {
        if (error === null && signature.length === 64) resolve(signature)
        else reject(new Failure('couldn’t sign: the module gave no signature'))
      })
      tool.stdin?.on('error', () => undefined)
      tool.stdin?.end(createHash('sha256').update(input).digest())
    })
  return { ...publicOf(uri), alg: 'ES256', sign }
}

/** The public half of a key in a module; its id is the thumbprint (RFC 7638), as that of each key made here. */
export function publicOf(uri: string): ModulePublicKey {
  const { args, env } = toolFor(uri)
  const asked = [...args, '--read-object', '--type', 'pubkey']
  const der = run(asked, env)
  const { kty, crv, x, y } = createPublicKey({ key: der, format: 'der', type: 'spki' }).export({
    format: 'jwk',
  })
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
    throw new Failure('couldn’t use the key: make one on the curve P-256', exitCodes.usage)
  const members = JSON.stringify({ crv, kty, x, y })
  const kid = createHash('sha256').update(members).digest('base64url')
  return { kid, jwk: { kty, crv, x, y } }
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Buffer<ArrayBuffer> {
  try {
    const options = { env, timeout: moduleMs, stdio: 'pipe' } as const
    return Buffer.from(execFileSync('pkcs11-tool', args, options))
  } catch (error) {
    const { code, stderr = '' } = Object(error) as { code?: string; stderr?: unknown }
    const why =
      code === 'ENOENT' ? 'install OpenSC, which has `pkcs11-tool`' : String(stderr).trim()
    throw new Failure(`couldn’t read the key of the module: ${why}`, exitCodes.usage)
  }
}

/** How the tool is called for a key. */
function toolFor(uri: string) {
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
    throw new Failure(`the key has no \`${name}\`; write ${form}`, exitCodes.usage)
  }
  const file = of('pin-source').replace(/^file:(\/\/)?/, '')
  if (
    process.platform !== 'win32' &&
    (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077
  )
    throw new Failure(`others can read the PIN: chmod 600 \`${file}\``, exitCodes.usage)
  const args = [
    ...['--module', of('module-path'), '--token-label', of('token'), '--label', of('object')],
    ...['--login', '--pin', `env:${pin}`],
  ]
  return { args, env: { ...process.env, [pin]: readText(file).trim() } }
}
