/** Describes an API in OpenAPI 3.1. */

import * as z from 'zod'
import { type ProblemCode, problemSchema, problems } from './problem.ts'

/** One operation. */
export type Operation = {
  readonly summary: string
  /** What else a caller should know. */
  readonly description?: string
  /** The parameters of the path. */
  readonly path?: z.ZodType
  /** The parameters of the query: an object. */
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** Answers in JSON, by status. */
  readonly answers?: Readonly<Record<number, readonly [string, z.ZodType]>>
  readonly problems?: readonly ProblemCode[]
  /** An answer with status 200 that is not JSON: its description and its media type. */
  readonly file?: readonly [string, string]
  /** Other media types of a page. Every form gives the next page in `Link`. */
  readonly forms?: readonly string[]
  /** Needs no signature. */
  readonly open?: true
}

/** Operations by path and method. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>

/** The problems of operations that read a body. */
export const ofBody: readonly ProblemCode[] = ['unsupported-media-type', 'invalid-request']
/** The problems of operations that make an entry. */
export const ofEntry: readonly ProblemCode[] = ['jti-reused', 'erased']
/** The problems of the guard, and of any operation that reads the register. */
const signed: readonly ProblemCode[] = [
  'unauthorized',
  'body-too-slow',
  'body-too-large',
  'invalid-json',
  'rate-limited',
  'internal',
  'not-durable',
]

/** The document of an API at `origin`. */
export const documentOf = (
  title: string,
  operations: Operations,
  origin: string,
): Readonly<Record<string, unknown>> => ({
  openapi: '3.1.0',
  info: {
    title,
    version: '1',
    description:
      'Every call but the open ones is signed: `Authorization: Bearer <JWT>`, typ ' +
      '`comity-request+jwt`, ES256 or Ed25519, with iss, sub, aud, iat, exp, jti, htm, htu and, ' +
      'with a body, request_body_sha256.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: origin }],
  components: {
    securitySchemes: { signature: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    schemas: { Problem: schemaOf(problemSchema) },
  },
  paths: Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, described(path, operation)]),
      ),
    ]),
  ),
})

function described(path: string, operation: Operation) {
  const { summary, description, body, query, answers = {}, file, open, forms = [] } = operation
  const parameters = [
    ...parametersIn('path', operation.path ?? namesIn(path)),
    ...(query === undefined ? [] : parametersIn('query', query)),
  ]
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    security: open ? [] : [{ signature: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(body), 'application/json') } }),
    responses: {
      ...(file === undefined ? {} : { 200: { description: file[0], content: inForms([file[1]]) } }),
      ...Object.fromEntries(
        Object.entries(answers).map(([status, [description, schema]]) => [
          status,
          {
            description,
            ...(forms.length === 0 ? {} : { headers: { Link: nextPage } }),
            content: { ...json(schemaOf(schema), 'application/json'), ...inForms(forms) },
          },
        ]),
      ),
      ...problemsByStatus([...(open ? [] : signed), ...(operation.problems ?? [])]),
    },
  }
}

const namesIn = (path: string) =>
  z.object(
    Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, z.string()])),
  )

function parametersIn(place: 'path' | 'query', object: z.ZodType) {
  // A cast: `object` is an object schema, and an object schema has these two.
  const { properties, required = [] } = schemaOf(object) as {
    readonly properties: Readonly<Record<string, { readonly description?: string }>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    ...(description === undefined ? {} : { description }),
    required: required.includes(name),
    schema,
  }))
}

const nextPage = {
  description: 'The next page, if there may be more: `<address>; rel="next"` (RFC 8288).',
  schema: { type: 'string' },
}
const retryAfter = { description: 'Seconds.', schema: { type: 'integer' } }

function problemsByStatus(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(new Set(codes), (code) => problems[code][0])
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((code) => `${code}: ${problems[code][1]}`).join('; '),
        ...(same.some(saysWhen) ? { headers: { 'Retry-After': retryAfter } } : {}),
        content: json({ $ref: '#/components/schemas/Problem' }, 'application/problem+json'),
      },
    ]),
  )
}

const saysWhen = (code: ProblemCode): boolean =>
  code === 'rate-limited' || problems[code].length > 2

/** Text gets a string schema. A schema can say nothing about other bytes. */
const inForms = (types: readonly string[]) =>
  Object.fromEntries(
    types.map((type) => [type, /^text\/|ndjson/.test(type) ? { schema: { type: 'string' } } : {}]),
  )

const json = (schema: unknown, type: string) => ({ [type]: { schema } })

function schemaOf(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
