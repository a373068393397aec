/**
 * Filter patterns of CloudWatch Logs for lines of JSON, as far as ours go: `{ $.a = "b" }`, `!=`, a number
 * after `>=`, and such in brackets, joined by `&&` or `||`. Anything else is not understood, and so a fault.
 */

import * as z from 'zod'
import { idOf, ofType, type Resources } from './template.ts'

const filterSchema = z.looseObject({
  FilterPattern: z.string(),
  LogGroupName: z.string(),
  MetricTransformations: z.tuple([
    z.looseObject({ MetricName: z.string(), MetricNamespace: z.string(), MetricValue: z.string() }),
  ]),
})

/** Every filter of a template. */
export const filtersOf = (resources: Resources) =>
  ofType(resources, 'AWS::Logs::MetricFilter').map(({ properties }) => {
    const { MetricTransformations, ...filter } = filterSchema.parse(properties)
    return { ...filter, ...MetricTransformations[0] }
  })

/** What CloudWatch reads off a line in a log: values by metric. */
export function readOff(
  resources: Resources,
  log: string,
  line: string,
): Readonly<Record<string, number>> {
  const value: unknown = JSON.parse(line)
  const matching = filtersOf(resources).filter(
    ({ LogGroupName, FilterPattern }) =>
      LogGroupName === idOf(resources, log) && matches(FilterPattern, value),
  )
  return Object.fromEntries(
    matching.map(({ MetricName, MetricValue }) => [
      MetricName,
      Number(MetricValue.startsWith('$.') ? Object(value)[MetricValue.slice(2)] : MetricValue),
    ]),
  )
}

function matches(pattern: string, line: unknown): boolean {
  const [, inner] = /^\{ (.+) \}$/.exec(pattern) ?? []
  if (inner === undefined) throw new Error(`the pattern ${pattern} is not understood here`)
  if (!inner.startsWith('(')) return holds(inner, line)
  const parts = inner.slice(1, -1)
  for (const [joint, every] of [
    [') && (', true],
    [') || (', false],
  ] as const)
    if (parts.includes(joint)) {
      const each = parts.split(joint).map((part) => holds(part, line))
      return every ? each.every(Boolean) : each.some(Boolean)
    }
  throw new Error(`the pattern ${pattern} is not understood here`)
}

/** A comparison needs the field to be there, that of inequality, too. */
function holds(comparison: string, line: unknown): boolean {
  const [, name = '', operator, text, number] =
    /^\$\.(\w+) (=|!=|>=) (?:"([^"*]+)"|(\d+))$/.exec(comparison) ?? []
  const value: unknown = Object(line)[name]
  if (operator === '=' && text !== undefined) return value === text
  if (operator === '!=' && text !== undefined) return value !== undefined && value !== text
  if (operator === '>=' && number !== undefined)
    return typeof value === 'number' && value >= Number(number)
  throw new Error(`the comparison ${comparison} is not understood here`)
}
