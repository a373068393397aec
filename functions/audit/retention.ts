/** What the law still keeps of what an act would erase, as a holder is told. */

/** What an erasure would take too early, without an order of a court or the supervisory authority. */
export type Keeping = {
  /** How many entries are disclosures, which the holder's law keeps for some years. */
  readonly disclosures: number
  /** How many matters may still be asked again. */
  readonly open: number
  /** The law is not held now, so how long disclosures are kept is unknown. */
  readonly unheld?: true
  /** The last day on which any of them is kept; absent if no list says how long, or that is unknown. */
  readonly until?: string
  /** The article that keeps disclosures, if there are any and a list sets a period. */
  readonly cites?: string
}

/** Says in one sentence what is kept, until when, and what it takes to erase it earlier. */
export function keepingSays({ disclosures, open, unheld, until, cites }: Keeping): string {
  const what = [
    ...(disclosures === 0 ? [] : [`what left by ${many(disclosures, 'entry', 'entries')}`]),
    ...(open === 0 ? [] : [`${many(open, 'matter', 'matters')} that can still be asked again`]),
  ].join(', and ')
  const by = cites === undefined ? '' : ` (${cites})`
  const unknown = unheld
    ? `for a time that is unknown now: ${lawUnheldSays}`
    : 'for a time that no list of the law says'
  const long = until === undefined ? unknown : `until ${until}`
  return `the log keeps ${what}, ${long}${by}; before that an order of the supervisory authority or of a court is needed, named in \`order\` by its reference and the digest of its document`
}

/** Why a period is unknown, and until when. */
export const lawUnheldSays =
  'the gateway cannot know which law is in force, and denies all requests until it can (`law-unheld`)'

const many = (n: number, one: string, more: string): string => `${n} ${n === 1 ? one : more}`
