/** `comity correction`, `comity recall` and `comity notice`: what became of what left, who was told, and what they did. */

import type { Command } from 'commander'
import * as z from 'zod'
import { recipientsPageSchema } from '../answer/messages/recipients.ts'
import { entryId, instant } from '../terminal/arguments.ts'
import { misuse } from '../terminal/exit.ts'
import { minute, paint } from '../terminal/say.ts'
import type { Gateway } from './profile.ts'
import { actingAs, asAgency, type Calling, call, doneSchema, pathOf } from './send.ts'

type Options = Calling & {
  readonly after?: string
  readonly became?: string
  readonly item?: readonly string[]
  readonly did?: string
}

type Recalling = Calling & {
  readonly policy?: string
  readonly attestation?: string
  readonly record?: string
  readonly item?: readonly string[]
  readonly ofKey?: string
  readonly compromisedSince?: string
  readonly answer?: readonly string[]
  readonly ask: string
  readonly ground: string
  readonly days?: number
}

/** Adds both to the program. */
export function addCorrections(program: Command, gateway: Gateway): void {
  const correction = program
    .command('correction')
    .description('Say what became of what left, and see who was told.')
  actingAs(correction.command('say'), gateway)
    .description('Say what became of a record in your own system; whoever got it is told.')
    .argument('<record>', 'the id of the record, as your system answers with it')
    .requiredOption('--became <what>', 'corrected, restricted or erased')
    .option('--item <id...>', 'the items; all of the record, if left out')
    .action((record: string, { became, item, ...options }: Options) => {
      const said = 'Entered. Whoever got it is told.'
      const body = { record, became, ...(item && { items: item }) }
      return call(options, gateway, ['POST', '/v1/corrections', body], said)
    })
  asAgency(correction.command('show'), gateway)
    .description('List who was told of a change of yours, and who says that they acted.')
    .argument('<id>', 'the id of the entry of the change', entryId)
    .option('--after <cursor>', 'what comes after the page that said so')
    .action((id: string, { after, ...options }: Options) =>
      call(options, gateway, ['GET', pathOf(`/v1/corrections/${id}`, { after })], toldLines),
    )

  addRecall(program, gateway)
  const notice = program.command('notice').description('Do what your agency was told to do.')
  actingAs(notice.command('done'), gateway)
    .description('Say what you did with what was corrected, restricted or erased.')
    .argument('<id>', 'the entry of the event that told you', entryId)
    .requiredOption('--did <what>', 'corrected, restricted or erased')
    .action((id: string, { did, ...options }: Options) => {
      const path = `/v1/notices/${id}/done`
      return call(options, gateway, ['POST', path, { did }], 'Entered. The holder sees it.')
    })
}

/** Adds `recall`. */
function addRecall(program: Command, gateway: Gateway): void {
  const recall = program
    .command('recall')
    .description('Recall what rested on something wrong, by two offices.')
  actingAs(recall.command('make'), gateway)
    .description('Say what was wrong, and what whoever got it must do; data protection signs it.')
    .option('--policy <policy>', 'a version of a policy, such as de/bkag@2026-02-14')
    .option('--attestation <id>', 'an attestation', entryId)
    .option('--record <id>', 'a record; with --item, these items of it')
    .option('--item <id...>', 'items of the record')
    .option('--of-key <agency/kid>', 'a key in wrong hands, with --compromised-since')
    .option('--compromised-since <moment>', 'since when others may have had it', instant)
    .option('--answer <id...>', 'single answers')
    .requiredOption('--ask <what>', 'restricted or erased')
    .requiredOption('--ground <sentence>', 'why, without a name')
    .option('--days <number>', 'within how many days; 7 if left out', Number)
    .action((options: Recalling) => {
      const { ask, ground, days } = options
      const body = { cause: causeOf(options), ask, ground, ...(days && { days }) }
      return call(options, gateway, ['POST', '/v1/recalls', body], (answer) => [
        'Entered. Nobody is told until data protection signs it: comity recall sign ID',
        ...saysIn(answer),
        `id ${doneSchema.parse(answer).id}`,
      ])
    })
  actingAs(recall.command('sign'), gateway)
    .description('Sign a recall for data protection; whoever got what it is about is told.')
    .argument('<id>', 'the id of the recall', entryId)
    .action((id: string, options: Calling) => {
      const path = `/v1/recalls/${id}/signatures`
      return call(options, gateway, ['POST', path], 'Signed. Whoever got it is told.')
    })
  asAgency(recall.command('show'), gateway)
    .description('List who was told of a recall, and who says that they acted.')
    .argument('<id>', 'the id of the recall', entryId)
    .option('--after <cursor>', 'what comes after the page that said so')
    .action((id: string, { after, ...options }: Options) =>
      call(options, gateway, ['GET', pathOf(`/v1/recalls/${id}`, { after })], toldLines),
    )
}

const saysIn = (answer: unknown): readonly string[] => {
  const { says } = z.looseObject({ says: z.string().optional() }).parse(answer)
  return says === undefined ? [] : [says]
}

/** What was wrong, of which one must be named. */
function causeOf(options: Recalling): object {
  const { policy, attestation, record, item, ofKey, answer, compromisedSince: since } = options
  const [agency, kid] = ofKey?.split('/') ?? []
  const named = [
    ...(policy === undefined ? [] : [{ policy }]),
    ...(attestation === undefined ? [] : [{ attestation }]),
    ...(record === undefined ? [] : [{ record, ...(item && { items: item }) }]),
    ...(ofKey === undefined ? [] : [{ key: { agency, kid, since } }]),
    ...(answer === undefined ? [] : [{ entries: answer }]),
  ]
  const [cause, ...others] = named
  if (cause !== undefined && others.length === 0) return cause
  const ways = '--policy, --attestation, --record, --of-key and --answer'
  throw misuse(`couldn’t recall: name one of ${ways}`)
}

function toldLines(answer: unknown): readonly string[] {
  const { told, complete, next, more } = recipientsPageSchema.parse(answer)
  return [
    ...(told.length === 0 ? ['Nobody was told yet.'] : []),
    ...told.flatMap(({ id, to, what, items, request, at, due, done }) => [
      `${done ? `done ${minute(done.at)}  ${done.did}` : `MISSING, due ${minute(due)}`}  ${to}: ${what}, ${items.join(', ')}`,
      paint('dim', `told ${minute(at)}, notice ${id}, request ${request}`),
    ]),
    ...(complete ? [] : ['The gateway still looks for who got it.']),
    ...(more ? [paint('dim', `There is more: add --after ${next}`)] : []),
  ]
}
