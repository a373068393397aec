/** What counsel must still check, with who does it by when. */

import type { Hono } from 'hono'
import { type Html, html } from '../../answer/reply/html.ts'
import { markHtml, tableHtml } from '../../console/page.ts'
import { type List, lawId, lawPath, type Policy } from '../../policy/book.ts'
import { inForce } from '../../policy/history.ts'
import { type Failure, misuse } from '../../terminal/exit.ts'
import { confidenceWords } from '../law/clauses.ts'
import { type PlannedCheck, plannedFor, type UncheckedItem, uncheckedIn } from '../law/unchecked.ts'
import { type CheckPlan, readPlan, savePlan } from './check-plan.ts'
import { addressOf, deskPage } from './frame.ts'
import { found, text, type Workplace } from './writing.ts'

/** Adds the pages of what must be checked. */
export function addChecks(app: Hono, { folder, shelf, form, now }: Workplace): void {
  app.get('/unchecked', (c) => {
    const { policies, listVersions } = inForce(shelf().book, now(), now())
    const plans = new Map<string, CheckPlan>()
    const planOf = (version: Policy | List) => {
      const name = folderNamed(version)
      const plan = plans.get(name) ?? readPlan(folder, name)
      plans.set(name, plan)
      return plan
    }
    return c.html(allPage([...policies, ...listVersions], planOf, now().slice(0, 10)))
  })
  app.get('/unchecked/plan', (c) => {
    const version = found(shelf(), c.req.query('file') ?? '')
    return c.html(planPage(version, readPlan(folder, folderNamed(version)), form))
  })
  app.post('/unchecked/plan', async (c) => {
    const fields = await c.req.parseBody()
    const version = found(shelf(), text(fields.file))
    const checks = uncheckedIn(version).flatMap(({ place }, i): readonly PlannedCheck[] => {
      const [owner, by] = [text(fields[`owner.${i}`]).trim(), text(fields[`by.${i}`]).trim()]
      if (text(fields[`place.${i}`]) !== place) throw changed(version)
      return owner === '' && by === '' ? [] : [{ of: lawId(version), place, owner, by }]
    })
    const name = folderNamed(version)
    if (!savePlan(folder, name, text(fields.digest), lawId(version), checks)) throw changed(version)
    return c.redirect('/unchecked', 303)
  })
}

const folderNamed = (version: Policy | List): string => lawId(version).split('/')[0] ?? ''

const changed = (version: Policy | List): Failure =>
  misuse(
    `somebody changed \`${lawPath(version)}\`, or who checks it, meanwhile: load the page again`,
  )

function allPage(
  all: readonly (Policy | List)[],
  planOf: (version: Policy | List) => CheckPlan,
  today: string,
): string {
  const files = all
    .map((version) => ({ version, items: uncheckedIn(version) }))
    .filter(({ items }) => items.length > 0)
  const count = files.reduce((sum, { items }) => sum + items.length, 0)
  const main = html`
<p>${count} items in ${files.length} files in force. An answer that rests on one of them says so.</p>
${tableHtml(
  'Files with something to be checked',
  ['File', 'To be checked', 'Nobody yet', 'Next'],
  files.map(({ version, items }) => {
    const planned = items.flatMap(
      ({ place }) => plannedFor(planOf(version).checks, lawId(version), place) ?? [],
    )
    const next = planned.toSorted((a, b) => (a.by < b.by ? -1 : 1))[0]
    return [
      html`<a href="/unchecked/plan?file=${lawPath(version)}">${version.file.title}</a><br><code>${lawId(version)}</code>`,
      items.length,
      items.length - planned.length,
      next === undefined ? '' : plannedHtml(next, today),
    ]
  }),
)}`
  return deskPage('To be checked', main, '/unchecked')
}

const howWell = ({ confidence }: UncheckedItem): string =>
  confidence === undefined ? 'to be checked by counsel' : confidenceWords(confidence)

const plannedHtml = ({ owner, by }: PlannedCheck, today: string): Html =>
  html`${owner}, ${by} ${by < today ? markHtml('bad', 'overdue') : ''}`

function planPage(version: Policy | List, plan: CheckPlan, form: string): string {
  const main = html`
<p>This is kept in <code>policies/${folderNamed(version)}/unchecked.json</code>, beside the law: a sealed file stays as it is.</p>
<form class="ask" method="post" action="/unchecked/plan"><input type="hidden" name="form" value="${form}"><input type="hidden" name="file" value="${lawPath(version)}"><input type="hidden" name="digest" value="${plan.digest}">
${uncheckedIn(version).map((item, i) => {
  const planned = plannedFor(plan.checks, lawId(version), item.place)
  const own = planned?.place === undefined ? undefined : planned
  return html`<fieldset><legend>${item.says}</legend><p class="soft">${item.place === item.says ? '' : html`<a href="${addressOf(version)}">${item.place}</a> `}${item.cites.join('; ')} (${howWell(item)})</p><input type="hidden" name="place.${i}" value="${item.place}">
<div class="fields"><div><label for="owner.${i}">Who checks it</label><input id="owner.${i}" name="owner.${i}" value="${own?.owner ?? ''}" placeholder="${planned?.owner ?? ''}" maxlength="80" autocomplete="off"></div>
<div><label for="by.${i}">By the day</label><input id="by.${i}" name="by.${i}" value="${own?.by ?? ''}" placeholder="${planned?.by ?? ''}" autocomplete="off"></div></div></fieldset>`
})}
<p><button>Save</button></p></form>`
  return deskPage(`Who checks: ${version.file.title}`, main, undefined, '/unchecked')
}
