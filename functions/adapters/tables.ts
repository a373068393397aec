/** The tables that a local start creates and the infrastructure deploys. */

/** A table: its key, its indexes and what it is for. Every key attribute is a string. */
export type Table = {
  /** The environment variable that names the table, and its name on one machine. */
  readonly variable: string
  readonly localName: string
  /** The key's attribute names; `range` only if the table has a sort key. */
  readonly hash: string
  readonly range?: string
  /** Indexes hold the keys and nothing else. */
  readonly indexes?: readonly {
    readonly name: string
    readonly hash: string
    readonly range: string
  }[]
  /**
   * How many days back the table can be restored, at most 35. The keys and the look-up table have none, since a
   * copy would keep alive what an erasure destroyed. The records have few, since a copy also has erased ones.
   */
  readonly backupDays: number
  /** The attribute, a second since the epoch, some time after which DynamoDB removes a row. */
  readonly endsAt?: string
  readonly purpose: string
}

/** Every table of a gateway. */
export const tables = {
  /** Append-only: no role may update or delete. The index holds no personal data. */
  decisions: {
    variable: 'COMITY_DECISIONS_TABLE',
    localName: 'comity-decisions',
    hash: 'pk',
    indexes: [{ name: 'sweep', hash: 'logShard', range: 'ts' }],
    backupDays: 35,
    purpose: 'The ledger: one write-once entry for each call.',
  },
  keys: {
    variable: 'COMITY_KEYS_TABLE',
    localName: 'comity-keys',
    hash: 'pk',
    range: 'sk',
    backupDays: 0,
    purpose: 'Wrapped keys of subjects and of this gateway.',
  },
  records: {
    variable: 'COMITY_RECORDS_TABLE',
    localName: 'comity-records',
    hash: 'pk',
    range: 'sk',
    backupDays: 7,
    purpose: 'Records of holders that have no system of their own.',
  },
  attestations: {
    variable: 'COMITY_ATTESTATIONS_TABLE',
    localName: 'comity-attestations',
    hash: 'pk',
    range: 'sk',
    backupDays: 35,
    purpose:
      'Attestations, objections and reviews, and denials that wait; erasure takes a person out of them.',
  },
  register: {
    variable: 'COMITY_REGISTER_TABLE',
    localName: 'comity-statements',
    hash: 'pk',
    range: 'sk',
    backupDays: 35,
    purpose: 'Agencies and their keys, as signed statements.',
  },
  sealing: {
    variable: 'COMITY_SEALING_TABLE',
    localName: 'comity-sealing',
    hash: 'pk',
    range: 'sk',
    backupDays: 35,
    purpose: 'How far each log is sealed: manifests, places of entries, heads.',
  },
  signatures: {
    variable: 'COMITY_SIGNATURES_TABLE',
    localName: 'comity-signatures',
    hash: 'pk',
    backupDays: 35,
    purpose: 'What the signer and a local witness signed last.',
  },
  lookups: {
    variable: 'COMITY_LOOKUPS_TABLE',
    localName: 'comity-lookups',
    hash: 'pk',
    range: 'sk',
    backupDays: 0,
    purpose: 'Rows by which auditors find entries; erasure removes those of a person.',
  },
  sessions: {
    variable: 'COMITY_SESSIONS_TABLE',
    localName: 'comity-sessions',
    hash: 'pk',
    backupDays: 0,
    endsAt: 'ends',
    purpose: 'Logins to the console: the digest of each browser’s secret, and whose it is.',
  },
} as const satisfies Readonly<Record<string, Table>>

/** A table by its role. */
export type TableName = keyof typeof tables

/** The names of the tables in one deployment. */
export type TableNames = Readonly<Record<TableName, string>>

/** The names of the tables, from the variables that give them. */
export const tableNames = (
  named: Readonly<Record<(typeof tables)[TableName]['variable'], string>>,
): TableNames => namesBy(({ variable }) => named[variable])

/** The names of the tables on one machine. */
export const localTableNames = (): TableNames => namesBy(({ localName }) => localName)

const namesBy = (nameOf: (table: (typeof tables)[TableName]) => string): TableNames =>
  // A cast, since `Object.fromEntries` forgets the names.
  Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, nameOf(table)]),
  ) as TableNames
