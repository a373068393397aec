/** Whom and which cases an entry is about, under every name; and the tags by which that is known without opening it. */

import type { OpenedEntry } from '../answer/entries/reader.ts'
import { storedKeptSchema } from '../answer/records/records.ts'
import { identifierOf, identifiersOf } from '../decision/record.ts'
import { sealedTags, sealOf, type Tagged, tagsOf } from '../ledger/tags.ts'
import type { LookupRow, SealWorld } from '../log-ports.ts'
import type { Durable, Stored } from '../ports.ts'

type Secrets = Pick<SealWorld['secrets'], 'pseudonym'>

/**
 * The pseudonyms of every person and case that an entry is about in the holder's jurisdiction, by `rows`, which are all of
 * its own. Acts on a person or a record have rows under other names, so what they say is added.
 */
export function mattersOf(
  { leaf: { hj } }: Stored,
  opened: OpenedEntry | undefined,
  rows: readonly LookupRow[],
  { pseudonym }: Secrets,
): { readonly case: readonly string[]; readonly subject: readonly string[] } {
  const filed = (by: 'case' | 'subject') =>
    rows.flatMap(({ key }) => (key.jurisdiction === hj && key.by === by ? [key.value] : []))
  const acted = opened !== undefined && 'about' in opened.values ? opened.values.about : undefined
  const named =
    opened?.kind === 'record'
      ? identifiersIn(opened.values.act.recordId, opened.evidence.body).map((each) =>
          pseudonym(hj, each),
        )
      : []
  return {
    case: filed('case'),
    subject: [...filed('subject'), ...(acted?.subjects ?? []), ...named],
  }
}

/** The identifiers by which a record can be asked for, as far as the act on it says. */
function identifiersIn(id: string, body: string): readonly string[] {
  const kept = body === '' ? undefined : storedKeptSchema.safeParse(JSON.parse(body)).data
  return kept === undefined ? [identifierOf({ recordId: id })] : identifiersOf({ id, ...kept })
}

/** The tags of entries that are sealed, as far as their places are known. */
export function taggedOf(
  entries: readonly Durable[],
  opened: readonly (OpenedEntry | undefined)[],
  rows: readonly LookupRow[],
  places: ReadonlyMap<string, number>,
  secrets: Secrets,
): readonly Tagged[] {
  const byEntry = Map.groupBy(rows, ({ line }) => line.id)
  return entries.flatMap((entry, i): Tagged[] => {
    const { eid, log, hj } = entry.leaf
    const index = places.get(eid)
    if (index === undefined) return []
    if (opened[i] === undefined) return [{ eid, index, tags: undefined, seal: '' }]
    const matters = mattersOf(entry, opened[i], byEntry.get(eid) ?? [], secrets)
    const tags = tagsOf([...matters.case, ...matters.subject])
    const seal = sealOf(secrets.pseudonym(hj, sealedTags(log, index, entry.leafHash, tags)))
    return [{ eid, index, tags, seal }]
  })
}
