/**
 * Every call of the request-access API, in the order of its document. What else there is to a call stands in its row:
 * a route without a row does not compile, nor a row without a route.
 */

/** Calls behind the guard. */
export const signedCalls = [
  'POST /v1/access-requests',
  'GET /v1/access-requests',
  'GET /v1/access-requests/:id',
  'GET /v1/access-requests/:id/proof',
  'POST /v1/provisions',
  'GET /v1/provisions/:id',
  'GET /v1/questions',
  'POST /v1/questions/:id',
  'POST /v1/attestations',
  'GET /v1/attestations',
  'DELETE /v1/attestations/:id',
  'POST /v1/attestations/:id/signatures',
  'POST /v1/attestations/:id/persons',
  'POST /v1/attestations/:id/objections',
  'GET /v1/inbox',
  'GET /v1/events',
  'POST /v1/access-requests/:id/proposal',
  'POST /v1/access-requests/:id/package',
  'POST /v1/access-requests/:id/delivery',
  'POST /v1/access-requests/:id/responses',
  'GET /v1/disclosures',
  'POST /v1/disclosures/:id/duties',
  'POST /v1/access-requests/:id/review',
  'PUT /v1/records/:id',
  'PATCH /v1/records/:id',
  'DELETE /v1/records/:id',
  'PUT /v1/records/:id/files/:item',
  'GET /v1/access-requests/:id/files/:item',
  'POST /v1/corrections',
  'GET /v1/corrections/:id',
  'POST /v1/recalls',
  'GET /v1/recalls/:id',
  'POST /v1/recalls/:id/signatures',
  'POST /v1/notices/:id/done',
] as const

/** Calls that need no signature. */
export const openCalls = [
  'GET /v1/policies',
  'GET /v1/policies/:folder/:name',
  'GET /v1/vocabulary',
  'GET /openapi.json',
  'GET /.well-known/jwks.json',
  'GET /healthz',
] as const

/** A call, by its method and route. */
export type CallName = (typeof signedCalls | typeof openCalls)[number]

/** Calls that `access-api.ts` answers itself, without waiting for the table of the others. */
export type DoorCall =
  | 'POST /v1/access-requests'
  | 'GET /openapi.json'
  | 'GET /.well-known/jwks.json'
  | 'GET /healthz'

/** Calls that are read once one of them comes. */
export type RareCall = Exclude<CallName, DoorCall>
