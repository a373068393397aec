/** The desk as a lawyer changes the law on it: what the check, the comparison, the cases and the log say. */

import { renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import { agencyKey } from '../../../functions/demo/keys.ts'
import { seededDecisions } from '../../bench/impact.ts'
import { removeCopies } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { serving } from '../../serving.ts'
import { atDesk, today } from './browser.ts'
import { draft, startDraft } from './drafting.ts'

afterAll(removeCopies)
afterAll(removeFolders)
const { folder, desk, read, press, raised } = await startDraft()

describe('the text of a draft', () => {
  test('that has an error is not written; the error has its line and what to do', async () => {
    const text = read(`${draft}.json`)
    const wrong = text.replace('"mandatory"', '"mandatry"')
    const line = wrong.slice(0, wrong.indexOf('mandatry')).split('\n').length
    const answer = await press('save', wrong)
    expect(answer.text).toContain('Not saved: mend the errors first')
    expect(answer.text).toMatch(
      new RegExp(`eu/exchange/2027-01-01\\.json:${line}:\\d+ \\[value\\]`),
    )
    expect(answer.text).toContain('did you mean `mandatory`?')
    expect(answer.html).toContain('<mark>&#34;mandatry&#34;</mark>')
    expect(read(`${draft}.json`)).toBe(text)
  })

  test('is checked without being written', async () => {
    const text = read(`${draft}.json`)
    expect((await press('check', raised())).text).toContain('it is a draft')
    expect(read(`${draft}.json`)).toBe(text)
  })

  test('is written as it stands in the form, with the rights that the file had', async () => {
    const text = raised()
    const mode = statSync(join(folder, `${draft}.json`)).mode
    const { status, headers } = await press('save', text)
    expect([status, headers.get('Location')]).toEqual([
      303,
      '/edit?file=eu%2Fexchange%2F2027-01-01.json&saved=1',
    ])
    expect(read(`${draft}.json`)).toBe(text)
    expect(statSync(join(folder, `${draft}.json`)).mode).toBe(mode)
  })
})

describe('what a draft does', () => {
  test('is shown as a redline, with a request that is then refused', async () => {
    const names = new URLSearchParams({
      before: 'eu/exchange@2024-12-12.r2',
      after: 'eu/exchange@2027-01-01',
    })
    const { text, html } = await desk.ended(`/compare?${names}&go=1`)
    expect(html).toContain('<del>12</del> <ins>24</ins>')
    expect(text).toContain("the maximum custody under the holder's law: 24 months")
    expect(text).toMatch(/Before Released.* After Denied/)
  })

  // How long work lets others be answered: `long-work.test.ts`. Kills: a page that forgets what was to be compared; one
  // that begins again what an earlier start of the desk had begun.
  test('is compared by the two versions that the page keeps', async () => {
    const names = new URLSearchParams({
      before: 'de/police@2018-05-25',
      after: 'de/police@2026-02-14.r2',
    })
    const compared = await desk.ended(`/compare?${names}&go=1`)
    expect(compared.text).toMatch(/From de\/police@2018-05-25 to de\/police@2026-02-14\.r2/)
    // An address of another start of the desk begins nothing.
    const { text, html } = await desk.get(`/compare?${names}&run=99`)
    expect(text).toContain('That takes some seconds')
    expect(html).toContain('<option value="de/police@2018-05-25" selected>')
  })

  test('is compared with versions of the same law alone, and never with a file elsewhere', async () => {
    const { text } = await desk.get('/compare?after=../../etc/passwd&go=1')
    expect(text).toContain('there is no version')
    const other = await desk.get('/compare?before=/etc/passwd&after=eu/exchange@2027-01-01')
    expect(other.html).not.toContain('passwd')
  })

  test('is counted over logged decisions, with the facts that decided and no id', async () => {
    const data = temporaryFolder()
    const key = await agencyKey(join(data, 'agencies'), 'DE-LEGAL')
    writeProfile(data, 'http://localhost:1', new Map([['DE-LEGAL', key]]), ['DE-LEGAL'])
    const decisions = [...seededDecisions(200, 3, readPolicies(folder).book, `${today}T12:00:00Z`)]
    const { promise: answered, resolve: mayAnswer } = Promise.withResolvers<void>()
    const { url, close } = await serving(async () => {
      await answered
      return Response.json({ facts: decisions })
    })
    const at = atDesk(folder, { data, url })
    const query = new URLSearchParams({
      file: `${draft}.json`,
      as: 'DE-LEGAL',
      officer: 'editor-1',
      last: '900',
      go: '1',
    })
    // Kills: a page that waits for a gateway that is slow; a desk that waits with it.
    const begun = await at.get(`/impact?${query}`)
    expect(begun.status).toBe(303)
    const here = begun.headers.get('Location') ?? ''
    const waiting = await at.get(here)
    expect(waiting.text).toContain('It has begun. This page looks again every 3 seconds')
    expect(waiting.html).toContain('name="as" value="DE-LEGAL"')
    expect((await at.get('/facts')).status).toBe(200)
    // Kills: a replay that reads the whole law once more, while nobody is answered.
    renameSync(folder, `${folder}-away`)
    mayAnswer()
    await close()
    await setTimeout(100)
    renameSync(`${folder}-away`, folder)
    const { text, html } = await at.ended(here)
    expect(text).toMatch(/[1-9]\d* would change \(\d+\.\d %\) 200 decisions from/)
    expect(text).toContain("the maximum custody under the holder's law:")
    expect(decisions.filter(({ id }) => html.includes(id))).toEqual([])
  })

  test('is not counted without its gateway: the form says so, with what was written in it', async () => {
    const asked = new URLSearchParams({ file: `${draft}.json`, as: 'DE-LEGAL', last: '30' })
    const { status, text, html } = await desk.ended(`/impact?${asked}&go=1`)
    expect(status).toBe(422)
    expect(text).toContain('There is a problem')
    expect(html).toContain('name="last" value="30"')
  })

  test('is covered by its cases, or a case that is missing is proposed', async () => {
    const { text } = await desk.ended(`/cover?file=${draft}.json&go=1`)
    expect(text).toMatch(/\d+ of \d+ cases fail/)
    expect(text).toMatch(/(a case notices each change|changes are not noticed)/)
  })

  test('of a shelf file is covered on a page that others need not wait for', async () => {
    const path = 'eu/exchange/2024-12-12.r2.json'
    const asked = desk.ended(`/cover?file=${path}&go=1`)
    expect((await desk.get('/facts')).status).toBe(200)
    expect((await asked).text).toMatch(/(no cases of its own|cases pass) .*notice/)
    // An address of another start of the desk begins nothing.
    expect((await desk.get(`/cover?file=${path}&run=99`)).text).toContain('This takes some seconds')
  })
})
