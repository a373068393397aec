/**
 * The United States ask the United Kingdom about a homicide for which death may be imposed: the ministry
 * must hold an assurance, and an officer of the holder decides.
 */

import * as z from 'zod'
import { standingReplySchema } from '../../functions/answer/look-up.ts'
import type { AnswerBody } from '../../functions/answer/reply/reply-schema.ts'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { answered, type Gateway, type Options, type Release, startGateway } from '../world.ts'
import { attestAll, benign, inThisCase, itemOf, personOf, requestOf } from './people.ts'

const pageSchema = z.strictObject({
  open: z.array(
    z.looseObject({
      request: z.string(),
      requester: z.string(),
      caseReference: z.string(),
      urgency: z.string(),
      because: z.array(z.string()),
      todo: z.array(z.looseObject({ fact: z.string() })),
    }),
  ),
  next: z.string().optional(),
})
type Page = z.infer<typeof pageSchema>

let cases = 0

/** A case of its own unless said. */
export const homicide = (changes: Partial<AccessRequest> = {}): AccessRequest => {
  cases += 1
  return requestOf({
    holder: 'GB-POL',
    classes: ['identification', 'criminal-history'],
    purpose: 'prosecution',
    stage: 'charged',
    caseReference: `US-${cases}`,
    ...changes,
  })
}

/** Starts it with a record, and what the holder said of the United States as a rule. */
export async function startHomicide(options: Options = {}) {
  const gateway = await startGateway(options)
  await gateway.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  await attestAll(
    gateway,
    'GB-POL',
    { kind: 'general', requester: 'US' },
    {
      ...benign,
      'request.offence.deathPenaltyAvailable': true,
      'transfer.assessment': 'safeguards-found',
    },
  )
  return { gateway, ...acts(gateway) }
}

/** What those concerned do. */
export function acts(gateway: Omit<Gateway, 'prepare'>) {
  const ask = async (body: AccessRequest, agency = 'US-POL'): Promise<AnswerBody> =>
    answered(await gateway.ask(agency, 'agent-12', body))
  const refuse = async (body: AccessRequest, agency = 'US-POL') =>
    gateway.ask(agency, 'agent-12', body)

  const inbox = async (agency: string, after = ''): Promise<Page> => {
    const response = await gateway.call(agency, { path: `/v1/inbox${after && `?after=${after}`}` })
    return pageSchema.parse(await response.json())
  }

  /** The ministry holds the assurance for a matter, or for what is said. */
  const assure = (
    of: string | AttestationBody['scope'],
    value = 'given-and-verified',
    rest: Partial<AttestationBody> = {},
  ) =>
    gateway.attest('GB-MIN', {
      holder: 'GB-POL',
      fact: 'assurance.deathPenalty',
      value,
      scope: typeof of === 'string' ? { kind: 'matter', matter: of } : of,
      ...rest,
    })

  const release = (id: string, of: Release = {}) =>
    gateway.releaseBy('GB-POL', id, { facts: inThisCase, ...of })

  return {
    ask,
    refuse,
    assure,
    release,
    inbox,

    look: async (id: string, agency = 'US-POL') => {
      const response = await gateway.call(agency, { path: `/v1/access-requests/${id}` })
      return standingReplySchema.parse(await response.json())
    },

    /** Every request in an inbox, page by page. */
    async waiting(agency: string): Promise<readonly string[]> {
      const found: string[] = []
      let after: string | undefined = ''
      while (after !== undefined) {
        const { open, next }: Page = await inbox(agency, after)
        found.push(...open.map(({ request }) => request))
        after = next
      }
      return found
    },

    takeBack: (agency: string, id: string) =>
      gateway.call(agency, { method: 'DELETE', path: `/v1/attestations/${id}` }),

    object: (agency: string, id: string, body: object = {}) =>
      gateway.call(agency, {
        method: 'POST',
        path: `/v1/attestations/${id}/objections`,
        body: { ground: 'There is reason to doubt it.', ...body },
      }),

    post: (agency: string, body: object) =>
      gateway.call(agency, {
        method: 'POST',
        path: '/v1/attestations',
        body: {
          ground: 'Judged for this test.',
          decidedBy: agency,
          from: gateway.clock.now.toISOString(),
          until: new Date(gateway.clock.now.getTime() + 86_400_000).toISOString(),
          ...body,
        },
      }),

    /** What was known of a fact when an answer was given. */
    async factIn(id: string, fact: string): Promise<unknown> {
      const { opened } = await gateway.entry(id)
      return opened.facts.facts[fact]
    },
  }
}

/** A denial that somebody may still lift. */
export const denied = { outcome: 'deny', standing: 'open', records: [] }

/** The codes of an answer's reasons, each once. */
export const codesOf = ({ reasons }: Pick<AnswerBody, 'reasons'>): readonly string[] => [
  ...new Set(reasons.map(({ code }) => code)),
]

/** The facts that an answer says must be attested, each once. */
export const todoOf = ({ todo }: Pick<AnswerBody, 'todo'>): readonly string[] => [
  ...new Set(todo.map(({ fact }) => fact)),
]
