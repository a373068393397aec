/** What a client that was written for one document of an API would miss in another. */

import type { ApiDocument } from './document.ts'
import { operationsIn } from './document.ts'

type Schema = {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
} & Readonly<Record<string, unknown>>

/** One place in a schema, as `/offence/category`; whether it must be there wherever its parent is. */
type Place = { readonly schema: Schema; readonly isRequired: boolean }

/** The promises of the first document that the second breaks, each as a sentence. */
export function brokenPromises(before: ApiDocument, now: ApiDocument): readonly string[] {
  const operations = operationsIn(now)
  return [...operationsIn(before)].flatMap(([name, was]) => {
    const is = operations.get(name)
    if (is === undefined) return [`${name} is gone`]
    const signed = was.security.length === 0 && is.security.length > 0
    const asked = narrower(placesOf(bodyOf(was), before), placesOf(bodyOf(is), now))
    const parameters = narrower(parametersOf(was, before), parametersOf(is, now))
    return [
      ...(signed ? [`${name} needs a signature that it did not need`] : []),
      ...[...asked, ...parameters].map((each) => `${name}: ${each}`),
      ...answersLost(was, before, is, now).map((each) => `${name} answers otherwise: ${each}`),
    ]
  })
}

type Operation = ReturnType<typeof operationsIn> extends ReadonlyMap<string, infer T> ? T : never

const bodyOf = (operation: Operation): Schema =>
  operation.requestBody?.content['application/json']?.schema ?? {}

const parametersOf = ({ parameters = [] }: Operation, document: ApiDocument) =>
  new Map(
    parameters.flatMap(({ name, required, schema }) => [
      [name, { schema, isRequired: required }] as const,
      ...[...placesOf(schema, document)].map(([at, place]) => [`${name}${at}`, place] as const),
    ]),
  )

function answersLost(
  was: Operation,
  before: ApiDocument,
  is: Operation,
  now: ApiDocument,
): readonly string[] {
  return Object.entries(was.responses).flatMap(([status, { content }]) => {
    if (!status.startsWith('2')) return []
    return Object.entries(content).flatMap(([type, { schema = {} }]) => {
      const media = is.responses[status]?.content[type]
      if (media === undefined) return [`no more with ${status} as ${type}`]
      const [old, fresh] = [placesOf(schema, before), placesOf(media.schema ?? {}, now)]
      return [...old].flatMap(([at, place]) => {
        const other = fresh.get(at)
        if (other === undefined) return [`${status} has no \`${at}\` any more`]
        if (place.isRequired && !other.isRequired) return [`${status} may leave \`${at}\` out now`]
        return kindOf(place.schema) === kindOf(other.schema)
          ? []
          : [`${status} has another type at \`${at}\``]
      })
    })
  })
}

/** What may no longer be asked as it was. */
function narrower(
  was: ReadonlyMap<string, Place>,
  is: ReadonlyMap<string, Place>,
): readonly string[] {
  const lost = [...was].flatMap(([at, { schema, isRequired }]) => {
    const other = is.get(at)
    if (other === undefined) return [`\`${at}\` is taken no more`]
    return [
      ...(other.isRequired && !isRequired ? [`\`${at}\` must be given now`] : []),
      ...(kindOf(schema) === kindOf(other.schema) ? [] : [`\`${at}\` has another type`]),
      ...valuesLost(schema, other.schema).map((each) => `\`${at}\` takes no ${each} any more`),
      ...limits.flatMap(([limit, isLess]) =>
        isTighter(schema[limit], other.schema[limit], isLess)
          ? [`\`${at}\` has a tighter ${limit}`]
          : [],
      ),
      ...(other.schema.pattern === undefined || takesAll(other.schema.pattern, schema.pattern)
        ? []
        : [`\`${at}\` has another pattern`]),
    ]
  })
  const added = [...is].flatMap(([at, { isRequired }]) =>
    isRequired && !was.has(at) && (was.has(parentOf(at)) || parentOf(at) === '')
      ? [`\`${at}\` is new and must be given`]
      : [],
  )
  return [...lost, ...added]
}

const limits = [
  ['maximum', true],
  ['maxLength', true],
  ['maxItems', true],
  ['minimum', false],
  ['minLength', false],
  ['minItems', false],
] as const

const isTighter = (was: unknown, is: unknown, isLess: boolean): boolean =>
  typeof is === 'number' &&
  (typeof was !== 'number' ? !(is === 0 && !isLess) : isLess ? is < was : is > was)

function valuesLost(was: Schema, is: Schema): readonly string[] {
  const of = ({ const: only, enum: values }: Schema) => values ?? (only === undefined ? [] : [only])
  if (of(is).length === 0) return []
  if (of(was).length === 0) return ['other value']
  return of(was).flatMap((each) => (of(is).includes(each) ? [] : [JSON.stringify(each)]))
}

const parentOf = (at: string): string => at.replace(/\/[^/]*$/, '')

/** The type, where it is one; a choice has none of its own. */
const kindOf = ({ type, const: only, enum: values }: Schema): string => {
  const value = only ?? values?.[0]
  return type ?? (value === undefined ? 'any' : typeof value)
}

/** Every place in a schema: `/items` of an object, `[]` of a list, `*` of a table, `(2)` of a choice. */
function placesOf(schema: Schema, document: ApiDocument): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  const walk = (of: Schema, at: string) => {
    const { $ref, properties = {}, required = [], items, additionalProperties } = of
    if ($ref !== undefined)
      walk(document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}, at)
    for (const [name, each] of Object.entries(properties)) {
      places.set(`${at}/${name}`, { schema: each, isRequired: required.includes(name) })
      walk(each, `${at}/${name}`)
    }
    const inner: readonly (readonly [string, Schema])[] = [
      ...(items === undefined ? [] : [['[]', items] as const]),
      ...(typeof additionalProperties === 'object' ? [['*', additionalProperties] as const] : []),
      ...(of.anyOf ?? of.oneOf ?? []).map((each, i) => [`(${i + 1})`, each] as const),
    ]
    for (const [mark, each] of inner) {
      places.set(at + mark, { schema: each, isRequired: false })
      walk(each, at + mark)
    }
  }
  walk(schema, '')
  return places
}

/** Whether a pattern takes all that one of before took: it is the same, or has further alternatives. */
function takesAll(now: string, before: string | undefined): boolean {
  if (now === before) return true
  const [is, was] = [now, before ?? ''].map((each) => /^\^\((.+)\)\$$/.exec(each)?.[1]?.split('|'))
  return was?.every((each) => is?.includes(each)) ?? false
}
