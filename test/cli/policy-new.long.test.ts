/** `comity policy new`, with its answers from a pipe. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addCheck } from '../../functions/cli/policy-check.ts'
import { addTest } from '../../functions/cli/policy-test.ts'
import { copyOfProject, removeFolders } from '../local/process.ts'
import { keepFewStates, run } from './in-process.ts'
import { comity } from './run.ts'

afterAll(removeFolders)

const yes = Array.from({ length: 20 }, () => 'yes')

/** A French law that lets data go to Member States for three years of custody; some slips in it. */
const ground = [
  ...['fr', 'procedure', '2027-02-30', '2027-01-01', 'Europe/Pari', 'Europe/Paris'],
  ...['Code de procédure pénale (CPP)', 'ftp://x', 'https://www.legifrance.gouv.fr/'],
  ...['The French police give data abroad', 'grond', '1', 'eu-members', '1, detection'],
  ...['France holds the data', 'France holds the data.', 'CPP art. 695-9-31', 'M?'],
  ...['Without a legal basis nothing is given.', 'CPP art. 695-9-31; LED art. 8', 'M?'],
  ...['classes', '1, object', 'Names and objects leave at once.', 'our practice', 'M?', 'choice'],
  ...['An officer decides on the rest.', 'LED art. 11(1)', 'M?', 'mandatory'],
  ...['Three years of custody are enough.', 'CPP art. 695-9-37', '3', 'serious-offence', 'permit'],
  ...['custody', 'request.urgency', 'request.offence.maxCustodyMonthsHolde'],
  ...['request.offence.maxCustodyMonthsHolder', '>=', 'three', '36'],
  ...['request.offence.maxCustodyMonthsHolder = 12', '', 'Three years of custody suffice.'],
]

/** A rule of INTERPOL that makes old data general where America asks. */
const limit = [
  ...['interpol', 'old-data', '2027-01-01', 'INTERPOL RPD', '', 'Old data is general', 'limit'],
  ...['', 'US, CA', '', 'American states ask.', 'RPD art. 1', 'M'],
  ...['Data older than five years is made general.', 'RPD art. 2', 'M', 'old-data', 'redact'],
  ...['generalise', 'item.yearsSinceEvent', '1', '5', '', 'Five-year-old data is made general.'],
]

function copyOfFewStates(): string {
  const folder = copyOfProject()
  keepFewStates(join(folder, 'policies'))
  return folder
}

const answering = (folder: string, answers: readonly string[]) =>
  comity(['policy', 'new'], { folder, stdin: answers.map((each) => `${each}\n`).join('') })

describe('Whoever answers every question', () => {
  let folder: string
  let ran: Awaited<ReturnType<typeof comity>>
  const stem = 'fr/procedure/2027-01-01'
  const read = (ending: string) =>
    JSON.parse(readFileSync(join(folder, `policies/${stem}${ending}`), 'utf8'))
  beforeAll(async () => {
    folder = copyOfFewStates()
    ran = await answering(folder, [...ground, 'deny', 'release', ...yes])
  })

  test('has a policy and its cases, which pass the check and the tests', async () => {
    expect(ran.code).toBe(0)
    expect(ran.stdout).toContain(`written: policies/${stem}.json and policies/${stem}.test.json`)
    expect(ran.stdout).toMatch(
      /0 errors, 0 warnings, 1 note in 2 files\n(\d+) of \1 cases passed\n/,
    )
    expect(ran.stdout).toContain('coverage 100.0 % (0 of')
    const policies = join(folder, 'policies')
    const checked = await run(addCheck, policies, ['check', 'fr'])
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('0 errors') })
    expect((await run(addTest, policies, ['test', `${stem}.json`])).code).toBe(0)
  })

  test('finds in the file what was answered', () => {
    expect(read('.json')).toMatchObject({
      title: 'The French police give data abroad',
      kind: 'ground',
      instrument: {
        name: 'Code de procédure pénale (CPP)',
        url: 'https://www.legifrance.gouv.fr/',
      },
      timeZone: 'Europe/Paris',
      applies: {
        cites: ['CPP art. 695-9-31'],
        when: {
          and: [
            { '===': [{ var: 'holder.jurisdiction' }, 'FR'] },
            { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.eu-members' }] },
            { in: [{ var: 'request.purpose' }, ['prevention', 'detection']] },
          ],
        },
      },
      otherwise: { code: 'no-basis', cites: ['CPP art. 695-9-31', 'LED art. 8'] },
      automation: {
        nature: 'mandatory',
        cites: ['LED art. 11(1)'],
        byRule: [
          { nature: 'choice', when: { in: [{ var: 'item.class' }, ['identification', 'object']] } },
        ],
      },
      rules: [
        {
          id: 'serious-offence',
          confidence: 'M',
          when: { '>=': [{ var: 'request.offence.maxCustodyMonthsHolder' }, 36] },
          then: { effect: 'permit', code: 'serious-offence' },
        },
      ],
    })
    expect(read('.test.json').cases[0]).toEqual({
      name: 'Three years of custody suffice.',
      facts: { 'request.offence.maxCustodyMonthsHolder': 36 },
      expect: { outcome: 'release', because: [`fr/procedure/serious-offence`] },
    })
  })

  test('is told of each slip at once, and what was perhaps meant', () => {
    for (const told of [
      'write a day of the calendar',
      'did you mean `Europe/Paris`?',
      'write an address that begins with https://',
      '`grond` is none of them; did you mean `ground`?',
      'write a full sentence, ending with a full stop',
      'request.offence.maxCustodyMonthsHolder: the maximum custody under the holder',
      'the requester merely says `request.urgency`',
      'write a whole number',
      'with these facts the rule does not hold',
    ])
      expect(ran.stderr).toContain(told)
  })

  test('is told why, where the file does not answer as the law wants', () => {
    expect(ran.stderr).toContain('As it is written, everything is given:')
    expect(ran.stderr).toContain('[serious-offence, fr/procedure/serious-offence]')
  })

  test('is told what comes next', () => {
    expect(ran.stdout).toContain('comity policy say fr/procedure@2027-01-01')
    expect(ran.stdout).toContain(`comity policy seal ${stem}.json --key YOUR_KEY --why "…"`)
  })

  test('never loses what is there already', async () => {
    const before = [read('.json'), read('.test.json')]
    const { code, stderr } = await answering(folder, [...ground, 'release', ...yes])
    expect(stderr).toContain(`couldn’t make policies/${stem}.json: it is there already`)
    expect(code).toBe(2)
    expect([read('.json'), read('.test.json')]).toEqual(before)
  })
})

test('a limit of a body gets its first rule and cases in the same way', async () => {
  const folder = copyOfFewStates()
  const { code, stdout } = await answering(folder, [...limit, 'redact', ...yes])
  expect(stdout).toContain('coverage 100.0 % (0 of')
  expect(code).toBe(0)
})

test('where the answers end early, nothing is written', async () => {
  const folder = copyOfFewStates()
  const { code, stdout, stderr } = await answering(folder, ground.slice(0, -2))
  expect(stderr).toContain('couldn’t go on: no answer to “')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(existsSync(join(folder, 'policies/fr'))).toBe(false)
})

test('a request of which the law says otherwise is left for the tests to name', async () => {
  const folder = copyOfFewStates()
  const { code, stdout } = await answering(folder, [...limit, 'redact', 'no', ...yes.slice(0, 1)])
  expect(stdout).toContain('unnoticed')
  expect(stdout).toContain('Next:')
  expect(code).toBe(4)
})
