/** The lists of the law of `world-law.ts`. */

import { listOf } from './decision/write.ts'

const members = ['AT', 'BE', 'CH', 'DE', 'ES', 'FR', 'IT', 'NL', 'PL', 'PT']

const elements: readonly (readonly [value: string, classes: readonly string[], holds: string])[] = [
  ['nc:PersonFullName', ['identification'], 'text'],
  ['nc:PersonBirthDate', ['identification'], 'date'],
  ['nc:PersonPassportIdentification', ['identification'], 'identifier'],
  ['nc:PersonDigitalImage', ['identification', 'biometric'], 'image'],
  ['nc:PersonReligionText', ['special'], 'text'],
  ['nc:PersonMedicalCondition', ['health'], 'text'],
  ['nc:AddressFullText', ['location'], 'address'],
  ['nc:ContactTelephoneNumber', ['subscriber'], 'identifier'],
  ['nc:FinancialAccountNumberID', ['financial'], 'identifier'],
  ['nc:ActivityDescriptionText', ['case'], 'text'],
  ['j:Conviction', ['criminal-history'], 'text'],
  ['j:IncidentInformantAssociation', ['victim-witness'], 'text'],
  ['j:Victim', ['victim-witness'], 'text'],
  ['j:JuvenileOffenderIndicator', ['minor'], 'text'],
  ['biom:FingerprintImage', ['biometric'], 'image'],
  ['biom:FaceImage', ['biometric'], 'image'],
  ['biom:DNAProfile', ['genetic'], 'text'],
  ['ext:CommunicationContentText', ['communications-content'], 'text'],
]

const kept = (value: string, cites: string, yearsMin: number, yearsMax?: number) => ({
  ...{ value, from: '2018-05-25', cites, confidence: 'V' },
  kept: { yearsMin, ...(yearsMax && { yearsMax }), nature: yearsMax ? 'mandatory' : 'choice' },
})

export const worldLists = [
  listOf('led-states', members),
  listOf('adequate', ['GB']),
  listOf('eu-2023-977', [], {
    instrument: 'EU-2023/977',
    members: [{ membersOf: 'led-states', from: '2020-01-01', cites: 'art. 1', confidence: 'V' }],
  }),
  listOf('necessity-presumed', members),
  listOf('log-retention', [], {
    members: [kept('DE', 'DE § 76(4)', 1, 1), kept('FR', 'FR art. 101', 3), kept('GB', 's. 62', 3)],
  }),
  listOf('elements', [], {
    members: undefined,
    elements: elements.map(([value, of, holds]) => ({ value, class: of, holds })),
  }),
]
