/** An office answers an open denial otherwise than by a statement: it refuses with a ground, or asks back. */

import * as z from 'zod'
import { freeText } from '../../decision/free-text.ts'
import { agencyId } from '../../decision/request.ts'
import { actorOf, authorize, type Principal } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import type { Responded } from '../../inbox-ports.ts'
import type { Stored, World } from '../../ports.ts'
import { requestOf } from '../ask/scope.ts'
import { type Recorded, record } from '../entries/act.ts'
import { type Opened, open, openAny } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import { forPerson } from '../reminders/inbox-rows.ts'
import { resourceOf } from './attestation.ts'

/** The body of `POST /v1/access-requests/{id}/responses`. */
export const responseSchema = z.strictObject({
  what: z
    .enum(['refuse', 'ask-back'])
    .describe(
      '`refuse`: the office will not say what is missing. `ask-back`: it needs to know more.',
    ),
  text: freeText(600)
    .min(8)
    .describe('The ground, or the question. The requester reads it: say nothing of the record.'),
})

/** How often an office may refuse one denial, each time after it took that back: whoever asked is told of each. */
const timesMax = 10

/** What offices answered, as the requester reads it. */
export const responsesSchema = z.array(
  responseSchema.partial({ text: true }).extend({
    office: agencyId,
    at: z.iso.datetime(),
    takenBackAt: z.iso.datetime().optional(),
  }),
)

/** The result of a response. */
export type ResponseMade =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
    }
  /** It is no open denial, or its requester was told of nothing that this office could say. */
  | { readonly kind: 'no-such-request' }
  /** The office did so already, and has not taken it back. */
  | { readonly kind: 'already-done' }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/**
 * An office refuses with a ground or asks back, once each for a request, or again once it took its refusal back
 * (`withdrawal.ts`). It lifts and settles nothing.
 *
 * INVARIANT (a refusal tells nothing): only an office that may vouch for what the requester was told to be missing
 * may answer so, hit or no hit: an answer by one that waits for the record alone would tell that there is one.
 */
export async function respond(
  call: SignedCall,
  request: string,
  { what, text }: z.infer<typeof responseSchema>,
  world: World,
): Promise<ResponseMade> {
  const found = await answerable(actorOf(call), request, world)
  if (found === undefined) return { kind: 'no-such-request' }
  const { holder, opened } = found
  const id = idOf(call)
  const office = call.agency.id
  const made = (await world.responses.of(request)).filter(
    (each) => each.office === office && each.what === what,
  )
  const stands = made.some(({ takenBack }) => takenBack === undefined)
  if ((stands || made.length >= timesMax) && made.every((each) => each.id !== id))
    return { kind: 'already-done' }
  const subject = { pseudonym: opened.subject.asked }
  const says = { response: { what, text, to: opened.call.agency } }
  const { jurisdiction } = holder
  const recorded = await record('response', call, jurisdiction, subject, says, world, request)
  if (recorded.kind !== 'recorded') return recorded
  const { first, receipt, ts: at, said } = recorded
  const put = await world.responses.put(request, { what: said.response.what, office, id, at })
  return put.id === id ? { kind: 'done', first, id, receipt } : { kind: 'already-done' }
}

/** An open denial that an office may answer, and its holder; undefined if there is none of this id. */
async function answerable(
  office: Agency & { readonly officer: string },
  id: string,
  world: World,
): Promise<{ readonly holder: Agency; readonly opened: Opened } | undefined> {
  for (const keeper of new Set(office.attests.map((each) => each.holder))) {
    const holder = await world.register.agency(keeper)
    const found = holder && (await requestOf(id, holder.id, world, open))
    if (holder === undefined || found === undefined) continue
    const { opened } = found
    const mayAnswer = factsAsked(opened).some(
      (fact) =>
        authorize(office, 'respond', resourceOf(holder, [{ fact, value: '' }])) !== undefined,
    )
    if (mayAnswer) return { holder, opened }
  }
  return undefined
}

/** A refusal of an open denial: whose it is, whom it tells, and what it answers. */
export type RefusedDenial = {
  readonly office: string
  readonly to: string
  readonly request: string
  /** When it was entered. */
  readonly at: string
  readonly holder: Agency
  readonly stored: Stored
  readonly opened: Opened
}

/** The refusal that an entry is, while the denial that it answers may be acted on; undefined if it is none. */
export async function refusalIn(id: string, world: World): Promise<RefusedDenial | undefined> {
  const stored = await world.ledger.read(id)
  if (stored?.leaf.t !== 'response') return undefined
  const said = await openAny(stored, world)
  if (said?.kind !== 'response' || said.values.response.what !== 'refuse') return undefined
  const { call, response } = said.values
  const { previous: request = '', ts: at } = stored.leaf
  const denial = await world.ledger.read(request)
  const opened = denial && (await open(denial, world))
  const holder = opened && (await world.register.agency(opened.matter.holder))
  if (denial === undefined || opened === undefined || holder === undefined) return undefined
  return { office: call.agency, to: response.to, request, at, holder, stored: denial, opened }
}

/** Whether an officer of the office that refused, or of its successor, may take that back: whoever might refuse. */
export const mayTakeBack = (
  actor: Principal,
  { office, holder, opened }: Pick<RefusedDenial, 'office' | 'holder' | 'opened'>,
): boolean =>
  factsAsked(opened).some(
    (fact) =>
      authorize(actor, 'withdraw', {
        ...resourceOf(holder, [{ fact, value: '' }]),
        owner: office,
      }) !== undefined,
  )

/** The facts that an open denial was told to wait for; none if it is final. */
const factsAsked = ({ told: { reply } }: Opened): readonly string[] => [
  ...reply.todo.map(({ fact }) => fact),
  ...(forPerson(reply).length > 0 ? ['release.decision'] : []),
]

/** What offices answered to a request, with what they wrote as far as its entries open. */
export async function responsesTo(
  request: string,
  world: Pick<World, 'responses' | 'ledger' | 'subjectKeys'>,
): Promise<z.infer<typeof responsesSchema>> {
  const made = await world.responses.of(request)
  if (made.length === 0) return []
  const entries = await world.ledger.readAll(made.map(({ id }) => id))
  return Promise.all(made.map((each) => shown(each, entries.get(each.id), world)))
}

async function shown(
  { what, office, at, takenBack }: Responded,
  stored: Stored | undefined,
  world: Pick<World, 'subjectKeys'>,
): Promise<z.infer<typeof responsesSchema>[number]> {
  const opened = stored && (await openAny(stored, world))
  const text = opened?.kind === 'response' ? { text: opened.values.response.text } : {}
  return { what, ...text, office, at, ...(takenBack && { takenBackAt: takenBack.at }) }
}
