/** Runs a command line: where its output goes, and what it ends with. */

import { type Command, CommanderError } from 'commander'
import { ComityError, faultOf } from '../failure.ts'
import { idsLast } from './arguments.ts'
import { guardScreen } from './columns.ts'
import { exitCodes, Failure } from './exit.ts'

/** Runs the command that this process was started with. */
export async function runProgram(makeProgram: () => Command): Promise<void> {
  guardScreen(console)

  // A reader who stops early (`| head`) has seen enough; but the output is incomplete.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(exitCodes.unexpected)
  })

  try {
    const program = makeProgram()
    await program.parseAsync(idsLast(process.argv.slice(2), program), { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    } else if (error instanceof Failure) {
      console.error(error.message)
      process.exitCode = error.exitCode
    } else if (error instanceof ComityError) {
      console.error(error.message)
      process.exitCode = exitCodes.unexpected
    } else {
      console.error(unexpectedWords(error))
      process.exitCode = exitCodes.unexpected
    }
  }
}

/** What is said of a failure that nobody foresaw: never its properties, which may hold what was sent or a secret. */
export function unexpectedWords(error: unknown): string {
  const { message = '', cause } = error instanceof Error ? error : new Error()
  const why = cause instanceof Error ? [message, cause.message] : [message]
  return `couldn’t go on: ${why.filter(String).join(': ') || faultOf(error)}`
}
