/** The chain `law` of a gateway, as commands read it and add to it. */

import { readLawChain, stateInLawChain } from '../../adapters/law-dynamodb.ts'
import type { LocalGateway } from '../../adapters/log-export.ts'
import { localTableNames } from '../../adapters/tables.ts'
import { deployedIn, onTables } from '../../client/deployed-store.ts'
import {
  type FollowedLaw,
  followLaw,
  type LawBody,
  type LawKeys,
  type LawState,
  type LawStatement,
  stateLaw,
} from '../../policy/law-chain.ts'
import { later, type SealingKey } from '../../policy/signed.ts'
import { exitCodes, Failure } from '../../terminal/exit.ts'
import { refused } from './signing.ts'

/** An open chain. */
type LawChain = {
  readonly followed: FollowedLaw
  /** The bucket or folder of the archive, of a deployed gateway. */
  readonly archive: string | undefined
  /** Adds a statement durably; refuses if somebody else added one meanwhile. */
  readonly add: (statement: LawStatement) => Promise<void>
}

/**
 * Opens the chain of the local gateway, or of the one that a file names, for as long as `work` takes. `signedBy` are the
 * files of the keys that sign.
 */
export async function withLawChain(
  place: LocalGateway,
  deployed: string | undefined,
  keys: LawKeys,
  signedBy: readonly string[],
  work: (chain: LawChain) => Promise<void>,
): Promise<void> {
  const named = deployedIn(deployed, signedBy)
  const table = named?.register ?? localTableNames().register
  await onTables(place, named, async (client) =>
    work({
      followed: await readLawChain(client, table, keys),
      archive: named?.archive,
      add: async (statement) => {
        if (!(await stateInLawChain(client, table, statement)))
          throw refused('couldn’t state it: somebody else stated something meanwhile; look again')
      },
    }),
  )
}

/** The state of a chain; fails if the chain does not hold. */
export function holding({ state, broken }: FollowedLaw): LawState {
  if (broken !== undefined)
    throw new Failure(
      `couldn’t read the chain \`law\`: statement ${broken.at} does not count: ${broken.why}. Nothing is permitted until it is put back as it was, or begun anew: \`comity policy anchor\``,
      exitCodes.integrityFailed,
    )
  return state
}

/** The next statement, and the state of the chain with it; refuses one that would not count. */
export function next(
  state: LawState,
  body: LawBody,
  keys: readonly SealingKey[],
  trusted: LawKeys,
  now: string,
): { readonly statement: LawStatement; readonly after: LawState } {
  const last = state.statements.slice(-1)
  // The clock of the last signer may be ahead.
  const at = last.reduce((latest, { statedAt }) => later(latest, statedAt), now)
  const statement = stateLaw(state.tip, at, body, keys)
  const { state: after, broken } = followLaw([...last, statement], trusted, state)
  if (broken !== undefined) throw refused(`couldn’t state it: ${broken.why}`)
  return { statement, after }
}
