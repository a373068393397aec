/** Erasing, restricting and holding what the log keeps of a person. */

import { Hono } from 'hono'
import * as z from 'zod'
import { actOnSubject, type SubjectWorld } from '../audit/act-on-subject.ts'
import { certificateSchema } from '../audit/certificate.ts'
import { keepingSays } from '../audit/keeping.ts'
import { namedSubjectSchema, nameSubject } from '../audit/pseudonyms.ts'
import { subjectActSchema } from '../audit/subject-act.ts'
import { approvalFaults } from '../identity/approval.ts'
import { type Mount, notShown, shown } from './audit-answers.ts'
import { bodyAs, type Guarded } from './guard.ts'
import { ofBody, ofEntry, ofLook } from './openapi-document.ts'
import { invalid, problem } from './problem.ts'

/** The routes, given what only they need. */
export const subjectActs = (
  more: Pick<SubjectWorld, 'seal' | 'earlierKeys' | 'remains'>,
): Mount => ({
  routes: (world, log) =>
    new Hono<{ Variables: Guarded }>()
      .post('/v1/subject-pseudonyms', async (c) => {
        const body = bodyAs(c, namedSubjectSchema)
        if ('response' in body) return body.response
        const named = await nameSubject(c.get('call'), body.value, world)
        return named.kind === 'named'
          ? shown(c, named.consulted, { subjects: named.pseudonyms })
          : notShown(c, named, log)
      })
      .post('/v1/subject-acts', async (c) => {
        const body = bodyAs(c, subjectActSchema)
        if ('response' in body) return body.response
        const acted = await actOnSubject(c.get('call'), body.value, { ...world, ...more })
        switch (acted.kind) {
          case 'done':
            return c.json(acted.certificate, acted.first ? 201 : 200)
          case 'held':
            return problem(c.get('traceId'), 'held', {
              members: { keys: acted.keys, reviews: acted.reviews },
            })
          case 'order-needed':
            return problem(c.get('traceId'), 'order-needed', {
              members: { detail: keepingSays(acted.keeping), ...acted.keeping },
            })
          case 'not-approved':
            return invalid(c.get('traceId'), '/approval', approvalFaults[acted.why])
          case 'another-call':
            return invalid(c.get('traceId'), '/jti', 'it must be the `jti` of the call itself')
          case 'nothing-to-lift':
            return invalid(
              c.get('traceId'),
              '/ends',
              'your jurisdiction has no hold or restriction of this id',
            )
          case 'not-expired':
            return invalid(
              c.get('traceId'),
              '/before',
              'the period of the law is not over, or there is none',
            )
          case 'too-much':
            return invalid(
              c.get('traceId'),
              '/subjects',
              'there are more entries about them than one act may take',
            )
          default:
            return notShown(c, acted, log)
        }
      }),
  operations: {
    '/v1/subject-pseudonyms': {
      post: {
        summary: 'For holders: the pseudonyms by which an act says whom it is about.',
        body: namedSubjectSchema,
        answers: { 200: ['The pseudonyms', z.strictObject({ subjects: z.array(z.string()) })] },
        problems: [...ofBody, ...ofLook, 'not-your-role'],
      },
    },
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
  },
})
