/**
 * The desk: the policies in a browser, for the legal team, on this machine alone.
 *
 *     const desk = await openDesk(folder, 0, gateway, () => new Date())   // 0: any free port
 *     desk.link                                                  // opens it, once
 *     desk.close()
 */

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { html } from '../../answer/reply/html.ts'
import type { Gateway } from '../../client/profile.ts'
import { assets, pageHeaders } from '../../console/assets.ts'
import { style } from '../../console/style.ts'
import { lawId, lawPath, oldestFirst } from '../../policy/book.ts'
import { inForce } from '../../policy/history.ts'
import { suggest } from '../../policy/suggest.ts'
import { Failure } from '../../terminal/exit.ts'
import { addChecks } from './check-page.ts'
import { factsPage } from './facts-page.ts'
import { addressOf, deskPage, failureHtml } from './frame.ts'
import { type DeskSecrets, guard, openOnce } from './guard.ts'
import { listPage } from './list-page.ts'
import { addNewPolicy } from './new-policy.ts'
import { permitsPage } from './permits-page.ts'
import { shelfOf } from './shelf.ts'
import { addSigning } from './signing.ts'
import { addStatements } from './statements-page.ts'
import { deskStyle } from './style.ts'
import { timelinePage } from './timeline-page.ts'
import { addressOfCase, tryPage } from './try-page.ts'
import { versionPage } from './version-page.ts'
import { addWriting } from './writing.ts'

/** An open desk. */
export type OpenDesk = {
  /** Opens it in a browser, once. */
  readonly link: string
  readonly close: () => void
}

/**
 * Opens the desk on 127.0.0.1; port 0 is any free one. `clock` tells the day on which law is in force; logged decisions
 * are fetched from the gateway.
 */
export async function openDesk(
  folder: string,
  port: number,
  gateway: Gateway,
  clock: () => Date,
): Promise<OpenDesk> {
  const free = port === 0 ? await freePort() : port
  const origin = `http://127.0.0.1:${free}`
  const secret = () => randomBytes(32).toString('base64url')
  const secrets = { link: secret(), session: secret(), form: secret() }
  const app = deskApp(folder, origin, secrets, clock, gateway)
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const made = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: free }, () => resolve(made))
    made.on('error', reject)
  })
  const close = () => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  }
  return { link: `${origin}/open?link=${secrets.link}`, close }
}

/** A port that is free now. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })

/** The desk as a value. */
export function deskApp(
  folder: string,
  origin: string,
  secrets: DeskSecrets,
  clock: () => Date,
  gateway: Gateway,
): Hono {
  const shelf = shelfOf(folder)
  const now = () => clock().toISOString()
  const app = new Hono()
  app.use(pageHeaders)
  app.route('/assets', assets({ 'style.css': ['text/css; charset=utf-8', style + deskStyle] }))
  app.get('/open', openOnce(origin, secrets))
  app.use(guard(origin, secrets))
  app.get('/', (c) => c.html(listPage(shelf(), now())))
  app.get('/timeline', (c) =>
    c.html(timelinePage(shelf(), now(), c.req.query('folder') || undefined)),
  )
  app.get('/facts', (c) => c.html(factsPage()))
  app.get('/permits', (c) => c.html(permitsPage(shelf())))
  app.get('/law/:folder/:name', (c) => {
    const { folder: whose, name } = c.req.param()
    const { book } = shelf()
    const all = [...book.policies, ...book.lists]
    const versions = all.filter((each) => lawId(each) === `${whose}/${name}`).toSorted(oldestFirst)
    const { policies, listVersions } = inForce(book, now(), now())
    const version = [...policies, ...listVersions].find((each) => versions.includes(each))
    const shown = version ?? versions.at(-1)
    if (shown !== undefined) return c.redirect(addressOf(shown), 303)
    return c.html(nowhere(suggest(`${whose}/${name}`, [...new Set(all.map(lawId))])), 404)
  })
  app.get('/law/:folder/:name/:version', (c) => {
    const { folder: whose, name, version } = c.req.param()
    const at = shelf()
    const path = `${whose}/${name}/${version}.json`
    const found = [...at.book.policies, ...at.book.lists].find((each) => lawPath(each) === path)
    if (found === undefined) return c.html(nowhere(), 404)
    return c.html(versionPage(at, found, now(), secrets.form))
  })
  const workplace = { folder, shelf, form: secrets.form, now, gateway }
  addWriting(app, workplace, addStatements(app, workplace))
  addSigning(app, workplace)
  addNewPolicy(app, workplace)
  addChecks(app, workplace)
  app.get('/try', (c) => {
    const query = new URL(c.req.url).searchParams
    const path = query.get('case')
    if (path === null) return c.html(tryPage(shelf(), query, now()))
    const address = addressOfCase(shelf(), path, Number(query.get('n')))
    return address === undefined ? c.html(nowhere(), 404) : c.redirect(address, 303)
  })
  app.notFound((c) => c.html(nowhere(), 404))
  app.onError((error, c) => {
    if (error instanceof Failure)
      return c.html(deskPage('That did not work', failureHtml(error.message)), 422)
    console.error(error)
    return c.html(deskPage('The desk failed', html`<p>The terminal says why.</p>`), 500)
  })
  return app
}

const nowhere = (hint = ''): string =>
  deskPage('There is no such page', html`<p>Look among <a href="/">the policies</a>${hint}.</p>`)
