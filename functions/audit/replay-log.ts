/** Entries of a log decided again, many at once, for auditors of the holder's jurisdiction. */

import * as z from 'zod'
import { entryIdSchema } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import { logOf } from '../ledger/entry.ts'
import { proveInclusion, verifyInclusion } from '../ledger/merkle.ts'
import { tileReader } from '../ledger/tiles.ts'
import { isLogName } from '../ledger/verify-files.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { type Asker, notFound, purposeSchema, type Read, type Refused } from './look.ts'
import { replay } from './replay.ts'
import { type FoundEntry, publishedHead, sealedEntries } from './sealed-entries.ts'

/** Most entries that one call decides again. */
export const replayedMax = 500

const index = z.int().nonnegative()
const purpose = purposeSchema
const log = z.string().refine(isLogName, 'the name of a log, such as comity.example/de/2026')

/** The body of `POST /v1/replays`. */
export const replaysSchema = z.union([
  z
    .strictObject({ purpose, log, from: index, until: index.describe('Exclusive.') })
    .refine(({ from, until }) => from < until && until - from <= replayedMax, {
      message: `from one place to a later one, at most ${replayedMax} of them`,
      path: ['until'],
    }),
  z.strictObject({ purpose, log, indices: z.array(index).min(1).max(replayedMax) }),
  z.strictObject({ purpose, entries: z.array(entryIdSchema).min(1).max(300) }),
])
type Replays = z.infer<typeof replaysSchema>

/** An entry that is not decided as it was, or that was changed; `index` is null of one asked for by its id. */
const differingSchema = z.strictObject({
  id: z.string(),
  index: z.int().nullable(),
  why: z.string(),
})

/** The answer: how many came out the same, and what did not. */
export const replayedSchema = z.strictObject({
  same: z.int(),
  erased: z.int().describe('Their keys are gone. Of entries by place, the proofs hold as before.'),
  notDecisions: z.int(),
  differs: z.array(differingSchema),
})

/** Decides entries again, each by the law as it was known at its moment. */
export async function replayLog(
  asked: Replays,
  asker: Asker,
  world: AuditWorld,
): Promise<Refused | Read<z.infer<typeof replayedSchema>>> {
  const found = await entriesOf(asked, asker, world)
  if (found === undefined) return notFound
  const counts = { same: 0, erased: 0, notDecisions: 0 }
  const differs: z.infer<typeof differingSchema>[] = []
  for (const entry of found.entries) {
    const replayed = await replayAt(entry, found.holds, world)
    if (replayed.kind === 'differs')
      differs.push({ id: entry.eid, index: entry.index ?? null, why: replayed.why })
    else counts[replayed.kind === 'not-a-decision' ? 'notDecisions' : replayed.kind] += 1
  }
  const { purpose: _, ...question } = asked
  return { question, shown: differs.map(({ id }) => id), answer: { ...counts, differs } }
}

/** An entry, at its place if it was asked for by that. */
type Asked = FoundEntry & { readonly index?: number }
/** Whether the tiles lead from an entry to the checkpoint. */
type Holds = (entry: Asked & { readonly stored: Stored }) => Promise<boolean>

/** The entries asked for; undefined if one is of another jurisdiction, or does not exist. */
async function entriesOf(
  asked: Replays,
  agency: Asker,
  world: AuditWorld,
): Promise<{ readonly entries: readonly Asked[]; readonly holds: Holds } | undefined> {
  if ('entries' in asked) {
    const eids = [...new Set(asked.entries)]
    const stored = await world.ledger.readAll(eids)
    const entries = eids.flatMap((eid) => {
      const entry = stored.get(eid)
      if (entry === undefined) return []
      const right = authorize(agency, 'replay', { holder: entry.leaf.hj })
      return right === undefined ? [] : [{ eid, stored: entry }]
    })
    return entries.length < eids.length ? undefined : { entries, holds: async () => true }
  }
  if (!asked.log.startsWith(logOf(world.gateway, agency.jurisdiction, ''))) return undefined
  const head = await publishedHead(asked.log, world)
  const indices =
    'indices' in asked
      ? asked.indices
      : Array.from({ length: asked.until - asked.from }, (_, i) => asked.from + i)
  if (head === undefined || indices.some((each) => each >= head.size)) return undefined
  const { log, size, root } = head
  const read = tileReader(size, (path) => world.archive.get(`${log}/${path}`))
  const holds: Holds = async ({ index = 0, stored }) =>
    verifyInclusion(stored.leafHash, index, size, await proveInclusion(index, size, read), root)
  return { entries: await sealedEntries(log, size, indices, world), holds }
}

async function replayAt(entry: Asked, holds: Holds, world: AuditWorld): ReturnType<typeof replay> {
  if ('wrong' in entry) return { kind: 'differs', why: entry.wrong }
  if (!(await holds(entry)))
    return { kind: 'differs', why: 'its proof does not hold: the log was changed' }
  try {
    return await replay(entry.stored, world)
  } catch (error) {
    if (world.isStoreAway(error)) throw error
    return { kind: 'differs', why: 'it cannot be opened: somebody changed it' }
  }
}
