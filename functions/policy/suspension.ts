/** Suspensions: in an emergency one person stops what a version permits, and a second confirms it. */

import canonicalize from 'canonicalize'
import * as z from 'zod'
import type { Fault } from './book.ts'
import { type Suspension, sealerSchema, suspensionSchema } from './policy.ts'
import { folderOf } from './seal.ts'
import { checkSignatures, type Signed } from './signed.ts'

/** How long one signature suspends before the second must be there. A choice of ours. */
export const confirmDays = 7

/** What a sealer signs to suspend a version, or to lift that. */
export const suspending = ({ act, path, sha256, from, why }: Omit<Suspension, 'signatures'>) =>
  canonicalize({ act, path, sha256, from, why }) ?? ''

/** From a moment on, until before another; without `until` it is open. */
export type Span = { readonly from: string; readonly until?: string }

/** A suspension of one version, and the lift that waits for its second signature, if one does. */
export type Suspended = Span &
  Signed & {
    readonly statement: Suspension
    readonly lift?: Signed & { readonly statement: Suspension }
  }

/** The suspensions of a path with a digest, in the order of time. */
export type SuspensionsOf = (path: string, digest: string) => readonly Suspended[]

/** Whether a moment lies in a span. */
export const covers = ({ from, until }: Span, moment: string): boolean =>
  Date.parse(from) <= Date.parse(moment) &&
  (until === undefined || Date.parse(moment) < Date.parse(until))

/** When a suspension lapses that nobody confirms. */
export const lapseOf = (from: string): string =>
  new Date(Date.parse(from) + confirmDays * 86_400_000).toISOString()

/**
 * Checks the statements in `suspensions.json` against the sealers that a deployment trusts. One
 * signature suspends until it lapses, a second before then without end; a lift needs both.
 * Nothing is stated backwards in time.
 */
export function checkSuspensions(
  statements: unknown,
  sealers: unknown,
): { readonly suspensionsOf: SuspensionsOf; readonly faults: readonly Fault[] } {
  const faults: Fault[] = []
  const { data: known = [] } = z.array(sealerSchema).safeParse(sealers)
  const stated = z.array(suspensionSchema).safeParse(statements)
  const fault = (place: string, message: string) =>
    faults.push({ path: 'suspensions.json', place, code: 'suspension', message })
  if (!stated.success)
    fault('', 'it is missing or no list of suspensions; `[]` says that there is none')
  const all = new Map<string, Suspended[]>()
  let before = ''
  for (const [i, statement] of (stated.data ?? []).entries()) {
    const { path, sha256, from, signatures } = statement
    const said = { text: suspending(statement), folder: folderOf(path), began: from }
    const signed = checkSignatures(kind, said, signatures, known)
    const key = `${path} ${sha256}`
    const own = all.get(key) ?? []
    const next =
      before !== '' && Date.parse(from) < Date.parse(before)
        ? 'it is older than the one before it'
        : 'wrong' in signed
          ? signed.wrong
          : added(own, statement, signed)
    before = from
    if (typeof next === 'string') fault(`/${i}`, `the statement on ${path} does not count: ${next}`)
    else all.set(key, next)
  }
  return { suspensionsOf: (path, digest) => all.get(`${path} ${digest}`) ?? [], faults }
}

const kind = 'comity-suspension+jws'

/** The suspensions of a version with one statement more, or why it cannot follow them. */
function added(own: readonly Suspended[], statement: Suspension, signed: Signed) {
  const { act, from } = statement
  const last = own.at(-1)
  const current = last !== undefined && covers(last, from) ? last : undefined
  const { completeAt } = signed
  if (act === 'suspend') {
    if (current !== undefined) return 'it is suspended already'
    const lapse = lapseOf(from)
    if (completeAt === undefined) return [...own, { ...signed, statement, from, until: lapse }]
    if (Date.parse(completeAt) >= Date.parse(lapse)) return 'it was confirmed after it had lapsed'
    return [...own, { ...signed, statement, from }]
  }
  if (current === undefined) return 'it is not suspended'
  if (current.lift !== undefined) return 'it is being lifted already'
  const others = own.slice(0, -1)
  if (completeAt === undefined) return [...others, { ...current, lift: { ...signed, statement } }]
  return covers(current, completeAt) ? [...others, { ...current, until: completeAt }] : own.slice()
}
