/** `comity policy check`, as a lawyer and as a build read it. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { addCheck } from '../../../functions/workbench/commands/policy-check.ts'
import { addPolicySet } from '../../../functions/workbench/commands/policy-set.ts'
import {
  copyOfPolicies,
  edit,
  removeCopies,
  rewrite,
  run,
  sealAgain,
} from '../../cli/in-process.ts'
import { onDay } from '../../on-day.ts'
import { readOwn } from '../../own-law.ts'
import { sealOf } from '../../policy/sealing.ts'

// The whole law is read each time, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 })
afterAll(removeCopies)
onDay('2026-11-29T12:00:00Z')

const check = (folder: string, ...args: readonly string[]) =>
  run(addCheck, folder, ['check', ...args])

/** A policy with twelve faults. */
const planted = `{
  "$schema": "../../policy.schema.json",
  "title": "French police data leaving",
  "instrument": { "name": "Code" },
  "kind": "limt",
  "notice": "An engineering reading, not legal advice.",
  "change": "First version",
  "owner": "Legal team",
  "timeZone": "Europe/Pari",
  "applies": {
    "says": "France holds the data.",
    "cites": [],
    "confidence": "V",
    "when": { "===": [{ "var": "holder.jurisdicton" }, "FR"] }
  },
  "transposes": { "eu/data": { "qualty": ["Code art. 2"] } },
  "rules": [
    {
      "id": "grave",
      "says": "Only grave offences count.",
      "cite": ["Code art. 3"],
      "cites": ["Code art. 3"],
      "nature": "mandatory",
      "confidence": "V",
      "when": { "=>": [{ "var": "request.offence.maxCustodyMonthsHolder" }, 36] },
      "then": { "effect": "denny", "code": "seriousness" }
    },
    {
      "id": "minor",
      "id": "minors",
      "says": "Data on minors is withheld.",
      "cites": ["Code art. 4"],
      "nature": "mandatory",
      "confidence": "V",
      "when": { "and": [
        { "===": [{ "var": "item.class" }, "minor"] },
        { "===": [{ "var": "item.class" }, "health"] }
      ] },
      "then": { "effect": "redact", "treatment": "withhold", "code": "minor" }
    },
    {
      "id": "old",
      "says": "Old data is withheld.",
      "cites": ["Code art. 6"],
      "nature": "mandatory",
      "confidence": "V",
      "when": { ">=": [{ "var": "item.yearsSinceEvent" }, "5"] },
      "then": { "effect": "redact", "treatment": "withhold", "code": "retention" }
    }
  ]
}
`

test('a file with twelve planted faults gets twelve located messages with twelve fixes', async () => {
  const folder = copyOfPolicies()
  rewrite(folder, 'at/code/2026-01-01.json', () => planted)
  const { code, stdout } = await check(folder, 'at')
  expect(code).toBe(3)
  expect(stdout).toBe(`\
policies/at/code/2026-01-01.json:1:1  note  it is a draft: no request is decided by it  [draft]
    1 │ {
      │ ^
        seal it with two keys: \`comity policy seal\`

policies/at/code/2026-01-01.json:5:11  error  \`limt\` is not allowed here  [value]
    5 │   "kind": "limt",
      │           ^^^^^^
        did you mean \`limit\`?

policies/at/code/2026-01-01.json:7:13  error  \`change\` is not written as it must be: a full sentence, ending with a full stop  [value]
    7 │   "change": "First version",
      │             ^^^^^^^^^^^^^^^
        end it with a full stop

policies/at/code/2026-01-01.json:9:15  error  there is no time zone \`Europe/Pari\`  [time-zone]
    9 │   "timeZone": "Europe/Pari",
      │               ^^^^^^^^^^^^^
        did you mean \`Europe/Paris\`?

policies/at/code/2026-01-01.json:12:14  error  no article is cited  [citation]
   12 │     "cites": [],
      │              ^^
        name it: "cites": ["LED art. 7(2)"]

policies/at/code/2026-01-01.json:14:32  error  there is no fact \`holder.jurisdicton\`  [fact]
   14 │     "when": { "===": [{ "var": "holder.jurisdicton" }, "FR"] }
      │                                ^^^^^^^^^^^^^^^^^^^^
        did you mean \`holder.jurisdiction\`?

policies/at/code/2026-01-01.json:16:32  error  \`eu/data\` has no rule \`qualty\`  [transposes]
   16 │   "transposes": { "eu/data": { "qualty": ["Code art. 2"] } },
      │                                ^^^^^^^^
        did you mean \`quality\`?

policies/at/code/2026-01-01.json:21:7  error  there is no \`cite\` here  [unknown-member]
   21 │       "cite": ["Code art. 3"],
      │       ^^^^^^
        did you mean \`cites\`?

policies/at/code/2026-01-01.json:25:17  error  \`=>\` is not an operator  [operator]
   25 │       "when": { "=>": [{ "var": "request.offence.maxCustodyMonthsHolder" }, 36] },
      │                 ^^^^
        did you mean \`>=\`?

policies/at/code/2026-01-01.json:26:27  error  \`denny\` is not allowed here  [value]
   26 │       "then": { "effect": "denny", "code": "seriousness" }
      │                           ^^^^^^^
        did you mean \`deny\`?

policies/at/code/2026-01-01.json:30:7  error  the name \`id\` stands twice in one object  [twice]
   30 │       "id": "minors",
      │       ^^^^
        keep one of the two

policies/at/code/2026-01-01.json:35:15  error  the conditions contradict one another  [contradiction]
   35 │       "when": { "and": [
      │               ^^^^^^^^^^
        they cannot hold together: item.class === "minor" and item.class === "health"

policies/at/code/2026-01-01.json:47:59  error  \`item.yearsSinceEvent\` is compared with a number, not \`5\`  [type]
   47 │       "when": { ">=": [{ "var": "item.yearsSinceEvent" }, "5"] },
      │                                                           ^^^
        write a number, without quotes

12 errors, 0 warnings, 1 note in 1 file`)
})

test('a law without a fault has no error', async () => {
  const { code, stdout } = await check(copyOfPolicies(), '--as-of', '2026-11-24')
  expect(stdout).toMatch(/\n0 errors, \d+ warnings?, \d+ notes? in \d+ files$/)
  expect(code).toBe(0)
})

describe('seals', () => {
  const guidance = 'gb/assistance/2017-01-01.json'
  const lines = async (folder: string) => {
    const { code, stdout } = await check(folder, '--as-of', '2026-11-24', '--format', 'github')
    return { code, errors: stdout.split('\n').filter((line) => line.startsWith('::error')) }
  }

  test('a sealed file that was changed is refused', async () => {
    const folder = copyOfPolicies()
    rewrite(folder, guidance, (text) => text.replace('"title": "', '"title": "Not '))
    expect(await lines(folder)).toEqual({
      code: 3,
      errors: [
        `::error file=policies/${guidance},line=1,col=1,title=changed::the file changed after it was sealed; undo the change, or seal it anew: \`comity policy seal\` with both keys`,
      ],
    })
  })
  test('a file that is sealed twice, and one that is sealed and not there', async () => {
    const folder = copyOfPolicies()
    const again = sealOf({ path: guidance, text: readOwn(guidance) }, '2026-12-01T00:00:00Z')
    sealAgain(folder, 'gb', (said) => [...said, again])
    const twice = await lines(folder)
    expect(twice.code).toBe(3)
    expect(twice.errors).toHaveLength(1)
    expect(twice.errors[0]).toMatch(
      /file=policies\/gb\/seals.json,line=\d+.*gb\/assistance.* is sealed twice/,
    )
    sealAgain(folder, 'gb', (said) =>
      said.slice(0, 1).map((each) => ({
        ...each,
        body: { ...each.body, path: 'gb/x/2020-01-01.json' },
      })),
    )
    edit<{ signatures: string[] }[]>(folder, 'de/seals.json', ([seal]) =>
      seal?.signatures.splice(1, 1, seal.signatures[0] ?? ''),
    )
    const { errors } = await lines(folder)
    expect(errors.join('\n')).toMatch(
      /file=policies\/gb\/x\/2020-01-01.json,.*it is sealed and not there; its text lies at `gb\/assistance\/2017-01-01.json`: move it back/,
    )
    expect(errors.join('\n')).toMatch(/file=policies\/de\/seals.json,.*does not count/)
  })
  test('what is sealed after the set was signed is noted, and a set that is not met is refused', async () => {
    const folder = copyOfPolicies()
    const keys = ['release-1', 'release-2'].map((each) =>
      join(folder, `demonstration-keys/${each}.json`),
    )
    const sign = () => run(addPolicySet, folder, ['set', '--key', ...keys, '--yes'])
    const draft = guidance.replace('.json', '.r2.json')
    expect((await sign()).code).toBe(0)
    expect((await lines(folder)).errors).toEqual([])
    rewrite(folder, draft, () => readOwn(guidance))
    sealAgain(folder, 'gb', (said) => [
      ...said,
      sealOf({ path: draft, text: readOwn(guidance) }, '2026-12-01T00:00:00Z'),
    ])
    const { code, stdout } = await check(folder, draft)
    expect(code).toBe(0)
    expect(stdout).toContain(
      'it is sealed, and not in a signed set yet: no request is decided by it',
    )
    const signed = (await sign()).stdout
    const [, now, before] =
      /^- gb: seal (\d+), \d+ files \(seal (\d+) before\)$/m.exec(signed) ?? []
    expect(Number(now)).toBe(Number(before) + 1)
    expect((await check(folder, draft)).stdout).not.toContain('not in a signed set yet')
    sealAgain(folder, 'gb', (said) => said.slice(0, -1))
    expect((await lines(folder)).errors).toEqual([
      expect.stringMatching(
        new RegExp(
          `file=policies/gb/seals.json,.*the set names seal ${now} of \`gb\`, and the folder has come to ${before}: .*; put the folder back`,
        ),
      ),
    ])
  })
  test('a draft is noted, and no fault', async () => {
    const folder = copyOfPolicies()
    const draft = guidance.replace('.json', '.r2.json')
    rewrite(folder, draft, () => readOwn(guidance).replace('"title": "', '"title": "Draft: '))
    const { code, stdout } = await check(folder, draft, '--format', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      files: 1,
      findings: [
        {
          ...{ path: draft, line: 1, column: 1, severity: 'note', code: 'draft' },
          message: 'it is a draft: no request is decided by it',
          fix: 'seal it with two keys: `comity policy seal`',
        },
      ],
    })
  })
})

describe('test files', () => {
  const path = 'gb/assistance/2017-01-01.test.json'
  const findings = async (change: (json: TestJson) => void) => {
    const folder = copyOfPolicies()
    edit<TestJson>(folder, path, change)
    const { code, stdout } = await check(folder, path, '--format', 'json')
    const { findings: found } = JSON.parse(stdout) as { findings: Record<string, unknown>[] }
    return {
      code,
      found: found.map((each) => `${each.severity} ${each.code} at ${each.pointer}: ${each.fix}`),
    }
  }
  type TestJson = {
    about: string
    given: { facts: Record<string, unknown> }
    cases: { facts?: Record<string, unknown>; items?: object[]; expect: Record<string, unknown> }[]
  }

  test('a fact, a value and a rule that are misspelled make a case that proves nothing', async () => {
    const { code, found } = await findings(({ given, cases }) => {
      given.facts['risk.tortur'] = 'none'
      given.facts['threat.life'] = 'imminnt'
      Object.assign(cases[0]?.expect ?? {}, { because: ['gb/assistance/death-penalti'] })
    })
    expect(code).toBe(3)
    expect(found).toEqual([
      'error type at /given/facts/threat.life: did you mean `imminent`?',
      'error fact at /given/facts/risk.tortur: did you mean `risk.torture`?',
      'error rule at /cases/0/expect/because/0: did you mean `gb/assistance/death-penalty`?',
    ])
  })
  test('a duty, an item, a version and a member that are not there', async () => {
    const { found } = await findings((json) => {
      json.about = 'gb/assistance@2017-01-02'
      const [first] = json.cases
      Object.assign(first?.expect ?? {}, {
        obligations: ['O-DOCC'],
        items: { 2: 'release' },
        becaus: [],
      })
    })
    expect(found).toEqual([
      'error unknown-member at /cases/0/expect/becaus: did you mean `because`?',
    ])
    const later = await findings((json) => {
      json.about = 'gb/assistance@2017-01-02'
      const [first] = json.cases
      Object.assign(first?.expect ?? {}, { obligations: ['O-DOCC'], items: { 2: 'release' } })
    })
    expect(later.found).toEqual([
      'error about at /about: did you mean `gb/assistance@2017-01-01`?',
      'error duty at /cases/0/expect/obligations/0: did you mean `O-DOC`?',
      'error item at /cases/0/expect/items/2: did you mean `1`?',
    ])
  })
})

// Kills: a draft that is in no folder of a law, or that an editor named otherwise, of which the check says that it is sound.
test('a file that is never read is named, whatever hides it from its author', async () => {
  const folder = copyOfPolicies()
  const text = readOwn('de/police/2018-05-25.json')
  const hidden = [
    'de/2027-01-01.json',
    'de/police/01.01.2027.json',
    'de/police/2027-01-01.JSON',
    'de/police/2027-01-01.json.txt',
  ]
  for (const path of hidden) writeFileSync(join(folder, path), text)
  const { stdout, code } = await check(folder, '--format', 'json')
  const { findings } = JSON.parse(stdout)
  const named = findings.filter((each: { code: string }) => each.code === 'name')
  expect(named.map((each: { path: string }) => each.path)).toEqual(hidden)
  expect(code).toBe(3)
})

test('list members whose time is up on the day are named', async () => {
  const { code, stdout } = await check(
    copyOfPolicies(),
    ...['lists/led-adequacy', '--as-of', '2031-12-28', '--format', 'github'],
  )
  expect(code).toBe(0)
  expect(stdout).toContain('title=expired::GB is off the list since 2031-12-27')
})

test('a file that is not there is wrong usage, and the nearest is named', async () => {
  const { code, stderr } = await check(copyOfPolicies(), 'policies/gb/assistance/2017-01-02.json')
  expect(code).toBe(2)
  expect(stderr).toBe(
    'there is no policy, list or test `gb/assistance/2017-01-02.json`; did you mean `gb/assistance/2017-01-01.json`?',
  )
})
