/** An API's own document, and whether the API does what it says. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import * as z from 'zod'

const schema = z.looseObject({})
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query']),
  description: z.string().optional(),
  required: z.boolean(),
  schema,
})
const content = z.record(z.string(), z.strictObject({ schema: schema.optional() }))
const header = z.strictObject({ description: z.string(), schema })
const operation = z.strictObject({
  summary: z.string(),
  description: z.string().optional(),
  security: z.array(z.unknown()),
  parameters: z.array(parameter).optional(),
  requestBody: z
    .strictObject({
      required: z.literal(true),
      content: z.strictObject({ 'application/json': z.strictObject({ schema }) }),
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

/** Holds a document to the one that was agreed; `COMITY_RENEW_GOLDEN` agrees to it. */
export function expectAgreed(document: ApiDocument, file: string): void {
  const golden = join(import.meta.dirname, file)
  if (process.env.COMITY_RENEW_GOLDEN !== undefined)
    writeFileSync(golden, `${JSON.stringify(document, null, 2)}\n`)
  expect(document).toEqual(JSON.parse(readFileSync(golden, 'utf8')))
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
  // A pattern of JSON Schema is one of Unicode, which zod does not take it for.
  const plain = JSON.stringify(of, (name, value) =>
    name === 'pattern' && /\\p\{/i.test(value) ? undefined : value,
  )
  const known = read.get(of) ?? z.fromJSONSchema(JSON.parse(plain))
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
  const of = isProblem ? (document.components.schemas.Problem ?? {}) : (media.schema ?? {})
  const { error } = asked(of).safeParse(body)
  const isNamed = !isProblem || stated.description.includes(`${body.code}: `)
  return [...waits, ...(error?.issues ?? []), ...(isNamed ? [] : [`its problem ${body.code}`])]
}
