/** Failures of our own, which code tells apart by a code and never by the wording of a message. */

/** Why it failed, as far as somebody acts on the difference. */
export type FailureCode =
  /** What is stored is not what was written: the log stands still until people have looked. */
  | 'changed'
  /** Other bytes stand under a path that is written once: the log was tampered with, or has forked. */
  | 'conflict'
  | 'failed'

/** A failure of our own. Its message is a sentence of ours, speaks of nobody, and may be logged. */
export class ComityError extends Error {
  override name = 'ComityError'
  readonly code: FailureCode

  constructor(message: string, code: FailureCode = 'failed', options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Whether an error is a failure of our own with one of these codes. */
export const hasFailed = (error: unknown, ...codes: readonly FailureCode[]): boolean =>
  error instanceof ComityError && codes.includes(error.code)

/**
 * What may be logged of an error: the sentence of a failure of our own; of any other its code or name alone,
 * since its text may quote what was written.
 */
export const saidOf = (error: unknown): string =>
  error instanceof ComityError ? error.message : faultOf(error)

/** The same, after what failed where the sentence does not say that itself. */
export const whyOf = (failed: string, error: unknown): string =>
  error instanceof ComityError ? error.message : `${failed}: ${faultOf(error)}`

/** The code of an error, or else its name. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
