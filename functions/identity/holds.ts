/**
 * Whose records a gateway serves. No state's records are visible to another state's operator unless that
 * state said so.
 */

import * as z from 'zod'
import { type Agency, jurisdiction } from './register.ts'

/** Jurisdictions, as `DE` or `DE,FR`; each once. */
export const holdsSchema = z
  .string()
  .transform((written) => written.split(','))
  .pipe(z.array(jurisdiction))
  .refine((all) => new Set(all).size === all.length, 'each jurisdiction once')

/** The sentence that a deployment in `prod` must state if it serves several jurisdictions. */
export const agreed = 'each of these states agrees that one operator sees the records of all'
/** The schema of that sentence. */
export const agreedSchema = z.literal(agreed, `say it in so many words: “${agreed}”`)

/** Why a deployment may not serve these; undefined if it may. Outside `prod` it always may. */
export function faultOfHolds(
  environment: string | undefined,
  holds: readonly string[] | undefined,
  isAgreed: boolean,
): string | undefined {
  if (environment !== 'prod') return undefined
  if (holds === undefined) return 'name the jurisdiction whose records it serves, such as DE'
  return holds.length === 1 || isAgreed
    ? undefined
    : `name one jurisdiction, or say beside it: “${agreed}”`
}

/** Whether a gateway serves a holder's records. If it names no jurisdiction, it serves all. */
export const isServed = (
  { jurisdiction: of }: Pick<Agency, 'jurisdiction'>,
  holds: readonly string[] | undefined,
): boolean => holds === undefined || holds.includes(of)
