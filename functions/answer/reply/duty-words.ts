/** What the duties of an answer say in other languages. Nothing decides by it; counsel has not checked it. */

import { claimLabels } from '../../policy/fact-types.ts'
import type { Language, Translated, Translations } from '../../policy/language.ts'
import { duties } from '../../policy/obligations.ts'

const value = '{value}'

/** The texts of duties, by code. Each stands in the infinitive: whoever reads it may not be who owes it. */
const ofDuties: Readonly<Record<string, Translated>> = {
  'O-USE': {
    de: 'Die Daten nur für den angegebenen Zweck und Fall verwenden; jede andere Verwendung bedarf der Zustimmung.',
    fr: 'N’utiliser les données que pour la finalité et l’affaire indiquées, et tout autre usage requiert un accord.',
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
    de: 'Dies beruht auf einer Angabe der ersuchenden Stelle: {value}. Die Daten auf keiner anderen Grundlage verwenden und es der datenhaltenden Stelle mitteilen, wenn es nicht so ist.',
    fr: 'Ceci repose sur une déclaration de l’autorité requérante, à savoir {value}. N’utiliser les données sur aucune autre base, et prévenir l’autorité détentrice s’il n’en est pas ainsi.',
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

/** Values of duties that are words. A marking is a name, and stays. */
const ofValues: Readonly<Record<string, Translated>> = {
  yearly: { de: 'jährlich', fr: 'chaque année' },
  'of the category': { de: 'über die Kategorie', fr: 'de la catégorie' },
  'of this transfer': { de: 'über diese Übermittlung', fr: 'de ce transfert' },
  'as the law says': { de: 'wie das Gesetz es sagt', fr: 'selon la loi' },
}

type Claim = {
  readonly label: Translated
  /** Of a claim whose values are codes; any other value stays as the requester wrote it. */
  readonly values?: Readonly<Record<string, Translated>>
}

/** What the requester stated, and a duty rests on. */
const ofClaims: Readonly<Record<keyof typeof claimLabels, Claim>> = {
  'request.purpose': {
    label: { de: 'der Zweck', fr: 'la finalité' },
    values: {
      prevention: { de: 'Verhütung von Straftaten', fr: 'prévention d’infractions' },
      detection: { de: 'Aufdeckung von Straftaten', fr: 'détection d’infractions' },
      investigation: { de: 'Ermittlung', fr: 'enquête' },
      prosecution: { de: 'Strafverfolgung', fr: 'poursuites' },
      'execution-of-penalty': { de: 'Strafvollstreckung', fr: 'exécution d’une peine' },
      'public-security-threat': {
        de: 'Gefahr für die öffentliche Sicherheit',
        fr: 'menace pour la sécurité publique',
      },
      identification: { de: 'Identifizierung', fr: 'identification d’une personne ou d’un corps' },
      'missing-person': { de: 'vermisste Person', fr: 'personne disparue' },
      immigration: { de: 'Einwanderungskontrolle', fr: 'contrôle de l’immigration' },
      intelligence: { de: 'nachrichtendienstliche Zwecke', fr: 'renseignement' },
      other: { de: 'ein anderer Zweck', fr: 'une autre finalité' },
    },
  },
  'request.offence.category': {
    label: {
      de: 'die Art der Straftat, die die ersuchende Stelle angibt',
      fr: 'le type d’infraction que l’autorité requérante indique',
    },
    values: {
      ordinary: { de: 'gewöhnliche Straftat', fr: 'infraction de droit commun' },
      political: { de: 'politische Straftat', fr: 'infraction politique' },
      military: { de: 'militärische Straftat', fr: 'infraction militaire' },
      religious: { de: 'religiöse Straftat', fr: 'infraction à caractère religieux' },
      racial: { de: 'Straftat rassischen Charakters', fr: 'infraction à caractère racial' },
      fiscal: { de: 'fiskalische Straftat', fr: 'infraction fiscale' },
      terrorism: { de: 'Terrorismus', fr: 'terrorisme' },
      administrative: { de: 'Ordnungswidrigkeit', fr: 'infraction administrative' },
      'private-dispute': { de: 'private Streitigkeit', fr: 'litige d’ordre privé' },
    },
  },
  'request.caseReference': {
    label: { de: 'der Fall der ersuchenden Stelle', fr: 'l’affaire de l’autorité requérante' },
  },
  'request.instrument': {
    label: {
      de: 'das Instrument, auf das sich die ersuchende Stelle stützt',
      fr: 'l’instrument que l’autorité requérante invoque',
    },
  },
  'request.stage': {
    label: { de: 'der Stand des Verfahrens', fr: 'le stade de la procédure' },
    values: {
      unknown: { de: 'kein Verfahren', fr: 'aucune procédure' },
      suspect: { de: 'Verdacht', fr: 'soupçon' },
      arrested: { de: 'Festnahme', fr: 'arrestation' },
      charged: { de: 'Anklage', fr: 'inculpation' },
      convicted: { de: 'Verurteilung', fr: 'condamnation' },
    },
  },
  'request.offence.maxCustodyMonthsRequester': {
    label: {
      de: 'das Höchstmaß der Freiheitsstrafe im ersuchenden Staat, in Monaten',
      fr: 'le maximum de la peine privative de liberté dans l’État requérant, en mois',
    },
  },
}

/** `the purpose (investigation)` in another language; words that are a name stay. */
function valueIn(words: string, tag: Language): string {
  const known = ofValues[words]?.[tag]
  if (known !== undefined) return known
  // A cast: `Object.entries` forgets the names.
  for (const [name, english] of Object.entries(claimLabels) as [keyof typeof ofClaims, string][]) {
    if (!words.startsWith(`${english} (`)) continue
    const { label, values } = ofClaims[name]
    const stated = words.slice(english.length + 2, -1)
    return `${label[tag] ?? english} (${values?.[stated]?.[tag] ?? stated})`
  }
  return words
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
  const said = Object.entries(ofDuties[code] ?? {}).map(([tag, own]) => [
    tag,
    own?.replace(value, () => valueIn(words, tag as Language)),
  ])
  return new Map([[text, Object.fromEntries(said)]])
}
