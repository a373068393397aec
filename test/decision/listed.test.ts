/** The arrangements that are shipped, and what follows from them for who asks whom for what. */

import { describe, expect, test } from 'vitest'
import { decide } from '../../functions/decision/decide.ts'
import { derive, type Facts, known, withItem } from '../../functions/decision/facts.ts'
import { itemFacts } from '../../functions/decision/gather.ts'
import type { RecordItem } from '../../functions/decision/record.ts'
import { law, lawOn } from './law.ts'
import { inForceOf, is, permit, quiet, quietItem } from './write.ts'

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
    { id: '1', facts: { ...quietItem, 'item.class': of } },
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

describe('Of an item in a record', () => {
  const item: RecordItem = {
    ...{ id: '1', element: 'nc:PersonFullName', class: 'identification', value: 'Ada Example' },
    ...{ role: 'suspect', system: 'criminal-intelligence', quality: 'verified', status: 'active' },
    ...{ youthRecord: 'none', handling: [] },
  }
  const of = (more: Partial<RecordItem>, vouched: object = {}) =>
    itemFacts({ ...item, ...more }, new Map(Object.entries(vouched)) as never, today, {}, 'DE')
      .facts

  test('years run from the last validation, and are unknown without one or where it lies ahead', () => {
    expect(of({ validatedOn: '2020-05-01' })['item.yearsSinceValidation']).toBe(6)
    expect(of({ validatedOn: '2021-11-28' })['item.yearsSinceValidation']).toBe(4)
    expect(of({ validatedOn: '2026-11-28' })['item.yearsSinceValidation']).toBeUndefined()
    expect(of({ eventDate: '2020-05-01' })['item.yearsSinceValidation']).toBeUndefined()
  })

  test('the instrument that it was got under is what the record says, and unknown where it is silent', () => {
    expect(of({ obtainedUnder: 'US-UK-DAA' })['item.obtainedUnder']).toBe('US-UK-DAA')
    expect(of({ obtainedUnder: 'none' })['item.obtainedUnder']).toBe('none')
    expect(of({})['item.obtainedUnder']).toBeUndefined()
  })

  // Kills: an alert, or what a team, another customs or a unit gave, that counts as the holder's own because its record
  // is silent (record.ts, `originOf`).
  test('whose it is the record says, in a system in which others’ data lies beside the holder’s own', () => {
    const whose = (more: Partial<RecordItem>) => {
      const facts = of(more)
      return [facts['item.origin'], facts['item.originConsent']]
    }
    for (const system of [
      'SIS',
      'customs',
      'financial-intelligence',
      'joint-team',
      'mutual-assistance',
    ] as const) {
      expect(whose({ system })).toEqual([undefined, undefined])
      expect(whose({ system, originator: 'DE' })).toEqual(['holder', 'own-data'])
      expect(whose({ system, originator: 'FR' })).toEqual(['FR', 'not-asked'])
    }
    for (const system of ['national', 'criminal-intelligence', 'pnr', 'ecris-tcn'] as const) {
      expect(whose({ system })).toEqual(['holder', 'own-data'])
      expect(whose({ system, originator: 'DE' })).toEqual(['holder', 'own-data'])
      expect(whose({ system, originator: 'FR' })).toEqual(['FR', 'not-asked'])
    }
    const consent = { value: 'given', ids: ['a'], restsOn: [] }
    const vouched = { 'item.originConsent@FR': consent }
    // What France said of its own data says nothing of an item that may be anybody's.
    expect(of({ system: 'SIS' }, vouched)['item.originConsent']).toBeUndefined()
    expect(of({ system: 'SIS', originator: 'FR' }, vouched)['item.originConsent']).toBe('given')
  })

  // Kills: an alert or what a team obtained that is free once it is kept in the holder's own files (record.ts, `systemOf`).
  test('what came by an alert or a team is bound by it in the holder’s own files, too', () => {
    const bound = (more: Partial<RecordItem>) => of({ system: 'national', ...more })['item.system']
    for (const obtainedUnder of ['SIS-26', 'SIS-40']) {
      expect(bound({ obtainedUnder })).toBe('SIS')
      expect(bound({ obtainedUnder, originator: 'FR' })).toBe('SIS')
      // Its own alert and what it has of it are its own, under its own law (art. 57(2)).
      expect(bound({ obtainedUnder, originator: 'DE' })).toBe('national')
      // Nor does it escape what binds in another system.
      expect(bound({ obtainedUnder, system: 'pnr' })).toBe('pnr')
    }
    // Kills: a code that binds only as one of its writers writes it.
    for (const obtainedUnder of ['sis-26', 'SIS 36', 'SIS', ' SIS-38', 'EU-2018/1862'])
      expect(bound({ obtainedUnder, originator: 'FR' })).toBe('SIS')
    expect(bound({ obtainedUnder: 'SISTER-1', originator: 'FR' })).toBe('national')
    expect(bound({ obtainedUnder: 'eu-2002/465', originator: 'FR' })).toBe('joint-team')
    expect(bound({ obtainedUnder: 'EU-2002/465', originator: 'FR' })).toBe('joint-team')
    expect(bound({ obtainedUnder: 'US-UK-DAA', originator: 'FR' })).toBe('national')
    expect(bound({})).toBe('national')
    // Kills: an alert that the files of customs or of mutual assistance set free, or what these gave that an alert sets free.
    for (const system of ['customs', 'mutual-assistance'] as const) {
      expect(bound({ system, obtainedUnder: 'SIS-36', originator: 'FR' })).toBeUndefined()
      expect(bound({ system, obtainedUnder: 'EU-2002/465' })).toBeUndefined()
      expect(bound({ system, obtainedUnder: 'SIS-36', originator: 'DE' })).toBe(system)
      expect(bound({ system, obtainedUnder: 'CETS-224', originator: 'FR' })).toBe(system)
    }
    expect(bound({ system: 'SIS', obtainedUnder: 'SIS-36', originator: 'FR' })).toBe('SIS')
    expect(of({ system: 'customs', obtainedUnder: 'SIS-26' })['item.origin']).toBeUndefined()
    expect(of({ system: 'national', obtainedUnder: 'SIS-26' })['item.origin']).toBeUndefined()
  })

  test('whether it indicates the offence is what an officer found; an objection makes it unknown', () => {
    expect(of({})['item.indicatesOffence']).toBe('not-asked')
    const found = { value: 'yes', ids: ['a'], restsOn: [] }
    expect(of({}, { 'item.indicatesOffence': found })['item.indicatesOffence']).toBe('yes')
    const doubted = { ...found, value: undefined }
    expect(of({}, { 'item.indicatesOffence': doubted })['item.indicatesOffence']).toBeUndefined()
  })
})

describe('A notice', () => {
  const now = inForceOf([
    { id: 'de/own', kind: 'ground', rules: [permit('live', is('request.noticeStatus', 'active'))] },
  ])
  const on = (status: unknown) =>
    decide(
      now,
      {
        ...quiet,
        'holder.jurisdiction': 'DE',
        'requester.cannotHonour': [],
        'release.decision': 'none',
        'discretion.waived': [],
        'request.noticeStatus': status,
      },
      [{ id: '1', facts: { ...quietItem, 'item.class': 'case' } }],
    )

  test.each(['not-yet-reviewed', 'suspended', 'blocked', 'under-review', 'expired', undefined])(
    'that is %s leaves the denial open: its bureau may find it active',
    (status) => {
      const { outcome, standing, todo } = on(status)
      expect([outcome, standing]).toEqual(['deny', 'open'])
      expect(todo).toEqual([
        { alternative: 1, fact: 'request.noticeStatus', to: 'active', by: 'holder-officer' },
      ])
    },
  )

  test.each(['withdrawn', 'cancelled', 'non-compliant'])('that is %s ends it', (status) => {
    expect(on(status)).toMatchObject({ outcome: 'deny', standing: 'final', todo: [] })
  })

  test('that is active is gone on with', () => {
    expect(on('active').outcome).toBe('release')
  })
})
