/** The reports of the audit API: on a person, on an officer, on a year, and a sample to look into. */

import { Hono } from 'hono'
import * as z from 'zod'
import { officerProfileSchema, profileOfficer, profileSchema } from '../audit/officer-profile.ts'
import { sample, sampleQuerySchema } from '../audit/sample.ts'
import { bothPartsSchema, reportSubject, subjectReportSchema } from '../audit/subject-report.ts'
import {
  reportYear,
  yearReportAnswerSchema,
  yearReportSchema,
  yearSchema,
} from '../audit/year-report.ts'
import { type Mount, notShown, shown } from './audit-answers.ts'
import { bodyAs, type Guarded, queryAs } from './guard.ts'
import { lineSchema } from './line.ts'
import { type Operations, ofBody, ofLook } from './openapi-document.ts'
import { invalid, problem } from './problem.ts'

const index = z.int().describe('Its place in the log.')
const gone = z.literal(true).optional()

const operations: Operations = {
  '/v1/subject-reports': {
    post: {
      summary:
        'For auditors: what the log has of a person who asks for access: what may be handed to them, and all of it ' +
        'for the authority. In doubt an entry is left out of the first part, which never says so.',
      body: subjectReportSchema,
      answers: { 200: ['Both parts', bothPartsSchema] },
      problems: [...ofBody, ...ofLook, 'not-your-role'],
    },
  },
  '/v1/officer-profiles': {
    post: {
      summary:
        'For auditors: what an officer asked for in a period, counted, beside the median of the agency’s officers. ' +
        'At most 1000 entries are read.',
      body: officerProfileSchema,
      answers: { 200: ['The profile', profileSchema] },
      problems: [...ofBody, ...ofLook, 'not-your-role'],
    },
  },
  '/v1/reports/{year}': {
    get: {
      summary:
        'For auditors: counts of the decisions of your holders in a year, or in a month of it, for the authority’s report. At most 1000 lines are ' +
        'read for one answer; answers are added up.',
      path: z.object({ year: yearSchema }),
      query: yearReportSchema,
      answers: { 200: ['The counts', yearReportAnswerSchema] },
      problems: [...ofLook, 'not-found', 'not-your-role'],
    },
  },
  '/v1/samples': {
    get: {
      summary:
        'For auditors of the holder’s jurisdiction: a sample of its log that nobody chooses but the ' +
        'published checkpoint.',
      query: sampleQuerySchema,
      answers: {
        200: [
          'The sample, in the order in which it was drawn',
          z.strictObject({
            log: z.string(),
            size: z.int(),
            checkpoint: z.string().describe('The signed note, word for word.'),
            entries: z.array(
              z.union([
                lineSchema.extend({ index, erased: gone, restricted: gone }),
                z.strictObject({ index, id: z.string(), wrong: z.string() }),
              ]),
            ),
          }),
        ],
      },
      problems: [...ofLook, 'not-found', 'not-your-role'],
    },
  },
}

/** The routes and their description. */
export const reports: Mount = {
  operations,
  routes: (world, log) =>
    new Hono<{ Variables: Guarded }>()
      .post('/v1/subject-reports', async (c) => {
        const body = bodyAs(c, subjectReportSchema)
        if ('response' in body) return body.response
        const reported = await reportSubject(c.get('call'), body.value, world)
        switch (reported.kind) {
          case 'reported': {
            const { consulted, forTheSubject, forTheAuthority } = reported
            return shown(c, consulted, { forTheSubject, forTheAuthority })
          }
          case 'too-much': {
            const detail = 'there are more entries about them than one report has'
            return invalid(c.get('traceId'), '/subject', detail)
          }
          default:
            return notShown(c, reported, log)
        }
      })
      .post('/v1/officer-profiles', async (c) => {
        const body = bodyAs(c, officerProfileSchema)
        if ('response' in body) return body.response
        const profiled = await profileOfficer(c.get('call'), body.value, world)
        return profiled.kind === 'profiled'
          ? shown(c, profiled.consulted, profiled.profile)
          : notShown(c, profiled, log)
      })
      .get('/v1/reports/:year', async (c) => {
        const query = queryAs(c, yearReportSchema)
        if ('response' in query) return query.response
        const year = yearSchema.safeParse(c.req.param('year'))
        if (!year.success) return problem(c.get('traceId'), 'not-found')
        const counted = await reportYear(c.get('call'), year.data, query.value, world)
        if (counted.kind !== 'counted') return notShown(c, counted, log)
        const { consulted, kind: _, ...answer } = counted
        return shown(c, consulted, answer)
      })
      .get('/v1/samples', async (c) => {
        const query = queryAs(c, sampleQuerySchema)
        if ('response' in query) return query.response
        const sampled = await sample(c.get('call'), query.value, world)
        if (sampled.kind !== 'sampled') return notShown(c, sampled, log)
        const { consulted, kind: _, ...answer } = sampled
        return shown(c, consulted, answer)
      }),
}
