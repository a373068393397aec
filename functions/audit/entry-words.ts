/** What an entry of each kind says, in words: the same for a page, a terminal and a court. */

import type { Values } from '../answer/entries/values.ts'
import type { EntryKind } from '../ledger/entry.ts'
import { factWords } from '../policy/words.ts'
import { type RankedBy, rankedWords } from './officer-ranking.ts'
import type { Order } from './subject-act.ts'

/** What a kind of entry is called. */
export const kindWords = {
  decision: 'Decision',
  attestation: 'Attestation',
  withdrawal: 'Withdrawal of an attestation, an objection or a refusal',
  countersignature: 'Signature under an attestation',
  objection: 'Objection to an attestation',
  review: 'Review of a denial by a person',
  record: 'Change of a record',
  consultation: 'Look at the log',
  erasure: 'Erasure',
  restriction: 'Restriction',
  hold: 'Hold against erasure',
  lift: 'End of a hold or restriction',
  delivery: 'Delivery of an answer by another way',
  file: 'File of an answer, given to whoever may have it',
  duty: 'Duty on an answer that its holder did',
  response: 'Refusal of an office, or its question',
  recall: 'Recall of what was given',
  notice: 'Notice about an open denial or what was given, or of an alarm',
  set: 'Set of the law by which later entries are decided',
  statement: 'Statement on which later entries rest',
} as const satisfies Readonly<Record<EntryKind, string>>

/** A term, and what the entry says of it. */
export type EntryTerm = readonly [term: string, says: string]

/** Values as they are read back: a side that sees less has fewer, and an earlier version, too. */
type Loose<T> = T extends readonly (infer Each)[]
  ? readonly Loose<Each>[]
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> }
    : T

type Attested = Loose<Extract<Values['attestation'], { readonly attestation: unknown }>>
type Alarmed = Loose<Extract<Values['notice']['notice'], { readonly what: 'alarm' }>>
type ToTell = Loose<Exclude<Values['notice']['notice'], { readonly what: 'alarm' }>> & {
  readonly request?: string
  readonly of?: string
}

/**
 * What an entry says besides who called, when, and for a decision besides its reasons; empty if its side sees none of
 * that. `seen` is an entry as an auditor is shown it.
 */
export function entryTerms(seen: Readonly<Record<string, unknown>>): readonly EntryTerm[] {
  const kind = String(seen.kind)
  const of: ((seen: never) => Terms) | undefined = Object.hasOwn(terms, kind)
    ? // A cast: an own name of the table.
      terms[kind as EntryKind]
    : undefined
  // A cast: what is there of an entry of this kind; whatever is not is left out.
  return (of?.(seen as never) ?? []).flatMap(([term, says]) =>
    says === undefined || says === '' ? [] : [[term, says] as const],
  )
}

type Terms = readonly (readonly [term: string, says: string | undefined])[]

const onSubject = ({ act, about, approver, period }: Loose<Values['erasure']>): Terms => {
  const { ground, order } = (act ?? {}) as {
    readonly ground?: string
    readonly order?: Loose<Order>
  }
  return [
    ['Ground', ground],
    ['Ordered by', order?.by],
    ['Order', order?.reference],
    ['Approved by', approver && `${approver.agency}, ${approver.officer}`],
    ['Entries', about?.entries && `${about.entries.length}`],
    ['Keys', about?.keys && `${about.keys.length}`],
    ['Due by the period of', period?.cites],
  ]
}

const attestation = (seen: Attested): Terms => {
  const { person } = seen as { readonly person?: string }
  const said = seen.attestation
  if (said === undefined) return [['A person was added to an attestation that stands', person]]
  const { fact = '', value, also = [], scope, ground, from, until, decidedBy, as } = said
  return [
    ['What was vouched for', [{ fact, value }, ...also].map(vouchedFor).join('; ')],
    ['Of what', scope?.kind],
    ['Ground', ground],
    ['Decided by', decidedBy],
    ['Signed as', as],
    ['From', from],
    ['Until', until],
  ]
}

const vouchedFor = (each: { readonly fact?: string; readonly value?: unknown }): string =>
  factWords(each.fact ?? '', each.value)

const record = ({ act }: Loose<Values['record']>): Terms => [
  ['What was done', act?.what && recordWords[act.what]],
  ['Record', act?.recordId],
  ['File', act?.file && `${act.file.type}, ${act.file.length} bytes, of item ${act.file.item}`],
  [
    'What became of what may have left',
    act?.changed
      ?.map(({ how, items }) => `${how}: ${items === undefined ? 'all' : items.join(', ')}`)
      .join('; '),
  ],
  ['Where it is kept', act?.own && 'in the holder’s own system'],
]

const recordWords = {
  put: 'kept',
  correct: 'corrected',
  erase: 'erased',
  file: 'a file of it came',
} as const

const notice = ({ notice: said }: { readonly notice?: ToTell }): Terms => [
  ['What was told', said?.what],
  ['To', said?.to],
  ['About the answer', said?.request],
  ['Holder', said?.holder],
  ['Requester', said?.requester],
  ['Due', said?.due],
  ['Of the notice', said?.of],
]

const alarm = ({ to, agency, officer, by, days, over, count, from, until }: Alarmed): Terms => [
  ['Alarm of', to],
  ['What is counted', by && rankedWords[by as RankedBy]],
  ['It goes off for', `more than ${over} in ${days} days`],
  [
    'For whom it went off',
    officer === null
      ? `nobody: what ${agency} did could not be counted, only the newest ${count}`
      : `${agency}, ${officer}: ${count}`,
  ],
  ['Counted from', from],
  ['Until', until],
]

const consultation = ({ consultation: look }: Loose<Values['consultation']>): Terms => [
  ['What for', look?.purpose],
  ['Question', look?.question && JSON.stringify(look.question)],
  ['Shown', look?.shown && `${look.shown.length} entries`],
]

const countersignature = (seen: Loose<Values['countersignature']>): Terms => [
  ['Signed by', seen.signature && `${seen.signature.agency}, ${seen.signature.officer}`],
  ['As', seen.signature?.as],
  ['Under the recall of', seen.recalls],
]

const recall = ({ recall: said }: Loose<Values['recall']>): Terms => [
  ['Holder', said?.holder],
  ['Of what', said?.cause && JSON.stringify(said.cause)],
  ['What whoever got it must do', said?.ask && `have it ${said.ask}`],
  ['Within', said?.days === undefined ? undefined : `${said.days} days`],
]

const terms: { readonly [K in EntryKind]: (seen: Loose<Values[K]>) => Terms } = {
  decision: () => [],
  // A cast: of the two forms, the second has no member of the first.
  attestation: (seen) => attestation(seen as Attested),
  withdrawal: (seen) => [
    ['What ends', seen.attestation],
    ['The refusal of', seen.refused?.request],
  ],
  countersignature,
  objection: ({ objection: said }) => [
    ['Objected to', said?.facts?.join(', ')],
    ['Against', said?.against],
    ['Of what', said?.scope?.kind],
    ['Ground', said?.ground],
  ],
  review: ({ review }) => [
    ['Ground', review?.ground],
    ['Holder', review?.holder],
    ['To', review?.to],
  ],
  record,
  consultation,
  erasure: onSubject,
  restriction: onSubject,
  hold: onSubject,
  lift: onSubject,
  delivery: ({ delivery }) => [
    ['By', delivery?.by],
    ['Number there', delivery?.number],
    ['Sent', delivery?.sentAt],
  ],
  file: ({ file, inCase }) => [
    ['File', file && `${file.type}, ${file.length} bytes, of item ${file.item}`],
    ['Case', inCase && `${inCase.caseReference} of ${inCase.requester}`],
  ],
  duty: ({ duty }) => [
    ['Duty', duty?.code],
    ['What was done', duty?.value],
  ],
  response: ({ response }) => [
    ['What', response?.what === 'refuse' ? 'refused' : response?.what && 'asked back'],
    ['Text', response?.text],
    ['To', response?.to],
  ],
  recall,
  // Casts: of the forms, those of one `what` each.
  notice: (seen) =>
    seen.notice?.what === 'alarm'
      ? alarm(seen.notice as Alarmed)
      : notice(seen as { readonly notice?: ToTell }),
  set: ({ set }) => [
    ['Made', set?.madeAt],
    ['Folders', set?.folders && `${Object.keys(set.folders).length}`],
  ],
  statement: ({ statement }) => [['Statement', statement && JSON.stringify(statement)]],
}
