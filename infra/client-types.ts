/** The types of `comity/client`: what each operation is sent and answers, from the gateway's own documents. */

/** What is read of a schema: what zod makes of ours. */
type JsonSchema = {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}
type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}
type Described = {
  readonly summary: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'path' | 'query'
    readonly required: boolean
    readonly schema: JsonSchema
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content: Content }>>
}

const fixed = `/** Who calls, and where. \`key\` is the file of the agency's private key. */
export type Calling = { agency: string; officer: string; url: string; key: string }

/** The body of an operation. */
export type Body<Name extends keyof Operations> = Operations[Name]['sent'] extends { body: infer B } ? B : never

/** Every answer of an operation; \`status\` tells them apart. */
export type Answer<Name extends keyof Operations> = {
  [S in keyof Operations[Name]['answers']]: { status: S; body: Operations[Name]['answers'][S] }
}[keyof Operations[Name]['answers']]

/**
 * Gives a function that calls an operation. It resolves whatever the status is, and rejects if there is no answer.
 * A call with the same \`jti\` (22 to 64 random characters of base64url) is a retry: the same decision, one entry.
 */
export declare function client(calling: Calling): <Name extends keyof Operations>(
  operation: Name,
  sent: Operations[Name]['sent'],
  jti?: string,
) => Promise<Answer<Name>>
`

/** The declarations for these documents. */
export function clientTypes(documents: readonly unknown[]): string {
  // A cast: these are our own documents.
  const all = documents as readonly Document[]
  const schemas = Object.assign({}, ...all.map(({ components }) => components.schemas))
  const operations = all.flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, each]) =>
          `  /** ${each.summary} */\n  '${method.toUpperCase()} ${path}': ${operationOf(each)}\n`,
      ),
    ),
  )
  const named = Object.entries(schemas as Document['components']['schemas']).map(
    ([name, schema]) => `  ${name}: ${typeOf(schema)}\n`,
  )
  return `${fixed}
/** Every operation, by method and path. */
export type Operations = {\n${operations.join('')}}

/** What the documents name. */
export type Schemas = {\n${named.join('')}}\n`
}

function operationOf({ parameters = [], requestBody, responses }: Described): string {
  const places = (['path', 'query'] as const).flatMap((place) => {
    const own = parameters.filter((each) => each.in === place)
    if (own.length === 0) return []
    const may = own.some(({ required }) => required) ? '' : '?'
    const members = own.map(({ name, required, schema }) => member(name, required, schema))
    return [`${place}${may}: { ${members.join('; ')} }`]
  })
  const body = requestBody?.content['application/json']?.schema
  const sent = [...places, ...(body === undefined ? [] : [`body: ${typeOf(body)}`])]
  const answers = Object.entries(responses).map(
    ([status, { content }]) => `${status}: ${unionOf(Object.entries(content).map(contentOf))}`,
  )
  return `{ sent: { ${sent.join('; ')} }; answers: { ${answers.join('; ')} } }`
}

const contentOf = ([type, { schema = {} }]: [string, { readonly schema?: JsonSchema }]): string => {
  if (/[/+]json$/.test(type)) return typeOf(schema)
  return type.startsWith('text/') ? 'string' : 'Uint8Array'
}

const member = (name: string, isRequired: boolean, schema: JsonSchema): string =>
  `${/^\w+$/.test(name) ? name : JSON.stringify(name)}${isRequired ? '' : '?'}: ${typeOf(schema)}`

const unionOf = (types: readonly string[]): string => [...new Set(types)].join(' | ') || 'unknown'

function typeOf(schema: JsonSchema): string {
  const { $ref, type, properties, required = [], items, additionalProperties: more } = schema
  if ($ref !== undefined) return `Schemas['${$ref.split('/').at(-1)}']`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return unionOf(schema.enum.map((each) => JSON.stringify(each)))
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return unionOf(either.map(typeOf))
  if (type === 'array') return `Array<${typeOf(items ?? {})}>`
  if (type === 'integer') return 'number'
  if (type !== 'object') return type ?? 'unknown'
  if (properties === undefined)
    return `{ [name: string]: ${typeof more === 'object' ? typeOf(more) : 'unknown'} }`
  const members = Object.entries(properties).map(([name, each]) => {
    const says = each.description?.replaceAll('*/', '* /')
    const comment = says === undefined ? '' : `/** ${says} */ `
    return comment + member(name, required.includes(name), each)
  })
  return members.length === 0 ? '{}' : `{ ${members.join('; ')} }`
}
