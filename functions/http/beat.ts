/** When answers leave: on a beat, so that how long the work took does not tell what it was about. */

import type { MiddlewareHandler } from 'hono'

/**
 * The beat, ms. A choice of ours: longer than nearly every answer takes with its store, so that what
 * one finds is no beat later than what finds nothing.
 */
export const beatMs = 50

/** Waits for so many ms. */
export type Pause = (ms: number) => Promise<void>

/** The pause of the runtime. */
export const runtimePause: Pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** When the body of a call was there; whoever sends it slowly does not choose where in the beat we are. */
export type ReadAt = { readAt?: number }

/**
 * Holds an answer back until a whole number of beats after its call was read. An answer is on the beat
 * whatever it is: a release also tells by its time what else is held. What is no call of an agency
 * leaves at once.
 */
export const onTheBeat = (pause: Pause): MiddlewareHandler<{ Variables: ReadAt }> =>
  async function onTheBeat(c, next) {
    await next()
    const readAt = c.get('readAt')
    if (readAt !== undefined) await pause(beatMs - ((performance.now() - readAt) % beatMs))
  }
