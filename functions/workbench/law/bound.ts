/** Whether an article binds who holds the data, as far as the lists of parties tell. */

import type { InForce } from '../../policy/history.ts'
import type { ListFile } from '../../policy/policy.ts'
import { at, type ReadFile, type Severity, type TakeNote } from './finding.ts'
import { listOf, objectOf } from './lint-file.ts'

/** Instruments by how their articles are cited, and the lists of those whom they bind; the first that fits counts. */
const instruments: readonly {
  readonly cited: RegExp
  readonly lists: readonly string[]
  /** Who is bound and on no such list. */
  readonly also?: readonly string[]
}[] = [
  { cited: /^Dir\. 2023\/977\b/, lists: ['eu-2023-977'] },
  { cited: /^Dir\. 2014\/41\/EU\b/, lists: ['eu-2014-41'] },
  { cited: /^FD 2009\/315\/JHA\b/, lists: ['eu-2009-315'] },
  { cited: /^Reg\. \(EU\) 2023\/1543\b/, lists: ['eu-2023-1543'] },
  { cited: /^Reg\. \(EU\) 2024\/982\b/, lists: ['eu-2024-982'] },
  { cited: /^EU Charter\b/, lists: ['eu-members'], also: ['EUROPOL'] },
  // The directive on police data, and all else that grew from Schengen, binds four states beside the members.
  {
    cited: /^(?:LED|CJEU|(?:Dir\.|Directive|Reg\.|Regulation|FD|Decision) (?:\(EU\) )?\d)/,
    lists: ['eu-members', 'led-states'],
    also: ['EUROPOL'],
  },
  { cited: /^TCA\b/, lists: ['eu-uk-tca'] },
  { cited: /^EU-Japan MLA Agreement\b/, lists: ['eu-jp-mla'] },
  { cited: /^Umbrella Agreement\b/, lists: ['eu-members'], also: ['US'] },
  { cited: /^ECHR\b/, lists: ['echr'] },
  { cited: /^ETS 108\b/, lists: ['ets-108'] },
  { cited: /^ETS 185\b/, lists: ['ets-185'] },
  { cited: /^ETS (?:30|99|182)\b/, lists: ['ets-30'] },
  { cited: /^CAT\b/, lists: ['cat'] },
  { cited: /^ICCPR\b/, lists: ['iccpr'] },
  { cited: /^Refugee Convention\b/, lists: ['refugee-convention'] },
  { cited: /^UNTOC\b/, lists: ['untoc'] },
]

/**
 * Whether an article does not bind a holder, by the lists as they stand on a day. Of an instrument without a list, and
 * of one whose list is not there, nothing is known: it counts as binding.
 */
export function doesNotBind(cite: string, holder: string, lists: InForce['lists']): boolean {
  const { lists: names = [], also = [] } = instruments.find(({ cited }) => cited.test(cite)) ?? {}
  const known = names.flatMap((name) => (lists[name] === undefined ? [] : [lists[name]]))
  return known.length > 0 && !also.includes(holder) && !known.some((list) => list.includes(holder))
}

/** Notes articles in a state's own file that do not bind that state, whenever its lists are read. */
export function lintBound(
  { folder, value }: Pick<ReadFile, 'folder' | 'value'>,
  lists: readonly { readonly id: string; readonly file: ListFile }[],
  severity: Severity,
  note: TakeNote,
): void {
  const holder = folder.toUpperCase()
  const { applies } = objectOf(value)
  const isOfState = JSON.stringify(objectOf(applies).when ?? '').includes(`"${holder}"`)
  if (isOfState)
    for (const [pointer, cite] of citesIn(value))
      if (doesNotBind(cite, holder, everOn(lists)))
        note(
          pointer,
          'bound',
          `\`${cite}\` does not bind ${holder}`,
          `cite what does, or say under \`unchecked\` what the other asks for; if it does, add ${holder} to its list`,
          severity,
        )
}

/** Every article below a value, with its place. */
const citesIn = (value: unknown, ...path: PropertyKey[]): readonly (readonly [string, string])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, each]) =>
        name === 'cites'
          ? listOf(each).map((cite, i) => [at(...path, name, i), String(cite)] as const)
          : citesIn(each, ...path, name),
      )

/** Who was ever on each list, whatever the day. */
function everOn(
  lists: readonly { readonly id: string; readonly file: ListFile }[],
): InForce['lists'] {
  const membersOf = (id: string): readonly string[] =>
    (lists.find((each) => each.id === id)?.file.members ?? []).flatMap((member) =>
      'value' in member ? [member.value] : membersOf(member.membersOf),
    )
  return Object.fromEntries(lists.map(({ id }) => [id, membersOf(id)]))
}
