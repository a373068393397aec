/**
 * A token of SoftHSM in a folder, as a hardware module has one.
 *
 *     const token = startToken('gateway')
 *     token.make('checkpoints', ['--keypairgen', '--key-type', 'EC:edwards25519', '--id', '01'])
 *     token.uri('checkpoints')
 *     token.remove()                                    // in `afterAll`
 */

import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so'].find(
  (each) => existsSync(each),
)

/** Whether there is a module here, and the tool that uses it. */
export const isModuleHere =
  module !== undefined && spawnSync('pkcs11-tool', ['--help']).error === undefined
if (!isModuleHere)
  console.warn('SKIPPED: SoftHSM or pkcs11-tool is not installed: keys in modules are not tested')

/** Makes a token. Every process started from here on finds it. */
export function startToken(label: string) {
  const folder = mkdtempSync(join(tmpdir(), 'comity-hsm-'))
  const [tokens, away, pin] = ['tokens', 'away', 'pin'].map((each) => join(folder, each)) as [
    string,
    string,
    string,
  ]
  mkdirSync(tokens)
  writeFileSync(join(folder, 'hsm.conf'), `directories.tokendir = ${tokens}\n`)
  process.env.SOFTHSM2_CONF = join(folder, 'hsm.conf')
  writeFileSync(pin, '1234\n', { mode: 0o600 })
  const pins = ['--so-pin', '5678', '--pin', '1234']
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, ...pins])
  // The tool itself, unless it is to hang as one does whose driver waits for its module.
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  const isHung = join(folder, 'hung')
  const real = execFileSync('which', ['pkcs11-tool']).toString().trim()
  const script = `#!/bin/sh\nif [ -e ${isHung} ]; then echo $$ > ${isHung}; exec sleep 1000; fi\nexec ${real} "$@"\n`
  writeFileSync(join(tools, 'pkcs11-tool'), script, { mode: 0o700 })
  const login = ['--module', String(module), '--token-label', label, '--login', '--pin', '1234']
  return {
    folder,
    pin,
    /** Makes a key of this name, by the arguments of `pkcs11-tool`. */
    make(object: string, how: readonly string[]): void {
      execFileSync('pkcs11-tool', [...login, ...how, '--label', object], { stdio: 'ignore' })
    },
    uri: (object: string) =>
      `pkcs11:token=${label};object=${object}?module-path=${module}&pin-source=${pin}`,
    /** Takes the token out, and puts it back. */
    takeOut() {
      renameSync(tokens, away)
      mkdirSync(tokens)
    },
    putBack() {
      rmSync(tokens, { recursive: true })
      renameSync(away, tokens)
    },
    /** A path for processes to find the tool by, so that `hang` makes it hang, and `answer` no more. */
    path: `${tools}${delimiter}${process.env.PATH}`,
    hang: () => writeFileSync(isHung, ''),
    answer: () => rmSync(isHung),
    /** The process that hangs; 0 if none was started. */
    hung: () => Number(readFileSync(isHung, 'utf8')),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
