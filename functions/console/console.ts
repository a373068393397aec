/**
 * The console, made from its world: pages for whoever looks rather than calls. A session looks; it never acts: an act
 * is signed by an officer’s passkey, and goes to the API as any call does (`act.ts`).
 */

import { Hono, type MiddlewareHandler } from 'hono'
import { html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import type { Log } from '../http/guard.ts'
import { problem } from '../http/problem.ts'
import { failed } from '../http/refusal.ts'
import { trace } from '../http/trace.ts'
import { actAssets } from './act.ts'
import { answerPage } from './answer.ts'
import { askedPage, askPage, receivedPath } from './ask.ts'
import { assets, pageHeaders } from './assets.ts'
import { deadlinesPage } from './deadlines.ts'
import { entryPage, evidenceFile, proofFile, replayPage } from './entry.ts'
import { figuresFile, figuresPage } from './figures.ts'
import { formActPage } from './form-act.ts'
import { pagesOf, problemPage, show } from './frame.ts'
import { handoverPage } from './handover.ts'
import { healthPage } from './health.ts'
import { inboxPage } from './inbox.ts'
import { loginPages, sessionPages } from './login.ts'
import { looksPage } from './looks.ts'
import { officerPage } from './officer.ts'
import { alarmsPage, officersPage, setAlarmPage } from './officers.ts'
import { paper } from './paper.ts'
import { passkeyMade, passkeyPage } from './passkey.ts'
import { picture } from './picture.ts'
import { requestsPage } from './requests.ts'
import { doneBy } from './results.ts'
import { reviewPage } from './review.ts'
import { searchFile, searchPage, searchPerson } from './search.ts'
import { takeAct } from './sent-act.ts'
import { trainingPages, trainingScript } from './training.ts'
import { verifyAsset } from './verify.ts'
import {
  answering,
  asking,
  type Caller,
  entering,
  onlyFor,
  type Visited,
  visitors,
} from './visitor.ts'
import { waitingPage } from './waiting.ts'

/** Whether an address is one of the console. */
export const isConsolePath = (pathname: string): boolean =>
  pathname === '/console' || pathname.startsWith('/console/')

/**
 * The console as a value: `fetch` answers a Request, with the address of the browser where it is known. `log` takes
 * lines about calls.
 */
export function consolePages(world: ConsoleWorld, log: Log) {
  const app = new Hono<{ Bindings: Caller; Variables: Visited }>()
  app.use(async (c, next) => {
    await next()
    const isProblem = c.res.headers.get('Content-Type') === 'application/problem+json'
    if (isProblem) c.res = await problemPage(world.gateway, c.res)
  })
  app.use(headAsGet, pageHeaders)
  app.use(trace(world.random, log))
  app.notFound((c) => problem(c.get('traceId'), 'not-found'))
  app.onError((error, c) => failed(c.get('traceId'), error, world.isStoreAway, log))

  const looking = { world, log }
  app.route(
    '/console',
    assets({ ...paper, ...actAssets, ...trainingScript, ...verifyAsset(world) }),
  )
  app.route('/console', trainingPages(world))
  app.route('/console', loginPages(world, log))
  // The law is everybody's, and agencies' API has it, which may stand elsewhere than these pages.
  app.get('/console/law/:folder/:name', (c) => {
    const { folder, name } = c.req.param()
    const path = `/v1/policies/${encodeURIComponent(folder)}/${encodeURIComponent(name)}`
    return c.redirect(`${world.api?.origin ?? ''}${path}`, 302)
  })
  // Everything below is behind the login.
  app.use('/console/*', visitors(world, log))
  app.route('/console', sessionPages(world))
  for (const path of ['/console/ask', '/console/requests', '/console/answers/*'])
    app.use(path, onlyFor(asking))
  app.use('/console/inbox/*', onlyFor(answering))
  app.use(receivedPath, onlyFor(entering))
  app.use('/console/handover', onlyFor([...asking, ...answering]))
  app.get('/console/health', (c) => healthPage(c, looking))
  app.get('/console/search', (c) => searchPage(c, looking))
  app.post('/console/search', (c) => searchPerson(c, looking))
  app.get('/console/search.csv', (c) => searchFile(c, looking, 'csv'))
  app.get('/console/search.ndjson', (c) => searchFile(c, looking, 'ndjson'))
  app.get('/console/entries/:id', (c) => entryPage(c, looking))
  app.get('/console/entries/:id/proof', (c) => proofFile(c, looking))
  app.post('/console/entries/:id/evidence', (c) => evidenceFile(c, looking))
  app.post('/console/entries/:id/replay', (c) => replayPage(c, looking))
  app.get('/console/inbox', (c) => inboxPage(c, looking))
  app.get('/console/ask', (c) => askPage(c, looking))
  app.post('/console/ask', (c) => askedPage(c, looking))
  app.get(receivedPath, (c) => askPage(c, looking))
  app.post(receivedPath, (c) => askedPage(c, looking))
  app.get('/console/requests', (c) => requestsPage(c, looking))
  app.get('/console/answers/:id', (c) => answerPage(c, looking))
  app.post('/console/answers/:id/review', (c) => reviewPage(c, looking))
  app.get('/console/handover', (c) => handoverPage(c, looking))
  app.get('/console/inbox/:id', (c) => waitingPage(c, world))
  app.get('/console/inbox/:id/pictures/:look/:item/:pass', (c) => picture(c, looking))
  app.post('/console/inbox/:id/:does', (c) => formActPage(c, world))
  app.post('/console/acts', (c) => takeAct(c, looking, doneBy))
  app.get('/console/passkey', (c) => passkeyPage(c, world))
  app.post('/console/passkey', (c) => passkeyMade(c, world))
  app.get('/console/figures', (c) => figuresPage(c, looking))
  app.get('/console/figures.csv', (c) => figuresFile(c, looking))
  app.get('/console/officers', (c) => officersPage(c, looking))
  app.get('/console/officer', (c) => officerPage(c, looking))
  app.get('/console/alarms', (c) => alarmsPage(c, looking))
  app.post('/console/alarms', (c) => setAlarmPage(c, looking))
  app.get('/console/deadlines', (c) => deadlinesPage(c, looking))
  app.get('/console/looks', (c) => looksPage(c, looking))
  app.get('/console', (c) => {
    const [first] = pagesOf(c.get('visitor'))
    if (first !== undefined) return c.redirect(first.href, 303)
    const main = html`<p>${say('frame.noPage')}</p>`
    return show(c, world, { title: say('frame.nothing'), main })
  })
  return app
}

/** Answers `HEAD` as `GET` (RFC 9110 §9.3.2), with its login and its look. Hono leaves the body out. */
const headAsGet: MiddlewareHandler = function headAsGet(c, next) {
  if (c.req.method === 'HEAD') c.req.raw = new Request(c.req.raw, { method: 'GET' })
  return next()
}
