/**
 * The tables of `policies/README.md`: which law is here, how sure we are of it, and what leaves by rule
 * alone. A corrected file counts by its last correction.
 * `UPDATE=1 npx vitest run test/policies-table.test.ts` writes them anew.
 */

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Logic, type PolicyFile, policySchema } from '../functions/policy/policy.ts'
import { folderWords } from '../functions/policy/words.ts'
import { caseFileSchema } from '../functions/workbench/law/cases.ts'
import { byRevision, newestOf } from './shipped.ts'

const folder = join(import.meta.dirname, '../policies')
const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'))

type Version = {
  readonly id: string
  readonly day: string
  readonly path: string
  readonly file: PolicyFile
}
const all = globSync('*/*/*.json', { cwd: folder })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !path.startsWith('lists/') && !path.endsWith('.test.json'))
  .sort(byRevision)
  .map((path): Version => {
    const [, id = '', day = ''] = /^(.+)\/([\d-]+)/.exec(path) ?? []
    return { id, day, path, file: policySchema.parse(read(path)) }
  })
/** The last file of each day: a correction sorts after what it corrects. */
const versions = [...Map.groupBy(all, ({ id, day }) => `${id} ${day}`).values()].flatMap((same) =>
  same.slice(-1),
)

const byId = Map.groupBy(versions, ({ id }) => id)
const byFolder = Map.groupBy(versions, ({ id }) => id.split('/')[0] ?? '')

/** Each citation of a version, with how well it was checked. */
const citations = ({ file: { applies, otherwise, rules } }: Version) =>
  [
    applies,
    ...(otherwise === undefined ? [] : [otherwise]),
    ...rules.flatMap((rule) => [rule, ...(rule.unless ?? [])]),
  ].flatMap(({ cites, confidence }) => cites.map(() => confidence))

const share = (all: readonly Version[]): number => {
  const cited = all.flatMap(citations)
  return Math.floor((cited.filter((mark) => mark === 'V').length / cited.length) * 100)
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** Rows of at most 120 columns: names that do not fit beside their head go on below it. */
const inRows = (head: string, names: readonly string[], rest: readonly string[]) => {
  const width = 110 - head.length - rest.join(' | ').length
  const lines: string[] = []
  for (const name of names) {
    const longer = [...lines.slice(-1), name].join(', ')
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(name)
  }
  return lines.map((line, at) =>
    at === 0 ? [head, line, ...rest] : ['', line, ...rest.map(() => '')],
  )
}

/** Every state and body: its policies, how much of them there is, and how sure we are. */
const laws = table(
  ['whose law', 'policies', 'rules', 'cases', 'read at the source'],
  [...byFolder]
    .map(([name, all]) => {
      const current = [...Map.groupBy(all, ({ id }) => id).values()].flatMap((each) =>
        each.slice(-1),
      )
      const cases = all.map(({ path }) => casesOf(path.replace(/\.json$/, '.test.json')))
      return inRows(
        folderWords(name),
        current.map(({ id }) => `\`${id}\``),
        [
          String(current.flatMap(({ file }) => file.rules).length),
          String(cases.reduce((sum, each) => sum + each, 0)),
          `${share(current)} %`,
        ],
      )
    })
    .toSorted(([[a = ''] = []], [[b = ''] = []]) => (a < b ? -1 : 1))
    .flat(),
)

function casesOf(path: string): number {
  try {
    return caseFileSchema.parse(read(path)).cases.length
  } catch {
    return 0
  }
}

const reads = (logic: Logic, name: string): boolean =>
  typeof logic === 'object' &&
  Object.entries(logic).some(
    ([key, value]) => (key === 'var' && value === name) || reads(value, name),
  )

/** Of each newest version: whether anything leaves by rule alone, and which limits reserve more to an officer. */
const alone = table(
  ['what leaves by rule alone', 'by which policies'],
  Object.entries(
    Object.groupBy([...byId], ([, each]) => {
      const { automation, rules = [], kind } = each.at(-1)?.file ?? {}
      if (kind !== 'ground')
        return rules.some(({ when }) => reads(when, 'release.decision'))
          ? 'all but what it reserves'
          : ''
      return (automation?.byRule ?? []).length > 0 ? 'some' : 'nothing'
    }),
  )
    .filter(([said]) => said !== '')
    .toSorted()
    .flatMap(([said, all = []]) =>
      inRows(
        said,
        all.map(([id]) => `\`${id}\``),
        [],
      ),
    ),
)

test.each([
  { name: 'laws', rows: laws },
  { name: 'alone', rows: alone },
])('the table of $name is that of the files', ({ name, rows }) => {
  const path = join(folder, 'README.md')
  const place = new RegExp(`(<!-- ${name} -->\n\n)[^]*?(\n\n<!-- end -->)`)
  const text = readFileSync(path, 'utf8')
  expect(text).toMatch(place)
  const today = text.replace(place, (_, start: string, end: string) => start + rows + end)
  if (process.env.UPDATE === '1') writeFileSync(path, today)
  expect(readFileSync(path, 'utf8')).toBe(today)
})

// Kills: a first draft that is copied from an old version, and is signed without the corrections since.
test('the first hour copies the newest version of its law', () => {
  const [, page = ''] = readFileSync(join(folder, 'README.md'), 'utf8').split(/^## /m)
  const named = [...page.matchAll(/(?<=de\/irg-92[@/])20[\d-]+(?:\.r\d+)?/g)].map(([name]) => name)
  expect([...new Set(named)].sort()).toEqual([newestOf('de/irg-92').version, '2027-01-01'])
})
