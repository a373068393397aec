/** The audit API in OpenAPI 3.1, from the schemas that the API itself uses. */

import * as z from 'zod'
import { loggedDecisionSchema } from '../decision/logged-facts.ts'
import { filteredPageSchema, filterSchema } from '../journeys/entry-filter.ts'
import { factsPageSchema } from '../journeys/logged-facts-page.ts'
import { pseudonymOfSchema } from '../journeys/pseudonyms.ts'
import { lookSchema } from '../journeys/see-decision.ts'
import type { Mount } from './audit-answers.ts'
import { documentOf, type Operations, ofBody, ofEntry } from './openapi-document.ts'
import type { ProblemCode } from './problem.ts'

/** Problems of a look, which makes an entry and must be the same when it is sent again. */
const ofLook: readonly ProblemCode[] = ['invalid-request', ...ofEntry, 'result-changed']

const line = z.looseObject({
  id: z.string(),
  ts: z.string(),
  kind: z.string(),
  side: z
    .enum(['holder', 'requester'])
    .describe('`holder`: all of it may be seen; `requester`: what its agency said and was told.'),
  rules: z.array(z.string()),
  policies: z.array(z.string()),
})

const next = z.string().optional().describe('There may be more, even after a short page.')
const counts = z.record(z.string(), z.int())

const operations: Operations = {
  '/v1/decisions': {
    get: {
      summary: 'Find entries, the newest first. At most 1000 lines are read for one page.',
      query: filteredPageSchema,
      answers: { 200: ['A page', z.strictObject({ entries: z.array(line), next })] },
      forms: ['application/x-ndjson', 'text/csv; charset=utf-8; header=present'],
      problems: [...ofLook, 'not-your-role'],
    },
  },
  '/v1/decisions/count': {
    get: {
      summary: 'Count entries by outcome and standing. At most 5000 lines are read.',
      query: filterSchema,
      answers: {
        200: [
          'The counts; `complete` is false if only the newest were counted',
          z.strictObject({
            total: z.int(),
            outcomes: counts,
            standings: counts,
            complete: z.boolean(),
          }),
        ],
      },
      problems: [...ofLook, 'not-your-role'],
    },
  },
  '/v1/decisions/{id}': {
    get: {
      summary:
        'One entry: whole for auditors of the holder’s jurisdiction, its own side for those of the ' +
        'requester’s. Restricted ones open for `criminal-proceedings` only.',
      query: lookSchema,
      answers: { 200: ['The entry', line] },
      problems: [...ofLook, 'not-found'],
    },
  },
  '/v1/decisions/{id}/proof': {
    get: {
      summary: 'The proof that an entry is in the log, once it is sealed (C2SP tlog-proof).',
      query: lookSchema,
      answers: {},
      text: 'The proof',
      problems: [...ofLook, 'not-found', 'not-sealed'],
    },
  },
  '/v1/pseudonyms': {
    post: {
      summary: 'The pseudonym by which `GET /v1/decisions` is asked for a person or a case.',
      body: pseudonymOfSchema,
      answers: {
        200: [
          'The pseudonym, by the name of the parameter it is for',
          z.union([z.strictObject({ subject: z.string() }), z.strictObject({ case: z.string() })]),
        ],
      },
      problems: [...ofBody, ...ofLook, 'not-your-role'],
    },
  },
  '/v1/facts': {
    get: {
      summary: 'What the rules read of logged decisions, for legal editors; nothing of a person.',
      query: factsPageSchema,
      answers: {
        200: ['A page', z.strictObject({ facts: z.array(loggedDecisionSchema), next })],
      },
      problems: [...ofLook, 'not-your-role'],
    },
  },
  '/audit/openapi.json': {
    get: {
      summary: 'This document.',
      answers: { 200: ['OpenAPI 3.1', z.looseObject({})] },
      open: true,
    },
  },
}

/** The document for a gateway at `origin`, with the routes mounted beside these. */
export const auditOpenApi = (
  origin: string,
  mounts: readonly Mount[],
): Readonly<Record<string, unknown>> =>
  documentOf(
    'Comity: the audit API',
    Object.assign({}, operations, ...mounts.map((mount) => mount.operations)) as Operations,
    origin,
  )
