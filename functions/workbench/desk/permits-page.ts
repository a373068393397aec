/** Every permit, with all that it tests. */

import { html } from '../../answer/reply/html.ts'
import { tableHtml } from '../../console/page.ts'
import { permitsIn } from '../law/permits.ts'
import { deskPage } from './frame.ts'
import type { Shelf } from './shelf.ts'

/** The permits of the newest versions as a table, each beside the version that it is of. */
export const permitsPage = ({ book, titles }: Shelf): string =>
  deskPage(
    'Permits',
    html`<p>A permit lets data go. Whatever condition its sentence or its articles name it tests, or another rule does,
which is named then. Of each policy the newest version is here, a draft too; whatever a permit lets go, refusals, limits
and an officer may still keep.</p>
${tableHtml(
  'Permits',
  ['Permit', 'What it says', 'What it tests', 'Articles', 'Checked', 'Tested elsewhere'],
  permitsIn(book, titles).map(({ id, of, says, tests, cites, nature, confidence, elsewhere }) => [
    html`<a href="/law/${of.replace('@', '/')}">${id}</a>`,
    says,
    tests,
    `${cites.join('; ')} (${nature})`,
    confidence,
    elsewhere.map(({ words, by }) => `“${words}”: ${by}`).join('; '),
  ]),
)}`,
    '/permits',
  )
