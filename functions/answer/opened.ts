/** The only reader of entries: the personal part of one, opened with its subject's key and checked. */

import { ComityError } from '../failure.ts'
import {
  type EntryKind,
  type Evidence,
  type Openings,
  openEntry,
  wrongOpenings,
} from '../ledger/entry.ts'
import type { Stored, World } from '../ports.ts'
import { type Said, saidSchemas } from './said.ts'

/** What opens entries. */
export type Opener = Pick<World, 'subjectKeys'>

/** An entry of some kind, opened: what it says, and the call that it came of. */
export type OpenedEntry = {
  readonly [K in EntryKind]: {
    readonly kind: K
    readonly values: Said[K]
    readonly evidence: Evidence
  }
}[EntryKind]

/** A decision, opened. */
export type Opened = Said['decision'] & { readonly evidence: Evidence }

/**
 * Opens a decision's entry for whoever acts on it or is given it again; undefined once its key was erased,
 * and while it is kept as evidence only (LED art. 16(3)); and of an entry of another kind.
 * Throws if an opening does not fit its commitment: then somebody changed the entry.
 */
export const open = (stored: Stored, { subjectKeys }: Opener): Promise<Opened | undefined> =>
  openKept(stored, { subjectKeys: { ...subjectKeys, open: subjectKeys.openToAct } })

/**
 * The same of one that is kept as evidence only, too: to prove it, to restore what it did, and for what makes
 * answers stricter.
 */
export const openKept = async (stored: Stored, world: Opener): Promise<Opened | undefined> =>
  decisionIn(await openAny(stored, world))

/** What is open of a decision; undefined of anything else. */
export const decisionIn = (opened: OpenedEntry | undefined): Opened | undefined =>
  opened?.kind === 'decision' ? { ...opened.values, evidence: opened.evidence } : undefined

/** Opens an entry of any kind; undefined once its key was erased. Throws as `open` does. */
export async function openAny(stored: Stored, world: Opener): Promise<OpenedEntry | undefined> {
  const kek = await world.subjectKeys.open(stored.kid)
  if (kek === undefined) return undefined
  const { t: kind, eid } = stored.leaf
  const { openings, evidence } = openingsOf(stored, kek)
  const values = Object.fromEntries(
    Object.entries(openings).map(([name, { value }]) => [name, value]),
  )
  if (!saidSchemas[kind].safeParse(values).success)
    throw new ComityError(`couldn’t open entry ${eid}: it is no ${kind}`, 'changed')
  // A cast: the schema of its kind has just held. Not what it gave, which has lost what it does not know.
  return { kind, values, evidence } as OpenedEntry
}

/** What is behind each commitment of an entry, with its salt. Throws as `open` does. */
export function openingsOf(
  { leaf, ciphertext }: Stored,
  kek: Uint8Array,
): { readonly openings: Openings; readonly evidence: Evidence } {
  const opened = openEntry(leaf, ciphertext, kek)
  const wrong = wrongOpenings(leaf, opened.openings)
  if (wrong.length > 0)
    throw new ComityError(
      `couldn’t open entry ${leaf.eid}: ${wrong.join(', ')} was changed`,
      'changed',
    )
  return opened
}
