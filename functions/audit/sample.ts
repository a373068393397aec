/** A sample of a log that its checkpoint decides: anyone draws the same one, and nobody chooses it. */

import * as z from 'zod'
import type { SignedCall } from '../answer/signed-call.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import { sampleOf } from '../ledger/sample.ts'
import type { AuditLine, AuditWorld } from '../log-ports.ts'
import { lineOf } from '../sealing/lookup-rows.ts'
import { type Consulted, consult, purposeSchema } from './consult.ts'
import type { NotShown } from './list-decisions.ts'
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

/** An entry of a sample: its line, or that it is not what was sealed there. */
export type Sampled = { readonly index: number } & (
  | (AuditLine & { readonly erased?: true; readonly restricted?: true })
  | { readonly id: string; readonly wrong: string }
)

/** A sample, in the order in which it was drawn, with the checkpoint to draw it again. */
export type Sample = {
  readonly kind: 'sampled'
  readonly consulted: Consulted
  readonly log: string
  readonly size: number
  /** The signed note, word for word. */
  readonly checkpoint: string
  readonly entries: readonly Sampled[]
}

/** Draws a sample; what is another jurisdiction's log is like what does not exist. */
export async function sample(
  call: SignedCall,
  { purpose, log, size, n }: z.infer<typeof sampleQuerySchema>,
  world: AuditWorld,
): Promise<Sample | { readonly kind: 'no-such-entry' } | NotShown> {
  const agency = actorOf(call)
  const { jurisdiction } = agency
  if (authorize(agency, 'sample', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const holder = holderOf(log, world.gateway)
  if (holder === undefined || authorize(agency, 'sample', { holder }) === undefined)
    return { kind: 'no-such-entry' }
  const head = await publishedHead(log, world, size)
  if (head === undefined) return { kind: 'no-such-entry' }
  const places = sampleOf(head.root, head.size, n)
  const found = await sealedEntries(log, head.size, places, world)
  const stored = found.flatMap((each) => ('stored' in each ? [each.stored] : []))
  const readable = await readFor(purpose, stored, world)
  const lines = new Map(readable.map((each) => [each.stored.leaf.eid, lineIn(each)]))
  const entries = found.map(
    (each): Sampled =>
      'wrong' in each
        ? { index: each.index, id: each.eid, wrong: each.wrong }
        : { index: each.index, ...(lines.get(each.eid) ?? { id: each.eid, wrong: 'it is gone' }) },
  )
  const question = { action: 'sample', log, size: head.size, n }
  const shown = entries.map(({ id }) => id)
  const consulted = await consult(call, jurisdiction, { purpose, question, shown }, world)
  if (consulted.kind !== 'recorded') return consulted
  return { kind: 'sampled', consulted, log, size: head.size, checkpoint: head.note, entries }
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
