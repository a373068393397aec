/** The audit API in OpenAPI 3.1, from the schemas that the API itself uses. */

import * as z from 'zod'
import { filteredPageSchema, filterSchema } from '../audit/entry-filter.ts'
import { factsPageSchema } from '../audit/logged-facts-page.ts'
import { pseudonymOfSchema } from '../audit/pseudonyms.ts'
import { lookSchema } from '../audit/see-decision.ts'
import { loggedDecisionSchema } from '../decision/logged-facts.ts'
import { entryIdSchema } from '../decision/request.ts'
import type { Mount } from './audit-answers.ts'
import { lineSchema } from './line.ts'
import { documentOf, type Operations, ofBody, ofLook } from './openapi-document.ts'

const anything = z.unknown().optional()

/** One entry: of which kind it is decides which of the members it has. */
const entrySchema = lineSchema
  .extend({
    receipt: z.string().describe('The gateway’s signed word that the entry is durable.'),
    place: z
      .strictObject({ log: z.string(), index: z.int() })
      .nullable()
      .describe('Null until it is sealed.'),
    erased: z
      .literal(true)
      .optional()
      .describe('Its personal part is gone; `leaf` is what is left.'),
    restricted: z.literal(true).optional().describe('Its personal part is kept as evidence only.'),
    leaf: anything.describe('What is hashed into the log.'),
    call: anything.describe('Who called, how.'),
    request: anything.describe('The body of the call, as it was sent.'),
    told: anything.describe('What the agency that called was told.'),
  })
  .loose()

const path = z.object({ id: entryIdSchema })
const next = z.string().optional().describe('There may be more, even after a short page.')
const counts = z.record(z.string(), z.int())

const operations: Operations = {
  '/v1/decisions': {
    get: {
      summary:
        'For auditors: find entries, the newest first. At most 1000 lines are read for one page. In CSV ' +
        'an apostrophe stands before what a spreadsheet would take for a formula, ids among it.',
      query: filteredPageSchema,
      answers: { 200: ['A page', z.strictObject({ entries: z.array(lineSchema), next })] },
      forms: ['application/x-ndjson', 'text/csv; charset=utf-8; header=present'],
      problems: [...ofLook, 'not-your-role'],
    },
  },
  '/v1/decisions/count': {
    get: {
      summary: 'For auditors: count entries by outcome and standing. At most 5000 lines are read.',
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
        'For auditors: one entry, whole for auditors of the holder’s jurisdiction, its own side for those of the ' +
        'requester’s. Restricted ones open for `criminal-proceedings` and `proceedings-on-lawfulness` only.',
      path,
      query: lookSchema,
      answers: { 200: ['The entry', entrySchema] },
      problems: [...ofLook, 'not-found'],
    },
  },
  '/v1/decisions/{id}/proof': {
    get: {
      summary:
        'For auditors: the proof that an entry is in the log, once it is sealed (C2SP tlog-proof).',
      path,
      query: lookSchema,
      file: ['The proof', 'text/plain; charset=utf-8'],
      problems: [...ofLook, 'not-found', 'not-sealed'],
    },
  },
  '/v1/pseudonyms': {
    post: {
      summary:
        'For auditors: the pseudonym by which `GET /v1/decisions` is asked for a person or a case.',
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
      summary: 'For legal editors: what the rules read of logged decisions; nothing of a person.',
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
