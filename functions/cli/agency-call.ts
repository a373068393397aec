/** How the command of an agency or an office signs its call, and what it does with the answer. */

import { type Command, Option } from 'commander'
import { url } from './arguments.ts'
import { exitCodes, Failure } from './exit.ts'
import { type Gateway, signerOf } from './profile.ts'
import { problemLines } from './say.ts'
import { freshJti, send } from './send.ts'

/** Who calls, and how the answer is printed. */
export type Calling = {
  /** An identity of the profile. */
  readonly agency: string
  readonly officer?: string
  readonly url: string
  readonly jti?: string
  readonly json?: true
}

/** Adds to a command the options that say who calls. */
export const asAgency = (command: Command, gateway: Gateway): Command =>
  command
    .requiredOption('--as, --agency <name>', 'who signs: an agency, as the profile names it')
    .option('--officer <id>', 'the acting officer; without it, as the profile says')
    .option('--url <url>', 'the gateway', url, gateway.url)
    .option('--json', 'print the answer as JSON')

/** The same for a call that makes an entry, which may be sent again. */
export const actingAs = (command: Command, gateway: Gateway): Command =>
  asAgency(command, gateway).addOption(
    new Option('--jti <id>', 'the id of the call; the same again is a retry').default(
      freshJti(),
      'a fresh one',
    ),
  )

/** Prints lines for people. */
export const print = (lines: readonly string[]): void => console.log(lines.join('\n'))

/** Who signs a call, and what for. */
export const callerOf = ({ agency: as, officer, url }: Calling, gateway: Gateway) =>
  signerOf({ as, officer, url }, gateway)

/** Sends a call; prints the answer as JSON, or `lines` of it. A problem is printed, and fails. */
export async function call(
  options: Calling,
  gateway: Gateway,
  [method, path, body]: readonly [method: string, path: string, body?: unknown],
  lines: (body: unknown) => readonly string[],
): Promise<void> {
  const { jti = freshJti() } = options
  const sender = { ...callerOf(options, gateway), jti }
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await send(sender, method, path, text)
  const answered = answer.status === 200 || answer.status === 201
  if (!answered) process.exitCode = exitCodes.unexpected
  if (options.json) print([JSON.stringify(answer.body, null, 2)])
  else if (answered) print(lines(answer.body))
  else throw new Failure(problemLines(answer.body).join('\n'))
}
