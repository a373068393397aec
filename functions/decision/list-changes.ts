/** Every small change of a shared list: a member dropped, a day moved, a field forgotten. */

import type { List } from '../policy/book.ts'
import { dayAfter } from '../policy/values.ts'
import type { Change } from './changes.ts'

/** The changes of one version of a shared list. */
export function listChanges(list: List): readonly Change[] {
  const change = (pointer: string, says: string, to: List): Change => ({
    path: `lists/${list.id}/${list.version}.json`,
    pointer,
    rule: `lists/${list.id}`,
    says,
    kind: 'list',
    of: list,
    to,
  })
  const { members = [], elements = [] } = list.file
  const dictionary = (changed: typeof elements): List => ({
    ...list,
    file: { ...list.file, elements: changed },
  })
  const nearby = (day: string) => [dayAfter(day, -1), dayAfter(day, 1)]
  return [
    ...nearby(list.day).map((day) => change('', `it starts on ${day}`, { ...list, day })),
    ...elements.flatMap((element, i) => [
      change(`/elements/${i}`, `${element.value}: dropped`, dictionary(elements.toSpliced(i, 1))),
      ...element.class.map((name, j) =>
        change(
          `/elements/${i}/class/${j}`,
          `${element.value}: never ${name}`,
          dictionary(elements.with(i, { ...element, class: element.class.toSpliced(j, 1) })),
        ),
      ),
    ]),
    ...members.flatMap((member, i) => {
      const at = `/members/${i}`
      const who = 'value' in member ? member.value : `members of ${member.membersOf}`
      const to = (...changed: (typeof member)[]): List => ({
        ...list,
        file: { ...list.file, members: members.toSpliced(i, 1, ...changed) },
      })
      const { from, until } = member
      return [
        change(at, `${who}: dropped`, to()),
        ...nearby(from).map((day) =>
          change(`${at}/from`, `${who}: from ${day}, not ${from}`, to({ ...member, from: day })),
        ),
        ...(until === undefined ? [] : nearby(until)).map((day) =>
          change(
            `${at}/until`,
            `${who}: until ${day}, not ${until}`,
            to({ ...member, until: day }),
          ),
        ),
      ]
    }),
  ]
}
