/** Random arrangements between invented states, and questions about them. */

import fc from 'fast-check'
import { domain, type Entry, type World } from './arranged-oracle.ts'

const day = fc.constantFrom('2020-01-01', '2020-01-02', '2020-01-03')
const rarely = <T>(some: fc.Arbitrary<T>) =>
  fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 4 },
    { arbitrary: some.map((each): T | undefined => each), weight: 1 },
  )
const some = (name: string, least = 0) =>
  fc.subarray((domain[name] ?? []).map(String), { minLength: least })
const state = fc.constantFrom('AA', 'AA', 'BB', 'BB', 'CC', 'DD')
const until = rarely(day).map((last) => (last === undefined ? {} : { until: last }))
const party = fc.oneof(
  { arbitrary: state.map((value): object => ({ value })), weight: 6 },
  {
    arbitrary: fc
      .tuple(state, some('holder.agency', 1))
      .map(([value, agencies]): object => ({ value, agencies })),
    weight: 1,
  },
  { arbitrary: fc.constant<object>({ membersOf: 'league' }), weight: 2 },
  {
    arbitrary: fc.subarray(['AA', 'BB'], { minLength: 1 }).map((except): object => ({
      membersOf: 'league',
      except,
    })),
    weight: 1,
  },
)
const dated = fc
  .tuple(party, rarely(day), until)
  .map(([who, from, end]) => ({ ...who, ...(from === undefined ? {} : { from }), ...end }))

const sides = fc.oneof(
  fc.record({
    parties: fc.array(dated, { minLength: 2, maxLength: 2 }),
    direction: fc.constantFrom('both', 'both', 'to-first', 'to-second'),
  }),
  fc.record({
    parties: fc.array(dated, { minLength: 1, maxLength: 4 }),
    multilateral: fc.constant(true as const),
    direction: fc.constant('both'),
  }),
)

/** Some classes of data, never all of them left out again. */
const data = fc.oneof(
  fc.constant({}),
  fc.constant({ excludes: ['special'] }),
  some('item.class', 1).map((classes) => ({ classes })),
  fc.constant({ classes: ['biometric', 'case'], excludes: ['biometric'] }),
)

const entry = fc
  .tuple(
    sides,
    data,
    until,
    rarely(day.map((from) => [{ from, until: from, cites: 'art. 1' }])),
    rarely(fc.constantFrom(12, 13)),
    fc.record({
      kind: fc.constantFrom(
        ...[
          'police',
          'police',
          'police',
          'mla',
          'mla',
          'vetting',
          'safeguards-only',
          'safeguards-only',
        ],
        ...['provider', 'carrier', 'channel'],
      ),
      safeguards: fc.constantFrom('none', 'none', 'use-limits', 'use-limits', 'binding'),
      channels: some('request.channel', 2),
      authorities: some('requester.authorityType', 2),
      purposes: some('request.purpose', 2),
      duties: fc.subarray(['O-USE', 'O-ONWARD', 'O-CONF']),
      from: fc.oneof(day, fc.constant('2020-01-01')),
    }),
  )
  .map(([who, what, end, suspensions, months, rest]) => ({
    ...who,
    ...what,
    ...end,
    ...rest,
    ...(suspensions === undefined ? {} : { suspensions }),
    ...(months === undefined ? {} : { threshold: { maxCustodyMonthsRequester: months } }),
  }))

/** Two states that are often parties, and what they ask. */
const facts = fc
  .record(
    Object.fromEntries(
      Object.entries(domain).map(([name, all]) => [name, fc.constantFrom(...all)]),
    ),
  )
  .chain((all) =>
    fc.constantFrom(
      all,
      { ...all, 'holder.jurisdiction': 'AA', 'requester.jurisdiction': 'BB' },
      { ...all, 'holder.jurisdiction': 'BB', 'requester.jurisdiction': 'AA' },
    ),
  )

const league = fc.subarray(['AA', 'BB', 'CC', 'DD'])

const told = { title: 'A test', binding: true, cites: 'art. 1', confidence: 'V' } as const

/** Questions; `unknown` facts at most are left out of each, and sometimes the list of the league. */
export const worlds = (unknown: number): fc.Arbitrary<World> =>
  fc
    .record({
      entries: fc.array(entry, { minLength: 1, maxLength: 6 }),
      league: unknown === 0 ? league : fc.option(league, { nil: undefined }),
      day,
      facts,
      left: fc.subarray(Object.keys(domain), { maxLength: unknown }),
    })
    .map(({ entries, facts: all, left, ...rest }) => ({
      ...rest,
      entries: entries.map((each, i) => ({ ...told, ...each, id: `E${i}` }) as Entry),
      facts: Object.fromEntries(Object.entries(all).filter(([name]) => !left.includes(name))),
    }))

const every = {
  ...{ title: 'A test', binding: true, cites: 'art. 1', confidence: 'V', duties: [] },
  ...{ direction: 'both', from: '2020-01-01', channels: ['bilateral'], authorities: ['police'] },
  purposes: ['investigation'],
}

/** A world that chance brings seldom: whether stronger safeguards bind both hangs on a list that is not in force. */
// A cast, since the words of an entry are no more than strings here.
export const unknownLeague = {
  league: undefined,
  day: '2020-01-01',
  entries: [
    {
      ...{ ...every, id: 'E0', kind: 'safeguards-only', safeguards: 'use-limits' },
      parties: [{ membersOf: 'league', except: ['AA'] }, { value: 'AA' }],
    },
    {
      ...{ ...every, id: 'E1', kind: 'police', safeguards: 'none' },
      parties: [{ value: 'AA' }, { value: 'BB' }],
    },
  ],
  facts: {
    'holder.jurisdiction': 'AA',
    'requester.jurisdiction': 'BB',
    'holder.agency': 'XX-ONE',
    'requester.agency': 'XX-TWO',
    'requester.authorityType': 'police',
    'request.channel': 'bilateral',
    'request.purpose': 'investigation',
    'item.class': 'case',
    'request.offence.maxCustodyMonthsRequester': 11,
  },
} as World
