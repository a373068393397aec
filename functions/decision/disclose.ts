/** Record × decision → the part that may leave. */

import { ComityError } from '../failure.ts'
import type { Element } from '../policy/history.ts'
import type { DecidedItem } from './decide.ts'
import { isFile, type RecordItem } from './record.ts'
import type { Treatment } from './treatment.ts'

/** One item as it leaves. */
export type DisclosedItem = {
  readonly id: string
  readonly element: string
  readonly class: string
  readonly treatment: Treatment['kind']
  readonly value: RecordItem['value']
}

/** What leaves, and the handling codes that travel with it. */
export type Disclosure = {
  readonly items: readonly DisclosedItem[]
  readonly handling: readonly string[]
  /** The earliest `retentionUntil` of the items that leave. */
  readonly deleteBy?: string
  /** The items that leave, untreated. Never sent, only committed to, so that a retry sees a change. */
  readonly held: readonly RecordItem[]
}

/** Nothing. */
export const nothingLeaves: Disclosure = { items: [], handling: [], held: [] }

/** A keyed pseudonym of a value: stable within one case, unlinkable across cases. */
type Pseudonym = (value: string) => string

/** An item of a record and what was decided on it. */
type Judged = { readonly item: RecordItem; readonly treatment: Treatment }

/**
 * The items that were asked for and judged. An item without a decision stays. So does each of several that
 * share an id, since it is unknown which of them was judged.
 */
function judgedItems(
  items: readonly RecordItem[],
  decided: readonly DecidedItem[],
  classes: readonly string[],
): readonly Judged[] {
  return decided.flatMap(({ id, treatment }) => {
    const [item, ...others] = items.filter((each) => each.id === id)
    const isOne = item !== undefined && others.length === 0
    return isOne && classes.includes(item.class) ? [{ item, treatment }] : []
  })
}

/** Treats each item that was asked for and judged. Nothing else leaves. */
export function disclose(
  items: readonly RecordItem[],
  decided: readonly DecidedItem[],
  classes: readonly string[],
  elements: Readonly<Record<string, Element>>,
  pseudonym: Pseudonym,
): Disclosure {
  const leaving = judgedItems(items, decided, classes).flatMap(({ item, treatment }) => {
    const value = treated(item.value, treatment, elementOf(item, elements), pseudonym)
    return value === undefined ? [] : [{ item, treatment, value }]
  })
  const held = leaving.map(({ item }) => item)
  const [deleteBy] = held
    .flatMap(({ retentionUntil: until }) => (until === undefined ? [] : [until]))
    .sort()
  return {
    ...(deleteBy === undefined ? {} : { deleteBy }),
    held,
    items: leaving.map(({ item, treatment, value }) => ({
      id: item.id,
      element: item.element,
      class: item.class,
      treatment: treatment.kind,
      value,
    })),
    handling: [...new Set(held.flatMap(({ handling }) => handling))].sort(),
  }
}

/**
 * INVARIANT (what leaves was judged): throws unless each leaving item is of a class that was asked for,
 * was judged once, got that treatment, and has the value that the treatment makes of the one item held
 * under its id.
 */
export function holdAgainst(
  disclosure: Disclosure,
  items: readonly RecordItem[],
  decided: readonly DecidedItem[],
  classes: readonly string[],
  elements: Readonly<Record<string, Element>>,
  pseudonym: Pseudonym,
): void {
  for (const leaving of disclosure.items) {
    const [held, ...twins] = items.filter(({ id }) => id === leaving.id)
    const [judgement, ...others] = decided.filter(({ id }) => id === leaving.id)
    const twice = disclosure.items.filter(({ id }) => id === leaving.id).length > 1
    const isRight =
      held !== undefined &&
      judgement !== undefined &&
      twins.length + others.length === 0 &&
      !twice &&
      classes.includes(leaving.class) &&
      held.class === leaving.class &&
      held.element === leaving.element &&
      judgement.treatment.kind === leaving.treatment &&
      isSame(
        treated(held.value, judgement.treatment, elementOf(held, elements), pseudonym),
        leaving,
      )
    if (!isRight)
      throw new ComityError('couldn’t disclose: an item would leave otherwise than judged')
  }
}

const isSame = (
  value: RecordItem['value'] | undefined,
  { value: leaving }: DisclosedItem,
): boolean => value !== undefined && JSON.stringify(value) === JSON.stringify(leaving)

const elementOf = (
  { element }: RecordItem,
  elements: Readonly<Record<string, Element>>,
): Element | undefined => (Object.hasOwn(elements, element) ? elements[element] : undefined)

/** The treatments that a value does not allow. */
export const cannotBe = (
  value: RecordItem['value'],
  element: Element | undefined,
): readonly ('generalise' | 'mask')[] => [
  ...(generalise(value, element) === undefined ? (['generalise'] as const) : []),
  ...(typeof value === 'object' ? (['mask'] as const) : []),
]

/** The value after treatment, or undefined if nothing of it may leave. */
function treated(
  value: RecordItem['value'],
  treatment: Treatment,
  element: Element | undefined,
  pseudonym: Pseudonym,
): RecordItem['value'] | undefined {
  switch (treatment.kind) {
    case 'release':
      return value
    case 'generalise':
      return generalise(value, element)
    case 'mask':
      return typeof value === 'object' ? undefined : mask(String(value), treatment.keepLast)
    case 'pseudonymise':
      return pseudonym(JSON.stringify(value))
    case 'withhold':
      return undefined
  }
}

/**
 * A date becomes its year, an address its region, a number its decimal band; other values cannot be
 * generalised.
 */
function generalise(
  value: RecordItem['value'],
  element: Element | undefined,
): RecordItem['value'] | undefined {
  // Whatever else begins with four digits may begin with a day: 14031979.
  if (element?.holds === 'date' && typeof value === 'string')
    return /^\d{4}(?=$|-\d\d(?!\d))/.exec(value)?.[0]
  if (element?.holds === 'address' && typeof value === 'object' && !isFile(value)) {
    const { region, country } = value
    return region === undefined ? { country } : { region, country }
  }
  if (element?.holds === 'number' && typeof value === 'number' && Number.isFinite(value)) {
    const width = 10 ** Math.max(1, Math.floor(Math.log10(Math.abs(value) || 1)))
    const from = Math.floor(value / width) * width
    return `${from} to ${from + width - 1}`
  }
  return undefined
}

/** All but the last characters as `*`; a value no longer than what is kept is masked whole. */
function mask(value: string, keepLast: number): string {
  const characters = [...value]
  const kept = characters.length > keepLast ? keepLast : 0
  return '*'.repeat(characters.length - kept) + characters.slice(characters.length - kept).join('')
}
