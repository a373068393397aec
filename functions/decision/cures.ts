/**
 * What would turn a refusal into something looser: computed from the rules, stated by none.
 *
 * A cure is a smallest set of attestations on facts that are still open. A risk that was found and a
 * no that was answered are not open. Each cure offered was tried.
 */

import { type Attester, type FactValue, vocabulary } from '../policy/vocabulary.ts'
import { type Blocker, type Judged, type Judgement, judgeChanged } from './combine.ts'
import type { Item } from './facts.ts'
import { both, changes, isOpen, type Numbering, noSteps, numbering, type Steps } from './steps.ts'
import { join, release } from './treatment.ts'
import { type Effort, isDone, making, type Obstacle, obstaclesOf, type Ways } from './ways.ts'

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
  const { effort, found, levels, numbers } = search
  for (let size = 0; size < levels.length && effort.left > 0; size++) {
    const ready = liftingAll(search, size)
      .map((node) => ({ node, order: numbers.orderOf(node.steps.all) }))
      .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
    for (const { node } of ready) {
      if (found.length === searchMax.offered) break
      if (isNeedless(search, node) || (effort.left > 0 && !isStillReady(search, node))) continue
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

/** An obstacle to one item, and the ways to lift it that were found, by the steps taken before. */
type Watched = Obstacle & {
  /** Steps that touch it; of waivers, all that came up. */
  readonly touched: () => bigint
  /** How many open facts it reads. */
  readonly facts: number
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

/** A set of steps for one item, on the way to a cure. */
type Node = { readonly subject: Subject; readonly steps: Steps }

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
  const shapes = new Map<string, Subject>()
  for (const judged of items) {
    const item = asked.get(judged.id)
    const shape = JSON.stringify([item?.facts, item?.cannot, item?.markings])
    if (shapes.has(shape)) continue
    const subject = { judged, item, obstacles: [], looked: new Set<bigint>() }
    shapes.set(shape, subject)
    watch(search, subject, judged.blockers)
    reach(search, { subject, steps: noSteps }, 0)
  }
  return search
}

/** The nodes of a size at which every obstacle that is known is lifted. */
function liftingAll(search: Search, size: number): readonly Node[] {
  const { effort, levels } = search
  const nodes = levels[size] ?? []
  const ready: Node[] = []
  for (let node = nodes.pop(); node !== undefined && effort.left > 0; node = nodes.pop()) {
    if (isNeedless(search, node)) continue
    const { subject, steps } = node
    const { least, ways } = ahead(search, node)
    if (steps.size + least > size) reach(search, node, steps.size + least)
    else if (ways === undefined) ready.push(node)
    else
      for (const way of ways) {
        const more = both(steps, way)
        if (more === undefined || subject.looked.has(more.all)) continue
        subject.looked.add(more.all)
        nodes.push({ subject, steps: more })
      }
  }
  return ready
}

function reach({ levels }: Search, node: Node, size: number): void {
  if (size === Number.POSITIVE_INFINITY) return
  const level = levels[size] ?? []
  level.push(node)
  for (let i = levels.length; i < size; i++) levels[i] = []
  levels[size] = level
}

/**
 * How many steps more a cure needs at least, and the ways to lift the obstacle that leaves the fewest;
 * none of them where all are lifted. Obstacles that read no open fact in common are lifted apart.
 */
function ahead(
  search: Search,
  { subject, steps }: Node,
): { readonly least: number; readonly ways?: Ways } {
  search.effort.left -= 1 + subject.obstacles.length / 4
  let fewest: Ways | undefined
  let least = 0
  let counted = 0n
  for (const obstacle of subject.obstacles) {
    const ways = waysAt(search, subject, obstacle, steps)
    if (isDone(ways)) continue
    if (ways.length === 0) return { least: Number.POSITIVE_INFINITY, ways }
    if (fewest === undefined || ways.length < fewest.length) fewest = ways
    const touched = obstacle.touched()
    if ((touched & counted) !== 0n) continue
    counted |= touched
    least += ways[0]?.size ?? 0
  }
  return fewest === undefined ? { least } : { least, ways: fewest }
}

function waysAt({ numbers, effort }: Search, subject: Subject, to: Watched, steps: Steps): Ways {
  const taken = steps.all & to.touched()
  const before = to.found.get(taken)
  if (before !== undefined) return before
  const { judged, item } = subject
  const ways = to.ways(making(judged.known, taken, recordOf(item), numbers, effort))
  to.found.set(taken, ways)
  return ways
}

const recordOf = (item: Item | undefined) => (item === undefined ? 'unseen' : 'seen')

/** Adds the obstacles that some blockers are. Those that share the most facts are counted last. */
function watch(search: Search, { judged, item, obstacles }: Subject, blockers: readonly Blocker[]) {
  const { judgement, counts, numbers } = search
  const { known } = judged
  const counting = blockers.flatMap((blocker) => counted(blocker, counts))
  for (const each of obstaclesOf(counting, judgement.now, known, recordOf(item))) {
    if (obstacles.some(({ key }) => key === each.key)) continue
    const facts = [...new Set(each.reads)].filter((name) => isOpen(name, known))
    for (const fact of facts) numbers.valuesOf(fact)
    const fixed = facts
      .filter((name) => name !== waived)
      .reduce((all, name) => all | numbers.on(name), 0n)
    const touched = facts.includes(waived) ? () => fixed | numbers.on(waived) : () => fixed
    obstacles.push({ ...each, touched, facts: facts.length, found: new Map() })
  }
  obstacles.sort((a, b) => a.facts - b.facts)
}

const waived = 'discretion.waived'

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

/** Whether no obstacle that came up since stands against it; if one does, it is reached later. */
function isStillReady(search: Search, node: Node): boolean {
  const { least } = ahead(search, node)
  if (least > 0) reach(search, node, node.steps.size + least)
  return least === 0
}

/** Whether the item can leave once the steps are attested: judged again, on everything. */
function isFreed(search: Search, node: Node): boolean {
  const { judgement, numbers, counts } = search
  const { subject, steps } = node
  const { judged, item } = subject
  search.judged += 1
  const alone = { ...judgement, asked: item === undefined ? [] : [item], items: [judged] }
  const attested = changes(judged.known, numbers.listed(steps.all))
  const after = judgeChanged(alone, [...attested], isOpen)
  const against = after.flatMap(({ blockers }) => blockers.filter(counts))
  if (against.reduce((all, { treatment }) => join(all, treatment), release).kind !== 'withhold')
    return true
  // What stands against it now was not known before, so it is looked at once more.
  watch(search, subject, against)
  isStillReady(search, node)
  return false
}

const toCure = ({ judgement, numbers }: Search, steps: Steps): Cure =>
  [...changes(judgement.request, numbers.listed(steps.all))].map(([fact, to]) => ({
    fact,
    to,
    by: vocabulary[fact]?.attester ?? 'holder-officer',
  }))
