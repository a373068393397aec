/** Whether a machine can answer, for what stands before it: a machine whose store is away runs on, and is sent no caller. */

/** How long an answer of the store counts, ms: however many ask, it is asked once in this time. */
const countsMs = 1000

/** Answers `GET /readyz`: 200 if the store does, else 503. It says nothing else, since anybody may ask. */
export function readiness(asks: () => Promise<unknown>, now: () => number) {
  let last: { readonly at: number; readonly isThere: Promise<boolean> } | undefined
  return async (): Promise<Response> => {
    if (last === undefined || now() - last.at >= countsMs) {
      const isThere = asks().then(
        () => true,
        () => false,
      )
      last = { at: now(), isThere }
    }
    return (await last.isThere)
      ? Response.json({ status: 'ready' })
      : Response.json({ status: 'store-away' }, { status: 503 })
  }
}
