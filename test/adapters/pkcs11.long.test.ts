/** A module that answers late, wrongly, or not at all: its tool is one of ours, which does as it is told. */

import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pkcs11CheckpointKey } from '../../functions/adapters/pkcs11.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const pem = { format: 'pem' } as const
const folder = mkdtempSync(join(tmpdir(), 'comity-tool-'))
const path = process.env.PATH
const file = (name: string, text: string, mode = 0o600) => {
  writeFileSync(join(folder, name), text, { mode })
  return join(folder, name)
}

/** Has the tool sign by a line of the shell. `$sign` signs as the module's key does. */
const signing = (how: string) =>
  file(
    'pkcs11-tool',
    `#!/bin/sh
    sign="openssl pkeyutl -sign -rawin -inkey ${folder}/key.pem -in /dev/stdin"
    case " $* " in
      *--list-objects*) printf 'Private Key Object; EC_EDWARDS\\n  label:      checkpoints\\n  ID:         01\\n' ;;
      *--read-object*) cat ${folder}/public.pem ;;
      *) cat > ${folder}/input
         ${how} ;;
    esac
    `,
    0o700,
  )
const right = `openssl pkeyutl -sign -rawin -inkey ${folder}/key.pem -in ${folder}/input`

describe.skipIf(process.platform === 'win32')('A module', () => {
  let key: ReturnType<typeof pkcs11CheckpointKey>
  beforeAll(() => {
    file('key.pem', privateKey.export({ ...pem, type: 'pkcs8' }).toString())
    file('public.pem', publicKey.export({ ...pem, type: 'spki' }).toString())
    process.env.PATH = `${folder}${delimiter}${path}`
    signing(right)
    const pin = file('pin', '1234\n')
    key = pkcs11CheckpointKey(`pkcs11:token=t;object=checkpoints?module-path=m&pin-source=${pin}`)
  })
  afterAll(() => {
    process.env.PATH = path
    rmSync(folder, { recursive: true })
  })
  const bytes = Buffer.from('a checkpoint')
  const isRight = async () => verify(null, bytes, publicKey, await key.sign(bytes))

  // Kills: a tool that no longer hears, for which the sealer waits until somebody restarts the gateway.
  test('that does not end even if it is asked to is given up, and used again once it answers', async () => {
    signing("trap '' TERM; while :; do sleep 1; done")
    const begun = Date.now()
    await expect(key.sign(bytes)).rejects.toThrow('it took longer than 10 s')
    expect(Date.now() - begun).toBeLessThan(15_000)
    signing(right)
    expect(await isRight()).toBe(true)
  })
})
