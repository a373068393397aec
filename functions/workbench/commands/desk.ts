/** `comity desk`: the policies in a browser on this machine. */

import type { Command } from 'commander'
import type { Gateway } from '../../client/profile.ts'
import { faultOf } from '../../failure.ts'
import { number } from '../../terminal/arguments.ts'
import { Failure, misuse } from '../../terminal/exit.ts'

/**
 * Opens the desk of a policies folder on a port of 127.0.0.1; 0 is any free one. Logged decisions come from the
 * gateway.
 */
export type DeskOpener = (
  folder: string,
  port: number,
  gateway: Gateway,
) => Promise<{ readonly link: string; readonly close: () => void }>

/** Adds `desk` to the program. */
export function addDesk(
  program: Command,
  at: Gateway & { readonly policies: string; readonly openDesk: DeskOpener },
): void {
  program
    .command('desk')
    .description('Read, try, change and compare policies in a browser on this machine.')
    .option(
      '--port <port>',
      'the port of 127.0.0.1; any free one without',
      number('a port is a number such as 8790.', 0, 65_535),
      0,
    )
    .addHelpText(
      'after',
      `
It prints a link that opens the desk once, in one browser. It listens on this machine alone, until Ctrl-C.
It writes drafts and cases that you save there, and the seals that you sign.`,
    )
    .action(async (options: { readonly port: number }) => {
      const desk = await at.openDesk(at.policies, options.port, at).catch((error: unknown) => {
        throw new Failure(`couldn’t open the desk: ${faultOf(error)}; try another --port`)
      })
      console.log(`Open this link, which works once:\n${desk.link}\nCtrl-C ends the desk.`)
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, desk.close)
    })
}

/** Adds `new` to the policy commands: it says where a policy is begun. */
export function addPolicyNew(policy: Command): void {
  policy
    .command('new')
    .description('Say where a policy that is not here yet is begun: on the desk.')
    .action(() => {
      throw misuse(
        'a new policy is begun in a form: run `comity desk`, open its link and choose New policy',
      )
    })
}
