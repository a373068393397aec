/** Statements about all of the law that a draft would break: told while it is written, and refused once it would count. */

import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { addCheck } from '../../../functions/workbench/commands/policy-check.ts'
import { addPolicySet } from '../../../functions/workbench/commands/policy-set.ts'
import { addPolicySeal } from '../../../functions/workbench/commands/seal.ts'
import { copyOfPolicies, edit, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { is, type Json } from '../../decision/write.ts'

afterAll(removeCopies)

type Written = { change: string; rules: { id: string; when: Json }[] }

const path = 'de/police/2027-01-01.json'
const reads = (what: unknown) => JSON.stringify(what).includes('risk.torture')

/** A folder with a draft, changed so, of the German law; nothing may leave where torture is a real risk. */
function drafted(change: (law: Written) => void, when: Json = is('risk.torture', 'real')): string {
  const folder = copyOfPolicies()
  rewrite(folder, 'statements/torture.json', () =>
    JSON.stringify({
      notice: 'An engineering reading, not legal advice.',
      says: 'Nothing leaves into torture.',
      ...{ nature: 'choice', confidence: 'V', when, never: 'leaves' },
    }),
  )
  const text = readFileSync(join(folder, 'de/police/2026-02-14.r2.json'), 'utf8')
  rewrite(folder, path, () => text)
  edit<Written>(folder, path, (law) => {
    law.change = 'It says another thing of torture than before.'
    change(law)
  })
  return folder
}
const loosened = (law: Written) => {
  law.rules = law.rules.filter((rule) => !reads(rule))
}

async function found(folder: string, ...args: readonly string[]) {
  const { stdout } = await run(addCheck, folder, ['check', ...args, '--format', 'json'])
  const all: Record<string, string>[] = JSON.parse(stdout).findings
  return all.filter(({ code }) => code === 'statement')
}

const seal = (folder: string, ...roles: readonly string[]) =>
  run(addPolicySeal, folder, [
    ...[
      'seal',
      path,
      '--key',
      ...roles.map((each) => join(folder, `demonstration-keys/${each}.json`)),
    ],
    ...['--yes', '--why', 'The law has changed.', '--unnoticed', 'It is tried by hand.'],
  ])

// Kills: holders that the folder does not reach; a case without its rule; a breach that is found only once it is sealed.
test('A draft that breaks a statement is told: for which holder, the least facts, and which rule permits it', async () => {
  const [only, ...more] = await found(drafted(loosened), path)
  expect(more).toEqual([])
  expect(only).toMatchObject({ path, severity: 'error' })
  expect(only?.message).toMatch(
    /`torture` \(“Nothing leaves into torture.”\) is broken on [^,]*\. DE: /,
  )
  expect(only?.message).toMatch(
    /DE: .*torture.*: real.*permitted by `de\/police\/[a-z-]+` of 2027-01-01/,
  )
  expect(only?.pointer).toMatch(/^\/rules\/\d+$/)
  expect(only?.fix).toContain('`statements/torture.json`')
})

test('A draft that keeps every statement is told nothing, and a sealed file is not proved again', async () => {
  const kept = drafted(() => undefined)
  expect(await found(kept, path)).toEqual([])
  expect(await found(kept, 'gb')).toEqual([])
})

// Kills: a first signature that is refused; a second one that is not.
test('Whoever signs second is refused what would break a statement, and nothing is written', async () => {
  const folder = drafted(loosened)
  const first = await seal(folder, 'legal')
  expect(first).toMatchObject({ code: 0, stderr: '' })
  const before = readFileSync(join(folder, 'de/seals.json'), 'utf8')
  const second = await seal(folder, 'data-protection')
  expect(second.code).toBe(3)
  expect(second.stderr).toMatch(/couldn’t seal: the statement `torture` .* is broken/)
  expect(second.stderr).toContain('`knownAgainst`')
  expect(readFileSync(join(folder, 'de/seals.json'), 'utf8')).toBe(before)
})

// Kills: a tightening that is refused because others broke the law before.
test('What lets nothing more go is sealed even so, and says what stays broken', async () => {
  const folder = drafted(
    (law) => law.rules.push({ ...law.rules.find(reads), id: 'none' } as Written['rules'][number]),
    is('item.role', 'victim'),
  )
  const [only] = await found(folder, path)
  expect(only?.severity).toBe('warning')
  // Britain breaks it, too, and German law does not reach it.
  expect(only?.message).not.toContain('GB')
  const { code, stdout, stderr } = await seal(folder, 'legal', 'data-protection')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('nothing more leaves by it, though the statement `torture`')
  expect(existsSync(join(folder, path))).toBe(true)
})

// Kills: a set that is let through because its first signer was not asked; a set before that is not looked at.
test('A set that breaks a statement is signed only if it lets nothing more go than the one before', async () => {
  const folder = drafted(() => undefined, is('item.role', 'victim'))
  const at = (name: string) => join(folder, name)
  const sign = (keys: readonly number[], ...more: readonly string[]) =>
    run(addPolicySet, folder, [
      ...['set', '--key', ...keys.map((n) => at(`demonstration-keys/release-${n}.json`)), '--yes'],
      ...more,
    ])
  rmSync(at('set.json'), { force: true })
  expect((await sign([1])).code).toBe(0)
  const refused = await sign([2])
  expect(refused.code).toBe(3)
  expect(refused.stderr).toMatch(/couldn’t sign the set: the statement `torture` .* is broken/)
  // The set before was signed while nobody had said the sentence.
  const statement = readFileSync(at('statements/torture.json'), 'utf8')
  rmSync(at('statements/torture.json'))
  expect((await sign([2])).code).toBe(0)
  rewrite(folder, 'statements/torture.json', () => statement)
  copyFileSync(at('set.json'), at('before.json'))
  rmSync(at('set.json'))
  expect((await sign([1, 2])).code).toBe(3)
  const { code, stdout } = await sign([1, 2], '--running', at('before.json'))
  expect(code).toBe(0)
  expect(stdout).toContain('nothing more leaves by it, though the statement `torture`')
})
