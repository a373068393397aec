/** `comity subject report`: what the log has on a person, and what of it they may be given. */

import { join } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import type { Plain } from '../../audit/look.ts'
import { looks } from '../../audit/looks.ts'
import type { Cite } from '../../audit/subject-access.ts'
import { type bothPartsSchema, subjectReportSchema } from '../../audit/subject-report.ts'
import { screen, wrap } from '../../terminal/columns.ts'
import { counted } from '../../terminal/counted.ts'
import { personIn, readJson } from '../../terminal/files.ts'
import { paint, second } from '../../terminal/say.ts'
import type { Gateway } from '../profile.ts'
import { type Asking, answerFirst, asAuditor, countryOf, elsewhere, look } from './audit-call.ts'

type Options = Asking & {
  readonly subject: string
  readonly restrictions?: string
  readonly json?: true
}
type Report = Plain<z.infer<typeof bothPartsSchema>>

/** Adds `report` to `comity subject`. */
export function addSubjectReport(subject: Command, gateway: Gateway): void {
  asAuditor(subject.command('report'), gateway)
    .description(
      'Report what the log has of a person: a part that may be handed to them, and all of it for you.',
    )
    .showHelpAfterError(
      `(such as: comity subject report --subject ${join(gateway.data, 'examples/release.json')})`,
    )
    .requiredOption('--subject <file>', 'the person: JSON as in a request; `-` is standard input')
    .option(
      '--restrictions <file>',
      'JSON: [{ "entry", "because" }], what the controller says must not be told',
    )
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const { subject: file, restrictions } = options
      const body = {
        subject: personIn(file),
        ...(restrictions === undefined
          ? {}
          : { restrictions: readJson(restrictions, subjectReportSchema.shape.restrictions) }),
      }
      await answerFirst(options, gateway, (as) => look(as, gateway, looks.subjectReport, body), {
        // A look at a person also finds the looks before it, which are no result.
        isFound: ({ forTheAuthority: { entries } }) =>
          entries.some(({ kind }) => kind !== 'consultation'),
        lines: reportLines,
        note: ({ agency }, others) =>
          ` It is what the log has for ${countryOf(agency)} alone.${elsewhere(others)}`,
      })
    })
}

/** Both parts in words, far enough apart that one can be cut off. */
const reportLines = ({ forTheSubject, forTheAuthority }: Report): readonly string[] => {
  const width = screen()
  return [
    paint('bold', 'FOR THE PERSON'),
    ...[...forTheSubject.requests, ...forTheSubject.closing].flatMap(({ says, law }) => [
      ...says.flatMap((each) => wrap(each, width)),
      ...lawLines(law, width),
      '',
    ]),
    '-'.repeat(width),
    '',
    paint('bold', 'FOR THE AUTHORITY ALONE'),
    ...authorityLines(forTheAuthority, width),
  ]
}

function authorityLines(part: Report['forTheAuthority'], width: number): readonly string[] {
  const { entries, told, leftOut, says, law } = part
  const grounds = Object.entries(leftOut).map(([ground, count]) => `${ground} ${count}`)
  return [
    `${counted(entries.length, 'entry', 'entries')}, ${told} told to the person${
      grounds.length === 0 ? '' : `; left out: ${grounds.join(', ')}`
    }.`,
    ...says.flatMap((each) => wrap(`- ${each}`, width)),
    ...lawLines(law, width),
    ...entries.flatMap((entry) => ['', ...entryLines(entry, width)]),
  ]
}

const shown = z.looseObject({
  agency: z.string().optional(),
  officer: z.string().optional(),
  holder: z.string().optional(),
  purpose: z.string().optional(),
  outcome: z.string().optional(),
  standing: z.string().optional(),
  decided: z.string().optional(),
  dryRun: z.literal(true).optional(),
})

function entryLines(
  entry: Report['forTheAuthority']['entries'][number],
  width: number,
): readonly string[] {
  const { agency, officer, holder, purpose, outcome, standing, decided, dryRun } =
    shown.parse(entry)
  const { classes, stage, caseReference, left = [], duties = [], law = [] } = entry
  const list = (title: string, ...all: readonly (string | undefined)[]) => {
    const said = all.filter((each) => each !== undefined)
    return said.length === 0 ? [] : wrap(`${title}: ${said.join(', ')}`, width)
  }
  return [
    paint('bold', `${second(entry.ts)}  ${entry.kind}`),
    ...list('asked by', agency, officer),
    ...list('asked', holder),
    ...list('for', purpose, stage, caseReference),
    ...list('classes', ...(classes ?? [])),
    ...list(
      'outcome',
      outcome,
      standing,
      decided === undefined ? undefined : `in full ${decided}`,
      dryRun ? 'dry run' : undefined,
    ),
    ...list('left', ...left.map((each) => [each.class, each.treatment].filter(Boolean).join(' '))),
    ...duties.flatMap((each) => wrap(`- ${each}`, width)),
    ...lawLines(law, width),
    ...(entry.told ? ['told to the person'] : []),
    ...entry.leftOut.flatMap((each) => [
      ...wrap(`not told: ${each.says} [${each.ground}]`, width),
      ...lawLines(each.law, width),
    ]),
    paint('dim', `id ${entry.id}`),
  ]
}

const lawLines = (law: readonly Cite[], width: number): readonly string[] => {
  const articles = [...new Set(law.map(({ cite, confidence }) => `${cite} [${confidence}]`))]
  return articles.length === 0
    ? []
    : wrap(`  ${articles.join('; ')}`, width).map((line) => paint('dim', line))
}
