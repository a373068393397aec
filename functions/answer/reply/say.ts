/** Sentences of the catalogue as HTML, which is written in its reader's language. */

import { type SentenceKey, wordsOf } from '../../catalogue/catalogue.ts'
import { type Html, type HtmlPart, html, htmlBy } from './html.ts'

/** What makes HTML of the words within a tag of a sentence, such as of `<a>`. */
type Around = (words: readonly (string | Html)[]) => Html

/**
 * A sentence of the catalogue, with what is put into it: `say('waiting.asks', { who })`. Of its tags, `strong`, `em` and
 * `code` are what they are in HTML; any other is given beside the values.
 */
export const say = (
  key: SentenceKey,
  values: Readonly<Record<string, HtmlPart | Around>> = {},
): Html =>
  htmlBy((language) =>
    html`${wordsOf<Html>(key, language, { ...tags, ...values })}`.write(language),
  )

/** The same where no HTML may be: as text. What is put into it is text, too. */
export const sayText = (
  key: SentenceKey,
  language: string,
  values: Readonly<Record<string, string | number>> = {},
): string => wordsOf<never>(key, language, values).join('')

const tags: Readonly<Record<string, Around>> = {
  strong: (words) => html`<strong>${words}</strong>`,
  em: (words) => html`<em>${words}</em>`,
  code: (words) => html`<code>${words}</code>`,
}
