/** Remembers refusals of a person in a case, to detect requests that describe the matter otherwise. */

import type { CaseName } from '../../decision/attestation.ts'
import { identifiersFor } from '../../decision/record.ts'
import { type AccessRequest, foldCase } from '../../decision/request.ts'
import type { Refusal, Refusals } from '../../inbox-ports.ts'
import type { Stored, World } from '../../ports.ts'
import { type Opened, open, requestIn } from '../entries/reader.ts'
import type { Values } from '../entries/values.ts'
import { casesOf, requesterId } from './requester.ts'

type Pseudonym = (identifier: string) => string

/** The parts of an entry that tell who was asked for and found, and what was told. */
type Answered = Pick<Opened, 'told' | 'subject'>

/**
 * Most other names that a refusal remembers: forms of the name asked for, then the record's own id, documents
 * and names. With twelve, a row stays under the kilobyte that DynamoDB writes as one unit.
 */
const namesMax = 12

/** What remembering needs. */
export type Remembering = Pick<World, 'register'> & { readonly refusals: Pick<Refusals, 'put'> }

/**
 * Remembers what an answer refused, in the case of whoever asked, durable once it returns; repeating it changes nothing.
 *
 * INVARIANT (remembered before it is told): from its entry, so that a retry remembers nothing that the call was not
 * refused, and before anybody gives the answer: whoever was refused cannot ask otherwise before that is known.
 */
export async function rememberRefusals(
  said: Values['decision'],
  request: AccessRequest,
  pseudonym: Pseudonym,
  { register, refusals }: Remembering,
): Promise<void> {
  const all = await refusalsIn(said, request, pseudonym, register)
  await Promise.all(all.map(([of, each]) => refusals.put(said.matter.holder, of, each)))
}

/** What is to be remembered of an answer, and of which case. */
async function refusalsIn(
  said: Values['decision'],
  request: AccessRequest,
  pseudonym: Pseudonym,
  register: World['register'],
): Promise<readonly (readonly [CaseName, Refusal])[]> {
  // As told, so that a record of which nothing may be told is kept like one that is not held.
  const { classes } = said.told.reply
  const refused = request.classes.filter((each) => classes[each] !== 'released')
  if (refused.length === 0) return []
  const id = requesterId(said)
  const jurisdiction = request.receivedBy?.from.jurisdiction ?? ''
  const ids = await casesOf(request, { id, jurisdiction }, { register })
  return ids.map((each) => [
    caseOf(each, request),
    refusalOf(said, refused, each, request, pseudonym),
  ])
}

/** The same from an entry that stands; of a dry run nothing is remembered. */
export async function rememberEntry(
  { leaf: { hj, dryRun } }: Stored,
  opened: Opened,
  world: Remembering & { readonly secrets: Pick<World['secrets'], 'pseudonym'> },
): Promise<void> {
  const pseudonym = (one: string) => world.secrets.pseudonym(hj, one)
  if (!dryRun) await rememberRefusals(opened, requestIn(opened), pseudonym, world)
}

/** Whether what an entry refused is remembered, by that entry or by another that refused the same. */
export async function isRemembered(
  { leaf: { hj, dryRun } }: Stored,
  opened: Opened,
  { refusals, register, secrets }: Pick<World, 'refusals' | 'register' | 'secrets'>,
): Promise<boolean> {
  const pseudonym = (one: string) => secrets.pseudonym(hj, one)
  const all = dryRun ? [] : await refusalsIn(opened, requestIn(opened), pseudonym, register)
  const each = all.map(async ([of, refusal]) => {
    const rows = await refusals.of(opened.matter.holder, of)
    // If there are too many to read, a person decides.
    return rows === undefined || rows.some((row) => isSame(row, refusal))
  })
  return (await Promise.all(each)).every((isThere) => isThere)
}

const isSame = (a: Refusal, b: Refusal): boolean =>
  [a.asked, a.described, a.stage, `${a.classes}`, `${a.found}`].join() ===
  [b.asked, b.described, b.stage, `${b.classes}`, `${b.found}`].join()

/** What is kept of an answer that refused these classes. */
function refusalOf(
  { subject, told: { reply } }: Answered,
  classes: readonly string[],
  agency: string,
  request: AccessRequest,
  pseudonym: Pseudonym,
): Refusal {
  const inCase = personsInCase(caseOf(agency, request), pseudonym)
  // Other spellings of the name are kept even if nothing was found.
  const names = [...identifiersFor(request.subject).map(pseudonym), ...subject.found.flat()]
  const others = [...new Set(names)].filter((each) => each !== subject.asked).slice(0, namesMax)
  return {
    ...{ id: reply.id, ts: reply.decidedAt, ...described(request, pseudonym) },
    asked: inCase(subject.asked),
    // Always the same number, so that neither a row's size nor how many rows fit tells of a record.
    found: Array.from({ length: namesMax }, (_, i) => inCase(others[i] ?? `nobody:${i}`)),
    ...(classes.length < request.classes.length ? { classes } : {}),
  }
}

/**
 * A pseudonym of a person in one case, made from their general pseudonym. It differs from case to case, and
 * cannot be found from the person.
 */
export function personsInCase(
  { requester, caseReference }: CaseName,
  pseudonym: Pseudonym,
): (person: string) => string {
  const folded = foldCase(caseReference)
  return (person) => pseudonym(JSON.stringify(['refused', requester, folded, person]))
}

/**
 * How a request describes its matter: a keyed digest of purpose and offence, whose description is free text.
 */
export const described = (
  {
    purpose,
    offence: { category, description, maxCustodyMonths },
    stage = 'unknown',
  }: AccessRequest,
  pseudonym: Pseudonym,
): Pick<Refusal, 'described' | 'stage'> => ({
  described: pseudonym(
    JSON.stringify(['described', purpose, category, description ?? null, maxCustodyMonths]),
  ),
  stage,
})

/**
 * The refusals that described the matter otherwise than this request, for all classes or for one that it asks
 * for. An unknown stage may be supplied later.
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

/** Most refusals that an officer is shown. */
const shownMax = 50

/** What each refused request asked, as far as the log still says; the newest first. */
export async function refusedRequests(
  refusals: readonly Refusal[],
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<readonly (Pick<Refusal, 'id' | 'ts'> & { readonly request?: AccessRequest })[]> {
  const sorted = refusals.toSorted((a, b) => (a.ts < b.ts ? 1 : -1))
  // Earlier builds remembered a call that was sent again once more, as it would have been answered by then.
  const newest = [...new Map(sorted.map((each) => [each.id, each])).values()].slice(0, shownMax)
  const stored = await world.ledger.readAll(newest.map(({ id }) => id))
  const request = async (entry: Stored | undefined) => {
    const opened = entry && (await open(entry, world))
    return opened === undefined ? {} : { request: requestIn(opened) }
  }
  return Promise.all(
    newest.map(async ({ id, ts }) => ({ id, ts, ...(await request(stored.get(id))) })),
  )
}
