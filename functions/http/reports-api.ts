/** The reports of the audit API: on a person, on an officer, on a year, and a sample to look into. */

import { Hono } from 'hono'
import * as z from 'zod'
import { officerProfileSchema, profileOfficer, profileSchema } from '../journeys/officer-profile.ts'
import { sample, sampleQuerySchema } from '../journeys/sample.ts'
import { bothPartsSchema, reportSubject, subjectReportSchema } from '../journeys/subject-report.ts'
import {
  reportYear,
  yearReportAnswerSchema,
  yearReportSchema,
  yearSchema,
} from '../journeys/year-report.ts'
import { type Mount, notShown, shown } from './audit-answers.ts'
import { bodyAs, type Guarded, queryAs } from './guard.ts'
import { type Operations, ofBody, ofEntry } from './openapi-document.ts'
import { problem } from './problem.ts'

const ofLook = ['invalid-request', ...ofEntry, 'result-changed', 'not-your-role'] as const

const operations: Operations = {
  '/v1/subject-reports': {
    post: {
      summary:
        'What the log has of a person who asks for access: what may be handed to them, and all of it ' +
        'for the authority. In doubt an entry is left out of the first part, which never says so.',
      body: subjectReportSchema,
      answers: { 200: ['Both parts', bothPartsSchema] },
      problems: [...ofBody, ...ofLook],
    },
  },
  '/v1/officer-profiles': {
    post: {
      summary:
        'What an officer asked for in a period, counted, beside the median of the agency’s officers. ' +
        'At most 1000 entries are read.',
      body: officerProfileSchema,
      answers: { 200: ['The profile', profileSchema] },
      problems: [...ofBody, ...ofLook],
    },
  },
  '/v1/reports/{year}': {
    get: {
      summary:
        'Counts of a year, or of one month of it, for the authority’s report. At most 1000 lines are ' +
        'read for one answer; answers are added up.',
      query: yearReportSchema,
      answers: { 200: ['The counts', yearReportAnswerSchema] },
      problems: [...ofLook, 'not-found'],
    },
  },
  '/v1/samples': {
    get: {
      summary: 'A random sample of a log that its published checkpoint decides.',
      query: sampleQuerySchema,
      answers: {
        200: [
          'The sample, in the order in which it was drawn',
          z.strictObject({
            log: z.string(),
            size: z.int(),
            checkpoint: z.string().describe('The signed note, word for word.'),
            entries: z.array(z.looseObject({ index: z.int(), id: z.string() })),
          }),
        ],
      },
      problems: [...ofLook, 'not-found'],
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
            const errors = [{ pointer: '/subject', detail }]
            return problem(c.get('traceId'), 'invalid-request', { errors })
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
