/** Text that somebody writes and somebody else reads, in a terminal, on a page or on paper. */

import * as z from 'zod'

/** What a schema of text is made by: how long it may be, in UTF-16 code units. */
export type Text = (max: number) => z.ZodString

/**
 * One line of text as it may come in. Control characters rule a terminal, formatting characters of the
 * bidirectional algorithm (Unicode UAX #9 §2) make a text show in another order than it has, and half a
 * surrogate pair is no character.
 */
export const freeText: Text = (max) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(
      /^[^\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u,
      'no control characters, none that turn the direction of writing (such as U+202E), and no half surrogate pair: leave them out',
    )

/**
 * Text of whoever wrote it, for somebody's eyes: what would rule the terminal, or turn the direction of
 * writing, is written out as JSON does (`\\u202e`). Line ends and tabs stay.
 */
export const visible = (text: string): string =>
  text.replace(
    /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The same as it may have come in before: what was taken once must still be read. */
export const storedText: Text = (max) => z.string().min(1).max(max)
