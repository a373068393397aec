/** What may happen to an item, and which of two treatments is the stricter. */

/** What happens to one item. */
export type Treatment =
  | { readonly kind: 'release' }
  | { readonly kind: 'generalise' }
  /** The last `keepLast` characters stay readable. */
  | { readonly kind: 'mask'; readonly keepLast: number }
  | { readonly kind: 'pseudonymise' }
  | { readonly kind: 'withhold' }

/** What was decided on a request. */
export type Outcome = 'release' | 'redact' | 'deny'

/** The item leaves as it is. */
export const release: Treatment = { kind: 'release' }
/** The item stays. */
export const withhold: Treatment = { kind: 'withhold' }

/**
 * The loosest treatment that is at least as strict as both.
 * `release` < {`generalise`, `mask`, `pseudonymise`} < `withhold`. Two masks join to the one that
 * keeps less; two kinds join to `withhold`, since neither contains the other.
 */
export function join(a: Treatment, b: Treatment): Treatment {
  if (a.kind === 'release') return b
  if (b.kind === 'release') return a
  if (a.kind === 'mask' && b.kind === 'mask') return a.keepLast <= b.keepLast ? a : b
  return a.kind === b.kind ? a : withhold
}

/** The outcome is read off the items: all released, none leaves, or something between. */
export function outcomeOf(treatments: readonly Treatment[]): Outcome {
  if (treatments.every(({ kind }) => kind === 'withhold')) return 'deny'
  return treatments.every(({ kind }) => kind === 'release') ? 'release' : 'redact'
}
