/** Logged decisions as legal editors see them: what the rules read, and never a person. */

import * as z from 'zod'
import { cursorAt, placeOfCursor } from '../answer/cursor.ts'
import { open } from '../answer/opened.ts'
import type { SignedCall } from '../answer/signed-call.ts'
import {
  type LoggedDecision,
  loggedFactsOf,
  type NamesInBook,
  namesIn,
} from '../decision/logged-facts.ts'
import { actorOf, authorize } from '../identity/authorize.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { type Consulted, consult, purposeSchema } from './consult.ts'
import { momentSchema, pageShape } from './entry-filter.ts'
import { linesReadMax, type NotShown } from './list-decisions.ts'
import { rangeOf, readLines } from './read-lines.ts'

/** What a query for logged facts may ask. */
export const factsPageSchema = z.strictObject({
  purpose: purposeSchema,
  from: momentSchema.optional().describe('Inclusive.'),
  until: momentSchema.optional().describe('Exclusive.'),
  ...pageShape,
})

/** A page, the newest decision first; erased and restricted ones are left out. */
export type FactsPage = {
  readonly kind: 'page'
  readonly consulted: Consulted
  readonly facts: readonly LoggedDecision[]
  /** There may be more, even after a page that is short or empty. */
  readonly next?: string
}

/** Decisions of the asker's jurisdiction as holder; dry runs are none. */
export async function loggedFactsPage(
  call: SignedCall,
  { limit, cursor, ...filter }: z.infer<typeof factsPageSchema>,
  world: AuditWorld,
): Promise<FactsPage | NotShown> {
  const agency = actorOf(call)
  const { jurisdiction } = agency
  if (authorize(agency, 'read-facts', { holder: jurisdiction }) === undefined)
    return { kind: 'not-your-role' }
  const question = { action: 'read-facts', ...filter }
  const bound = { agency: agency.id, question }
  const before = cursor === undefined ? undefined : placeOfCursor(cursor, bound, world.secrets)
  if (cursor !== undefined && before === undefined) return { kind: 'wrong-cursor' }
  const { lines, reached } = await readLines(world.lookups, {
    key: { jurisdiction, by: 'all', value: '' },
    range: rangeOf(filter, before),
    wanted: ({ kind, hj, dryRun }) =>
      kind === 'decision' &&
      dryRun === undefined &&
      authorize(agency, 'read-facts', { holder: hj }) !== undefined,
    limit,
    readMax: linesReadMax,
  })
  const stored = await world.ledger.readAll(lines.map(({ id }) => id))
  const names = namesIn((await world.law.now()).book)
  const found = await Promise.all(
    lines.map(({ id }) => {
      const entry = stored.get(id)
      return entry === undefined ? undefined : factsOf(entry, names, world)
    }),
  )
  const facts = found.filter((each) => each !== undefined)
  const { purpose } = filter
  const shown = facts.map(({ id }) => id)
  const consulted = await consult(call, jurisdiction, { purpose, question, shown }, world)
  if (consulted.kind !== 'recorded') return consulted
  const next = reached === undefined ? {} : { next: cursorAt(reached, bound, world.secrets) }
  return { kind: 'page', consulted, facts, ...next }
}

async function factsOf(
  stored: Stored,
  names: NamesInBook,
  world: AuditWorld,
): Promise<LoggedDecision | undefined> {
  const opened = await open(stored, world)
  if (opened === undefined) return undefined
  const { leaf } = stored
  const { facts, items, decision } = opened
  return loggedFactsOf(
    {
      id: leaf.eid,
      ts: leaf.ts,
      facts: facts.facts,
      items,
      decision,
      policies: leaf.pol,
      lists: leaf.lists,
    },
    names,
  )
}
