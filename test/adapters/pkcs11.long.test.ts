/** A module that answers late, wrongly, or not at all: its tool is one of ours, which does as it is told. */

import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pkcs11CheckpointKey } from '../../functions/adapters/pkcs11.ts'
import { checkpointKeyOf } from '../../functions/machine/checkpoint-key.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const pem = { format: 'pem' } as const
const folder = mkdtempSync(join(tmpdir(), 'comity-tool-'))
const path = process.env.PATH
const file = (name: string, text: string, mode = 0o600) => {
  writeFileSync(join(folder, name), text, { mode })
  return join(folder, name)
}

/** Has the tool sign by a line of the shell; `right` does as the module's key does. */
const signing = (how: string) =>
  file(
    'pkcs11-tool',
    `#!/bin/sh
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
  let uri: string
  let key: ReturnType<typeof pkcs11CheckpointKey>
  beforeAll(() => {
    file('key.pem', privateKey.export({ ...pem, type: 'pkcs8' }).toString())
    file('public.pem', publicKey.export({ ...pem, type: 'spki' }).toString())
    process.env.PATH = `${folder}${delimiter}${path}`
    signing(right)
    const pin = file('pin', '1234\n')
    uri = `pkcs11:token=t;object=checkpoints?module-path=m&pin-source=${pin}`
    key = pkcs11CheckpointKey(uri)
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

  // Kills: a queue in which each waits its 10 s anew, so that the hundredth act hears after a quarter of an hour.
  test('that hangs is given up for all who wait for it, and by more than 64 it is not waited for', async () => {
    signing('while :; do sleep 1; done')
    const begun = Date.now()
    const all = await Promise.allSettled(Array.from({ length: 70 }, () => key.sign(bytes)))
    expect(Date.now() - begun).toBeLessThan(15_000)
    const whys = all.map((each) => (each.status === 'rejected' ? String(each.reason) : 'signed'))
    const of = (what: string) => whys.filter((why) => why.includes(what)).length
    expect(of('module: it took longer than 10 s')).toBe(1)
    expect(of('another use of it took longer')).toBe(63)
    expect(of('64 uses wait for it')).toBe(6)
    expect(all.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(
      Array.from({ length: 70 }, () => 'away'),
    )
    signing(right)
    expect(await Promise.all([isRight(), isRight()])).toEqual([true, true])
  })

  // Kills: a store that remembers a public half under which the module signs nothing, so that no other key may begin.
  test('whose public half is another key’s begins no log', async () => {
    const known = new Map<string, { readonly size: number; readonly root: Uint8Array }>()
    const memory = {
      last: async (log: string) => known.get(log),
      advance: async (log: string, _: number, to: { size: number; root: Uint8Array }) =>
        Boolean(known.set(log, to)),
    }
    const other = generateKeyPairSync('ed25519').publicKey.export({ ...pem, type: 'spki' })
    file('public.pem', other.toString())
    await expect(checkpointKeyOf(uri, memory, 'comity.test', async () => [])).rejects.toThrow(
      'its signature is wrong',
    )
    expect(known.size).toBe(0)
    file('public.pem', publicKey.export({ ...pem, type: 'spki' }).toString())
    expect((await checkpointKeyOf(uri, memory, 'comity.test', async () => [])).publicKey).toEqual(
      key.publicKey,
    )
    // The key, and whose store it is.
    expect(known.size).toBe(2)
  })
})
