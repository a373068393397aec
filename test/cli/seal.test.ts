/** `comity policy seal`, on a copy of the policies; and a gateway on policies that were tampered with. */

import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { copyOfProject, failToStart, removeFolders, temporaryFolder } from '../local/process.ts'
import { comity, fileOf } from './run.ts'

/** A version that is sealed in the repository, and a correction of it that is not. */
const sealed = 'gb/osja/2017-01-01.json'
const correction = 'gb/osja/2017-01-01.r2.json'

/** The keys of two invented sealers. */
const legal = 'policies/demonstration-keys/legal.json'
const dataProtection = 'policies/demonstration-keys/data-protection.json'

let folder: string
beforeEach(() => {
  folder = copyOfProject()
  write(correction, read(sealed).replace('"title": "', '"title": "Corrected: '))
})
afterAll(removeFolders)

const read = (path: string) => readFileSync(join(folder, 'policies', path), 'utf8')
const write = (path: string, text: string) => writeFileSync(join(folder, 'policies', path), text)

const seal = (files: readonly string[], keys: readonly string[] = [legal, dataProtection]) =>
  comity(['policy', 'seal', ...files, '--key', ...keys, '--why', 'A slip is corrected.'], {
    folder,
  })

/** Expects that a sealing is refused, and that nothing was written. */
async function refused(ran: Promise<Awaited<ReturnType<typeof comity>>>): Promise<string> {
  const before = [read('seals.json'), read('seals.sha256')]
  const { code, stdout, stderr } = await ran
  expect([read('seals.json'), read('seals.sha256')]).toEqual(before)
  expect(stdout).toBe('')
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(code).toBe(3)
  return stderr
}

const explained = async (): Promise<readonly string[]> => {
  const facts = fileOf({ facts: { 'holder.jurisdiction': 'GB' } })
  const args = ['policy', 'explain', '--facts', facts, '--json']
  const { stdout } = await comity(args, { folder })
  return JSON.parse(stdout).policies.map(
    ({ id, version }: Readonly<Record<string, string>>) => `${id}@${version}`,
  )
}

describe('Two people who seal', () => {
  test('put a version into force, which counted for nothing before', async () => {
    expect(await explained()).toContain('gb/osja@2017-01-01')
    const { code, stdout, stderr } = await seal([correction])
    expect(stderr).toBe('')
    expect(stdout).toBe(`sealed ${correction}\n`)
    expect(code).toBe(0)
    expect(await explained()).toContain('gb/osja@2017-01-01.r2')
  })

  test('only add to what is sealed', async () => {
    const before = JSON.parse(read('seals.json'))
    await seal([`policies/${correction}`])
    const after = JSON.parse(read('seals.json'))
    expect(after.slice(0, -1)).toEqual(before)
    expect(after.at(-1)).toMatchObject({ path: correction, why: 'A slip is corrected.' })
    expect(after.at(-1).signatures).toHaveLength(2)
  })

  test.skipIf(spawnSync('sha256sum', ['--version']).status !== 0)(
    'leave digests that anybody can check with sha256sum',
    async () => {
      expect((await seal([correction])).code).toBe(0)
      const cwd = join(folder, 'policies')
      const check = () => spawnSync('sha256sum', ['-c', 'seals.sha256'], { cwd, encoding: 'utf8' })
      expect(check()).toMatchObject({ status: 0, stderr: '' })
      expect(check().stdout).toContain(`${correction}: OK\n`)
      write(correction, read(correction).replace('Corrected', 'Changed'))
      expect(check().status).toBe(1)
      expect(check().stdout).toContain(`${correction}: FAILED\n`)
    },
  )
})

describe('A seal is refused', () => {
  test('to a file with a fault, whose place is told', async () => {
    write(correction, read(correction).replace('"kind": "limit"', '"kind": "opinion"'))
    expect(await refused(seal([correction]))).toMatch(/^gb\/osja\/2017-01-01\.r2\.json\/kind: .+/)
  })

  test('to a file that is sealed already', async () => {
    const message = `\`${sealed}\` is sealed already; correct it by a file \`.r2.json\` beside it\n`
    expect(await refused(seal([sealed]))).toBe(message)
  })

  test('to all, if it is refused to one', async () => {
    expect(await refused(seal([correction, sealed]))).toContain(`\`${sealed}\` is sealed already`)
  })

  test('to a file that is not there', async () => {
    const path = 'gb/osja/2099-01-01.json'
    expect(await refused(seal([path]))).toBe(`there is no policy or list file \`${path}\`\n`)
  })

  test('with one key twice', async () => {
    for (const key of [legal, dataProtection])
      expect(await refused(seal([correction], [key, key]))).toContain('two different keys')
  })

  test('with one key alone', async () => {
    const { code, stderr } = await seal([correction], [legal])
    expect(stderr).not.toBe('')
    expect(code).toBe(3)
    expect(read('seals.json')).not.toContain(correction)
  })

  test('with two keys of one role', async () => {
    const second = sealer('legal')
    expect(await refused(seal([correction], [legal, second]))).toContain(
      'it needs a legal and a data-protection sealer',
    )
  })

  test('with a key that nobody trusts', async () => {
    const stranger = sealer()
    expect(await refused(seal([correction], [stranger, dataProtection]))).toContain(
      'a signature is not of a sealer trusted here for it',
    )
  })

  test('without a reason', async () => {
    const args = ['policy', 'seal', correction, '--key', legal, dataProtection]
    const { code, stderr } = await comity(args, { folder })
    expect(stderr).toContain("required option '--why <sentence>' not specified")
    expect(code).toBe(2)
  })
})

describe('A sealed file that was changed afterwards', () => {
  const message = `couldn’t load policies: ${sealed}: the file changed after it was sealed; undo the change, or write a new version`
  const change = () => write(sealed, `${read(sealed).trimEnd()} \n`)

  test('stops the gateway, which says which file it is', async () => {
    change()
    const { code, stdout, stderr } = await failToStart({ data: temporaryFolder(), folder })
    expect(stderr).toContain(message)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  test('stops the command line as well', async () => {
    change()
    const facts = fileOf({ facts: {} })
    const ran = await comity(['policy', 'explain', '--facts', facts], { folder })
    expect(ran).toEqual({ code: 3, stdout: '', stderr: `${message}\n` })
  })

  test('cannot be sealed anew', async () => {
    change()
    expect(await refused(seal([sealed]))).toContain(`\`${sealed}\` is sealed already`)
  })
})

/** A new key, in a file; with a role, of a sealer whom this copy trusts for everything. */
function sealer(role?: 'legal' | 'data-protection'): string {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const jwk = { kty: 'OKP', crv: 'Ed25519', x }
  const kid = 'another-2026'
  if (role !== undefined) {
    const sealers = JSON.parse(read('sealers.json'))
    const trusted = { kid, name: 'Another invented sealer', role, folders: ['*'], jwk }
    write('sealers.json', JSON.stringify([...sealers, trusted]))
  }
  return fileOf({ kid, jwk: { ...jwk, d } })
}
