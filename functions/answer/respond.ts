/** An office answers an open denial otherwise than by a statement: it refuses with a ground, or asks back. */

import * as z from 'zod'
import { freeText } from '../decision/free-text.ts'
import { agencyId } from '../decision/request.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import type { Responded } from '../inbox-ports.ts'
import type { Stored, World } from '../ports.ts'
import { resourceOf } from './attest.ts'
import { requestOf } from './concerned.ts'
import { idOf } from './enter.ts'
import { forPerson } from './inbox-rows.ts'
import { type Opened, open, openAny } from './opened.ts'
import { type Recorded, record } from './record-act.ts'
import type { SignedCall } from './signed-call.ts'

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

/** What offices answered, as the requester reads it. */
export const responsesSchema = z.array(
  responseSchema.partial({ text: true }).extend({ office: agencyId, at: z.iso.datetime() }),
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
  /** The office did so already. */
  | { readonly kind: 'already-done' }
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/**
 * An office refuses with a ground or asks back, once each for a request. It lifts and settles nothing.
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
  const before = (await world.responses.of(request)).find(
    (each) => each.office === office && each.what === what,
  )
  if (before !== undefined && before.id !== id) return { kind: 'already-done' }
  const subject = { pseudonym: opened.subject.asked }
  const says = { response: { what, text, to: opened.call.agency } }
  const { jurisdiction } = holder
  const recorded = await record('response', call, jurisdiction, subject, says, world, request)
  if (recorded.kind !== 'recorded') return recorded
  const { first, receipt, ts: at, said } = recorded
  const stands = await world.responses.put(request, { what: said.response.what, office, id, at })
  return stands.id === id ? { kind: 'done', first, id, receipt } : { kind: 'already-done' }
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
  { what, office, at }: Responded,
  stored: Stored | undefined,
  world: Pick<World, 'subjectKeys'>,
): Promise<z.infer<typeof responsesSchema>[number]> {
  const opened = stored && (await openAny(stored, world))
  const text = opened?.kind === 'response' ? { text: opened.values.response.text } : {}
  return { what, ...text, office, at }
}
