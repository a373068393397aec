import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { removeCopies, rewrite } from '../../cli/in-process.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { newestOwn } from '../../own-law.ts'
import { before, digestIn, draft, startDraft } from './drafting.ts'

afterAll(removeCopies)
const { folder, desk, read, start, press, raised } = await startDraft()

describe('a new draft', () => {
  test('is a copy with its change and its cases, about the new version on a day of its own', () => {
    const [old, made] = [before, draft].map((path) => JSON.parse(read(`${path}.json`)))
    expect(made).toEqual({ ...old, change: 'Raises the threshold to two years.' })
    const cases = JSON.parse(read(`${draft}.test.json`))
    expect([cases.about, cases.asOf]).toEqual(['eu/exchange@2027-01-01', '2027-01-01'])
    expect(cases.cases).toEqual(JSON.parse(read(`${before}.test.json`)).cases)
  })

  // Kills: a page of the draft from which nobody finds the signing.
  test('leads from each of its pages to the others, and to signing', async () => {
    const names = [
      'Read it',
      'Edit the draft',
      'Edit its cases',
      'What it changes',
      'Statements',
      'Coverage',
    ]
    for (const [path, here] of [
      [`/law/${draft}`, 'Read it'],
      [`/edit?file=${draft}.json`, 'Edit the draft'],
      [`/edit?file=${draft}.test.json`, 'Edit its cases'],
      [`/compare?after=${draft.replace(/\/([^/]*)$/, '@$1')}`, 'What it changes'],
      [`/statements?file=${draft}.json`, 'Statements'],
      [`/cover?file=${draft}.json`, 'Coverage'],
      [`/impact?file=${draft}.json`, 'Impact'],
      [`/sign?file=${draft}.json`, 'Sign it'],
    ] as const) {
      const { html, text } = await desk.get(path)
      expect(text, path).toContain([...names, 'Impact', 'Sign it'].join(' · '))
      expect(html, path).toContain(`<strong>${here}</strong>`)
      expect(html, path).toContain('<a href="/" aria-current="true">Policies</a>')
    }
  })

  test('never takes the place of a file that is there', async () => {
    const { status, text } = await start()
    expect(status).toBe(422)
    expect(text).toContain('is there already')
  })

  test('says in a sentence what it changes, and has a day', async () => {
    expect((await start({ day: '2028-01-01', change: 'none' })).text).toContain('a full sentence')
    expect((await start({ day: '../../2028' })).text).toContain('is no day')
    expect((await start({ of: '../package.json' })).text).toContain('there is no version')
  })
})

describe('who checks what by when', () => {
  const file = newestOwn('eu/exchange').path
  const plan = async (fields: Readonly<Record<string, string>>) => {
    const { html } = await desk.get(`/unchecked/plan?file=${file}`)
    const hidden = [...html.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll('&#39;', "'")],
    )
    return desk.post('/unchecked/plan', { ...Object.fromEntries(hidden), ...fields })
  }
  const kept = () => JSON.parse(read('eu/unchecked.json'))

  test('is kept beside the law, shown with what is overdue, and the law stays as it is', async () => {
    const before = read(file)
    const saved = await plan({ 'owner.0': 'A. Jurist', 'by.0': '2026-11-01' })
    expect(saved.headers.get('Location')).toBe('/unchecked')
    // Whoever has the folder still has all else.
    expect(kept()[0]).toMatchObject({ of: 'eu', owner: 'Counsel for the European Union' })
    expect(kept().filter(({ of }: { of: string }) => of === 'eu/exchange')).toEqual([
      { of: 'eu/exchange', place: expect.any(String), owner: 'A. Jurist', by: '2026-11-01' },
    ])
    expect((await desk.get('/unchecked')).text).toContain('A. Jurist, 2026-11-01 ✕ overdue')
    expect(read(file)).toBe(before)
  })

  test('needs a name and a day, and is not written over what somebody wrote meanwhile', async () => {
    const before = kept()
    expect((await plan({ 'owner.0': 'A. Jurist', 'by.0': 'soon' })).text).toContain('by which day')
    const stale = await plan({ 'owner.0': 'B. Jurist', 'by.0': '2027-01-15', digest: 'old' })
    expect([stale.status, stale.text]).toEqual([422, expect.stringContaining('meanwhile')])
    const moved = await plan({ 'place.0': 'another place' })
    expect(moved.text).toContain('meanwhile')
    expect(kept()).toEqual(before)
  })
})

describe('the text of a draft', () => {
  test('that somebody changed meanwhile is not written over, and both texts are shown', async () => {
    const { html } = await desk.get(`/edit?file=${draft}.json`)
    rewrite(folder, `${draft}.json`, (text) => text.replace('two years', 'two years or so'))
    const theirs = read(`${draft}.json`)
    const mine = raised().replace('two years or so', 'two whole years')
    const answer = await press('save-faulty', mine, `${draft}.json`, digestIn(html))
    expect(answer.text).toContain('Not saved: somebody changed the file meanwhile')
    expect(answer.text).toContain('two years or so')
    expect(answer.text).toContain('two whole years')
    expect(read(`${draft}.json`)).toBe(theirs)
    // Whoever has seen both may save again.
    await press('save-faulty', mine, `${draft}.json`, digestIn(answer.html))
    expect(read(`${draft}.json`)).toBe(mine)
  })

  test('is written with its errors if that was asked', async () => {
    const text = read(`${draft}.test.json`)
    const wrong = text.replace('"release"', '"relase"')
    await press('save-faulty', wrong, `${draft}.test.json`)
    expect(read(`${draft}.test.json`)).toBe(wrong)
    await press('save-faulty', text, `${draft}.test.json`)
  })
})

afterAll(removeFolders)

// Kills: a sealed file that may be written; a folder or a file that is a link; above, a digest that is not compared.
describe('nothing is read or written', () => {
  const outside = join(temporaryFolder(), 'eu/exchange')
  mkdirSync(outside, { recursive: true })
  writeFileSync(join(outside, '2030-01-01.json'), '{"secret": true}')
  symlinkSync(join(outside, '2030-01-01.json'), join(folder, 'eu/exchange/2030-01-01.json'))
  symlinkSync(outside, join(folder, 'eu/elsewhere'))
  symlinkSync(dirname(join(folder, before)), join(folder, 'eu/alias'))

  test.each([
    ['a sealed version', `${before}.json`, 'is sealed'],
    ['a seal', 'eu/seals.json', 'there is no policy'],
    ['a key', 'demonstration-keys/release-1.json', 'there is no policy'],
    ['above the folder', '../package.json', 'there is no policy'],
    ['by another way to write the path', `eu/../${draft}.json`, 'there is no policy'],
    ['through a link', 'eu/exchange/2030-01-01.json', 'leads out of the policies'],
    ['a sealed version by a link', `eu/alias/${basename(before)}.json`, 'leads out'],
    ['through a folder that is a link', 'eu/elsewhere/2030-01-01.json', 'leads out'],
  ])('%s', async (_, path, why) => {
    const shown = await desk.get(`/edit?file=${path}`)
    expect(shown.status).toBe(422)
    expect(shown.text).toContain(why)
    expect(shown.html).not.toMatch(/<textarea|secret/)
    const fields = { act: 'save-faulty', file: path, text: '{}', digest: '' }
    expect((await desk.post('/edit', fields)).text).toContain(why)
    expect(readFileSync(join(outside, '2030-01-01.json'), 'utf8')).toBe('{"secret": true}')
  })
})
