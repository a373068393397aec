/** Holds translations to their English sentences: the same numbers and names, and a mark for each language. */

import { type Language, languageName, languageTags } from '../../policy/language.ts'
import { at, type TakeNote } from './finding.ts'
import { listOf, objectOf, textOf } from './lint-file.ts'

/** A sentence that stands in several languages, and where. */
type Sentence = { readonly pointer: readonly PropertyKey[]; readonly in: Texts }
type Texts = Readonly<Record<string, string>>

/** Notes each translation that says another number or name than its English, or that nobody has marked. */
export function lintLanguages(value: unknown, note: TakeNote): void {
  const { translated, ...rest } = objectOf(value)
  const sentences = sentencesIn(rest, [])
  const used = new Set<string>()
  const seen = new Map<string, Texts>()
  for (const { pointer, in: texts } of sentences) {
    const { en = '', ...others } = texts
    for (const [tag, text] of Object.entries(others)) {
      if (!(languageTags as readonly string[]).includes(tag)) continue
      used.add(tag)
      const before = seen.get(en)?.[tag]
      if (before !== undefined && before !== text)
        note(
          at(...pointer, tag),
          'translation',
          `the same English sentence stands above with another ${named(tag)} one`,
          'say the same sentence in the same words',
        )
      if (en !== '') lintTranslation(en, text, tag, at(...pointer, tag), note)
    }
    seen.set(en, { ...seen.get(en), ...others })
  }
  lintMarks(objectOf(translated), used, note)
}

/** Every language that is used has a mark, and every mark a sentence. */
function lintMarks(marks: Texts | object, used: ReadonlySet<string>, note: TakeNote): void {
  for (const tag of used)
    if (!Object.hasOwn(marks, tag))
      note(
        '/translated',
        'translated',
        `it says nowhere how well its ${named(tag)} sentences were checked`,
        `add "translated": { "${tag}": "M" }; counsel sets V once they are checked`,
      )
  for (const tag of Object.keys(marks))
    if (!used.has(tag) && (languageTags as readonly string[]).includes(tag))
      note(
        at('translated', tag),
        'translated',
        `no sentence stands in ${named(tag)}`,
        'write the sentences, or take this away',
      )
}

function lintTranslation(en: string, text: string, tag: string, place: string, note: TakeNote) {
  if (text === en) {
    note(place, 'translation', 'it is the English sentence', `write it in ${named(tag)}`)
    return
  }
  const [own, other] = [numbersIn(en, 'en'), numbersIn(text, tag)]
  // Without the words of a language only its digits can be compared.
  const wanted = tag in words ? own : numbersIn(en, '')
  const lost = without(wanted, other)
  const added = without(other, own)
  if (lost.length + added.length > 0)
    note(
      place,
      'translation',
      `it names other numbers than the English sentence: ${[
        ...(lost.length === 0 ? [] : [`without ${lost.join(', ')}`]),
        ...(added.length === 0 ? [] : [`with ${added.join(', ')}`]),
      ].join('; ')}`,
      'name the same numbers in both',
    )
  const names = namesIn(en).filter((name) => !text.includes(name))
  if (names.length > 0)
    note(
      place,
      'translation',
      `it does not name ${names.map((name) => `\`${name}\``).join(', ')}, which the English sentence names`,
      'name it as there, if that is what it is called',
      'warning',
    )
}

const named = (tag: string): string => languageName(tag as Language)

/** Every `says` of a file that stands in several languages. */
function sentencesIn(value: unknown, pointer: readonly PropertyKey[]): readonly Sentence[] {
  if (Array.isArray(value))
    return listOf(value).flatMap((each, i) => sentencesIn(each, [...pointer, i]))
  return Object.entries(objectOf(value)).flatMap(([name, member]) => {
    const here = [...pointer, name]
    if (name !== 'says') return sentencesIn(member, here)
    const texts = Object.entries(objectOf(member)).map(([tag, text]) => [tag, textOf(text)])
    return texts.length === 0 ? [] : [{ pointer: here, in: Object.fromEntries(texts) }]
  })
}

/** Numbers as words. One is left out, since it is an article, too. */
const words: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  en: {
    ...{ two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10 },
    ...{ twelve: 12, fifteen: 15, twenty: 20, thirty: 30, fifty: 50, ninety: 90, hundred: 100 },
  },
  de: {
    ...{ zwei: 2, drei: 3, vier: 4, fünf: 5, sechs: 6, sieben: 7, acht: 8, neun: 9, zehn: 10 },
    ...{ zwölf: 12, fünfzehn: 15, zwanzig: 20, dreißig: 30, fünfzig: 50, neunzig: 90 },
    hundert: 100,
  },
  fr: {
    ...{ deux: 2, trois: 3, quatre: 4, cinq: 5, six: 6, sept: 7, huit: 8, neuf: 9, dix: 10 },
    ...{ douze: 12, quinze: 15, vingt: 20, trente: 30, cinquante: 50, cent: 100 },
  },
}

/** The numbers of a sentence, each once, whether in digits or words. */
function numbersIn(text: string, language: string): ReadonlySet<number> {
  const known = words[language] ?? {}
  const all = text.toLowerCase().match(/\p{L}+|\d+/gu) ?? []
  return new Set(
    all.flatMap((word) =>
      /^\d/.test(word) ? [Number(word)] : Object.hasOwn(known, word) ? [known[word] ?? 0] : [],
    ),
  )
}

const without = (all: ReadonlySet<number>, others: ReadonlySet<number>): readonly number[] =>
  [...all].filter((each) => !others.has(each))

/** Names in capitals, such as SIENA: they are the same in every language. The Union and its law are not. */
const namesIn = (text: string): readonly string[] => [
  ...new Set(text.match(/\b(?!LED\b)[A-Z][A-Z0-9-]{2,}\b/g) ?? []),
]
