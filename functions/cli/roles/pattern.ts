/**
 * Patterns of IAM, compared without knowing the names that AWS will give. `*` stands for any text, `?` for
 * one character, and `<Keys>` for a name that is not known yet: the same wherever it stands.
 */

type Part = string

const partsOf = (pattern: string): readonly Part[] => pattern.match(/<[^>]*>|./gs) ?? []
const isName = (part: Part | undefined): boolean => part !== undefined && part.length > 1

/** Whether a pattern takes in everything that another does. If in doubt, it does not. */
export function covers(pattern: string, other: string): boolean {
  return walk(partsOf(pattern), partsOf(other), (own, theirs) => {
    if (own === '*') return true
    return own === '?' ? theirs !== '*' && !isName(theirs) : own === theirs
  })
}

/** Whether something may be that both patterns take in. If in doubt, it may. */
export function meets(one: string, other: string): boolean {
  const [a, b] = [partsOf(one), partsOf(other)]
  const memory = new Map<number, boolean>()
  return from(0, 0)

  function from(i: number, j: number): boolean {
    const key = i * (b.length + 1) + j
    const known = memory.get(key)
    if (known !== undefined) return known
    const found = work(i, j)
    memory.set(key, found)
    return found
  }

  function work(i: number, j: number): boolean {
    const [own, theirs] = [a[i], b[j]]
    if (own === undefined && theirs === undefined) return true
    if (own === '*') return from(i + 1, j) || (theirs !== undefined && from(i, j + 1))
    if (theirs === '*') return from(i, j + 1) || (own !== undefined && from(i + 1, j))
    if (own === undefined || theirs === undefined) return false
    if (own === theirs) return from(i + 1, j + 1)
    if (isName(own) && isName(theirs)) return false
    if (isName(own)) return inName.test(theirs) && (from(i + 1, j + 1) || from(i, j + 1))
    if (isName(theirs)) return inName.test(own) && (from(i + 1, j + 1) || from(i + 1, j))
    return (own === '?' || theirs === '?') && from(i + 1, j + 1)
  }
}

/** What a name may be made of: never what parts an ARN. */
const inName = /[^:/]/

/** The narrower of two patterns, or undefined if neither lies in the other. */
export const narrower = (one: string, other: string): string | undefined =>
  covers(one, other) ? other : covers(other, one) ? one : undefined

/** Matches parts, of which `*` takes any number. */
function walk(
  pattern: readonly Part[],
  text: readonly Part[],
  takes: (own: Part, theirs: Part) => boolean,
): boolean {
  // The places in the pattern at which one may be: past a star, or still at it.
  let places = reached(new Set([0]))
  for (const part of text) {
    const next = new Set<number>()
    for (const place of places) {
      const own = pattern[place]
      if (own === undefined || !takes(own, part)) continue
      next.add(own === '*' ? place : place + 1)
    }
    places = reached(next)
  }
  return places.has(pattern.length)

  function reached(set: Set<number>): Set<number> {
    // A set that grows is walked to its end.
    for (const place of set) if (pattern[place] === '*') set.add(place + 1)
    return set
  }
}
