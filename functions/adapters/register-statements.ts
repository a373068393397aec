/** Statements of the register, for those who sign and enter them. Remembers nothing, and checks everything. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  type Registrar,
  type Registrars,
  readAll,
  registrarsChain,
  registrarsIn,
  type StatementFault,
  type Succession,
  successionSchema,
} from '../identity/registrars.ts'
import {
  type AgencyStatement,
  agencyInRows,
  agencyStatementSchema,
  chainOf,
  type Registered,
} from '../identity/statements.ts'
import { emptyTip } from '../policy/chain.ts'
import { putStatement, readChain, readChains } from './chains-dynamodb.ts'

/** The statements about an agency, and the verdict on them. */
export type AgencyChain = {
  /** The statements up to the first that has another form. */
  readonly statements: readonly AgencyStatement[]
  /** Undefined if the agency has not joined. */
  readonly verdict: Registered | StatementFault | undefined
}

/** The register, as it is written. */
export type Statements = {
  registrars(): Promise<{
    readonly successions: readonly Succession[]
    readonly verdict: Registrars | StatementFault
  }>
  chain(agency: string, registrars: Registrars): Promise<AgencyChain>
  /** The agencies about which there is any statement, whether or not it holds. */
  agencies(): Promise<readonly string[]>
  /**
   * Puts a statement after the last of its chain, durably. The caller has already judged it. False if another
   * statement came first; that one is not overwritten.
   */
  enter(statement: AgencyStatement | Succession): Promise<boolean>
}

/** The statements in a table, judged by the registrars pinned for it. */
export const dynamodbStatements = (
  client: DynamoDBClient,
  table: string,
  pinned: readonly Registrar[],
): Statements => ({
  async registrars() {
    const rows = await readChain(client, table, registrarsChain)
    const { statements } = readAll(rows, successionSchema)
    return { successions: statements, verdict: registrarsIn(rows, pinned, emptyTip) }
  },
  async chain(agency, registrars) {
    const rows = await readChain(client, table, chainOf(agency))
    const { statements } = readAll(rows, agencyStatementSchema)
    return { statements, verdict: agencyInRows(agency, rows, registrars, emptyTip) }
  },
  async agencies() {
    const prefix = chainOf('')
    const chains = [...(await readChains(client, table)).keys()]
    return chains
      .filter((chain) => chain.startsWith(prefix))
      .map((chain) => chain.slice(prefix.length))
      .sort()
  },
  enter: (statement) => putStatement(client, table, statement),
})
