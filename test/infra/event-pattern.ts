/**
 * Patterns of EventBridge, as far as ours go: values, `prefix`, `exists: false`, `anything-but` and `$or`.
 * Anything else is not understood, and so a fault.
 */

import * as z from 'zod'
import { ofType, type Resources } from './template.ts'

type Fields = Readonly<Record<string, unknown>>
const fields = z.record(z.string(), z.unknown())

const matcherSchema = z.union([
  z.string(),
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ exists: z.literal(false) }),
  z.strictObject({ 'anything-but': z.array(z.string()) }),
])

/** The targets of the rules whose pattern an event matches, with what each is sent. */
export const targetsOf = (resources: Resources, event: Fields): readonly Fields[] =>
  ofType(resources, 'AWS::Events::Rule').flatMap(({ properties }) => {
    const { EventPattern, Targets } = z
      .looseObject({ EventPattern: fields.optional(), Targets: z.array(fields) })
      .parse(properties)
    return EventPattern !== undefined && matches(EventPattern, event) ? Targets : []
  })

/** Whether an event has everything that a pattern asks for. */
function matches(pattern: Fields, event: unknown): boolean {
  // In a list, one that matches is enough.
  if (Array.isArray(event)) return event.some((each) => matches(pattern, each))
  const { data: said = {} } = fields.safeParse(event)
  return Object.entries(pattern).every(([name, asked]) => {
    if (name === '$or')
      return z
        .array(fields)
        .parse(asked)
        .some((each) => matches(each, said))
    if (!Array.isArray(asked)) return matches(fields.parse(asked), said[name])
    const values = [said[name]].flat()
    return z
      .array(matcherSchema)
      .parse(asked)
      .some((each) => values.some((value) => is(each, value)))
  })
}

function is(asked: z.infer<typeof matcherSchema>, value: unknown): boolean {
  if (typeof asked === 'string') return value === asked
  if ('exists' in asked) return value === undefined
  if (typeof value !== 'string') return false
  return 'prefix' in asked ? value.startsWith(asked.prefix) : !asked['anything-but'].includes(value)
}
