/** `comity request send` and `comity attestation send`: a file, signed and sent. */

import type { Command } from 'commander'
import { answerSchema } from '../answer/reply.ts'
import { actingAs, type Calling, call, callerOf } from './agency-call.ts'
import { entryId } from './arguments.ts'
import { exitCodes, Failure } from './exit.ts'
import { readText } from './files.ts'
import type { Gateway } from './profile.ts'
import { answerLines } from './say.ts'

/** Adds `send` to both. */
export function addSending(request: Command, attestation: Command, gateway: Gateway): void {
  sending(request, gateway)
    .description('Sign a request, send it and print the answer.')
    .option('--previous <id>', 'the open denial that is asked again', entryId)
    .action((file: string, options: Calling & { readonly previous?: string }) => {
      const body = askedAgain(file, readText(file), options.previous)
      return call(options, gateway, ['POST', '/v1/access-requests', body], (answer) =>
        answerLines(answerSchema.parse(answer)),
      )
    })

  sending(attestation, gateway)
    .description('Sign an attestation, send it and print its id.')
    .action((file: string, options: Calling) => {
      const body = readText(file)
      return call(options, gateway, ['POST', '/v1/attestations', body], (answer) => [
        attested(body, callerOf(options, gateway).agency),
        JSON.stringify(answer, null, 2),
      ])
    })
}

const sending = (of: Command, gateway: Gateway): Command =>
  actingAs(of.command('send'), gateway).argument(
    '<file>',
    'the JSON body; `-` reads standard input',
  )

/** The body as it is, or with the denial that it asks again. */
function askedAgain(file: string, body: string, previous: string | undefined): string {
  if (previous === undefined) return body
  try {
    return JSON.stringify({ ...JSON.parse(body), previous })
  } catch {
    throw new Failure(`couldn’t read \`${file}\`: it is not JSON`, exitCodes.usage)
  }
}

/** Whether it counts at once, or for whose signature it waits. */
function attested(body: string, agency: string): string {
  const { scope, decidedBy } = JSON.parse(body)
  const signers = [
    ...(decidedBy === agency
      ? []
      : [`${decidedBy}, if the register does not let you enter its decisions,`]),
    ...(scope.kind === 'general' ? ['data protection'] : []),
  ]
  return signers.length === 0
    ? 'Attested; it counts from now on.'
    : `Attested; it counts once it is signed by ${signers.join(' and by ')}: comity attestation sign ID`
}
