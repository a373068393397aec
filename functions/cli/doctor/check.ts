/** One check of the doctor: what it looked at, what it found, and how to fix that. */

/** How serious it is. `fault`: the gateway does not work, or its callers cannot use it. */
export type Mark = 'ok' | 'warning' | 'fault'

/** The result of one check. Programs may rely on these names. */
export type Check = {
  readonly mark: Mark
  readonly looked: string
  readonly found: string
  /** What to do; undefined if all is well. */
  readonly fix?: string
}

/** All is well. */
export const ok = (looked: string, found: string): Check => ({ mark: 'ok', looked, found })

/** It works, but something should be done. */
export const warning = (looked: string, found: string, fix: string): Check => ({
  mark: 'warning',
  looked,
  found,
  fix,
})

/** It does not work. */
export const fault = (looked: string, found: string, fix: string): Check => ({
  mark: 'fault',
  looked,
  found,
  fix,
})

/** How many days ahead the doctor looks for what ends. */
export const daysAhead = 30

/** `a, b, c and 4 more`. */
export function listSome(names: readonly string[], most = 3): string {
  const more = names.length - most
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Why something could not be done, in one line and without a stack. */
export const reason = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
