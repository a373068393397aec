/** Compares two worlds: each party that may not know must have seen the same in both, in the same order. */

import { mayKnow, seesLooks } from './observers.ts'
import type { Played, Sight } from './play.ts'

/** Where a party could tell two worlds apart. */
export type Leak = {
  readonly party: string
  readonly step: string
  readonly what: string
  /** What it saw in the one and in the other, from where they part. */
  readonly saw: readonly [hit: string, none: string]
}

/** Every difference, the first of each party, step and sight. */
export function leaksOf(hit: Played, none: Played): readonly Leak[] {
  const parties = new Set([...hit.seen.keys(), ...none.seen.keys()])
  const leaks: Leak[] = []
  for (const party of parties) {
    if (party in mayKnow) continue
    const [one, other] = [hit, none].map(({ seen }) => comparedOf(party, seen.get(party) ?? []))
    if (one === undefined || other === undefined) continue
    for (let i = 0; i < Math.max(one.length, other.length); i++) {
      const [a, b] = [one[i], other[i]]
      const isSame = a?.step === b?.step && a?.what === b?.what
      if (isSame && a?.seen === b?.seen) continue
      const { step = '', what = '' } = a ?? b ?? {}
      leaks.push({ party, step, what, saw: parting(a?.seen ?? '', b?.seen ?? '') })
      // Where one made more calls than the other, nothing after it can be held against each other.
      if (!isSame) break
    }
  }
  return leaks
}

/** What of its sights is compared: of whoever sees an officer look, all before the first look. */
function comparedOf(party: string, sights: readonly Sight[]): readonly Sight[] {
  const look = sights.findIndex(({ step }) => step.endsWith(' lookAtWaiting'))
  return party in seesLooks && look >= 0 ? sights.slice(0, look) : sights
}

/** Both texts from a little before where they part. */
function parting(a: string, b: string): readonly [string, string] {
  let i = 0
  while (i < a.length && a[i] === b[i]) i += 1
  const from = Math.max(0, i - 80)
  return [a.slice(from, i + 120), b.slice(from, i + 120)]
}

/** Leaks as a person reads them. */
export const saysOf = (leaks: readonly Leak[]): string =>
  leaks
    .map(
      ({ party, step, what, saw: [hit, none] }) =>
        `${party} at \`${step}\`, ${what}:\n    with a hit  ${JSON.stringify(hit)}\n    with none   ${JSON.stringify(none)}`,
    )
    .join('\n')
