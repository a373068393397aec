/** Whose records a gateway serves: no state lets the operator of another see its records without having said so. */

import * as z from 'zod'
import { type Agency, jurisdiction } from './register.ts'

/** Jurisdictions, as `DE` or `DE,FR`; each once. */
export const holdsSchema = z
  .string()
  .transform((written) => written.split(','))
  .pipe(z.array(jurisdiction))
  .refine((all) => new Set(all).size === all.length, 'each jurisdiction once')

/** What a deployment in `prod` says in so many words if it serves several. */
export const agreed = 'each of these states agrees that one operator sees the records of all'
/** The shape of that. */
export const agreedSchema = z.literal(agreed, `say it in so many words: “${agreed}”`)

/** Why a deployment may not serve these; undefined if it may. Outside `prod`, all is for trial. */
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

/** Whether a gateway serves the records of a holder; where it names nobody, those of all. */
export const isServed = (
  { jurisdiction: of }: Pick<Agency, 'jurisdiction'>,
  holds: readonly string[] | undefined,
): boolean => holds === undefined || holds.includes(of)
