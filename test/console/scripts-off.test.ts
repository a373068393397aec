/** Everything but verifying and signing works with scripts off: on each page that the console and the desk have. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { versionFiles } from '../../functions/adapters/policies-files.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { copyOfPolicies, removeCopies } from '../cli/in-process.ts'
import { appOf, atDesk } from '../workbench/desk/browser.ts'
import { answered, origin } from '../world.ts'
import { type Browser, type Site, startConsole } from './browsing.ts'

let site: Site
let who: Readonly<Record<'auditor' | 'holder' | 'requester' | 'anybody', Browser>>
let open: string
beforeAll(async () => {
  site = await startConsole()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  open = (await answered(await site.ask('FR-SPOC', 'officer-7', requestOf({})))).id
  await site.fileAll([open])
  const [auditor, holder, requester, anybody] = [0, 1, 2, 3].map(() => site.browser())
  if (!auditor || !holder || !requester || !anybody) throw new Error('there are four')
  who = { auditor, holder, requester, anybody }
  await auditor.logIn('p-1001')
  await holder.logIn('p-1003')
  await requester.logIn('p-1005')
}, 60_000)
afterAll(async () => {
  await site.close()
  removeCopies()
})

const lawfully = 'purpose=lawfulness'
const period = 'from=2026-01-01&until=2099-01-01'
/** Who opens each page of the console, and where it has something to show. */
const pages: Readonly<Record<string, readonly [keyof typeof who, query: string]>> = {
  '/console/training': ['anybody', '?case=1'],
  '/console/login': ['anybody', ''],
  '/console/logged-out': ['anybody', ''],
  '/console/logged-in': ['anybody', ''],
  '/console/office': ['auditor', ''],
  '/console/health': ['auditor', ''],
  '/console/search': ['auditor', `?${lawfully}`],
  '/console/entries/:id': ['auditor', `?${lawfully}`],
  '/console/looks': ['auditor', `?${lawfully}`],
  '/console/deadlines': ['auditor', `?${lawfully}`],
  '/console/officers': ['auditor', `?${lawfully}&agency=FR-SPOC&by=denials&${period}`],
  '/console/officer': ['auditor', `?${lawfully}&agency=FR-SPOC&officer=officer-7&${period}`],
  '/console/alarms': ['auditor', `?${lawfully}`],
  '/console/figures': ['auditor', `?${lawfully}&${period}`],
  '/console/inbox': ['holder', ''],
  '/console/inbox/:id': ['holder', ''],
  '/console/received': ['holder', ''],
  '/console/passkey': ['holder', ''],
  '/console/ask': ['requester', ''],
  '/console/requests': ['requester', ''],
  '/console/answers/:id': ['requester', ''],
  '/console/handover': ['requester', ''],
  '/console': ['auditor', ''],
}
/** What is no page: files, pictures, the way back from a login, and what leads to the law. */
const noPage = /\.(css|js|svg|csv|ndjson)$|\/(proof|return)$|\/(pictures|law)\//

/** What on a page does nothing without a script, and is no part of verifying or signing. */
function faultsOf(html: string): readonly string[] {
  const faults: string[] = []
  const signs = html.includes('<noscript>')
  // Hidden until its script shows it, or said to need one.
  const isScripts = (form: string) =>
    signs &&
    (/^<form [^>]*data-script hidden/.test(form) ||
      /^<form [^>]*data-(credential|passkey)/.test(form))
  const rest = html.replaceAll(/<form\b.*?<\/form>/gs, (form) => {
    if (isScripts(form)) return ''
    const [head = ''] = /^<form[^>]*>/.exec(form) ?? []
    if (!/ action="/.test(head) || !/ method="/.test(head)) faults.push(head)
    if (!/<button(?![^>]*type="button")/.test(form)) faults.push(`no button: ${head}`)
    if (/<button[^>]*type="button"/.test(form)) faults.push(`a script's button: ${head}`)
    return ''
  })
  if (/<button/.test(rest) && !signs) faults.push('a button outside of a form')
  faults.push(...(html.match(/<a(?![^>]* href=)[^>]*>|<[^>]* on[a-z]+="[^>]*>/g) ?? []))
  return faults
}

test('what takes a script is found', () => {
  expect(faultsOf('<form method="post" action="/x"><button>Go</button></form>')).toEqual([])
  expect(
    faultsOf('<form method="post" action="/x"><button type="button">Go</button></form>'),
  ).toHaveLength(2)
  expect(faultsOf('<form><button>Go</button></form><button>Go</button><a>x</a>')).toHaveLength(3)
  expect(faultsOf('<a href="/x" onclick="y()">x</a>')).toHaveLength(1)
})

describe('On the console', () => {
  test('each page is known here', () => {
    const gets = site.pages.routes.filter(
      ({ method, path }) => method === 'GET' && !noPage.test(path),
    )
    expect([...new Set(gets.map(({ path }) => path))].sort()).toEqual(Object.keys(pages).sort())
  })

  // Kills: a button that a script alone hears; a form that leads nowhere by itself.
  test.each(Object.entries(pages))('%s', async (path, [by, query]) => {
    const { status, text } = await who[by].get(path.replace(':id', open) + query)
    expect(status).toBe(200)
    expect(text).toContain('<h1>')
    expect(faultsOf(text)).toEqual([])
  })
})

describe('On the desk', () => {
  const folder = copyOfPolicies()
  const desk = atDesk(folder)
  const [{ path } = { path: '' }] = versionFiles(folder)
  const queries: Readonly<Record<string, string>> = {
    '/unchecked/plan': `?file=${path}`,
    '/sign': `?file=${path}`,
    '/edit': `?file=${path.replace('.json', '.test.json')}`,
    '/compare': `?after=${path}`,
    '/cover': `?file=${path}`,
    '/impact': `?file=${path}`,
    '/statements': `?file=${path}`,
  }
  const gets = appOf(folder).routes.filter(
    (each) => each.method === 'GET' && !/assets|:|^\/open$|download/.test(each.path),
  )
  test.each([...new Set(gets.map((each) => each.path)), `/law/${path.replace('.json', '')}`])(
    '%s has no script at all',
    async (at) => {
      const { status, html } = await desk.get(at + (queries[at] ?? ''))
      expect(status).toBe(200)
      expect(html).not.toContain('<script')
      expect(faultsOf(html)).toEqual([])
    },
  )
})

// Kills: an exercise that is kept here, or that says in a line who decided what.
test('The exercise keeps nothing but in the browser: no cookie, no entry, and no line has an answer', async () => {
  const [looks, lines] = [site.looks.length, site.lines.length]
  const seen = await site.browser().step(`${origin}/console/training?case=2&answer=release`)
  expect(await seen.text()).toContain('What the law says')
  expect(seen.headers.getSetCookie()).toEqual([])
  expect(seen.headers.get('Cache-Control')).toContain('no-store')
  expect(site.looks.length).toBe(looks)
  expect(JSON.stringify(site.lines.slice(lines))).not.toMatch(/case|release/)
  const script = await (await site.browser().step(`${origin}/console/training.js`)).text()
  expect(script).toContain('sessionStorage')
  expect(script).not.toMatch(
    /localStorage|document\.cookie|fetch|sendBeacon|XMLHttpRequest|indexedDB/,
  )
})
