/** `comity events` and `comity disclosures`: what an agency is told without asking, and what left of a holder's records. */

import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import * as z from 'zod'
import { disclosuresPageSchema } from '../answer/messages/disclosures.ts'
import { eventsPageSchema, laterEventShape } from '../answer/messages/events.ts'
import { eventKinds } from '../inbox-ports.ts'
import { number } from '../terminal/arguments.ts'
import { exitCodes, Failure } from '../terminal/exit.ts'
import { readText, writeWhole } from '../terminal/files.ts'
import { minute, paint, problemLines } from '../terminal/say.ts'
import type { Gateway } from './profile.ts'
import { asAgency, type Calling, call, callerOf, freshJti, pathOf, print, send } from './send.ts'

/** An event of a gateway that may be newer: no kind or class stops whoever reads on, and what else it says stays as it came. */
const laterEvent = z.looseObject(laterEventShape)
const { next, more } = eventsPageSchema.shape
const pageSchema = z.object({
  events: z.array(laterEvent),
  hints: z.array(laterEvent),
  next,
  more,
})
type EventsPage = z.infer<typeof pageSchema>
/** The kinds that this version knows. */
const known: ReadonlySet<string> = new Set(eventKinds)
type Following = Calling & {
  readonly after?: string
  readonly cursorFile?: string
  readonly follow?: true
  readonly rounds?: number
}

/** How long a call waits for an event, s; and after a failure, the first and the longest pause, ms. */
const waitSeconds = 20
const [pauseMs, pauseMsMax] = [1000, 30_000]

/** Adds both to the program. */
export function addEvents(program: Command, gateway: Gateway): void {
  asAgency(program.command('events'), gateway)
    .description('Read what your agency is told: denials to decide, what left, answers of offices.')
    .option('--after <cursor>', 'what comes after the page that said so')
    .option(
      '--cursor-file <file>',
      'the cursor is read from this file, and kept there once a page is out',
    )
    .option('--follow', 'go on, and wait for what comes; with --json, an event on each line')
    .option('--rounds <number>', 'end after so many calls', number('a number of calls, from 1 on.'))
    .action((options: Following) => follow(options, gateway))

  asAgency(program.command('disclosures'), gateway)
    .description('List what left of your records, to whom, and which duties of yours are done.')
    .option('--after <cursor>', 'what comes after the page that said so')
    .action(({ after, ...options }: Calling & { readonly after?: string }) =>
      call(options, gateway, ['GET', pathOf('/v1/disclosures', { after })], disclosureLines),
    )
}

/** Reads page after page. Each is printed before its cursor is kept, so that a kill loses none and may repeat some. */
async function follow(options: Following, gateway: Gateway): Promise<void> {
  const { cursorFile: state, follow: goesOn, json } = options
  let after = options.after ?? (state && existsSync(state) ? readText(state).trim() : undefined)
  for (let round = 1, failures = 0; ; round++) {
    const page = await pageAfter(after, options, gateway)
    if ('busy' in page) {
      if (!goesOn) throw new Failure(page.busy)
      console.error(page.busy)
      await pause(Math.min(pauseMs * 2 ** failures++, pauseMsMax))
    } else {
      failures = 0
      printPage(page, { goesOn, json })
      after = page.next
      if (state !== undefined) writeWhole(state, `${after}\n`)
      if (!goesOn && !page.more) return
    }
    if (round === options.rounds) return
  }
}

/** The next page; or in words why there is none for now, so that the same call may succeed later. */
async function pageAfter(
  after: string | undefined,
  options: Following,
  gateway: Gateway,
): Promise<EventsPage | { readonly busy: string }> {
  const sender = { ...callerOf(options, gateway), jti: freshJti() }
  const wait = options.follow ? String(waitSeconds) : undefined
  const path = pathOf('/v1/events', { after, wait })
  const answer = await send(sender, 'GET', path, undefined).catch((error: unknown) => {
    if (error instanceof Failure) return { busy: error.message }
    throw error
  })
  if ('busy' in answer) return answer
  if (answer.status === 200) return pageSchema.parse(answer.body)
  const why = problemLines(answer.body).join('\n')
  if (answer.status === 429 || answer.status >= 500) return { busy: why }
  throw new Failure(why, exitCodes.unexpected)
}

function printPage(
  { events, hints, next, more }: EventsPage,
  { goesOn, json }: { readonly goesOn: true | undefined; readonly json: true | undefined },
): void {
  const all = [...hints.map((each) => ({ ...each, hint: true as const })), ...events]
  if (json) {
    if (goesOn) for (const each of all) console.log(JSON.stringify(each))
    else print([JSON.stringify({ events, hints, next, more }, null, 2)])
    return
  }
  if (all.length > 0) print(all.flatMap(eventLines))
  else if (!goesOn) print(['Nothing new.'])
  if (!goesOn && !more) print([paint('dim', `after ${next}`)])
}

/** An event in two lines: what happened between whom, and the ids. */
function eventLines(
  event: EventsPage['events'][number] & { readonly hint?: true },
): readonly string[] {
  const { kind, at, requester, holder, office, classes = [], duties = [], items = [] } = event
  const { due } = event
  const who = requester && holder ? `${requester} asked ${holder}` : (office ?? requester ?? '')
  const says = [
    `${minute(at)}  ${kind}`,
    known.has(kind) ? '' : '(newer than this version, which cannot say more)',
    who,
    ...(event.urgent ? ['THREAT TO LIFE'] : []),
    classes.join(', '),
    items.join(', '),
    duties.map(({ code }) => code).join(', '),
    due === undefined ? '' : `due ${minute(due)}`,
    event.hint ? 'not in the log yet' : '',
  ]
  return [
    says.filter((each) => each !== '').join('  '),
    paint(
      'dim',
      `id ${event.id}${event.request ? `, request ${event.request}` : ''}` +
        `${event.cause ? `, entry ${event.entry}` : ''}`,
    ),
  ]
}

function disclosureLines(answer: unknown): readonly string[] {
  const { disclosures, next, more } = disclosuresPageSchema.parse(answer)
  return [
    ...(disclosures.length === 0 ? ['Nothing has left since.'] : []),
    ...disclosures.flatMap((each) => [
      `${minute(each.at)}  to ${each.receivedFrom ?? each.requester}: ${each.classes.join(', ')}` +
        (each.what === undefined
          ? ''
          : `, of ${each.what.record}, case ${each.what.caseReference}`),
      ...each.duties.map(
        ({ code, text = '', due, done }) =>
          `  ${done ? `done ${minute(done.at)}` : due ? `due ${due}` : 'open'}  ${code}  ${text}`,
      ),
      paint('dim', `id ${each.request}`),
    ]),
    paint('dim', `${more ? 'There is more: add --after' : 'after'} ${next}`),
  ]
}
