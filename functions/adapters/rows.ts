/**
 * Every kind of row that a gateway keeps: in which table and under which key, what it holds, and which functions write
 * and read it. Adapters make partition keys here alone, and `infra` the borders of rights. `ROWS.md` shows it all.
 */

import type { TableName } from './tables.ts'

/** Who works with rows: a function, by its door, or an operator's commands. On one machine, one process does all. */
export type RowUser = 'access' | 'audit' | 'console' | 'seal' | 'sign' | 'operator'

/** A partition key of a declared kind of row. Only `rowKey` makes one. */
export type RowKey = string & { readonly [declared]: true }
declare const declared: unique symbol

/** Who writes rows, and who reads them without writing any. */
export type RowUsers = Readonly<Record<'writes' | 'reads', readonly RowUser[]>>

/** What is declared of a kind of row. In `pk` and `sk`, what varies is `<named>`. `FORMAT.md` describes the fields. */
export type RowKind<P extends string = string> = RowUsers & {
  readonly table: TableName
  readonly pk: P
  readonly sk: string
  readonly holds: string
}

/** Declares rows of a table. The key is the partition key, a space, and the sort key, if the table has one. */
const rowsOf =
  (table: TableName) =>
  <const K extends string>(key: K, holds: string, users: RowUsers): RowKind<PartitionOf<K>> => {
    const [pk = '', ...sk] = key.split(' ')
    // A cast: the type of `pk` is what stands before the space.
    return { table, pk: pk as PartitionOf<K>, sk: sk.join(' '), holds, ...users }
  }
type PartitionOf<K extends string> = K extends `${infer P} ${string}` ? P : K

const by = (writes: RowUsers['writes'], ...reads: RowUsers['reads']) => ({ writes, reads })
const doors: readonly RowUser[] = ['access', 'audit', 'console']
const [agencies, opened] = [by(['access']), by(doors, 'seal')]
const [said, erased] = [by(['access', 'audit'], 'console'), by(['access', 'audit'])]
const waits = by(['access', 'console', 'seal'])
const clocked = by(['access', 'seal'], 'audit', 'console')
const [answers, filed] = [by(['access'], 'console'), by(['access', 'seal'], 'console')]
const [seals, lists] = [by(['seal'], ...doors), by(['audit', 'seal'], 'access', 'console')]

const [decision, key, record] = [rowsOf('decisions'), rowsOf('keys'), rowsOf('records')]
const [vouched, registered] = [rowsOf('attestations'), rowsOf('register')]
const [sealed, signed] = [rowsOf('sealing'), rowsOf('signatures')]
const [lookUp, login] = [rowsOf('lookups'), rowsOf('sessions')]

/** Every kind of row, by its name. */
export const kinds = {
  entry: decision('D#<eid>', 'An answer or an act', opened),
  mark: decision('M#<chain>#<number>', 'That a statement of a chain was seen', by(doors)),
  actMark: decision(
    'M#act#<place>#<number>',
    'What was said in a case, against a disclosure, or taken back',
    by(['access'], 'audit', 'console'),
  ),
  subjectKey: key('K#<jurisdiction>#<pseudonym> <generation>', 'A key of a subject', opened),
  fileKey: key('K#<jurisdiction>#files.<of> <generation>', 'A key of a file', erased),
  wayToKey: key('KID#<kid> way', 'Where the key of an entry is', opened),
  left: key(
    'KID#<kid>#left <eid>',
    'Of an entry without what was found',
    by(['audit'], 'access', 'console', 'seal'),
  ),
  secrets: key('SECRETS <generation>', 'The gateway’s own keys', opened),
  record: record('R#<holder>#<record> record', 'What a holder keeps here', agencies),
  identifier: record('X#<holder>#<pseudonym> <record>', 'Which record has an identifier', agencies),
  file: record('F#<holder>#<record> <digest>[#<kid>]', 'A content, or an attempt at it', agencies),
  filePart: record('F#<holder>#<record>#<digest> <kid>#<part>', 'A part of a content', agencies),
  fileChange: record('FC#<holder> <at>#<id>', 'What may leave unnamed contents', agencies),
  question: record('Q#<holder> <id>', 'A question to a holder’s own system', agencies),
  questionAnswer: record('Q#<holder>#<id> answer', 'Its answer', agencies),
  questionEnd: record('Q#<holder>#ending <until>#<id>', 'When an answer is to go', agencies),
  saidById: vouched('A#<id> attestation', 'What was said, and where it counts', said),
  saidOfCountry: vouched(
    'A#<holder>#standing#<country> [#<over>#]<id>',
    'What counts for it',
    said,
  ),
  saidOfCase: vouched('A#<holder>#case#<agency>#<case> [#<over>#]<id>', 'What counts in it', said),
  saidOfMatter: vouched('A#<holder>#request#<eid> <id>', 'Older: what counts in a matter', said),
  ending: vouched('E#<holder> <until>#<id>', 'General attestations by their end', answers),
  decisionEnding: vouched('E#<holder>#decisions <until>#<id>', 'Releases by their end', answers),
  namedIn: vouched('P#<pseudonym> <id>', 'What names a person', erased),
  asked: vouched('N#<holder>#<agency>#<officer> <person>', 'Whom one asked for', agencies),
  askedIn: vouched('N#<holder> <year>|<pk>|<person>', 'When, so that it is forgotten', agencies),
  after: vouched('R#<eid> <what>[#<which>]', 'What people did about an answer', answers),
  waiting: vouched('O#<holder>#<audience> <requester>#<u or o>#<ts>#<eid>', 'A denial', waits),
  waitingBefore: vouched('O#<holder>#<audience>#<urgency> <ts>#<eid>', 'Older: a denial', answers),
  urgent: vouched('O#urgent#<holder>#<audience> <ts>#<eid>', 'A threat to life', filed),
  due: vouched('O#due#<holder> <requester>#<at>#<eid>', 'When the clock is to look', clocked),
  seen: vouched('O#seen#<eid> <office>', 'That an office saw it', by(['access', 'console'])),
  told: vouched('O#told#<eid> <what>[#<which>]', 'Who was told of a change or recall', clocked),
  event: vouched('O#events#<to> <log>[#<index>#<event>]', 'What an agency is to hear', filed),
  again: vouched('O#again#<matter> again', 'When a matter was last decided', filed),
  refusal: vouched(
    'D#<holder>#<agency>#<case> <description>#<stage>#<person>#<what>',
    'What was refused',
    filed,
  ),
  statement: registered(
    '<chain> <number>',
    'Of an agency or the law',
    by(['operator'], ...doors, 'seal'),
  ),
  head: sealed('HEAD#<log> <head, taken or look>', 'How far a log is filled, and by whom', seals),
  place: sealed('SEAL#<eid> seal', 'The place of an entry in its log', seals),
  manifest: sealed('BATCH#<log> <start>', 'Entries that came into the tree together', seals),
  signed: signed('<signer>#<log>', 'What was signed last', by(['sign'])),
  line: lookUp('<jurisdiction>#<by>#<value>#<shard> <ts>#<eid>', 'Of a person or case', lists),
  list: lookUp('<jurisdiction>#<by>#<value>#lists <ts>#<id>', 'Entries by anything else', lists),
  day: lookUp('<jurisdiction>#days <day>', 'What was counted of a day', lists),
  note: lookUp('NOTE#<eid> note', 'What is shown of an entry, and where its rows are', lists),
  tags: lookUp('TAGS#<log> <place>', 'Whom a block of entries is about', lists),
  unfiled: lookUp('UNFILED#<shard> <at>#<eid>', 'Entries that nobody is to find', lists),
  begun: login('begun#<digest>', 'A login that has begun', by(['console'])),
  session: login('session#<digest>', 'A login', by(['console'])),
} as const satisfies Readonly<Record<string, RowKind>>

/** What varies in a key, in its order. */
type Parts<P extends string> = P extends `${string}<${string}>${infer Rest}`
  ? readonly [string, ...Parts<Rest>]
  : readonly []
/** A kind that is declared here. */
type Declared = (typeof kinds)[keyof typeof kinds]

/** The partition key of a row of a kind. */
export function rowKey<K extends Declared>({ pk }: K, ...parts: Parts<K['pk']>): RowKey {
  const given: readonly string[] = parts
  let at = 0
  // A cast: what is made of a declaration is declared.
  return pk.replace(/<[^>]*>/g, () => given[at++] ?? '') as RowKey
}

/** What every partition key of a kind begins with. */
export const prefixOf = ({ pk }: RowKind): string => pk.split('<', 1)[0] ?? ''
