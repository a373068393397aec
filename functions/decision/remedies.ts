/**
 * What would loosen a refusal: computed from the rules, written in none of them.
 *
 * A remedy is a smallest set of attestations on facts that are still open. A found risk and an answered "no"
 * are not open. Each remedy offered was tried.
 */

import { type Attester, type FactValue, factTypes } from '../policy/fact-types.ts'
import type { Known } from '../policy/logic.ts'
import type { Blocker } from './blocker.ts'
import { againstOnce, type Judged, type Judgement, joined, judge, kindOf } from './combine.ts'
import { mayBeSuspended } from './evaluate.ts'
import type { Item } from './facts.ts'
import { type Obstacle, obstaclesOf } from './obstacles.ts'
import {
  attestableIn,
  bitsIn,
  both,
  changes,
  inOrder,
  isOpen,
  type Numbering,
  noSteps,
  numbering,
  type Steps,
} from './remedy-steps.ts'
import { isDutyTold } from './reserved.ts'
import { type Effort, isDone, making, type Ways, waived } from './ways.ts'

/** One attestation that a remedy needs. */
type Attestable = {
  readonly fact: string
  readonly to: FactValue
  readonly by: Attester
}

/** A set of attestations that, all together, loosen a refusal. */
export type Remedy = readonly Attestable[]

/** The remedies that were found, and whether the search came to its end. */
export type Remedies = { readonly remedies: readonly Remedy[]; readonly complete: boolean }

/**
 * Bounds on one search. `effort` counts conditions tried, sets examined and pairs of sets joined, each about
 * a microsecond; `judged` counts items judged again, each about thirty microseconds. A decision makes one
 * search, one for each class where several are asked for, and as many again if less of it may be told. Each has its own bounds, so that the point where the told
 * search ended shows nothing of what is hidden. `offered` is as many as a person compares; that there are more
 * is said.
 */
export const searchMax = { effort: 1200, judged: 12, offered: 6 } as const
/** The bounds of another search. */
type Bounds = Readonly<Record<keyof typeof searchMax, number>>

/** Which blockers count: all of them in the ledger, the told ones in an answer. */
export type Counts = (blocker: Blocker) => boolean

/**
 * The remedies of a refusal; none if no attestation that may still be made loosens it. `items` are those that
 * the refusal is about.
 *
 * A set of attestations gives some open facts a value each that somebody may be asked to vouch for; each adds
 * one member to a list. It is a remedy if one item can leave once they are made. Sets are ordered by size,
 * then by the first fact in which they differ: one that an officer can state before one that a ministry must,
 * then by name, then by value in the order of the vocabulary, numbers and members in their own. A set that
 * has all steps of an earlier remedy is left out, whatever the value of a number: the least that works stands
 * for all. The first six are offered.
 *
 * `complete` is false if there are more than that, or if a bound ended the search early. The remedies found are
 * still remedies, and no smaller set works; but there may be others, even where none was found.
 */
export function remediesOf(
  judgement: Judgement,
  items: readonly Judged[],
  counts: Counts,
  max: Bounds = searchMax,
): Remedies {
  const against = ({ judged, item }: AnyItem, blockers: readonly Blocker[]) =>
    obstaclesOf(
      blockers.flatMap((each) => counted(each, item, counts)),
      judgement.now,
      judged.known,
      item,
    )
  const search = begin(judgement, items, against, max.effort)
  const { effort, found, levels } = search
  let judged = 0
  const isOver = () => effort.left <= 0 || found.length > max.offered
  for (let size = 0; size < levels.length && !isOver(); size++)
    for (const node of liftingAll(search, size).toSorted((a, b) => inOrder(a.steps, b.steps))) {
      if (isNeedless(search, node) || !isStillReady(search, node)) continue
      if (found.length > max.offered) break
      judged += 1
      if (judged > max.judged) effort.left = 0
      if (judged > max.judged) break
      const left = judgedAgain(judgement, node).filter(counts)
      if (isFree(left)) found.push(node.steps)
      else goOn(search, node, against(node.subject, left))
    }
  return {
    remedies: found.slice(0, max.offered).map((steps) => toRemedy(judgement, steps)),
    complete: effort.left > 0 && found.length <= max.offered,
  }
}

/** Whether somebody can still supply what is missing, as far as it is known. */
export const isStillOpen = ({
  remedies,
  complete,
}: {
  readonly remedies: readonly unknown[]
  readonly complete: boolean
}): boolean => remedies.length > 0 || !complete

/**
 * Whether a refusal ends with the suspensions of this moment: once they have ended, an item can leave, or
 * somebody can still supply what is missing. What is suspended may not apply yet, and only do so once something
 * is attested. No attestation ends them; those who seal the policies do.
 */
export function isOpenWithoutSuspensions(
  { now, facts, asked, request }: Judgement,
  items: readonly Judged[],
  counts: Counts,
): boolean {
  if (!mayBeSuspended(now, request)) return false
  const ids = new Set(items.filter(({ blockers }) => blockers.some(counts)).map(({ id }) => id))
  const without = judge(
    { ...now, suspended: new Set() },
    facts,
    asked.filter(({ id }) => ids.has(id)),
  )
  return (
    without.items.some(({ blockers }) => isFree(blockers.filter(counts))) ||
    isStillOpen(remediesOf(without, without.items, counts))
  )
}

type AnyItem = Pick<Node['subject'], 'judged' | 'item'>

function begin(
  { now, asked }: Judgement,
  items: readonly Judged[],
  against: (subject: AnyItem, blockers: readonly Blocker[]) => readonly Obstacle[],
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
    const shape = items.length === 1 ? '' : kindOf(item)
    if (shapes.has(shape)) continue
    shapes.add(shape)
    start(search, judged, item, against({ judged, item }, judged.blockers))
  }
  return search
}

/** The parts of a blocker that count: of its duties, each that would count by itself. */
function counted(blocker: Blocker, item: Item, counts: Counts): readonly Blocker[] {
  if (blocker.because !== 'duty') return [blocker]
  return blocker.owed
    .map((each) => ({ ...blocker, owed: [each], told: isDutyTold(each, item) }))
    .filter(counts)
}

/** The blockers of the item once the steps are attested, judged again by every policy. */
function judgedAgain(judgement: Judgement, { subject, steps }: Node): readonly Blocker[] {
  const { judged, item } = subject
  return againstOnce([...changes(judged.known, steps.sorted)], judgement, judged, item)
}

const isFree = (against: readonly Blocker[]): boolean => joined(against).kind !== 'withhold'

const toRemedy = ({ request }: Judgement, { sorted }: Steps): Remedy =>
  [...changes(request, sorted)].map(([fact, to]) => ({
    fact,
    to,
    by: factTypes[fact]?.attester ?? 'holder-officer',
  }))

// The search builds sets of steps obstacle by obstacle until they lift every obstacle to an item. It reaches
// every such set, smaller ones first: a remedy must lift each obstacle, so it contains one of the ways to
// lift it.

/** An obstacle to one item. */
type Watched = Obstacle & {
  /** The open facts that it reads, as bits; their number; and the steps on them, as bits. */
  readonly facts: number
  readonly open: number
  readonly touched: bigint
  /** The ways to lift it, by which steps of `touched` are taken. */
  readonly found: Map<bigint, Ways>
}

/** An item to free; one stands for all that are alike. */
type Subject = {
  readonly judged: Judged
  readonly item: Item
  readonly obstacles: Watched[]
  /** Sets that were examined. */
  readonly looked: Set<bigint>
}

/** A set of steps for one item, and what still stands against it. */
type Node = {
  readonly subject: Subject
  readonly steps: Steps
  readonly against: readonly { readonly facts: number; readonly ways: Ways }[]
  /** How many obstacles were known when `against` was computed. */
  readonly of: number
}

/** The state of one search. */
type Search = {
  readonly numbers: Numbering
  readonly effort: Effort
  /** Obstacles that read nothing of the record, which all items share. */
  readonly shared: Map<string, Watched>
  /** Nodes by the least size of a remedy that contains them. */
  readonly levels: Node[][]
  readonly found: Steps[]
}

/** Starts with an item, no steps, and everything that stands against it. */
function start(search: Search, judged: Judged, item: Item, against: readonly Obstacle[]): void {
  // No step changes what it is about.
  const isHopeless = (each: Obstacle) =>
    each.waives.length === 0 && openIn(each, judged.known).length === 0
  if (against.some(isHopeless)) return
  const subject = { judged, item, obstacles: [], looked: new Set<bigint>() }
  watch(search, subject, against)
  reach(search, stand(search, { subject, steps: noSteps, against: [], of: 0 }), 0)
}

/** Continues from a set that lifts every obstacle known so far, but not `against`. */
function goOn(search: Search, node: Node, against: readonly Obstacle[]): void {
  watch(search, node.subject, against)
  const now = stand(search, node)
  if (now !== undefined && now.against.length > 0) reach(search, now, node.steps.sorted.length)
}

/** The nodes of one size that lift every known obstacle. */
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

/**
 * All steps that are needed in any case, together; if there are none, the ways to lift the obstacle with the
 * fewest.
 */
function waysOn(against: Node['against']): Ways {
  const needed = against.filter(({ ways }) => ways.length === 1).flatMap(({ ways }) => ways)
  if (needed.length === 0)
    return against.map(({ ways }) => ways).reduce((a, b) => (b.length < a.length ? b : a))
  const together = needed.reduce((a: Steps | undefined, b) => a && both(a, b), noSteps)
  return together === undefined ? [] : [together]
}

/**
 * The node with what still stands against it after steps on the facts `added`; undefined if an obstacle
 * cannot be lifted. Only obstacles that are new or read those facts are checked again.
 */
function stand(search: Search, { subject, steps, against, of }: Node, added = 0): Node | undefined {
  search.effort.left -= 1
  const { obstacles } = subject
  const still = against.filter(({ facts }) => (facts & added) === 0)
  let i = 0
  for (const obstacle of obstacles) {
    const isAsked = i >= of || (obstacle.facts & added) !== 0
    i += 1
    if (!isAsked) continue
    const ways = waysAt(search, subject, obstacle, steps)
    if (ways.length === 0) return undefined
    if (!isDone(ways)) still.push({ facts: obstacle.facts, ways })
  }
  return { subject, steps, against: still, of: obstacles.length }
}

/** Files a node under the least size of a remedy that contains it. */
function reach({ levels }: Search, node: Node | undefined, size: number): void {
  if (node === undefined) return
  const least = Math.max(size, node.steps.sorted.length + leastOf(node.against))
  while (levels.length <= least) levels.push([])
  levels[least]?.push(node)
}

/** A lower bound on the steps still needed: obstacles that share no facts add up. */
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
  const those =
    taken === 0n
      ? []
      : steps.sorted.filter(({ fact }) => to.asks.some(({ reads }) => reads.includes(fact)))
  const ways = to.ways(making(judged.known, those, item, numbers, effort))
  to.found.set(taken, ways)
  return ways
}

/** Adds obstacles, those that read the fewest open facts first. */
function watch(search: Search, { judged, obstacles }: Subject, more: readonly Obstacle[]): void {
  const { numbers, shared } = search
  const { known } = judged
  const added = new Map<string, Watched>()
  for (const each of more) {
    if (obstacles.some(({ key }) => key === each.key)) continue
    const made = shared.get(each.key) ?? watched(each, known, numbers)
    if (!each.asks.some((asking) => attestableIn(asking).readsItem)) shared.set(each.key, made)
    added.set(each.key, made)
  }
  obstacles.push(...[...added.values()].sort((a, b) => a.open - b.open))
}

function watched(obstacle: Obstacle, known: Known, numbers: Numbering): Watched {
  const open = openIn(obstacle, known)
  const { all: touched, facts } = bitsIn([
    ...open.map((name) => numbers.bitsOf(name)),
    ...obstacle.waives.map((rule) => numbers.member(waived, rule)),
  ])
  return { ...obstacle, open: open.length, facts, touched, found: new Map() }
}

/** The facts that it reads and somebody may still attest. */
function openIn({ asks }: Obstacle, known: Known): readonly string[] {
  const open: string[] = []
  for (const asking of asks)
    for (const name of attestableIn(asking).facts)
      if (name !== waived && !open.includes(name) && isOpen(name, known)) open.push(name)
  return open
}

/** Whether a set contains a remedy that was found. */
const isNeedless = ({ found }: Search, { steps }: Node): boolean =>
  found.some((less) => (steps.shape & less.shape) === less.shape)

/** Whether the node lifts the obstacles found since it was made; if not, it is filed again. */
function isStillReady(search: Search, node: Node): boolean {
  if (node.of === node.subject.obstacles.length) return true
  const now = stand(search, node)
  if (now?.against.length === 0) return true
  reach(search, now, node.steps.sorted.length)
  return false
}
