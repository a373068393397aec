/** Considers a request: what is attested of its matter, what is known, found and decided. */

import type { CaseName } from '../decision/attestation.ts'
import {
  type Against,
  type AttestedFacts,
  againstInCase,
  type Matter,
} from '../decision/attested.ts'
import type { Judgement } from '../decision/combine.ts'
import { attestedBy } from '../decision/compromised.ts'
import { beforeFetch } from '../decision/decide.ts'
import { type Disclosure, disclose, holdAgainst, nothingLeaves } from '../decision/disclose.ts'
import { type Facts, type Item, known, withFollowing } from '../decision/facts.ts'
import { gather, itemFacts, type Sources } from '../decision/gather.ts'
import { type HeldRecord, identifierOf, identifiersOf, repeatedIds } from '../decision/record.ts'
import type { AccessRequest } from '../decision/request.ts'
import { noesOn } from '../decision/reserved.ts'
import type { Agency } from '../identity/register.ts'
import type { Refusal } from '../inbox-ports.ts'
import { dayIn, type InForce, inForce } from '../policy/history.ts'
import type { LawNow } from '../policy/law.ts'
import { isAgainst } from '../policy/vouching.ts'
import type { KeptAttestation, World } from '../ports.ts'
import { knownAs } from './concerned.ts'
import { matterOf } from './matter.ts'
import { isBeyond } from './persons-asked.ts'
import { caseOf, describedOtherwise, personsInCase } from './refused.ts'
import { casesOf, type Requester } from './requester.ts'
import { type Seen, see } from './see.ts'
import { newestReleases, takingOut, vouchedIn } from './vouched.ts'

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
  /**
   * The instant whose attestations count, if it is an earlier one: what ended since did its part then. What was refused
   * since counts all the same.
   */
  readonly vouchedAt?: string
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

type Choice = {
  readonly record?: string | undefined
  readonly takenOut?: readonly string[] | undefined
  /** Acts by which officers took items out, of which none counts for the rest. */
  readonly takenOutBy?: readonly KeptAttestation[]
}

/** The result of considering a request. */
export type Considered = {
  readonly rules: InForce
  readonly facts: Facts
  readonly sources: Sources
  /** What the law says of the question alone. */
  readonly judgement: Judgement
  readonly seen: Seen
  readonly disclosure: Disclosure
  /** The identifier asked for, by pseudonym. */
  readonly asked: string
  /** Pseudonyms in the holder's jurisdiction. */
  readonly pseudonym: (identifier: string) => string
  /** The officer's decision that released it. */
  readonly released: KeptAttestation | undefined
  /** Earlier refusals of this person in this case, under another description of the matter. */
  readonly earlier: readonly Refusal[]
  /** Statements against a disclosure about the person in this case, and objections. */
  readonly against: readonly (Against & { readonly knownAs: readonly string[] })[]
  /** A digest that names exactly the items that would leave; worked out for those who compare or show it. */
  readonly shown: () => string
}

/** Considers a request. Nothing leaves here, and nothing is entered. */
export async function consider(considering: Considering, world: World): Promise<Considered> {
  const { at, supposed, vouchedAt = at } = considering
  const would = supposed === undefined ? [] : [supposed]
  const looked = await lookUpon(considering, would, world)
  const { found, matter } = looked
  const all = [...found.attestations, ...would]
  const attestedOf = (those: readonly KeptAttestation[]): AttestedFacts => {
    const on = (when: string) => attestedBy(found.keys, those, found.objections, matter, when)
    const then = on(vouchedAt)
    const since = vouchedAt === at ? [] : [...on(at)]
    const against = since.filter(([key, { value }]) => isAgainst(key.split('@')[0] ?? key, value))
    return new Map([...then, ...against])
  }
  const said = attestedOf(all)
  const on = (vouched: AttestedFacts, choice: Choice) =>
    considerOn(vouched, choice, considering, looked, world)

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
  return on(withoutRelease(said, attestedOf(others)), byRule)
}

type Looked = Awaited<ReturnType<typeof lookUpon>>

/** Collects what is known of the matter and its case before anything is decided. */
async function lookUpon(
  { request, requester, holder, at, officer, ...considering }: Considering,
  would: readonly KeptAttestation[],
  world: World,
) {
  const rules = inForce(considering.law.book, at, at)
  const pseudonym = pseudonymsOf(holder, world)
  const asked = pseudonym(identifierOf(request.subject))
  const matter = matterOf(considering.matter, asked, request, requester, holder, rules)
  const refusedIn = async (of: CaseName) => {
    const refusals = await world.refusals.of(holder.id, of)
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
    vouchedIn(holder.id, matter, considering.vouchedAt ?? at, world, would, considering.isNew),
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

/** Considers a request on the attested facts and an officer's choice. */
async function considerOn(
  vouched: AttestedFacts,
  choice: Choice,
  considering: Considering,
  { rules, asked, pseudonym, matter, isMany, isRefused, refusedAs, foundOf }: Looked,
  world: World,
): Promise<Considered> {
  const { request, requester, holder, entry, at, channel, supposed } = considering
  const day = dayIn(at, holder.timeZone)
  // What came by another way is entered by the holder.
  const caller = request.receivedBy === undefined ? requester.id : holder.id
  const knowing = (redescribed: boolean) => {
    const unasked = request.provided !== undefined
    const asking = { channel, redescribed, manyPersons: isMany, unasked }
    const { facts, sources } = gather(request, requester, holder, vouched, day, rules, asking)
    // What an officer looks at beforehand must not make the agency's own question faster.
    const before =
      supposed === undefined && world.memo !== undefined
        ? world.memo(caller, rules, facts, request.classes, at)
        : beforeFetch(rules, facts, request.classes, at)
    return { facts, sources, before }
  }
  // A request that is refused anyway gets no further reason from this; an officer always sees it.
  const first = knowing(false)
  const isTold = supposed !== undefined || (!first.before.refusal && !request.dryRun)
  const { facts, sources, before } = isTold && isRefused ? knowing(true) : first
  const question = known(facts, rules.lists)
  const asItems = (record: HeldRecord, classes: readonly string[]): readonly Item[] => {
    const repeated = repeatedIds(record.items)
    const names = identifiersOf(record).map(pseudonym)
    const ofGateway = {
      // What is about the identifier asked for counts already, and is told.
      'item.redescribed': refusedAs(names).some(({ isOfAsked }) => !isOfAsked),
      'item.foundAgainst': foundOf(names).some(
        (each) => 'isOfOther' in each || !each.persons.includes(asked),
      ),
    }
    const isOfRecord = ({ persons = [] }: KeptAttestation) => overlap([asked, ...names], persons)
    const takenOut = [
      ...(choice.takenOut ?? []),
      ...(choice.takenOutBy ?? []).filter(isOfRecord).flatMap((act) => act.release?.takenOut ?? []),
    ]
    return record.items
      .filter(({ id, class: own }) => classes.includes(own) && !takenOut.includes(id))
      .map((item) => {
        // Items that share an id get no facts, so that each of them stays.
        if (repeated.has(item.id)) return { id: item.id, facts: {} }
        const { birthDates } = record
        const own = holder.jurisdiction
        const ofItem = itemFacts(item, vouched, day, rules.elements, own, birthDates)
        const judged = withFollowing(question, ofItem, rules)
        return { ...judged, facts: { ...judged.facts, ...ofGateway } }
      })
  }
  const picked = choice.record === undefined ? {} : { picked: choice.record }
  const atLastRead = () => considering.atLastRead?.(asked)
  const seen = await see(
    { request, holder, entry, rules, facts, at, before, asItems, atLastRead, ...picked },
    world,
  )
  const disclosure = disclosureOf(seen, considering, rules, world)
  const shown = () => shownOf(seen, disclosure, considering, { facts, matter: matter.id }, world)
  const names = [asked, ...seen.ids.flat().map(pseudonym)]
  const of = {
    rules,
    facts,
    sources,
    seen,
    disclosure,
    asked,
    pseudonym,
    shown,
    released: undefined,
  }
  return { ...of, judgement: before.judgement, earlier: refusedAs(names), against: foundOf(names) }
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

const overlap = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((each) => others.includes(each))

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

function disclosureOf(
  { record, told }: Seen,
  { request, requester, holder }: Considering,
  rules: InForce,
  world: World,
): Disclosure {
  if (record === undefined) return nothingLeaves
  const inCase = pseudonymIn(request, requester.id, holder, world)
  const { items } = record
  const disclosure = disclose(items, told.items, request.classes, rules.elements, inCase)
  holdAgainst(disclosure, items, told.items, request.classes, rules.elements, inCase)
  return disclosure
}

/** Pseudonyms of values: stable within one case of an agency, unlinkable across cases. */
export const pseudonymIn =
  (
    { caseReference }: Pick<AccessRequest, 'caseReference'>,
    agency: string,
    holder: Agency,
    { secrets }: Pick<World, 'secrets'>,
  ) =>
  (value: string): string =>
    secrets.pseudonym(holder.jurisdiction, ['case', agency, caseReference, value].join('\u001f'))

/**
 * A keyed digest of the items that leave, which reveals nothing of them. It covers them as held, too, so that
 * it changes if an item becomes a minor's or is marked; and what the request says beyond its matter: why, how
 * urgently, on what instrument and by which channel it asks; and what offices answered with no of these items.
 */
const shownOf = (
  { record, items: seen }: Seen,
  { items, held }: Disclosure,
  { request, holder }: Considering,
  { facts, matter }: { readonly facts: Facts; readonly matter: string },
  { secrets }: World,
): string => {
  const { instrument, channel, stage, urgency, necessity, assurances = null } = request
  const way = request.deliverBy === undefined ? [] : [request.deliverBy]
  const { provided, purpose, offence, caseReference } = request
  // What is provided unasked is shown before it has a matter.
  const whose =
    provided === undefined ? matter : JSON.stringify([provided.to, purpose, offence, caseReference])
  const leaving = seen.filter(({ id }) => items.some((each) => each.id === id))
  const noes = noesOn(facts, leaving)
  const asked = [instrument, channel, stage, urgency, necessity, assurances, ...way]
  if (noes.length > 0) asked.push(JSON.stringify(noes))
  return secrets.pseudonym(
    holder.jurisdiction,
    JSON.stringify(['shown', whose, record?.id ?? null, items, held, asked]),
  )
}
