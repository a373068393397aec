/** Entries as they may be read for a purpose: whole, or without their personal part. */

import { type OpenedEntry, openAny } from '../answer/opened.ts'
import type { Stored, World } from '../ports.ts'
import { isForCourt, type Purpose } from './look.ts'

/** An entry, and what is behind its commitments as far as that may be read. */
export type Readable = {
  readonly stored: Stored
  /** Its key is gone. */
  readonly isErased: boolean
  /** It is kept as evidence only (LED art. 16(3)): for another purpose it is not opened. */
  readonly isRestricted: boolean
  readonly opened?: OpenedEntry
}

/** Entries worked on at once. */
const atOnce = 100

/** Opens what may be read for a purpose. Throws if an entry was changed. */
export async function readFor(
  purpose: Purpose,
  entries: readonly Stored[],
  { subjectKeys }: Pick<World, 'subjectKeys'>,
): Promise<readonly Readable[]> {
  const all: Readable[] = []
  for (let at = 0; at < entries.length; at += atOnce) {
    const some = entries.slice(at, at + atOnce)
    const kids = [...new Set(some.map(({ kid }) => kid))]
    const keys = new Map(
      await Promise.all(kids.map(async (kid) => [kid, await keyOf(kid)] as const)),
    )
    all.push(...(await Promise.all(some.map((stored) => read(stored, keys.get(stored.kid))))))
  }
  return all

  async function keyOf(kid: string) {
    const [kek, isRestricted] = await Promise.all([
      subjectKeys.open(kid),
      subjectKeys.isRestricted(kid),
    ])
    return { kek, isRestricted }
  }

  async function read(stored: Stored, key?: Awaited<ReturnType<typeof keyOf>>): Promise<Readable> {
    const { kek, isRestricted = false } = key ?? {}
    const isErased = kek === undefined
    const isShown = !isErased && (!isRestricted || isForCourt(purpose))
    const opener = { subjectKeys: { ...subjectKeys, open: async () => kek } }
    const opened = isShown ? await openAny(stored, opener) : undefined
    return { stored, isErased, isRestricted, ...(opened && { opened }) }
  }
}
