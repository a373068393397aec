/** What an office is shown of a request, so that it can judge what it is asked to judge. */

import * as z from 'zod'
import { type AccessRequest, storedRequestSchema } from '../../decision/request.ts'
import { type Vouching, vouching } from '../../policy/vouching.ts'

const { subject, offence, necessity } = storedRequestSchema().shape

/** Marks what nobody asked for. */
export const unaskedSchema = z
  .literal(true)
  .describe(
    'Nobody asked: the holder provides it. Nobody stated a stage or a longest sentence then; those here say nothing.',
  )

/** What only who asks can state. Of what is provided unasked nobody did, and that is marked. */
export const claimsIn = ({ provided, stage = 'unknown', offence: named }: AccessRequest) => ({
  stage,
  offence: { ...named, maxCustodyMonths: named.maxCustodyMonths ?? 0 },
  ...(provided && { unasked: true as const }),
})

/** What was asked, as far as an office must judge it. */
export const askedSchema = z
  .strictObject({
    subject: subject.optional(),
    offence: offence.optional(),
    necessity: necessity.optional(),
    unasked: unaskedSchema.optional(),
  })
  .describe(
    'What was asked, as far as your office must judge it: the person where a fact is about the person, the ' +
      'offence where one is about that. Never what was found.',
  )

/** For what a fact is about, which parts of the request show it. A country is judged without the case. */
const shows = {
  person: ['subject', 'necessity'],
  offence: ['offence'],
  data: ['necessity'],
  country: [],
} as const satisfies Readonly<
  Record<Vouching['about'], readonly (keyof typeof askedSchema.shape)[]>
>

/** The parts of a request that an office must know to vouch for these facts, in the words of the request. */
export function askedFor(
  facts: readonly string[],
  request: AccessRequest,
): z.infer<typeof askedSchema> {
  const parts = facts.flatMap((fact) => {
    const about = vouching[fact]?.about
    return about === undefined ? [] : shows[about]
  })
  const { offence: claimed, unasked } = claimsIn(request)
  const all = { ...request, offence: claimed }
  return {
    ...Object.fromEntries([...new Set(parts)].map((part) => [part, all[part]])),
    ...(unasked && { unasked }),
  }
}
