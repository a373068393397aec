/** How the command of an auditor calls the gateway. */

import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type * as z from 'zod'
import { purposeSchema } from '../journeys/consult.ts'
import { url } from './arguments.ts'
import { Failure } from './exit.ts'
import type { Gateway } from './logged-facts.ts'
import { problemLines } from './say.ts'
import { freshJti, send } from './send.ts'

/** Who looks, what for, and where. */
export type Look = {
  readonly as: string
  readonly officer: string
  readonly purpose: string
  readonly url: string
}

/** Adds to a command the options that say who looks and what for. */
export const asAuditor = (command: Command, gateway: Gateway): Command =>
  command
    .requiredOption('--as <id>', 'the auditor’s office that signs, such as DE-DPA')
    .requiredOption('--officer <id>', 'who looks')
    .addOption(
      new Option('--purpose <purpose>', 'what the look is for (LED art. 25(2))')
        .choices(purposeSchema.options)
        .makeOptionMandatory(),
    )
    .option('--url <url>', 'the gateway', url, gateway.url)

/** Calls, and gives the answer as a schema wants it. Throws a Failure with the problem if there is none. */
export async function look<T>(
  { as: agency, officer, url }: Look,
  gateway: Gateway,
  [method, path]: readonly ['GET' | 'POST', string],
  schema: z.ZodType<T>,
  body?: unknown,
): Promise<T> {
  const keys = join(gateway.data, 'agencies')
  const sender = { agency, officer, url, keys, jti: freshJti() }
  const text = body === undefined ? undefined : JSON.stringify(body)
  const answer = await send(sender, method, path, text)
  if (answer.status !== 200) throw new Failure(problemLines(answer.body).join('\n'))
  const parsed = schema.safeParse(answer.body)
  if (parsed.success) return parsed.data
  throw new Failure(`couldn’t read what the gateway answered to ${method} ${path.split('?')[0]}`)
}
