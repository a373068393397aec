/** Everything that is known about a request, each fact with its source. */

import {
  type FactValue,
  factTypes,
  isOfItem,
  isRecordFact,
  type Source,
} from '../policy/fact-types.ts'
import { type Element, type InForce, yearsBetween } from '../policy/history.ts'
import type { AttestedFacts } from './attested.ts'
import { cannotBe } from './disclose.ts'
import { derive, type Facts, type Item } from './facts.ts'
import { markingsIn } from './markings.ts'
import { isFile, isKeptFile, isOfBothAges, originOf, type RecordItem, systemOf } from './record.ts'
import type { AccessRequest } from './request.ts'

/** What rules may read of an agency's entry in the register. */
type Party = {
  readonly id: string
  readonly jurisdiction: string
  readonly authorityType: string
  readonly channels: readonly string[]
  readonly cannotHonour: readonly string[]
}

/** Where each fact came from; for attested ones, the ids of the attestations. */
export type Sources = Readonly<
  Record<string, { readonly source: Source; readonly attestations?: readonly string[] }>
>

/** The facts of a request before its record is seen. `day` is the day in the holder's time zone. */
export function gather(
  request: AccessRequest,
  requester: Party,
  holder: Party,
  attestations: AttestedFacts,
  day: string,
  now: InForce,
  /** What the gateway itself knows of this request. */
  asking: {
    /** The channel of the key that signed. */
    readonly channel: string | undefined
    /** Whether the same person was refused before in this case under another description. */
    readonly redescribed: boolean
    /** Whether the officer has asked for more persons in this case than the holder lets go by rule alone. */
    readonly manyPersons: boolean
    /** Whether nobody asked: the holder gives of its own accord. */
    readonly unasked: boolean
  },
): { readonly facts: Facts; readonly sources: Sources } {
  const facts: Record<string, FactValue | undefined> = {
    ...unvouched,
    asOf: day,
    'holder.agency': holder.id,
    'holder.jurisdiction': holder.jurisdiction,
    'requester.agency': requester.id,
    'requester.jurisdiction': requester.jurisdiction,
    'requester.authorityType': requester.authorityType,
    'requester.cannotHonour': requester.cannotHonour,
    'request.purpose': request.purpose,
    'request.instrument': request.instrument,
    'request.urgency': request.urgency,
    'request.stage': request.stage,
    'request.offence.category': request.offence.category,
    'request.offence.maxCustodyMonthsRequester': request.offence.maxCustodyMonths,
    'request.caseReference': request.caseReference,
    'request.channel': channelOf(asking.channel, requester, holder),
    'request.redescribed': asking.redescribed,
    'request.manyPersons': asking.manyPersons,
    'request.unasked': asking.unasked,
    'request.restsOn': [...new Set([...attestations.values()].flatMap(({ restsOn }) => restsOn))],
  }
  const attested: Record<string, Sources[string]> = {}
  for (const [name, { value, ids }] of attestations) {
    if (!Object.hasOwn(unvouched, name)) continue
    facts[name] = value
    attested[name] = { source: 'attestation', attestations: ids }
  }
  return { facts: derive(facts, now), sources: { ...usualSources, ...attested } }
}

/** The facts of a request that officers vouch for, while none has. */
const unvouched: Readonly<Record<string, FactValue | undefined>> = Object.fromEntries(
  Object.entries(factTypes)
    .filter(([name, { source }]) => source === 'attestation' && !isRecordFact(name))
    .map(([name, { unattested }]) => [name, unattested]),
)

/** Where each fact of a request comes from, while no officer has vouched for any. */
const usualSources: Sources = Object.fromEntries(
  Object.entries(factTypes)
    .filter(([name]) => !isOfItem(name))
    .map(([name, { source }]) => [
      name,
      { source, ...(source === 'attestation' && { attestations: [] }) },
    ]),
)

/** The channel of the key that signed, if both agencies are on it; otherwise it is not known. */
const channelOf = (
  channel: string | undefined,
  requester: Party,
  holder: Party,
): string | undefined =>
  channel !== undefined && [requester, holder].every(({ channels }) => channels.includes(channel))
    ? channel
    : undefined

/**
 * The facts of one item. An element that the lists do not know, or a class that the element cannot
 * have, leaves the class unknown, so that the item is withheld; so does a file of which no content is kept, or
 * one under an element that holds no image.
 */
export function itemFacts(
  item: RecordItem,
  attestations: AttestedFacts,
  day: string,
  elements: Readonly<Record<string, Element>>,
  /** The holder's jurisdiction. */
  own: string,
  /** Those of the record's person. */
  birthDates: readonly string[] = [],
): Item {
  const origin = originOf(item, own)
  const element = Object.hasOwn(elements, item.element) ? elements[item.element] : undefined
  const isFit = !isFile(item.value) || (isKeptFile(item.value) && element?.holds === 'image')
  const expired = item.retentionUntil !== undefined && item.retentionUntil < day
  const facts: Record<string, FactValue | undefined> = {
    'item.class': isFit && element?.classes.includes(item.class) ? item.class : undefined,
    'item.role': item.role,
    'item.minor': isOfBothAges(item, birthDates) ? undefined : item.minor,
    'item.ageAtEvent': item.ageAtEvent,
    'item.origin': origin,
    'item.originConsent': consentOf(origin, attestations),
    'item.system': systemOf(item, own),
    'item.obtainedUnder': item.obtainedUnder,
    'item.indicatesOffence': indicatedBy(attestations),
    'item.quality': item.quality,
    'item.status': expired ? 'expired' : item.status,
    'item.youthRecord': item.youthRecord,
    'item.yearsSinceEvent': yearsSince(item.eventDate, day),
    'item.yearsSinceValidation': yearsSince(item.validatedOn, day),
  }
  const cannot = cannotBe(item.value, element)
  const markings = markingsIn(item.handling)
  return {
    id: item.id,
    facts,
    ...(cannot.length === 0 ? {} : { cannot }),
    ...(markings.length === 0 ? {} : { markings }),
  }
}

/** Completed years since `date`; undefined if it is unknown or after `day`. */
const yearsSince = (date: string | undefined, day: string): number | undefined =>
  date === undefined || date > day ? undefined : yearsBetween(date, day)

/** What the officer found on the whole record for this matter; the `unattested` value if nobody was asked. */
function indicatedBy(attestations: AttestedFacts): FactValue | undefined {
  const found = attestations.get('item.indicatesOffence')
  return found === undefined ? factTypes['item.indicatesOffence']?.unattested : found.value
}

/** Of an item that may be another's, and does not say whose, no consent is known. */
function consentOf(origin: string | undefined, attestations: AttestedFacts): FactValue | undefined {
  if (origin === undefined) return undefined
  if (origin === 'holder') return 'own-data'
  const found = attestations.get(`item.originConsent@${origin}`)
  return found === undefined ? 'not-asked' : found.value
}
