/** What somebody typed, and an act that they signed, stay over a login: the form is sent again after it. */

import * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import type { Named } from '../identity/session.ts'
import { entryId } from '../ledger/entry.ts'
import { parseJson } from '../policy/json-fault.ts'
import { assertionPart } from '../policy/passkey.ts'

/** Where a login in another tab ends: a page that says that one may go on. */
export const loggedInPath = '/console/logged-in'

/** Fields of a form that are sent once more as they are. */
export const hiddenHtml = (fields: Iterable<readonly [name: string, value: string]>): Html =>
  html`${[...fields].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`

/**
 * How whoever filled a form goes on with it: they log in in another tab, and send it again from here. What they typed
 * is in this page alone: nothing is stored, and no address has it. `fields` include the form's token, which still counts
 * after a login of the same person for the same office.
 */
export const keptFormHtml = (
  action: string,
  fields: Iterable<readonly [name: string, value: string]>,
): Html => html`<p>${say('kept.kept')}</p>
<ol><li><a href="/console/login?anew&amp;next=${loggedInPath}" target="_blank" rel="noopener">${say('kept.login')}</a></li>
<li>${say('kept.comeBack')}</li></ol>
<form method="post" action="${action}">${hiddenHtml(fields)}<p><button>${say('kept.goOn')}</button></p></form>`

/** Before the names of fields of a signed form that have what was typed to get there, and where it was sent. */
const typed = 'typed:'
const typedTo = 'typed-to'

/** What was typed to get to a form that is to be signed, as fields of that form. */
export const typedAs = (
  to: string,
  form: URLSearchParams,
): readonly (readonly [name: string, value: string])[] => [
  [typedTo, to],
  ...[...form].map(([name, value]) => [`${typed}${name}`, value] as const),
]

/** A field of an act that was sent before, and whose answer did not come: nobody knows here whether it was entered. */
const sentBefore = 'sent-before'

/** The fields of an act that is sent once more, since its answer did not come. */
export const asSentBefore = (form: URLSearchParams): readonly (readonly [string, string])[] => [
  ...[...form].filter(([name]) => name !== sentBefore),
  [sentBefore, 'yes'],
]

/** Whether an act was sent before, so that refusing it now does not say that it was not done. */
export const wasSentBefore = (form: URLSearchParams): boolean => form.has(sentBefore)

/** What whoever sent an act before must know, before they do the same anew. */
export const stillNotKnownHtml: Html = html`<p>${say('kept.stillNotKnown')}</p>`

/** What was typed to get to a form that was signed, and where it was sent, as `safe` lets one go there. */
export function typedIn(form: URLSearchParams, safe: (path: string | undefined) => string) {
  const fields = new URLSearchParams()
  for (const [name, value] of form)
    if (name.startsWith(typed)) fields.append(name.slice(typed.length), value)
  return { to: safe(form.get(typedTo) ?? undefined), fields }
}

const headSchema = z.looseObject({ kid: z.string() })
const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  jti: z.string(),
  htm: z.enum(['POST', 'DELETE']),
  htu: z.url(),
})

/** What was signed, as the API is to have it; undefined if the form has none. */
export function signedIn(form: URLSearchParams) {
  const [signed, assertion] = [form.get('signed') ?? '', form.get('assertion') ?? '']
  if (!/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(signed)) return undefined
  const [header = '', payload = ''] = signed.split('.')
  const read = (part: string) => jsonIn(Buffer.from(part, 'base64url').toString('utf8'))
  const [head, claims] = [headSchema.safeParse(read(header)), claimsSchema.safeParse(read(payload))]
  const given = jsonIn(assertion)
  if (!head.success || !claims.success || typeof given !== 'object' || given === null)
    return undefined
  // A cast: the API checks each member of it.
  const part = assertionPart(given as Parameters<typeof assertionPart>[0])
  return { kid: head.data.kid, claims: claims.data, authorization: `Bearer ${signed}.${part}` }
}

/** The value of a text; undefined if it is not JSON. */
export const jsonIn = (text: string): unknown => {
  const parsed = parseJson(text)
  return 'value' in parsed ? parsed.value : undefined
}

/**
 * The entry of an act that comes too late now, though it was done in time: whoever loads the page of what was done
 * anew, or goes back to it, sends the act again. Undefined if it made none, or is not of this agency.
 */
export async function enteredBefore(
  form: URLSearchParams,
  { agency }: Pick<Named, 'agency'>,
  { ledger }: Pick<ConsoleWorld, 'ledger'>,
): Promise<string | undefined> {
  const act = signedIn(form)
  if (act === undefined) return undefined
  const stored = await ledger.read(entryId(agency.id, act.claims.jti))
  return stored?.leaf.eid
}

/** What is said of an act that was done before, and is sent again. */
export const doneBefore = (entry: string): { readonly title: Html; readonly main: Html } => ({
  title: say('kept.doneBefore'),
  main: html`<p>${say('kept.doneBeforeSays')}</p>
<p>${say('kept.entry', { entry })}</p>`,
})
