/** What the gateway's own sentences say in other languages. Nothing decides by them; counsel has not checked them. */

import { type BuiltIn, builtIn } from '../decision/reasons.ts'
import type { Language, Translated, Translations } from '../policy/language.ts'
import { duties } from '../policy/obligations.ts'

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

const value = '{value}'

/** The texts of duties, by code. Each stands in the infinitive: whoever reads it may not be who owes it. */
const ofDuties: Readonly<Record<string, Translated>> = {
  'O-USE': {
    de: 'Die Daten nur für den angegebenen Zweck und Fall verwenden; jede andere Verwendung bedarf der Zustimmung.',
    fr: 'N’utiliser les données que pour la fin et l’affaire indiquées, et tout autre usage requiert un accord.',
  },
  'O-SPEC': {
    de: 'Die Daten ohne Zustimmung nicht wegen einer anderen Straftat gegen die Person verwenden.',
    fr: 'Ne pas utiliser les données contre la personne pour une autre infraction sans accord.',
  },
  'O-NOEVID': {
    de: 'Die Daten als Erkenntnisse verwenden; als Beweismittel nur mit Zustimmung des Staates, der sie hält.',
    fr: 'Utiliser les données comme renseignements, et comme preuves seulement avec l’accord de l’État détenteur.',
  },
  'O-ONWARD': {
    de: 'Ohne Zustimmung nichts an einen anderen Staat, eine andere Organisation oder eine andere Behörde weitergeben.',
    fr: 'Ne rien transmettre à un autre État, une autre organisation ou une autre autorité sans accord.',
  },
  'O-DEL': {
    de: 'Die Daten bis zu dem Tag löschen oder überprüfen, den die datenhaltende Stelle bestimmt.',
    fr: 'Effacer ou réexaminer les données au plus tard à la date fixée par l’autorité détentrice.',
  },
  'O-NOTIFY-CORR': {
    de: 'Dem Empfänger spätere Berichtigungen und Löschungen mitteilen; der Empfänger richtet sich danach.',
    fr: 'Informer le destinataire des rectifications et effacements ultérieurs, et le destinataire y donne suite.',
  },
  'O-NOTIFY-SA': {
    de: 'Die Aufsichtsbehörde unterrichten ({value}).',
    fr: 'Informer l’autorité de contrôle ({value}).',
  },
  'O-NOTIFY-ORIG': {
    de: 'Den Staat, von dem die Daten stammen, unverzüglich unterrichten.',
    fr: 'Informer sans délai l’État dont les données proviennent.',
  },
  'O-NOTIFY-COMP': {
    de: 'Die zuständige Behörde des Drittstaats unterrichten.',
    fr: 'Informer l’autorité compétente de l’État tiers.',
  },
  'O-NOTIFY-SECRETARIAT': {
    de: 'Einen möglichen Verstoß dem Generalsekretariat von INTERPOL melden.',
    fr: 'Signaler une possible violation au Secrétariat général d’INTERPOL.',
  },
  'O-DOC': {
    de: 'Datum und Uhrzeit, Empfänger, Begründung und Daten der Übermittlung dokumentieren.',
    fr: 'Consigner la date et l’heure, le destinataire, la justification et les données du transfert.',
  },
  'O-LOG': {
    de: 'Protokollieren, wer wem wann und warum was offengelegt hat.',
    fr: 'Journaliser qui a communiqué quoi, à qui, quand et pourquoi.',
  },
  'O-MARK': { de: 'Den Vermerk {value} anbringen.', fr: 'Apposer la mention {value}.' },
  'O-DP': {
    de: 'Die Daten nicht in einem Verfahren verwenden, das zu einem Todesurteil führt.',
    fr: 'Ne pas utiliser les données dans une procédure qui mène à une condamnation à mort.',
  },
  'O-CONF': {
    de: 'Das Ersuchen und die Antwort vertraulich behandeln.',
    fr: 'Garder confidentielles la demande et sa réponse.',
  },
  'O-FEEDBACK': {
    de: 'Verwendung und Ergebnis mitteilen, wenn die datenhaltende Stelle danach fragt.',
    fr: 'Rendre compte de l’usage et du résultat lorsque l’autorité détentrice le demande.',
  },
  'O-FOLLOWUP': {
    de: 'Ein förmliches Ersuchen nachreichen.',
    fr: 'Faire suivre une demande formelle.',
  },
  'O-VICTIM': {
    de: 'Daten über Opfer und Zeugen so behandeln, dass diese geschützt sind.',
    fr: 'Traiter les données sur les victimes et les témoins de manière à les protéger.',
  },
  'O-MINOR': {
    de: 'Daten über Minderjährige von einer Fachkraft für Kinder bearbeiten lassen.',
    fr: 'Faire traiter les données sur les mineurs par un spécialiste de l’enfance.',
  },
  'O-STATED': {
    de: 'Dies beruht auf einer Angabe der ersuchenden Stelle: „{value}“. Die Daten auf keiner anderen Grundlage verwenden und es der datenhaltenden Stelle mitteilen, wenn es nicht so ist.',
    fr: 'Ceci repose sur une déclaration de l’autorité requérante : « {value} ». N’utiliser les données sur aucune autre base, et prévenir l’autorité détentrice s’il n’en est pas ainsi.',
  },
  'O-CONFIRM': {
    de: 'Ein Beamter bestätigt die Herausgabe.',
    fr: 'Un agent confirme la transmission.',
  },
  'O-VALID': {
    de: 'Vor jeder Zwangsmaßnahme bei der datenhaltenden Stelle prüfen, ob die Daten noch gelten.',
    fr: 'Avant toute mesure de contrainte, vérifier auprès de l’autorité détentrice que les données sont toujours valables.',
  },
  'O-ANSWER': {
    de: 'Das Ersuchen rechtzeitig beantworten.',
    fr: 'Répondre à la demande dans le délai.',
  },
  'O-REASONS': {
    de: 'Die Gründe der Ablehnung rechtzeitig mitteilen.',
    fr: 'Donner les motifs du refus dans le délai.',
  },
}

/** Values of duties that are words. A marking is a name, and what the requester stated is quoted: both stay. */
const ofValues: Readonly<Record<string, Translated>> = {
  yearly: { de: 'jährlich', fr: 'chaque année' },
  'of the category': { de: 'über die Kategorie', fr: 'de la catégorie' },
  'of this transfer': { de: 'über diese Übermittlung', fr: 'de ce transfert' },
  'as the law says': { de: 'wie das Gesetz es sagt', fr: 'selon la loi' },
}

/**
 * What a duty of an answer says in other languages, by its text. None where the text is not that which its code has
 * today: an old answer keeps what it said.
 */
export function dutyTranslations(code: string, text: string): Translations {
  const [before = '', after] = (duties[code]?.text ?? '').split(value)
  const isOwn =
    after === undefined ? text === before : text.startsWith(before) && text.endsWith(after)
  if (!isOwn) return new Map()
  const words = after === undefined ? '' : text.slice(before.length, text.length - after.length)
  const said = Object.entries(ofDuties[code] ?? {}).map(([tag, own]) => {
    const stated = ofValues[words]?.[tag as Language] ?? words
    return [tag, own?.replace(value, () => stated)]
  })
  return new Map([[text, Object.fromEntries(said)]])
}
