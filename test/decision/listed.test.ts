/** What is taken from a record about where an item comes from, and what follows from a notice. */

import { describe, expect, test } from 'vitest'
import { decide } from '../../functions/decision/decide.ts'
import { itemFacts } from '../../functions/decision/gather.ts'
import type { RecordItem } from '../../functions/decision/record.ts'
import { inForceOf, is, permit, quiet, quietItem } from './write.ts'

const today = '2026-11-27'

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
