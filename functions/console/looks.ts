/** Looks: who looked at the log of the auditor's jurisdiction, what for, and how much they were shown. */

import { html } from '../answer/reply/html.ts'
import { looks } from '../audit/looks.ts'
import { show } from './frame.ts'
import { type Looking, lookOnPage, purposeForm, purposeIn, purposeWords } from './looking.ts'
import { momentHtml, tableHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

/** What a look is called, by its name in its entry. */
export const lookWords: Readonly<Record<string, string>> = {
  'list-entries': 'entries, listed',
  'count-entries': 'entries, counted',
  'read-entry': 'one entry',
  'prove-entry': 'proof of an entry',
  'make-pseudonym': 'whom or which case to search',
  'read-facts': 'facts of decisions',
  'report-subject': 'report to a person',
  'profile-officer': 'an officer, compared',
  'rank-officers': 'officers, ranked',
  'set-alarm': 'an alarm, set or taken back',
  'read-alarms': 'whether alarms went off',
  'read-deadlines': 'deadlines',
  'count-period': 'figures of a period',
  'report-year': 'figures of a year',
  sample: 'a sample of entries',
  'pull-decisions': 'decisions, for another system',
  'create-evidence': 'evidence',
  replay: 'decided again',
  'name-subject': 'a person’s pseudonym',
  'see-inbox': 'an office’s inbox',
  'see-proposal': 'what would leave',
  'see-picture': 'a picture that would leave',
  'see-provision': 'what would leave unasked',
  'collect-provision': 'what was given unasked',
  'make-package': 'an answer, to hand over by another way',
  'own-requests': 'own requests, listed',
  'own-request': 'one own request',
}

/** The page. It is a look itself, so the next one shows it. */
export async function looksPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const query = new URL(c.req.url).searchParams
  const purpose = purposeIn(query)
  const title = 'Looks at the log'
  if (purpose === undefined) return show(c, world, { title, main: purposeForm(c) })
  const asked = { purpose, kind: 'consultation', limit: '50', cursor: query.get('cursor') ?? '' }
  const looked = await lookOnPage(c, looks.list, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return show(c, world, { title, main: purposeForm(c), status: 422 })
  const { entries, next } = looked.answer
  const main = html`<p>Whoever looks is looked at. The same question with the same answer within a quarter of an hour is one look. A look is here once it is in the log, within seconds.</p>
${
  entries.length === 0
    ? html`<p>Nobody has looked yet.</p>`
    : tableHtml(
        'Looks, the newest first',
        ['When', 'Who', 'What for', 'Question', 'Shown', 'Entry'],
        entries.map(({ ts, agency, aj, officer, purpose: lookedFor, look, shown, id }) => [
          momentHtml(ts),
          `${agency ?? `somebody of ${aj}`}${officer === undefined ? '' : `, ${officer}`}`,
          purposeWords(lookedFor),
          look === undefined ? 'not known' : (lookWords[look] ?? look),
          shown === undefined ? '' : `${shown}`,
          html`<a href="/console/entries/${id}?purpose=${purpose}">${id.slice(0, 8)}…<span class="sr"> of ${ts}</span></a>`,
        ]),
      )
}
${next === undefined ? '' : html`<p><a class="button" href="/console/looks?purpose=${purpose}&amp;cursor=${next}">Older ones</a></p>`}`
  return show(c, world, { title, main })
}
