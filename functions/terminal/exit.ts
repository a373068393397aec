/** Exit codes, the same for every command. */

/** What a command says to the program that called it. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  invalidPolicy: 3,
  testsFailed: 4,
  /** What was to be proved does not hold. */
  integrityFailed: 5,
  /** More would change than allowed; of a look, an alarm went off, or something is overdue. */
  limitExceeded: 6,
  /** It holds, but only the checked party vouches for the keys. */
  ownWord: 7,
  /** It is whole, but entries came into the log long after the time that they state. */
  late: 8,
} as const

/** A failure that a command explains to the person who called it. */
export class Failure extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.unexpected) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The failure of a command that was called in a way that it cannot be. */
export const misuse = (message: string): Failure => new Failure(message, exitCodes.usage)
