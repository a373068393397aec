/** `comity release`: the holder's officer sees what would leave on a request, and decides. */

import { type Command, Option } from 'commander'
import { endingsSchema, idleWords, type StandingDecisions } from '../answer/offices/expiry.ts'
import { type WouldLeaveView, wouldLeaveViewSchema } from '../answer/offices/would-leave-view.ts'
import { isKeptFile } from '../decision/record.ts'
import { entryId, number, statement } from '../terminal/arguments.ts'
import { misuse } from '../terminal/exit.ts'
import {
  dutyLines,
  itemLine,
  paint,
  reasonLines,
  section,
  todoLines,
  valueText,
} from '../terminal/say.ts'
import type { Gateway } from './profile.ts'
import { actingAs, asAgency, type Calling, call, callerOf } from './send.ts'

/** What the officer vouches for, takes out and picks: the same for what would leave and in the decision. */
type Choice = {
  readonly fact?: readonly string[]
  readonly takeOut?: readonly string[]
  readonly record?: string
}
type Deciding = Calling &
  Choice & {
    readonly shown?: string
    readonly refuse?: true
    readonly ground: string
    readonly holder?: string
    readonly hours?: number
  }

/** How long a decision stands by default, hours: a refusal as long as a matter. */
const [releaseHours, refuseHours] = [24, 90 * 24]

/** Adds `propose`, `decide` and `standing` to `comity release`. */
export function addRelease(release: Command, gateway: Gateway): void {
  choosing(release.command('propose'), gateway)
    .description(
      'See what would leave if you released it now. Nothing leaves; the look is an entry.',
    )
    .action((id: string, options: Calling & Choice) => {
      const { fact, takeOut, record } = options
      const body = {
        ...(fact === undefined ? {} : { facts: fact.map(statement) }),
        ...(takeOut === undefined ? {} : { takenOut: takeOut }),
        ...(record === undefined ? {} : { record }),
      }
      const path = `/v1/access-requests/${id}/proposal`
      return call(options, gateway, ['POST', path, body], (answer) => {
        const view = wouldLeaveViewSchema.parse(answer)
        const { agency } = callerOf(options, gateway)
        return [...wouldLeaveLines(view), ...nextLines(id, view, agency, options)]
      })
    })

  choosing(release.command('decide'), gateway)
    .description('Release exactly what you were shown, or refuse.')
    .addOption(new Option('--shown <value>', '`shown` of what would leave').conflicts('refuse'))
    .option('--refuse', 'refuse instead: then it is denied, and the denial is final')
    .requiredOption('--ground <sentence>', 'why; the holder’s side alone is shown it')
    .option('--holder <id>', 'the holder, if your agency decides for another')
    .option(
      '--hours <number>',
      'how long it stands: a release 24 and at most 72, a refusal 90 days',
      number('hours are a number such as 24.', 1, 9999),
    )
    .action((id: string, options: Deciding) => {
      const { agency } = callerOf(options, gateway)
      const body = decisionOn(id, agency, options, new Date())
      const done = options.refuse
        ? `Refused, until ${body.until}.`
        : `Released, until ${body.until}: it leaves when the requester asks again with --previous ${id}`
      return call(options, gateway, ['POST', '/v1/attestations', body], done)
    })

  asAgency(release.command('standing'), gateway)
    .description(
      'List what stands by your word: decisions on releases, each for whoever asks again.',
    )
    .action((options: Calling) =>
      call(options, gateway, ['GET', '/v1/attestations'], (answer) =>
        standingLines(endingsSchema.parse(answer)),
      ),
    )
}

function standingLines({ decisions, complete }: StandingDecisions): readonly string[] {
  const more = complete ? [] : ['More may stand than is listed; those end later.']
  if (decisions.length === 0) return complete ? ['No decision on a release stands.'] : more
  return [
    ...decisions.flatMap((each) => {
      const { value, until, requester = 'somebody', caseReference = 'unknown', holder } = each
      const by = each.officer === undefined ? each.decidedBy : `${each.decidedBy}, ${each.officer}`
      const idle = each.idle === undefined ? [] : [`  It ${idleWords[each.idle]}.`]
      return [
        `- ${value === 'release' ? 'Released' : 'Refused'} until ${until}: ${requester}, case ${caseReference}, for ${holder}, by ${by}`,
        ...idle,
        `  id ${each.id}, of the request ${each.matter}`,
      ]
    }),
    ...more,
    'Take one back: comity attestation withdraw ID',
  ]
}

const choosing = (command: Command, gateway: Gateway): Command =>
  actingAs(command, gateway)
    .argument('<id>', 'the id of the request', entryId)
    .option(
      '--fact <name=value...>',
      'what you vouch for with it, such as necessity.case=necessary',
    )
    .option('--take-out <item...>', 'items that stay, whatever the law lets go')
    .option('--record <id>', 'of several records that fit, the one of the person')

/** The attestation that says what the officer decided. */
function decisionOn(matter: string, agency: string, options: Deciding, now: Date) {
  const { holder = agency, refuse, shown, fact = [], takeOut, record, ground } = options
  if (refuse === undefined && shown === undefined)
    throw misuse(
      'say what you were shown: --shown VALUE, as `comity release propose` prints it; or --refuse',
    )
  const { hours: stands = refuse ? refuseHours : releaseHours } = options
  const chosen = {
    shown,
    ...(record === undefined ? {} : { record }),
    ...(takeOut === undefined ? {} : { takenOut: takeOut }),
  }
  return {
    holder,
    fact: 'release.decision',
    value: refuse ? 'refuse' : 'release',
    ...(fact.length === 0 ? {} : { also: fact.map(statement) }),
    scope: { kind: 'matter', matter },
    ...(refuse ? {} : { release: chosen }),
    ground,
    from: now.toISOString(),
    until: new Date(now.getTime() + stands * 3_600_000).toISOString(),
    decidedBy: agency,
  }
}

/** The commands that release exactly this, or refuse. */
function nextLines(
  id: string,
  view: WouldLeaveView,
  agency: string,
  options: Calling & Choice,
): readonly string[] {
  const { as, officer, fact = [], takeOut = [], record } = options
  const choice = [
    ...(fact.length === 0 ? [] : ['--fact', ...fact]),
    ...(takeOut.length === 0 ? [] : ['--take-out', ...takeOut]),
    ...(record === undefined ? [] : ['--record', record]),
    ...(view.holder === agency ? [] : ['--holder', view.holder]),
  ]
  const acting = officer === undefined ? '' : ` --officer ${officer}`
  const who = `--as ${as}${acting} --ground "WHY"`
  const decide = `comity release decide ${id}`
  return [
    ...(view.items.length === 0
      ? []
      : [
          'To release exactly this, until tomorrow:',
          `  ${[decide, '--shown', view.shown, ...choice, who].join(' ')}`,
        ]),
    'To refuse:',
    `  ${decide} --refuse ${who}`,
    `shown ${view.shown}`,
  ]
}

/** What would leave, as it is shown. */
export function wouldLeaveLines(view: WouldLeaveView): readonly string[] {
  const { requester, holder, caseReference, subject, asked, earlier } = view
  return [
    paint(
      'bold',
      view.asked.unasked
        ? `${holder} gives ${requester} unasked, case ${caseReference}`
        : `${requester} asks ${holder}, case ${caseReference}`,
    ),
    `About ${whom(subject)}`,
    ...description(asked),
    ...earlier.flatMap((each) => [
      paint(
        'yellow',
        `Refused on ${each.decidedAt.slice(0, 10)}, when it was described otherwise:`,
      ),
      ...(each.asked ? description(each.asked) : ['How, the log says no more.']).map(
        (line) => `  ${line}`,
      ),
      `  id ${each.request}`,
    ]),
    ...view.against.flatMap(({ id, office, enteredAt, facts }) => [
      paint('yellow', `Said on ${enteredAt.slice(0, 10)} by ${office}, against a disclosure:`),
      ...facts.map(({ fact, value }) =>
        value === undefined ? `  ${fact} is doubted` : `  ${fact}: ${value}`,
      ),
      `  id ${id}`,
    ]),
    ...found(view),
    ...section(
      'Would leave',
      view.items.map(
        (item) => `${itemLine(item)}${isKeptFile(item.value) ? '' : `  [item ${item.id}]`}`,
      ),
    ),
    ...section(
      'Would stay',
      view.kept.map(
        ({ id, value, rules }) =>
          `- ${value === null ? 'not looked at' : valueText(value)}  [item ${id}: ${rules.join(', ') || 'nothing lets it go'}]`,
      ),
    ),
    ...section(
      'Not looked at: on what is known it may not leave, whatever is held',
      (view.unseen ?? []).map((of) => `- ${of}`),
    ),
    ...section('Why', view.reasons.flatMap(reasonLines)),
    ...(view.tells
      ? [
          `A release tells ${view.requester} that you hold somebody: they were told that nothing is held.`,
        ]
      : []),
    ...section('Duties', dutyLines(view.obligations)),
    ...section(
      'Not known',
      view.missing.map((fact) => `- ${fact}`),
    ),
    ...todoLines(view.todo),
  ]
}

/** The person of a request, in the words in which they were asked for. */
export function whom(subject: WouldLeaveView['subject']): string {
  if ('recordId' in subject) return `the record ${subject.recordId}`
  if ('document' in subject)
    return `the holder of document ${subject.document.number}, ${subject.document.country}`
  return `${subject.name.given} ${subject.name.family}, born ${subject.birthDate}`
}

const description = ({
  purpose,
  offence,
  stage,
  unasked,
  classes,
  urgency,
  necessity,
}: WouldLeaveView['asked']): readonly string[] => [
  `For ${purpose}: ${offence.category} offence (${offence.description ?? 'not described'}${
    unasked ? '), nobody asked' : `, up to ${offence.maxCustodyMonths} months), stage ${stage}`
  }, urgency ${urgency}`,
  `Asks for ${classes.join(', ')}: ${necessity.statement}`,
]

function found({ match, candidates, items }: WouldLeaveView): readonly string[] {
  switch (match) {
    case 'none':
      return ['No record fits.']
    case 'several':
      return [`More than one record fits; pick with --record: ${candidates.join(', ')}`]
    case 'away':
      return ['The holder’s system did not answer; look again.']
    case 'unseen':
      return ['The record was not looked at: what it holds could not change the answer.']
    case 'one':
      return items.length === 0 ? ['Nothing would leave.'] : []
  }
}
