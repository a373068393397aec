/**
 * The sentences of the gateway's own that people read, by key: all of them in `en.json`, and each other language in a
 * file beside it. They are ICU messages, such as `{who} asks.`, `{n, plural, one {# item} other {# items}}` and
 * `<strong>never</strong>`. What the law says, what people wrote and what commands print is not here, and nothing
 * decides by these words.
 */

import { IntlMessageFormat } from 'intl-messageformat'
import en from './en.json' with { type: 'json' }

/** The key of a sentence, such as `inbox.title`. A key that the catalogue lacks does not pass the compiler. */
export type SentenceKey = PathOf<typeof en>

type PathOf<Of> = {
  [Name in keyof Of & string]: Of[Name] extends string ? Name : `${Name}.${PathOf<Of[Name]>}`
}[keyof Of & string]

type Catalogue = { readonly [name: string]: string | Catalogue }

/** The catalogues there are, by BCP 47 tag. */
const catalogues: Readonly<Record<string, Catalogue>> = { en }

/**
 * The words of a sentence in a language, and between them, as they are, those `values` that are no text; of a tag, what
 * its value makes of the words in it. Throws if a value is missing. A language that lacks the sentence has the English one.
 */
export function wordsOf<Part extends object>(
  key: SentenceKey,
  language: string,
  values: Readonly<Record<string, unknown>>,
): readonly (string | Part)[] {
  const message = messageOf(key, language)
  if (typeof message === 'string') return [message]
  // A cast: what is no text comes out as it was put in.
  const words = message.format(values as Record<string, Part>)
  return Array.isArray(words) ? words : [words]
}

const messages = new Map<string, IntlMessageFormat | string>()

/** Each message is read once. One into which nothing is put is its text. */
function messageOf(key: SentenceKey, language: string): IntlMessageFormat | string {
  const name = `${language} ${key}`
  const known = messages.get(name)
  if (known !== undefined) return known
  const own = textIn(catalogues[language], key)
  const text = own ?? textIn(en, key) ?? key
  const isPlain = !/[{<']/.test(text)
  const message = isPlain ? text : new IntlMessageFormat(text, own ? language : 'en')
  messages.set(name, message)
  return message
}

/** The text under a key. */
export function textIn(catalogue: Catalogue | undefined, key: string): string | undefined {
  let at: string | Catalogue | undefined = catalogue
  for (const name of key.split('.')) at = typeof at === 'object' ? at[name] : undefined
  return typeof at === 'string' ? at : undefined
}
