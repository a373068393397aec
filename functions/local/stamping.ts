/** Stamping on one machine: a clock that has the day's checkpoints stamped where an authority is named. */

import { setTimeout as pause } from 'node:timers/promises'
import { whyOf } from '../failure.ts'
import { type StampWorld, stampAll } from '../sealing/stamp.ts'

/** Between two rounds, ms: a log that is stamped today costs one look at a file. */
const everyMs = 60_000

/**
 * Has the newest checkpoint of each log stamped once a day until it is stopped. Says in a line what goes
 * wrong, and the same only once.
 */
export function keepStamping(world: StampWorld, say: (line: string) => void) {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async () => {
    let said = ''
    while (!signal.aborted) {
      const lines = await linesOf(world)
      if (lines !== said && lines !== '') say(lines)
      said = lines
      await pause(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

async function linesOf(world: StampWorld): Promise<string> {
  const all = await stampAll(world).catch((error: unknown) => [{ log: world.gateway, error }])
  const lines = all.flatMap((each) => {
    if ('error' in each) return [whyOf(`couldn’t stamp ${each.log}`, each.error)]
    return 'why' in each ? [`${each.log}: not stamped: ${each.why}`] : []
  })
  return lines.join('\n')
}
