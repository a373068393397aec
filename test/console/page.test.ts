/** The frame of every page: what is written into it stays text, and a browser is kept to this site. */

import fc from 'fast-check'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { type Html, html } from '../../functions/answer/reply/html.ts'
import { assets, contentSecurityPolicy, pageHeaders } from '../../functions/console/assets.ts'
import {
  aheadWords,
  faultSummary,
  pageText,
  tableHtml,
  termsHtml,
  timeLeft,
} from '../../functions/console/page.ts'

const page = (text: string, main: Html) =>
  pageText({
    title: text,
    site: text,
    home: '/console',
    assets: '/console',
    nav: [{ href: '/console', text }],
    here: '/console',
    main,
  })

/** Texts of markup, of attributes and of the directions of writing, whole and in pieces. */
const strange = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '<',
        '>',
        '"',
        "'",
        '&',
        '`',
        '=',
        '/',
        '</script',
        '<img src=x onerror=',
        '{',
      ),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('\u202etxt.exe', '\0', '\u2066', ']]>', '-->', '<!--', '&lt;', '\u2028'),
)
/** The tags of a page, in order, without what attributes say. */
const tagsOf = (text: string) =>
  [...text.matchAll(/<(\/?[a-z0-9!]+)((?:\s[a-z-]+(?:="[^"]*")?)*)\s*>/gi)].map(
    ([, tag, attributes = '']) => [tag, attributes.replace(/="[^"]*"/g, '')],
  )
const everywhere = (text: string) =>
  page(
    text,
    html`${termsHtml([[text, text]])}${tableHtml(text, [text], [[text]])}${faultSummary([
      { field: text, fix: text },
    ])}`,
  )

// Kills: a part that is written as it came, in a text or in an attribute.
test('Whatever a text says, it adds no element and no attribute to a page', () => {
  const plain = tagsOf(everywhere('a'))
  expect(plain.length).toBeGreaterThan(40)
  fc.assert(
    fc.property(strange, (text) => {
      const written = everywhere(text)
      expect(tagsOf(written)).toEqual(plain)
      // Each `<` begins a tag of ours.
      expect(written.split('<').length - 1).toBe(plain.length)
      expect(written).not.toMatch(/[\u202a-\u202e\u2066-\u2069\0]/)
    }),
  )
})

test('A page has one heading of the first rank, a way past the navigation, and says where it stands', () => {
  const text = page('Health', html`<p>All is well.</p>`)
  expect(text.match(/<h1>/g)).toHaveLength(1)
  expect(text).toContain('<html lang="en">')
  expect(text).toContain('<title>Health – Health</title>')
  expect(text).toMatch(/<body>\s*<a class="skip" href="#main">/)
  expect(text).toContain('<main id="main" tabindex="-1">')
  expect(text.match(/aria-current="page"/g)).toHaveLength(1)
})

test('Nothing is written into a page that its policy would not run or show', () => {
  const text = page('a', html``)
  expect(text).not.toMatch(/<style|\sstyle=|<script>|\son[a-z]+=/)
  expect(contentSecurityPolicy).not.toMatch(/unsafe|http|data:|\*/)
})

const site = new Hono()
  .use(pageHeaders)
  .route('/console', assets())
  .get('/', (c) => c.html(page('a', html``)))

test('A page is not kept by the browser, shown in another page, or allowed anything from elsewhere', async () => {
  const answer = await site.request('/')
  const header = (name: string) => answer.headers.get(name)
  expect(header('Content-Security-Policy')).toBe(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  )
  expect(header('Cache-Control')).toBe('no-store')
  expect(header('X-Content-Type-Options')).toBe('nosniff')
  expect(header('Referrer-Policy')).toBe('same-origin')
  expect(header('Content-Type')).toBe('text/html; charset=UTF-8')
})

test('The style is fetched once, is small, and loads nothing itself', async () => {
  const first = await site.request('/console/style.css')
  expect(first.headers.get('Content-Type')).toBe('text/css; charset=utf-8')
  const etag = String(first.headers.get('ETag'))
  const text = await first.text()
  expect(Buffer.byteLength(text)).toBeLessThan(7168)
  expect(text).not.toMatch(/url\(|@import/)
  const again = (known: string) =>
    site.request('/console/style.css', { headers: { 'If-None-Match': known } })
  expect((await again(etag)).status).toBe(304)
  expect((await again(`"other", ${etag}`)).status).toBe(304)
  expect((await again('"other"')).status).toBe(200)
})

// Kills: 2 h 31 min that are left to answer, and are shown as 3 h; two days and a half as three.
test('No time that is left is shown as more than it is', () => {
  const from = '2026-11-28T00:00:00.000Z'
  const left = (until: string) => timeLeft(from, until).write('en')
  expect(left('2026-11-28T02:59:59.999Z')).toBe('2 h')
  expect(left('2026-11-30T23:59:00.000Z')).toBe('2 days')
  expect(left('2026-11-28T00:03:59.000Z')).toBe('3 min')
  expect(timeLeft('2026-11-28T00:04:00.000Z', from).write('en')).toBe('4 min')
})

test('A moment that was is none that is still to come, but for what clocks differ', () => {
  const now = new Date('2026-11-28T09:10:00.000Z')
  expect(aheadWords('2026-11-28T09:10:59.000Z', now)).toBeUndefined()
  expect(aheadWords('2026-11-28T10:10:00.000Z', now)?.write('en')).toContain(
    'in UTC, where it is 09:10 now',
  )
})
