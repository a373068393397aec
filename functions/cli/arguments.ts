/** What people write after an option, checked. */

import { InvalidArgumentError } from 'commander'
import { isDay } from '../policy/vocabulary.ts'

/** A day of the calendar. */
export const day = (value: string): string => {
  if (isDay(value)) return value
  throw new InvalidArgumentError('a day is written like 2026-11-24.')
}

/** The address of a gateway. */
export const url = (value: string): string => {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value
  throw new InvalidArgumentError('an address is written like http://localhost:8787.')
}
