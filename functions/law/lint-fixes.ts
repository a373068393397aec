/** How to mend what the engine refuses: its faults say what is wrong, this says what to do. */

import type { Fault } from '../policy/book.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { at, type Note } from './finding.ts'
import { asFix } from './lint-shape.ts'

/** What people write for an operator of ours. */
const meant: Readonly<Record<string, string>> = {
  '=': '===',
  '==': '===',
  '!=': '!==',
  '<>': '!==',
  '=>': '>=',
  '=<': '<=',
  not: '!',
  '!!': 'var',
  all: 'and',
  any: 'or',
  some: 'or',
}

/** The checked fact beside what the requester merely says. */
const checked: Readonly<Record<string, string>> = {
  'request.instrument': 'instrument.inForce',
  'request.offence.category': 'request.offence.character',
  'request.offence.maxCustodyMonthsRequester': 'request.offence.maxCustodyMonthsHolder',
  'request.urgency': 'threat.life',
}

const byCode: Readonly<Record<string, string>> = {
  operator: 'use and, or, !, ===, !==, <, <=, >, >=, in or var',
  fact: 'take a fact of the vocabulary; your editor completes it',
  type: 'compare it with a value of its kind',
  shape: 'see the examples in FORMAT.md, Tests',
  limit: 'say it in two rules',
  record: 'read the record in the rules',
  id: 'give each rule an id of its own',
  list: 'name a folder below lists/',
  suspension: 'restore the file from the last commit, and use `comity policy suspend`',
}

/** Notes a fault of the engine, with its fix. */
export function noteFault(fault: Fault, note: Note): void {
  const { message, fix } = mended(fault)
  const { place, code } = fault
  const operator = code === 'operator' ? /`([^`]+)`/.exec(message)?.[1] : undefined
  if (operator !== undefined) note(place + at(operator), code, message, fix, { part: 'name' })
  else note(code === 'fact' && !place.endsWith('/var') ? `${place}/var` : place, code, message, fix)
}

/** Message and fix of a fault of the engine. */
export function mended({ code, message, fix: own }: Fault): {
  readonly message: string
  readonly fix: string
} {
  if (own !== undefined) return { message, fix: own }
  const named = /`([^`]+)`/.exec(message)?.[1] ?? ''
  if (code === 'operator' && meant[named] !== undefined)
    return { message: firstPart(message), fix: `did you mean \`${meant[named]}\`?` }
  const [, first = message, rest] = /^(.*?)(; .*)?$/s.exec(message) ?? []
  if (code === 'claim') {
    const fact = /`(request\.[^`]+)`/.exec(message)?.[1] ?? ''
    // An instrument in force displaces and obliges; what permits is what it covers.
    const permits = message.startsWith('a permit') && fact === 'request.instrument'
    const better = permits ? 'arrangement.covers' : checked[fact]
    const relies = message.startsWith('this rule') ? 'name the article in `relies`' : undefined
    const read = better === undefined ? 'read a checked fact' : `read \`${better}\``
    return { message: first, fix: relies === undefined ? read : `${read}, or ${relies}` }
  }
  if (rest !== undefined) return { message: first, fix: asFix(rest) ?? '' }
  const never = /^`([^`]+)` is never `/.exec(message)?.[1]
  const fact = never === undefined ? undefined : vocabulary[never]
  if (fact?.type === 'enum')
    return {
      message,
      fix: `write one of ${Object.keys(fact.values)
        .map((each) => `\`${each}\``)
        .join(', ')}`,
    }
  if (/is compared with a number/.test(message))
    return { message, fix: 'write a number, without quotes' }
  if (/is compared with a boolean/.test(message))
    return { message, fix: 'write true or false, without quotes' }
  if (/is compared with a string/.test(message)) return { message, fix: 'write a text, in quotes' }
  if (/are written as a list/.test(message)) return { message, fix: 'put them between [ and ]' }
  if (/keepLast/.test(message))
    return { message, fix: 'with `mask` write `"keepLast": 4`; without it take `keepLast` away' }
  return { message, fix: byCode[code] ?? 'see FORMAT.md for how it is written' }
}

const firstPart = (message: string): string => message.split(';')[0] ?? message
