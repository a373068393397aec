/** What became of items that may have left: worked out from a record that is kept here. */

import type { RecordItem } from '../../decision/record.ts'
import { canonical } from '../../ledger/canonical.ts'
import { type ChangedItems, type ChangeKind, changeKinds } from '../entries/values.ts'

/** How an item stands once it may not be used, but is kept. */
const restrictedStates: readonly string[] = ['blocked', 'under-review']

/** What became of the items that there were, as whoever got them is to be told. */
export function changesOf(
  before: readonly RecordItem[],
  after: readonly RecordItem[],
): readonly ChangedItems[] {
  const changes = before.map((old) => ({
    id: old.id,
    hows: becameOf(
      old,
      after.find(({ id }) => id === old.id),
    ),
  }))
  return changeKinds
    .map((how) => ({ how, items: changes.filter(({ hows }) => hows.includes(how)) }))
    .filter(({ items }) => items.length > 0)
    .map(({ how, items }) => ({ how, items: items.map(({ id }) => id) }))
}

/** What became of an item. One that was restricted and stayed as it was otherwise is not corrected. */
function becameOf(old: RecordItem, now: RecordItem | undefined): readonly ChangeKind[] {
  if (now === undefined) return ['erased']
  const isOther = old.status !== now.status
  const isRestricted = isOther && restrictedStates.includes(now.status)
  const isAsItWas = canonical({ ...old, status: now.status }) === canonical(now)
  const isCorrected = !isAsItWas || (isOther && !isRestricted)
  return [
    ...(isCorrected ? (['corrected'] as const) : []),
    ...(isRestricted ? (['restricted'] as const) : []),
  ]
}
