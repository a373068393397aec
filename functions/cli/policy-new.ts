/** `comity policy new`: from an instrument to a first rule and its first cases, question by question. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { versionFiles } from '../adapters/policies-files.ts'
import type { Facts } from '../decision/facts.ts'
import type { Case, CaseFile } from '../law/cases.ts'
import { lawsOf } from '../law/law.ts'
import { readBook, saying } from '../policy/book.ts'
import { dayWords, factWords } from '../policy/words.ts'
import { type Ask, asking } from './ask.ts'
import { exitCodes, Failure } from './exit.ts'
import { jsonLines } from './json-lines.ts'
import { askForCase, outcomes } from './new-case.ts'
import { askForPolicy } from './new-file.ts'
import { checkedLines, checkPolicies } from './policy-check.ts'
import { testedLines, testPolicies } from './policy-test.ts'
import { type Checked, put } from './questions.ts'

/** Every file counts as sealed at this moment: cases are there before the seal. */
const sealed = '9999-01-01T00:00:00Z'

/** Adds `new` to the policy commands. */
export function addPolicyNew(policy: Command, folder: string): void {
  policy
    .command('new')
    .description('Write a policy of one rule and its first cases, question by question.')
    .addHelpText(
      'after',
      `
Each question comes with an example, and each answer is checked at once. Answers may also come from
a file, one a line: comity policy new < answers.txt`,
    )
    .action(() => asking((ask) => makePolicy(ask, folder)))
}

async function makePolicy(ask: Ask, folder: string): Promise<void> {
  const sources = versionFiles(folder)
  const { stem, day, file } = await askForPolicy(ask, folder, readBook(sources, () => sealed).book)
  const path = `${stem}.json`
  const text = `${jsonLines(file, 100).join('\n')}\n`
  const { book, faults } = readBook([...sources, { path, text }], () => sealed)
  const [fault] = faults
  if (fault !== undefined)
    throw new Failure(
      `couldn’t make ${path}: ${fault.path}${fault.place}: ${saying(fault)}`,
      exitCodes.invalidPolicy,
    )
  const made = book.policies.find(({ id, version }) => `${id}/${version}` === stem)
  if (made === undefined) throw new Error(`no policy was read from ${path}`)
  const about = `${made.id}@${made.version}`
  const cases = await askForCase(ask, made, lawsOf(book, sealed)(day, about))
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  // Never over what is there, even if it came to be there meanwhile.
  writeFileSync(join(folder, path), text, { flag: 'wx' })
  writeFileSync(join(folder, `${stem}.test.json`), caseText(cases), { flag: 'wx' })
  try {
    await coverRest(ask, folder, stem, cases)
  } catch (error) {
    // The files are written: what was not answered is left for `comity policy test` to name.
    if (!(error instanceof Failure)) throw error
  }
  showResult(folder, stem)
}

const caseText = (file: CaseFile): string => `${jsonLines(file, 100).join('\n')}\n`

/** Rounds of asking for the cases that are still missing. */
const roundsMax = 4

/** Puts each request that no case covers before the person, and writes those that the law answers so. */
async function coverRest(ask: Ask, folder: string, stem: string, file: CaseFile): Promise<void> {
  const path = `${stem}.test.json`
  const asked = new Set<string>()
  let cases: readonly Case[] = file.cases
  for (let round = 0; round < roundsMax; round++) {
    const { coverage } = testPolicies(folder, [`${stem}.json`], true)
    const before = cases.length
    for (const { witness } of coverage?.gaps ?? []) {
      if (witness?.path !== path) continue
      const each = stated(file, witness.each, cases.length + 1)
      const { name: _, ...content } = each
      const key = JSON.stringify(content)
      if (asked.has(key)) continue
      asked.add(key)
      if (await isLaw(ask, each.name)) cases = [...cases, each]
    }
    if (cases.length === before) return
    writeFileSync(join(folder, path), caseText({ ...file, cases: [...cases] }))
  }
}

/** A request that was found, with only what differs from what is given, named by that. */
function stated({ given }: CaseFile, { asOf, facts = {}, items, expect }: Case, n: number): Case {
  const [item = {}] = items ?? []
  const own = differing(facts, given.facts)
  const ofItem = differing({ ...item, id: undefined }, given.item)
  const words = [
    ...Object.entries(own).map(([name, value]) => factWords(name, value)),
    ...Object.entries(ofItem).map(([name, value]) => factWords(`item.${name}`, value)),
    ...(asOf === undefined ? [] : [`on ${dayWords(asOf)}`]),
  ]
  const because = expect.because?.map((rule) => `, by ${rule}`).join('') ?? ''
  return {
    name: `Case ${n}: ${words.join('; ') || 'as given'}: ${outcomes[expect.outcome]}${because}`,
    ...(asOf === undefined ? {} : { asOf }),
    ...(Object.keys(own).length === 0 ? {} : { facts: own }),
    ...(Object.keys(ofItem).length === 0 ? {} : { items: [{ id: '1', ...ofItem }] }),
    expect,
  }
}

const differing = (facts: Facts, usual: Facts): Facts =>
  Object.fromEntries(
    Object.entries(facts).filter(
      ([name, value]) =>
        value !== undefined && JSON.stringify(value) !== JSON.stringify(usual[name]),
    ),
  )

const isLaw = (ask: Ask, name: string): Promise<boolean> =>
  put(
    ask,
    `No case covers this yet. As the file is written, it is answered so:\n  ${name}\nDoes the law say so?`,
    'yes, or no',
    (answer): Checked<boolean> =>
      /^(y|yes|n|no)$/i.test(answer) ? { value: /^y/i.test(answer) } : { wrong: 'write yes or no' },
  )

/** Checks and tests the two files, says what came of it, and what to do next. */
function showResult(folder: string, stem: string): void {
  const files = [`${stem}.json`]
  const started = performance.now()
  const checked = checkPolicies(folder, files, new Date().toISOString().slice(0, 10))
  const tested = testPolicies(folder, files, true)
  const seconds = (performance.now() - started) / 1000
  const isTested =
    tested.ran.every(({ failures }) => failures.length === 0) && tested.coverage?.gaps.length === 0
  if (!isTested) process.exitCode = exitCodes.testsFailed
  if (checked.findings.some(({ severity }) => severity === 'error'))
    process.exitCode = exitCodes.invalidPolicy
  console.log(
    [
      `written: policies/${stem}.json and policies/${stem}.test.json`,
      '',
      ...checkedLines(checked),
      ...testedLines(tested, folder, seconds),
      '',
      'Next:',
      `1. read it in words:       comity policy say ${stem.replace(/\/([^/]*)$/, '@$1')}`,
      '2. write the next rule, its cases first: policies/FORMAT.md says how',
      `3. check and test it:      comity policy check, comity policy test ${stem}.json`,
      `4. sign, one after the other: comity policy seal ${stem}.json --key YOUR_KEY --why "…"`,
    ].join('\n'),
  )
}
