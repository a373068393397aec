/** What agencies and offices send: requests, attestations, and short acts on either. */

import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { standingReplySchema } from '../answer/look-up.ts'
import { endingsSchema } from '../answer/offices/expiry.ts'
import { answerSchema, whoReads } from '../answer/reply/reply-schema.ts'
import { entryId } from '../terminal/arguments.ts'
import { misuse } from '../terminal/exit.ts'
import { readBytes, readText } from '../terminal/files.ts'
import { answerLines, section } from '../terminal/say.ts'
import type { Gateway } from './profile.ts'
import { actingAs, asAgency, type Calling, call, callerOf, doneSchema } from './send.ts'
import { type Many, sendingMany, sendMany } from './send-many.ts'

type Options = Calling & {
  readonly ground?: string
  readonly request?: string
  readonly matter?: string
  readonly question?: string
  readonly code?: string
  readonly value?: string
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
  {
    name: 'refuse',
    does: 'Refuse an open denial, as an office that could say what is missing, and say why.',
    path: (id) => `/v1/access-requests/${id}/responses`,
    needs: ['--ground <sentence>', 'why; the requester reads it, so say nothing of the record'],
    body: (options) => ({ what: 'refuse', text: options.ground }),
    done: `Entered. ${whoReads} Take it back with \`attestation withdraw\` and this id.`,
  },
  {
    name: 'ask-back',
    does: 'Ask the requester of an open denial, as an office that could say what is missing.',
    path: (id) => `/v1/access-requests/${id}/responses`,
    needs: ['--question <sentence>', 'the requester reads it, so say nothing of the record'],
    body: (options) => ({ what: 'ask-back', text: options.question }),
    done: `Entered. ${whoReads}`,
  },
  {
    name: 'duty-done',
    does: 'Say that a duty of yours on an answer is done, as the holder.',
    path: (id) => `/v1/disclosures/${id}/duties`,
    needs: ['--code <code>', 'the duty, such as O-NOTIFY-SA'],
    may: ['--value <value>', 'its value, if it has one'],
    body: ({ code, value }) => ({ code, ...(value === undefined ? {} : { value }) }),
    done: 'Entered.',
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
    does: 'Doubt what an attestation says: until you take that back, it is unknown.',
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
    does: 'Take an attestation, an objection or a refusal of your own office back.',
    method: 'DELETE',
    path: (id) => `/v1/attestations/${id}`,
    done: 'Taken back; it counts no more.',
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
  asAgency(request.command('show'), gateway)
    .description('Look at an answer of yours as it stands, and at what offices said to it.')
    .argument('<id>', 'the id of the request', entryId)
    .action((id: string, options: Calling) =>
      call(options, gateway, ['GET', `/v1/access-requests/${id}`], standingLines),
    )
  asAgency(attestation.command('ending'), gateway)
    .description(
      'List general attestations of yours, or for you, that end within 30 days; decisions on releases: `release standing`.',
    )
    .action((options: Calling) => call(options, gateway, ['GET', '/v1/attestations'], endingLines))
}

function standingLines(answer: unknown): readonly string[] {
  const standing = standingReplySchema.parse(answer)
  const { responses = [], review, cured } = standing
  const said = responses.map(({ what, office, text = 'its words were erased', takenBackAt }) =>
    what === 'ask-back'
      ? `- ${office} asks back: ${text}`
      : `- ${office} ${takenBackAt === undefined ? 'refuses' : `refused, and took it back at ${takenBackAt}`}: ${text}`,
  )
  return [
    ...section('What offices said', said),
    ...(review?.answeredAt ? [`${review.by} has looked at it, at ${review.answeredAt}.`] : []),
    ...(cured ? [`Ask again now: all is supplied. Add --previous ${standing.id}`] : []),
    ...answerLines({ ...standing, records: [] }),
  ]
}

function add(to: Command, act: Act, gateway: Gateway): void {
  const { name, does, method = 'POST', path, needs, may, body, done } = act
  const command = actingAs(to.command(name), gateway)
    .description(does)
    .argument('<id>', `the id of the ${to.name()}`, entryId)
  if (needs !== undefined) command.requiredOption(...needs)
  if (may !== undefined) command.option(...may)
  command.action((id: string, options: Options) =>
    call(options, gateway, [method, path(id), body?.(options)], done),
  )
}

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
  sendingMany(sending(request, gateway))
    .description('Sign a request, send it and print the answer; or many of them.')
    .option('--previous <id>', 'the open denial that is asked again', entryId)
    .option('--received <message>', 'the file of the message by which it came, for its digest')
    .action((file: string, options: Many & Sending) => {
      if (options.many) return sendMany(file, options, gateway)
      const body = completed(file, readText(file), options)
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
        `id ${doneSchema.parse(answer).id}`,
      ])
    })
}

const sending = (of: Command, gateway: Gateway): Command =>
  actingAs(of.command('send'), gateway).argument(
    '<file>',
    'the JSON body; `-` reads standard input',
  )

type Sending = { readonly previous?: string; readonly received?: string }

/** The body of a request, with the denial that it asks again, and the digest of the message by which it came. */
function completed(file: string, body: string, { previous, received }: Sending): string {
  if (previous === undefined && received === undefined) return body
  const message = received === undefined ? undefined : readBytes(received)
  try {
    const { receivedBy, ...rest } = JSON.parse(body)
    const digest = message && createHash('sha256').update(message).digest('base64url')
    return JSON.stringify({
      ...rest,
      ...(previous && { previous }),
      ...(receivedBy && { receivedBy: { ...receivedBy, ...(digest && { digest }) } }),
    })
  } catch {
    throw misuse(`couldn’t read \`${file}\`: it is not JSON`)
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
