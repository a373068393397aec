/** Whoever was refused a person in a case, and describes the matter otherwise: what is kept of it. */

import type { CaseName } from '../decision/attestation.ts'
import { identifiersFor } from '../decision/record.ts'
import { type AccessRequest, foldCase } from '../decision/request.ts'
import type { Refusal, Stored, World } from '../ports.ts'
import { requestIn } from './matter.ts'
import { type Opened, open } from './opened.ts'

type Pseudonym = (identifier: string) => string

/** What an entry says of whom was asked for and found, and of what was told. */
type Answered = Pick<Opened, 'told' | 'subject'>

/**
 * By how many other names whoever was refused is remembered: forms of the name that was asked for, then the
 * record's own id, documents and names. With twelve, a row stays under the kilobyte that DynamoDB writes as one unit.
 */
const namesMax = 12

/** What is kept of an answer by which something was refused; undefined if all that was asked for left. */
export function refusalOf(
  { subject, told: { reply } }: Answered,
  agency: string,
  request: AccessRequest,
  pseudonym: Pseudonym,
): Refusal | undefined {
  // As told: what is kept is the same whether nothing may be told of a record or none is held.
  const classes = request.classes.filter((each) => reply.classes[each] !== 'released')
  if (classes.length === 0) return undefined
  const inCase = personsInCase(caseOf(agency, request), pseudonym)
  // Where nothing was found, too: by the name as it may be written otherwise.
  const names = [...identifiersFor(request.subject).map(pseudonym), ...subject.found.flat()]
  const others = [...new Set(names)].filter((each) => each !== subject.asked).slice(0, namesMax)
  return {
    ...{ id: reply.id, ts: reply.decidedAt, ...described(request, pseudonym) },
    asked: inCase(subject.asked),
    // As many whatever was found, so that neither its size nor how many rows fit tells of a record.
    found: Array.from({ length: namesMax }, (_, i) => inCase(others[i] ?? `nobody:${i}`)),
    ...(classes.length < request.classes.length ? { classes } : {}),
  }
}

/**
 * A pseudonym of a person in a case, made of the one that they have everywhere: in other cases it is another,
 * and nothing leads from the person to it.
 */
export const personsInCase =
  ({ requester, caseReference }: CaseName, pseudonym: Pseudonym) =>
  (person: string): string =>
    pseudonym(JSON.stringify(['refused', requester, foldCase(caseReference), person]))

/** How a request describes its matter: purpose and offence as a keyed digest, since offences are told freely. */
const described = (
  { purpose, offence: { category, description, maxCustodyMonths }, stage }: AccessRequest,
  pseudonym: Pseudonym,
): Pick<Refusal, 'described' | 'stage'> => ({
  described: pseudonym(
    JSON.stringify(['described', purpose, category, description ?? null, maxCustodyMonths]),
  ),
  stage,
})

/**
 * Those of the refusals that described the matter otherwise than a request does: of everything, or of a class
 * that it asks for. A stage that was not known may be supplied.
 */
export function describedOtherwise(
  refusals: readonly Refusal[],
  request: AccessRequest,
  pseudonym: Pseudonym,
): readonly Refusal[] {
  const now = described(request, pseudonym)
  return refusals.filter(
    ({ classes, stage, described: before }) =>
      (classes === undefined || request.classes.some((each) => classes.includes(each))) &&
      (before !== now.described || (stage !== now.stage && stage !== 'unknown')),
  )
}

/** The case of a request. */
export const caseOf = (requester: string, { caseReference }: AccessRequest): CaseName => ({
  requester,
  caseReference,
})

/** Refusals that an officer is shown at most. */
const shownMax = 50

/** What was asked when it was refused, as far as the log still says; the newest first. */
export async function askedThen(
  refusals: readonly Refusal[],
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<readonly (Pick<Refusal, 'id' | 'ts'> & { readonly request?: AccessRequest })[]> {
  const newest = refusals.toSorted((a, b) => (a.ts < b.ts ? 1 : -1)).slice(0, shownMax)
  const stored = await world.ledger.readAll(newest.map(({ id }) => id))
  const request = async (entry: Stored | undefined) => {
    const opened = entry && (await open(entry, world))
    return opened === undefined ? {} : { request: requestIn(opened) }
  }
  return Promise.all(
    newest.map(async ({ id, ts }) => ({ id, ts, ...(await request(stored.get(id))) })),
  )
}
