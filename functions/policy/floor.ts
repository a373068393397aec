/** The floor: the oldest set of the law that may start. Each is a statement in a chain that only grows. */

import canonicalize from 'canonicalize'
import * as z from 'zod'
import { type Fault, saying } from './book.ts'
import {
  breakWords,
  emptyTip,
  followChain,
  linkSchema,
  nextLink,
  reaches,
  type Tip,
  textOfLink,
  tipSchema,
} from './chain.ts'
import { type ReleaseKey, whySchema } from './policy.ts'
import { type FolderSeals, sealsFile } from './seal.ts'
import { digestOfSet, type LawSet } from './set.ts'
import { keysOf, type SealingKey, signaturesOver, signStatement } from './signed.ts'

/** The name of the chain. */
export const lawChain = 'law'

const floorSchema = linkSchema(
  z.strictObject({
    act: z.literal('floor'),
    /** The set, by its digest, and how far it has come in each folder. */
    set: z.string().regex(/^[0-9a-f]{64}$/),
    heads: z.record(z.string().regex(/^[a-z0-9-]+$/), tipSchema),
    /** Why the floor goes down; one that goes up needs no reason. */
    why: whySchema.optional(),
  }),
).extend({ signatures: z.array(z.string()).min(2).max(4) })
export type Floor = z.infer<typeof floorSchema>

/** A statement that a set is the floor from now on, signed with two release keys. */
export function floorOf(
  set: LawSet,
  tip: Tip,
  statedAt: string,
  why: string | undefined,
  keys: readonly SealingKey[],
): Floor {
  const heads = Object.fromEntries(
    Object.entries(set.folders).map(([folder, { head }]) => [folder, head]),
  )
  const body = { act: 'floor' as const, set: digestOfSet(set), heads }
  const link = nextLink(lawChain, tip, statedAt, { ...body, ...(why === undefined ? {} : { why }) })
  return { ...link, signatures: keys.map((key) => signStatement(kind, textOfLink(link), key)) }
}

/** What the chain comes to: the floor that holds, if one was ever stated, and its end; or where it is broken. */
export type Floors = { readonly tip: Tip; readonly floor?: Floor } | { readonly fault: Fault }

/**
 * Follows the chain by rows as they were read. Each statement must be signed with two of the release keys;
 * one that lowers the floor says why. Nothing after a statement that does not count counts.
 */
export function followFloors(rows: readonly unknown[], keys: readonly ReleaseKey[]): Floors {
  const fault = (at: number, message: string): Floors => ({
    fault: {
      ...{ path: lawChain, place: `/${at + 1}`, code: 'floor', message },
      fix: 'whoever answers for the table takes that row away, and finds out who wrote it',
    },
  })
  const parsed = rows.map((row) => floorSchema.safeParse(row))
  const odd = parsed.findIndex(({ success }) => !success)
  if (odd >= 0) return fault(odd, 'it is no statement of a floor')
  const links = parsed.flatMap(({ data }) => (data === undefined ? [] : [data]))
  const { tips, broken } = followChain(lawChain, links)
  if (broken !== undefined) return fault(broken.at, breakWords[broken.why])
  let before: Floor | undefined
  for (const [at, floor] of links.entries()) {
    const { statedAt, signatures, body } = floor
    const then = keys.filter(
      ({ leftAt }) => leftAt === undefined || Date.parse(statedAt) <= Date.parse(leftAt),
    )
    const good = signaturesOver(kind, textOfLink(floor), statedAt, signatures, then)
    if (good.length < signatures.length || keysOf(good).size < 2)
      return fault(at, 'it needs the signatures of two different release keys, and no others')
    if (before !== undefined && body.why === undefined && isLower(body.heads, before.body.heads))
      return fault(at, 'it lowers the floor, and does not say why')
    before = floor
  }
  const tip = tips.at(-1) ?? emptyTip
  return before === undefined ? { tip } : { tip, floor: before }
}

/** Whether a floor names less of some folder than the one before, or another history of it. */
export const isLower = (heads: Floor['body']['heads'], before: Floor['body']['heads']): boolean =>
  Object.entries(before).some(([folder, then]) => {
    const now = heads[folder]
    return (
      now === undefined ||
      now.number < then.number ||
      (now.number === then.number && canonicalize(now) !== canonicalize(then))
    )
  })

/**
 * Why a set may not start, if so: in some folder it has not come to the seal which the floor names, or not by
 * the same history. None stated means that nothing may.
 */
export function belowFloor(
  { set, folders }: { readonly set: LawSet; readonly folders: ReadonlyMap<string, FolderSeals> },
  floors: Floors,
): string | undefined {
  if ('fault' in floors)
    return `the floor is not known: statement ${floors.fault.place.slice(1)} of \`${lawChain}\` does not count: ${saying(floors.fault)}`
  const { floor } = floors
  if (floor === undefined) return 'no floor is stated; a release states one: `comity policy floor`'
  for (const [folder, head] of Object.entries(floor.body.heads)) {
    const come = set.folders[folder]?.head.number ?? 0
    if (come < head.number || !reaches(folders.get(folder)?.tips ?? [], head))
      return `the law is older than may start, or another: the set has come to seal ${come} of ${sealsFile(folder)}, and the floor is seal ${head.number} of \`${folder}\`; start a newer set, or lower the floor: \`comity policy floor --why "…"\``
  }
  return undefined
}

const kind = 'comity-floor+jws'
