/** What counsel must still check in a version: its own list, and every clause not read at the source. */

import type { List, Policy } from '../policy/book.ts'
import { isLanguage, languageName } from '../policy/language.ts'
import type { Confidence, PolicyFile } from '../policy/policy.ts'
import { memberKey } from './clauses.ts'

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
