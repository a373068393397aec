/** Decides once on a request, by given statements of offices and an officer's choice. */

import type { Against, AttestedFacts } from '../../decision/attested.ts'
import type { Judgement } from '../../decision/combine.ts'
import { beforeFetch } from '../../decision/decide.ts'
import { type Disclosure, disclose, holdAgainst, nothingLeaves } from '../../decision/disclose.ts'
import { type Facts, type Item, known, withFollowing } from '../../decision/facts.ts'
import { gather, itemFacts, type Sources } from '../../decision/gather.ts'
import { type HeldRecord, identifiersOf, repeatedIds } from '../../decision/record.ts'
import type { AccessRequest } from '../../decision/request.ts'
import { noesOn } from '../../decision/reserved.ts'
import type { Agency } from '../../identity/register.ts'
import type { Refusal } from '../../inbox-ports.ts'
import { dayIn, type InForce } from '../../policy/history.ts'
import type { KeptAttestation, World } from '../../ports.ts'
import { type Background, type Choice, type Considering, overlap } from './background.ts'
import { type Seen, see } from './record.ts'

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

/** Decides on the attested facts and an officer's choice. Whether that is the answer, `consideration.ts` says. */
export async function decideOnce(
  vouched: AttestedFacts,
  choice: Choice,
  considering: Considering,
  background: Background,
  world: World,
): Promise<Considered> {
  const { request, holder, entry, at } = considering
  const { rules, asked, pseudonym, matter, refusedAs, foundOf } = background
  const { facts, sources, before } = beforeRecord(vouched, considering, background, world)
  const asItems = itemsOf(vouched, choice, facts, considering, background)
  const picked = choice.record === undefined ? {} : { picked: choice.record }
  const atLastRead = () => considering.atLastRead?.(asked)
  const seen = await see(
    { request, holder, entry, rules, facts, at, before, asItems, atLastRead, ...picked },
    world,
  )
  const disclosure = disclosureOf(seen, considering, rules, world)
  const names = [asked, ...seen.ids.flat().map(pseudonym)]
  return {
    ...{ rules, facts, sources, seen, disclosure, asked, pseudonym },
    judgement: before.judgement,
    released: undefined,
    earlier: refusedAs(names),
    against: foundOf(names),
    shown: () => shownOf(seen, disclosure, considering, { facts, matter: matter.id }, world),
  }
}

/** What is known of the question alone, and what the law says of it before the record is fetched. */
function beforeRecord(
  vouched: AttestedFacts,
  { request, requester, holder, at, channel, supposed }: Considering,
  { rules, isMany, isRefused }: Background,
  { findings }: World,
) {
  const day = dayIn(at, holder.timeZone)
  // What came by another way is entered by the holder.
  const caller = request.receivedBy === undefined ? requester.id : holder.id
  const unasked = request.provided !== undefined
  // What an officer looks at beforehand must not make the agency's own question faster.
  const isRemembered = supposed === undefined && findings !== undefined
  const knowing = (redescribed: boolean) => {
    const asking = { channel, redescribed, manyPersons: isMany, unasked }
    const { facts, sources } = gather(request, requester, holder, vouched, day, rules, asking)
    const before = isRemembered
      ? findings(caller, rules, facts, request.classes, at)
      : beforeFetch(rules, facts, request.classes, at)
    return { facts, sources, before }
  }
  // A request that is refused anyway gets no further reason from this; an officer always sees it.
  const first = knowing(false)
  const isTold = supposed !== undefined || (!first.before.refusal && !request.dryRun)
  return isTold && isRefused ? knowing(true) : first
}

/** Gives the items of a record in some classes as facts, without those that an officer took out. */
function itemsOf(
  vouched: AttestedFacts,
  { takenOut: chosen = [], takenOutBy = [] }: Choice,
  facts: Facts,
  { holder, at }: Considering,
  { rules, asked, pseudonym, refusedAs, foundOf }: Background,
) {
  const day = dayIn(at, holder.timeZone)
  const question = known(facts, rules.lists)
  return (record: HeldRecord, classes: readonly string[]): readonly Item[] => {
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
    const before = takenOutBy.filter(isOfRecord).flatMap((act) => act.release?.takenOut ?? [])
    const takenOut = [...chosen, ...before]
    return record.items
      .filter(({ id, class: own }) => classes.includes(own) && !takenOut.includes(id))
      .map((item) => {
        // Items that share an id get no facts, so that each of them stays.
        if (repeated.has(item.id)) return { id: item.id, facts: {} }
        const { jurisdiction } = holder
        const { elements } = rules
        const ofItem = itemFacts(item, vouched, day, elements, jurisdiction, record.birthDates)
        const judged = withFollowing(question, ofItem, rules)
        return { ...judged, facts: { ...judged.facts, ...ofGateway } }
      })
  }
}

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
