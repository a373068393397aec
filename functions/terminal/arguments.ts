/** Checks what people write after an option. */

import { type Command, InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { entryIdSchema } from '../decision/request.ts'
import { type FactValue, isDay, knownValue } from '../policy/fact-types.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { misuse } from './exit.ts'

/** A day of the calendar. */
export const day = (value: string): string => {
  if (isDay(value)) return value
  throw new InvalidArgumentError('a day is written like 2026-11-24.')
}

/** A day, or an hour or minute of it in UTC, `2026-11-24T09:30`, as a moment. */
export const dayOrHour = (value: string): string => {
  const [, date = '', hour, minute = '00'] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d))?)?$/.exec(value) ?? []
  if (isDay(date) && hour === undefined) return value
  const moment = `${date}T${hour}:${minute}:00Z`
  if (isDay(date) && z.iso.datetime().safeParse(moment).success) return moment
  throw new InvalidArgumentError('a day is written like 2026-11-24, an hour like 2026-11-24T09.')
}

/** A moment such as `2026-11-24T09:00:00Z`. */
export const instant = (value: string): string => {
  if (z.iso.datetime().safeParse(value).success) return value
  throw new InvalidArgumentError('a moment is written like 2026-11-24T09:00:00Z.')
}

/** The address of a gateway. */
export const url = (value: string): string => {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value
  throw new InvalidArgumentError('an address is written like http://localhost:8787.')
}

/** The id of a request, an attestation or another entry. */
export const entryId = (value: string): string => {
  if (entryIdSchema.safeParse(value).success) return value
  throw new InvalidArgumentError('an id has 43 letters, digits, `-` and `_`, as in an answer.')
}

/** A whole number from `least` to `most`; `says` what is expected. */
export const number =
  (says: string, least = 1, most = 999_999) =>
  (value: string): number => {
    const read = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (read >= least && read <= most) return read
    throw new InvalidArgumentError(says)
  }

/**
 * Keeps ids that begin with `-`, as one in 64 does, from being taken for options of `program`. The value of an option
 * stays, a further value of one that takes several is given by that option anew, and any other id moves to the end.
 */
export function idsLast(args: readonly string[], program: Command): readonly string[] {
  if (args.includes('--')) return args
  const { options } = commandIn(args, program)
  const [before, ids]: [string[], string[]] = [[], []]
  let flag: string | undefined
  for (const each of args) {
    const isId = /^-[A-Za-z0-9_-]{42}$/.test(each)
    const option = options.find(({ long }) => long === flag)
    const isValue = flag !== undefined && before.at(-1) === flag && option?.isBoolean() !== true
    if (!isId || isValue) before.push(each)
    else if (flag !== undefined && option?.variadic) before.push(flag, each)
    else ids.push(each)
    if (!isId && each.startsWith('--')) flag = each
  }
  return ids.length === 0 ? before : [...before, '--', ...ids]
}

/** The command that is meant. */
const commandIn = (args: readonly string[], program: Command): Command =>
  args.reduce((at, each) => at.commands.find((command) => command.name() === each) ?? at, program)

/** A fact with the value that an officer vouches for, `necessity.case=necessary`; a list with commas. */
export function statement(text: string): { readonly fact: string; readonly value: FactValue } {
  const [fact = '', ...rest] = text.split('=')
  const written = rest.join('=')
  const type = vocabulary[fact]?.attester === undefined ? undefined : vocabulary[fact]?.type
  if (type === undefined)
    throw misuse(
      `couldn’t read \`${text}\`: no office vouches for \`${fact}\`; GET /v1/vocabulary lists the facts`,
    )
  const value = knownValue(fact, valueAs(type, written))
  if (value !== undefined) return { fact, value }
  throw misuse(`couldn’t read \`${text}\`: write ${fact}=VALUE, one of ${valuesOf(fact)}`)
}

function valueAs(type: string, text: string): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (type === 'integer') return /^\d+$/.test(text) ? Number(text) : undefined
  return type === 'list' ? text.split(',').filter((each) => each !== '') : text
}

function valuesOf(name: string): string {
  const fact = vocabulary[name]
  if (fact?.type === 'enum') return Object.keys(fact.values).join(', ')
  if (fact?.type === 'list')
    return `${Object.keys(fact.values ?? {}).join(', ')}, with commas between`
  return fact?.type === 'boolean' ? 'true, false' : 'numbers'
}
