/** One look of the doctor: what was looked at, what was found, and how to mend it. */

/** How grave it is: with a fault, the gateway or its callers come to grief. */
export type Mark = 'ok' | 'warning' | 'fault'

/** What one look came to. Programs may rely on these names. */
export type Check = {
  readonly mark: Mark
  readonly looked: string
  readonly found: string
  /** What to do; none where all is well. */
  readonly fix?: string
}

/** All is well. */
export const ok = (looked: string, found: string): Check => ({ mark: 'ok', looked, found })

/** Not well, and it works. */
export const warning = (looked: string, found: string, fix: string): Check => ({
  mark: 'warning',
  looked,
  found,
  fix,
})

/** Not well. */
export const fault = (looked: string, found: string, fix: string): Check => ({
  mark: 'fault',
  looked,
  found,
  fix,
})

/** How many days ahead the doctor looks for what ends. */
export const daysAhead = 30

/** `a, b, c and 4 more`. */
export function few(names: readonly string[], most = 3): string {
  const more = names.length - most
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Why something could not be done, in one line and without a stack. */
export const reason = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
