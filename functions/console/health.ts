/** Health: how each log of the auditor's jurisdiction stands, by what is published; and whether alarms went off. */

import { type Html, html } from '../answer/reply/html.ts'
import { alarmsOf } from '../audit/alarms.ts'
import { healthOf, type LogHealth, type NotedHead } from '../audit/log-health.ts'
import { looks } from '../audit/looks.ts'
import { problem } from '../http/problem.ts'
import { failed } from '../http/refusal.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import { logOf } from '../ledger/entry.ts'
import { isLooksLog, withLooks } from '../ledger/looks-log.ts'
import { counted } from '../policy/words.ts'
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
  const main = html`${begun.length === 0 ? html`<p>No entry of ${jurisdiction} is in the log yet.</p>` : begun.map((each) => logHtml(each, now))}
${verifyLogsHtml(world)}
${alarms}
<div class="panel"><p><strong>This page is the gateway’s own word.</strong> Whoever runs the gateway could show you any page. Only what you
keep yourself counts against them: <code>comity log verify --since FILE</code> compares the whole log with what your
own machine saw last, by keys that you hold.</p></div>`
  return show(c, world, { title: 'Health by log', main, scripts: verifyScripts(world) })
}

/** The alarms; that they cannot be read is no reason to show no log. */
async function alarmsHere(c: PageContext, looking: Looking): Promise<Html | Response> {
  const { world, log } = looking
  try {
    return await alarmsWentOff(c, looking)
  } catch (error) {
    if (world.isStoreAway(error)) throw error
    failed(c.get('traceId'), error, world.isStoreAway, log)
    return html`<h2>Alarms</h2><p>${markHtml('bad', 'could not be read')}: nobody is told whether they went off. Tell whoever runs the gateway, with the number of this request below.</p>`
  }
}

/**
 * Whether alarms of the office went off. To look is a look, and entered; where none is set, there is nothing to look at.
 * A person looks to monitor, whatever the alarm was set for.
 */
async function alarmsWentOff(c: PageContext, looking: Looking): Promise<Html | Response> {
  const { agency, secret } = c.get('visitor')
  if ((await alarmsOf(agency, looking.world)).length === 0)
    return html`<h2>Alarms</h2><p>Your office has set none. <a href="/console/alarms">Set one</a></p>`
  const purpose = 'self-monitoring'
  const looked = await lookOnPage(c, looks.alarms, { purpose }, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return html``
  return html`<h2>Alarms</h2>${alarmsHtml(looked.answer.alarms, purpose, secret)}`
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
    'In the log up to',
    newest === undefined
      ? markHtml('open', 'nothing yet')
      : html`the entry of ${momentHtml(newest)}, ${timeLeft(newest, now.toISOString())} ago`,
  ],
  [
    'Looked through',
    sweptUntil === ''
      ? markHtml('open', 'not yet')
      : html`nothing from before ${momentHtml(sweptUntil)} was left out of the log`,
  ],
  [
    'Entries',
    html`${size} in the tree${waits === 0 ? ', all of them in these pages' : html`, ${waits} not yet in these pages`}`,
  ],
  [
    'Published',
    published === undefined
      ? markHtml('bad', 'no checkpoint')
      : html`at ${counted(published.size, 'entry', 'entries')}${published.size < size ? html`, ${size - published.size} not yet` : ''}; root <code>${published.root}</code>`,
  ],
  [
    'Witnessed',
    isLooksLog(log)
      ? 'by nobody: whoever saw it grow would see that somebody looked'
      : published === undefined || published.witnesses.length === 0
        ? markHtml('open', 'by nobody')
        : html`${markHtml('good', 'seen only to grow')} by ${published.witnesses.map(({ name, at }) => html`${name}, last at ${momentHtml(at)}. `)}`,
  ],
  ...(isLooksLog(log) ? [] : [['What this browser saw last', grownHtml(log)] as const]),
  [
    'What you noted',
    grewFromNoted === undefined
      ? published === undefined
        ? 'nothing was noted'
        : html`<a href="/console/health?${nameOf(log)}=${published.size}:${published.root}">Keep this address</a> (a bookmark, or on paper): opened later, it says whether the log grew from what it is now`
      : grewFromNoted
        ? markHtml('good', 'the log grew from it')
        : markHtml('bad', 'THE LOG DID NOT GROW FROM IT: it was cut, or is another log'),
  ],
])}</section>`
}
