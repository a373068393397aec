/**
 * Logged decisions in any number, made of the cases that lawyers state and varied by a seed; and how
 * fast `comity policy impact` replays them.
 */

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decide } from '../../functions/decision/decide.ts'
import type { Facts } from '../../functions/decision/facts.ts'
import {
  type LoggedDecision,
  loggedFactsOf,
  type NamesInBook,
  namesIn,
} from '../../functions/decision/logged-facts.ts'
import type { Book } from '../../functions/policy/book.ts'
import { isRecordFact } from '../../functions/policy/fact-types.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { decisionsIn } from '../../functions/workbench/commands/logged-facts.ts'
import { inputOf } from '../../functions/workbench/law/cases.ts'
import { impactOf, withDrafts } from '../../functions/workbench/law/impact.ts'
import { type Draft, lawOver } from '../../functions/workbench/law/law.ts'
import { turnBy } from '../decision/decided-twice.ts'
import { cases, law } from '../decision/law.ts'
import { sealed } from '../decision/write.ts'
import type { Rate } from './decisions.ts'
import { cpuMs } from './figures.ts'

/** Decisions in the file of the figures. */
export const replayed = 100_000
/** How many of them are decided twice, one after the other. */
const decidedTwice = 3000
/** Decisions that are written before something is said. */
const saidAfter = 20_000

/** Decisions replayed in a second of CPU, the reading of their file counted: one threshold is raised. */
export function impactRates(): readonly Rate[] {
  const folder = mkdtempSync(join(tmpdir(), 'comity-impact-'))
  const file = join(folder, 'facts.ndjson')
  try {
    let written = 0
    for (const each of seededDecisions(replayed, 1, law.book, sealed)) {
      appendFileSync(file, `${JSON.stringify(each)}\n`)
      written += 1
      if (written % saidAfter === 0) console.error(`  ${written} of ${replayed} decisions are made`)
    }
    const laws = withDrafts(law.book, [raisedThreshold()], sealed)
    let turned = 0
    const plain = rateOf('each decided twice, one after the other', decidedTwice, () => {
      for (const each of first(decidedTwice, file))
        if (turnBy(laws(each), each) !== undefined) turned += 1
    })
    const found = impactOf(first(decidedTwice, file), laws).changed
    if (found !== turned)
      throw new Error(`couldn’t measure replays: ${found} turn, decided twice ${turned} do`)
    return [plain, rateOf('`policy impact`', replayed, () => impactOf(decisionsIn(file), laws))]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function rateOf(name: string, count: number, work: () => unknown): Rate {
  const start = cpuMs()
  work()
  return { name, perCpuSecond: (count * 1000) / (cpuMs() - start) }
}

function* first(count: number, file: string): Generator<LoggedDecision> {
  let left = count
  for (const each of decisionsIn(file)) {
    if (left-- <= 0) return
    yield each
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a lawyer edits any part of a file.
type Edited = any

/** A shipped version, changed and put at another path of the policies folder. */
export function draftOf(from: string, to: string, change: (json: Edited) => void): Draft {
  const read = (path: string) =>
    readFileSync(join(import.meta.dirname, '../../policies', path), 'utf8')
  const json: Edited = JSON.parse(read(from))
  change(json)
  const lists = law.book.lists
    .map((each) => `lists/${each.id}/${each.version}.json`)
    .filter((path) => path !== to)
    .map((path) => ({ path, text: read(path) }))
  const { book, faults } = readBook(
    [...lists, { path: to, text: JSON.stringify(json) }],
    () => undefined,
  )
  if (faults.length > 0) throw new Error(`the test wrote a fault: ${JSON.stringify(faults)}`)
  const [policy] = book.policies
  if (policy !== undefined) return { kind: 'policy', version: policy }
  const version = book.lists.find((each) => `lists/${each.id}/${each.version}.json` === to)
  if (version === undefined) throw new Error(`${to} is no version`)
  return { kind: 'list', version }
}

/** The refusal of petty cases between Member States begins at two years instead of one. */
export const raisedThreshold = (to = 'eu/2023-977/2027-01-01.json'): Draft =>
  draftOf('eu/2023-977/2024-12-12.json', to, (json) => {
    const rule = json.rules.find((each: Edited) => each.id === 'seriousness')
    rule.when.or[1]['<='][1] = 24
  })

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const countries = [
  ...['AT', 'BE', 'BG', 'CZ', 'DE', 'DK', 'ES', 'FI', 'FR', 'GB', 'GR', 'HR', 'HU', 'IE', 'IT'],
  ...['LT', 'NL', 'PL', 'PT', 'RO', 'SE', 'CH', 'NO', 'US', 'JP', 'CA', 'TR', 'BR', 'RS', 'ZA'],
]
const numbersMax: Readonly<Record<string, number>> = { months: 240, years: 80 }

/** Decisions of the 180 days before `end`, in their order: the same for the same seed. */
export function* seededDecisions(
  count: number,
  seed: number,
  book: Book,
  asKnown: string,
  end = '2026-11-24T12:00:00Z',
): Generator<LoggedDecision> {
  const random = randomFrom(seed)
  const among = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
  const inputs = cases.map(({ file, each }) => inputOf(file, each))
  const ours = inputs.filter(({ facts }) =>
    ['DE', 'GB'].includes(String(facts['holder.jurisdiction'])),
  )
  const pool = inputs.flatMap(({ items }) => items)
  const lawAt = lawOver(book, asKnown)
  const names: NamesInBook = namesIn(book)

  /** One fact in ten drawn anew, of requests and items alike; one in a hundred unknown. */
  function varied(facts: Facts, ofItem: boolean): Facts {
    const all: Record<string, unknown> = { ...facts }
    for (const name of Object.keys(vocabulary).filter((each) => isRecordFact(each) === ofItem)) {
      const chance = random()
      if (chance < 0.01) delete all[name]
      else if (chance < 0.1) all[name] = drawn(name, all[name])
    }
    return all
  }
  function drawn(name: string, before: unknown): unknown {
    const fact = vocabulary[name]
    switch (fact?.type) {
      case 'boolean':
        return random() < 0.5
      case 'enum':
        return among(Object.keys(fact.values))
      case 'integer':
        return Math.floor(random() * (numbersMax[fact.unit] ?? 0))
      case 'code':
        return name === 'requester.jurisdiction' ? among(countries) : before
      default:
        return before
    }
  }

  const start = Date.parse(end) - 180 * 86_400_000
  for (let i = 0; i < count; i++) {
    const ts = new Date(start + Math.floor(((i + random()) / count) * 180 * 86_400_000)).toJSON()
    // Half are of the two holders of the demonstration, half of any.
    const { facts: stated, items: own } = among(random() < 0.5 ? ours : inputs)
    const facts = {
      ...varied(stated, false),
      asOf: ts.slice(0, 10),
      'requester.jurisdiction':
        random() < 0.5 ? among(countries) : stated['requester.jurisdiction'],
      'request.offence.maxCustodyMonthsRequester': Math.floor(random() * 240),
      ...(random() < 0.5 && {
        'request.offence.maxCustodyMonthsHolder': Math.floor(random() * 60),
      }),
    }
    const more = Array.from({ length: Math.floor(random() * 4) }, () => among(pool))
    const items = random() < 0.05 ? [] : [...own, ...more]
    const kept = items.map((item, j) => ({
      id: `item-${j}`,
      facts: {
        ...varied(item.facts, true),
        'item.ageAtEvent': Math.floor(random() * 80),
        'item.yearsSinceEvent': Math.floor(random() * 30),
      },
    }))
    const now = lawAt(ts)
    const decision = decide(now, facts, kept, ts)
    const id = Buffer.from(`${seed}-${i}`.padStart(32, '0')).toString('base64url')
    const entry = { id, ts, facts, items: kept, decision }
    const versions = { policies: decision.policies, lists: now.listVersions }
    yield loggedFactsOf({ ...entry, ...versions }, names)
  }
}
