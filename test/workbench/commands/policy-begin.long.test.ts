/** `comity policy begin`: a deployment’s own chains of seals, over what the demonstration’s keys sealed. */

import { generateKeyPairSync } from 'node:crypto'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import type { Seal, Sealer } from '../../../functions/policy/sealers.ts'
import { addPolicyBegin } from '../../../functions/workbench/commands/policy-begin.ts'
import { addPolicyRetire, addPolicySeal } from '../../../functions/workbench/commands/seal.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'
import { fileOf } from '../../cli/run.ts'

const why = 'We seal the law by which we decide.'

let folder: string
/** The cases of the first policy of Britain. All cases are left out: that they pass is another matter. */
let cases: string
beforeEach(() => {
  folder = copyOfPolicies('own')
  cases = read(casesOf(firstOf('gb')))
  for (const path of globSync('**/*.test.json', { cwd: folder })) rmSync(join(folder, path))
})
afterAll(removeCopies)

const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
const names = () =>
  globSync('*/seals.json', { cwd: folder }).map((path) => path.split('/')[0] ?? '')
const links = (name: string): readonly Seal[] => JSON.parse(read(`${name}/seals.json`))
const firstOf = (name: string): string => links(name)[0]?.body.path ?? ''
const casesOf = (path: string): string => path.replace('.json', '.test.json')
const everything = () => globSync('*/seals.{json,sha256}', { cwd: folder }).sort().map(read)
const demonstration = (name: string) => join(folder, `demonstration-keys/${name}.json`)

/** Who seals here from now on, in place of the demonstration’s; gives the file of each one’s private key. */
function sealers(
  ...who: readonly (readonly [role: Sealer['role'], folders?: readonly string[]])[]
): readonly string[] {
  const made = who.map(([role, folders = ['*']], i) => {
    const { d, ...jwk } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
    const kid = `own-${i + 1}-2026`
    const sealer = { kid, name: `Invented sealer ${i + 1}`, role, folders, jwk }
    return { sealer, file: fileOf({ kid, jwk: { ...jwk, d } }) }
  })
  write('sealers.json', JSON.stringify(made.map(({ sealer }) => sealer)))
  return made.map(({ file }) => file)
}
const twoSealers = () => sealers(['legal'], ['data-protection'])

const begin = (keys: readonly string[], ...more: readonly string[]) =>
  run(addPolicyBegin, folder, ['begin', ...more, '--key', ...keys, '--yes'])

/** Expects that it is refused, and that nothing was written. */
async function refused(ran: ReturnType<typeof run>): Promise<string> {
  const before = everything()
  const { code, stderr } = await ran
  expect(everything()).toEqual(before)
  expect(code).toBe(3)
  return stderr
}

describe('A deployment’s own chains', () => {
  // Kills: a file that is left out, or put in; other bytes; a chain that goes on from the demonstration’s.
  test('begin over exactly the files that stand, by its own two keys', async () => {
    const before = new Map(names().map((name) => [name, links(name).map(({ body }) => body)]))
    const count = [...before.values()].flat().length
    const { code, stdout, stderr } = await begin(twoSealers(), '--why', why)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain(`signed ${count} seals of ${before.size} folders`)
    expect(stdout).toContain('next: sign a set of it (`comity policy set`)')
    for (const [name, bodies] of before) {
      expect(links(name).map(({ body }) => body)).toEqual(bodies.map((each) => ({ ...each, why })))
      expect(links(name)[0]).toMatchObject({ number: 1, previous: '0'.repeat(64) })
    }
    expect(readPolicies(folder).faults).toEqual([])
  })

  // Kills: a list of faults that sends whoever put their own sealers there back to the last commit.
  test('are what is wanted, says the check, once its own sealers are there', () => {
    twoSealers()
    const fixes = new Set(readPolicies(folder).faults.map(({ fix }) => fix))
    expect([...fixes]).toEqual(['seal with keys of your own: `comity policy begin`'])
  })

  test('say for programs what was sealed', async () => {
    const { stdout } = await begin(twoSealers(), 'gb', '--why', why, '--json')
    const { act, done, of } = JSON.parse(stdout)
    expect({ act, done }).toEqual({ act: 'begin', done: true })
    expect(of).toEqual(
      links('gb').map(({ body: { path, sha256 } }) => ({ path, sha256, counts: true })),
    )
  })

  test('are only shown in a dry run', async () => {
    const before = everything()
    const { code, stdout } = await begin(twoSealers(), '--why', why, '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain(`- gb: ${links('gb').length} files`)
    expect(everything()).toEqual(before)
  })

  // Kills: a second who signs another file than the first; seals that count by one signature.
  test('wait for the other of the two, who signs the same files later', async () => {
    const [legal = '', dataProtection = ''] = twoSealers()
    const { stdout } = await begin([legal], '--why', why)
    expect(stdout).toContain('they wait for data protection, who runs the same command')
    expect(readPolicies(folder).book.policies.every(({ sealedAt }) => sealedAt === undefined)).toBe(
      true,
    )
    expect(await refused(begin([legal], '--why', why))).toContain('waits for data protection')
    const path = firstOf('gb')
    const text = read(path)
    write(path, `${text} `)
    expect(await refused(begin([dataProtection]))).toContain(`${path}: the file is not what was`)
    write(path, text)
    expect((await begin([dataProtection])).code).toBe(0)
    expect(readPolicies(folder).faults).toEqual([])
    expect(links('gb').every(({ signatures }) => signatures.length === 2)).toBe(true)
  })

  // Kills: a second who is not shown what the first left in the chain, or who signs what a begin never wrote.
  test('show the second each file and the reason, and take nothing else that waits', async () => {
    const [legal = '', dataProtection = ''] = twoSealers()
    await begin([legal], '--why', why)
    const { body } = links('gb')[0] ?? {}
    const { stdout } = await begin([dataProtection], 'gb', '--dry-run')
    expect(stdout).toContain(`“${why}”`)
    expect(stdout).toContain(`${body?.act === 'seal' ? body.sha256 : ''}  ${body?.path}`)
    expect(
      await refused(begin([dataProtection], 'gb', '--why', 'Another reason for it.')),
    ).toContain(`couldn’t begin: whoever began \`gb\` said why: “${why}”; leave --why away`)
    const path = links('gb').at(-1)?.body.path ?? ''
    const day = `${path.slice(0, path.lastIndexOf('/'))}/2031-01-01.json`
    write(day, read(path).replace(/"change": "/, '"change": "Anew: '))
    const seal = ['seal', day, '--key', legal, '--why', 'It is new.', '--unnoticed', 'It is new.']
    expect(await run(addPolicySeal, folder, [...seal, '--yes'])).toMatchObject({ stderr: '' })
    expect(await refused(begin([dataProtection], 'gb'))).toContain(
      `the statement on ${day} is not of what began \`gb\`; take it back: \`comity policy withdraw ${day}\``,
    )
  })

  // Kills: a run that signs a folder twice, or stops at the first that has begun.
  test('go on where they broke off, and folder by folder', async () => {
    const keys = twoSealers()
    await begin(keys, 'gb', '--why', why)
    const first = read('gb/seals.json')
    const { stdout } = await begin(keys, '--why', why)
    expect(stdout).toContain('`gb` has a chain of your own already')
    expect(stdout).toContain(`of ${names().length - 1} folders`)
    expect(read('gb/seals.json')).toBe(first)
    expect(readPolicies(folder).faults).toEqual([])
    expect(await refused(begin(keys, '--why', why))).toContain(
      `all ${names().length} folders have a chain of your own already; nothing was signed`,
    )
    expect(await refused(begin(keys, 'gb', '--why', why))).toContain(
      '`gb` has a chain of your own already',
    )
  })

  test('are signed by whoever may sign in a folder', async () => {
    const [legal = '', dataProtection = ''] = sealers(['legal', ['gb']], ['data-protection'])
    expect((await begin([legal], '--why', why)).stdout).toContain('of 1 folder')
    expect((await begin([dataProtection], 'gb')).code).toBe(0)
    expect(await refused(begin([legal], 'de', '--why', why))).toContain(
      '`de`: none of these keys may sign there',
    )
  })

  test('leave out what was retired, and drafts', async () => {
    const path = links('gb').at(-1)?.body.path ?? ''
    const keys = [demonstration('legal'), demonstration('data-protection')]
    const retire = ['retire', path, '--key', ...keys, '--why', why, '--yes']
    expect((await run(addPolicyRetire, folder, retire)).code).toBe(0)
    const { stdout } = await begin(twoSealers(), 'gb', '--why', why)
    expect(stdout).toContain(`- gb: ${links('gb').length} files; 1 draft left out`)
    expect(links('gb').map(({ body }) => body.path)).not.toContain(path)
  })

  // Kills: a file that still counts, left out as a draft; one that then counts for ever.
  test('keep what ends later, and when it ends', async () => {
    const path = links('gb').at(-1)?.body.path ?? ''
    const before = links('gb').length
    const all = names().flatMap(links).length
    const from = '2999-01-01T00:00:00Z'
    const demonstrations = [demonstration('legal'), demonstration('data-protection')]
    const retire = ['retire', path, '--key', ...demonstrations, '--why', why, '--yes']
    expect((await run(addPolicyRetire, folder, [...retire, '--from', from])).code).toBe(0)
    const [legal = '', dataProtection = ''] = twoSealers()
    const first = await begin([legal], '--why', why, '--json')
    const { of, says } = JSON.parse(first.stdout)
    expect(of).toHaveLength(all)
    expect(says).toContain(`- gb: ${before} files; 1 of them ends later`)
    expect((await begin([dataProtection])).stdout).toContain(`  until ${from}  ${path}`)
    expect(links('gb').filter(({ body }) => body.path === path)).toMatchObject([
      { body: { act: 'seal', why } },
      { body: { act: 'retire', from, why } },
    ])
    const { book, faults } = readPolicies(folder)
    const own = book.policies.find(({ id, version }) => `${id}/${version}.json` === path)
    expect({ faults, retiredAt: own?.retiredAt }).toEqual({ faults: [], retiredAt: from })
  })
})

describe('No chain begins', () => {
  // Kills: each comparison with the demonstration’s keys (policy-begin.ts).
  test('with the demonstration’s keys, or while they are trusted', async () => {
    const keys = [demonstration('legal'), demonstration('data-protection')]
    expect(await refused(begin(keys, '--why', why))).toContain(
      'sealers.json trusts `demonstration-legal-2026`, whose private key everybody has',
    )
    twoSealers()
    expect(await refused(begin(keys, '--why', why))).toContain('everybody has the private key in')
  })

  test('over a file that is gone or has other bytes', async () => {
    const path = firstOf('gb')
    write(path, `${read(path)} `)
    expect(await refused(begin(twoSealers(), '--why', why))).toContain(
      `${path}: the file changed after it was sealed`,
    )
  })

  test('over a file of which a case fails', async () => {
    write(casesOf(firstOf('gb')), cases.replaceAll('"outcome": "release"', '"outcome": "deny"'))
    expect(await refused(begin(twoSealers(), '--why', why))).toMatch(/\d+ cases? do(es)? not pass/)
  })

  test('over a chain that is neither the demonstration’s nor its own', async () => {
    const keys = twoSealers()
    await begin(keys, 'gb', '--why', why)
    expect(await refused(begin(twoSealers(), '--why', why))).toContain(
      'the chain is neither the demonstration’s nor yours',
    )
  })

  test('by two of one role, or without a reason', async () => {
    expect(await refused(begin(sealers(['legal'], ['legal']), '--why', why))).toContain(
      'it needs two people, a legal and a data-protection sealer',
    )
    const before = everything()
    const { code, stderr } = await begin(twoSealers())
    expect(code).toBe(2)
    expect(stderr).toContain('say why in a full sentence')
    expect(everything()).toEqual(before)
  })
})

test('Once a chain is a deployment’s own, a sealed file is corrected by another beside it', async () => {
  const keys = twoSealers()
  await begin(keys, '--why', why)
  const path = links('gb').at(-1)?.body.path ?? ''
  const seal = () =>
    run(addPolicySeal, folder, ['seal', path, '--key', ...keys, '--why', why, '--yes'])
  expect(await refused(seal())).toContain('correct it by a file `.r2.json` beside it')
  write(path, `${read(path)} `)
  expect(await refused(seal())).toContain('undo the change, or write a new version')
})
