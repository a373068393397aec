/**
 * What each field of the APIs means, with an example. One word has one meaning everywhere, so a field is described
 * once, by its name; a schema that says more of its own keeps its own words. `parent.name` wins over `name`. What a
 * rule reads is described by the vocabulary.
 */

import { vocabulary } from '../policy/vocabulary.ts'

/** A field: what it means, and an example where its schema gives none. */
type Field = readonly [description: string, example?: unknown]

const id = 'Kq3vT0m8cXb1nYw7uRz5eLg2hJd9sPf4aQo6iVt0xBk'
const moment = '2026-11-25T09:00:00.000Z'
const log = 'comity.example/de/2026'

/** The fields by name. */
export const fields: Readonly<Record<string, Field>> = {
  act: ['What is done to what the log keeps of the person.', 'erase'],
  against: ['What was found against a disclosure.'],
  agency: ['An agency, by its id in the register.', 'GB-POL'],
  also: ['Further facts of one matter that the same act decides.'],
  articles: ['How many decisions rested on each article.'],
  asked: ['What was asked, without who asked and about whom.'],
  askedAt: ['When the denial was put before a person.', moment],
  assurances: ['Assurances that the requester gives; the holder’s ministry attests them.'],
  'disclosures.at': ['When it was decided.', moment],
  'done.at': ['When an officer of the holder said so.', moment],
  'responses.at': ['When the office answered so.', moment],
  takenBackAt: ['When the office took its refusal back.', moment],
  'assurances.deathPenalty': ['That a death penalty will not be imposed or carried out.', 'given'],
  disclosures: ['What left of your records, in the order of the log.'],
  'assurances.reciprocity': ['That the requester would answer the same request.', 'given'],
  answeredAt: ['When an officer of the holder answered.', moment],
  attestation: ['The act of the officer, by its id.', id],
  authorityType: ['The kind of authority.', 'police'],
  because: ['Why.'],
  birthDate: ['The person’s birth date.', '1979-03-14'],
  birthDates: ['Every birth date known of the person.', ['1979-03-14']],
  by: ['Which office, or by which way.', 'holder-officer'],
  'delivery.by': ['The way by which it left.', 'siena'],
  'order.by': ['Who ordered it.', 'court'],
  cannot: ['Treatments that the item cannot be given.', ['generalise']],
  cannotHonour: [
    'Codes of the duties that its own law forbids it to keep; empty if it is known that there are none.',
    ['O-DEL'],
  ],
  case: ['A case, or its pseudonym.', 'hR2mN8xQvL0pWc5tYb3kZg'],
  caseReference: ['The case, as the requester names it.', 'FR-2026-0117'],
  checkpoint: ['The signed note, word for word.'],
  cite: ['An article.', 'Directive (EU) 2016/680 art. 14'],
  cites: ['The articles.', ['Directive (EU) 2023/977 art. 6(1)(a)']],
  city: ['The town.', 'Altdorf'],
  class: ['The sensitivity class.', 'identification'],
  classes: ['Sensitivity classes.', ['identification', 'criminal-history']],
  closing: ['What the person may do now.'],
  code: ['A stable code that a system may read.', 'human-decision'],
  comparison: ['The officers with whom this one is compared, or why with none.'],
  complete: ['False if only the newest were read.', true],
  confidence: ['How well the citation was checked.', 'V'],
  country: ['ISO 3166-1 alpha-2.', 'DE'],
  counts: ['The counts of this answer.'],
  cured: ['Whether an open denial is worth asking again.', false],
  curedDenials: ['Denials that were asked again and then answered.', 5],
  cursor: ['`next` of the page before.', '2026-11-25T09:00:00.000Z~7'],
  decidedAt: ['When it was decided.', moment],
  decidedBy: [
    'The office of the register that decided. If it is not the signer’s, it signs too.',
    'GB-MIN',
  ],
  'PostAttestationsBody.decidedBy': [
    'The office of the register that decided. If it is not the signer’s, it signs too.',
    'DE-POL',
  ],
  'decidedBy.kind': ['Whether a rule decided alone, or an officer of the holder.', 'rule'],
  decisions: ['Decisions, without dry runs.', 40],
  deliverBy: ['The answer is to leave by this way: an officer of the holder sends it.', 'siena'],
  detail: ['What is wrong, and what to do.', 'one of the classes of the vocabulary'],
  differs: ['The decisions that would come out otherwise.'],
  digest: ['SHA-256, base64url.', 'Kq3vT0m8cXb1nYw7uRz5eLg2hJd9sPf4aQo6iVt0xBk'],
  document: ['An identity document.'],
  documentDigest: ['SHA-256 of the document behind it, base64url.', id],
  documents: ['Identity documents of the person.'],
  dryRun: ['Decide and explain on `hypotheses`; nothing is fetched or disclosed.', true],
  dryRuns: ['Dry runs.', 3],
  due: ['By when.', moment],
  duties: ['Duties that travel with what leaves.'],
  earlier: ['Earlier refusals.'],
  element: ['What the item is: its NIEM name, or `ext:` where NIEM has none.', 'nc:PersonFullName'],
  ending: ['General attestations that end within 30 days, the first to end first.'],
  enteredAt: ['When it was entered.', moment],
  entries: ['Entries of the log.'],
  entry: ['An entry of the log, by its id.', id],
  erased: ['Entries whose personal part was erased.', 0],
  errors: ['Every fault of what was sent.'],
  eventDate: ['The day of the event that the item is about.', '2025-02-11'],
  events: ['What happened, in order within a matter.'],
  fact: ['A fact, by its name in the vocabulary.', 'necessity.case'],
  facts: ['Facts with their values, by the names of the vocabulary.'],
  family: ['The family name.', 'Beispiel'],
  flows: ['How many decisions between each two countries.'],
  folder: ['The folder of a policy: a state or a body.', 'de'],
  forTheAuthority: ['For the authority’s file: every entry, and why it is told or not.'],
  forTheSubject: ['For the person: what may be told, in sentences.'],
  from: ['From when on.', moment],
  'receivedBy.from': ['Who asks, in the word of the officer who enters it.'],
  gateway: ['The name of the gateway in the names of its logs.', 'comity.example'],
  given: ['The given name.', 'Anton'],
  ground: ['Why. Shown to the holder’s side alone.', 'Seen, and weighed against her interests.'],
  handling: ['Handling codes that travel with the data.', ['TLP:AMBER']],
  holder: ['The agency that keeps the record.', 'DE-POL'],
  hypotheses: ['Of a dry run: what the record is supposed to hold.'],
  id: ['The id of an entry of the log, or of a part of a record.', id],
  'reasons.id': ['The id.', 'de/bkag'],
  'policies.id': ['The policy, by folder and name.', 'de/bkag'],
  'items.id': ['The item, within its record.', 'item-1'],
  'kept.id': ['The item, within its record.', 'item-1'],
  'offices.id': ['The office, by its id in the register.', 'DE-POL'],
  'from.id': ['Made for an authority that has not joined.', 'FR-EXT-0A1B2C3D4E5F'],
  index: ['A place in the log, from 0.', 4711],
  indices: ['Places in the log, from 0.', [4711]],
  instrument: ['The id of the instrument relied on, or `none`.', 'EU-2023/977'],
  items: ['The items, each judged by itself.'],
  jti: ['The `jti` that your call was signed with.', 'mJ4wq0yQm7r2s8Xv1kT5Zg'],
  jurisdiction: ['A country (ISO 3166-1 alpha-2), INTERPOL, EUROPOL, EUROJUST or EPPO.', 'DE'],
  kind: ['Which kind it is.', 'decision'],
  'scope.kind': [
    'How far it reaches: one matter, persons of a case, or a country in general.',
    'matter',
  ],
  law: ['The articles.'],
  left: ['What left.'],
  leftOut: ['Why the person is not told.'],
  level: ['The level of the tile, or `entries` (C2SP tlog-tiles).', '0'],
  limit: ['At most so many.', 50],
  lists: ['The dated lists that were read.'],
  log: ['The log, by its name.', log],
  markings: ['Handling codes whose meaning is known.', ['TLP:AMBER']],
  match: ['How many records fit, or why none was looked at.', 'one'],
  matter: ['A matter, by the id of its first request.', id],
  maxCustodyMonths: ['Longest custodial sentence under the requester’s law, months.', 60],
  'offence.description': ['The offence in words.', 'organised theft'],
  measures: ['The counts of the officer.'],
  median: ['The median of the officers compared, by count.'],
  missing: ['Facts that were not known and would have been needed.', ['match.confirmation']],
  minor: ['Whether the person was under 18 at the event.', false],
  ageAtEvent: ['The person’s age at the event.', 35],
  obtainedUnder: [
    'The instrument under which the holder got it, of an alert its article (`SIS-36`), or `none`; unknown if left out.',
    'none',
  ],
  month: ['Two digits.', '11'],
  months: ['How many decisions in each month.'],
  n: ['How many entries to draw.', 20],
  name: ['A name.', 'Invented Police of Germany'],
  'subject.name': ['The person’s name. Case and accents make no difference.'],
  'subjects.name': ['The person’s name. Case and accents make no difference.'],
  names: ['Every name known of the person.'],
  necessity: ['Why the data is needed.'],
  'what.record': ['The record of which something left.', 'DE-POL-0001'],
  statement: ['Why it is needed, for the officer who reads it.', 'To find the suspect.'],
  strictlyNecessaryClasses: [
    'The classes that the requester calls strictly necessary: a wish, not an attestation.',
    ['identification'],
  ],
  none: ['Why no median is given.', 'fewer-than-five-officers'],
  notDecisions: ['Entries that are no decisions.', 0],
  note: ['What these counts are of.', 'Counted is what this office sees.'],
  number: ['A number by which it is known.', '2026-4711-1'],
  'document.number': ['The number of the document.', 'DEC04X00T47'],
  'documents.number': ['The number of the document.', 'DEC04X00T47'],
  obligations: ['Duties that travel with what leaves, and who owes them.'],
  offenceCategory: ['Only for offences of this category.', 'ordinary'],
  offence: ['The offence that the case is about.'],
  office: ['An office, by its id in the register.', 'DE-POL'],
  officer: [
    'An officer, as the agency names him in `sub` of its calls: never a name.',
    'officer-7',
  ],
  officers: ['How many officers.', 12],
  onWhom: ['Who owes it.', 'requester'],
  open: ['Denials that wait for your office.'],
  openedAt: ['Since when the office has had the denial before it.', moment],
  originator: ['Who gave the item; the holder’s own has none, or in shared systems its own.', 'BE'],
  outcome: ['What came of it, as the requester was told.', 'release'],
  outcomes: ['How many came out how, as told.'],
  persons: ['For whom of the case it counts, by requests in which they were asked for.', [id]],
  place: ['Where it is in its log.'],
  pointer: ['JSON Pointer (RFC 6901).', '/purpose'],
  policies: ['The policies that applied.'],
  policy: ['A policy that applied, alone or with its version.', 'de/bkag'],
  previous: ['The open denial that is asked again.', id],
  published: ['The same in a form that may be published: small numbers are hidden.'],
  purpose: ['What for.', 'investigation'],
  purposes: ['How many for each purpose.'],
  reasons: ['Why, in the sentences and articles of the policies.'],
  receipt: [
    'The gateway’s signed word that the entry is durable: a compact JWS.',
    'eyJhbGciOiJFUzI1NiJ9.e30.c2ln',
  ],
  receivedAt: ['When it came.', moment],
  receivedBy: ['The request came by another way, and an officer of the holder enters it.'],
  'receivedBy.digest': ['SHA-256 of the message as it came, base64url.', id],
  'from.name': ['The authority, as it calls itself.', 'Police nationale'],
  recordId: ['The record, by the holder’s own id.', 'DE-POL-0001'],
  records: ['What leaves.'],
  region: ['The part of the country or town.', 'Süd'],
  release: ['With `release.decision` = `release`: what is released.'],
  request: ['A request, by its id.', id],
  requester: ['The agency that asks.', 'FR-SPOC'],
  requests: ['What was asked about the person, the oldest first.'],
  restricted: ['Its personal part is kept as evidence only.', true],
  retentionUntil: ['The last day on which the holder may keep it.', '2033-12-31'],
  rule: ['A rule, by policy and name.', 'de/bkag/member-state'],
  rules: ['Rules, by policy and name.', ['de/bkag/member-state']],
  same: ['How many come out as they did.', 40],
  says: ['In words.', ['You asked what is kept of you.']],
  'reasons.says': ['The sentence of the rule.', 'Data goes to member states as within Germany.'],
  scope: ['For what it counts.'],
  sentAt: ['When it left.', moment],
  size: ['A size of the log, in entries.', 4712],
  standing: [
    'Of what did not leave: `open` if somebody can still supply what is missing; `final` if a denial is the end.',
    'open',
  ],
  standings: ['How many answers are open, and how many denials final.'],
  status: ['The HTTP status.', 422],
  street: ['Street and number.', 'Hauptstraße 1'],
  subject: ['The person: by record, by document, or by name and birth date.'],
  'Pseudonyms.subject': ['The pseudonym of the person.'],
  'PostProvisionsBody.to': ['The agency that is to have it.', 'FR-SPOC'],
  'PostProvisionsBody.caseReference': ['A case of yours.', 'DE-2026-0042'],
  unasked: ['Nobody asked: the holder provides it.', true],
  subjects: ['Persons, or their pseudonyms.'],
  telephone: ['A telephone number.', '+49 30 5550100'],
  text: ['The duty in words.', 'Use it for the purpose that was asked for alone.'],
  timeZone: ['IANA time zone.', 'Europe/Berlin'],
  title: ['What is wrong, for people.', 'The request has faults'],
  to: ['The value that would remedy it.', 'necessary'],
  todo: ['What would remedy an open answer, and who can supply it.'],
  told: ['How many entries, or whether this one, the person is told of.', true],
  total: ['How many in all.', 43],
  traceId: ['The id to ask the operator about.', 'b50800051fe1ad39230eee9abe867429'],
  treatment: ['What is done to the item.', 'release'],
  ts: ['When it was entered.', moment],
  type: ['The kind of problem, as a URI.', 'https://comity.invalid/problems/invalid-request'],
  until: ['Until when.', '2026-12-25T09:00:00.000Z'],
  validatedOn: [
    'When the holder last reviewed and validated it, where its law asks for that.',
    '2026-01-15',
  ],
  'PostAttestationsBody.value': ['What is vouched for.', 'necessary'],
  'facts.value': ['What is vouched for.', 'necessary'],
  'also.value': ['What is vouched for.', 'necessary'],
  'ending.value': ['What is vouched for.', 'necessary'],
  value: ['The value.', 'Anton Beispiel'],
  version: ['The version: the day from which it is in force.', '2026-02-14'],
  warnings: ['What will not leave as it is.'],
  way: ['The way by which it came.', 'siena'],
  why: ['Why.', 'it is not the entry that was sealed'],
  wrong: ['Why it is not what was sealed.', 'it is not the entry that was sealed'],
  year: ['A year, four digits.', '2026'],
}

/** The vocabulary's names of what a field may be a fact of. */
const prefixes = ['request.', 'request.offence.', 'item.', 'requester.']

/** What a field means; undefined if nobody has said. */
function fieldOf(name: string, parent: string): Field | undefined {
  const own = fields[`${parent}.${name}`] ?? fields[name]
  const fact = prefixes.map((prefix) => vocabulary[`${prefix}${name}`]).find(Boolean)
  return own ?? (fact && [fact.meaning])
}

/** A JSON Schema, as far as it is read here. */
export type Schema = {
  readonly type?: string
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly minItems?: number
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly propertyNames?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

/** The schema with each of its fields described, and an example for each that has no fields itself. */
export function explained(schema: Schema, name: string): Schema {
  const { pattern, allOf, ...plain } = schema
  const { properties, items, additionalProperties, anyOf, oneOf } = plain
  const each = (some: readonly Schema[]) => some.map((one) => explained(one, name))
  const all = each(allOf ?? []).filter((one) => Object.keys(one).length > 0)
  const field = ([own, of]: readonly [string, Schema]) => {
    const [description, example] = fieldOf(own, name) ?? []
    const inner = explained(of, own)
    const said = inner.description === undefined && description !== undefined ? { description } : {}
    return [own, { ...inner, ...said, ...exampleFor(inner, example) }] as const
  }
  return {
    ...plain,
    // Only some tools read classes of Unicode.
    ...(pattern === undefined || /\\p\{/i.test(pattern) ? {} : { pattern }),
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(field)) }),
    ...(items && { items: explained(items, name) }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: explained(additionalProperties, name),
    }),
    ...(anyOf && { anyOf: each(anyOf) }),
    ...(oneOf && { oneOf: each(oneOf) }),
    ...(all.length > 0 && { allOf: all }),
  }
}

/** An example of a text, a number or a list of either, where the schema does not name its values. */
function exampleFor(schema: Schema, example: unknown): Pick<Schema, 'examples'> {
  const { type, items } = schema
  if (schema.enum !== undefined) return schema.enum.includes(example) ? { examples: [example] } : {}
  if (schema.examples !== undefined || schema.const !== undefined) return {}
  if (type === 'array' ? items?.properties !== undefined : type === 'object') return {}
  const given = type === 'array' ? [example].flat() : [example]
  const fits = given.every((each) => isOf(type === 'array' ? (items ?? {}) : schema, each))
  if (example !== undefined && fits)
    return { examples: [type === 'array' ? atLeast(given, schema) : example] }
  const made = exampleOf(schema)
  return made === undefined || type === 'boolean' ? {} : { examples: [made] }
}

/** Whether an example fits a schema without fields. */
function isOf(schema: Schema, value: unknown): boolean {
  const { type, format, pattern, anyOf, enum: values } = schema
  if (anyOf !== undefined) return anyOf.some((each) => isOf(each, value))
  if (values !== undefined) return values.includes(value)
  if (type === 'integer' || type === 'number') return typeof value === 'number'
  if (type === 'boolean') return typeof value === 'boolean'
  if (type !== 'string' || typeof value !== 'string') return false
  if (format !== undefined && pattern === undefined) return false
  return pattern === undefined || new RegExp(pattern, 'u').test(value)
}

/** A value as a schema wants it: its own example, else its first choice; of an object all that must be there. */
export function exampleOf(schema: Schema): unknown {
  const { type, properties, required = [], items, examples, anyOf, oneOf, allOf } = schema
  if (examples !== undefined) return examples[0]
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  const [choice] = anyOf ?? oneOf ?? allOf ?? []
  if (choice !== undefined) return exampleOf(choice)
  switch (type) {
    case 'object':
      return Object.fromEntries(required.map((name) => [name, exampleOf(properties?.[name] ?? {})]))
    case 'array':
      return items === undefined ? [] : atLeast([exampleOf(items)], schema)
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1)
    case 'string':
      return textOf(schema)
    case 'null':
      return null
    default:
      return {}
  }
}

/** As many as a list must have. */
const atLeast = (some: readonly unknown[], { minItems = 1 }: Schema): readonly unknown[] =>
  some.length >= minItems ? some : Array.from({ length: minItems }, () => some[0])

/** A text of the format or the pattern of a schema. */
function textOf({ format, pattern }: Schema): string {
  if (format === 'date-time') return moment
  if (format === 'date') return '1979-03-14'
  const known = [
    id,
    '20',
    'de/bkag@2026-02-14',
    '2026-Q1',
    'DE-POL',
    'DE',
    'item-1',
    '2026',
    'hR2mN8xQvL0pWc5tYb3kZg',
    'TLP:AMBER',
    log,
  ]
  const fits = known.find((each) => pattern === undefined || new RegExp(pattern, 'u').test(each))
  return pattern === undefined ? 'text' : (fits ?? '')
}
