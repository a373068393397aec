/** `comity log show`: one entry as an auditor may see it, in the terminal. */

import type { Command } from 'commander'
import * as z from 'zod'
import { toldWords } from '../../audit/entry-terms.ts'
import { entryTerms, kindWords } from '../../audit/entry-words.ts'
import { looks } from '../../audit/looks.ts'
import { entryId } from '../../terminal/arguments.ts'
import { printed } from '../../terminal/columns.ts'
import { Failure } from '../../terminal/exit.ts'
import { paint, second, section } from '../../terminal/say.ts'
import type { Gateway } from '../profile.ts'
import { type Asking, asAuditor, firstFound, lookIfThere, looksOf, tellAs } from './audit-call.ts'

type Options = Asking & { readonly json?: true }

/** What is put into words; the rest of an entry is in its JSON. */
const entrySchema = z.looseObject({
  id: z.string(),
  ts: z.string(),
  kind: z.string(),
  side: z.string(),
  log: z.string(),
  holder: z.string().optional(),
  agency: z.string().optional(),
  officer: z.string().optional(),
  requester: z.string().optional(),
  outcome: z.string().optional(),
  standing: z.string().optional(),
  decided: z.string().optional(),
  erased: z.literal(true).optional(),
  restricted: z.literal(true).optional(),
  policies: z.array(z.string()),
  place: z.looseObject({ index: z.int() }).nullable(),
  told: z
    .looseObject({
      reasons: z.array(
        z.looseObject({ says: z.string(), cites: z.array(z.string()), rule: z.string() }),
      ),
      obligations: z.array(z.looseObject({ code: z.string(), text: z.string() })).default([]),
    })
    .optional(),
  treatments: z
    .array(
      z.looseObject({
        id: z.string(),
        treatment: z.looseObject({ kind: z.string() }),
        rules: z.array(z.string()),
      }),
    )
    .default([]),
})
type Entry = z.infer<typeof entrySchema>

/** Adds `show` to `comity log`. */
export function addLogShow(log: Command, gateway: Gateway): void {
  asAuditor(log.command('show <id>'), gateway)
    .description('Show one entry: what was decided and why, what left, and the law of that day.')
    .option('--json', 'print all of it as JSON')
    .action(async (given: string, options: Options) => {
      const id = entryId(given)
      const offices = looksOf(options, gateway)
      const { as, answer } = await firstFound(
        offices,
        (each) => lookIfThere(each, gateway, looks.entry, { id }),
        (found) => 'answer' in found,
      )
      if (!('answer' in answer))
        throw new Failure(`no entry ${id} is there that these offices may see`)
      printed(options.json, answer.answer, () =>
        entryLines(entrySchema.parse(answer.answer), answer.answer),
      )
      tellAs(options, [as], ' The look is an entry, too.')
    })
}

function entryLines(entry: Entry, seen: Readonly<Record<string, unknown>>): readonly string[] {
  const { ts, side, place, told, treatments, policies } = entry
  const kind = nameOf(entry.kind)
  const outcome = toldWords(entry.outcome ?? '', entry.standing)
  const who = [entry.agency, entry.officer].filter(Boolean).join(' ')
  return [
    paint('bold', entry.kind === 'decision' ? `${kind}: ${outcome}` : kind),
    ...(entry.decided === undefined ? [] : [`in full: ${entry.decided}`]),
    `${second(ts)} UTC`,
    `${who || 'somebody'}${entry.requester === undefined ? '' : ` for ${entry.requester}`}${entry.holder === undefined ? '' : `, asked of ${entry.holder}`}`,
    `you see ${side === 'holder' ? 'all of it' : 'what its agency said and was told'}`,
    place === null ? 'not in the log yet' : `no. ${place.index + 1} of ${entry.log}`,
    ...(entry.erased ? ['Its personal part was erased; its proof holds.'] : []),
    ...(entry.restricted ? ['Its personal part is kept as evidence only.'] : []),
    ...section(
      'What it says',
      entryTerms(seen).map(([term, says]) => `${term}: ${says}`),
    ),
    ...section(
      'Why',
      (told?.reasons ?? []).map(({ says, cites, rule }) => `${says} ${cites.join('; ')} [${rule}]`),
    ),
    ...section(
      'What left',
      treatments.map(
        ({ id, treatment, rules }) => `${id}: ${treatment.kind} (${rules.join(', ')})`,
      ),
    ),
    ...section(
      'Duties',
      (told?.obligations ?? []).map(({ code, text }) => `${text} [${code}]`),
    ),
    ...section('The law of that day', policies),
    paint('dim', `id ${entry.id}`),
  ]
}

/** What a kind is called; as it is named, where a newer gateway has more of them. */
const nameOf = (kind: string): string =>
  // A cast: an own name of the table.
  Object.hasOwn(kindWords, kind) ? kindWords[kind as keyof typeof kindWords] : kind
