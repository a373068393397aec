/** What of a gateway's data stops counting once this version runs. */

import { dayMs, statementsOf } from '../decision/attestation.ts'
import { type NotCounting, whyNever } from '../decision/attested.ts'
import { type Agency, channelOfKey } from '../identity/register.ts'
import type { InForce } from '../policy/history.ts'
import { presumedList, vouching } from '../policy/vouching.ts'
import type { KeptAttestation } from '../ports.ts'

/** A fact that nothing would count for any more: until when it would have counted, and why not. */
export type Stopping = {
  readonly id: string
  readonly holder: string
  readonly fact: string
  readonly until: string
  readonly why: NotCounting
}

/** A general attestation that ends soon. */
export type Ending = Omit<Stopping, 'why'> & { readonly requester: string }

/** What was found, by where somebody must act. */
export type Looked = {
  /** How many attestations there are that have not ended. */
  readonly attestations: number
  readonly stopping: readonly Stopping[]
  /** Rows that this version cannot read: a request that meets one fails. */
  readonly unreadable: number
  /** Keys of agencies on several channels that say none: what they sign has no known channel. */
  readonly keys: readonly { readonly agency: string; readonly kid: string }[]
  /** Grounds in force that let nothing go by rule alone, since they do not say what. */
  readonly grounds: readonly string[]
  /** `*` in the register: from now on, every fact that an office of its kind may vouch for. */
  readonly rights: readonly { readonly agency: string; readonly holder: string }[]
  readonly ending: readonly Ending[]
}

/** How soon is soon, ms. */
const endingMs = 30 * dayMs

/** Looks at everything. Attestations that have ended say nothing any more. */
export function lookAt(
  all: readonly (KeptAttestation | undefined)[],
  agencies: readonly Agency[],
  rules: InForce,
  now: Date,
): Looked {
  const lasting = all.filter((each) => each !== undefined).filter((each) => endOf(each) > +now)
  return {
    attestations: lasting.length,
    stopping: lasting.flatMap((each) => stopping(each, agencies, rules)),
    unreadable: all.filter((each) => each === undefined).length,
    keys: agencies.flatMap((agency) =>
      agency.keys
        .filter(({ kid, status }) => status === 'active' && isWithoutChannel(agency, kid))
        .map(({ kid }) => ({ agency: agency.id, kid })),
    ),
    grounds: rules.policies
      .filter(({ file }) => file.kind === 'ground' && !file.repealed && !file.automation)
      .map(({ id, version }) => `${id}@${version}`),
    rights: agencies.flatMap(({ id, attests }) =>
      attests
        .filter(({ facts }) => facts.includes('*'))
        .map(({ holder }) => ({ agency: id, holder })),
    ),
    ending: lasting.flatMap(({ scope, id, holder, fact, until, ...each }) =>
      scope.kind === 'general' && endOf({ until, ...each }) <= +now + endingMs
        ? [{ id, holder, fact, until, requester: scope.requester }]
        : [],
    ),
  }
}

/** Whether something stops. A `*` that means less shows in what was vouched for by it. */
export const stops = ({ stopping, unreadable, keys, grounds }: Looked): boolean =>
  stopping.length + unreadable + keys.length + grounds.length > 0

const endOf = ({ until }: Pick<KeptAttestation, 'until'>): number => Date.parse(until)

const isWithoutChannel = (agency: Agency, kid: string): boolean =>
  agency.channels.length > 1 && channelOfKey(agency, kid) === undefined

function stopping(
  attestation: KeptAttestation,
  agencies: readonly Agency[],
  rules: InForce,
): readonly Stopping[] {
  const { id, holder, until } = attestation
  return statementsOf(attestation).flatMap(({ fact }) => {
    const why = whyNever(attestation, fact) ?? unpresumed(attestation, fact, agencies, rules)
    return why === undefined ? [] : [{ id, holder, fact, until, why }]
  })
}

/** In general, necessity counts between states whose law presumes it, and between no others. */
function unpresumed(
  { scope, holder }: KeptAttestation,
  fact: string,
  agencies: readonly Agency[],
  { lists }: InForce,
): NotCounting | undefined {
  if (scope.kind !== 'general' || !vouching[fact]?.generalIfPresumed) return undefined
  const own = agencies.find(({ id }) => id === holder)?.jurisdiction
  const isPresumed = [scope.requester, own].every(
    (each) => each !== undefined && lists[presumedList]?.includes(each),
  )
  return isPresumed ? undefined : 'necessity-not-presumed'
}
