/** Our own failures, which code tells apart by a code, never by the wording of a message. */

/** Why it failed, as far as the difference matters to a caller. */
export type FailureCode =
  /** Stored data was changed: the log stops until people have looked. */
  | 'changed'
  /** Other bytes are at a write-once path: the log was tampered with, or has forked. */
  | 'conflict'
  /** A newer build wrote it in a form that this one does not know: it is there, and nothing is wrong with it. */
  | 'newer'
  /** Something that is needed does not answer for now, such as a module with a key: asked again later, it may. */
  | 'away'
  | 'failed'

/** One of our own failures. Its message is our sentence, says nothing about people, and may be logged. */
export class ComityError extends Error {
  override name = 'ComityError'
  readonly code: FailureCode

  constructor(message: string, code: FailureCode = 'failed', options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The failure of whoever finds that stored data was changed. */
export const wasChanged = (message: string): ComityError => new ComityError(message, 'changed')

/** Whether an error is one of our own failures with one of these codes. */
export const hasFailed = (error: unknown, ...codes: readonly FailureCode[]): boolean =>
  error instanceof ComityError && codes.includes(error.code)

/**
 * What may be logged of an error: our own failure's sentence; for any other error only its code or name,
 * since its text may quote data.
 */
export const errorWords = (error: unknown): string =>
  error instanceof ComityError ? error.message : faultOf(error)

/** The same; if the sentence is not ours, preceded by what failed. */
export const whyOf = (failed: string, error: unknown): string =>
  error instanceof ComityError ? error.message : `${failed}: ${faultOf(error)}`

/** The code of an error, or else its name. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
