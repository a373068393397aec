/**
 * The sentences of an answer in the languages that its reader wants. The entry keeps the English ones; the others
 * are looked up in the sealed versions that decided, so that nothing that was decided depends on them.
 */

import type { Obligation } from '../../decision/duties.ts'
import type { Reason } from '../../decision/reasons.ts'
import type { Book } from '../../policy/book.ts'
import { type InLanguage, inLanguage, type Language, noneYet } from '../../policy/language.ts'
import type { Confidence } from '../../policy/sentence.ts'
import { dutyTranslations } from './duty-words.ts'
import { type Html, html } from './html.ts'
import { ownTranslations } from './own-sentences.ts'
import type { Reply } from './reply-schema.ts'

/** A reason with its sentence in another language, or the words that there is none. */
export type SpokenReason = Reason & Spoken
/** A duty with its text in another language, or the words that there is none. */
export type SpokenDuty = Pick<Obligation, 'code' | 'text'> & Spoken
type Spoken = Pick<Reply['reasons'][number], 'translation'>

/** What is read of an answer to find its sentences in other languages. */
export type SpokenAnswer = {
  readonly reasons: readonly SpokenReason[]
  readonly obligations: readonly SpokenDuty[]
  readonly policies: readonly Pick<Reply['policies'][number], 'id' | 'version'>[]
}

/** An answer whose reasons and duties have, beside the English, that in the first wanted language it stands in. */
export function inLanguages<A extends SpokenAnswer>(
  answer: A,
  { policies }: Pick<Book, 'policies'>,
  wanted: readonly Language[],
): A {
  const [first] = wanted
  if (first === undefined) return answer
  const named = new Set(answer.policies.map(({ id, version }) => `${id}@${version}`))
  const decided = new Map(
    policies.flatMap((each) =>
      named.has(`${each.id}@${each.version}`) ? [[each.id, each] as const] : [],
    ),
  )
  const spoken = (reason: Reason): SpokenReason => {
    const [folder, name] = reason.rule.split('/')
    const policy = decided.get(`${folder}/${name}`)
    const law = inLanguage(reason.says, policy?.translations, wanted)
    const said = law ?? inLanguage(reason.says, ownTranslations, wanted)
    const confidence = law ? policy?.file.translated?.[law.language] : 'M'
    return { ...reason, ...translated(said, confidence, first) }
  }
  const spokenDuty = (duty: SpokenDuty): SpokenDuty => {
    const said = inLanguage(duty.text, dutyTranslations(duty.code, duty.text), wanted)
    return { ...duty, ...translated(said, 'M', first) }
  }
  return {
    ...answer,
    reasons: answer.reasons.map(spoken),
    obligations: answer.obligations.map(spokenDuty),
  }
}

const translated = (
  said: InLanguage | undefined,
  confidence: Confidence | undefined,
  wanted: Language,
): Required<Spoken> => ({
  translation: said
    ? { ...said, ...(confidence && { confidence }) }
    : { language: wanted, none: noneYet([wanted]) },
})

/** The languages that an answer is in, for `Content-Language` (RFC 9110 §8.5). */
export const languagesIn = ({ reasons, obligations }: SpokenAnswer): string =>
  [
    ...new Set([
      'en',
      ...[...reasons, ...obligations].flatMap(({ translation }) =>
        translation !== undefined && 'says' in translation ? [translation.language] : [],
      ),
    ]),
  ].join(', ')

/** A sentence for a page: in the language that was wanted, and then as the entry keeps it. */
export function saysHtml({ says, translation }: { readonly says: string } & Spoken): Html {
  if (translation === undefined) return html`${says}`
  if ('none' in translation) return html`${says} <em>(${translation.none})</em>`
  const { language, says: said, confidence } = translation
  const mark =
    confidence === undefined || confidence === 'V' ? '' : ` (${translationWords(confidence)})`
  return html`<span lang="${language}">${said}</span>${mark}<br><span class="soft" lang="en">${says}</span>`
}

/** The same of a duty. */
export const dutyHtml = ({ text, translation }: SpokenDuty): Html =>
  saysHtml({ says: text, translation })

/** How well a translation was checked, in words. */
export const translationWords = (confidence: Confidence): string =>
  confidence === 'V' ? 'translation checked by counsel' : 'translation, to be checked by counsel'
