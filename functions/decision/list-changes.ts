/** Every small change of a shared list: a member dropped, a day moved, a field forgotten. */

import type { List } from '../policy/book.ts'
import { dayAfter } from '../policy/values.ts'
import type { Change } from './changes.ts'

type Dated = { readonly from: string; readonly until?: string | undefined }

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
  const { members = [], elements = [], arrangements = [], routineUses = [] } = list.file
  const replaced = (name: string, entries: readonly unknown[]): List => ({
    ...list,
    file: { ...list.file, [name]: entries },
  })
  const nearby = (day: string) => [dayAfter(day, -1), dayAfter(day, 1)]
  const dated = <T extends Dated>(
    name: string,
    entries: readonly T[],
    whoIn: (entry: T) => string,
  ): readonly Change[] =>
    entries.flatMap((entry, i) => {
      const at = `/${name}/${i}`
      const who = whoIn(entry)
      const to = (...changed: readonly T[]) => replaced(name, entries.toSpliced(i, 1, ...changed))
      const { from, until } = entry
      return [
        change(at, `${who}: dropped`, to()),
        ...nearby(from).map((day) =>
          change(`${at}/from`, `${who}: from ${day}, not ${from}`, to({ ...entry, from: day })),
        ),
        ...(until === undefined ? [] : nearby(until)).map((day) =>
          change(`${at}/until`, `${who}: until ${day}, not ${until}`, to({ ...entry, until: day })),
        ),
      ]
    })
  return [
    ...nearby(list.day).map((day) => change('', `it starts on ${day}`, { ...list, day })),
    ...elements.flatMap((element, i) => [
      change(
        `/elements/${i}`,
        `${element.value}: dropped`,
        replaced('elements', elements.toSpliced(i, 1)),
      ),
      ...element.class.map((name, j) =>
        change(
          `/elements/${i}/class/${j}`,
          `${element.value}: never ${name}`,
          replaced(
            'elements',
            elements.with(i, { ...element, class: element.class.toSpliced(j, 1) }),
          ),
        ),
      ),
    ]),
    ...dated('members', members, (member) =>
      'value' in member ? member.value : `members of ${member.membersOf}`,
    ),
    ...dated('arrangements', arrangements, ({ id }) => id),
    ...arrangements.flatMap(({ id, parties, ...entry }, i) =>
      entry.multilateral === true
        ? parties.map((party, j) =>
            change(
              `/arrangements/${i}/parties/${j}`,
              `${id}: without ${'value' in party ? party.value : `members of ${party.membersOf}`}`,
              replaced(
                'arrangements',
                arrangements.with(i, { id, ...entry, parties: parties.toSpliced(j, 1) }),
              ),
            ),
          )
        : [],
    ),
    ...dated('routineUses', routineUses, ({ agency, system }) => `${agency} ${system}`),
  ]
}
