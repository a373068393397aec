/** Work that takes longer than a page may. */

import { setImmediate } from 'node:timers/promises'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { html } from '../../../functions/answer/reply/html.ts'
import {
  longWork,
  progressHtml,
  workHtml,
  workPage,
} from '../../../functions/workbench/desk/long-work.ts'
import type { Progress } from '../../../functions/workbench/law/steps.ts'

/** Work that goes on for as long as it is wanted, and says what it is worth at its end. */
function* until(isEnough: () => boolean, worth: string): Generator<Progress, string> {
  for (let done = 0; !isEnough(); done += 1) yield { done, of: 9, what: 'changes tried' }
  return worth
}

test('what is soon done is shown at once', async () => {
  const works = longWork<string>()
  const { ended } = await works.begin(
    'a',
    until(() => true, 'all of it'),
  )
  expect(ended).toEqual({ result: 'all of it' })
})

// Kills: work that keeps the desk from answering until it is done; a page that waits for its end.
test('what takes long says how far it is, lets others be answered, and is found once it is done', async () => {
  const works = longWork<string>()
  let isEnough = false
  const work = await works.begin(
    'a',
    until(() => isEnough, 'all of it'),
  )
  expect(work).toMatchObject({ progress: { of: 9 }, ended: undefined })
  const before = works.find('a', work.id)?.progress?.done ?? 0
  while ((works.find('a', work.id)?.progress?.done ?? 0) <= before) await setImmediate()
  isEnough = true
  while (works.find('a', work.id)?.ended === undefined) await setImmediate()
  expect(works.find('a', work.id)?.ended).toEqual({ result: 'all of it' })
})

// Kills: an answer to what a law said before it was edited; work that nobody can see any more, and that goes on.
test('of the same file only what was begun last goes on', async () => {
  const works = longWork<string>()
  let asked = 0
  const neverEnough = () => {
    asked += 1
    return false
  }
  const first = await works.begin('a', until(neverEnough, 'the old law'))
  const second = await works.begin(
    'a',
    until(() => true, 'the new law'),
  )
  expect(works.find('a', first.id)).toBeUndefined()
  expect(second.ended).toEqual({ result: 'the new law' })
  await setImmediate()
  const then = asked
  await setImmediate()
  expect(asked).toBe(then)
})

test('what fails says why', async () => {
  const works = longWork<string>()
  const fail = (): boolean => {
    throw new Error('a case has no name')
  }
  const { ended } = await works.begin('a', until(fail, ''))
  expect(ended).toEqual({ error: new Error('a case has no name') })
})

test('what is fetched before is waited for, and why that failed is said', async () => {
  const works = longWork<string>()
  const fetched = Promise.resolve(until(() => true, 'of what was fetched'))
  expect((await works.begin('a', fetched)).ended).toEqual({ result: 'of what was fetched' })
  const away = new Error('the gateway is away')
  expect((await works.begin('a', Promise.reject(away))).ended).toEqual({ error: away })
})

test('of what nobody knows the end of, the page says how much is done', () => {
  const page = progressHtml({ done: 12_300, what: 'decisions replayed' }, '/impact?run=1').write(
    'en',
  )
  expect(page).toContain('12,300 decisions replayed.')
  expect(page).toContain('<progress aria-label="decisions replayed">')
})

test('how far it is stands in words and as a bar, with a way to look again', () => {
  const page = progressHtml({ done: 3, of: 9, what: 'changes tried' }, '/cover?file=a&run=1').write(
    'en',
  )
  expect(page).toContain('3 of 9 changes tried.')
  expect(page).toContain('<progress max="9" value="3" aria-label="changes tried">')
  expect(page).toContain('href="/cover?file=a&#38;run=1">Look now')
})

// Kills: a page that waits a minute; one that forgets what it began; one that needs a script.
test('a page says how far its work is, looks again by itself, and shows the end; another start begins nothing', async () => {
  const works = longWork<string>()
  let isEnough = false
  const app = new Hono().get('/work', (c) =>
    workPage(c, works, {
      ...{ name: 'a', fields: { file: 'x' }, steps: () => until(() => isEnough, 'all of it') },
      page: (shown) =>
        html`${workHtml(shown, html`not begun`, (result) => html`${result}`)}`.write('en'),
    }),
  )
  const begun = await app.request('/work?file=x&go=1')
  expect(begun.status).toBe(303)
  const here = begun.headers.get('Location') ?? ''
  const shown = await app.request(here)
  expect(shown.headers.get('Refresh')).toBe('3')
  const text = await shown.text()
  expect(text).toMatch(/\d+ of 9 changes tried\./)
  expect(text).toMatch(/<progress max="9" value="\d+"/)
  expect(text).not.toContain('<script')
  isEnough = true
  while (works.find('a', '1')?.ended === undefined) await setImmediate()
  const ended = await app.request(here)
  expect([await ended.text(), ended.headers.has('Refresh')]).toEqual(['all of it', false])
  expect(await (await app.request('/work?file=x&run=99')).text()).toBe('not begun')
})
