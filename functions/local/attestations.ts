/**
 * Standing attestations of the local gateway: what its invented officers vouch for as a rule, so that
 * ordinary requests between ordinary partners are answered at once. The list of countries with the
 * death penalty is an example, not a finding.
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

type Body = Omit<AttestationBody, 'from' | 'until'>

/** What officers say of an ordinary request of a country. */
const ordinary = (deathPenaltyAvailable: boolean): Readonly<Record<string, Body['value']>> => ({
  'request.offence.character': 'ordinary',
  'request.offence.isOffenceForHolder': true,
  'request.offence.maxCustodyMonthsHolder': 120,
  'request.offence.deathPenaltyAvailable': deathPenaltyAvailable,
  'necessity.case': 'necessary',
  'risk.torture': 'none',
  'risk.persecution': 'none',
  'risk.unfairTrial': 'none',
  'transfer.caseCheck': 'clean',
})

/** Every standing attestation, by the holder that it is made for. */
export const standingAttestations: readonly Body[] = holders.flatMap((holder) =>
  Object.entries(countries)
    .filter(([country]) => !holder.startsWith(country))
    .flatMap(([country, deathPenalty]) =>
      Object.entries({
        ...ordinary(deathPenalty),
        // The holders assessed these partners once, for ordinary offences.
        ...(holder === 'GB-POL' ? { 'transfer.assessment': 'safeguards-found' } : {}),
      }).map(
        ([fact, value]): Body => ({
          holder,
          fact,
          value,
          scope: { kind: 'standing', requester: country, offenceCategory: 'ordinary' },
          ground: 'Example: assessed once for ordinary requests of this partner.',
          decidedBy: 'officer-1',
        }),
      ),
    ),
)
