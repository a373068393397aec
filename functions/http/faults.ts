/** Says what is wrong with a body or query, in words for its sender. Of its content, only names are echoed. */

import * as z from 'zod'

/** One fault in a body or a query: where, and what to do. */
export const faultSchema = z.strictObject({
  pointer: z
    .string()
    .describe('JSON Pointer (RFC 6901) into the body, or into the query as an object.'),
  detail: z.string(),
})
export type BodyFault = z.infer<typeof faultSchema>

/** The value as the schema wants it, or every fault at once. */
export function readAs<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { readonly value: T } | { readonly faults: readonly BodyFault[] } {
  // Zod calls this only where a schema has no message of its own, so we learn which unions have none.
  const unions: Unions = new Set()
  const error = (issue: z.core.$ZodRawIssue) => {
    if (issue.code === 'invalid_union') unions.add(issue.errors)
    return wordsFor(issue)
  }
  const read = schema.safeParse(value, { error })
  if (read.success) return { value: read.data }
  return { faults: read.error.issues.flatMap((issue) => faultsIn(issue, [], unions)) }
}

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]
/** The `errors` of unions without a message of their own: the faults of their forms say what is wrong. */
type Unions = Set<unknown>

function faultsIn(issue: Issue, above: Path, unions: Unions): readonly BodyFault[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: pointerTo([...path, key]),
      detail: 'nothing has this name here; leave it out',
    }))
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && unions.has(issue.errors))
    return faultsInForms(issue.errors, path, unions)
  return [{ pointer: pointerTo(path), detail: issue.message }]
}

/** The faults of a value that fits none of a union's forms: only those of the forms it may have meant. */
function faultsInForms(
  forms: readonly (readonly Issue[])[],
  path: Path,
  unions: Unions,
): readonly BodyFault[] {
  const known = forms.filter((issues) => !issues.some(({ code }) => code === 'unrecognized_keys'))
  const meant = (known.length === 0 ? forms : known).map((issues) =>
    issues.flatMap((each) => faultsIn(each, path, unions)),
  )
  const [first = [], ...others] = meant
  const isShared = (fault: BodyFault) =>
    meant.every((faults) => faults.some((each) => isSame(each, fault)))
  const shared = first.filter(isShared)
  const left = meant.map((faults) => faults.filter((each) => !isShared(each)))
  if (others.length === 0 || left.some((faults) => faults.length === 0)) return shared
  const pointer = pointerTo(path)
  const needs = left.map((faults) =>
    faults
      .map((each) =>
        each.pointer === pointer ? each.detail : `\`${each.pointer.slice(pointer.length + 1)}\``,
      )
      .join(' and '),
  )
  return [...shared, { pointer, detail: `it needs ${needs.join(', or ')}` }]
}

const isSame = (a: BodyFault, b: BodyFault): boolean =>
  a.pointer === b.pointer && a.detail === b.detail

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
}
const formats: Readonly<Record<string, string>> = {
  date: 'a day such as 2026-11-24',
  datetime: 'a moment in UTC such as 2026-11-24T08:00:00Z',
}
const counted: Readonly<Record<string, string>> = { string: ' characters', array: ' of them' }

/** What a fault's schema wants, in the sender's words. */
function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'it is missing' : (kinds[issue.expected] ?? issue.expected)
    case 'invalid_value':
      return oneOf(issue.values)
    case 'invalid_union':
      return Array.isArray(issue.options) ? oneOf(issue.options) : undefined
    case 'invalid_format':
      return formats[issue.format] ?? `it must match ${issue.pattern ?? issue.format}`
    case 'too_small':
      return issue.minimum === 1 && issue.origin in counted
        ? 'it must not be empty'
        : `at least ${issue.minimum}${counted[issue.origin] ?? ''}`
    case 'too_big':
      return `at most ${issue.maximum}${counted[issue.origin] ?? ''}`
    default:
      return undefined
  }
}

const oneOf = (values: readonly unknown[]): string =>
  `${values.length > 1 ? 'one of ' : ''}${values.map((each) => `\`${each}\``).join(', ')}`

const pointerTo = (path: Path): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
