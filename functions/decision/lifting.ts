/**
 * Sets of steps that lift every obstacle to an item, built obstacle by obstacle. Each set that does
 * is reached, the smaller before the larger: a cure must lift whatever stands, so it contains one of the
 * ways to lift it.
 */

import { isOfItem } from '../policy/vocabulary.ts'
import type { Judged } from './combine.ts'
import type { Item } from './facts.ts'
import type { Obstacle } from './obstacles.ts'
import { both, isOpen, type Numbering, noSteps, type Steps } from './steps.ts'
import { type Effort, isDone, making, type Ways, waived } from './ways.ts'

/** An obstacle to one item. */
type Watched = Obstacle & {
  /** The open facts that it reads, how many, and the steps on them. */
  readonly facts: number
  readonly open: number
  readonly touched: bigint
  /** The ways to lift it, by those of these steps that are taken. */
  readonly found: Map<bigint, Ways>
}

/** An item to be freed: one for all that are alike. */
export type Subject = {
  readonly judged: Judged
  readonly item: Item
  readonly obstacles: Watched[]
  /** Sets that were looked at. */
  readonly looked: Set<bigint>
}

/** A set of steps for one item, and what still stands against it. */
export type Node = {
  readonly subject: Subject
  readonly steps: Steps
  readonly against: readonly { readonly facts: number; readonly ways: Ways }[]
  /** How many obstacles were known then. */
  readonly of: number
}

/** All that one search has come to. */
export type Search = {
  readonly numbers: Numbering
  readonly effort: Effort
  /** Obstacles that read nothing of the record are the same to all items. */
  readonly shared: Map<string, Watched>
  /** Nodes by the least size of a cure that contains them. */
  readonly levels: Node[][]
  readonly found: Steps[]
}

/** Starts with no step for an item, and what stands against it. */
export function start(
  search: Search,
  judged: Judged,
  item: Item,
  against: readonly Obstacle[],
): void {
  const subject = { judged, item, obstacles: [], looked: new Set<bigint>() }
  watch(search, subject, against)
  reach(search, stand(search, { subject, steps: noSteps, against: [], of: 0 }), 0)
}

/** Goes on from a set that lifts all that was known, but not this. */
export function goOn(search: Search, node: Node, against: readonly Obstacle[]): void {
  watch(search, node.subject, against)
  const now = stand(search, node)
  if (now !== undefined && now.against.length > 0) reach(search, now, node.steps.sorted.length)
}

/** The nodes of a size at which every obstacle that is known is lifted. */
export function liftingAll(search: Search, size: number): readonly Node[] {
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
  const ways = to.ways(making(judged.known, those, item, numbers, effort))
  to.found.set(taken, ways)
  return ways
}

/** Adds obstacles, those that read the fewest facts first. */
function watch(search: Search, { judged, obstacles }: Subject, more: readonly Obstacle[]): void {
  const { numbers, shared } = search
  const { known } = judged
  const added = new Map<string, Watched>()
  for (const each of more) {
    if (obstacles.some(({ key }) => key === each.key)) continue
    const open = [...new Set(each.reads)].filter((name) => isOpen(name, known) && name !== waived)
    const steps = [
      ...open.flatMap((name) => numbers.valuesOf(name)),
      ...each.waives.map((rule) => numbers.member(waived, rule)),
    ]
    const made = shared.get(each.key) ?? {
      ...each,
      open: open.length,
      facts: steps.reduce((all, step) => all | step.facts, 0),
      touched: steps.reduce((all, step) => all | step.all, 0n),
      found: new Map(),
    }
    if (!each.reads.some(isOfItem)) shared.set(each.key, made)
    added.set(each.key, made)
  }
  obstacles.push(...[...added.values()].sort((a, b) => a.open - b.open))
}

/** Whether a set contains a cure that was found. */
export const isNeedless = ({ found }: Search, { steps }: Node): boolean =>
  found.some((less) => (steps.shape & less.shape) === less.shape)

/** Whether nothing that came up since stands against it; else it is looked at again. */
export function isStillReady(search: Search, node: Node): boolean {
  if (node.of === node.subject.obstacles.length) return true
  const now = stand(search, node)
  if (now?.against.length === 0) return true
  reach(search, now, node.steps.sorted.length)
  return false
}
