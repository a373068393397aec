/** Describes the request-access API in OpenAPI 3.1, from the rows and schemas that the API itself uses. */

import { answerSchema } from '../answer/reply/reply-schema.ts'
import { accessRequestSchema } from '../decision/request.ts'
import { anything } from './bodies.ts'
import { documentOf, type Operation, ofBody, ofEntry } from './openapi-document.ts'
import { rareCalls } from './rare-api.ts'
import { type CallName, type DoorCall, openCalls, signedCalls } from './routes.ts'

/** What the door answers itself. */
const ofDoor: Readonly<Record<DoorCall, Operation>> = {
  'POST /v1/access-requests': {
    summary: 'Ask for data. A refusal is an answer, not an error.',
    description:
      'An open denial says in `todo` what is missing, and who can supply it. Once it is supplied, ask ' +
      'again with the id of the denial as `previous`: the same subject, case, purpose and offence, for ' +
      'no class more. All of these are one `matter`.',
    body: accessRequestSchema,
    answers: {
      200: [
        'The same call again: the same decision, and its data if they would leave now',
        answerSchema,
      ],
      201: ['The decision', answerSchema],
    },
    problems: [...ofBody, ...ofEntry, 'not-your-role', 'served-elsewhere', 'record-changed'],
  },
  'GET /openapi.json': { summary: 'This document.', answers: { 200: ['OpenAPI 3.1', anything] } },
  'GET /.well-known/jwks.json': {
    summary: 'The public keys of receipts (RFC 7517).',
    answers: { 200: ['A JWK Set', anything] },
  },
  'GET /healthz': { summary: 'Whether it runs.', answers: { 200: ['It runs', anything] } },
}

const operations: Readonly<Record<CallName, Operation>> = { ...rareCalls, ...ofDoor }

/** The document for a gateway at `origin`. */
export function openApi(origin: string): Readonly<Record<string, unknown>> {
  const calls = [
    ...signedCalls.map((call) => [call, operations[call]] as const),
    ...openCalls.map((call) => [call, { ...operations[call], open: true }] as const),
  ].map(([call, operation]) => {
    const [method = '', path = ''] = call.split(' ')
    return { path: path.replaceAll(/:(\w+)/g, '{$1}'), method: method.toLowerCase(), operation }
  })
  const byPath = [...Map.groupBy(calls, ({ path }) => path)].map(([path, all]) => [
    path,
    Object.fromEntries(all.map(({ method, operation }) => [method, operation])),
  ])
  return documentOf('Comity: the request-access API', Object.fromEntries(byPath), origin)
}
