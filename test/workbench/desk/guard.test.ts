/** Who may use the desk: one browser on this machine, and no page from elsewhere. */

import { once } from 'node:events'
import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { openDesk } from '../../../functions/workbench/desk/desk.ts'
import { copyOfPolicies, removeCopies } from '../../cli/in-process.ts'
import { atDesk, origin, secrets } from './browser.ts'

const folder = copyOfPolicies('own')
afterAll(removeCopies)
const desk = atDesk(folder)

/** What only whoever may use the desk sees. */
const inside = 'Each policy is our reading of one law.'

// Kills: a `Host`, an `Origin`, a session or the word of a form that is not compared; a link that is never spent.
describe('a call is refused, and shows nothing,', () => {
  const refused: readonly (readonly [string, Record<string, string>])[] = [
    ['of a name that was bound anew to 127.0.0.1', { Host: 'law.example:8971' }],
    ['of another port of this machine', { Host: '127.0.0.1:8972' }],
    ['from another site', { Origin: 'https://law.example' }],
    ['from another server on this machine', { Origin: 'http://127.0.0.1:8972' }],
    ['from a page without an origin', { Origin: 'null' }],
    ['that a page of another site made the browser send', { 'Sec-Fetch-Site': 'cross-site' }],
    ['that another port made the browser send', { 'Sec-Fetch-Site': 'same-site' }],
    ['without the session', { Cookie: '' }],
    ['with another session', { Cookie: 'comity-desk-8971=of-another-start' }],
    ['with the session of another port', { Cookie: `comity-desk-8972=${secrets.session}` }],
  ]
  test.each(refused)('%s', async (_, headers) => {
    const { status, text } = await desk.get('/', headers)
    expect(status).toBe(403)
    expect(text).not.toContain(inside)
  })

  test('while the same call from the desk’s own page is answered', async () => {
    const own = { Origin: origin, 'Sec-Fetch-Site': 'same-origin' }
    const { status, text } = await desk.get('/', own)
    expect(status).toBe(200)
    expect(text).toContain(inside)
  })
})

describe('a form', () => {
  const fault = 'There is no such page'
  test('of this desk is taken', async () => {
    expect((await desk.post('/nowhere', {})).text).toContain(fault)
  })
  test.each([
    ['of another site', {}, { Origin: 'https://law.example' }],
    ['without an origin', {}, { Origin: '' }],
    ['that does not carry the word of this start', { form: 'of-another-start' }, {}],
    ['larger than any of this desk', {}, { 'Content-Length': '9000000' }],
    ['of unknown size', {}, { 'Content-Length': '' }],
  ])('%s is refused', async (_, fields, headers) => {
    const { status, text } = await desk.post('/nowhere', fields as Record<string, string>, headers)
    expect(status).toBe(403)
    expect(text).not.toContain(fault)
  })
})

describe('the link', () => {
  test('opens the desk once, with a session that scripts and other sites never see', async () => {
    const fresh = atDesk(folder)
    const host = { Host: '127.0.0.1:8971' }
    const open = () => fresh.call(`/open?link=${secrets.link}`, { headers: host })
    const first = await open()
    expect([first.status, first.headers.get('Location')]).toEqual([303, '/'])
    expect(first.headers.get('Set-Cookie')).toMatch(/HttpOnly/)
    expect(first.headers.get('Set-Cookie')).toMatch(/SameSite=Strict/)
    const second = await open()
    expect([second.status, second.headers.get('Set-Cookie')]).toEqual([403, null])
    expect(second.text).toContain('This link was used before')
  })

  test.each([
    ['another', '/open?link=another', {}],
    ['none', '/open', {}],
    ['of a name bound anew', `/open?link=${secrets.link}`, { Host: 'law.example:8971' }],
    ['of another site', `/open?link=${secrets.link}`, { 'Sec-Fetch-Site': 'cross-site' }],
  ])('%s opens nothing, and the right one still works', async (_, path, headers) => {
    const fresh = atDesk(folder)
    const host = { Host: '127.0.0.1:8971' }
    const wrong = await fresh.call(path, { headers: { ...host, ...headers } })
    expect([wrong.status, wrong.headers.get('Set-Cookie')]).toEqual([403, null])
    const right = await fresh.call(`/open?link=${secrets.link}`, { headers: host })
    expect(right.status).toBe(303)
  })
})

test('no path leads out of the policies', async () => {
  const paths = [
    '/law/..%2f..%2fetc/passwd/x',
    '/law/de/..%2f..%2fpackage',
    '/law/%2e%2e/package.json/x',
    '/law/de/demonstration-keys',
    '/try?case=../package.json&n=1',
    '/try?case=demonstration-keys/release-1.json&n=1',
    '/assets/../package.json',
  ]
  for (const path of paths) {
    const { status, html } = await desk.get(path)
    expect([404, 422], path).toContain(status)
    expect(html, path).not.toMatch(/"name"|"d":|devDependencies/)
  }
})

test('every page allows no script, nothing from elsewhere, and no frame', async () => {
  for (const path of ['/', '/try', '/nowhere', '/open']) {
    const { headers, html } = await desk.get(path)
    const policy = headers.get('Content-Security-Policy') ?? ''
    expect(policy, path).toContain("default-src 'none'")
    expect(policy, path).toContain("frame-ancestors 'none'")
    expect(headers.get('Cache-Control'), path).toBe('no-store')
    expect(html, path).not.toMatch(/<script|style="|https?:\/\/(?!127\.0\.0\.1)[^"]*\.(js|css)/)
  }
})

test('the desk listens on 127.0.0.1 alone, and its link opens it', async () => {
  const open = await openDesk(folder, 0, { data: folder, url: origin }, () => new Date())
  try {
    const link = new URL(open.link)
    expect(link.hostname).toBe('127.0.0.1')
    const ask = async (host: string, headers: Record<string, string>, path = '/') => {
      const call = request({ host, port: link.port, path, headers }).end()
      const [answer] = await once(call, 'response')
      return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
    }
    const opened = await ask('127.0.0.1', {}, link.pathname + link.search)
    const [cookie = ''] = (opened.headers['set-cookie']?.[0] ?? '').split(';')
    expect((await ask('127.0.0.1', { Cookie: cookie })).body).toContain(inside)
    const rebound = await ask('127.0.0.1', { Cookie: cookie, Host: `law.example:${link.port}` })
    expect(rebound.status).toBe(403)
    const outside = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')
    if (outside !== undefined)
      await expect(ask(outside.address, { Cookie: cookie })).rejects.toThrow('ECONNREFUSED')
  } finally {
    open.close()
  }
})
