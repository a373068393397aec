/** A signed act as a form has it, and whether it was entered when that form was sent before. */

import * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import type { Named } from '../identity/session.ts'
import { entryId } from '../ledger/entry.ts'
import { parseJson } from '../policy/json-fault.ts'
import { assertionPart } from '../policy/passkey.ts'

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
  const [, payload = ''] = signed.split('.')
  const claims = claimsSchema.safeParse(jsonIn(Buffer.from(payload, 'base64url').toString('utf8')))
  const given = jsonIn(assertion)
  if (!claims.success || typeof given !== 'object' || given === null) return undefined
  // A cast: the API checks each member of it.
  const part = assertionPart(given as Parameters<typeof assertionPart>[0])
  return { claims: claims.data, authorization: `Bearer ${signed}.${part}` }
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
export const doneBefore = (entry: string): { readonly title: string; readonly main: Html } => ({
  title: 'It was done before',
  main: html`<p>You sent this before, and it was entered then. Sending it now did nothing more. What a look showed, you see by looking anew.</p>
<p>Entry <code>${entry}</code></p>`,
})
