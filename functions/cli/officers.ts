/** What agencies and offices send: requests, attestations, and short acts on either. */

import type { Command } from 'commander'
import * as z from 'zod'
import { endingsSchema } from '../answer/ending.ts'
import { answerSchema } from '../answer/reply.ts'
import { entryId } from './arguments.ts'
import { exitCodes, Failure } from './exit.ts'
import { readText } from './files.ts'
import type { Gateway } from './profile.ts'
import { answerLines } from './say.ts'
import { actingAs, asAgency, type Calling, call, callerOf } from './send.ts'

type Options = Calling & {
  readonly ground?: string
  readonly request?: string
  readonly matter?: string
}

/** An act on one request or attestation. */
type Act = {
  readonly name: string
  readonly does: string
  readonly method?: 'DELETE'
  readonly path: (id: string) => string
  /** The options that it needs, and (`may`) one that it may have. */
  readonly needs?: readonly [string, string]
  readonly may?: readonly [string, string]
  readonly body?: (options: Options) => object
  readonly done: string
}

const ground = ['--ground <sentence>', 'why; the holder’s side alone is shown it'] as const

const onRequests: readonly Act[] = [
  {
    name: 'review',
    does: 'Put a denial of yours before a person, once; or, as the holder’s officer, answer that.',
    path: (id) => `/v1/access-requests/${id}/review`,
    needs: ground,
    body: (options) => ({ ground: options.ground }),
    done: 'Entered. It changes no decision.',
  },
]

const onAttestations: readonly Act[] = [
  {
    name: 'sign',
    does: 'Sign an attestation as the office that decided it, or for data protection.',
    path: (id) => `/v1/attestations/${id}/signatures`,
    done: 'Signed.',
  },
  {
    name: 'object',
    does: 'Doubt what an attestation says: until you withdraw the objection, it is unknown.',
    path: (id) => `/v1/attestations/${id}/objections`,
    needs: ground,
    may: ['--matter <id>', 'for this matter alone, by a request of it'],
    body: ({ ground: why, matter }) => ({
      ground: why,
      ...(matter === undefined ? {} : { scope: { kind: 'matter', matter: entryId(matter) } }),
    }),
    done: 'The objection stands from now on; take it back with `attestation withdraw` and this id.',
  },
  {
    name: 'withdraw',
    does: 'Take an attestation or an objection of your own office back.',
    method: 'DELETE',
    path: (id) => `/v1/attestations/${id}`,
    done: 'Withdrawn; it counts for no request from now on.',
  },
  {
    name: 'add-person',
    does: 'Let an attestation of a case count for another person of it.',
    path: (id) => `/v1/attestations/${id}/persons`,
    needs: ['--request <id>', 'a request of the case in which they were asked for'],
    body: ({ request = '' }) => ({ request: entryId(request) }),
    done: 'Added; it counts for this person, too.',
  },
]

/** Adds what offices do to `comity request` and `comity attestation`. */
export function addOfficers(request: Command, attestation: Command, gateway: Gateway): void {
  for (const act of onRequests) add(request, act, gateway)
  for (const act of onAttestations) add(attestation, act, gateway)
  asAgency(attestation.command('ending'), gateway)
    .description('List general attestations of yours, or for you, that end within 30 days.')
    .action((options: Calling) => call(options, gateway, ['GET', '/v1/attestations'], endingLines))
}

function add(to: Command, act: Act, gateway: Gateway): void {
  const { name, does, method = 'POST', path, needs, may, body, done } = act
  const command = actingAs(to.command(name), gateway)
    .description(does)
    .argument('<id>', `the id of the ${to.name()}`, entryId)
  if (needs !== undefined) command.requiredOption(...needs)
  if (may !== undefined) command.option(...may)
  command.action((id: string, options: Options) =>
    call(options, gateway, [method, path(id), body?.(options)], (answer) => [
      done,
      `id ${doneSchema.parse(answer).id}`,
    ]),
  )
}

/** The answer to an act. */
export const doneSchema = z.looseObject({ id: z.string() })

function endingLines(answer: unknown): readonly string[] {
  const { ending } = endingsSchema.parse(answer)
  if (ending.length === 0) return ['No general attestation ends within 30 days.']
  return ending.flatMap(({ id, holder, fact, value, scope, until }) => [
    `- ${until.slice(0, 10)}: ${fact} = ${String(value)}, for ${holder}, of ${
      scope.kind === 'general'
        ? [scope.requester, scope.purpose, scope.offenceCategory].filter(Boolean).join(', ')
        : scope.kind
    }`,
    `  id ${id}`,
  ])
}

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

/** The body of a request, with the denial that it asks again if there is one. */
function askedAgain(file: string, body: string, previous: string | undefined): string {
  if (previous === undefined) return body
  try {
    return JSON.stringify({ ...JSON.parse(body), previous })
  } catch {
    throw new Failure(`couldn’t read \`${file}\`: it is not JSON`, exitCodes.usage)
  }
}

/** Whether an attestation counts at once, or whose signature it waits for. */
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
