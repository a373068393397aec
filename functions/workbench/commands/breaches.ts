/** Which statements about all of the law a change of it breaks, for the holders that it reaches. */

import { createHash } from 'node:crypto'
import { ComityError } from '../../failure.ts'
import { type Book, type List, lawPath, type Policy, type SourceFile } from '../../policy/book.ts'
import { type InForce, inForce, remembered } from '../../policy/history.ts'
import type { Condition } from '../../policy/logic.ts'
import { readBook } from '../../policy/read-book.ts'
import type { SealedLaw } from '../../policy/set.ts'
import { dayWords } from '../../policy/words.ts'
import { allSteps, type Progress } from '../law/steps.ts'
import { isTighter } from '../prover/difference.ts'
import { domainsOf } from '../prover/domains.ts'
import { holdersOf, isReached, lawsOver } from '../prover/holder-law.ts'
import { type BreakingFacts, prove } from '../prover/proof.ts'
import { type CheckedStatement, conditionsOfStatement } from '../prover/statement.ts'
import { daysOf, inWords, statementsIn } from './policy-prove.ts'
import { refused } from './signing.ts'

/** A statement that the law breaks for a holder on a day. */
type Breach = {
  readonly statement: CheckedStatement
  readonly asOf: string
  readonly holder: string
  readonly against: BreakingFacts
}

/** A statement that the law breaks: for whom, and the least facts of the first of them. */
export type BrokenStatement = Breach & {
  readonly holders: readonly string[]
  /** The change is proved to let nothing more go of these holders, and nothing under less: others broke it. */
  readonly isOthers: boolean
}

/** A change of the law. */
export type LawChange = {
  /** Absent if it is not known what counted before: then all that is broken is broken by the change. */
  readonly before?: Book
  readonly after: Book
  /** Scopes of what changes: it reaches nobody else. All holders without. */
  readonly reach?: readonly Condition[]
  /** The first day on which it counts. */
  readonly from: string
}

/** Files that come to count, or that count no longer. */
export type CountingFiles = { readonly act: 'seal' | 'retire'; readonly paths: readonly string[] }

const always = '0001-01-01T00:00:00Z'

/** What changes once files of a folder count, or count no longer, and nothing else does. */
export function changeBy(
  files: readonly SourceFile[],
  { sealedAt, retiredAt }: SealedLaw,
  { act, paths }: CountingFiles,
  today: string,
): LawChange {
  const at = (wanted: CountingFiles['act'], known: typeof sealedAt): typeof sealedAt =>
    act === wanted ? (path, of) => (paths.includes(path) ? always : known(path, of)) : known
  const before = readBook(files, sealedAt, undefined, retiredAt).book
  const after = readBook(files, at('seal', sealedAt), undefined, at('retire', retiredAt)).book
  const all = [...after.policies, ...after.lists]
  const changed = all.filter((each) => paths.includes(lawPath(each)))
  const from = changed.map(({ day }) => day).sort()[0] ?? today
  const scopes = changed.flatMap((each) =>
    'rules' in each ? after.policies.filter(({ id }) => id === each.id) : [],
  )
  // What is on a list may reach anybody.
  const isOfList = changed.some((each) => !('rules' in each))
  return {
    ...{ before, after, from: from > today ? from : today },
    ...(!isOfList && { reach: scopes.map(({ applies }) => applies) }),
  }
}

/** The statements of a folder that a change breaks, each once. One proof with each step. */
export function* brokenInSteps(
  folder: string,
  change: LawChange,
  known: string,
): Generator<Progress, readonly BrokenStatement[]> {
  const { before, after, from } = change
  const statements = statementsIn(folder, after, [])
  if (statements.length === 0) return []
  const found: (Breach & { readonly isOthers: boolean })[] = []
  for (const day of daysOf(after, from)) {
    const now = inForce(after, day, known)
    const was = before && inForce(before, day, known)
    for (const holder of reached(was, now, change.reach)) {
      const breaches = yield* breachesOf(holder, now, statements)
      if (breaches.length === 0) continue
      const isOthers = was !== undefined && isTighter(was, now, holder)
      found.push(...breaches.map((each) => ({ ...each, isOthers })))
    }
  }
  return statements.flatMap(({ id }): readonly BrokenStatement[] => {
    const all = found.filter(({ statement }) => statement.id === id)
    const own = all.filter(({ isOthers }) => !isOthers)
    const [first] = [...own, ...all]
    if (first === undefined) return []
    return [{ ...first, holders: [...new Set((own[0] ? own : all).map((each) => each.holder))] }]
  })
}

/** All of it at once. */
export const brokenBy = (...asked: Parameters<typeof brokenInSteps>) =>
  allSteps(brokenInSteps(...asked))

function reached(was: InForce | undefined, now: InForce, reach: LawChange['reach']) {
  const holders = holdersOf(now)
  if (reach === undefined) return holders
  const laws = was === undefined ? [now] : [was, now]
  const domains = domainsOf(
    laws,
    reach.map(({ logic }) => logic),
  )
  return holders.filter((holder) => isReached(laws, holder, domains, reach))
}

/**
 * What is broken for one holder. A proof is remembered by all that it rests on, so that a law which is saved again and
 * again is proved anew only where it differs; the prover is that of this process.
 */
function* breachesOf(
  holder: string,
  now: InForce,
  statements: readonly CheckedStatement[],
): Generator<Progress, readonly Breach[]> {
  const ofLaw = [...now.policies, ...now.listVersions].map((each) => [lawPath(each), each.digest])
  const stopped = [...now.suspended].map(lawPath)
  const law = JSON.stringify([holder, now.asOf, ofLaw, stopped, statements.map(({ file }) => file)])
  const key = createHash('sha256').update(law).digest('hex')
  const conditions = statements.flatMap(conditionsOfStatement).map(({ logic }) => logic)
  const laws = remembered(ready, key, () => new Map()) as ReadyProofs
  let own: ReturnType<typeof lawsOver> | undefined
  const found: Breach[] = []
  for (const [done, statement] of statements.entries()) {
    yield { done, of: statements.length, what: `statements proved of ${holder}, ${now.asOf}` }
    if (!laws.has(statement.id)) {
      own ??= provable(() => lawsOver([now], holder, domainsOf([now], conditions)))
      const [proved] = provable(() => prove(statement, own ?? [], String(now.asOf)).found)
      laws.set(statement.id, proved?.result === 'broken' ? proved.against : undefined)
    }
    const against = laws.get(statement.id)
    if (against !== undefined) found.push({ statement, asOf: String(now.asOf), holder, against })
  }
  return found
}

/** What the prover found; refuses law of which it can say nothing. */
function provable<T>(ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw error instanceof ComityError ? refused(error.message) : error
  }
}

/** By statement: the facts against it, or nothing. */
type ReadyProofs = Map<string, BreakingFacts | undefined>
const ready = new Map<string, ReadyProofs>()

/** Refuses a change that itself breaks a statement; gives in words what stays broken as it was. */
export function refuseBroken(act: string, broken: readonly BrokenStatement[]): readonly string[] {
  const own = broken.find(({ isOthers }) => !isOthers)
  if (own !== undefined) throw refused(`couldn’t ${act}: ${brokenWords(own)}; ${brokenFix(own)}`)
  return broken.map((each) => `nothing more leaves by it, though ${brokenWords(each)}`)
}

/** Which statement is broken for whom, from when on, and the least facts, as a sentence. */
export function brokenWords({ statement, asOf, holder, holders, against }: BrokenStatement) {
  const by = against.permits.map(({ policy, rule }) => `\`${rule.id}\` of ${policy.version}`)
  const others = holders.filter((each) => each !== holder)
  const also = others.length === 0 ? '' : `, and for ${others.join(', ')}`
  return `the statement \`${statement.id}\` (“${statement.file.says}”) is broken on ${dayWords(asOf)}${also}. ${inWords({ holder, against })}; permitted by ${by.join(', ')}`
}

/** What to do about a broken statement. */
export const brokenFix = ({ statement }: BrokenStatement): string =>
  `mend the rule; or if the law wants it so, mend \`${statement.path}\`, or accept it there until a day (\`knownAgainst\`)`

/** Where a breach is shown: at the rule of a changed version that permits it, or else at the first of them. */
export function placeOfBreach({ against }: BrokenStatement, changed: readonly (Policy | List)[]) {
  for (const { policy, rule } of against.permits)
    for (const each of changed)
      if ('rules' in each && lawPath(each) === lawPath(policy))
        return { path: lawPath(each), pointer: `/rules/${each.rules.indexOf(rule)}` }
  return { path: changed.map(lawPath)[0] ?? '', pointer: '' }
}
