/**
 * What counsel must still check in a version: its own list, and every clause not read at the source; and who checks it
 * by when (`<folder>/unchecked.json`, beside the policies, since a sealed file stays as it is).
 */

import * as z from 'zod'
import { type List, lawId, lawPath, type Policy } from '../../policy/book.ts'
import { isLanguage, languageName } from '../../policy/language.ts'
import type { PolicyFile } from '../../policy/policy.ts'
import type { Confidence } from '../../policy/sentence.ts'
import { memberKey } from './clauses.ts'
import { at, type NoteOn } from './finding.ts'

/** Something to be checked. */
export type UncheckedItem = {
  /** Stable while the text stays: `seriousness`, `seriousness/unless/1`, or the sentence itself. */
  readonly place: string
  readonly says: string
  readonly cites: readonly string[]
  /** How well the citation was checked; absent for a sentence in `unchecked`. */
  readonly confidence?: Exclude<Confidence, 'V'>
}

/** Every item of a version, in the order of the file. */
export function uncheckedIn({ file }: Policy | List): readonly UncheckedItem[] {
  const own = (file.unchecked ?? []).map((says) => ({ place: says, says, cites: [] }))
  const clauses = 'rules' in file ? clausesIn(file) : entriesIn(file)
  return [...own, ...[...clauses, ...languagesIn(file)].flatMap(unsure)]
}

const plannedCheck = z.strictObject({
  /** The policy or list, `de/bkag`; or a folder, `de`, for all in it that has no nearer row. */
  of: z.string().min(2).max(120),
  /** The place of the item, as `uncheckedIn` names it; without it all of the policy that has no row of its own. */
  place: z.string().min(1).max(500).optional(),
  owner: z.string().min(2).max(80),
  by: z.iso.date(),
})
/** Somebody who checks an item, or several, by a day. */
export type PlannedCheck = z.infer<typeof plannedCheck>
/** `unchecked.json` of a folder. */
export const checkPlanSchema = z.array(plannedCheck).max(5000)

/** Who checks an item by when: the nearest row counts. */
export const plannedFor = (
  checks: readonly PlannedCheck[],
  of: string,
  place: string,
): PlannedCheck | undefined =>
  checks.find((each) => each.of === of && each.place === place) ??
  checks.find((each) => each.of === of && each.place === undefined) ??
  checks.find((each) => each.of === folderOf(of) && each.place === undefined)

const folderOf = (of: string): string => of.split('/')[0] ?? ''

/** Notes in the newest versions what nobody checks by a day, and what is overdue; and in each plan what it names in vain. */
export function lintPlans(
  versions: readonly (Policy | List)[],
  plans: ReadonlyMap<string, unknown>,
  asOf: string,
  noteOn: NoteOn,
): void {
  const read = new Map<string, readonly PlannedCheck[]>()
  for (const [folder, value] of plans) {
    const { data, error } = checkPlanSchema.safeParse(value)
    if (error !== undefined)
      noteOn(planPath(folder))(
        at(...(error.issues[0]?.path ?? [])),
        'plan',
        'it does not say who checks what by when',
        'write `[{ "of": "de/bkag", "owner": "Counsel", "by": "2027-01-31" }]`, or save it at `comity desk`',
      )
    read.set(folder, data ?? [])
  }
  const wanted = new Set<string>()
  for (const version of newestOf(versions, asOf)) {
    const of = lawId(version)
    const items = uncheckedIn(version)
    const planned = items.map(({ place }) => {
      wanted.add(JSON.stringify([of, place]))
      return plannedFor(read.get(folderOf(of)) ?? [], of, place)
    })
    const note = noteOn(lawPath(version))
    const unowned = planned.filter((each) => each === undefined).length
    if (unowned > 0)
      note(
        '',
        'unowned',
        `${unowned} of ${items.length} things that counsel must check have no owner and no day`,
        `say who checks them by when: \`comity desk\`, To be checked; or in \`${planPath(folderOf(of))}\``,
        'warning',
      )
    const [late] = planned.flatMap((each) => (each && each.by < asOf ? [each] : []))
    if (late !== undefined)
      note(
        '',
        'overdue',
        `${late.owner} was to check it by ${late.by}`,
        'check it, and correct the mark in a new version; or give it another day',
        'warning',
      )
  }
  for (const [folder, checks] of read)
    for (const [i, { of, place }] of checks.entries())
      if (place !== undefined && !wanted.has(JSON.stringify([of, place])))
        noteOn(planPath(folder))(
          at(i),
          'plan',
          `\`${place}\` of ${of} need not be checked any more`,
          'take the row away',
          'note',
        )
}

const planPath = (folder: string): string => `${folder}/unchecked.json`

/** The version of each policy and list that is in force on a day, as far as its name says, drafts among them. */
const newestOf = <Version extends Policy | List>(
  versions: readonly Version[],
  asOf: string,
): readonly Version[] =>
  [...Map.groupBy(versions, ({ id }) => id).values()].flatMap((all) =>
    all
      .filter(({ version }) => version.slice(0, 10) <= asOf)
      .toSorted((a, b) => (orderOf(a.version) < orderOf(b.version) ? -1 : 1))
      .slice(-1),
  )

/** `2026-02-14.r12` as text that sorts. */
const orderOf = (version: string): string =>
  `${version.slice(0, 10)} ${(/\.r(\d+)/.exec(version)?.[1] ?? '1').padStart(6, '0')}`

type Clause = Omit<UncheckedItem, 'confidence'> & { readonly confidence: Confidence }

const unsure = ({ confidence, ...item }: Clause): readonly UncheckedItem[] =>
  confidence === 'V' ? [] : [{ ...item, confidence }]

const clausesIn = ({ applies, rules, otherwise, automation }: PolicyFile): readonly Clause[] => [
  { ...picked(applies), place: 'applies' },
  ...rules.flatMap((rule) => [
    { ...picked(rule), place: rule.id },
    ...(rule.unless ?? []).map((each, i) => ({
      ...picked(each),
      place: `${rule.id}/unless/${i + 1}`,
    })),
  ]),
  ...(otherwise === undefined ? [] : [{ ...picked(otherwise), place: 'otherwise' }]),
  ...(automation === undefined
    ? []
    : [
        { ...picked(automation), place: 'automation' },
        ...automation.byRule.map((each, i) => ({
          ...picked(each),
          place: `automation/by rule/${i + 1}`,
        })),
      ]),
]

/** Each language in which sentences stand beside English. */
const languagesIn = ({ translated = {} }: PolicyFile | List['file']): readonly Clause[] =>
  Object.entries(translated).flatMap(([tag, confidence]) =>
    isLanguage(tag)
      ? [
          {
            place: `translated/${tag}`,
            says: `The ${languageName(tag)} sentences say the same as the English ones.`,
            cites: [],
            confidence,
          },
        ]
      : [],
  )

const picked = ({ says, cites, confidence }: Omit<Clause, 'place'>) => ({ says, cites, confidence })

const entriesIn = ({
  members = [],
  arrangements = [],
  routineUses = [],
}: List['file']): readonly Clause[] => [
  ...members.map((each) => entry(memberKey(each), memberKey(each), each)),
  ...arrangements.map((each) => entry(each.id, each.title, each)),
  ...routineUses.map((each) => entry(`${each.agency}/${each.system}`, each.agency, each)),
]

const entry = (
  place: string,
  says: string,
  { from, cites, confidence }: { from: string; cites: string; confidence: Confidence },
): Clause => ({ place: `${place} from ${from}`, says, cites: [cites], confidence })
