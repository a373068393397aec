/** The desk's page of permits. */

import { afterAll, expect, test } from 'vitest'
import { shelfOf } from '../../../functions/workbench/desk/shelf.ts'
import { permitsIn } from '../../../functions/workbench/law/permits.ts'
import { copyOfPolicies, removeCopies } from '../../cli/in-process.ts'
import { atDesk } from './browser.ts'

const folder = copyOfPolicies('own')
afterAll(removeCopies)

// Kills: a permit that is left out; one that leads to another version than its own.
test('every permit stands there with all that it tests, beside the version that it is of', async () => {
  const { book, titles } = shelfOf(folder)()
  const permits = permitsIn(book, titles)
  expect(permits.length).toBeGreaterThan(0)
  const desk = atDesk(folder)
  const { status, html, text } = await desk.get('/permits')
  expect(status).toBe(200)
  for (const { id, of, says, tests } of permits) {
    expect(html).toContain(`<a href="/law/${of.replace('@', '/')}">${id}</a>`)
    for (const each of [says, tests]) expect(text).toContain(each)
  }
  expect((await desk.get('/')).html).toContain('<a href="/permits">Permits</a>')
})
