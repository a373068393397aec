/**
 * The reasons of a decision as a lawyer gives them: the decisive first, no more than needed, the rest on demand.
 * A way to show them, and no part of the decision: entries keep every reason in the order in which it was found.
 */

import type { Decision } from './decide.ts'
import type { Reason } from './reasons.ts'

/** Every reason once. Each list begins with what weighs most. */
export type Argument<R> = {
  /** What carries the outcome. */
  readonly decisive: readonly R[]
  /** What nobody found, and what waits for a person: no ground, whatever its sentence says. */
  readonly toCheck: readonly R[]
  /** What says the same again, and what would not matter by itself. */
  readonly further: readonly R[]
}

/** What is argued: a decision, or what was told of it. */
export type Reasoned<R> = Pick<Decision, 'outcome'> & {
  readonly standing?: Decision['standing'] | undefined
  readonly reasons: readonly R[]
}

/** What is shown of a reason. */
type Shown = Pick<Reason, 'code' | 'rule'>

/** Codes that speak of life and limb: a court would look at them first. */
const lifeAndLimb = ['human-rights', 'death-penalty', 'mistreatment', 'discrimination']

/** Codes of permits. Every ground must permit, so that a second policy does not say the same again. */
const permits = [
  ...['police-cooperation', 'mutual-assistance', 'joint-operation'],
  ...['adequacy', 'legal-instrument', 'assessment', 'derogation'],
]

/** How much a kind of reason decides, from most to least. */
const grades = ['life-and-limb', 'refusal', 'officer', 'silence', 'unknown', 'permit'] as const
type Grade = (typeof grades)[number]

const byOfficer = ['human-decision', 'many-persons', 'answered-no']

function gradeOf({ code, rule }: Shown): Grade {
  if (code === 'fact-missing') return 'unknown'
  if (code === 'exception' || permits.includes(code)) return 'permit'
  if (lifeAndLimb.includes(code)) return 'life-and-limb'
  if (byOfficer.includes(code)) return 'officer'
  const isSilence = /\/(otherwise|unasked)$/.test(rule) || code === 'policy-suspended'
  return isSilence ? 'silence' : 'refusal'
}

/** The holder's own law is nearest, then treaties and the Union, then what binds everybody. */
const distanceOf = ({ rule }: Shown, holder: string): number =>
  rule.startsWith(`${holder.toLowerCase()}/`) ? 0 : rule.startsWith('un/') ? 2 : 1

/**
 * Orders reasons. Of those with one code the nearest stands for all; of permits, one for each policy. What is not
 * known is to be checked, and while somebody can still supply what is missing, so is what an officer decides and what
 * no permit covers yet. Where nothing can be supplied any more, what is silent did not decide beside a refusal. What
 * an exception lifted is always told. `holder` is the holder's jurisdiction, such as `DE`.
 */
export function argued<R extends Shown>(
  { outcome, standing, reasons }: Reasoned<R>,
  holder: string,
): Argument<R> {
  const sorted = reasons.toSorted(
    (a, b) =>
      grades.indexOf(gradeOf(a)) - grades.indexOf(gradeOf(b)) ||
      distanceOf(a, holder) - distanceOf(b, holder),
  )
  const refused = sorted.some((each) => ['life-and-limb', 'refusal'].includes(gradeOf(each)))
  const isBeside = (each: R) =>
    outcome === 'deny' && standing === 'final' && refused && gradeOf(each) === 'silence'
  const isToCheck = (each: R) =>
    gradeOf(each) === 'unknown' ||
    (standing === 'open' && (gradeOf(each) === 'officer' || each.rule.endsWith('/otherwise')))
  const said = new Set<string>()
  const shown = sorted.filter((each) => {
    const says = sayingOf(each)
    if (isBeside(each) || said.has(says)) return false
    said.add(says)
    return true
  })
  return {
    decisive: shown.filter((each) => !isToCheck(each)),
    toCheck: shown.filter(isToCheck),
    further: sorted.filter((each) => !shown.includes(each)),
  }
}

/** What a reason says, so that two which say the same are told once. */
function sayingOf({ code, rule }: Shown): string {
  // Each thing that nobody found is checked by itself.
  if (code === 'exception' || code === 'fact-missing') return rule
  return permits.includes(code) ? `permit ${rule.split('/').slice(0, -1).join('/')}` : code
}

type Way = { readonly alternative: number; readonly classes?: readonly string[] | undefined }

/** The ways out of an open answer, by the classes that they free; without any where one alone was asked for. */
export function waysByClass<Step extends Way>(
  todo: readonly Step[],
): readonly { readonly classes: readonly string[]; readonly ways: readonly (readonly Step[])[] }[] {
  const ways = [...Map.groupBy(todo, ({ alternative }) => alternative).values()]
  const named = Map.groupBy(ways, ([first]) => (first?.classes ?? []).join(' '))
  return [...named.values()].map((same) => ({ classes: same[0]?.[0]?.classes ?? [], ways: same }))
}

/** The jurisdiction of a holder by its id in the register: `DE` of `DE-POL`. */
export const jurisdictionIn = (holder: string): string => holder.split('-')[0] ?? holder
