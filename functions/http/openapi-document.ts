/** How an API is written down in OpenAPI 3.1. */

import * as z from 'zod'
import { type ProblemCode, problemSchema, problems } from './problem.ts'

/** One operation. */
export type Operation = {
  readonly summary: string
  /** The parameters of the query. */
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** Answers by status. */
  readonly answers: Readonly<Record<number, readonly [string, z.ZodType]>>
  readonly problems?: readonly ProblemCode[]
  /** What is answered as plain text, with status 200. */
  readonly text?: string
  /** Other forms of the answer, by media type. */
  readonly forms?: readonly string[]
  /** Needs no signature. */
  readonly open?: true
}

/** Operations by path and method. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>

/** Problems of whatever reads a body. */
export const ofBody: readonly ProblemCode[] = [
  'invalid-json',
  'unsupported-media-type',
  'invalid-request',
]
/** Problems of whatever makes an entry. */
export const ofEntry: readonly ProblemCode[] = ['jti-reused', 'erased', 'not-durable']
const signed: readonly ProblemCode[] = [
  'unauthorized',
  'body-too-large',
  'rate-limited',
  'internal',
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
  const { summary, body, query, answers, text, open, forms = [] } = operation
  const parameters = [...ofPath(path), ...(query === undefined ? [] : ofQuery(query))]
  return {
    summary,
    security: open ? [] : [{ signature: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(body), 'application/json') } }),
    responses: {
      ...(text === undefined ? {} : { 200: { description: text, content: plainText } }),
      ...Object.fromEntries(
        Object.entries(answers).map(([status, [description, schema]]) => [
          status,
          {
            description,
            content: {
              ...json(schemaOf(schema), 'application/json'),
              ...Object.fromEntries(forms.map((form) => [form, { schema: { type: 'string' } }])),
            },
          },
        ]),
      ),
      ...problemsByStatus([...(open ? [] : signed), ...(operation.problems ?? [])]),
    },
  }
}

const ofPath = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

function ofQuery(query: z.ZodType) {
  // A cast: queries are objects, and an object has these two.
  const { properties, required = [] } = schemaOf(query) as {
    readonly properties: Readonly<Record<string, unknown>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

function problemsByStatus(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => problems[code][0])
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((code) => `${code}: ${problems[code][1]}`).join('; '),
        content: json({ $ref: '#/components/schemas/Problem' }, 'application/problem+json'),
      },
    ]),
  )
}

const plainText = { 'text/plain; charset=utf-8': { schema: { type: 'string' } } }

const json = (schema: unknown, type: string) => ({ [type]: { schema } })

function schemaOf(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
