/** What the gateway's own sentences say in other languages. Nothing decides by them; counsel has not checked them. */

import { type BuiltIn, builtIn } from '../../decision/reasons.ts'
import type { Translated, Translations } from '../../policy/language.ts'

const sentences: Readonly<Record<BuiltIn, Translated>> = {
  'no-policy': {
    de: 'Keine Regelung aus dem Recht der datenhaltenden Stelle spricht von diesem Ersuchen.',
    fr: 'Aucune règle du droit de l’autorité détentrice ne vise cette demande.',
  },
  'policy-suspended': {
    de: 'Eine Regelung, die dies erlauben müsste, ist zurzeit ausgesetzt.',
    fr: 'Une règle qui devrait permettre cela est suspendue pour le moment.',
  },
  'asked-only': {
    de: 'Diese Regelung spricht nur von Ersuchen: Keine ihrer Erlaubnisse erfasst, was ohne Ersuchen gegeben wird.',
    fr: 'Cette règle ne vise que des demandes, et aucune de ses permissions ne couvre ce qui est donné sans demande.',
  },
  'nothing-transmissible': {
    de: 'Es ist nichts gespeichert, was übermittelt werden darf.',
    fr: 'Aucune donnée qui puisse être transmise n’est détenue.',
  },
  'condition-unaccepted': {
    de: 'Ihr eigenes Recht verbietet es der ersuchenden Stelle, eine Bedingung der Weitergabe einzuhalten.',
    fr: 'Son propre droit interdit à l’autorité requérante de respecter une condition de la communication.',
  },
  'fact-missing': {
    de: 'Es ist nicht bekannt, ob die ersuchende Stelle die Bedingungen der Weitergabe einhalten kann.',
    fr: 'On ignore si l’autorité requérante peut respecter les conditions de la communication.',
  },
  'human-decision': {
    de: 'Darüber muss ein Beamter der datenhaltenden Stelle entscheiden; keiner hat es freigegeben.',
    fr: 'Un agent de l’autorité détentrice doit en décider, et aucun ne l’a autorisé.',
  },
  'many-persons': {
    de: 'Ein Beamter hat in dieser Sache nach mehr Personen gefragt, als die datenhaltende Stelle allein nach der Regel übermittelt. Kein Gesetz bestimmt diese Zahl; die datenhaltende Stelle hat sie gewählt, und einer ihrer Beamten bestätigt jede weitere Antwort.',
    fr: 'Un agent a demandé dans cette affaire plus de personnes que l’autorité détentrice n’en transmet par règle seule. Aucune loi ne fixe ce nombre, l’autorité détentrice l’a choisi, et l’un de ses agents confirme chaque réponse de plus.',
  },
  'answered-no': {
    de: 'Worum eine Stelle in dieser Sache gebeten wurde, hat sie verneint, oder ihre Antwort ist nicht bekannt. Dann geht nichts allein nach der Regel hinaus; ein Beamter der datenhaltenden Stelle entscheidet.',
    fr: 'Une autorité a répondu non à ce qui lui était demandé dans cette affaire, ou sa réponse n’est pas connue. Rien ne part alors par règle seule ; un agent de l’autorité détentrice décide.',
  },
  'unknown-class': {
    de: 'Die Angabe gehört zu keiner Klasse, die die Regelungen kennen.',
    fr: 'L’élément n’est d’aucune catégorie que les règles connaissent.',
  },
  'instrument-not-in-force': {
    de: 'Das angeführte Instrument bindet an diesem Tag nicht beide.',
    fr: 'L’instrument invoqué ne lie pas l’une et l’autre partie ce jour-là.',
  },
}

/** The same by the English sentence, as a policy has its own. */
export const ownTranslations: Translations = new Map(
  // A cast: `Object.entries` forgets the names.
  (Object.entries(sentences) as [BuiltIn, Translated][]).map(([code, said]) => [
    builtIn(code).says,
    said,
  ]),
)
