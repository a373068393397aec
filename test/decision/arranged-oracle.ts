/**
 * A second reading of what a listed arrangement covers, from the entries as they are written. Where
 * something is not known it tries whatever it could be.
 */

/** An entry of the list, as far as it decides. */
export type Entry = {
  readonly id: string
  readonly kind: string
  readonly parties: readonly {
    readonly value?: string
    readonly agencies?: readonly string[]
    readonly membersOf?: string
    readonly except?: readonly string[]
    readonly from?: string
    readonly until?: string
  }[]
  readonly multilateral?: true
  readonly direction: string
  readonly safeguards: string
  readonly channels: readonly string[]
  readonly authorities: readonly string[]
  readonly purposes: readonly string[]
  readonly classes?: readonly string[]
  readonly excludes?: readonly string[]
  readonly threshold?: { readonly maxCustodyMonthsRequester: number }
  readonly suspensions?: readonly { readonly from: string; readonly until?: string }[]
  readonly duties: readonly string[]
  readonly from: string
  readonly until?: string
}

/** A question: the entries, another list (absent: not in force), the day and what is known. */
export type World = {
  readonly entries: readonly Entry[]
  readonly league: readonly string[] | undefined
  readonly day: string
  readonly facts: Readonly<Record<string, string | number>>
}

/** What each fact could be. */
export const domain: Readonly<Record<string, readonly (string | number)[]>> = {
  'holder.jurisdiction': ['AA', 'BB', 'CC', 'DD'],
  'requester.jurisdiction': ['AA', 'BB', 'CC', 'DD'],
  'holder.agency': ['XX-ONE', 'XX-TWO'],
  'requester.agency': ['XX-ONE', 'XX-TWO'],
  'requester.authorityType': ['police', 'central-authority', 'court'],
  'request.channel': ['bilateral', 'mla-central', 'siena'],
  'request.purpose': ['investigation', 'prevention', 'other'],
  'item.class': ['biometric', 'case', 'special'],
  'request.offence.maxCustodyMonthsRequester': [11, 12, 13],
}

/** What covers, and how strong its safeguards are. */
export type Answer = { readonly covers: string; readonly safeguards: string }

/** Every answer that is possible as far as is known: one alone where all is known. */
export function possible(world: World): readonly Answer[] {
  const leagues = world.league === undefined ? subsets(['AA', 'BB', 'CC', 'DD']) : [world.league]
  const found = new Map<string, Answer>()
  for (const league of leagues)
    for (const facts of completions(world.facts)) {
      const answer = answerOf({ ...world, league, facts })
      found.set(JSON.stringify(answer), answer)
    }
  return [...found.values()]
}

const strengths = ['none', 'use-limits', 'binding']

function answerOf(world: World): Answer {
  const fitting = world.entries.filter((entry) => fits(entry, world))
  const [best] = fitting.sort(
    (a, b) =>
      strengths.indexOf(b.safeguards) - strengths.indexOf(a.safeguards) ||
      Number(a.threshold !== undefined) - Number(b.threshold !== undefined) ||
      (a.id < b.id ? -1 : 1),
  )
  if (best === undefined) return { covers: 'none', safeguards: 'none' }
  const purpose = String(world.facts['request.purpose'])
  const beside = world.entries.filter(
    (entry) =>
      entry.kind === 'safeguards-only' && entry.purposes.includes(purpose) && binds(entry, world),
  )
  const strongest = Math.max(...[best, ...beside].map((each) => strengths.indexOf(each.safeguards)))
  return { covers: best.id, safeguards: strengths[strongest] ?? '' }
}

function fits(entry: Entry, world: World): boolean {
  const of = (name: string) => world.facts[name] as never
  const isVetting = entry.kind === 'vetting' && of('request.purpose') === 'other'
  const isKind = entry.kind === 'police' || entry.kind === 'mla' || isVetting
  const isPurpose = isVetting || entry.purposes.includes(of('request.purpose'))
  const isClass =
    (entry.classes ?? domain['item.class'] ?? []).includes(of('item.class')) &&
    !(entry.excludes ?? []).includes(of('item.class'))
  const least = entry.threshold?.maxCustodyMonthsRequester ?? 0
  return (
    isKind &&
    isPurpose &&
    isClass &&
    binds(entry, world) &&
    entry.channels.includes(of('request.channel')) &&
    entry.authorities.includes(of('requester.authorityType')) &&
    of('request.offence.maxCustodyMonthsRequester') >= least
  )
}

/** Whether both are parties on that day, each by the agency that is meant, one to give to the other. */
function binds(entry: Entry, { day, league, facts }: World): boolean {
  const isGood = ({ from = '', until = '9999-12-31' }: { from?: string; until?: string }) =>
    from <= day && day <= until
  if (!isGood(entry) || entry.suspensions?.some(isGood)) return false
  const is = (at: number, who: 'holder' | 'requester') => {
    const party = entry.parties[at]
    if (party === undefined || !isGood(party)) return false
    const state = String(facts[`${who}.jurisdiction`])
    if (party.membersOf !== undefined)
      return (league ?? []).includes(state) && !(party.except ?? []).includes(state)
    const agency = String(facts[`${who}.agency`])
    return party.value === state && (party.agencies ?? [agency]).includes(agency)
  }
  if (facts['holder.jurisdiction'] === facts['requester.jurisdiction']) return false
  const places = entry.parties.map((_, i) => i)
  if (entry.multilateral)
    return places.some((i) => is(i, 'holder')) && places.some((i) => is(i, 'requester'))
  return (
    (entry.direction !== 'to-first' && is(0, 'holder') && is(1, 'requester')) ||
    (entry.direction !== 'to-second' && is(1, 'holder') && is(0, 'requester'))
  )
}

function completions(known: World['facts']): World['facts'][] {
  return Object.entries(domain).reduce(
    (all: World['facts'][], [name, values]) =>
      known[name] !== undefined
        ? all
        : all.flatMap((each) => values.map((value) => ({ ...each, [name]: value }))),
    [known],
  )
}

function subsets([first, ...rest]: readonly string[]): string[][] {
  if (first === undefined) return [[]]
  const without = subsets(rest)
  return [...without, ...without.map((some) => [first, ...some])]
}
