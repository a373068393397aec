/** The arrangements that are shipped, and what follows from them for who asks whom for what. */

import { describe, expect, test } from 'vitest'
import { derive, type Facts, known, withItem } from '../functions/decision/facts.ts'
import { law, lawOn } from './decision/law.ts'

const today = '2026-11-27'
const police = {
  'requester.authorityType': 'police',
  'request.channel': 'bilateral',
  'request.purpose': 'investigation',
  'request.offence.maxCustodyMonthsRequester': 120,
}
const central = {
  ...police,
  'requester.authorityType': 'central-authority',
  'request.channel': 'mla-central',
}

/** What covers data of a class that one asks of another, and with what safeguards. */
function covering(from: string, to: string, of: string, facts: Facts, day = today) {
  const now = lawOn(day)
  const [holder = '', keeper = `${holder}-POL`] = from.split(' ')
  const [requester = '', asker = `${requester}-POL`] = to.split(' ')
  const asked = {
    'holder.jurisdiction': holder,
    'holder.agency': keeper,
    'requester.jurisdiction': requester,
    'requester.agency': asker,
    ...facts,
  }
  const all = withItem(
    known(derive(asked, now), now.lists),
    { id: '1', facts: { 'item.class': of } },
    now,
  )
  return [all.get('arrangement.covers'), all.get('arrangement.safeguards')]
}

const nothing = ['none', 'none']

describe('The shipped arrangements', () => {
  test('an agreement on mutual assistance covers central authorities, and no police whatever they claim', () => {
    const claim = { 'request.instrument': 'EU-US-MLA' }
    expect(covering('FR', 'US', 'case', { ...police, ...claim })).toEqual(nothing)
    expect(covering('FR', 'US', 'case', central)).toEqual(['EU-US-MLA', 'binding'])
    const early = { ...central, 'request.purpose': 'prevention' }
    expect(covering('FR', 'US', 'case', early)).toEqual(nothing)
  })

  test('the Umbrella Agreement protects and covers nothing; Denmark and Ireland have not notified it', () => {
    expect(covering('DK', 'US', 'case', central)).toEqual(['EU-US-MLA', 'use-limits'])
    expect(covering('IE', 'US', 'case', central)).toEqual(['EU-US-MLA', 'use-limits'])
    expect(covering('DE', 'FR', 'case', central)).toEqual(['ETS-30', 'use-limits'])
  })

  test('the German-US agreement covers prints between two agencies for what carries more than a year', () => {
    const [bka, fbi] = ['DE DE-BKA', 'US US-FBI']
    expect(covering(bka, fbi, 'biometric', police)).toEqual(['DE-US-PCSC', 'binding'])
    expect(covering(bka, fbi, 'criminal-history', police)).toEqual(nothing)
    expect(covering(bka, fbi, 'genetic', police)).toEqual(nothing)
    expect(covering('DE', fbi, 'biometric', police)).toEqual(nothing)
    expect(covering(bka, 'US', 'biometric', police)).toEqual(nothing)
    const minor = { ...police, 'request.offence.maxCustodyMonthsRequester': 12 }
    expect(covering(bka, fbi, 'biometric', minor)).toEqual(nothing)
  })

  test('checks on applicants cover no investigation', () => {
    const acic = 'AU AU-ACIC'
    expect(covering('NZ', acic, 'criminal-history', police)).toEqual(nothing)
    const vetting = { ...police, 'request.purpose': 'other' }
    expect(covering('NZ', acic, 'criminal-history', vetting)).toEqual(['NZ-AU-VETTING', 'none'])
    expect(covering('NZ', acic, 'case', vetting)).toEqual(nothing)
  })

  test('an agreement on data at providers covers no agency, nor does one on passengers', () => {
    for (const facts of [police, central])
      for (const to of ['US', 'AU']) {
        expect(covering('GB', 'US', 'case', facts)[0]).not.toBe('US-UK-DAA')
        expect(covering('FR', to, 'case', facts)[0]).not.toMatch(/PNR/)
      }
  })

  test('whoever joined ASEAN is no party of its treaty by that', () => {
    expect(covering('MY', 'TL', 'location', central, '2025-10-27')).toEqual(nothing)
    expect(covering('MY', 'SG', 'location', central)).toEqual(['ASEAN-MLAT', 'use-limits'])
  })

  test('Europol gives under its agreements, and gets nothing by them', () => {
    const siena = { ...police, 'request.channel': 'siena' }
    expect(covering('EUROPOL', 'US', 'case', siena)).toEqual(['EUROPOL-AGREEMENTS', 'none'])
    expect(covering('US', 'EUROPOL', 'case', siena)).toEqual(nothing)
  })

  test.each([
    {
      id: 'JP-US-PCSC',
      from: 'JP JP-NPA',
      to: 'US US-FBI',
      of: 'biometric',
      facts: police,
      day: '2019-01-05',
      before: '2019-01-04',
    },
    {
      id: 'PCC-SEE',
      from: 'HR',
      to: 'RS',
      of: 'case',
      facts: police,
      day: '2020-12-31',
      before: '2020-12-30',
    },
    {
      id: 'EU-UK-TCA-563',
      from: 'FR',
      to: 'GB',
      of: 'case',
      facts: police,
      day: '2021-01-01',
      before: '2020-12-31',
    },
    {
      id: 'NASSAU',
      from: 'UA',
      to: 'MX',
      of: 'case',
      facts: central,
      day: '2021-03-28',
      before: '2021-03-27',
    },
  ])('$id covers from $day on', ({ id, from, to, of, facts, day, before }) => {
    expect(covering(from, to, of, facts, day)[0]).toBe(id)
    expect(covering(from, to, of, facts, before)[0]).not.toBe(id)
  })

  test('before the list begins, nothing is known of what was arranged', () => {
    expect(covering('CA', 'US', 'case', central, '2018-05-05')).toEqual([undefined, undefined])
    expect(covering('CA', 'US', 'case', central, '2018-05-06')[0]).toBe('CA-US-MLA')
  })

  test('what is not in force by any text that was read is named, and not listed', () => {
    const [list] = law.book.lists.filter(({ id }) => id === 'arrangements')
    const ids = list?.file.arrangements?.map(({ id }) => id) ?? []
    for (const id of [
      'EE-US-PCSC',
      'KR-US-PCSC',
      'EU-CA-PNR',
      'AR-US-MLA',
      'NZ-AU-PRINTS',
      'SELEC',
    ])
      expect(ids).not.toContain(id)
    const unchecked = list?.file.unchecked?.join(' ')
    for (const name of ['EE', 'KR', 'passengers', 'Argentina', 'prints', 'SELEC'])
      expect(unchecked).toContain(name)
  })
})

describe('A routine use of a notice', () => {
  const use = (agency: string, system: string) => {
    const now = lawOn(today)
    const asked = { 'holder.agency': agency, 'holder.jurisdiction': 'US' }
    const stated = { 'item.system': system, 'item.routineUse': 'law-enforcement' }
    return withItem(known(derive(asked, now), now.lists), { id: '1', facts: stated }, now).get(
      'item.routineUse',
    )
  }

  test('is that of the agency and the system; what a record says of it is not read', () => {
    expect(use('US-FBI', 'national')).toBe('indicated-offence')
    expect(use('US-FBI', 'dna-index')).toBe('none')
    expect(use('US-FBI', 'firearms-check')).toBe('none')
    expect(use('US-POL', 'national')).toBe('none')
    expect(use('US-FBI', 'no such system')).toBeUndefined()
  })
})
