/** Officers, ranked: whom to look at first; and the alarms that an auditor sets. */

import type * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { notCounted, wentOff } from '../audit/alarms.ts'
import type { Plain } from '../audit/look.ts'
import { looks } from '../audit/looks.ts'
import {
  partWords,
  type RankedBy,
  rankedBySchema,
  rankedWords,
  type rankingSchema,
} from '../audit/officer-ranking.ts'
import { fewer } from '../audit/published.ts'
import { dayField, show, textField, tokenHtml } from './frame.ts'
import { type Looking, lookOnPage, purposeField, purposeIn } from './looking.ts'
import { type FieldFault, faultSummary, markHtml, tableHtml, termsHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

// A cast: an object's own names.
const names = Object.keys(rankedWords) as RankedBy[]

/** The ranking of an agency's officers in a period. */
export async function officersPage(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const value = (name: string) => query.get(name) ?? ''
  const form = html`<form class="ask" method="get" action="/console/officers"><div class="fields">${purposeField(purposeIn(query))}
${textField('agency', say('terms.agency'), say('terms.agencyHint'), value('agency'))}${byField('by', say('officers.mostOf'), value('by'))}
${dayField('from', say('terms.from'), say('terms.dayHint'), value('from'))}${dayField('until', say('terms.until'), say('terms.untilHint'), value('until'))}</div><p><button>${say('officers.rank')}</button></p></form>
<p><a href="/console/officer">${say('officers.one')}</a> · <a href="/console/alarms">${say('terms.alarms')}</a></p>`
  const page = (found: Html, faults: readonly FieldFault[] = []) =>
    show(c, looking.world, {
      title: say('officers.title'),
      main: html`${faultSummary(faults)}${found}${form}`,
      status: faults.length > 0 ? 422 : 200,
    })
  if (!query.has('purpose')) return page(html``)
  const asked = Object.fromEntries(
    ['purpose', 'agency', 'by', 'from', 'until'].map((name) => [name, value(name)]),
  )
  const looked = await lookOnPage(c, looks.officerRanking, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return page(html``, looked.faults)
  const { purpose = '', from = '', until = '' } = asked
  const one = (officer: string) =>
    `/console/officer?${new URLSearchParams({ purpose, agency: looked.answer.agency, officer, from, until })}`
  return page(rankingHtml(looked.answer, one))
}

/** How many officers are shown at once: whom to look at first. The others are a press away, and on paper. */
const firstOfficers = 50

/** A ranking; `one` is where an officer is compared. */
export function rankingHtml(
  { agency, timeZone, officers, median, ranked, erased, restricted, part }: Ranking,
  one: (officer: string) => string,
): Html {
  const head = html`<h2>${agency}</h2>
${termsHtml([
  [say('officers.officers'), say('officers.active', { n: officers })],
  [say('terms.theirTime'), timeZone],
  [say('terms.leftOut'), say('officer.leftOut', { erased, restricted, complete: 'true' })],
])}
${part === undefined ? '' : html`<div class="panel"><p><strong>${say('officers.notAll')}</strong> ${partWords(part)}.</p></div>`}`
  if (median === undefined) return html`${head}<p>${say('officers.nobody')}</p>`
  const heads = [say('terms.officer'), ...names.map((name) => rankedWords[name])]
  const rows = ranked.map(({ officer, counts }) => [
    html`<a href="${one(officer)}">${officer}</a>`,
    ...names.map((name) => {
      const count = counts[name]
      const isOver = typeof count === 'number' && count > 2 * Number(median[name])
      return isOver ? markHtml('part', `${count}`) : count
    }),
  ])
  const rest = rows.slice(firstOfficers)
  return html`${head}${tableHtml(say('officers.hidden', { fewer }), heads, [
    [say('terms.median'), ...names.map((name) => median[name])],
    ...rows.slice(0, firstOfficers),
  ])}
${rest.length === 0 ? '' : html`<details><summary>${say('counts.officers', { n: rest.length })}</summary>${tableHtml(say('officers.further'), heads, rest)}</details>`}
${ranked.length === 0 ? html`<p>${say('officers.noFive')}</p>` : ''}
<p>${markHtml('part', say('officers.twice'))}</p>`
}

type Ranking = Plain<z.infer<typeof rankingSchema>>

/** The alarms of the office: whether they went off, and a form to set one. */
export async function alarmsPage(c: PageContext, looking: Looking): Promise<Response> {
  const query = new URL(c.req.url).searchParams
  const purpose = purposeIn(query)
  const ask = html`<form class="ask" method="get" action="/console/alarms"><div class="fields">${purposeField(purpose)}</div><p><button>${say('officers.look')}</button></p></form>`
  if (purpose === undefined) return alarmsShown(c, looking, ask)
  const looked = await lookOnPage(c, looks.alarms, { purpose }, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return alarmsShown(c, looking, ask, looked.faults)
  return alarmsShown(
    c,
    looking,
    html`${alarmsHtml(looked.answer.alarms, purpose, c.get('visitor').secret)}
<p>${say('officers.soon')}</p>${ask}`,
  )
}

/** Sets an alarm, or takes it back, as the form says. */
export async function setAlarmPage(c: PageContext, looking: Looking): Promise<Response> {
  const form = c.get('form')
  const field = (name: string) => (form.get(name) ?? '').trim()
  const whole = (name: string) =>
    /^\d{1,6}$/.test(field(name)) ? Number(field(name)) : field(name)
  const asked = {
    ...{ purpose: field('purpose'), agency: field('agency'), by: field('by') },
    ...{ days: whole('days'), over: form.has('off') ? null : whole('over') },
    ...(form.has('off') && form.has('id') && { id: field('id') }),
  }
  const looked = await lookOnPage(c, looks.setAlarm, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return alarmsShown(c, looking, html``, looked.faults)
  return c.redirect(`/console/alarms?purpose=${asked.purpose}`, 303)
}

function alarmsShown(
  c: PageContext,
  { world }: Looking,
  found: Html,
  faults: readonly FieldFault[] = [],
): Response {
  const { secret } = c.get('visitor')
  const main = html`${faultSummary(faults)}${found}
<section class="noprint"><h2>${say('alarms.set')}</h2>
<p>${say('alarms.says')}</p>
<form class="ask" method="post" action="/console/alarms">${tokenHtml(secret)}<div class="fields">${purposeField(undefined, 'set-purpose')}
${textField('agency', say('terms.agency'), say('terms.agencyHint'), '')}${byField('by', say('alarms.ofWhat'), '')}
${textField('over', say('alarms.over'), say('alarms.overHint'), '')}${textField('days', say('alarms.days'), say('alarms.daysHint'), '30')}</div><p><button>${say('alarms.setIt')}</button></p></form></section>`
  return show(c, world, { title: say('terms.alarms'), main, status: faults.length > 0 ? 422 : 200 })
}

type Alarms = readonly {
  readonly id: string
  readonly agency: string
  readonly by: RankedBy
  readonly days: number
  readonly over: number
  readonly officers: readonly { readonly officer: string; readonly count: number }[]
  readonly complete: boolean
}[]

/** What alarms found. */
export const alarmsHtml = (alarms: Alarms, purpose: string, secret: string): Html =>
  alarms.length === 0
    ? html`<p role="status">${say('alarms.none')}</p>`
    : html`${tableHtml(
        say('alarms.yours'),
        [say('alarms.alarm'), say('alarms.forWhom'), say('alarms.search'), say('terms.takeBack')],
        alarms.map(({ id, agency, by, days, over, officers, complete }) => [
          say('alarms.moreThan', {
            by: rankedWords[by],
            over,
            days: say('counts.days', { n: days }),
            agency,
          }),
          html`${officers.map(({ officer, count }) => html`${markHtml('bad', html`${officer}: ${count}${complete ? '' : html` ${say('alarms.atLeast')}`}`)} `)}${complete ? '' : markHtml('bad', notCounted)}${wentOff({ officers, complete }) ? '' : markHtml('good', say('alarms.forNobody'))}`,
          html`${officers.map(({ officer }) => html`<a href="/console/search?${String(new URLSearchParams({ purpose, requester: agency, officer }))}">${officer}</a> `)}`,
          html`<form method="post" action="/console/alarms">${tokenHtml(secret)}${Object.entries({ purpose, agency, by, days: `${days}`, id, off: '' }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button class="second">${say('terms.takeBack')}<span class="sr"> ${rankedWords[by]}, ${agency}</span></button></form>`,
        ]),
      )}`

/** What officers are ranked by, to choose. */
const byField = (id: string, text: Html, chosen: string): Html =>
  html`<p><label for="${id}">${text}</label><select id="${id}" name="${id}">${names.map((name) => html`<option value="${name}"${name === rankedBySchema.safeParse(chosen).data ? html` selected` : ''}>${rankedWords[name]}</option>`)}</select></p>`
