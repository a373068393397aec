/** Text that somebody writes and somebody else reads, in a terminal, on a page or on paper. */

import * as z from 'zod'

/** Makes the schema of a text of at most `max` UTF-16 code units. */
export type Text = (max: number) => z.ZodString

/**
 * One line of text as it may come in. Control characters could drive a terminal, bidirectional formatting
 * characters (Unicode UAX #9 §2) change the order in which text is shown, and a lone surrogate is not a
 * character.
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
 * What somebody wrote in a field of several lines, as the one line that is taken: without its ends of lines, tabs, and the
 * spaces around all of it.
 */
export const asOneLine = (text: string): string => text.trim().replaceAll(/ *[\t\r\n]+ */g, ' ')

/**
 * Text made safe to show: control and bidirectional characters are escaped as in JSON (`\\u202e`). Line ends
 * and tabs stay.
 */
export const visible = (text: string): string =>
  text.replace(
    /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Text that was accepted before the rules of `freeText`, and must still be read. */
export const storedText: Text = (max) => z.string().min(1).max(max)
