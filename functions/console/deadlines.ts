/** Deadlines: what waits for an office and until when, and who has not said that they acted as they were told. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { looks } from '../audit/looks.ts'
import { show } from './frame.ts'
import { type Looking, lookOnPage, purposeForm, purposeIn } from './looking.ts'
import { markHtml, momentHtml, tableHtml, timeLeft } from './page.ts'
import type { PageContext } from './visitor.ts'

/** The page; it looks only for a purpose. */
export async function deadlinesPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const purpose = purposeIn(new URL(c.req.url).searchParams)
  const title = say('frame.pages.deadlines')
  if (purpose === undefined) return show(c, world, { title, main: purposeForm(c) })
  const looked = await lookOnPage(c, looks.deadlines, { purpose }, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return show(c, world, { title, main: purposeForm(c), status: 422 })
  const { denials, told, complete } = looked.answer
  const now = world.now().toISOString()
  const due = (at: string, isOver: boolean): Html =>
    html`${momentHtml(at)}, ${isOver ? markHtml('bad', say('deadlines.overdueBy', { time: timeLeft(at, now) })) : markHtml('open', say('terms.in', { time: timeLeft(at, now) }))}`
  const entry = (id: string): Html =>
    html`<a href="/console/entries/${id}?purpose=${purpose}">${id.slice(0, 8)}…</a>`
  const missing = told.filter(({ did }) => did === undefined)
  const count = (all: readonly { readonly overdue: boolean }[]) =>
    say('deadlines.ofWhich', {
      all: all.length,
      overdue: all.filter(({ overdue }) => overdue).length,
    })
  const main = html`<p role="status">${say('deadlines.counts', { denials: count(denials), told: count(missing) })}${complete ? '' : html` ${say('deadlines.more')}`}</p>
${
  denials.length === 0
    ? ''
    : tableHtml(
        say('deadlines.open'),
        [
          say('terms.due'),
          say('terms.holder'),
          say('terms.requester'),
          say('terms.since'),
          say('terms.entry'),
        ],
        denials.map((each) => [
          html`${due(each.due, each.overdue)}${each.urgent ? html` ${markHtml('part', say('deadlines.urgent'))}` : ''}`,
          each.holder,
          each.requester,
          momentHtml(each.decidedAt),
          entry(each.id),
        ]),
      )
}
${
  told.length === 0
    ? ''
    : tableHtml(
        say('deadlines.told'),
        [
          say('terms.what'),
          say('deadlines.whoTold'),
          say('deadlines.byWhom'),
          say('deadlines.did'),
          say('terms.due'),
          say('terms.entry'),
        ],
        told.map((each) => [
          each.what,
          each.to,
          each.holder,
          each.did === undefined || each.didAt === undefined
            ? markHtml(each.overdue ? 'bad' : 'open', say('terms.nothingYet'))
            : html`${markHtml('good', each.did)}, ${momentHtml(each.didAt)}`,
          due(each.due, each.overdue),
          entry(each.id),
        ]),
      )
}`
  return show(c, world, { title, main })
}
