/** `POST /v1/evidence`, a bundle for a court, and `POST /v1/replays`, decisions decided again. */

import { Hono } from 'hono'
import { createEvidence } from '../audit/evidence.ts'
import { entriesMax, evidenceSchema } from '../audit/evidence-question.ts'
import { replayedSchema, replayLog, replaysSchema } from '../audit/replay-log.ts'
import { type Mount, notShown, shown } from './audit-answers.ts'
import { bodyAs, type Guarded } from './guard.ts'
import { ofBody, ofLook } from './openapi-document.ts'
import { invalid } from './problem.ts'

/** The routes. */
export const evidenceRoutes: Mount = {
  routes: (world, log) =>
    new Hono<{ Variables: Guarded }>()
      .post('/v1/evidence', async (c) => {
        const body = bodyAs(c, evidenceSchema)
        if ('response' in body) return body.response
        const made = await createEvidence(c.get('call'), body.value, world)
        switch (made.kind) {
          case 'made':
            return shown(c, made.consulted, made.zip, {
              'Content-Type': 'application/zip',
              'Content-Disposition': 'attachment; filename="evidence.zip"',
            })
          case 'no-such-checkpoint':
            return invalid(c.get('traceId'), '/at', 'a log has no checkpoint of this size')
          case 'too-much':
            return invalid(
              c.get('traceId'),
              '/entries',
              `it is too much for one bundle, ${made.entries} entries; ask for fewer than that, and at most ${entriesMax}, by their ids`,
            )
          default:
            return notShown(c, made, log)
        }
      })
      .post('/v1/replays', async (c) => {
        const body = bodyAs(c, replaysSchema)
        if ('response' in body) return body.response
        const replayed = await replayLog(c.get('call'), body.value, world)
        return replayed.kind === 'replayed'
          ? shown(c, replayed.consulted, replayed.counts)
          : notShown(c, replayed, log)
      }),
  operations: {
    '/v1/evidence': {
      post: {
        summary:
          'For auditors: a bundle of evidence, entries with proofs and the law they name, a signed manifest and a ' +
          'page for people. The same question as of the same checkpoints gives the same bytes.',
        body: evidenceSchema,
        file: ['The bundle', 'application/zip'],
        problems: [...ofBody, ...ofLook, 'not-found', 'not-your-role'],
      },
    },
    '/v1/replays': {
      post: {
        summary:
          'For auditors of the holder’s jurisdiction: decide entries again, by the law as it was known ' +
          'at their moments: a range of places, single ones, or entries by their ids.',
        body: replaysSchema,
        answers: { 200: ['How many came out the same, and what did not', replayedSchema] },
        problems: [...ofBody, ...ofLook, 'not-found', 'not-your-role'],
      },
    },
  },
}
