/** Looks: who looked at the log of the auditor's jurisdiction, what for, and how much they were shown. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { looks } from '../audit/looks.ts'
import { show } from './frame.ts'
import { type Looking, lookOnPage, purposeForm, purposeIn, purposeWords } from './looking.ts'
import { momentHtml, tableHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

/** What a look is called, by its name in its entry. */
export const lookWords: Readonly<Record<string, Html>> = {
  'list-entries': say('looks.of.list-entries'),
  'count-entries': say('looks.of.count-entries'),
  'read-entry': say('looks.of.read-entry'),
  'prove-entry': say('looks.of.prove-entry'),
  'make-pseudonym': say('looks.of.make-pseudonym'),
  'read-facts': say('looks.of.read-facts'),
  'report-subject': say('looks.of.report-subject'),
  'profile-officer': say('looks.of.profile-officer'),
  'rank-officers': say('looks.of.rank-officers'),
  'set-alarm': say('looks.of.set-alarm'),
  'read-alarms': say('looks.of.read-alarms'),
  'read-deadlines': say('looks.of.read-deadlines'),
  'count-period': say('looks.of.count-period'),
  'report-year': say('looks.of.report-year'),
  sample: say('looks.of.sample'),
  'pull-decisions': say('looks.of.pull-decisions'),
  'create-evidence': say('looks.of.create-evidence'),
  replay: say('looks.of.replay'),
  'name-subject': say('looks.of.name-subject'),
  'see-inbox': say('looks.of.see-inbox'),
  'see-proposal': say('looks.of.see-proposal'),
  'see-picture': say('looks.of.see-picture'),
  'see-provision': say('looks.of.see-provision'),
  'collect-provision': say('looks.of.collect-provision'),
  'make-package': say('looks.of.make-package'),
  'own-requests': say('looks.of.own-requests'),
  'own-request': say('looks.of.own-request'),
}

/** The page. It is a look itself, so the next one shows it. */
export async function looksPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const query = new URL(c.req.url).searchParams
  const purpose = purposeIn(query)
  const title = say('looks.title')
  if (purpose === undefined) return show(c, world, { title, main: purposeForm(c) })
  const asked = { purpose, kind: 'consultation', limit: '50', cursor: query.get('cursor') ?? '' }
  const looked = await lookOnPage(c, looks.list, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return show(c, world, { title, main: purposeForm(c), status: 422 })
  const { entries, next } = looked.answer
  const main = html`<p>${say('looks.says')}</p>
${
  entries.length === 0
    ? html`<p>${say('looks.nobody')}</p>`
    : tableHtml(
        say('looks.newest'),
        [
          say('terms.when'),
          say('looks.who'),
          say('terms.whatFor'),
          say('terms.question'),
          say('terms.shown'),
          say('terms.entry'),
        ],
        entries.map(({ ts, agency, aj, officer, purpose: lookedFor, look, shown, id }) => [
          momentHtml(ts),
          html`${agency ?? say('looks.somebody', { state: aj })}${officer === undefined ? '' : `, ${officer}`}`,
          purposeWords(lookedFor),
          look === undefined ? say('terms.notKnown') : (lookWords[look] ?? look),
          shown === undefined ? '' : `${shown}`,
          html`<a href="/console/entries/${id}?purpose=${purpose}">${id.slice(0, 8)}…<span class="sr"> ${say('lines.of', { moment: ts })}</span></a>`,
        ]),
      )
}
${next === undefined ? '' : html`<p><a class="button" href="/console/looks?purpose=${purpose}&amp;cursor=${next}">${say('terms.older')}</a></p>`}`
  return show(c, world, { title, main })
}
