/** `comity policy explain`: what the law says of facts, for those who want to know before they ask. */

import { afterAll, describe, expect, test, vi } from 'vitest'
import type { Facts } from '../../../functions/decision/facts.ts'
import { addExplain } from '../../../functions/workbench/commands/explain.ts'
import { caseFileSchema } from '../../../functions/workbench/law/cases.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'
import { comity, fileOf } from '../../cli/run.ts'
import { removeFolders } from '../../demo/process.ts'
import { newestOwn, readOwn } from '../../own-law.ts'

afterAll(removeFolders)
afterAll(removeCopies)
const folder = copyOfPolicies()

/** The facts of an ordinary case at the British police, as lawyers state them. */
const { given } = caseFileSchema.parse(JSON.parse(readOwn('scenarios/to-britain.test.json')))
const french: Facts = { ...given.facts, 'requester.jurisdiction': 'FR' }
const capital = { ...given.facts, 'request.offence.deathPenaltyAvailable': true }

const asOf = '2026-11-24'
const items = [{ id: 'name', ...given.item }]

/** What the command prints, line by line, on the law that tests own. */
async function explain(file: unknown, ...more: readonly string[]) {
  const warned: string[] = []
  const error = vi.spyOn(console, 'error').mockImplementation((text) => void warned.push(text))
  const args = ['explain', '--facts', fileOf(file), ...more]
  const { code, stdout, stderr } = await run(addExplain, folder, args)
  error.mockRestore()
  const said = (...lines: readonly string[]) =>
    lines.filter((each) => each !== '').map((each) => `${each}\n`)
  return { code, stdout: said(stdout).join(''), stderr: said(...warned, stderr).join('') }
}

describe('For people', () => {
  test('a release is told with its reasons, articles and duties', async () => {
    const { code, stdout, stderr } = await explain({ asOf, facts: french, items })
    expect(stdout).toMatch(
      /^RELEASED\nDecided by an officer\.\n- .+\.\n {2}.*DPA 2018.+\[.+, gb\/police-data\/approved\]\n/,
    )
    expect(stdout).toContain('\nItems:\n- name: release (')
    expect(stdout).toMatch(/\nDuties:\n- .+ \[O-[A-Z-]+, (requester|holder)\]\n/)
    expect(stdout).toMatch(/\nAn engineering reading, not legal advice\.\n$/)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test('every rule of every policy that applies is shown as held or failed, with its articles', async () => {
    const { stdout } = await explain({ asOf, facts: capital, items })
    expect(stdout).toMatch(/\n.+ {2}gb\/assistance@2017-01-01, a limit\n {2}held {5}.+\.\n/)
    expect(stdout).toMatch(/\n {4}held {5}Nothing is given where .+ death\. .*OSJA guidance; .+\n/)
    expect(stdout).toMatch(/\n {4}failed {3}.+\n/)
    expect(stdout).not.toMatch(/\n {4}unknown /)
  })

  test('a rule that cannot be answered says which facts it wants', async () => {
    const { 'risk.torture': _, ...unsure } = french
    const { code, stdout } = await explain({ asOf, facts: unsure, items })
    expect(stdout).toMatch(/^NOT DECIDED YET \(.+\)\n/)
    expect(stdout).toMatch(/\nNot known:\n- .+ \(risk\.torture\)\n/)
    expect(stdout).toMatch(/\n {4}unknown {2}.+ not known: risk\.torture .+\n/)
    expect(stdout).toContain("- risk.torture = none, by the holder's officer\n")
    expect(code).toBe(0)
  })

  test('where items differ, each rule says for which of them it held', async () => {
    const wrong = { id: 'address', ...given.item, class: 'location', quality: 'disputed' }
    const { stdout } = await explain({ asOf, facts: french, items: [...items, wrong] })
    expect(stdout).toMatch(/\n {4}(held|failed) +.+ \(item name, address\) .+\n/)
    expect(stdout).toContain('\n- name: ')
    expect(stdout).toContain('\n- address: ')
  })
})

describe('For programs', () => {
  test('the decision is JSON of one shape', async () => {
    const { code, stdout } = await explain({ asOf, facts: capital, items }, '--json')
    const said = JSON.parse(stdout)
    expect(Object.keys(said)).toEqual([
      'outcome',
      'standing',
      'decidedBy',
      'reasons',
      'missing',
      'todo',
      'items',
      'obligations',
      'policies',
    ])
    expect(said).toMatchObject({ outcome: 'deny', standing: 'open', missing: [] })
    for (const reason of said.reasons)
      expect(reason).toEqual({
        code: expect.stringMatching(/^[a-z-]+$/),
        rule: expect.stringMatching(/^[a-z0-9/-]+$/),
        says: expect.any(String),
        cites: expect.any(Array),
        confidence: expect.stringMatching(/^(V|V~|M|M\?)$/),
      })
    expect(said.items).toEqual([
      {
        id: 'name',
        treatment: 'withhold',
        rules: expect.arrayContaining(['gb/assistance/death-penalty']),
      },
    ])
    expect(said.todo).toContainEqual({
      alternative: 2,
      fact: 'assurance.deathPenalty',
      to: 'given-and-verified',
      by: 'holder-ministry',
    })
    for (const policy of said.policies)
      expect(policy).toEqual({
        id: expect.stringMatching(/^[a-z]+\/[a-z0-9-]+$/),
        version: expect.stringMatching(/^\d{4}-\d{2}-\d{2}(\.r\d+)?$/),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
    expect(code).toBe(0)
  })

  test('a release has no standing, and its duties are named', async () => {
    const { stdout } = await explain({ asOf, facts: french, items }, '--json')
    const { outcome, standing, todo, obligations } = JSON.parse(stdout)
    expect({ outcome, standing, todo }).toEqual({ outcome: 'release', standing: null, todo: [] })
    expect(obligations).not.toEqual([])
    for (const { code, text, onWhom } of obligations)
      expect(`${onWhom}: ${code}: ${text}`).toMatch(/^(requester|holder): O-[A-Z-]+: .+\.$/)
  })

  test('facts may come from another program', async () => {
    const facts = { asOf, facts: french, items }
    const args = (file: string) => ['policy', 'explain', '--facts', file, '--json']
    const piped = await comity(args('-'), { stdin: JSON.stringify(facts) })
    const { outcome, policies } = JSON.parse(piped.stdout)
    expect([piped.code, typeof outcome, policies.length > 0]).toEqual([0, 'string', true])
    expect(piped).toEqual(await comity(args(fileOf(facts))))
  })
})

describe('On another day', () => {
  const versionsOn = async (...day: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await explain({ asOf, facts: french, items }, '--json', ...day)
    return JSON.parse(stdout).policies.map(
      ({ id, version }: Readonly<Record<string, string>>) => `${id}@${version}`,
    )
  }

  test('the law of that day decides, whatever the file says', async () => {
    expect(await versionsOn()).toContain(newestOwn('gb/police-data').name)
    expect(await versionsOn('--as-of', '2026-02-05')).toContain(newestOwn('gb/police-data').name)
    expect(await versionsOn('--as-of', '2026-02-04')).toContain('gb/police-data@2018-05-25')
  })

  test('before there was a law of it, nothing is released', async () => {
    const long = { asOf: '2010-01-01', facts: french, items }
    const { stdout } = await explain(long, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'deny', reasons: [{ code: 'no-policy' }] })
  })
})

describe('What is written wrongly', () => {
  test('a misspelled fact counts as unknown, and the warning says what was meant', async () => {
    const { 'risk.torture': torture, ...rest } = french
    const misspelled = { ...rest, 'risk.tortur': torture }
    const { code, stdout, stderr } = await explain({ asOf, facts: misspelled, items }, '--json')
    expect(stderr).toMatch(
      /^.+: there is no fact `risk\.tortur`; did you mean `risk\.torture`\?; it counts as unknown\n$/,
    )
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'deny', missing: ['risk.torture'] })
    expect(code).toBe(0)
  })

  test('a value that a fact never has counts as unknown, of items too', async () => {
    const facts = { ...french, 'risk.torture': 'low' }
    const { stderr } = await explain({ asOf, facts, items: [{ id: 'name', rolle: 'suspect' }] })
    expect(stderr).toContain('`risk.torture` is never `"low"`; it counts as unknown\n')
    expect(stderr).toContain('there is no fact `item.rolle`; did you mean `item.role`?')
  })

  test('a fact that is said to be unknown is no mistake', async () => {
    const facts = { ...french, 'risk.torture': null }
    const { stderr, stdout } = await explain({ asOf, facts, items }, '--json')
    expect(stderr).toBe('')
    expect(JSON.parse(stdout).missing).toEqual(['risk.torture'])
  })

  test('a broken file is refused with line and column', async () => {
    const { code, stdout, stderr } = await explain('{\n  "facts": {"asOf": "x",}\n}')
    expect(stderr).toMatch(/^.+file\.json:2:\d+: not JSON: .+\n$/)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test('a name that stands twice is refused with line and column', async () => {
    const { code, stderr } = await explain('{\n  "facts": {},\n  "facts": {}\n}')
    expect(stderr).toMatch(/^.+file\.json:3:3: the name `facts` stands twice in one object\n$/)
    expect(code).toBe(2)
  })

  test('a file of another shape is refused with every fault and its place', async () => {
    const { code, stderr } = await explain({ asOf: 'soon', fact: {}, items: [{}] })
    expect(stderr).toMatch(/file\.json: \/asOf: .+\n/)
    expect(stderr).toMatch(/file\.json: \/facts: .+\n/)
    expect(stderr).toMatch(/file\.json: \/items\/0\/id: .+\n/)
    expect(stderr).toMatch(/file\.json: \/fact: .+\n/)
    expect(code).toBe(2)
  })
})
