/** `comity inbox`: denials that wait for an office. */

import type { Command } from 'commander'
import { inboxPageSchema, type WaitingDenial } from '../answer/offices/inbox.ts'
import { beside, screen } from '../terminal/columns.ts'
import { minute, paint, stepText } from '../terminal/say.ts'
import type { Gateway } from './profile.ts'
import { whom } from './release.ts'
import { asAgency, type Calling, call, pathOf } from './send.ts'

/** Adds `inbox` to the program. */
export function addInbox(program: Command, gateway: Gateway): void {
  asAgency(program.command('inbox'), gateway)
    .description('List denials that your office could change; each requester gets its turn.')
    .option('--after <cursor>', 'what comes after the page that said so')
    .action(({ after, ...options }: Calling & { readonly after?: string }) =>
      call(options, gateway, ['GET', pathOf('/v1/inbox', { after })], inboxLines),
    )
}

function inboxLines(answer: unknown): readonly string[] {
  const { open, next } = inboxPageSchema.parse(answer)
  const more = next === undefined ? [] : [`There is more: add --after ${next}`]
  if (open.length === 0)
    return next === undefined
      ? ['Nothing waits for your office.']
      : ['Nothing on this page waits for your office.', ...more]
  const when = 16
  const rest = screen() - 2 * when - 9
  const widths = [when, Math.floor(rest * 0.4), Math.floor(rest * 0.6), when]
  const header = beside([['Denied (UTC)'], ['Who asks'], ['Waits for'], ['By (UTC)']], widths)
  return [
    ...header.map((line) => paint('bold', line)),
    ...open.flatMap((each) => [
      ...beside([whenOf(each), whoOf(each), whatOf(each), dueOf(each)], widths),
      paint('dim', `id ${each.request}`),
    ]),
    ...more,
  ]
}

const whenOf = ({ decidedAt, urgency }: WaitingDenial): readonly string[] => [
  minute(decidedAt),
  // The requester says so: nobody has vouched for it.
  ...(urgency === 'imminent-threat-to-life' ? ['THREAT TO LIFE'] : []),
]

const whoOf = (each: WaitingDenial): readonly string[] => [
  `${each.receivedFrom ?? each.requester}, case ${each.caseReference}`,
  `${each.purpose}, ${each.offence} offence`,
  each.classes.join(', '),
  ...(each.asked.subject === undefined ? [] : [`about ${whom(each.asked.subject)}`]),
  ...(each.askedBackAt === undefined ? [] : [`you asked back ${minute(each.askedBackAt)}`]),
]

const asked: Readonly<Record<WaitingDenial['because'][number], string>> = {
  delivery: 'its answer is to be sent by its way, and the number entered',
  review: 'a second look, which the requester asked for',
  'human-decision': 'your decision: comity release propose',
  'many-persons': 'your word on so many persons in one case: comity release propose',
  'answered-no':
    'your decision, since an office answered no or it is not known what: comity release propose',
  'ambiguous-subject': 'your word on which record is meant: comity release propose',
}

function whatOf({ because, todo }: WaitingDenial): readonly string[] {
  const steps = todo.filter(
    ({ fact }) => fact !== 'release.decision' || !because.includes('human-decision'),
  )
  const alternatives = new Set(steps.map(({ alternative }) => alternative))
  return [
    ...because.map((each) => asked[each]),
    ...steps.map((step) =>
      alternatives.size > 1 ? `(${step.alternative}) ${stepText(step)}` : stepText(step),
    ),
  ]
}

const dueOf = ({ answerBy, dueBy }: WaitingDenial): readonly string[] =>
  answerBy === undefined
    ? []
    : [minute(answerBy), ...(dueBy === 'holder' ? ["the holder's own"] : [])]
