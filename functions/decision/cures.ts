/**
 * What would turn a refusal into something looser: computed from the rules, stated by none.
 *
 * A cure is a smallest set of attestations on facts that are still open. A risk that was found and a
 * no that was answered are not open. Each cure offered was tried.
 */

import { type Attester, type FactValue, vocabulary } from '../policy/vocabulary.ts'
import type { Blocker } from './blocker.ts'
import { type Judged, type Judgement, judge, judgeChanged } from './combine.ts'
import type { Item } from './facts.ts'
import {
  goOn,
  isNeedless,
  isStillReady,
  liftingAll,
  type Node,
  type Search,
  start,
} from './lifting.ts'
import { type Obstacle, obstaclesOf } from './obstacles.ts'
import { isDutyTold } from './reserved.ts'
import { changes, inOrder, isOpen, numbering, type Steps } from './steps.ts'
import { join, release } from './treatment.ts'

/** One attestation that a cure needs. */
export type Attestable = {
  readonly fact: string
  readonly to: FactValue
  readonly by: Attester
}

/** A set of attestations that, all together, loosen a refusal. */
export type Cure = readonly Attestable[]

/** The cures that were found, and whether the search came to its end. */
export type Cures = { readonly cures: readonly Cure[]; readonly complete: boolean }

/**
 * Bounds on one search. `effort` counts conditions tried, sets looked at and pairs of sets joined, each
 * about a microsecond; `judged` counts items judged again, each some thirty of them. A decision
 * makes one search, and another where less of it may be told: each has its own bounds, so that
 * what is hidden cannot be read off where the told search ended.
 */
export const searchMax = { effort: 1200, judged: 12, offered: 6 } as const
/** The same for another search. */
export type Bounds = Readonly<Record<keyof typeof searchMax, number>>

/** Which blockers count: all of them in the ledger, the told ones in an answer. */
export type Counts = (blocker: Blocker) => boolean

/**
 * The cures of a refusal; none if nothing that may still be attested loosens it. `items` are those
 * that the refusal is about.
 *
 * A set of attestations gives each of some open facts a value that somebody may be asked to vouch for;
 * a list is given one member more with each. It is a cure if one item can leave once they are made.
 * Sets come by size, then by the first fact in which they differ: one that an officer can say before one that a
 * ministry must, by name, then by its value as the vocabulary has them, numbers and members in their order. A set is left out that has all steps of
 * an earlier cure; whatever the value of a number, so that the least stands for all that do. The
 * first six are offered.
 *
 * `complete` is false where a bound ended the search before. Each cure found is one nonetheless, no
 * smaller set works, and nothing is said of others: with none found, the refusal may have some.
 */
export function curesOf(
  judgement: Judgement,
  items: readonly Judged[],
  counts: Counts,
  max: Bounds = searchMax,
): Cures {
  const against = ({ judged, item }: Subject, blockers: readonly Blocker[]) =>
    obstaclesOf(
      blockers.flatMap((each) => counted(each, item, counts)),
      judgement.now,
      judged.known,
      item,
    )
  const search = begin(judgement, items, against, max.effort)
  const { effort, found, levels } = search
  let judged = 0
  const isOver = () => effort.left <= 0 || found.length === max.offered
  for (let size = 0; size < levels.length && !isOver(); size++)
    for (const node of liftingAll(search, size).toSorted((a, b) => inOrder(a.steps, b.steps))) {
      if (isNeedless(search, node) || !isStillReady(search, node)) continue
      if (found.length === max.offered) break
      judged += 1
      if (judged > max.judged) effort.left = 0
      if (judged > max.judged) break
      const left = judgedAgain(judgement, node).filter(counts)
      if (isFree(left)) found.push(node.steps)
      else goOn(search, node, against(node.subject, left))
    }
  return {
    cures: found.map((steps) => toCure(judgement, steps)),
    complete: effort.left > 0,
  }
}

/** Whether somebody can still supply what is missing, as far as it is known. */
export const isStillOpen = ({ cures, complete }: Cures): boolean => cures.length > 0 || !complete

/**
 * Whether a refusal that counts suspensions ends with them: once they are lifted, an item can leave, or
 * somebody can still supply what is missing. No attestation does that; whoever seals those policies does.
 */
export function isOpenOnceLifted(
  { now, facts, asked }: Judgement,
  items: readonly Judged[],
  counts: Counts,
): boolean {
  const isSuspended = (blocker: Blocker) => blocker.because === 'suspended' && counts(blocker)
  const ids = new Set(
    items.filter(({ blockers }) => blockers.some(isSuspended)).map(({ id }) => id),
  )
  if (ids.size === 0) return false
  const lifted = judge(
    { ...now, suspended: new Set() },
    facts,
    asked.filter(({ id }) => ids.has(id)),
  )
  return (
    lifted.items.some(({ blockers }) => isFree(blockers.filter(counts))) ||
    isStillOpen(curesOf(lifted, lifted.items, counts))
  )
}

type Subject = Pick<Node['subject'], 'judged' | 'item'>

function begin(
  { now, asked }: Judgement,
  items: readonly Judged[],
  against: (subject: Subject, blockers: readonly Blocker[]) => readonly Obstacle[],
  left: number,
): Search {
  const seen = items.map(({ known }) => known)
  const search: Search = {
    numbers: numbering(now, seen),
    effort: { left },
    shared: new Map(),
    levels: [],
    found: [],
  }
  const byId = new Map(asked.map((item) => [item.id, item]))
  const shapes = new Set<string>()
  for (const judged of items) {
    const item = byId.get(judged.id)
    if (item === undefined) continue
    const shape = JSON.stringify([item.facts, item.cannot, item.markings, item.unseen])
    if (shapes.has(shape)) continue
    shapes.add(shape)
    start(search, judged, item, against({ judged, item }, judged.blockers))
  }
  return search
}

/** What counts of a blocker that does: of duties, each that would count by itself. */
function counted(blocker: Blocker, item: Item, counts: Counts): readonly Blocker[] {
  if (blocker.because !== 'duty') return [blocker]
  return blocker.owed
    .map((each) => ({ ...blocker, owed: [each], told: isDutyTold(each, item) }))
    .filter(counts)
}

/** What stands against the item once the steps are attested: judged again, on everything. */
function judgedAgain(judgement: Judgement, { subject, steps }: Node): readonly Blocker[] {
  const { judged, item } = subject
  const alone = { ...judgement, asked: [item], items: [judged] }
  const attested = [...changes(judged.known, steps.sorted)]
  return judgeChanged(alone, attested, isOpen).flatMap(({ blockers }) => blockers)
}

const isFree = (against: readonly Blocker[]): boolean =>
  against.reduce((all, { treatment }) => join(all, treatment), release).kind !== 'withhold'

const toCure = ({ request }: Judgement, { sorted }: Steps): Cure =>
  [...changes(request, sorted)].map(([fact, to]) => ({
    fact,
    to,
    by: vocabulary[fact]?.attester ?? 'holder-officer',
  }))
