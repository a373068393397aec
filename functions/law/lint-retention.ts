/** Holders whose log has no period of retention, and periods where nobody looks for them. */

import type { Policy } from '../policy/book.ts'
import type { ListFile } from '../policy/policy.ts'
import { retentionList } from '../policy/retention.ts'
import { at, type Note } from './finding.ts'

/** A list by its path, as far as it has the form of one. */
type Named = { readonly path: string; readonly id: string; readonly file: ListFile }

/** Folders of the Union and the United Nations: neither is a holder. */
const bodies = ['eu', 'un']

/**
 * Notes every holder, which is a state or body with a ground in its own folder, of which the newest list
 * says no period on a day. `lists` are the newest version of each.
 */
export function lintRetention(
  lists: readonly Named[],
  policies: readonly Policy[],
  asOf: string,
  noteOn: (path: string) => Note,
): void {
  for (const { path, id, file } of lists)
    for (const [i, member] of (file.members ?? []).entries()) {
      const isKept = 'value' in member && member.kept !== undefined
      if (isKept === (id === `lists/${retentionList}`)) continue
      noteOn(path)(
        at('members', i),
        'retention',
        isKept ? 'no period is read here' : 'it says no period',
        isKept ? `write it in lists/${retentionList}` : 'add `kept`: see FORMAT.md, Lists',
      )
    }
  // Files without any list are some, not a folder.
  if (lists.length === 0) return
  const periods = lists.find(({ id }) => id === `lists/${retentionList}`)
  const path = periods?.path ?? `lists/${retentionList}/${asOf}.json`
  const isThere = (holder: string) =>
    periods?.file.members?.some(
      (member) =>
        'value' in member &&
        member.value === holder &&
        member.from <= asOf &&
        (member.until === undefined || member.until >= asOf),
    )
  for (const holder of holdersOf(policies))
    if (!isThere(holder))
      noteOn(path)(
        at('members'),
        'retention',
        `it says not how long the log of ${holder} is kept, which has a ground of its own`,
        `add an entry with "value": "${holder}" and \`kept\`: see FORMAT.md, Lists`,
      )
}

const holdersOf = (policies: readonly Policy[]): readonly string[] =>
  [
    ...new Set(
      policies
        .filter(({ file }) => file.kind === 'ground' && !file.repealed)
        .map(({ folder }) => folder)
        .filter((folder) => /^([a-z]{2}|interpol|europol)$/.test(folder))
        .filter((folder) => !bodies.includes(folder)),
    ),
  ]
    .map((folder) => folder.toUpperCase())
    .sort()
