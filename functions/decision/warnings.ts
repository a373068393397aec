/** Warnings to a holder about items that are kept, but will not leave as they are. */

import type { Element } from '../policy/history.ts'
import { type HeldRecord, isFile, isKeptFile, isOfBothAges, originOf, systemOf } from './record.ts'

/** What keeps an item back: where in the record it is, and what will follow. */
export type Warning = { readonly pointer: string; readonly detail: string }

/** The warnings about the items of a record, under the law in force, for a holder of this jurisdiction. */
export const warningsOf = (
  { items, birthDates }: Pick<HeldRecord, 'items' | 'birthDates'>,
  elements: Readonly<Record<string, Element>>,
  jurisdiction: string,
): readonly Warning[] =>
  items.flatMap((item, i) => {
    const element = Object.hasOwn(elements, item.element) ? elements[item.element] : undefined
    const found: readonly (readonly [isSo: boolean, member: string, detail: string])[] = [
      [
        element === undefined,
        'element',
        'the list of elements in force has no such element; the item will be withheld from every answer',
      ],
      [
        element !== undefined && !element.classes.includes(item.class),
        'class',
        `its element has no such class, but ${element?.classes.join(' or ')}; the item will be withheld from every answer`,
      ],
      [
        isFile(item.value) && !isKeptFile(item.value),
        'value',
        'its content has not come yet; until it does, by PUT /v1/records/{id}/files/{item}, the item will be withheld from every answer',
      ],
      [
        isFile(item.value) && element !== undefined && element.holds !== 'image',
        'value',
        `its element holds ${element?.holds}, and no file; the item will be withheld from every answer`,
      ],
      [
        originOf(item, jurisdiction) === undefined,
        'originator',
        `what others gave lies in that system, too; the item will be withheld from others, unless you say who gave it, such as ${jurisdiction} for data of your own`,
      ],
      [
        systemOf(item, jurisdiction) === undefined,
        'obtainedUnder',
        `what came under ${item.obtainedUnder} lies in no system ${item.system}; the item will be withheld from others, until you say which of the two is so`,
      ],
      [
        isOfBothAges(item, birthDates),
        'minor',
        `it is said to be of no minor, and of somebody who was under 18 then; it leaves only as a minor’s may, until you say which of the two is so`,
      ],
    ]
    return found
      .filter(([isSo]) => isSo)
      .map(([, member, detail]) => ({ pointer: `/items/${i}/${member}`, detail }))
  })
