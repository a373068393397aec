/**
 * The tables of `policies/README.md`: which law is here, how sure we are of it, what leaves by rule
 * alone, and the facts. A corrected file counts by its last correction.
 * `UPDATE=1 npx vitest run test/policies-table.test.ts` writes them anew.
 */

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Logic, type PolicyFile, policySchema } from '../functions/policy/policy.ts'
import { folderWords } from '../functions/policy/words.ts'
import { caseFileSchema } from '../functions/workbench/law/cases.ts'
import { factWordsOf } from '../functions/workbench/law/fact-words.ts'
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

/** Every policy: what law it is, as what it counts, and since when. */
const laws = table(
  ['folder', 'what it says', 'law', 'kind', 'days'],
  [...byId].map(([id, all]) => {
    const { file } = all.at(-1) ?? { file: undefined }
    const days = all.map(({ day }) => day).join(', ')
    return [`\`${id}\``, file?.title ?? '', file?.instrument.name ?? '', file?.kind ?? '', days]
  }),
)

/** Every state and body: how much of it there is, and where counsel begins. */
const sure = table(
  [
    'whose law',
    'policies',
    'versions',
    'rules',
    'cases',
    'read at the source',
    'to be checked first',
  ],
  [...byFolder]
    .map(([name, all]) => {
      const current = [...Map.groupBy(all, ({ id }) => id).values()].flatMap((each) =>
        each.slice(-1),
      )
      const [weakest] = current.toSorted((a, b) => share([a]) - share([b]))
      const cases = all.map(({ path }) => casesOf(path.replace(/\.json$/, '.test.json')))
      return [
        folderWords(name),
        String(current.length),
        String(all.length),
        String(current.flatMap(({ file }) => file.rules).length),
        String(cases.reduce((sum, each) => sum + each, 0)),
        `${share(current)} %`,
        weakest?.file.unchecked?.[0] ?? '',
      ]
    })
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
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

type Sentence = {
  readonly says: string
  readonly cites: readonly string[]
  readonly nature: string
}
const sentence = ({ says, cites, nature }: Sentence): string =>
  `${says} (${cites.join('; ')}; ${nature})`

/** Of each newest version: what leaves by rule alone, and what waits for an officer. */
const alone = table(
  ['folder', 'leaves by rule alone', 'an officer decides'],
  [...byId].flatMap(([id, each]) => {
    const { automation, rules = [], kind } = each.at(-1)?.file ?? {}
    const reserving = rules.filter(({ when }) => reads(when, 'release.decision'))
    if (kind !== 'ground' && reserving.length === 0) return []
    const byRule = automation?.byRule ?? []
    const reserved = [...(automation === undefined ? [] : [automation]), ...reserving]
    return [
      [
        `\`${id}\``,
        byRule.map(sentence).join(' ') || (kind === 'ground' ? 'nothing' : ''),
        reserved.map(sentence).join(' '),
      ],
    ]
  }),
)

/** Every fact that a rule may read. */
const facts = table(
  ['fact', 'what it is', 'what it may be', 'where it comes from', 'who vouches for it'],
  factWordsOf().map(({ name, label, help, values, from, by = '' }) => [
    `\`${name}\``,
    `${label}: ${help}`,
    values,
    from,
    by,
  ]),
)

test.each([
  { name: 'laws', rows: laws },
  { name: 'facts', rows: facts },
  { name: 'alone', rows: alone },
  { name: 'sure', rows: sure },
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
