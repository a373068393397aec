/** The personal part of an entry, opened with the subject's key. */

import type { DecidedItem, Decision } from '../decision/decide.ts'
import type { Facts, Item } from '../decision/facts.ts'
import type { Sources } from '../decision/gather.ts'
import { ComityError } from '../failure.ts'
import { type Evidence, openEntry, wrongOpenings } from '../ledger/entry.ts'
import type { Stored, World } from '../ports.ts'
import type { Reply } from './reply.ts'
import type { Call } from './signed-call.ts'

/** What opens entries. */
export type Opener = Pick<World, 'subjectKeys'>

/** What a decision's entry holds behind its commitments. */
export type Opened = {
  readonly call: Call
  readonly subject: {
    readonly asked: string
    readonly match: string
    readonly found: readonly (readonly string[])[]
  }
  readonly matter: {
    readonly caseReference: string
    readonly purpose: string
    readonly holder: string
    /** The first request of the matter, and when it was made; absent before matters had an id. */
    readonly id?: string
    readonly since?: string
    /** The classes that were asked for; absent before each was judged before the fetch. */
    readonly classes?: readonly string[]
    /** Before matters had an id: the open denials that this request asked again, the last one first. */
    readonly asked?: readonly string[]
  }
  readonly facts: { readonly facts: Facts; readonly sources: Sources }
  readonly items: readonly Item[]
  readonly decision: Decision
  readonly told: {
    readonly reply: Reply
    readonly decided: readonly DecidedItem[]
    readonly recordId: string | null
    readonly paySalt: string
  }
  readonly evidence: Evidence
}

/**
 * Opens a decision's entry for whoever acts on it or is given it again; undefined once its key was erased,
 * and while it is kept as evidence only (LED art. 16(3)).
 * Throws if an opening does not fit its commitment: then somebody changed the entry.
 */
export const open = (stored: Stored, { subjectKeys }: Opener): Promise<Opened | undefined> =>
  openKept(stored, { subjectKeys: { ...subjectKeys, open: subjectKeys.openToAct } })

/**
 * The same of one that is kept as evidence only, too: to prove it, to restore what it did, and for what makes
 * answers stricter.
 */
export async function openKept(stored: Stored, world: Opener): Promise<Opened | undefined> {
  const { values, evidence } = (await openAny(stored, world)) ?? {}
  return values === undefined ? undefined : ({ ...values, evidence } as Opened)
}

/** What is behind the commitments of an entry of any kind, and the call that it came of. */
export type OpenedEntry = {
  readonly values: Readonly<Record<string, unknown>>
  readonly evidence: Evidence
}

/** Opens an entry of any kind; undefined once its key was erased. Throws as `open` does. */
export async function openAny(stored: Stored, world: Opener): Promise<OpenedEntry | undefined> {
  const kek = await world.subjectKeys.open(stored.kid)
  if (kek === undefined) return undefined
  const { openings, evidence } = openEntry(stored.leaf, stored.sealed, kek)
  const wrong = wrongOpenings(stored.leaf, openings)
  if (wrong.length > 0)
    throw new ComityError(
      `couldn’t open entry ${stored.leaf.eid}: ${wrong.join(', ')} was changed`,
      'changed',
    )
  const values = Object.fromEntries(
    Object.entries(openings).map(([name, { value }]) => [name, value]),
  )
  return { values, evidence }
}

/** What there is about a subject, as the entry of an act on it says. */
export type About = {
  /** Pseudonyms that were looked under. */
  readonly subjects: readonly string[]
  /** Ids of entries. */
  readonly entries: readonly string[]
  /** Ids of the keys that open them. */
  readonly keys: readonly string[]
  /** Whose keys these are, by pseudonym; absent in acts of before they were noted. */
  readonly owners?: readonly string[]
  /** How many of the identifiers that were given fit several records, as far as the log shows. */
  readonly shared: number
  /**
   * How many of the entries each other jurisdiction asked for: its auditors are told. Absent in acts of
   * before they were.
   */
  readonly requesters?: Readonly<Record<string, number>>
}
