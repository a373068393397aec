/** What a policy says of the person who decides, and what comes too late as a duty. */

import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../../functions/policy/book.ts'
import { lint } from '../../../functions/workbench/law/lint.ts'
import {
  deny,
  fileOf,
  is,
  isNot,
  type Json,
  listOf,
  oblige,
  permit,
  type WrittenPolicy,
} from '../../decision/write.ts'
import { chainOf, lawOf, type Said, sealOf } from '../../policy/sealing.ts'

const police = is('requester.authorityType', 'police')
const ground = (over: Partial<WrittenPolicy> = {}): SourceFile =>
  fileOf({ id: 'de/own', kind: 'ground', rules: [permit('police', police)], ...over })
const limit = (...rules: WrittenPolicy['rules']): SourceFile =>
  fileOf({ id: 'eu/a', kind: 'limit', rules })

/** A file with one change to its JSON. */
function changed(file: SourceFile, change: (json: Record<string, Json>) => void): SourceFile {
  const json = JSON.parse(file.text) as Record<string, Json>
  change(json)
  return { path: file.path, text: JSON.stringify(json) }
}

/** `severity code at pointer: fix`. */
const said = (...files: readonly SourceFile[]): readonly string[] =>
  lint(files, { seals: {}, sealers: [] }, '2026-11-24')
    .filter(({ code }) => !['draft', 'always-true', 'contained'].includes(code))
    .map(({ severity, code, pointer, fix }) => `${severity} ${code} at ${pointer}: ${fix}`)

const asCondition =
  'make it a condition: deny unless the fact that says so is attested, such as `release.decision`'
const officer = [isNot('item.class', 'case')]

describe('who decides', () => {
  test('a ground that does not say is told what to write', () => {
    const [only, ...others] = said(ground({ automation: 'unsaid' }))
    expect(others).toEqual([])
    expect(only).toMatch(/^error automation at \/automation: add "automation": \{ "says": /)
  })

  // Kills: a limit, or a repealed ground, that must say (`lintRelease`).
  test('a limit and a repealed ground need not say, and one that says is sound', () => {
    expect(said(limit(deny('police', police)))).toEqual([])
    expect(said(ground({ automation: officer }))).toEqual([])
    const repealed = changed(ground({ automation: 'unsaid' }), (json) => {
      json.repealed = true
    })
    expect(said(repealed)).toEqual([])
  })

  // Kills: a fault of a condition that is looked for in the rules alone (lint-repair.ts).
  test('a condition of what leaves by rule is checked as any other', () => {
    expect(said(ground({ automation: [is('item.clas', 'case')] }))).toEqual([
      'error fact at /automation/byRule/0/when/===/0/var: did you mean `item.class`?',
    ])
    expect(said(ground({ automation: [is('request.offence.category', 'ordinary')] }))).toEqual([
      'error claim at /automation/byRule/0/when: read `request.offence.character`',
    ])
    const never = { and: [is('item.class', 'case'), is('item.class', 'health')] }
    expect(said(ground({ automation: [never] }))[0]).toMatch(
      /^error contradiction at \/automation\/byRule\/0\/when/,
    )
  })

  // Kills: everything by rule without an article (`lintRelease`).
  test('that everything leaves by rule is a choice, or there is an article', () => {
    const by = (nature: string, cite: string) =>
      said(
        changed(ground(), (json) => {
          const { byRule, ...rest } = json.automation as { byRule: readonly Json[] }
          const all = byRule.map((each) => ({ ...(each as object), nature, cites: [cite] }))
          json.automation = { ...rest, byRule: all } as Json
        }),
      )
    expect(by('mandatory', 'the usual way')).toEqual([
      'error automation at /automation/byRule/0: cite the article that lets it go, or write `"nature": "choice"`',
    ])
    expect(by('choice', 'the usual way')).toEqual([])
    expect(by('mandatory', 'LED art. 10')).toEqual([])
  })

  // Kills: a permit, a scope, or what leaves by rule, that rests on the officer's decision.
  test('what an officer decides is no basis, and may be asked by a refusal', () => {
    const released = is('release.decision', 'release')
    expect(said(ground({ rules: [permit('released', released)] }))[0]).toMatch(
      /^error decision-read at \/rules\/0\/when/,
    )
    expect(said(ground({ applies: released })).join()).toContain('decision-read at /applies/when')
    expect(said(ground({ automation: [released] }))[0]).toMatch(
      /^error decision-read at \/automation\/byRule\/0\/when/,
    )
    expect(said(limit(deny('reserved', isNot('release.decision', 'release'))))).toEqual([])
  })
})

describe('what a file leaves to an officer', () => {
  const saying = (line: string, ...rules: WrittenPolicy['rules']) =>
    said(
      changed(limit(...rules), (json) => {
        json.unchecked = [line]
      }),
    )
  const waits = deny('case-by-case', isNot('release.decision', 'release'))
  const mend = 'deny by it where `release.decision` is not `release`, or say what is so'

  // Kills: each of the two notes; a line that is read as a whole, so that one sentence answers for another
  // (lint-release.ts, `notePromised`).
  test('by a rule that it names is there, and the rule waits for him', () => {
    const line =
      'An officer of the holder decides on each item (rule case-by-case). The rest is ours.'
    expect(saying(line, waits)).toEqual([])
    expect(saying(line, deny('other', police))).toEqual([
      'error promised at /unchecked/0: name one that is',
    ])
    expect(saying(line, deny('case-by-case', police))).toEqual([
      `error promised at /unchecked/0: ${mend}`,
    ])
    const two =
      'An officer decides on some. The purpose is told by the request (rule case-by-case).'
    expect(saying(two, deny('case-by-case', police))).toEqual([])
    expect(saying('No fact tells: left to counsel.', waits)).toEqual([])
  })
})

describe('a choice beside law that reserves', () => {
  const choice = 'narrow it to what the other lets go by rule, too'
  const law = (automation: readonly Json[], over: Partial<WrittenPolicy> = {}) =>
    changed(
      fileOf({ id: 'eu/b', kind: 'ground', rules: [permit('a', police)], automation, ...over }),
      (json) => {
        json.automation = { ...(json.automation as object), nature: 'mandatory' } as Json
      },
    )

  // Kills: each comparison of `reserves`.
  test('lets nothing go that the law keeps, and is asked about', () => {
    const warned = [`warning choice at /automation/byRule/0/nature: ${choice}`]
    expect(said(ground(), law([]))).toEqual(warned)
    expect(said(ground(), law([is('item.class', 'case')]))).toEqual(warned)
    expect(said(ground(), limit(deny('a', isNot('release.decision', 'release'))))).toEqual(warned)
  })

  // Kills: a rule that is itself a choice, taken for what the law says (lint-conditions.ts, `ruleIn`).
  test('is no matter where the other reserves it by a choice, too', () => {
    const waits = isNot('release.decision', 'release')
    expect(said(ground(), limit(deny('a', waits, { nature: 'choice' })))).toEqual([])
  })

  test('is no matter where both let it go, or never speak of one request', () => {
    const object = is('item.class', 'object')
    expect(said(ground({ automation: [object] }), law([object]))).toEqual([])
    const away = { applies: is('holder.jurisdiction', 'FR') }
    const here = { applies: is('holder.jurisdiction', 'DE') }
    expect(said(ground(here), law([], away))).toEqual([])
    const other = limit(
      deny('a', { and: [isNot('release.decision', 'release'), is('item.class', 'case')] }),
    )
    expect(said(ground({ automation: [object] }), other)).toEqual([])
  })

  // Kills: lists that hold one another taken for any two (`isNested`).
  test('is no matter where a list of the one is within a list of the other', () => {
    const on = (list: string) => ({
      in: [{ var: 'requester.jurisdiction' }, { var: `lists.${list}` }],
    })
    const members = ground({ applies: on('members') })
    const third = law([], { applies: { '!': [on('bound')] } })
    const from = { from: '2020-01-01', cites: 'LED art. 63(1)', confidence: 'V' }
    const bound = (entry: Json) => listOf('bound', [], { members: [entry] })
    const choices = (entry: Json) =>
      said(members, third, listOf('members', ['FR']), bound(entry)).filter((each) =>
        each.startsWith('warning choice'),
      )
    expect(choices({ membersOf: 'members', ...from })).toEqual([])
    expect(choices({ membersOf: 'members', ...from, until: '2030-01-01' })).toHaveLength(1)
    expect(choices({ value: 'FR', ...from })).toHaveLength(1)
  })

  // Kills: a version that decides nothing more, compared with what others let go.
  test('is no matter once a sealed version of that law lets it go, and before that it is', () => {
    const old = law([])
    const open = fileOf({ id: 'eu/b', kind: 'ground', rules: [permit('a', police)] }, '2024-01-01')
    const choices = (...sealed: readonly SourceFile[]) => {
      const { seals, sealers } = lawOf(sealed, '2023-12-01T10:00:00Z')
      return lint([ground(), old, open], { seals, sealers }, '2026-11-24').filter(
        ({ path, code }) => path === 'de/own/2020-01-01.json' && code === 'choice',
      )
    }
    expect(choices(old, open)).toEqual([])
    expect(choices(old)).toHaveLength(1)
  })

  // Kills: a correction that was retired, taken for the law that decides (`isPast`).
  test('is a matter again once the version that let it go was retired', () => {
    const old = law([])
    const { path, text } = fileOf({ id: 'eu/b', kind: 'ground', rules: [permit('a', police)] })
    const open = { path: path.replace('.json', '.r2.json'), text }
    const [sealedAt, from] = ['2023-12-01T10:00:00Z', '2024-02-01T10:00:00Z']
    const sealed = [old, open].map((each) => sealOf(each, sealedAt))
    const { body } = sealOf(open, from)
    const retired: Said = { statedAt: from, body: { ...body, act: 'retire', from } }
    const choices = (...said: readonly Said[]) => {
      const { sealers } = lawOf([], sealedAt)
      const seals = { eu: chainOf('eu', said) }
      return lint([ground(), old, open], { seals, sealers }, '2026-11-24').filter(
        ({ path, code }) => path === 'de/own/2020-01-01.json' && code === 'choice',
      )
    }
    expect(choices(...sealed)).toEqual([])
    expect(choices(...sealed, retired)).toHaveLength(1)
  })
})

describe('a duty that comes too late', () => {
  // Kills: a duty that is `before` and not noted, on any effect that lets something go.
  test('is named by its code on a permit, a duty and an exception', () => {
    const owed = { obligations: [{ code: 'O-LOG' }, { code: 'O-CONFIRM' }] }
    const at = (place: string) => `error too-late at ${place}: ${asCondition}`
    expect(said(limit(oblige('a', police, owed.obligations)))).toEqual([
      at('/rules/0/then/obligations/1'),
    ])
    expect(said(ground({ rules: [permit('a', police, {}, owed)] }))).toEqual([
      at('/rules/0/then/obligations/1'),
    ])
    const unless = [{ when: is('threat.life', 'imminent'), ...owed }]
    expect(said(limit(deny('a', police, { unless })))).toEqual([
      at('/rules/0/unless/0/obligations/1'),
    ])
  })

  const saying = (says: string) =>
    said(
      changed(limit(oblige('a', police, [{ code: 'O-LOG' }])), (json) => {
        json.rules = (json.rules as readonly object[]).map((each) => ({ ...each, says })) as Json
      }),
    )
  test.each([
    'An officer confirms the release.',
    'A person decides on the return of core data.',
    'The competent judge approves each transfer.',
    'It is approved by the responsible minister.',
    'Before anything leaves the two authorities agree on it.',
    'Data goes only after the match was looked at.',
    'The file is checked first.',
  ])('is known by its sentence: %s', (says) => {
    expect(saying(says)).toEqual([`error too-late at /rules/0/says: ${asCondition}`])
  })
  test.each([
    'What is given is no evidence before a court.',
    'Before anyone is stopped or held, the recipient asks whether the data still holds.',
    'What the network answers at once is confirmed by a formal request.',
    'What is given is no evidence unless the approving authority agrees.',
    'The recipient passes nothing on.',
  ])('is not what a duty says of later: %s', (says) => {
    expect(saying(says)).toEqual([])
  })
})
