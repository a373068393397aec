/** Erasing, restricting and holding what the log keeps of a person. */

import { Hono } from 'hono'
import { type Acted, actOnSubject, type SubjectWorld } from '../audit/act-on-subject.ts'
import { certificateSchema, keepingSays, subjectActSchema } from '../audit/subject-act.ts'
import { approvalFaults } from '../identity/approval.ts'
import { notEntered } from './failure.ts'
import { bodyAs, type Guarded, type Log } from './guard.ts'
import { type Operations, ofBody, ofEntry } from './openapi-document.ts'
import { invalid, problem } from './problem.ts'

/** The route of acts. */
export const actOnSubjects = (world: SubjectWorld, log: Log): Hono<{ Variables: Guarded }> =>
  new Hono<{ Variables: Guarded }>().post('/v1/subject-acts', async (c) => {
    const body = bodyAs(c, subjectActSchema)
    if ('response' in body) return body.response
    const acted = await actOnSubject(c.get('call'), body.value, world)
    if (acted.kind === 'done') return c.json(acted.certificate, acted.first ? 201 : 200)
    return notDone(c.get('traceId'), acted, log)
  })

/** Answers an act that was not done. */
function notDone(traceId: string, acted: Exclude<Acted, { kind: 'done' }>, log: Log): Response {
  const at = (pointer: string, detail: string) => invalid(traceId, pointer, detail)
  switch (acted.kind) {
    case 'held': {
      const { keys, reviews } = acted
      return problem(traceId, 'held', { members: { keys, reviews } })
    }
    case 'order-needed': {
      const { keeping } = acted
      const members = { detail: keepingSays(keeping), ...keeping }
      return problem(traceId, 'order-needed', { members })
    }
    case 'not-your-role':
      return problem(traceId, acted.kind)
    case 'not-approved':
      return at('/approval', approvalFaults[acted.why])
    case 'another-call':
      return at('/jti', 'it must be the `jti` of the call itself')
    case 'nothing-to-lift':
      return at('/ends', 'your jurisdiction has no hold or restriction of this id')
    case 'not-expired':
      return at('/before', 'the period of the law is not over, or there is none')
    case 'too-much':
      return at('/subjects', 'there are more entries about them than one act may take')
    default:
      return notEntered(traceId, acted, log)
  }
}

/** How the document describes it. */
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
