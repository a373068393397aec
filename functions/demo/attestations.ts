/**
 * General attestations of the local gateway: what its invented offices vouch for in general, so that ordinary
 * requests between ordinary partners are answered at once. Facts that are judged case by case are not among
 * them. The list of countries with the death penalty is an example, not a finding.
 */

import type { AttestationBody } from '../decision/attestation.ts'

const holders = ['DE-POL', 'GB-POL'] as const

/** Countries of the invented agencies, and whether the example says that they may impose death. */
const countries = {
  DE: false,
  GB: false,
  FR: false,
  ES: false,
  NL: false,
  BE: false,
  CH: false,
  US: true,
  JP: true,
  BR: false,
} as const

/** Countries between which the law presumes that what is asked for is necessary. */
const presumed: readonly string[] = ['DE', 'FR', 'ES', 'NL', 'BE', 'CH']

type Body = Omit<AttestationBody, 'from' | 'until'>
type Values = Readonly<Record<string, Body['value']>>

/** Facts about the country alone: life and limb must not depend on what a requester says. */
const ofCountry = (deathPenaltyAvailable: boolean): Values => ({
  'request.offence.deathPenaltyAvailable': deathPenaltyAvailable,
  'risk.torture': 'none',
  'risk.persecution': 'none',
  'risk.unfairTrial': 'none',
})

/** Facts about ordinary offences. */
const ofOrdinary = (holder: string, country: string): Values => ({
  'request.offence.character': 'ordinary',
  'request.offence.isOffenceForHolder': true,
  'request.offence.maxCustodyMonthsHolder': 120,
  ...([holder.slice(0, 2), country].every((each) => presumed.includes(each))
    ? { 'necessity.case': 'necessary' }
    : {}),
  // The holders assessed these partners once, for ordinary offences.
  ...(holder === 'GB-POL' ? { 'transfer.assessment': 'safeguards-found' } : {}),
})

/** Every general attestation, by the holder that it is made for. */
export const generalAttestations: readonly Body[] = holders.flatMap((holder) =>
  Object.entries(countries)
    .filter(([country]) => !holder.startsWith(country))
    .flatMap(([requester, deathPenalty]) => {
      const made = (values: Values, scope: object): readonly Body[] =>
        Object.entries(values).map(([fact, value]) => ({
          holder,
          fact,
          value,
          scope: { kind: 'general', requester, ...scope },
          ground: 'Example: assessed once for requests of this partner.',
          decidedBy: holder,
        }))
      return [
        ...made(ofCountry(deathPenalty), {}),
        ...made(ofOrdinary(holder, requester), { offenceCategory: 'ordinary' }),
      ]
    }),
)
