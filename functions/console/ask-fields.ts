/** The fields of a request's form, with labels and help from the vocabulary. */

import { wayWords } from '../answer/handovers/package-page.ts'
import { classes, type Fact, vocabulary } from '../policy/vocabulary.ts'

/** A field by its name, which is its place in the request: `offence.category`. */
export type FormField = {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly kind: 'text' | 'long' | 'number' | 'day' | 'moment' | 'file-digest' | 'one' | 'many'
  /** What may be chosen, by value; of a text, what is proposed. */
  readonly options?: Readonly<Record<string, string>>
  readonly optional?: true
}

/** Fields that stand under one heading. */
type Section = {
  readonly heading: string
  readonly hint?: string
  readonly fields: readonly FormField[]
}

/** What may be chosen that the vocabulary does not say: whom to ask, by which channel, on which instruments. */
export type FormChoices = {
  readonly holders: Readonly<Record<string, string>>
  readonly channels: readonly string[]
  readonly instruments: Readonly<Record<string, string>>
  /** Whether it came by another way, and the holder's officer enters it. */
  readonly isReceived: boolean
}

/** A fact of the vocabulary as a field; its help is the first sentence of what the fact means. */
const ofFact = (name: string, fact: string, more: Partial<FormField> = {}): FormField => {
  const { label, meaning, ...rest }: Fact = vocabulary[fact] ?? {
    ...{ type: 'code', label: name, source: 'claim', meaning: '' },
  }
  const unit = rest.type === 'integer' ? `, in ${rest.unit}` : ''
  return {
    name,
    label: capital(label) + unit,
    hint: meaning.replaceAll(/\s*\([^)]*\)/g, '').split(/[.;]/)[0] ?? '',
    kind: rest.type === 'integer' ? 'number' : rest.type === 'enum' ? 'one' : 'text',
    ...(rest.type === 'enum' && { options: rest.values }),
    ...more,
  }
}
/** A field for a text. */
const ofText = (name: string, label: string, hint?: string): FormField => ({
  ...{ name, label, kind: 'text', ...(hint && { hint }) },
})
const optional = (field: FormField): FormField => ({ ...field, optional: true })
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const personAndClasses: readonly Section[] = [
  {
    heading: 'The person',
    hint: 'Say it in one way: by name and day of birth, by a document, or by the number of the holder’s record.',
    fields: [
      optional(ofText('subject.name.given', 'Given names')),
      optional(ofText('subject.name.family', 'Family name')),
      { name: 'subject.birthDate', label: 'Day of birth', kind: 'day', optional: true },
      optional(ofText('subject.document.number', 'Number of a document')),
      optional(ofText('subject.document.country', 'Its country', 'Such as DE')),
      optional(ofText('subject.recordId', 'Number of the record')),
    ],
  },
  {
    heading: 'What you ask for',
    fields: [
      {
        name: 'classes',
        label: 'Classes of data',
        hint: 'As few as you need',
        kind: 'many',
        options: classes,
      },
    ],
  },
]

/** How a request came that is entered for whoever sent it. */
const howItCame: Section = {
  heading: 'How it came',
  hint: 'Who asks is your word here, as the message has it.',
  fields: [
    { name: 'receivedBy.way', label: 'By which way', kind: 'one', options: wayWords },
    ofText('receivedBy.number', 'Its number there'),
    { name: 'receivedBy.receivedAt', label: 'When it came, UTC', kind: 'moment' },
    {
      name: 'receivedBy.digest',
      label: 'The message as it came, by its SHA-256',
      hint: 'Choose the file, such as the scan of the letter: only its digest goes into this form, and the file stays with you. Or write the digest, in hexadecimal or base64url',
      kind: 'file-digest',
    },
    ofText('receivedBy.from.name', 'The authority that asks', 'As its letterhead has it'),
    ofText('receivedBy.from.jurisdiction', 'Its country', 'Such as PT, or INTERPOL'),
    ofFact('receivedBy.from.authorityType', 'requester.authorityType'),
    ofText(
      'receivedBy.from.cannotHonour',
      'Duties that its own law forbids it to keep',
      'Their codes, such as O-USE, with spaces between; or none, if you know that there are none',
    ),
  ],
}

const whyAndCase = (isReceived: boolean): readonly Section[] => [
  {
    heading: 'Why it is needed',
    fields: [
      {
        name: 'necessity.statement',
        label: isReceived ? 'Why they need it' : 'Why you need it',
        hint: 'At most 2000 characters',
        kind: 'long',
      },
      {
        name: 'necessity.strictlyNecessaryClasses',
        label: `Classes that ${isReceived ? 'they' : 'you'} call strictly necessary`,
        hint: 'The holder judges it',
        kind: 'many',
        options: classes,
        optional: true,
      },
      ...['deathPenalty', 'reciprocity'].map((each) =>
        ofFact(`assurances.${each}`, `assurance.${each}`, {
          kind: 'many',
          options: { given: isReceived ? 'they give it' : 'we give it' },
          optional: true,
        }),
      ),
    ],
  },
  {
    heading: isReceived ? 'Their case' : 'Your case',
    fields: [
      ofText(
        'caseReference',
        isReceived ? 'Their case, as they call it' : 'Your case, as you call it',
      ),
    ],
  },
  {
    heading: 'What you expect to be held',
    hint: 'For what you see next alone: it is not sent. It supposes data of the holder’s own, verified, in use, and a year old.',
    fields: [
      ofFact('suppose.role', 'item.role', { optional: true }),
      {
        name: 'suppose.minor',
        label: 'The person’s age at the event',
        kind: 'many',
        options: { true: vocabulary['item.minor']?.label ?? '' },
        optional: true,
      },
    ],
  },
]

/** Every section of the form. */
export const sectionsOf = ({
  holders,
  channels,
  instruments,
  isReceived,
}: FormChoices): readonly Section[] => {
  const named = vocabulary['request.channel']
  const all = named?.type === 'enum' ? named.values : {}
  const own = Object.fromEntries(channels.map((each) => [each, all[each] ?? each]))
  const toWhom: Section = {
    heading: 'Whom you ask',
    fields: [
      { name: 'holder', label: 'The holder', kind: 'one', options: holders },
      ofFact('channel', 'request.channel', {
        hint: 'As your agency is registered',
        options: own,
      }),
    ],
  }
  const who = isReceived ? 'they' : 'you'
  const channel = ofFact('channel', 'request.channel', { hint: 'By which it came', options: all })
  return [
    isReceived ? { ...howItCame, fields: [...howItCame.fields, channel] } : toWhom,
    ...personAndClasses,
    {
      heading: 'What for',
      fields: [
        ofFact('purpose', 'request.purpose'),
        ofFact('offence.category', 'request.offence.category', {
          ...{ label: 'The kind of offence', hint: `As ${who} call it` },
        }),
        optional(
          ofText(
            'offence.description',
            'The offence, in a few words',
            'At most 400 characters; nothing of the person',
          ),
        ),
        ofFact('offence.maxCustodyMonths', 'request.offence.maxCustodyMonthsRequester'),
        ofFact('stage', 'request.stage'),
        ofFact('urgency', 'request.urgency', { hint: `As ${who} say` }),
        ofFact('instrument', 'request.instrument', {
          ...{ label: `The instrument that ${who} rely on`, options: instruments },
        }),
      ],
    },
    ...whyAndCase(isReceived),
  ]
}
