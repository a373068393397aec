/** A policy that is not here yet is begun in a form, with what is wrong beside each field, and a first case. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { addPolicyNew } from '../../../functions/workbench/commands/desk.ts'
import { addCheck } from '../../../functions/workbench/commands/policy-check.ts'
import { isCountry } from '../../../functions/workbench/desk/new-fields.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'
import { onDay } from '../../on-day.ts'
import { atDesk } from './browser.ts'

onDay('2026-11-25T09:00:00Z')
afterAll(removeCopies)
let folder: string
let desk: ReturnType<typeof atDesk>
beforeEach(() => {
  folder = copyOfPolicies('own')
  desk = atDesk(folder)
})

type Form = Readonly<Record<string, string>>
const cited = (part: string, says: string, more: Form = {}): Form => ({
  [`${part}.says`]: says,
  [`${part}.cites`]: 'CPP art. 695-9-31; LED art. 8',
  [`${part}.confidence`]: 'M?',
  ...more,
})

/** A French law that lets data go to Member States for three years of custody. */
const ground: Form = {
  ...{ whose: 'fr', name: 'procedure', day: '2027-01-01', timeZone: 'Europe/Paris' },
  ...{ law: 'Code de procédure pénale (CPP)', url: 'https://www.legifrance.gouv.fr/' },
  ...{ title: 'The French police give data abroad', owner: 'Legal team', kind: 'ground' },
  ...cited('applies', 'France holds the data.'),
  ...{ 'requester.lists': 'eu-members', 'requester.codes': '', purposes: 'prosecution' },
  ...cited('otherwise', 'Without a legal basis nothing is given.'),
  ...{ leaves: 'classes', 'leaves.classes': 'identification' },
  ...cited('byRule', 'Names leave at once.', { 'byRule.nature': 'choice' }),
  ...cited('automation', 'An officer decides on the rest.', { 'automation.nature': 'mandatory' }),
  ...cited('rule', 'Three years of custody are enough.', { 'rule.nature': 'mandatory' }),
  ...{ 'rule.id': 'serious-offence', 'rule.effect': 'permit', 'rule.operator': '>=' },
  ...{ 'rule.fact': 'request.offence.maxCustodyMonthsHolder', 'rule.value': '36' },
}
const firstCase = {
  'case.facts': 'request.offence.maxCustodyMonthsHolder = 36',
  'case.name': 'Three years of custody suffice.',
  'case.outcome': 'release',
}
const stem = 'fr/procedure/2027-01-01'
const read = (ending: string) => JSON.parse(readFileSync(join(folder, `${stem}${ending}`), 'utf8'))
/** What stands as an error beside a field. */
const beside = (html: string, field: string): string =>
  new RegExp(`id="${field.replace('.', '\\.')}-wrong">(.*?)</span></div>`, 's')
    .exec(html)?.[1]
    ?.replaceAll(/<[^>]+>/g, '') ?? ''

describe('The form', () => {
  test('asks for all that a policy needs, and leads from every page', async () => {
    const { html, status } = await desk.get('/new')
    expect(status).toBe(200)
    for (const name of Object.keys(ground))
      if (!['rule.operator', 'rule.value'].includes(name))
        expect(html, name).toContain(`name="${name}"`)
    expect((await desk.get('/')).html).toContain('<a href="/new">New policy</a>')
    // Nobody has checked an article merely because a form was left as it was.
    expect(html.match(/<option value="M\?" selected>/g)).toHaveLength(5)
    expect(html).toContain('<option value="nothing" selected>')
  })

  test('shows with what a fact may be compared, once it is chosen', async () => {
    const enumerated = await desk.post('/new', {
      ...ground,
      act: 'show',
      'rule.fact': 'item.class',
    })
    expect(enumerated.html).toMatch(/name="rule.value" value="biometric"/)
    const yesOrNo = await desk.post('/new', { ...ground, act: 'show', 'rule.fact': 'item.minor' })
    expect(yesOrNo.text).toContain('the person was a minor at the event')
    expect(yesOrNo.html).not.toContain('name="rule.value"')
    expect(enumerated.html).not.toContain('value="request.urgency"')
  })

  test('asks for each sentence in the languages of whoever makes the law, marked as checked by nobody', async () => {
    const { html, text } = await desk.post('/new', { ...ground, whose: 'be', act: 'show' })
    for (const tag of ['nl', 'fr', 'de'])
      for (const part of ['applies', 'otherwise', 'byRule', 'automation', 'rule'])
        expect(html).toContain(`name="${part}.says.${tag}"`)
    expect(text).toContain('The same in Dutch')
    expect(html).toMatch(/name="translated.fr".*?<option value="M\?" selected>/s)
    const british = await desk.post('/new', { ...ground, whose: 'gb', act: 'show' })
    expect(british.html).not.toContain('.says.')
  })

  // Kills: a translation whose fault stands beside the English sentence.
  test('says beside a translation what is wrong there', async () => {
    const faults = async (change: Form) =>
      (await desk.post('/new', { ...ground, ...change, act: 'check' })).html
    const unended = await faults({
      'applies.says.fr': 'La France détient',
      'byRule.says.fr': 'Noms.',
    })
    expect(beside(unended, 'applies.says.fr')).toContain('end it with a full stop')
    expect(beside(unended, 'byRule.says.fr')).toContain('at least 8 characters')
    const others = await faults({
      'applies.says.fr': 'France holds the data.',
      'automation.says.fr': 'Les 2 agents décident.',
      'rule.says.fr': 'Un an suffit pour cela.',
    })
    expect(beside(others, 'applies.says.fr')).toContain('write it in French')
    expect(others).toContain('To what it applies, in French: ')
    expect(beside(others, 'automation.says.fr')).toContain('with 2')
    expect(beside(others, 'rule.says.fr')).toContain('without 3')
    expect(beside(others, 'rule.says')).toBe('')
  })

  // Kills: a finding of the check that reaches no field.
  test.each([
    ['whose', { whose: 'xx' }, 'there is no country `xx`'],
    ['whose', { whose: 'uk' }, 'there is no country `uk`'],
    ['name', { name: 'Procedure Code' }, 'write lower-case letters'],
    ['day', { day: '2027-02-30' }, 'write a day of the calendar'],
    ['timeZone', { timeZone: 'Europe/Pari' }, 'did you mean `Europe/Paris`?'],
    ['url', { url: 'ftp:' }, 'write a link that begins with https://'],
    ['title', { title: '' }, 'at least 3 characters'],
    ['applies.says', { 'applies.says': 'France holds the data' }, 'end it with a full stop'],
    ['applies.cites', { 'applies.cites': '' }, 'no article is cited'],
    ['requester.codes', { 'requester.codes': 'FR, FRANCE' }, 'there is no country `FRANCE`'],
    ['requester.codes', { 'requester.codes': 'FR, ZZ' }, 'there is no country `ZZ`'],
    ['rule.id', { 'rule.id': 'Serious Offence' }, 'write it as `serious-offence`'],
    ['rule.value', { 'rule.value': 'three' }, 'three'],
    ['whose', { whose: '' }, 'say whose law it is'],
    ['leaves', { 'leaves.classes': '' }, 'choose below which classes'],
    ['rule.effect', { kind: 'limit', 'rule.effect': 'permit' }, ''],
  ])('says beside `%s` what is wrong there, and writes nothing', async (field, change, fix) => {
    const { html, status } = await desk.post('/new', {
      ...ground,
      ...firstCase,
      ...change,
      act: 'write',
    })
    expect(existsSync(join(folder, 'fr/procedure'))).toBe(false)
    expect(status).toBe(422)
    if (fix !== '') expect(beside(html, field)).toContain(fix)
    expect(html).toContain('There is a problem')
  })

  test('keeps what was written, and shows it as text', async () => {
    const { html } = await desk.post('/new', {
      ...ground,
      title: '<b>x</b>',
      name: '',
      act: 'check',
    })
    expect(html).not.toContain('<b>x</b>')
    expect(html).toContain('value="&#60;b&#62;x&#60;/b&#62;"')
    expect(html).toContain('value="eu-members" checked')
  })
})

describe('The first case', () => {
  test('is asked for once nothing is wrong, with a request in which the rule holds', async () => {
    const { text, html } = await desk.post('/new', { ...ground, act: 'check' })
    expect(text).toContain('nothing is wrong with the policy')
    expect(html).toMatch(/name="case.facts" value="request.offence.maxCustodyMonthsHolder = \d+"/)
    expect(existsSync(join(folder, 'fr/procedure'))).toBe(false)
  })

  test('that the file answers otherwise writes nothing, and says what the file says', async () => {
    const wrong = { ...ground, ...firstCase, 'case.outcome': 'deny', act: 'write' }
    const { text, status } = await desk.post('/new', wrong)
    expect(status).toBe(422)
    expect(text).toContain('As the file is written, everything is given:')
    expect(text).toContain('[fr/procedure/serious-offence]')
    expect(existsSync(join(folder, 'fr/procedure'))).toBe(false)
  })

  test.each([
    [
      'in which the rule fails',
      'request.offence.maxCustodyMonthsHolder = 12',
      'the rule does not hold',
    ],
    ['with a fact that is none', 'request.custody = 12', 'there is no fact `request.custody`'],
  ])('%s is said to be none', async (_, facts, wrong) => {
    const { html } = await desk.post('/new', {
      ...ground,
      ...firstCase,
      'case.facts': facts,
      act: 'write',
    })
    expect(beside(html, 'case.facts')).toContain(wrong)
  })
})

describe('Once it is written', () => {
  test('the file says what the form said, and passes the check with its case', async () => {
    const { status, headers } = await desk.post('/new', { ...ground, ...firstCase, act: 'write' })
    expect([status, headers.get('Location')]).toEqual([
      303,
      `/cover?${new URLSearchParams({ file: `${stem}.json`, go: '1' })}`,
    ])
    expect(read('.json')).toMatchObject({
      title: 'The French police give data abroad',
      instrument: {
        name: 'Code de procédure pénale (CPP)',
        url: 'https://www.legifrance.gouv.fr/',
      },
      applies: {
        cites: ['CPP art. 695-9-31', 'LED art. 8'],
        when: {
          and: [
            { '===': [{ var: 'holder.jurisdiction' }, 'FR'] },
            { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.eu-members' }] },
            { '===': [{ var: 'request.purpose' }, 'prosecution'] },
          ],
        },
      },
      automation: { nature: 'mandatory', byRule: [{ nature: 'choice' }] },
      rules: [
        {
          id: 'serious-offence',
          when: { '>=': [{ var: 'request.offence.maxCustodyMonthsHolder' }, 36] },
          then: { effect: 'permit', code: 'serious-offence' },
        },
      ],
    })
    expect(read('.test.json').cases).toEqual([
      {
        name: 'Three years of custody suffice.',
        facts: { 'request.offence.maxCustodyMonthsHolder': 36 },
        expect: { outcome: 'release', because: ['fr/procedure/serious-offence'] },
      },
    ])
    expect((await run(addCheck, folder, ['check', 'fr'])).stdout).toContain('0 errors, 0 warnings')
  })

  test('a sentence stands in each language that somebody wrote, marked as nobody checked it', async () => {
    const french = {
      'applies.says.fr': 'Les données sont détenues par la France.',
      'rule.says.fr': 'Trois ans d’emprisonnement suffisent.',
    }
    await desk.post('/new', { ...ground, ...french, ...firstCase, act: 'write' })
    const file = read('.json')
    expect(file.applies.says).toEqual({
      en: 'France holds the data.',
      fr: 'Les données sont détenues par la France.',
    })
    expect(file.otherwise.says).toBe('Without a legal basis nothing is given.')
    expect(file.translated).toEqual({ fr: 'M?' })
    expect((await run(addCheck, folder, ['check', 'fr'])).stdout).toContain('0 errors')
  })

  test('what no case covers becomes one by a button, once somebody says that the law wants it', async () => {
    await desk.post('/new', { ...ground, ...firstCase, act: 'write' })
    const { html } = await desk.ended(`/cover?file=${stem}.json&go=1`)
    const offered = /name="case" value="([^"]*)"/.exec(html)?.[1]
    const decoded = offered?.replaceAll(/&#(\d+);/g, (_, code: string) =>
      String.fromCharCode(Number(code)),
    )
    const file = `${stem}.test.json`
    expect((await desk.post('/case', { file, case: decoded ?? '', name: '' })).status).toBe(422)
    expect(read('.test.json').cases).toHaveLength(1)
    const name = 'Two years of custody are not enough.'
    expect((await desk.post('/case', { file, case: decoded ?? '', name })).status).toBe(303)
    expect(read('.test.json').cases).toHaveLength(2)
    expect((await desk.ended(`/cover?file=${stem}.json&go=1`)).text).toContain('all 2 cases pass')
    expect((await desk.post('/case', { file, case: decoded ?? '', name })).text).toContain(
      'a case has this name',
    )
  })

  test('it is never written over', async () => {
    await desk.post('/new', { ...ground, ...firstCase, act: 'write' })
    const before = [read('.json'), read('.test.json')]
    const again = await desk.post('/new', {
      ...ground,
      ...firstCase,
      title: 'Another',
      act: 'write',
    })
    expect(beside(again.html, 'day')).toContain('is there already: start a draft of it instead')
    expect([read('.json'), read('.test.json')]).toEqual(before)
  })

  test('a limit of a body says nothing of silence, and whom it binds by lists', async () => {
    const limit = {
      ...ground,
      ...{ whose: 'eu', name: 'old-data', timeZone: '', kind: 'limit' },
      ...{ 'requester.lists': '', 'requester.codes': 'us, ca', purposes: '', law: 'a directive' },
      ...cited('rule', 'Data older than 5 years is made general.', { 'rule.nature': 'mandatory' }),
      ...{ 'rule.id': 'old-data', 'rule.effect': 'generalise' },
      ...{ 'rule.fact': 'item.yearsSinceEvent', 'rule.operator': '>', 'rule.value': '5' },
    }
    // Where such a body has a folder of its own.
    const shown = await atDesk(copyOfPolicies()).post('/new', { ...limit, act: 'check' })
    expect(shown.text).toContain('nothing is wrong with the policy')
  })
})

test('`comity policy new` says that the form is on the desk', async () => {
  const { code, stderr } = await run(addPolicyNew, folder, ['new'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('run `comity desk`')])
})

// Kills: a code that merely has a name: UK, an old one, one for pseudo-languages, one that nobody knows.
test('the countries are the 249 of ISO 3166-1', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const all = letters.flatMap((a) => letters.map((b) => `${a}${b}`))
  expect(all.filter(isCountry)).toHaveLength(249)
  for (const code of [
    'uk',
    'zz',
    'xa',
    'xb',
    'xk',
    'eu',
    'un',
    'su',
    'an',
    'dd',
    'ac',
    'DE',
    'deu',
  ])
    expect(isCountry(code), code).toBe(false)
  for (const code of ['de', 'gb', 'aq', 'ax', 'bq', 'ss', 'sx', 'tl'])
    expect(isCountry(code), code).toBe(true)
})
