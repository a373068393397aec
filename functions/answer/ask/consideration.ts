/** Decides on a request under what officers of the holder decided, or without: whichever is the answer. */

import type { AttestedFacts } from '../../decision/attested.ts'
import { attestedBy } from '../../decision/compromised.ts'
import type { KeptAttestation, World } from '../../ports.ts'
import { newestReleases, takingOut } from './attestations.ts'
import { type Background, backgroundOf, type Choice, type Considering } from './background.ts'
import { type Considered, decideOnce } from './decision.ts'

/**
 * Who is heard on an item, each over all that follow: INVARIANT (a person decides; an answered no is heard).
 * `decision/` holds the law, a no and the rule; `decision/attested.ts` which refusal counts beside a release;
 * `consider` the rest.
 */
export const precedence = [
  ['the law, which lets no office decide otherwise', 'stays'],
  ['a refusal of this matter, or since the release', 'stays'],
  ['an item that the newest release takes out', 'stays'],
  ['the newest release, of exactly what its officer was shown', 'leaves'],
  ['a refusal elsewhere in the case, of before', 'stays'],
  ['an item that an officer took out elsewhere in the case', 'stays'],
  ['an answer of an office that is no', 'stays'],
  ['a rule that lets it leave alone', 'leaves'],
] as const

/** Considers a request. Nothing leaves here, and nothing is entered. */
export async function consider(considering: Considering, world: World): Promise<Considered> {
  const { at, supposed } = considering
  const background = await backgroundOf(considering, world)
  const { found, matter } = background
  const all = [...found.attestations, ...(supposed === undefined ? [] : [supposed])]
  const said = saidBy(all, considering, background)
  const on = (those: AttestedFacts, choice: Choice) =>
    decideOnce(those, choice, considering, background, world)

  if (supposed !== undefined) {
    const considered = await on(said, considering.choice ?? {})
    const hasLeft = considered.disclosure.items.length > 0
    return { ...considered, released: hasLeft ? supposed : undefined }
  }
  const decision = said.get('release.decision')
  // What officers took out stays, though a rule alone would let it leave: else whoever asks a little otherwise, or anew in
  // the case, gets it.
  const byRule = { takenOutBy: takingOut(found, at) }
  if (decision?.value !== 'release') return on(said, byRule)
  const acts = newestReleases([...found.attestations, ...found.takenBack], matter.id)
  for (const act of acts.filter(({ id }) => decision.ids.includes(id))) {
    const considered = await on(said, act.release ?? {})
    // What the officer released could not be fetched: it is not another answer that stands then.
    if (considered.seen.match === 'away') return considered
    // INVARIANT (a person decides): the officer decided on exactly what he was shown.
    if (considered.shown() === act.release?.shown) return { ...considered, released: act }
  }
  const others = all.filter(({ release }) => release === undefined)
  return on(withoutRelease(said, saidBy(others, considering, background)), byRule)
}

/** What these statements say of the matter. */
const saidBy = (
  those: readonly KeptAttestation[],
  { at }: Considering,
  { found, matter }: Background,
): AttestedFacts => attestedBy(found.keys, those, found.objections, matter, at)

/** The attested facts if no release counts. An officer's refusal in the case then stands again. */
const withoutRelease = (said: AttestedFacts, others: AttestedFacts): AttestedFacts => {
  const refused = others.get('release.decision')
  return new Map([
    ...undecided(said),
    ...(refused === undefined ? [] : [['release.decision', refused] as const]),
  ])
}

/** The attested facts without an officer's decision to release or refuse. */
export const undecided = (said: AttestedFacts): AttestedFacts =>
  new Map([...said].filter(([fact]) => fact !== 'release.decision'))
