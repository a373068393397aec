/** Reading what a call brings, before anybody knows who sent it: no more of it, and no longer, than this. */

import { bodyBytesMax } from '../decision/request.ts'
import type { ProblemCode } from './problem.ts'

/** Longest a body may take to come, ms: 16 KB in this time is slower than any line of an agency. */
const bodyMsMax = 10_000

/** Calls `act` after `ms`, unless what it gives is called first. */
export type Timer = (ms: number, act: () => void) => () => void

/** The timer of the runtime. */
export const runtimeTimer: Timer = (ms, act) => {
  const timeout = setTimeout(act, ms)
  return () => clearTimeout(timeout)
}

/**
 * The bytes of a body, or the problem with it. Not a byte is kept beyond the limit; of what the runtime
 * has read ahead, and of what the other side still sends, nothing is waited for.
 */
export async function readBody(
  request: Request,
  timer: Timer,
): Promise<Uint8Array<ArrayBuffer> | ProblemCode> {
  if (Number(request.headers.get('content-length') ?? 0) > bodyBytesMax) return 'body-too-large'
  if (request.body === null) return new Uint8Array()
  const reader = request.body.getReader()
  const { promise: late, resolve: end } = Promise.withResolvers<'late'>()
  const stop = timer(bodyMsMax, () => end('late'))
  /** Not awaited: a source that does not come to an end may not come to this end either. */
  const refuse = (code: ProblemCode): ProblemCode => {
    reader.cancel().catch(() => undefined)
    return code
  }
  try {
    const body = new Uint8Array(bodyBytesMax)
    for (let size = 0; ; ) {
      const read = await Promise.race([reader.read(), late])
      if (read === 'late') return refuse('body-too-slow')
      if (read.done) return body.slice(0, size)
      if (size + read.value.length > bodyBytesMax) return refuse('body-too-large')
      body.set(read.value, size)
      size += read.value.length
    }
  } finally {
    stop()
  }
}
