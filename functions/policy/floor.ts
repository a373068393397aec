/** The floor: the oldest set of the law that may start. */

import { reaches } from './chain.ts'
import type { FloorBody, LawBody } from './law-chain.ts'
import { type SealedFolder, sealsFile } from './seal.ts'
import { digestOfSet, type LawSet } from './set.ts'

/** The statement body that makes a set the floor. */
export const floorOf = (
  set: LawSet,
  more: { readonly why?: string | undefined; readonly everywhere?: true | undefined } = {},
): Extract<LawBody, { readonly act: 'floor' }> => ({
  act: 'floor',
  set: digestOfSet(set),
  heads: headsOf(set),
  ...(more.everywhere && { everywhere: true }),
  ...(more.why === undefined ? {} : { why: more.why }),
})

/** The last seal of each folder in a set. */
export const headsOf = ({ folders }: Pick<LawSet, 'folders'>): FloorBody['heads'] =>
  Object.fromEntries(Object.entries(folders).map(([folder, { head }]) => [folder, head]))

/**
 * Why a set may not start: a folder has not reached the seal that the floor names, or reached it by another
 * history. Undefined if it may start. Without a floor, nothing may.
 */
export function belowFloor(
  { set, folders }: { readonly set: LawSet; readonly folders: ReadonlyMap<string, SealedFolder> },
  floor: FloorBody | undefined,
): string | undefined {
  if (floor === undefined) return 'no floor is stated; a release states one: `comity policy floor`'
  const below = Object.entries(floor.heads)
    .map(([folder, head]) => ({ folder, head, come: set.folders[folder]?.head.number ?? 0 }))
    .filter(
      ({ folder, head, come }) =>
        come < head.number || !reaches(folders.get(folder)?.tips ?? [], head),
    )
  // A folder that has come as far, and elsewhere, shows that no newer set of this law will do.
  const other = below.find(({ head, come }) => come >= head.number)
  if (other !== undefined)
    return `the floor of this store belongs to other chains of seals than this law: the floor is seal ${other.head.number} of \`${other.folder}\`, which is another here; start the law by which the store ran, start on another store (\`COMITY_DATA\`), or let two release keys move the floor to this law: \`comity policy floor --why "…"\``
  const [first] = below
  return first === undefined
    ? undefined
    : `the law is older than may start, or the floor of this store belongs to other chains of seals: the set has come to seal ${first.come} of ${sealsFile(first.folder)}, and the floor is seal ${first.head.number} of \`${first.folder}\`; start a newer set, start on another store (\`COMITY_DATA\`), or let two release keys move the floor to this law: \`comity policy floor --why "…"\``
}
