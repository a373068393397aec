/** Every fact that a rule may read. */

import { html } from '../../answer/reply/html.ts'
import { tableHtml } from '../../console/page.ts'
import { factWordsOf } from '../law/fact-words.ts'
import { deskPage } from './frame.ts'

/** The vocabulary as a table. */
export const factsPage = (): string =>
  deskPage(
    'Facts',
    html`<p>A fact that is not here cannot be read by a rule.</p>
${tableHtml(
  'Facts',
  ['Fact', 'What it is', 'Values', 'From'],
  factWordsOf().map(({ name, label, values, from, by, help }) => [
    html`<code>${name}</code><br>${label}`,
    help,
    values.replaceAll('`', ''),
    by === undefined ? from.replaceAll('`', '') : `${from}: ${by}`,
  ]),
)}`,
    '/facts',
  )
