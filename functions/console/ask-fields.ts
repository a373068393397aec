/** The fields of a request's form, with labels and help from the vocabulary. */

import { wayWords } from '../answer/handovers/package-page.ts'
import { html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { classes, type Fact, vocabulary } from '../policy/vocabulary.ts'
import type { Words } from './page.ts'

/** A field by its name, which is its place in the request: `offence.category`. */
export type FormField = {
  readonly name: string
  readonly label: Words
  readonly hint?: Words
  readonly kind: 'text' | 'long' | 'number' | 'day' | 'moment' | 'file-digest' | 'one' | 'many'
  /** What may be chosen, by value; of a text, what is proposed. */
  readonly options?: Readonly<Record<string, Words>>
  readonly optional?: true
}

/** Fields that stand under one heading. */
type Section = {
  readonly heading: Words
  readonly hint?: Words
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
  const unit = rest.type === 'integer' ? say('fields.unit', { unit: rest.unit }) : ''
  return {
    name,
    label: html`${capital(label)}${unit}`,
    hint: meaning.replaceAll(/\s*\([^)]*\)/g, '').split(/[.;]/)[0] ?? '',
    kind: rest.type === 'integer' ? 'number' : rest.type === 'enum' ? 'one' : 'text',
    ...(rest.type === 'enum' && { options: rest.values }),
    ...more,
  }
}
/** A field for a text. */
const ofText = (name: string, label: Words, hint?: Words): FormField => ({
  ...{ name, label, kind: 'text', ...(hint && { hint }) },
})
const optional = (field: FormField): FormField => ({ ...field, optional: true })
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const personAndClasses: readonly Section[] = [
  {
    heading: say('terms.thePerson'),
    hint: say('fields.personHint'),
    fields: [
      optional(ofText('subject.name.given', say('fields.given'))),
      optional(ofText('subject.name.family', say('fields.family'))),
      { name: 'subject.birthDate', label: say('fields.birthDate'), kind: 'day', optional: true },
      optional(ofText('subject.document.number', say('fields.document'))),
      optional(
        ofText('subject.document.country', say('fields.itsCountry'), say('fields.countryHint')),
      ),
      optional(ofText('subject.recordId', say('fields.record'))),
    ],
  },
  {
    heading: say('ask.whatYou'),
    fields: [
      {
        name: 'classes',
        label: say('fields.classes'),
        hint: say('fields.classesHint'),
        kind: 'many',
        options: classes,
      },
    ],
  },
]

/** How a request came that is entered for whoever sent it. */
const howItCame: Section = {
  heading: say('fields.received'),
  hint: say('fields.receivedHint'),
  fields: [
    { name: 'receivedBy.way', label: say('terms.way'), kind: 'one', options: wayWords },
    ofText('receivedBy.number', say('terms.itsNumber')),
    { name: 'receivedBy.receivedAt', label: say('fields.receivedAt'), kind: 'moment' },
    {
      name: 'receivedBy.digest',
      label: say('fields.message'),
      hint: say('fields.messageHint'),
      kind: 'file-digest',
    },
    ofText('receivedBy.from.name', say('fields.authority'), say('fields.authorityHint')),
    ofText('receivedBy.from.jurisdiction', say('fields.itsCountry'), say('fields.fromHint')),
    ofFact('receivedBy.from.authorityType', 'requester.authorityType'),
    ofText(
      'receivedBy.from.cannotHonour',
      say('fields.cannotHonour'),
      say('fields.cannotHonourHint'),
    ),
  ],
}

const whyAndCase = (isReceived: boolean): readonly Section[] => [
  {
    heading: say('ask.whyNeeded'),
    fields: [
      {
        name: 'necessity.statement',
        label: isReceived ? say('ask.whyThey') : say('ask.whyYou'),
        hint: say('fields.whyHint'),
        kind: 'long',
      },
      {
        name: 'necessity.strictlyNecessaryClasses',
        label: say('fields.strictly', { who: isReceived ? 'they' : 'you' }),
        hint: say('fields.strictlyHint'),
        kind: 'many',
        options: classes,
        optional: true,
      },
      ...['deathPenalty', 'reciprocity'].map((each) =>
        ofFact(`assurances.${each}`, `assurance.${each}`, {
          kind: 'many',
          options: { given: isReceived ? say('fields.theyGive') : say('fields.weGive') },
          optional: true,
        }),
      ),
    ],
  },
  {
    heading: isReceived ? say('ask.caseTheir') : say('ask.caseYour'),
    fields: [
      ofText('caseReference', isReceived ? say('fields.caseTheir') : say('fields.caseYour')),
    ],
  },
  {
    heading: say('fields.supposed'),
    hint: say('fields.supposedHint'),
    fields: [
      ofFact('suppose.role', 'item.role', { optional: true }),
      {
        name: 'suppose.minor',
        label: say('fields.age'),
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
    heading: say('ask.whomYou'),
    fields: [
      { name: 'holder', label: say('fields.theHolder'), kind: 'one', options: holders },
      ofFact('channel', 'request.channel', {
        hint: say('fields.registered'),
        options: own,
      }),
    ],
  }
  const who = isReceived ? 'they' : 'you'
  const channel = ofFact('channel', 'request.channel', {
    hint: say('fields.byWhich'),
    options: all,
  })
  return [
    isReceived ? { ...howItCame, fields: [...howItCame.fields, channel] } : toWhom,
    ...personAndClasses,
    {
      heading: say('terms.whatFor'),
      fields: [
        ofFact('purpose', 'request.purpose'),
        ofFact('offence.category', 'request.offence.category', {
          ...{ label: say('fields.offence'), hint: say('fields.asCalled', { who }) },
        }),
        optional(ofText('offence.description', say('fields.inWords'), say('fields.inWordsHint'))),
        ofFact('offence.maxCustodyMonths', 'request.offence.maxCustodyMonthsRequester'),
        ofFact('stage', 'request.stage'),
        ofFact('urgency', 'request.urgency', { hint: say('fields.asSaid', { who }) }),
        ofFact('instrument', 'request.instrument', {
          ...{ label: say('fields.instrument', { who }), options: instruments },
        }),
      ],
    },
    ...whyAndCase(isReceived),
  ]
}
