/** A witness over HTTP: `POST /add-checkpoint` of C2SP tlog-witness (c2sp.org/tlog-witness). */

import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { errorWords } from '../failure.ts'
import { noteBytesMax } from '../ledger/note.ts'
import { addCheckpoint, type Submitted, type WitnessWorld } from '../sealing/witness.ts'

/**
 * One line for the log of a witness. `evidence` is what the log itself signed. The operator compares it with
 * what the log shows others: either the log shows two histories, or somebody only sent a wrong proof.
 */
export type WitnessEvent =
  | { readonly event: 'inconsistent'; readonly why: string; readonly evidence: string }
  | { readonly event: 'failed'; readonly why: string }

/** Longest body: an old size, 63 hashes in base64, and a note. */
const bodyBytesMax = noteBytesMax + 63 * 45 + 100

/** The status of each answer, as the specification requires. */
const statusOf = {
  cosigned: 200,
  malformed: 400,
  'not-signed': 403,
  'unknown-log': 404,
  stale: 409,
  inconsistent: 422,
} as const satisfies Readonly<Record<Submitted['kind'], number>>

/** The witness as a value: `app.fetch` answers a Request. `log` takes what its operator must see. */
export function witnessApi(
  world: WitnessWorld,
  now: () => Date,
  log: (event: WitnessEvent) => void,
) {
  const app = new Hono()
  const tooLong = (c: Context) => c.text('the body is too long\n', 413)
  app.onError((error, c) => {
    log({ event: 'failed', why: errorWords(error) })
    return c.text('the witness failed; nothing was signed\n', 500)
  })
  app.post('/add-checkpoint', bodyLimit({ maxSize: bodyBytesMax, onError: tooLong }), async (c) => {
    const seconds = Math.floor(now().getTime() / 1000)
    const body = await textOf(c.req.raw)
    if (body === undefined) return c.text('the body is not UTF-8\n', 400)
    const submitted = await addCheckpoint(body, seconds, world)
    const status = statusOf[submitted.kind]
    switch (submitted.kind) {
      case 'cosigned':
        return c.text(submitted.line, status)
      case 'stale':
        return c.body(`${submitted.size}\n`, status, { 'Content-Type': 'text/x.tlog.size' })
      case 'inconsistent':
        log({ event: 'inconsistent', why: submitted.why, evidence: submitted.evidence })
    }
    return c.text(`${submitted.why}\n`, status)
  })
  return app
}

/** The text of a body, or undefined if its bytes are not UTF-8 (RFC 3629). */
async function textOf(request: Request): Promise<string | undefined> {
  const bytes = await request.arrayBuffer()
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
