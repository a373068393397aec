/** Health: how each log of the auditor's jurisdiction stands, by what is published; and whether alarms went off. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { alarmsOf } from '../audit/alarms.ts'
import { healthOf, type LogHealth, type NotedHead } from '../audit/log-health.ts'
import { looks } from '../audit/looks.ts'
import { problem } from '../http/problem.ts'
import { failed } from '../http/refusal.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import { logOf } from '../ledger/entry.ts'
import { isLooksLog, withLooks } from '../ledger/looks-log.ts'
import { show } from './frame.ts'
import { type Looking, lookOnPage } from './looking.ts'
import { alarmsHtml } from './officers.ts'
import { markHtml, momentHtml, termsHtml, timeLeft } from './page.ts'
import { grownHtml, verifyLogsHtml, verifyScripts } from './verify.ts'
import type { PageContext } from './visitor.ts'

/** Most years that one page looks at: this one and the last, and those that were noted. */
const yearsMax = 12

/** The page. A head that the reader noted stands in its address, where no gateway can change it. */
export async function healthPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const { agency, officer } = c.get('visitor')
  const { jurisdiction } = agency
  const actor = actorOf({ agency, officer: officer.id })
  if (authorize(actor, 'list-entries', { holder: jurisdiction }) === undefined)
    return problem(c.get('traceId'), 'not-your-role')
  const now = world.now()
  const query = new URL(c.req.url).searchParams
  const own = [now.getUTCFullYear(), now.getUTCFullYear() - 1].map((year) => `${year}`)
  const noted = [...query.keys()].flatMap((each) => /^(?:looks-)?(2\d{3})$/.exec(each)?.[1] ?? [])
  const years = [...new Set([...own, ...noted])].slice(0, yearsMax)
  const logs = await Promise.all(
    years
      .flatMap((year) => withLooks(logOf(world.gateway, jurisdiction, year)))
      .map((log) => healthOf(log, notedIn(query, nameOf(log)), world)),
  )
  const alarms = await alarmsHere(c, looking)
  if (alarms instanceof Response) return alarms
  const begun = logs.filter(({ size, grewFromNoted }) => size > 0 || grewFromNoted === false)
  const main = html`${begun.length === 0 ? html`<p>${say('health.noEntry', { jurisdiction })}</p>` : begun.map((each) => logHtml(each, now))}
${verifyLogsHtml(world)}
${alarms}
<div class="panel"><p>${say('health.ownWord')}</p></div>`
  return show(c, world, { title: say('health.title'), main, scripts: verifyScripts(world) })
}

/** The alarms; that they cannot be read is no reason to show no log. */
async function alarmsHere(c: PageContext, looking: Looking): Promise<Html | Response> {
  const { world, log } = looking
  try {
    return await alarmsWentOff(c, looking)
  } catch (error) {
    if (world.isStoreAway(error)) throw error
    failed(c.get('traceId'), error, world.isStoreAway, log)
    return html`<h2>${say('terms.alarms')}</h2><p>${say('health.untold', { notRead: markHtml('bad', say('health.notRead')) })}</p>`
  }
}

/**
 * Whether alarms of the office went off. To look is a look, and entered; where none is set, there is nothing to look at.
 * A person looks to monitor, whatever the alarm was set for.
 */
async function alarmsWentOff(c: PageContext, looking: Looking): Promise<Html | Response> {
  const { agency, secret } = c.get('visitor')
  if ((await alarmsOf(agency, looking.world)).length === 0)
    return html`<h2>${say('terms.alarms')}</h2><p>${say('health.noneSet', { a: (words) => html`<a href="/console/alarms">${words}</a>` })}</p>`
  const purpose = 'self-monitoring'
  const looked = await lookOnPage(c, looks.alarms, { purpose }, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return html``
  return html`<h2>${say('terms.alarms')}</h2>${alarmsHtml(looked.answer.alarms, purpose, secret)}`
}

/** What an address calls a log: its year, or `looks-` and its year. */
const nameOf = (log: string): string => log.split('/').at(-1) ?? ''

/** The head of a log that an address has: `2026=9:<root in hex>`. */
function notedIn(query: URLSearchParams, name: string): NotedHead | undefined {
  const [, size, root] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(query.get(name) ?? '') ?? []
  return size === undefined || root === undefined ? undefined : { size: Number(size), root }
}

function logHtml(
  { log, published, size, filed, newest, sweptUntil, grewFromNoted }: LogHealth,
  now: Date,
): Html {
  const waits = size - filed
  return html`<section><h2>${log}</h2>
${termsHtml([
  [
    say('health.upTo'),
    newest === undefined
      ? markHtml('open', say('terms.nothingYet'))
      : say('health.newest', {
          moment: momentHtml(newest),
          time: timeLeft(newest, now.toISOString()),
        }),
  ],
  [
    say('health.lookedThrough'),
    sweptUntil === ''
      ? markHtml('open', say('health.notYet'))
      : say('health.swept', { moment: momentHtml(sweptUntil) }),
  ],
  [say('health.entries'), say('health.inTree', { n: size, waits })],
  [
    say('health.published'),
    published === undefined
      ? markHtml('bad', say('health.noCheckpoint'))
      : say('health.publishedAt', {
          entries: say('counts.entries', { n: published.size }),
          left: size - published.size,
          root: published.root,
        }),
  ],
  [
    say('health.witnessed'),
    isLooksLog(log)
      ? say('health.unwitnessed')
      : published === undefined || published.witnesses.length === 0
        ? markHtml('open', say('health.byNobody'))
        : say('health.grewBy', {
            grew: markHtml('good', say('health.onlyGrew')),
            names: html`${published.witnesses.map(({ name, at }) => html`${say('health.lastAt', { name, moment: momentHtml(at) })} `)}`,
          }),
  ],
  ...(isLooksLog(log) ? [] : [[say('health.sawLast'), grownHtml(log)] as const]),
  [
    say('health.noted'),
    grewFromNoted === undefined
      ? published === undefined
        ? say('health.nothingNoted')
        : say('health.keep', {
            a: (words) =>
              html`<a href="/console/health?${nameOf(log)}=${published.size}:${published.root}">${words}</a>`,
          })
      : grewFromNoted
        ? markHtml('good', say('health.grew'))
        : markHtml('bad', say('health.didNotGrow')),
  ],
])}</section>`
}
