/**
 * What would turn a refusal into something looser: computed from the rules, stated by none.
 *
 * A cure is a smallest set of attestations on facts that are still open. A risk that was found and a
 * no that was answered are not open. Each cure offered was tried.
 */

import { type Attester, type FactValue, vocabulary } from '../policy/vocabulary.ts'
import { type Blocker, type Judged, type Judgement, judgeChanged } from './combine.ts'
import type { Item } from './facts.ts'
import {
  both,
  changes,
  inOrder,
  isOpen,
  type Numbering,
  noSteps,
  numbering,
  type Steps,
} from './steps.ts'
import { join, release } from './treatment.ts'
import {
  type Effort,
  isDone,
  making,
  type Obstacle,
  obstaclesOf,
  type Ways,
  waived,
} from './ways.ts'

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
 * makes one search, and another where less of it may be told.
 */
export const searchMax = { effort: 1500, judged: 24, offered: 6 } as const

/** Which blockers count: all of them in the ledger, the told ones in an answer. */
export type Counts = (blocker: Blocker) => boolean

/**
 * The cures of a refusal; none if nothing that may still be attested loosens it. `items` are those
 * that the refusal is about.
 *
 * A set of attestations gives each of some open facts a value that somebody may be asked to vouch for;
 * a list is given one member more with each. It is a cure if one item can leave once they are made.
 * Sets come by size, then by the first fact in which they differ, by name, then by its value as the
 * vocabulary has them, numbers and members in their order. A set is left out that has all steps of
 * an earlier cure; whatever the value of a number, so that the least stands for all that do. The
 * first six are offered.
 *
 * `complete` is false where a bound ended the search before. Each cure found is one nonetheless, no
 * smaller set works, and nothing is said of others: with none found, the refusal may have some.
 */
export function curesOf(judgement: Judgement, items: readonly Judged[], counts: Counts): Cures {
  const search = begin(judgement, items, counts)
  const { effort, found, levels } = search
  for (let size = 0; size < levels.length && effort.left > 0; size++) {
    const ready = liftingAll(search, size)
    for (const node of ready.toSorted((a, b) => inOrder(a.steps, b.steps))) {
      if (found.length === searchMax.offered) break
      if (isNeedless(search, node) || !isStillReady(search, node)) continue
      if (search.judged === searchMax.judged) effort.left = 0
      if (search.judged === searchMax.judged) break
      if (isFreed(search, node)) found.push(node.steps)
    }
    if (found.length === searchMax.offered) break
  }
  return { cures: found.map((steps) => toCure(search, steps)), complete: effort.left > 0 }
}

/** Whether somebody can still supply what is missing, as far as it is known. */
export const isStillOpen = ({ cures, complete }: Cures): boolean => cures.length > 0 || !complete

/** An obstacle to one item. */
type Watched = Obstacle & {
  /** The open facts that it reads, and the steps on them. */
  readonly facts: number
  readonly touched: bigint
  /** The ways to lift it, by those of these steps that are taken. */
  readonly found: Map<bigint, Ways>
}

/** An item to be freed: one for all that are alike. */
type Subject = {
  readonly judged: Judged
  readonly item: Item | undefined
  readonly obstacles: Watched[]
  /** Sets that were looked at. */
  readonly looked: Set<bigint>
}

/** A set of steps for one item, and what still stands against it. */
type Node = {
  readonly subject: Subject
  readonly steps: Steps
  readonly against: readonly { readonly facts: number; readonly ways: Ways }[]
  /** How many obstacles were known then. */
  readonly of: number
}

type Search = {
  readonly judgement: Judgement
  readonly counts: Counts
  readonly numbers: Numbering
  readonly effort: Effort
  /** Nodes by the least size of a cure that contains them. */
  readonly levels: Node[][]
  readonly found: Steps[]
  judged: number
}

function begin(judgement: Judgement, items: readonly Judged[], counts: Counts): Search {
  const numbers = numbering(
    judgement.now,
    items.map(({ known }) => known),
  )
  const effort = { left: searchMax.effort }
  const search = { judgement, counts, numbers, effort, levels: [], found: [], judged: 0 }
  const asked = new Map(judgement.asked.map((item) => [item.id, item]))
  const shapes = new Set<string>()
  for (const judged of items) {
    const item = asked.get(judged.id)
    const shape = JSON.stringify([item?.facts, item?.cannot, item?.markings])
    if (shapes.has(shape)) continue
    shapes.add(shape)
    const subject = { judged, item, obstacles: [], looked: new Set<bigint>() }
    watch(search, subject, judged.blockers)
    reach(search, stand(search, { subject, steps: noSteps, against: [], of: 0 }), 0)
  }
  return search
}

/** The nodes of a size at which every obstacle that is known is lifted. */
function liftingAll(search: Search, size: number): readonly Node[] {
  const { effort, levels } = search
  const nodes = levels[size] ?? []
  const ready: Node[] = []
  for (let node = nodes.pop(); node !== undefined && effort.left > 0; node = nodes.pop()) {
    const { subject, steps, against, of } = node
    if (isNeedless(search, node)) continue
    if (of < subject.obstacles.length) reach(search, stand(search, node), size)
    else if (against.length === 0) ready.push(node)
    else
      for (const way of waysOn(against)) {
        const more = both(steps, way)
        if (more === undefined || subject.looked.has(more.all)) continue
        subject.looked.add(more.all)
        reach(search, stand(search, { ...node, steps: more }, way.facts), size)
      }
  }
  return ready
}

/** What is needed in any case, at once; else the ways to lift the obstacle that leaves the fewest. */
function waysOn(against: Node['against']): Ways {
  const needed = against.filter(({ ways }) => ways.length === 1).flatMap(({ ways }) => ways)
  if (needed.length === 0)
    return against.map(({ ways }) => ways).reduce((a, b) => (b.length < a.length ? b : a))
  const together = needed.reduce((a: Steps | undefined, b) => a && both(a, b), noSteps)
  return together === undefined ? [] : [together]
}

/**
 * What stands against a node, once some steps were added; undefined where something will not be
 * lifted. Only what is new, or touched by those steps, is looked into.
 */
function stand(search: Search, { subject, steps, against, of }: Node, added = 0): Node | undefined {
  search.effort.left -= 1
  const { obstacles } = subject
  const still = against.filter(({ facts }) => (facts & added) === 0)
  for (const [i, obstacle] of obstacles.entries()) {
    if (i < of && (obstacle.facts & added) === 0) continue
    const ways = waysAt(search, subject, obstacle, steps)
    if (ways.length === 0) return undefined
    if (!isDone(ways)) still.push({ facts: obstacle.facts, ways })
  }
  return { subject, steps, against: still, of: obstacles.length }
}

/** Puts a node where it is looked at: among those from which a cure is of this size at the least. */
function reach({ levels }: Search, node: Node | undefined, size: number): void {
  if (node === undefined) return
  const least = Math.max(size, node.steps.sorted.length + leastOf(node.against))
  while (levels.length <= least) levels.push([])
  levels[least]?.push(node)
}

/** How many steps are needed at least: obstacles that no step touches in common add up. */
function leastOf(against: Node['against']): number {
  let least = 0
  let counted = 0
  for (const { facts, ways } of against) {
    if ((facts & counted) !== 0) continue
    counted |= facts
    least += ways[0]?.sorted.length ?? 0
  }
  return least
}

function waysAt({ numbers, effort }: Search, subject: Subject, to: Watched, steps: Steps): Ways {
  const taken = steps.all & to.touched
  const before = to.found.get(taken)
  if (before !== undefined) return before
  const { judged, item } = subject
  const those = taken === 0n ? [] : steps.sorted.filter((step) => to.reads.includes(step.fact))
  const ways = to.ways(making(judged.known, those, recordOf(item), numbers, effort))
  to.found.set(taken, ways)
  return ways
}

const recordOf = (item: Item | undefined) => (item === undefined ? 'unseen' : 'seen')

/** Adds the obstacles that some blockers are, those that read the fewest facts first. */
function watch(search: Search, { judged, item, obstacles }: Subject, blockers: readonly Blocker[]) {
  const { judgement, counts, numbers } = search
  const { known } = judged
  const counting = blockers.flatMap((blocker) => counted(blocker, counts))
  const added: (Watched & { readonly open: number })[] = []
  for (const each of obstaclesOf(counting, judgement.now, known, recordOf(item))) {
    if ([...added, ...obstacles].some(({ key }) => key === each.key)) continue
    const open = [...new Set(each.reads)].filter((name) => isOpen(name, known) && name !== waived)
    const steps = [
      ...open.flatMap((name) => numbers.valuesOf(name)),
      ...each.waives.map((rule) => numbers.member(waived, rule)),
    ]
    const facts = steps.reduce((all, step) => all | step.facts, 0)
    const touched = steps.reduce((all, step) => all | step.all, 0n)
    added.push({ ...each, facts, touched, found: new Map(), open: open.length })
  }
  obstacles.push(...added.sort((a, b) => a.open - b.open))
}

/** What counts of a blocker: of duties, each that would count by itself. */
function counted(blocker: Blocker, counts: Counts): readonly Blocker[] {
  if (!counts(blocker)) return []
  if (blocker.because !== 'duty') return [blocker]
  return blocker.owed
    .map((each) => ({ ...blocker, owed: [each], told: each.finding?.rule.readsRecord === false }))
    .filter(counts)
}

const isNeedless = ({ found }: Search, { steps }: Node): boolean =>
  found.some((less) => (steps.shape & less.shape) === less.shape)

/** Whether nothing that came up since stands against it; else it is looked at again. */
function isStillReady(search: Search, node: Node): boolean {
  if (node.of === node.subject.obstacles.length) return true
  const now = stand(search, node)
  if (now?.against.length === 0) return true
  reach(search, now, node.steps.sorted.length)
  return false
}

/** Whether the item can leave once the steps are attested: judged again, on everything. */
function isFreed(search: Search, node: Node): boolean {
  const { judgement, counts } = search
  const { subject, steps } = node
  const { judged, item } = subject
  search.judged += 1
  const alone = { ...judgement, asked: item === undefined ? [] : [item], items: [judged] }
  const attested = changes(judged.known, steps.sorted)
  const after = judgeChanged(alone, [...attested], isOpen)
  const against = after.flatMap(({ blockers }) => blockers.filter(counts))
  if (against.reduce((all, { treatment }) => join(all, treatment), release).kind !== 'withhold')
    return true
  // What stands against it now was not known before, so it is looked at once more.
  watch(search, subject, against)
  const now = stand(search, node)
  if (now !== undefined && now.against.length > 0) reach(search, now, steps.sorted.length)
  return false
}

const toCure = ({ judgement }: Search, steps: Steps): Cure =>
  [...changes(judgement.request, steps.sorted)].map(([fact, to]) => ({
    fact,
    to,
    by: vocabulary[fact]?.attester ?? 'holder-officer',
  }))
