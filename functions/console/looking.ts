/** A look on a page: by the same table as calls, entered before anything is shown. */

import type * as z from 'zod'
import type { PageCall } from '../answer/entries/signed-call.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { openLook, type PageLook, type Plain, type Purpose, purposeSchema } from '../audit/look.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { type BodyFault, readAs } from '../http/faults.ts'
import type { Log } from '../http/guard.ts'
import { refused } from '../http/refusal.ts'
import { type FieldFault, optionsHtml } from './page.ts'
import type { PageContext } from './visitor.ts'

/** The answer of a look; the faults of its question; or a problem. */
export type LookedOnPage<Answer> =
  | { readonly answer: Answer }
  | { readonly faults: readonly (FieldFault & BodyFault)[] }
  | { readonly response: Response }

/**
 * Looks, for the officer of the session. INVARIANT (no look unseen): what comes back is `Shown`, whose entry is
 * durable. Fields that are empty are not asked.
 */
export async function lookOnPage<Row extends Pick<PageLook, 'question' | 'answer'>>(
  c: PageContext,
  row: Row,
  asked: Readonly<Record<string, unknown>>,
  { world, log }: Looking,
  inPath: Readonly<Record<string, string>> = {},
): Promise<LookedOnPage<Plain<z.infer<Row['answer'][1]>>>> {
  // A cast: each row of the table is a look.
  const look = row as unknown as PageLook
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''))
  const read = readAs(look.question, given)
  if ('faults' in read) return { faults: read.faults.map(faultOf) }
  const path = look.inPath?.safeParse(inPath)
  const call = callOnPage(c, world)
  const shown =
    path?.success === false
      ? ({ kind: 'not-found' } as const)
      : await openLook(look, call, { ...read.value, ...Object(path?.data) }, world)
  if (shown.kind === 'invalid') return { faults: [faultOf(shown)] }
  // A cast: the answer of this row.
  if (shown.kind === 'shown') return { answer: shown.answer as never }
  return { response: refused(c.get('traceId'), shown, log) }
}

/** What the officer of the session asks for on a page; its entry is the gateway's own word. */
export function callOnPage(c: PageContext, { origin }: Pick<ConsoleWorld, 'origin'>): PageCall {
  const { agency, officer, session } = c.get('visitor')
  return {
    ...{ agency, officer: officer.id, method: c.req.method, url: `${origin}${c.req.path}` },
    session: { iss: session.login.iss, provedAt: new Date(session.provedAt).toISOString() },
  }
}

/** What looks need. */
export type Looking = { readonly world: ConsoleWorld; readonly log: Log }

const faultOf = ({ pointer, detail }: BodyFault) => {
  const field = pointer.split('/').at(1) ?? ''
  return { field, fix: `${labels[field] ?? field}: ${detail}`, pointer, detail }
}

/** What forms call the fields of questions. */
export const labels: Readonly<Record<string, string>> = {
  purpose: 'What you look for',
  holder: 'Who was asked',
  requester: 'Who asked',
  agency: 'An agency, asking or asked',
  officer: 'Officer',
  outcome: 'Outcome',
  standing: 'A denial is',
  rule: 'Rule',
  policy: 'Policy or version',
  kind: 'Kind of entry',
  from: 'From',
  until: 'Until',
  subject: 'Person',
  case: 'Case',
}

/** The purposes of LED art. 25(2), and of courts. */
const purposes: Readonly<Record<Purpose, string>> = {
  lawfulness: 'lawfulness of processing',
  'self-monitoring': 'self-monitoring',
  'integrity-and-security': 'integrity and security',
  'criminal-proceedings': 'criminal proceedings',
  'proceedings-on-lawfulness': 'proceedings on lawfulness',
}

/** What somebody looked for, as an entry says it, in words. */
export function purposeWords(purpose: string | undefined): string {
  const known = purposeSchema.safeParse(purpose).data
  return known === undefined ? (purpose ?? 'not known') : purposes[known]
}

/** What somebody looks for, as far as they said. */
export const purposeIn = (query: URLSearchParams): Purpose | undefined =>
  purposeSchema.safeParse(query.get('purpose')).data

/** The field in which somebody says what they look for. Nothing is chosen for them. */
export const purposeField = (chosen: Purpose | undefined, id = 'purpose'): Html =>
  html`<p><label for="${id}">${labels.purpose} <span class="hint">entered with the look</span></label>
<select id="${id}" name="purpose" required><option value="">Choose</option>${optionsHtml(purposes, chosen)}</select></p>`

/** Asks for what somebody looks, before anything is read. */
export const purposeForm = (c: PageContext): Html =>
  html`<form class="ask" method="get" action="${c.req.path}"><div class="fields">${purposeField(undefined)}</div><p><button>Look</button></p></form>`
