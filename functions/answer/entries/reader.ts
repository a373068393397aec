/** The only reader of entries: opens the personal part with its subject's key, and checks it. */

import { type AccessRequest, requestFrom } from '../../decision/request.ts'
import { ComityError, wasChanged } from '../../failure.ts'
import {
  type Beside,
  type EntryKind,
  type Evidence,
  type Kek,
  openEntry,
  wrongOpenings,
} from '../../ledger/entry.ts'
import type { Stored, World } from '../../ports.ts'
import { wholeFormOf } from './short-form.ts'
import { type Values, valueSchemas } from './values.ts'

/** The part of the world that opens entries. */
export type Opener = Pick<World, 'subjectKeys'>

/** An opened entry of any kind: what it says, and the call that made it. */
export type OpenedEntry = {
  readonly [K in EntryKind]: {
    readonly kind: K
    readonly values: Values[K]
    readonly evidence: Evidence
    /** What was found was destroyed for an act on a person, and is as if nothing had been. */
    readonly isLeft?: true
  }
}[EntryKind]

/** An opened decision. */
export type Opened = Values['decision'] & Pick<OpenedEntry, 'evidence' | 'isLeft'>

/**
 * Opens a decision's entry, to act on it or to give it again. Undefined once its key was erased, while it is
 * kept as evidence only (LED art. 16(3)), and for other kinds of entry. Throws if an opening does not fit its
 * commitment: somebody changed the entry.
 */
export const open = (stored: Stored, { subjectKeys }: Opener): Promise<Opened | undefined> =>
  openKept(stored, { subjectKeys: { ...subjectKeys, open: subjectKeys.openToAct } })

/**
 * Like `open`, but also opens what is kept as evidence only: to prove it, to restore its effects, and to make
 * answers stricter.
 */
export const openKept = async (stored: Stored, world: Opener): Promise<Opened | undefined> =>
  decisionIn(await openAny(stored, world))

/** The opened decision; undefined for other kinds of entry. */
export const decisionIn = (opened: OpenedEntry | undefined): Opened | undefined =>
  opened?.kind === 'decision'
    ? { ...opened.values, evidence: opened.evidence, ...(opened.isLeft && { isLeft: true }) }
    : undefined

/** The request as it was sent. */
export const requestIn = ({ evidence }: Pick<Opened, 'evidence'>): AccessRequest =>
  requestFrom(evidence.body)

/** Opens an entry of any kind; undefined once its key was erased. Throws as `open` does. */
export async function openAny(
  stored: Stored,
  world: { readonly subjectKeys: Pick<World['subjectKeys'], 'open'> },
): Promise<OpenedEntry | undefined> {
  const kek = await world.subjectKeys.open(stored.kid)
  if (kek === undefined) return undefined
  const opened = openingsOf(stored, kek)
  return opened && entryIn(stored, opened)
}

/** What an entry says, from all that was behind its commitments. Throws if it is not of its kind. */
export function entryIn({ leaf }: Stored, { openings, evidence, isLeft }: Beside): OpenedEntry {
  const { t: kind, eid, v } = leaf
  if (!Object.hasOwn(valueSchemas, kind))
    throw new ComityError(
      `couldn’t open entry ${eid}: a newer build wrote it, of the kind \`${kind}\``,
      'newer',
    )
  const kept = Object.fromEntries(
    Object.entries(openings).map(([name, { value }]) => [name, value]),
  )
  const values = kind === 'decision' && v >= 3 ? wholeFormOf(leaf, kept) : kept
  if (!valueSchemas[kind].safeParse(values).success)
    throw new ComityError(`couldn’t open entry ${eid}: it is no ${kind}`, 'changed')
  // A cast: the schema of its kind has just held. Its output is not used, as it drops unknown members.
  return { kind, values, evidence, ...(isLeft && { isLeft }) } as OpenedEntry
}

/**
 * The value and salt behind each commitment of an entry. Undefined if a call made it by a key that was being replaced:
 * nothing opens it any more, as if it had been erased. Throws as `open` does.
 */
export function openingsOf({ leaf, ciphertext }: Stored, kek: Kek): Beside | undefined {
  let opened: Beside
  try {
    opened = openEntry(leaf, ciphertext, kek)
  } catch {
    if (kek.left !== undefined) return undefined
    throw wasChanged(`couldn’t open entry ${leaf.eid}: its bytes were changed`)
  }
  const { isLeft, openings } = opened
  const wrong = wrongOpenings(leaf, openings).filter(
    (name) => !isLeft || openings[name]?.salt !== '',
  )
  if (wrong.length > 0)
    throw new ComityError(
      `couldn’t open entry ${leaf.eid}: ${wrong.join(', ')} was changed`,
      'changed',
    )
  return opened
}
