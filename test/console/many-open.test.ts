/** An office with many open denials: the one that waits longest is on every list of what waits, or the list says that it may be. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openOfHtml } from '../../functions/console/requests.ts'
import { homicide } from '../answer/homicide.ts'
import { answered } from '../world.ts'
import { type Browser, type Site, startConsole } from './browsing.ts'

let site: Site
let sam: Browser
beforeAll(async () => {
  site = await startConsole()
  const ids: string[] = []
  const ask = async (caseReference: string, previous?: string) => {
    site.clock.pass(1)
    const body = { ...homicide(), caseReference, ...(previous && { previous }) }
    ids.push((await answered(await site.ask('US-POL', 'agent-12', body))).id)
  }
  await ask('US-OLDEST')
  await ask('US-AGAIN')
  for (let i = 0; i < 55; i += 1) await ask('US-AGAIN', ids.at(-1))
  await site.fileAll(ids)
  sam = site.browser()
  await sam.logIn('p-1006')
})
afterAll(() => site.close())

// Kills: a list of the newest fifty denials, most of which were asked again since.
test.each(['/console/requests', '/console/handover'])(
  '%s lists what waits behind many denials that wait no more',
  async (path) => {
    const [open = ''] = (await sam.get(path)).text.split('What is still owed')
    expect(open).toContain('US-OLDEST')
    expect(open).not.toContain('Not all were looked at')
  },
)

test('What was not looked at is said to be', () => {
  expect(openOfHtml({}).write('en')).toBe('')
  expect(openOfHtml({ openOf: 1000 }).write('en')).toContain('the newest 1000 denials')
})
