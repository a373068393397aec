/** A sample of a log that its checkpoint decides: anyone draws the same one, and nobody chooses it. */

import * as z from 'zod'
import { authorize } from '../identity/authorize.ts'
import { sampleOf } from '../ledger/sample.ts'
import type { AuditWorld } from '../log-ports.ts'
import { lineOf } from '../sealing/lookup-rows.ts'
import { type Asker, notFound, type Plain, purposeSchema, type Read, type Refused } from './look.ts'
import { lineSchema } from './read-lines.ts'
import { type Readable, readFor } from './readable.ts'
import { publishedHead, sealedEntries } from './sealed-entries.ts'

/** What a query for a sample may ask. */
export const sampleQuerySchema = z.strictObject({
  purpose: purposeSchema,
  log: z.string().max(200).describe('Such as `comity.example/de/2026`.'),
  size: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, 'the size of a published checkpoint')
    .transform(Number)
    .optional()
    .describe('Of the checkpoint that decides; without it, the newest one does.'),
  n: z
    .string()
    .regex(/^([1-9]\d?|[1-4]\d\d|500)$/, 'a number from 1 to 500')
    .transform(Number),
})

const index = z.int().describe('Its place in the log.')
const gone = z.literal(true).optional()

/** A sample, in the order in which it was drawn, with the checkpoint to draw it again. */
export const sampleSchema = z.strictObject({
  log: z.string(),
  size: z.int(),
  checkpoint: z.string().describe('The signed note, word for word.'),
  entries: z.array(
    z.union([
      lineSchema.extend({ index, erased: gone, restricted: gone }),
      z.strictObject({ index, id: z.string(), wrong: z.string() }),
    ]),
  ),
})

/** Draws a sample; what is another jurisdiction's log is like what does not exist. */
export async function sample(
  { purpose, log, size, n }: z.infer<typeof sampleQuerySchema>,
  asker: Asker,
  world: AuditWorld,
): Promise<Refused | Read<Plain<z.infer<typeof sampleSchema>>>> {
  const holder = holderOf(log, world.gateway)
  if (holder === undefined || authorize(asker, 'sample', { holder }) === undefined) return notFound
  const head = await publishedHead(log, world, size)
  if (head === undefined) return notFound
  const places = sampleOf(head.root, head.size, n)
  const found = await sealedEntries(log, head.size, places, world)
  const stored = found.flatMap((each) => ('stored' in each ? [each.stored] : []))
  const readable = await readFor(purpose, stored, world)
  const lines = new Map(readable.map((each) => [each.stored.leaf.eid, lineIn(each)]))
  const entries = found.map((each) =>
    'wrong' in each
      ? { index: each.index, id: each.eid, wrong: each.wrong }
      : { index: each.index, ...(lines.get(each.eid) ?? { id: each.eid, wrong: 'it is gone' }) },
  )
  return {
    question: { log, size: head.size, n },
    shown: entries.map(({ id }) => id),
    answer: { log, size: head.size, checkpoint: head.note, entries },
  }
}

/** Whose log it is, if it has the name of one of this gateway. */
function holderOf(log: string, gateway: string): string | undefined {
  const name = log.startsWith(`${gateway}/`) ? log.slice(gateway.length) : ''
  return /^\/([a-z]{2}|interpol|europol)\/\d{4}$/.exec(name)?.[1]?.toUpperCase()
}

const lineIn = ({ stored, opened, isErased, isRestricted }: Readable) => ({
  ...lineOf(stored, opened, 'holder'),
  ...(isErased ? { erased: true as const } : {}),
  ...(isRestricted ? { restricted: true as const } : {}),
})
