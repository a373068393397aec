/** A sentence of the law, how it ends, and how well what it rests on was checked. */

import * as z from 'zod'

/** How a sentence ends. */
export const sentenceEnd = /[.?]$/
/** A sentence of at most so many characters. */
export const sentenceOf = (charactersMax: number) =>
  z
    .string()
    .min(8)
    .max(charactersMax)
    .regex(sentenceEnd, 'a full sentence, ending with a full stop')
/** A sentence in English. */
export const sentence = sentenceOf(400)

/** How well a citation, or a translation, was checked. */
export const confidences = {
  V: 'read at the source',
  'V~': 'read in a secondary source',
  M: 'from memory, to be checked by counsel',
  'M?': 'from memory and unsure, to be checked by counsel',
} as const
/** One of them. */
export const confidence = z.enum(['V', 'V~', 'M', 'M?'])
export type Confidence = z.infer<typeof confidence>
