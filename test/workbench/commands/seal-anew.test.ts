/** A sealed file that was changed, and is sealed once more where it lies: by the demonstration keys alone. */

import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import type { Seal } from '../../../functions/policy/sealers.ts'
import { addPolicySeal } from '../../../functions/workbench/commands/seal.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'

const why = 'A slip is corrected.'

let folder: string
let both: readonly string[]
/** Two files that are sealed, one after the other. */
let path: string
let other: string
beforeEach(() => {
  folder = copyOfPolicies()
  both = ['legal', 'data-protection'].map((name) => join(folder, `demonstration-keys/${name}.json`))
  // Older grounds do not say who decides, so that nobody could seal them today.
  const saysAll = ({ body }: Seal) => /"automation"|"kind": "limit"/.test(read(body.path))
  const [one, two] = links().filter(saysAll)
  if (one === undefined || two === undefined) throw new Error('too little is sealed')
  path = one.body.path
  other = two.body.path
})
afterAll(removeCopies)

const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const links = (): readonly Seal[] => JSON.parse(read('gb/seals.json'))
const change = (file: string, title = 'Corrected') =>
  writeFileSync(
    join(folder, file),
    read(file)
      .replace('"title": "', `"title": "${title}: `)
      .replace(/"change": ".*"/, `"change": "It is called otherwise: ${title}."`),
  )
const seal = (keys: readonly string[], ...files: readonly string[]) =>
  run(addPolicySeal, folder, [
    ...['seal', ...files, '--key', ...keys, '--why', why, '--yes'],
    ...['--unnoticed', 'It is the same law.'],
  ])

/** Expects that sealing is refused, and that nothing was written. */
async function refused(ran: ReturnType<typeof run>): Promise<string> {
  const before = [read('gb/seals.json'), read('gb/seals.sha256')]
  const { code, stderr } = await ran
  expect([read('gb/seals.json'), read('gb/seals.sha256')]).toEqual(before)
  expect(code).toBe(3)
  return stderr
}

describe('A sealed file that was changed', () => {
  // Kills: a seal of the old bytes that is left; another seal that is lost, or says another time.
  test('is sealed anew by the demonstration keys, and every other seal says what it said', async () => {
    const old = links().find(({ body }) => body.path === path)
    const others = links().filter(({ body }) => body.path !== path)
    change(path)
    expect(readPolicies(folder).faults.map(({ code }) => code)).toEqual(['changed'])
    const { code, stdout, stderr } = await seal(both, path)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain(
      `It takes the place of what was sealed on ${old?.statedAt} with the SHA-256 ${old?.body.sha256}.`,
    )
    expect(stdout).not.toContain('It follows no version')
    expect(stdout).toContain(`sealed ${path} anew; the chain of \`gb\` begins anew`)
    const after = links()
    const said = (all: readonly Seal[]) => all.map(({ statedAt, body }) => ({ statedAt, body }))
    expect(said(after.slice(0, -1))).toEqual(said(others))
    expect(after.at(-1)).toMatchObject({ number: others.length + 1, body: { path, why } })
    expect(readPolicies(folder).faults).toEqual([])
    expect(await refused(seal(both, path))).toContain(
      `\`${path}\` is sealed already; correct the file itself, and seal it anew`,
    )
  })

  test('is sealed anew with another at once', async () => {
    const before = links().length
    change(path)
    change(other)
    expect((await seal(both, path, other)).code).toBe(0)
    expect(links().map(({ body }) => body.path)).toHaveLength(before)
    expect(readPolicies(folder).faults).toEqual([])
  })

  // Kills: a chain signed again by one, of which nothing counts until the other signs.
  test('is not sealed anew by one key', async () => {
    change(path)
    expect(await refused(seal(both.slice(0, 1), path))).toContain(
      'demonstration keys seal it anew, both at once: --key A B',
    )
  })

  // Kills: a file that nobody named, sealed anew with the one that was.
  test('is not sealed anew with another that is named alone', async () => {
    change(path)
    change(other)
    expect(await refused(seal(both, path))).toContain(`${other}: the file changed after`)
  })

  // Kills: keys of a deployment taken for the demonstration's; a change of what was signed by somebody.
  test('is not sealed anew where one sealer is not the demonstration’s', async () => {
    const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    const jwk = { kty: 'OKP', crv: 'Ed25519', x }
    const own = { kid: 'own-2026', name: 'A sealer', role: 'legal', folders: ['*'], jwk }
    const sealers = JSON.parse(read('sealers.json'))
    writeFileSync(join(folder, 'sealers.json'), JSON.stringify([...sealers, own]))
    expect(await refused(seal(both, path))).toContain('correct it by a file `.r2.json` beside it')
    change(path)
    expect(await refused(seal(both, path))).toContain(
      'the file changed after it was sealed; undo the change, or write a new version',
    )
  })
})
