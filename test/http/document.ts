/** An API's own document, and whether the API does what it says. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import * as z from 'zod'
import { brokenPromises } from './promises.ts'

const schema = z.looseObject({})
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query']),
  description: z.string().optional(),
  required: z.boolean(),
  schema,
})
const content = z.record(
  z.string(),
  z.strictObject({ schema: schema.optional(), example: z.unknown().optional() }),
)
const header = z.strictObject({ description: z.string(), schema })
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z][A-Za-z0-9]+$/),
  tags: z.tuple([z.string()]),
  summary: z.string(),
  description: z.string().optional(),
  security: z.array(z.unknown()),
  parameters: z.array(parameter).optional(),
  requestBody: z
    .strictObject({
      required: z.literal(true),
      content,
    })
    .optional(),
  responses: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      headers: z.record(z.string(), header).optional(),
      content,
    }),
  ),
})
const documentSchema = z.looseObject({
  openapi: z.literal('3.1.0'),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), schema) }),
})

/** A document, as far as an answer can be held to it. */
export type ApiDocument = z.infer<typeof documentSchema>

type Operation = z.infer<typeof operation>

/** Something that answers. */
type App = {
  readonly request: (path: string, init?: RequestInit) => Response | Promise<Response>
  readonly routes: readonly { readonly method: string; readonly path: string }[]
}

/** Reads the document of an API, as it was sent. */
export async function documentAt(app: App, address: string): Promise<ApiDocument> {
  const document: ApiDocument = JSON.parse(await (await app.request(address)).text())
  documentSchema.parse(document)
  return document
}

/**
 * Holds a document to the promises of the one that was agreed last: what is added passes, what a client of then
 * would miss does not. `COMITY_RENEW_GOLDEN` agrees to what was added; no more than that.
 */
export function expectAgreed(document: ApiDocument, file: string): void {
  const golden = join(import.meta.dirname, file)
  expect(brokenPromises(JSON.parse(readFileSync(golden, 'utf8')), document)).toEqual([])
  if (process.env.COMITY_RENEW_GOLDEN !== undefined)
    writeFileSync(golden, `${JSON.stringify(document, null, 2)}\n`)
}

/** The schema that stands behind a reference, or the schema itself. */
export const behind = (
  { $ref, ...own }: z.infer<typeof schema>,
  { components: { schemas } }: ApiDocument,
): z.infer<typeof schema> =>
  typeof $ref === 'string' ? (schemas[$ref.split('/').at(-1) ?? ''] ?? {}) : own

/** What no integrator could use: a field or parameter without a description, an operation without an example. */
export function unexplained(document: ApiDocument): readonly string[] {
  const named = new Set(document.tags.map(({ name }) => name))
  const ids = [...operationsIn(document).values()].map(({ operationId }) => operationId)
  const twice = ids.filter((id, i) => ids.indexOf(id) < i).map((id) => `two are called ${id}`)
  const operations = [...operationsIn(document)].flatMap(([name, operation]) => {
    const { tags, parameters = [], requestBody, responses } = operation
    const media = [
      ...(requestBody === undefined ? [] : [requestBody.content]),
      ...Object.values(responses).map(({ content: each }) => each),
    ].flatMap((each) => Object.entries(each).filter(([type]) => /[/+]json$/.test(type)))
    const wrong = media.flatMap(([, { schema: of, example }]) => {
      const { error } = asked(behind(of ?? {}, document)).safeParse(example)
      return error === undefined ? [] : [`${name}: an example that is none: ${error.message}`]
    })
    const refuses = Object.keys(responses).some((status) => status.startsWith('4'))
    return [
      // Rule `operation-4xx-response` of redocly; spectral and redocly have no other that fails here.
      ...(refuses ? [] : [`${name} does not say how it refuses`]),
      ...tags.flatMap((tag) => (named.has(tag) ? [] : [`${name}: the tag ${tag} says nothing`])),
      ...parameters.flatMap((each) =>
        each.description === undefined ? [`${name}: ${each.name}`] : [],
      ),
      ...wrong,
    ]
  })
  const inSchemas = Object.entries(document.components.schemas).flatMap(([name, of]) =>
    bareIn(of, name),
  )
  return [...twice, ...operations, ...inSchemas]
}

/** The fields of a schema without a description, or that need an example and have none that fits. */
function bareIn(of: unknown, at: string): readonly string[] {
  if (typeof of !== 'object' || of === null) return []
  const { properties = {} } = of as Record<string, unknown>
  const fields = Object.entries(properties as object).flatMap(([name, each]) => [
    ...(each.description === undefined ? [`${at}/${name}`] : []),
    ...((each.examples ?? []).some((one: unknown) => !asked(each).safeParse(one).success)
      ? [`${at}/${name} has an example that is none`]
      : []),
    ...(/string|number|integer/.test(each.type) && !each.enum && each.const === undefined
      ? Array.isArray(each.examples) && asked(each).safeParse(each.examples[0]).success
        ? []
        : [`${at}/${name} needs an example`]
      : []),
  ])
  const below = Object.entries(of).flatMap(([name, each]) =>
    name === 'properties'
      ? Object.entries(each as object).flatMap(([own, one]) => bareIn(one, `${at}/${own}`))
      : name === 'examples'
        ? []
        : bareIn(each, at),
  )
  return [...fields, ...below]
}

/** The routes of an API as its document writes them, such as `GET /v1/decisions/{id}`. */
export const routesOf = ({ routes }: App): ReadonlySet<string> =>
  new Set(
    routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{[^}]+\})?/g, '{$1}')}`),
  )

/** The operations of a document, by the same names. */
export const operationsIn = ({ paths }: ApiDocument): ReadonlyMap<string, Operation> =>
  new Map(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, each]): readonly [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        each,
      ]),
    ),
  )

const read = new Map<unknown, z.ZodType>()
/** A schema of the document, ready to be asked; reading one takes long. */
export function asked(of: z.core.JSONSchema.JSONSchema): z.ZodType {
  const known = read.get(of) ?? z.fromJSONSchema(of)
  read.set(of, known)
  return known
}

/** What of an answer the document does not say: its status, type, form, problem or `Retry-After`. */
export async function undocumented(
  document: ApiDocument,
  name: string,
  response: Response,
): Promise<readonly unknown[]> {
  const stated = operationsIn(document).get(name)?.responses[response.status]
  if (stated === undefined) return [`its status ${response.status}`]
  const type = response.headers.get('content-type') ?? ''
  const media = stated.content[type]
  if (media === undefined) return [`its type ${type}`]
  const mayWait = stated.headers?.['Retry-After'] !== undefined
  const waits =
    response.headers.has('retry-after') && !mayWait ? ['that it says when to come back'] : []
  const text = await response.text()
  if (!/^application\/(problem\+)?json$/.test(type)) return waits
  const body = JSON.parse(text)
  const isProblem = media.schema?.$ref === '#/components/schemas/Problem'
  const of = behind(media.schema ?? {}, document)
  const { error } = asked(of).safeParse(body)
  const isNamed = !isProblem || stated.description.includes(`${body.code}: `)
  return [...waits, ...(error?.issues ?? []), ...(isNamed ? [] : [`its problem ${body.code}`])]
}
