/** What evidence is asked of, and as whom: looked for, if the options do not say it. */

import { looks } from '../audit/looks.ts'
import { agencyId } from '../decision/request.ts'
import { type Asking, type Auditor, look, looksOf } from './audit-call.ts'
import { exitCodes, Failure } from './exit.ts'
import { personIn } from './person.ts'
import type { Gateway } from './profile.ts'

/** The options that say what of. */
export type MatterOptions = Asking & {
  readonly case?: readonly string[]
  readonly subject?: string
  readonly entry?: readonly string[]
}

/** A question to one office: `of` is a part of the body of `POST /v1/evidence`. */
export type MatterAsked = { readonly look: Auditor; readonly of: object }

/**
 * The questions, one after another, since each look at a person is itself kept: whoever found what it
 * wanted takes no more of them. Of a case without its agency, those of offices that see such a case.
 */
export async function* mattersOf(
  options: MatterOptions,
  gateway: Gateway,
): AsyncGenerator<MatterAsked> {
  const { case: named, subject, entry } = options
  if ([named, subject, entry].filter((each) => each !== undefined).length !== 1)
    throw new Failure('say what of: --case, --subject or --entry, one of them', exitCodes.usage)
  const offices = looksOf(options, gateway)
  const [agency, caseReference] = caseIn(named ?? [])
  if (named !== undefined && agency === undefined)
    return yield* casesCalled(caseReference, offices, gateway)
  const whom = subject === undefined ? undefined : { subject: personIn(subject) }
  const body = whom ?? { case: { agency, caseReference } }
  for (const each of offices)
    yield {
      look: each,
      of: entry === undefined ? await pseudonym(body, each, gateway) : { entries: entry },
    }
}

/** `GB-POL "CASE 1"`, `GB-POL/CASE-1`, or a reference without its agency. */
export function caseIn(
  named: readonly string[],
): readonly [agency: string | undefined, reference: string] {
  const [first = '', second, ...more] = named
  if (more.length > 0)
    throw new Failure(
      'a case is its agency and its reference: --case GB-POL "CASE 1"',
      exitCodes.usage,
    )
  if (second !== undefined) return [first, second]
  const slash = first.indexOf('/')
  const agency = first.slice(0, Math.max(slash, 0))
  return agencyId.safeParse(agency).success ? [agency, first.slice(slash + 1)] : [undefined, first]
}

/** A person or a case as an office asks for it: under the name of the parameter. */
export const pseudonym = (of: object, each: Auditor, gateway: Gateway) =>
  look(each, gateway, looks.pseudonym, { ...of })

/** The case of a reference, as every office knows it that sees one. Throws if two agencies have such a case. */
async function* casesCalled(
  caseReference: string,
  offices: readonly Auditor[],
  gateway: Gateway,
): AsyncGenerator<MatterAsked> {
  const found: (MatterAsked & { readonly agency: string })[] = []
  for (const each of offices)
    for (const agency of await callersSeen(each, gateway)) {
      const of = await pseudonym({ case: { agency, caseReference } }, each, gateway)
      const page = await look(each, gateway, looks.list, of)
      if (page.entries.length > 0) found.push({ agency, look: each, of })
    }
  const agencies = [...new Set(found.map(({ agency }) => agency))]
  if (agencies.length > 1)
    throw new Failure(
      `more than one agency has such a case: ${agencies.join(', ')}; write which before it: --case ${agencies[0]}/${caseReference}`,
      exitCodes.usage,
    )
  yield* found
}

/** Most pages that are read to see who asked. */
const pagesMax = 50

/** The agencies that asked, in what an office sees. */
async function callersSeen(each: Auditor, gateway: Gateway): Promise<ReadonlySet<string>> {
  const agencies = new Set<string>()
  let cursor: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const { entries, next } = await look(each, gateway, looks.list, { limit: 200, cursor })
    for (const { agency } of entries) if (agency !== undefined) agencies.add(agency)
    if (next === undefined) break
    cursor = next
  }
  return agencies
}
