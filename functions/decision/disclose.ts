/** Record × decision → the part that may leave. */

import type { Element } from '../policy/history.ts'
import type { DecidedItem } from './decide.ts'
import type { RecordItem } from './record.ts'
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
  /** The earliest day by which the holder may keep what leaves. */
  readonly deleteBy?: string
  /** What leaves as the holder keeps it: never sent, but committed to, so that a retry sees a change. */
  readonly held: readonly RecordItem[]
}

/** Nothing. */
export const nothingLeaves: Disclosure = { items: [], handling: [], held: [] }

/** A keyed pseudonym of a value: stable within one case, unlinkable across cases. */
export type Pseudonym = (value: string) => string

/**
 * Treats each item that leaves. An item without a decision stays.
 */
export function disclose(
  items: readonly RecordItem[],
  decided: readonly DecidedItem[],
  elements: Readonly<Record<string, Element>>,
  pseudonym: Pseudonym,
): Disclosure {
  const treatments = new Map(decided.map(({ id, treatment }) => [id, treatment]))
  const leaving = items.flatMap((item) => {
    const treatment = treatments.get(item.id) ?? { kind: 'withhold' as const }
    const element = Object.hasOwn(elements, item.element) ? elements[item.element] : undefined
    const value = treated(item.value, treatment, element, pseudonym)
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

/** A date becomes its year, an address its region, a number its decimal band; other values stay. */
function generalise(
  value: RecordItem['value'],
  element: Element | undefined,
): RecordItem['value'] | undefined {
  if (element?.holds === 'date' && typeof value === 'string') return /^\d{4}/.exec(value)?.[0]
  if (element?.holds === 'address' && typeof value === 'object') {
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
