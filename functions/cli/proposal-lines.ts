/** What an officer reads before he decides: what was asked, what would leave, what would stay, and why. */

import type { ProposalView } from '../answer/proposal-view.ts'
import { dutyLines, itemLine, paint, reasonLines, section, todoLines, valueText } from './say.ts'

/** A proposal. */
export function proposalLines(view: ProposalView): readonly string[] {
  const { requester, holder, caseReference, subject, asked, earlier } = view
  return [
    paint('bold', `${requester} asks ${holder}, case ${caseReference}`),
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
      view.items.map((item) => `${itemLine(item)}  [item ${item.id}]`),
    ),
    ...section(
      'Would stay',
      view.kept.map(
        ({ id, value, rules }) =>
          `- ${value === null ? 'not looked at' : valueText(value)}  [item ${id}: ${rules.join(', ') || 'nothing lets it go'}]`,
      ),
    ),
    ...section('Why', view.reasons.flatMap(reasonLines)),
    ...section('Duties', dutyLines(view.obligations)),
    ...section(
      'Not known',
      view.missing.map((fact) => `- ${fact}`),
    ),
    ...todoLines(view.todo),
  ]
}

function whom(subject: ProposalView['subject']): string {
  if ('recordId' in subject) return `the record ${subject.recordId}`
  if ('document' in subject)
    return `the holder of document ${subject.document.number}, ${subject.document.country}`
  return `${subject.name.given} ${subject.name.family}, born ${subject.birthDate}`
}

const description = ({
  purpose,
  offence,
  stage,
  classes,
  urgency,
  necessity,
}: ProposalView['asked']): readonly string[] => [
  `For ${purpose}: ${offence.category} offence (${offence.description ?? 'not described'}, up to ${offence.maxCustodyMonths} months), stage ${stage}, urgency ${urgency}`,
  `Asks for ${classes.join(', ')}: ${necessity.statement}`,
]

function found({ match, candidates, items }: ProposalView): readonly string[] {
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
