/**
 * The languages of a sentence. The English one decides what an entry keeps, so that no digest, replay or finding
 * depends on a translation; the others stand beside it in the sealed file, and are chosen where people read.
 */

/** Languages beside English, as BCP 47 tags (RFC 5646): those of the states whose law is here. */
export const languageTags = [
  ...[
    'ar',
    'bg',
    'cs',
    'da',
    'de',
    'el',
    'es',
    'et',
    'fi',
    'fr',
    'ga',
    'hi',
    'hr',
    'hu',
    'is',
    'it',
  ],
  ...[
    'ja',
    'ko',
    'lt',
    'lv',
    'ms',
    'mt',
    'nb',
    'nl',
    'pl',
    'pt',
    'ro',
    'sk',
    'sl',
    'sv',
    'sw',
    'zh',
  ],
] as const
/** One of them. */
export type Language = (typeof languageTags)[number]

/** Whether a tag is one of the languages beside English. */
export const isLanguage = (tag: string): tag is Language =>
  (languageTags as readonly string[]).includes(tag)

/** `German`. */
export const languageName = (tag: Language | 'en'): string =>
  new Intl.DisplayNames(['en'], { type: 'language' }).of(tag) ?? tag

/** Official languages of a country, the first as the desk shows first. English alone has no row. */
const official: Readonly<Record<string, readonly Language[]>> = {
  ...{ ae: ['ar'], at: ['de'], be: ['nl', 'fr', 'de'], bg: ['bg'], br: ['pt'], ca: ['fr'] },
  ...{ ch: ['de', 'fr', 'it'], cy: ['el'], cz: ['cs'], de: ['de'], dk: ['da'], ee: ['et'] },
  ...{ es: ['es'], fi: ['fi', 'sv'], fr: ['fr'], gr: ['el'], hr: ['hr'], hu: ['hu'], ie: ['ga'] },
  ...{ in: ['hi'], is: ['is'], it: ['it'], jp: ['ja'], ke: ['sw'], kr: ['ko'], li: ['de'] },
  ...{ lt: ['lt'], lu: ['fr', 'de'], lv: ['lv'], mt: ['mt'], mx: ['es'], my: ['ms'], nl: ['nl'] },
  ...{ no: ['nb'], pl: ['pl'], pt: ['pt'], ro: ['ro'], se: ['sv'], si: ['sl'], sk: ['sk'] },
}

/** The languages of whoever owns a policy, by its folder; none for a body, which works in English here. */
export const languagesOf = (folder: string): readonly Language[] => official[folder] ?? []

/** A sentence as it is written: in English alone, or in English and other languages. */
export type Written = string | ({ readonly en: string } & Translated)

/** What one sentence says in other languages. */
export type Translated = { readonly [tag in Language]?: string | undefined }

/** The same of all sentences of a file, by the English. */
export type Translations = ReadonlyMap<string, Translated>

/** The English sentence. */
export const english = (written: Written): string =>
  typeof written === 'string' ? written : written.en

/**
 * A file as it decides, with its sentences in English alone, and what they say in other languages. A file without
 * translations is returned as it is. What has no such form is left for the schema to refuse.
 */
export function spoken(value: unknown): {
  readonly english: unknown
  readonly translations: Translations | undefined
} {
  const translations = new Map<string, Translated>()
  const inEnglish = (name: string, member: unknown): unknown => {
    if (name !== 'says' || !isTranslated(member)) return changed(member, inEnglish)
    const { en, ...others } = member
    // It may stand twice, in one language here and another there; `policy check` refuses two of the same.
    translations.set(en, { ...translations.get(en), ...others })
    return en
  }
  const english = changed(value, inEnglish)
  return { english, translations: translations.size === 0 ? undefined : translations }
}

/** A value with each member as `to` has it. What does not change stays the same object: most of a file is not copied. */
function changed(value: unknown, to: (name: string, member: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  let own = value as Record<string, unknown>
  for (const name of Object.keys(value)) {
    const before = own[name]
    const after = to(name, before)
    if (after === before) continue
    if (own === value) own = (Array.isArray(value) ? [...value] : { ...value }) as typeof own
    own[name] = after
  }
  return own
}

const isTranslated = (value: unknown): value is Exclude<Written, string> =>
  typeof value === 'object' && value !== null && 'en' in value && typeof value.en === 'string'

/** A sentence in one language. */
export type InLanguage = { readonly language: Language; readonly says: string }

/** A sentence in the first of the languages in which it stands; undefined if in none. */
export function inLanguage(
  says: string,
  translations: Translations | undefined,
  wanted: readonly Language[],
): InLanguage | undefined {
  const all = translations?.get(says)
  for (const language of wanted) {
    const text = all?.[language]
    if (text !== undefined) return { language, says: text }
  }
  return undefined
}

/** `no German sentence yet`, `no Dutch, French or German sentence yet`. */
export const noneYet = (wanted: readonly Language[]): string =>
  `no ${new Intl.ListFormat('en', { type: 'disjunction' }).format(wanted.map(languageName))} sentence yet`

/** A version by whom it is owned, and what its sentences say in other languages. */
type Owned = { readonly folder?: string; readonly translations?: Translations | undefined }

/** The same in a language of the version's owner. */
export const inOwners = (says: string, { folder = '', translations }: Owned) =>
  inLanguage(says, translations, languagesOf(folder))

/** What a sentence lacks, if its file has others in its owner's language: `no German sentence yet`. */
export function lacking(says: string, owned: Owned): string | undefined {
  const wanted = languagesOf(owned.folder ?? '')
  if (owned.translations === undefined || wanted.length === 0) return undefined
  return inLanguage(says, owned.translations, wanted) === undefined ? noneYet(wanted) : undefined
}
