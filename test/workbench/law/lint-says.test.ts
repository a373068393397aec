/** A permit tests what it says, or says what does. */

import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../../functions/policy/book.ts'
import { lint } from '../../../functions/workbench/law/lint.ts'
import { deny, fileOf, is, isNot, type Json, listOf, permit } from '../../decision/write.ts'

type Sentence = {
  readonly says?: string
  readonly cites?: readonly string[]
  readonly more?: object
}

/** A ground with one rule that says something, and others. */
function saying(
  { says = 'The law says so.', cites = ['art. 1'], more = {} }: Sentence,
  when: Json,
  { effect = 'permit', applies = true, others = [] as readonly ReturnType<typeof deny>[] } = {},
): SourceFile {
  const rule = effect === 'permit' ? permit('one', when) : deny('one', when)
  const rules = [rule, ...(effect === 'permit' ? [] : [permit('some', police)]), ...others]
  const { path, text } = fileOf({ id: 'de/own', kind: 'ground', applies, rules })
  const json = JSON.parse(text)
  Object.assign(json.rules[0], { says, cites, ...more })
  return { path, text: JSON.stringify(json) }
}

const police = is('requester.authorityType', 'police')

const found = (...files: readonly SourceFile[]): readonly string[] =>
  lint(files, { seals: {}, sealers: [] }, '2026-11-24')
    .filter(({ code }) => ['untested', 'by-instrument', 'tested-elsewhere'].includes(code))
    .map(({ severity, code, pointer, message }) => `${severity} ${code} at ${pointer}: ${message}`)

const untested = (words: string, place = '/rules/0/says') => [
  `error untested at ${place}: \`${words}\` names a condition that \`when\` does not test`,
]

describe('words that name a condition', () => {
  test.each([
    ['Police may be given records under an arrangement.', 'arrangement'],
    ['Data may go where an agreement provides for it.', 'agreement'],
    ['Data may go where a treaty has to be kept.', 'treaty'],
    ['Police are answered through the bureau.', 'through'],
    ['Police are answered over INTERPOL.', 'INTERPOL'],
    ['Police are answered on this channel.', 'channel'],
    ['A state is helped once the ministry has approved it.', 'approved'],
    ['A record may be given with the consent of the person.', 'consent'],
    ['A record may be given where the holder found it needed in this case.', 'in this case'],
    ['Police may be given records by a published routine use.', 'routine use'],
    ['Police may be given what is due under the regulation.', 'under the regulation'],
    ['Records of the last five years may be given.', 'five years'],
    ['Records of 18 months may be given.', '18 months'],
  ])('%s', (says, words) => {
    expect(found(saying({ says }, police))).toEqual(untested(words))
  })

  test('an article of a permit names one, too; that of a refusal does not', () => {
    const cites = ['art. 1', 'Agreement on police of 1999 art. 4']
    expect(found(saying({ cites }, police))).toEqual(untested('Agreement', '/rules/0/cites/1'))
    expect(found(saying({ cites }, is('item.minor', true), { effect: 'deny' }))).toEqual([])
  })

  test('a refusal has to test the years that it names, and nothing else', () => {
    const when = is('item.minor', true)
    const after = { says: 'What is older than five years is withheld.' }
    expect(found(saying(after, when, { effect: 'deny' }))).toEqual(untested('five years'))
    expect(
      found(saying(after, { '>': [{ var: 'item.yearsSinceEvent' }, 5] }, { effect: 'deny' })),
    ).toEqual([])
    expect(
      found(saying({ says: 'No treaty is served by this.' }, when, { effect: 'deny' })),
    ).toEqual([])
    expect(
      found(saying({ says: 'What is given is told in the report of the year.' }, police)),
    ).toEqual([])
  })

  test('what is not needed names no condition', () => {
    for (const says of [
      'The minister may help any state, with a treaty or without one.',
      'Police answer one another, without an agreement.',
    ])
      expect(found(saying({ says }, police))).toEqual([])
  })
})

describe('a test of what is named', () => {
  const arranged = isNot('arrangement.covers', 'none')
  const says = 'Police may be given records under an arrangement.'

  test.each([
    arranged,
    is('arrangement.unlisted', 'attested'),
    { or: [arranged, is('arrangement.unlisted', 'attested')] },
    { and: [police, is('arrangement.safeguards', 'binding')] },
  ] as const)('an arrangement is tested by %j', (when) => {
    expect(found(saying({ says }, when))).toEqual([])
  })

  // Kills: a fact that is read, and need not hold (`isTested`).
  test.each([
    { or: [arranged, police] },
    { or: [is('arrangement.unlisted', 'attested'), isNot('arrangement.unlisted', 'refused')] },
    is('arrangement.covers', 'none'),
  ] as const)('an arrangement is not tested by %j', (when) => {
    expect(found(saying({ says }, when))).toEqual(untested('arrangement'))
  })

  test('a channel is tested where none but it passes', () => {
    const over = { says: 'Police are answered over INTERPOL.' }
    expect(found(saying(over, is('request.channel', 'interpol')))).toEqual([])
    expect(found(saying(over, isNot('request.channel', 'mla-central')))).toEqual(
      untested('INTERPOL'),
    )
    const desk = { says: 'Police are answered through one desk.' }
    expect(found(saying(desk, is('holder.agency', 'DE-BKA')))).toEqual([])
  })

  test('alternatives are tested together', () => {
    const says = 'Data may go over INTERPOL, or with the consent of the minister.'
    const when = { or: [is('request.channel', 'interpol'), is('approval.minister', 'given')] }
    expect(found(saying({ says }, when))).toEqual([])
    expect(found(saying({ says }, is('request.channel', 'interpol')))).toEqual(untested('consent'))
    const open = { or: [...when.or, police] }
    expect(found(saying({ says }, open))).toHaveLength(2)
  })

  test('a list of the parties tests an agreement, and another list does not', () => {
    const parties = listOf('parties', ['US'], { says: 'States that signed the agreement.' })
    const others = listOf('others', ['US'])
    const on = (list: string) => ({
      in: [{ var: 'requester.jurisdiction' }, { var: `lists.${list}` }],
    })
    const agreed = { says: 'Data may go to a state with an agreement.' }
    expect(found(saying(agreed, on('parties')), parties)).toEqual([])
    expect(found(saying(agreed, on('others')), others)).toEqual(untested('agreement'))
  })
})

describe('an instrument in force', () => {
  const claimed = is('instrument.inForce', 'EU-US-MLA')
  const alone = [
    'error by-instrument at /rules/0/when: that an instrument is claimed and binds both lets this go, whatever it covers',
  ]

  test('never permits alone', () => {
    expect(found(saying({}, claimed))).toEqual(alone)
    expect(found(saying({}, { and: [police, claimed] }))).toEqual(alone)
  })

  // Kills: an arrangement that is read beside it (`isByClaim`).
  test('permits nothing beside an arrangement that it does not cover', () => {
    const arranged = isNot('arrangement.covers', 'none')
    expect(found(saying({}, { and: [claimed, arranged] }))).toEqual([])
    expect(found(saying({}, { or: [claimed, arranged] }))).toEqual(alone)
    expect(found(saying({}, { or: [is('instrument.inForce', 'none'), arranged] }))).toEqual([])
  })

  test('may refuse, and say what a policy is about', () => {
    expect(found(saying({}, claimed, { effect: 'deny' }))).toEqual([])
    expect(found(saying({}, police, { applies: claimed as never }))).toEqual([])
  })
})

describe('what is tested elsewhere', () => {
  const says = 'Police may be given records under an arrangement of the minister.'
  const by = (name: string, words = 'an arrangement') => ({
    more: { testedElsewhere: [{ words, by: name }] },
  })
  const without = deny('unarranged', is('arrangement.covers', 'none'))
  const wrong = (place: string, message: string) => [
    `error tested-elsewhere at /rules/0/testedElsewhere/0/${place}: ${message}`,
  ]

  test('is named by a rule that refuses, here or in another file', () => {
    expect(found(saying({ says, ...by('unarranged') }, police, { others: [without] }))).toEqual([])
    const other = fileOf({ id: 'eu/a', kind: 'limit', rules: [without] })
    expect(found(saying({ says, ...by('eu/a/unarranged') }, police), other)).toEqual([])
  })

  test('is named by a fact that the scope or the condition reads', () => {
    const given = is('approval.minister', 'given')
    expect(found(saying({ says, ...by('approval.minister') }, given))).toEqual([])
    const applies = given as never
    expect(found(saying({ says, ...by('approval.minister') }, police, { applies }))).toEqual([])
    expect(found(saying({ says, ...by('approval.minister') }, police))).toEqual(
      wrong('by', 'neither `applies` nor `when` reads `approval.minister`'),
    )
  })

  test('is no rule that permits, and none that is not there', () => {
    expect(found(saying({ says, ...by('one') }, police))).toEqual(
      wrong('by', '`one` is no fact, and no rule that refuses'),
    )
    expect(found(saying({ says, ...by('eu/a/nothing') }, police))).toHaveLength(1)
  })

  test('answers for the words that it names, and for no others', () => {
    const both = 'Police may be given records over INTERPOL under an arrangement.'
    const others = [without]
    expect(found(saying({ says: both, ...by('unarranged') }, police, { others }))).toEqual(
      untested('INTERPOL'),
    )
    expect(found(saying({ says, ...by('unarranged', 'a treaty') }, police, { others }))).toEqual([
      ...wrong('words', '`a treaty` stands neither in the sentence nor in the articles'),
      ...untested('arrangement'),
    ])
  })
})

test('a file with slips of any kind is looked at as far as it goes', () => {
  const more = { testedElsewhere: [{ words: 7 }, null], cites: [7] }
  expect(found(saying({ says: 'Data may go by treaty.', more }, police))).toContainEqual(
    untested('treaty')[0],
  )
})

test('what was sealed is warned of while it counts; what went before it is left alone', () => {
  const of = (day: string, says: string) => {
    const { text } = saying({ says }, police)
    return { path: `de/own/${day}.json`, text }
  }
  const old = of('2020-01-01', 'Police may be given records under a treaty.')
  const now = of('2021-01-01', 'Police may be given records under an agreement.')
  const next = of('2030-01-01', 'Police may be given records under a convention.')
  expect(found(old, now, next).map((each) => each.replace(/^.*: `(\w+)`.*$/, '$1'))).toEqual([
    'agreement',
    'convention',
  ])
})
