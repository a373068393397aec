/** Statements of the register as those who sign them read and enter them: nothing remembered, all of it checked. */

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

/** What the statements about an agency say and come to. */
export type AgencyChain = {
  /** Those before the first that is of another form. */
  readonly statements: readonly AgencyStatement[]
  /** Undefined of one that has not joined. */
  readonly verdict: Registered | StatementFault | undefined
}

/** The register as it is written. */
export type Statements = {
  registrars(): Promise<{
    readonly successions: readonly Succession[]
    readonly verdict: Registrars | StatementFault
  }>
  chain(agency: string, registrars: Registrars): Promise<AgencyChain>
  /** The agencies of which there is a statement, whatever that is worth. */
  agencies(): Promise<readonly string[]>
  /**
   * Puts a statement after the last of its chain, durably. Whoever calls has judged it; one that came
   * first is not overwritten, and makes this `false`.
   */
  enter(statement: AgencyStatement | Succession): Promise<boolean>
}

/** The statements in a table, by the registrars that are pinned for it. */
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
