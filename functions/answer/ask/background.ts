/** What is known of a matter and its case, before anything is decided. */

import type { CaseName } from '../../decision/attestation.ts'
import { type Against, againstInCase, type Matter } from '../../decision/attested.ts'
import { identifierOf } from '../../decision/record.ts'
import type { AccessRequest } from '../../decision/request.ts'
import type { Agency } from '../../identity/register.ts'
import { inForce } from '../../policy/history.ts'
import type { LawNow } from '../../policy/law.ts'
import type { KeptAttestation, World } from '../../ports.ts'
import { vouchedIn } from './attestations.ts'
import { matterOf } from './matter.ts'
import { isBeyond } from './persons.ts'
import { caseOf, described, describedOtherwise, personsInCase } from './refusals.ts'
import { casesOf, type Requester } from './requester.ts'
import { knownAs } from './scope.ts'

/** What to consider: who asks whom for what, in which matter, by which channel. */
export type Considering = {
  readonly request: AccessRequest
  readonly requester: Requester
  readonly holder: Agency
  readonly channel: string | undefined
  /** Who acts for the agency, of a call that asks for data now. */
  readonly officer?: string
  /** The entry that this becomes part of. */
  readonly entry: string
  /** The id of the matter. */
  readonly matter: string
  /** Whether the request begins the matter, so that nobody can have spoken of it. */
  readonly isNew?: boolean
  readonly at: string
  readonly law: LawNow
  /** The act that an officer would make, treated as if it were entered. */
  readonly supposed?: KeptAttestation
  /** The items that an officer would take out, and the record that he would pick. */
  readonly choice?: Choice
  /**
   * Called, with the pseudonym of whoever is asked for, just before the last read of the record goes out, and again if
   * there is a later one.
   */
  readonly atLastRead?: (asked: string) => void
}

/** What an officer picks and takes out. */
export type Choice = {
  readonly record?: string | undefined
  readonly takenOut?: readonly string[] | undefined
  /** Acts by which officers took items out, of which none counts for the rest. */
  readonly takenOutBy?: readonly KeptAttestation[]
}

/** What `backgroundOf` finds. */
export type Background = Awaited<ReturnType<typeof backgroundOf>>

/** Collects what is known of the matter and its case before anything is decided. */
export async function backgroundOf(
  { request, requester, holder, at, officer, supposed, ...considering }: Considering,
  world: World,
) {
  const rules = inForce(considering.law.book, at, at)
  const pseudonym = pseudonymsOf(holder, world)
  const asked = pseudonym(identifierOf(request.subject))
  const matter = matterOf(considering.matter, asked, request, requester, holder, rules)
  const refusedIn = async (of: CaseName) => {
    const refusals = await world.refusals.of(holder.id, of, described(request, pseudonym))
    const otherwise = refusals && describedOtherwise(refusals, request, pseudonym)
    return { otherwise, inCase: personsInCase(of, pseudonym) }
  }
  const withNames = (all: readonly Against[]) =>
    Promise.all(all.map(async (each) => ({ ...each, knownAs: await knownAs(each, holder, world) })))
  // What is said of a person in the case of another agency of the state counts nowhere else.
  const saidAgainst = async (of: Matter) => {
    const { attestations, objections } = await vouchedIn(holder.id, of, at, world)
    const all = await withNames(againstInCase(attestations, objections, of, at))
    return all.map((each) => ({ ...each, isOfOther: true as const }))
  }
  const [own, ...others] =
    request.receivedBy === undefined ? [requester.id] : await casesOf(request, requester, world)
  // What was refused to the recipient counts against what is provided to it; never the other way round.
  const unasked = request.provided === undefined ? [] : await casesOf(request, requester, world)
  const [isMany, found, memories, ofOthers] = await Promise.all([
    isBeyond(request, { requester: requester.id, officer, asked }, holder, world),
    vouchedIn(holder.id, matter, at, world, supposed && [supposed], considering.isNew),
    Promise.all([own, ...others, ...unasked].map((id) => refusedIn(caseOf(id ?? '', request)))),
    Promise.all(others.map((id) => saidAgainst({ ...matter, requester: id }))),
  ])
  const against = [
    ...(await withNames(againstInCase(found.attestations, found.objections, matter, at))),
    ...ofOthers.flat(),
  ]
  return {
    ...{ rules, pseudonym, asked, matter, found, isMany },
    // If there were too many refusals to read, one of them may be of this person.
    isRefused: memories.some(
      ({ otherwise, inCase }) =>
        otherwise === undefined || otherwise.some((each) => each.asked === inCase(asked)),
    ),
    /** Refusals of a person, under any of these names. */
    refusedAs: (names: readonly string[]) =>
      memories.flatMap(({ otherwise = [], inCase }) => {
        const all = otherwise.length === 0 ? [] : names.map(inCase)
        return otherwise
          .filter((each) => overlap(all, [each.asked, ...each.found]))
          .map((each) => ({ ...each, isOfAsked: each.asked === inCase(asked) }))
      }),
    /** Statements against a disclosure about a person, under any of these names. */
    foundOf: (names: readonly string[]) =>
      against.filter(({ persons, knownAs }) => overlap(names, [...persons, ...knownAs])),
  }
}

/** Pseudonyms for one request, each worked out once: a person goes by several names, which are looked at often. */
function pseudonymsOf(
  { jurisdiction }: Agency,
  { secrets }: Pick<World, 'secrets'>,
): (identifier: string) => string {
  const known = new Map<string, string>()
  return (identifier) => {
    const pseudonym = known.get(identifier) ?? secrets.pseudonym(jurisdiction, identifier)
    known.set(identifier, pseudonym)
    return pseudonym
  }
}

/** Whether two lists of names have one in common. */
export const overlap = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((each) => others.includes(each))
