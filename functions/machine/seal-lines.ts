/** What the sealer tells operators of a sweep, in the lines that metrics and alarms read. */

import { hasFailed, whyOf } from '../failure.ts'
import type { Lines } from '../lines.ts'
import type { Swept } from '../sealing/sweep.ts'

/** What people must know of a log; undefined if all is well. */
export function troubleOf(
  swept: Swept,
  isStoreAway: (error: unknown) => boolean,
): Lines['seal'] | undefined {
  const { log } = swept
  if ('error' in swept) {
    const why = whyOf(`couldn’t seal ${log}`, swept.error)
    return { event: eventOf(swept.error, isStoreAway), log, why }
  }
  const { why, isForked } = swept
  return why === undefined ? undefined : { event: isForked ? 'halted' : 'unpublished', log, why }
}

function eventOf(error: unknown, isStoreAway: (error: unknown) => boolean) {
  if (isStoreAway(error)) return 'store-away'
  // Where stored data was changed, the log stops until people have looked.
  return hasFailed(error, 'changed', 'conflict') ? 'halted' : 'failed'
}

/** How much a sweep of all logs sealed, and how long the oldest entry has waited, if that is known of every log. */
export function sweptLine(swept: readonly Swept[], gateway: string): Lines['seal'] {
  // A failure outside any log is listed under the gateway.
  const logs = swept.filter(({ log }) => log !== gateway)
  const known = logs.flatMap(({ unsealedSeconds = [] }) => unsealedSeconds)
  return {
    event: 'swept',
    sealed: logs.reduce((sum, each) => sum + ('error' in each ? 0 : each.sealed), 0),
    ...(known.length === logs.length ? { unsealedSeconds: Math.max(0, ...known) } : {}),
  }
}
