/** Which rows of a table a right reaches, by what their partition keys begin with, from the kinds that are declared. */

import { kinds, type RowKind, type RowUser, type RowUsers } from '../functions/adapters/rows.ts'
import type { TableName } from '../functions/adapters/tables.ts'

/** The letter of a kind: what its keys begin with, up to `#`. A right reaches every kind that has it. */
export const letterOf = ({ pk }: RowKind): string => pk.slice(0, pk.indexOf('#') + 1)

/** The letters of the rows of a table that a function writes, or only reads. */
export function lettersOf(
  table: TableName,
  user: RowUser,
  does: keyof RowUsers,
): readonly string[] {
  const all: readonly RowKind[] = Object.values(kinds)
  const own = all.filter((kind) => kind.table === table && kind[does].includes(user))
  return [...new Set(own.map(letterOf))]
}

/** What keys of one kind alone begin with; whatever varies before its last part is `*`. */
export const patternOf = ({ pk }: RowKind): string =>
  pk.slice(0, pk.lastIndexOf('<')).replace(/<[^>]*>/g, '*')
