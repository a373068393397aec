/** Documents that describe an API cost whoever serves them once, however often strangers ask. */

import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { document } from '../../functions/http/document.ts'

describe('A document of an API', () => {
  // Kills: one that is made for every call; a tag that is not compared; a weak tag that is another's.
  test('is made once, and not sent to whoever has it', async () => {
    let made = 0
    const app = new Hono().get(
      '/',
      document(() => {
        made += 1
        return { made }
      }),
    )
    const first = await app.request('/')
    expect(await first.json()).toEqual({ made: 1 })
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{43}"$/)
    // Else nobody may keep what the tag is of.
    expect(first.headers.get('cache-control')).toBe('no-cache')
    for (const had of [etag, `"other", W/${etag}`, '*']) {
      const again = await app.request('/', { headers: { 'if-none-match': had } })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
    const other = await app.request('/', { headers: { 'if-none-match': '"other"' } })
    expect([other.status, await other.json()]).toEqual([200, { made: 1 }])
    expect(made).toBe(1)
  })

  // Kills: a failure that is kept.
  test('that could not be made is made for the next', async () => {
    let tries = 0
    const app = new Hono().get(
      '/',
      document(() => {
        tries += 1
        if (tries === 1) throw new Error('away')
        return { tries }
      }),
    )
    expect((await app.request('/')).status).toBe(500)
    expect(await (await app.request('/')).json()).toEqual({ tries: 2 })
  })
})
