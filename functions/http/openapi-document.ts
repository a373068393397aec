/** Describes an API in OpenAPI 3.1. */

import * as z from 'zod'
import { exampleOf, explained, fields, type Schema } from './fields.ts'
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
  /** The media types of a body that is not JSON. */
  readonly sends?: readonly string[]
  /** An answer with status 200 that is not JSON: its description and its media types. */
  readonly file?: readonly [string, ...string[]]
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
  'newer-build',
]

/** The document of an API at `origin`. */
export function documentOf(
  title: string,
  operations: Operations,
  origin: string,
): Readonly<Record<string, unknown>> {
  const components: Components = new Map([[problemSchema, 'Problem']])
  const paths = Object.fromEntries(
    Object.entries(operations).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [
          method,
          described(path, method, operation, components),
        ]),
      ),
    ]),
  )
  const used = new Set(Object.keys(paths).map(tagOf))
  return {
    openapi: '3.1.0',
    info: {
      title,
      version: '1',
      description:
        'Every call but the open ones is signed: `Authorization: Bearer <JWT>`, typ ' +
        '`comity-request+jwt` (or `comity-request+passkey`, by an officer’s passkey), ES256 or Ed25519, with iss, sub, aud, iat, exp, jti, htm, htu and, ' +
        'with a body, request_body_sha256. An answer to a request has each sentence of the law, and each duty, in English, ' +
        'and in the language that `Accept-Language` asks for, if it stands in it; `Content-Language` says which. What is added to `/v1` breaks no client that ignores what it does not know.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      contact: { name: 'The operator of this gateway', url: origin },
    },
    servers: [{ url: origin }],
    tags: Object.entries(tags)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    components: {
      securitySchemes: {
        signature: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A signature of the agency over the whole call.',
        },
      },
      schemas: Object.fromEntries(
        [...components].map(([schema, name]) => [name, { ...schemaOf(schema, name) }]),
      ),
    },
    paths,
  }
}

/** The names of the schemas of bodies and answers. */
type Components = Map<z.ZodType, string>

/** What the operations of a tag are for: the first word of their paths after the version. */
const tags: Readonly<Record<string, string>> = {
  'access-requests':
    'Ask for data, look an answer up, ask again, and what officers do about a request.',
  attestations: 'Vouch for facts as an office, doubt what another said, decide on a release.',
  inbox: 'What waits for your office.',
  events: 'What happened, told without asking.',
  disclosures: 'What left of a holder’s own data.',
  records: 'Records of holders without a system of their own.',
  questions: 'What a holder’s own system is asked, and its answers.',
  policies: 'The law in force here.',
  vocabulary: 'What rules may read.',
  decisions: 'Find, read and prove entries of the log.',
  pseudonyms: 'The names by which the log is asked for persons and cases.',
  'subject-pseudonyms': 'All names of a person in the log.',
  facts: 'The facts of past decisions, for legal teams.',
  'subject-reports': 'What a person may be told.',
  'subject-acts': 'Erase, restrict or hold what the log keeps of a person.',
  'officer-profiles': 'What an officer asked for.',
  'officer-rankings': 'The officers of an agency, ranked.',
  alarms: 'Alarms that an auditor sets.',
  deadlines: 'What is due.',
  figures: 'The counts of any period.',
  reports: 'The counts of a year.',
  'decision-events': 'Decisions, pulled in the order of the log.',
  samples: 'Entries drawn by the log itself.',
  evidence: 'What a court needs.',
  replays: 'Decide past requests again.',
  log: 'The sealed log, as anyone verifies it (C2SP tlog-tiles).',
  gateway: 'This document, the keys, and whether it runs.',
}

/** `access-requests` of `/v1/access-requests/{id}`. */
const tagOf = (path: string): string => {
  const [first = '', second = ''] = path.split('/').slice(1)
  const name = first === 'v1' ? second : first
  return Object.hasOwn(tags, name) ? name : 'gateway'
}

/** `postAccessRequestsByIdReview`: as lasting as the path itself. */
const operationIdOf = (path: string, method: string): string =>
  method +
  path
    .replace(/^\/v1\//, '/')
    .replaceAll(/\{(\w+)\}/g, 'by-$1')
    .split(/[^A-Za-z0-9]+/)
    .map(capital)
    .join('')

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

function described(path: string, method: string, operation: Operation, components: Components) {
  const { summary, description, body, query, sends, file, open } = operation
  const { answers = {}, forms = [] } = operation
  const operationId = operationIdOf(path, method)
  const parameters = [
    ...parametersIn('path', operation.path ?? namesIn(path)),
    ...(query === undefined ? [] : parametersIn('query', query)),
  ]
  /** The schema by the name of the first operation that has it, and an example of it. */
  const component = (schema: z.ZodType, kind: 'Body' | 'Answer') => {
    const name = components.get(schema) ?? capital(operationId) + kind
    components.set(schema, name)
    const example = exampleOf(schemaOf(schema, name))
    return { 'application/json': { schema: { $ref: refOf(name) }, example } }
  }
  return {
    operationId,
    tags: [tagOf(path)],
    summary,
    description: description ?? summary,
    security: open ? [] : [{ signature: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: component(body, 'Body') } }),
    ...(sends === undefined ? {} : { requestBody: { required: true, content: inForms(sends) } }),
    responses: {
      ...(file === undefined
        ? {}
        : { 200: { description: file[0], content: inForms(file.slice(1)) } }),
      ...Object.fromEntries(
        Object.entries(answers).map(([status, [description, schema]]) => [
          status,
          {
            description,
            ...(forms.length === 0 ? {} : { headers: { Link: nextPage } }),
            content: { ...component(schema, 'Answer'), ...inForms(forms) },
          },
        ]),
      ),
      ...(open ? { 429: tooOften } : {}),
      ...problemsByStatus([...(open ? [] : signed), ...(operation.problems ?? [])]),
    },
  }
}

const refOf = (name: string): string => `#/components/schemas/${name}`

const namesIn = (path: string) =>
  z.object(
    Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, z.string()])),
  )

function parametersIn(place: 'path' | 'query', object: z.ZodType) {
  // A cast: `object` is an object schema, and an object schema has these two.
  const { properties, required = [] } = schemaOf(object, '') as {
    readonly properties: Readonly<Record<string, Schema>>
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
/** Of a call without a signature, which no agency's rate counts. */
const tooOften = {
  description:
    'More calls at once than this address takes, whoever makes them; not of every gateway',
  content: {},
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
        content: {
          'application/problem+json': {
            schema: { $ref: refOf('Problem') },
            example: {
              type: `https://comity.invalid/problems/${same[0]}`,
              title: problems[same[0] ?? 'internal'][1],
              ...{ status, code: same[0], traceId: fields.traceId?.[1] },
            },
          },
        },
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

const schemaOf = (schema: z.ZodType, name: string): Schema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  // A cast: this is what zod makes of a schema, as far as it is read here.
  return explained(rest as Schema, name)
}
