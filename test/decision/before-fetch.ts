/** The refusal that stands whatever the record holds. */

import { beforeFetch, type Decision } from '../../functions/decision/decide.ts'
import type { Facts } from '../../functions/decision/facts.ts'
import type { InForce } from '../../functions/policy/history.ts'

/** It, or undefined if the record may be fetched. */
export const decideUnseen = (
  now: InForce,
  facts: Facts,
  classes?: readonly string[],
): Decision | undefined => beforeFetch(now, facts, classes).refusal
