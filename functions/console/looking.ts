/** A look on a page: by the same table as calls, entered before anything is shown. */

import type * as z from 'zod'
import type { PageCall } from '../answer/entries/signed-call.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { openLook, type PageLook, type Plain, type Purpose, purposeSchema } from '../audit/look.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { type BodyFault, readAs } from '../http/faults.ts'
import type { Log } from '../http/guard.ts'
import { refused } from '../http/refusal.ts'
import { type FieldFault, optionsHtml, type Words } from './page.ts'
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
  return { field, fix: html`${labels[field] ?? field}: ${detail}`, pointer, detail }
}

/** What forms call the fields of questions. */
export const labels: Readonly<Record<string, Html>> = {
  purpose: say('looking.labels.purpose'),
  holder: say('looking.labels.holder'),
  requester: say('looking.labels.requester'),
  agency: say('looking.labels.agency'),
  officer: say('terms.officer'),
  outcome: say('terms.outcome'),
  standing: say('looking.labels.standing'),
  rule: say('looking.labels.rule'),
  policy: say('looking.labels.policy'),
  kind: say('looking.labels.kind'),
  from: say('terms.from'),
  until: say('terms.until'),
  subject: say('answer.person'),
  case: say('terms.case'),
}

/** The purposes of LED art. 25(2), and of courts. */
const purposes: Readonly<Record<Purpose, Html>> = {
  lawfulness: say('looking.purposes.lawfulness'),
  'self-monitoring': say('looking.purposes.monitoring'),
  'integrity-and-security': say('looking.purposes.integrity'),
  'criminal-proceedings': say('looking.purposes.criminal'),
  'proceedings-on-lawfulness': say('looking.purposes.onLawfulness'),
}

/** What somebody looked for, as an entry says it, in words. */
export function purposeWords(purpose: string | undefined): Words {
  const known = purposeSchema.safeParse(purpose).data
  return known === undefined ? (purpose ?? say('terms.notKnown')) : purposes[known]
}

/** What somebody looks for, as far as they said. */
export const purposeIn = (query: URLSearchParams): Purpose | undefined =>
  purposeSchema.safeParse(query.get('purpose')).data

/** The field in which somebody says what they look for. Nothing is chosen for them. */
export const purposeField = (chosen: Purpose | undefined, id = 'purpose'): Html =>
  html`<p><label for="${id}">${labels.purpose} <span class="hint">${say('looking.entered')}</span></label>
<select id="${id}" name="purpose" required><option value="">${say('fields.choose')}</option>${optionsHtml(purposes, chosen)}</select></p>`

/** Asks for what somebody looks, before anything is read. */
export const purposeForm = (c: PageContext): Html =>
  html`<form class="ask" method="get" action="${c.req.path}"><div class="fields">${purposeField(undefined)}</div><p><button>${say('looking.look')}</button></p></form>`
