/** Routes acts on what the log keeps of a person: erase, restrict, hold, lift, expire. */

import { Hono } from 'hono'
import { actOnSubject, type SubjectWorld } from '../audit/act-on-subject.ts'
import { certificateSchema, subjectActSchema } from '../audit/subject-act.ts'
import { bodyAs, type Guarded, type Log } from './guard.ts'
import { type Operations, ofBody, ofEntry } from './openapi-document.ts'
import { refused } from './refusal.ts'

/** The route of acts. */
export const actOnSubjects = (world: SubjectWorld, log: Log): Hono<{ Variables: Guarded }> =>
  new Hono<{ Variables: Guarded }>().post('/v1/subject-acts', async (c) => {
    const body = await bodyAs(c, subjectActSchema)
    if ('response' in body) return body.response
    const acted = await actOnSubject(c.get('call'), body.value, world)
    if (acted.kind === 'done') return c.json(acted.certificate, acted.first ? 201 : 200)
    return refused(c.get('traceId'), acted, log)
  })

/** How the OpenAPI document describes the route. */
export const subjectActOperations: Operations = {
  '/v1/subject-acts': {
    post: {
      summary:
        'For holders: erase, restrict or hold what the log keeps of a person, or lift that; or let ' +
        'what is of earlier quarters expire. It needs the approval of another office: a compact JWS, ' +
        'typ `comity-approval+jwt`, with iss, sub, iat, exp (at most 7 days later) and act_sha256, ' +
        'the digest of the other members of the body.',
      description:
        'What left is kept for the time that the law of the holder says (`lists/log-retention`), and a ' +
        'matter until it cannot be asked again: an erasure of it before names the order of the ' +
        'supervisory authority or of a court. A denial that is before a person is held until he answers.',
      body: subjectActSchema,
      answers: {
        200: ['The certificate of an act that was done before', certificateSchema],
        201: ['The certificate', certificateSchema],
      },
      problems: [...ofBody, ...ofEntry, 'not-your-role', 'held', 'order-needed'],
    },
  },
}
