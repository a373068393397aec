/** Reads rows of attestations and objections, older forms included. */

import * as z from 'zod'
import { attestationShape, type KeyUse, storedScopeSchema } from '../decision/attestation.ts'
import { agencyId } from '../decision/request.ts'
import { wasChanged } from '../failure.ts'
import type { KeptAttestation, KeptObjection } from '../ports.ts'
import { jsonOf, type TableItem } from './dynamodb.ts'

/** Before matters had an id, an attestation was about one request, or about a country. */
const oldScope = z
  .discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('request'), request: z.string() }),
    z.looseObject({ kind: z.literal('standing') }),
  ])
  .transform(({ kind: _, ...rest }) =>
    'request' in rest ? { kind: 'matter', matter: rest.request } : { kind: 'general', ...rest },
  )
  .pipe(storedScopeSchema)
// The form of today first: to find that it is not an old one takes as long as all the rest.
const scope = z.union([storedScopeSchema, oldScope])

const persons = z.array(z.string()).optional()
const inCase = z.strictObject({ requester: z.string(), caseReference: z.string() }).optional()
const signature = z.strictObject({
  agency: agencyId,
  officer: z.string(),
  as: z.enum(['office', 'data-protection']),
})

const keptAttestation = attestationShape
  // Old rows also hold the ground, which we do not read.
  .omit({ ground: true })
  .extend({
    scope,
    id: z.string(),
    attester: z.string(),
    enteredBy: z.string(),
    enteredAt: z.string(),
    kid: z.string().optional(),
    /** In rows from before offices were named, an officer. */
    decidedBy: z.string(),
    as: z.enum(['holder-officer', 'holder-ministry', 'originator']).optional(),
    entersFor: z.literal(true).optional(),
    persons,
    inCase,
  })
  .strip()

const keptObjection = z.strictObject({
  id: z.string(),
  holder: agencyId,
  against: z.string(),
  facts: z.array(z.string()),
  originator: z.string().optional(),
  scope: storedScopeSchema,
  persons,
  inCase,
  agency: agencyId,
  enteredBy: z.string(),
  enteredAt: z.string(),
})

/**
 * The name of an attribute that says which key did something with an attestation or objection. It is separate
 * from the attributes that say what was done, so that a build that does not know keys ignores it.
 */
export const useName = ({ did, agency, kid, of = '' }: KeyUse): string =>
  ['use', did, of, agency, kid].join('#')
/** How a use is kept. */
export const useSchema = z.strictObject({
  did: z.enum(['sign', 'add-person', 'withdraw']),
  agency: agencyId,
  kid: z.string(),
  at: z.string(),
  of: z.string().optional(),
  entry: z.string().optional(),
})
/** The uses of keys in a row. A use in another form is ignored, as if no key were known. */
const usesIn = (item: TableItem) => {
  const all = marksOf(item, 'use#').map((text) => useSchema.safeParse(JSON.parse(text)).data)
  const known = all.filter((each) => each !== undefined)
  return known.length === 0 ? {} : { uses: known }
}

/** The id by which a row is kept: its key cannot be changed, but what it says can. */
export const idOf = ({ pk, sk }: TableItem): string | undefined =>
  (sk?.S === 'attestation' ? pk : sk)?.S?.split('#').at(-1)

/** Reads an attestation. No error quotes its content, which may name an officer or a case. */
export function attestationIn(item: TableItem): KeptAttestation {
  const { success, data } = keptAttestation.safeParse(jsonOf(item, 'attestation'))
  if (!success || data.id !== idOf(item))
    throw wasChanged('couldn’t read an attestation: it has another form')
  const signatures = marksOf(item, 'signature#').map((text) => signature.parse(JSON.parse(text)))
  const added = marksOf(item, 'person#')
  const requests = marksOf(item, 'request#')
  return {
    ...data,
    ...usesIn(item),
    ...(requests.length === 0 ? {} : { added: requests }),
    ...(signatures.length === 0 ? {} : { signatures }),
    ...(added.length === 0 ? {} : { persons: [...(data.persons ?? []), ...added] }),
  } as KeptAttestation
}

/** Reads an objection, as `attestationIn` does. */
export function objectionIn(item: TableItem): KeptObjection {
  const { success, data } = keptObjection.safeParse(jsonOf(item, 'objection'))
  if (!success || data.id !== idOf(item))
    throw wasChanged('couldn’t read an objection: it has another form')
  const added = marksOf(item, 'person#')
  const persons = added.length === 0 ? {} : { persons: [...(data.persons ?? []), ...added] }
  return { ...data, ...usesIn(item), ...persons } as KeptObjection
}

function marksOf(item: TableItem, prefix: string): readonly string[] {
  const marks: string[] = []
  for (const name of Object.keys(item)) {
    const text = name.startsWith(prefix) ? item[name]?.S : undefined
    if (text !== undefined) marks.push(text)
  }
  return marks
}
